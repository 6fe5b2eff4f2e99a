"""Write the JSON Schemas of all records from their Python types: `python -m schemas.generate`.

The tables of accepted fields in `docs/producer.md` are written with them.

What a type says that JSON Schema can say is in the schema; a test fails when the two drift apart, and the examples
are put to both. One thing cannot be said: JSON Schema takes `1.0` for an integer, and the pipeline does not.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import json
import sys
import textwrap
from pathlib import Path
from typing import Any, Final

import msgspec

from incident_pipeline.alert import Alert, AlertRuleNotice
from incident_pipeline.catalogue.model import Rules
from incident_pipeline.dead_letter import DeadLetterHeaders, RequeuedHeaders
from incident_pipeline.event import Event
from incident_pipeline.line import LinesRecord
from incident_pipeline.report import Report

__all__ = ["CONTRACTS", "FOLDER", "render", "schema_path"]

CONTRACTS: Final[dict[str, Any]] = {
    "alert": Alert,
    "alert-rule": AlertRuleNotice,
    "dead-letter": DeadLetterHeaders,
    "event": Event,
    "lines": LinesRecord,
    "report": Report,
    "requeued": RequeuedHeaders,
    "rules": Rules,
}
"""Contract → the type of its records. Of a dead letter, and of the mark that it was sent again and can be used, these
are the headers, as text."""

FOLDER: Final = Path(__file__).parent
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_TITLES: Final = {
    "alert": "A record of `alerts`: when a day was found abnormal, and why",
    "alert-rule": "A record of `alerts`: that an alert rule cannot be used, or can be again",
    "dead-letter": "The headers of a record of `dead-letters`",
    "event": "A record of `events`: what was decided, and why",
    "lines": "A record of `lines`: what was understood of a report, or a tick, or a change of the rules",
    "report": "A report, as a producer sends it",
    "requeued": "The headers of a record of `dead-letters` without a value: a letter was sent again and could be used",
    "rules": "A record of `rules`: the catalogue and thresholds that decisions are taken under",
}
_LOCAL: Final = (
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"[Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?"
)
_OFFSET: Final = r"([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
_TIME_WITH_OFFSET: Final = {"type": "string", "format": "date-time", "pattern": f"{_LOCAL}{_OFFSET}$"}
_LOCAL_TIME: Final = {"type": "string", "pattern": f"{_LOCAL}$"}
_STATED: Final = ("text", "violations", "quiet", "activities", "retracts")


def schema_path(contract: str) -> Path:
    """Where the schema of a contract lies."""
    return FOLDER / contract / "v1.schema.json"


def render(contract: str) -> str:
    """Give the schema of a contract as its file holds it."""
    generated = msgspec.json.schema(CONTRACTS[contract])
    definitions = {name: _polished(body) for name, body in generated.pop("$defs").items()}
    _describe_fields(definitions, CONTRACTS[contract])
    if contract == "rules":
        definitions["Agreement"]["properties"]["in_force_from"].update(_LOCAL_TIME)
        definitions["Agreement"]["properties"]["in_force_until"]["anyOf"][0].update(_LOCAL_TIME)
    if contract == "report":
        definitions["Report"]["anyOf"] = [_states(name) for name in _STATED]
    head = {
        "$schema": _DIALECT,
        "$id": f"urn:incident-pipeline:schema:{contract}:v1",
        "title": _TITLES[contract],
        **_polished(generated),
        "$defs": dict(sorted(definitions.items())),
    }
    return json.dumps(head, indent=2, ensure_ascii=False) + "\n"


def _polished(value: Any) -> Any:  # noqa: ANN401 - a tree of JSON
    """Say what the decoder does where the generator is vague, and drop what is no JSON Schema.

    Descriptions are docstrings, which Python 3.13 and later keep without their indentation.
    """
    if isinstance(value, list):
        return [_polished(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("format") == "date-time":
        return dict(_TIME_WITH_OFFSET)
    if "prefixItems" in value:
        value = _as_every_draft_says(value)
    return {name: _polished(inner) for name, inner in value.items() if name != "discriminator"} | _cleaned(value)


def _as_every_draft_says(array: dict[str, Any]) -> dict[str, Any]:
    """Say an array's length by its bounds alone: `items: false` beside `prefixItems` forbids everything in draft 7."""
    kinds = array["prefixItems"]
    said = {name: inner for name, inner in array.items() if name not in {"items", "prefixItems"}}
    alike = all(kind == kinds[0] for kind in kinds)
    return {**said, **({"items": kinds[0]} if alike else {"prefixItems": kinds})}


def _cleaned(value: dict[str, Any]) -> dict[str, str]:
    described = value.get("description")
    return {"description": inspect.cleandoc(described)} if isinstance(described, str) else {}


def _states(field: str) -> dict[str, Any]:
    """Say that a field is there and states something; null, an empty text and an empty list do not."""
    something = {
        "text": {"type": "string", "pattern": r"\S"},
        "retracts": {"type": "string"},
    }.get(field, {"type": "array", "minItems": 1})
    return {"required": [field], "properties": {field: something}}


def _describe_fields(definitions: dict[str, Any], root: Any) -> None:  # noqa: ANN401 - a struct, or a union of structs
    """Give each field the docstring that stands below it in the source."""
    for struct in _structs(root):
        properties = definitions.get(struct.__name__, {}).get("properties", {})
        notes = _field_notes(struct)
        for field in msgspec.structs.fields(struct):
            if field.name in notes and field.encode_name in properties:
                properties[field.encode_name]["description"] = notes[field.name]


def _structs(root: Any) -> list[type[msgspec.Struct]]:  # noqa: ANN401 - a struct, or a union of structs
    """Give every struct that a type is made of."""
    found: dict[type[msgspec.Struct], None] = {}
    waiting = [msgspec.inspect.type_info(root)]
    while waiting:
        info = waiting.pop()
        if isinstance(info, msgspec.inspect.StructType) and info.cls not in found:
            found[info.cls] = None
            waiting.extend(field.type for field in info.fields)
        for name in ("types", "item_types"):
            waiting.extend(getattr(info, name, ()))
        for name in ("type", "item_type", "key_type", "value_type"):
            inner = getattr(info, name, None)
            if isinstance(inner, msgspec.inspect.Type):
                waiting.append(inner)
    return list(found)


def _field_notes(struct: type[msgspec.Struct]) -> dict[str, str]:
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(struct))).body
    statements = tree.body if isinstance(tree, ast.ClassDef) else []
    notes = {}
    for field, below in itertools.pairwise(statements):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
            and isinstance(below.value.value, str)
        ):
            notes[field.target.id] = inspect.cleandoc(below.value.value).replace("\n", " ")
    return notes


def main() -> None:
    """Write every schema."""
    for contract in CONTRACTS:
        path = schema_path(contract)
        path.parent.mkdir(exist_ok=True)
        path.write_text(render(contract), "utf-8")
        sys.stdout.write(f"{path.relative_to(FOLDER.parent)}\n")
    from schemas import field_tables  # it reads what is written here

    field_tables.write()


if __name__ == "__main__":
    main()
