"""The public schemas in the hands of the validators that producers use: each judges every example as we do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import fastjsonschema
import jsonschema
import jsonschema_rs
import pytest

from schemas.generate import CONTRACTS, FOLDER, schema_path

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES: Final = [
    (contract, path) for contract in CONTRACTS for path in sorted((FOLDER / contract / "v1.examples").glob("*/*.json"))
]


def by_jsonschema_as_draft_7(schema: dict[str, Any]) -> Callable[[Any], bool]:
    valid: Callable[[Any], bool] = jsonschema.Draft7Validator(
        schema, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER
    ).is_valid
    return valid


def by_jsonschema_rs(schema: dict[str, Any]) -> Callable[[Any], bool]:
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid


def by_fastjsonschema(schema: dict[str, Any]) -> Callable[[Any], bool]:
    validate = fastjsonschema.compile(schema)

    def valid(value: Any) -> bool:
        try:
            validate(value)
        except fastjsonschema.JsonSchemaException:
            return False
        return True

    return valid


@pytest.mark.parametrize("validator", [by_jsonschema_as_draft_7, by_jsonschema_rs, by_fastjsonschema])
def test_a_common_validator_judges_every_example_as_the_pipeline_does(
    validator: Callable[[dict[str, Any]], Callable[[Any], bool]],
) -> None:
    judges = {contract: validator(json.loads(schema_path(contract).read_text("utf-8"))) for contract in CONTRACTS}
    for contract, path in EXAMPLES:
        try:
            value = json.loads(path.read_bytes())
        except ValueError:  # what is no JSON reaches no validator
            continue
        assert judges[contract](value) == (path.parent.name == "valid"), path
