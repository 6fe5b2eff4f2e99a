"""The public schemas: they say what the types say, and schema and decoder judge every example alike."""

from __future__ import annotations

import datetime as dt
import json
import random
import re
from typing import TYPE_CHECKING, Any

import jsonschema
import msgspec
import pytest

from incident_pipeline.alert import Alert, AlertRuleNotice
from incident_pipeline.catalogue.load import CatalogueError, rules_from_json
from incident_pipeline.cloudevents import ALERT_SCHEMA, EVENT_SCHEMA, RULE_NOTICE_SCHEMA
from incident_pipeline.dead_letter import DeadLetterHeaders, RequeuedHeaders
from incident_pipeline.event import Event
from incident_pipeline.limits import Limits
from incident_pipeline.line import LinesRecord
from incident_pipeline.rejection import Rejection
from incident_pipeline.report import (
    ActivityStatement,
    Casualties,
    Coordinates,
    QuietStatement,
    Range,
    Report,
    Violation,
    decode_report,
)
from incident_pipeline.topics import load_topics
from schemas.field_tables import PAGE, with_tables
from schemas.generate import CONTRACTS, FOLDER, render, schema_path

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FORMATS = jsonschema.FormatChecker(formats=())


@FORMATS.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(dt.date.fromisoformat(value))


@FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or bool(dt.datetime.fromisoformat(value[:19].replace(" ", "T").upper()))


def accepted_by_schema(contract: str) -> Callable[[bytes], bool]:
    schema = json.loads(schema_path(contract).read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(schema, format_checker=FORMATS)

    def accepted(value: bytes) -> bool:
        try:
            return bool(validator.is_valid(json.loads(value)))
        except ValueError:
            return False

    return accepted


def accepted_by_decoder(contract: str) -> Callable[[bytes], bool]:
    decode = DECODERS[contract]

    def accepted(value: bytes) -> bool:
        try:
            decode(value)
        except (msgspec.DecodeError, CatalogueError):
            return False
        return True

    return accepted


def _headers(value: bytes) -> DeadLetterHeaders:
    return msgspec.convert(json.loads(value), DeadLetterHeaders)


def _report(value: bytes) -> Report:
    report = decode_report(value, Limits())
    if isinstance(report, Rejection):
        raise msgspec.ValidationError(report.detail)
    return report


DECODERS: dict[str, Callable[[bytes], object]] = {
    "alert": msgspec.json.Decoder(Alert).decode,
    "alert-rule": msgspec.json.Decoder(AlertRuleNotice).decode,
    "dead-letter": _headers,
    "event": msgspec.json.Decoder(Event).decode,
    "lines": msgspec.json.Decoder(LinesRecord).decode,
    "report": _report,
    "requeued": lambda value: msgspec.convert(json.loads(value), RequeuedHeaders),
    "rules": rules_from_json,
}


def examples(kind: str) -> list[Any]:
    return [
        pytest.param(contract, path, id=f"{contract}-{path.stem}")
        for contract in CONTRACTS
        for path in sorted((FOLDER / contract / "v1.examples" / kind).glob("*.json"))
    ]


@pytest.mark.parametrize(("contract", "path"), examples("valid"))
def test_a_valid_example_is_taken_by_schema_and_decoder(contract: str, path: Path) -> None:
    value = path.read_bytes()
    assert accepted_by_schema(contract)(value)
    assert accepted_by_decoder(contract)(value)


@pytest.mark.parametrize(("contract", "path"), examples("invalid"))
def test_an_invalid_example_is_refused_by_schema_and_decoder(contract: str, path: Path) -> None:
    value = path.read_bytes()
    assert not accepted_by_schema(contract)(value)
    assert not accepted_by_decoder(contract)(value)


class TestTidiness:
    """Laws of the folder."""

    @pytest.mark.parametrize("contract", CONTRACTS)
    def test_the_schema_is_what_the_types_say(self, contract: str) -> None:
        assert schema_path(contract).read_text("utf-8") == render(contract), "run: python -m schemas.generate"

    @pytest.mark.parametrize("contract", CONTRACTS)
    def test_the_schema_is_one(self, contract: str) -> None:
        schema = json.loads(schema_path(contract).read_text("utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["$id"] == f"urn:incident-pipeline:schema:{contract}:v1"

    def test_every_topic_has_a_contract_and_no_schema_is_an_orphan(self) -> None:
        beside_others = {"alert-rule"}  # in `alerts`
        of_topics = {topic.contract for topic in load_topics()} | beside_others
        folders = {path.name for path in FOLDER.iterdir() if path.is_dir() and not path.name.startswith("__")}
        marks = {"requeued"}  # other records of a topic whose contract is named for the most of them
        assert of_topics | marks == set(CONTRACTS) == folders

    @pytest.mark.parametrize("kind", ["valid", "invalid"])
    @pytest.mark.parametrize("contract", CONTRACTS)
    def test_every_contract_has_examples(self, contract: str, kind: str) -> None:
        assert len(list((FOLDER / contract / "v1.examples" / kind).glob("*.json"))) >= 2

    def test_every_file_of_a_contract_is_known(self) -> None:
        for contract in CONTRACTS:
            strangers = {
                path
                for path in (FOLDER / contract).rglob("*")
                if path.is_file()
                and path != schema_path(contract)
                and path.parent.parent != FOLDER / contract / "v1.examples"
            }
            assert strangers == set()

    def test_the_envelope_names_the_schemas_by_their_ids(self) -> None:
        for contract, urn in (("event", EVENT_SCHEMA), ("alert", ALERT_SCHEMA), ("alert-rule", RULE_NOTICE_SCHEMA)):
            assert json.loads(schema_path(contract).read_text("utf-8"))["$id"] == urn

    @pytest.mark.parametrize("contract", ["report", "event", "alert", "lines"])
    def test_fields_are_described_where_their_names_do_not_say_it(self, contract: str) -> None:
        assert '"description"' in json.dumps(json.loads(schema_path(contract).read_text("utf-8"))["$defs"])


STRANGE: tuple[object, ...] = (
    None, True, False, 0, 1, -1, 5, 10_001, 1.5, "", "x", "x" * 201, "2020-03-11", "2020-02-30", "2020-03-11T14:20:00",
    "2020-03-11T14:20:00Z", "2020-03-11t14:20:00z", "2020-03-11 14:20:00+02:00", "2020-03-11T14:20:00.123456+02:00",
    "2020-03-11T24:00:00Z", "2020-03-11T14:20:60Z", "2020-03-11T14:20Z", "2020-02-30T14:20:00Z", "٢٠٢٠-03-11",
    [], ["x"], ["2020-03-11", "2020-03-12"], [1, 2], {}, {"lat": 1.0, "lon": 2.0}, {"best": 3},
)  # fmt: skip


def mutated(value: Any, chance: random.Random) -> Any:
    """Change one thing somewhere in a tree of JSON."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        name = chance.choice(sorted(value))
        kind = chance.random()
        if kind < 0.1:
            return {key: inner for key, inner in value.items() if key != name}
        if kind < 0.15:
            return {**value, "strange": 1}
        return {**value, name: mutated(value[name], chance)}
    if isinstance(value, list) and value and chance.random() < 0.7:
        at = chance.randrange(len(value))
        return [*value[:at], mutated(value[at], chance), *value[at + 1 :]]
    return chance.choice(STRANGE)


@pytest.mark.parametrize("contract", sorted(set(DECODERS) - {"rules"}))
def test_schema_and_decoder_judge_alike_whatever_is_changed(contract: str) -> None:
    by_schema, by_decoder = accepted_by_schema(contract), accepted_by_decoder(contract)
    chance = random.Random(20_200_306)
    folder = FOLDER / contract / "v1.examples" / "valid"
    originals = [json.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))]
    verdicts = {True: 0, False: 0}
    for _ in range(1_500):
        value = json.dumps(mutated(chance.choice(originals), chance)).encode()
        verdict = by_decoder(value)
        assert by_schema(value) == verdict, value
        verdicts[verdict] += 1
    assert min(verdicts.values()) > 50


def test_the_one_known_difference_is_a_whole_number_written_with_a_point() -> None:
    value = b'{"kind": "tick", "now_ms": 1584000060000.0}'
    assert accepted_by_schema("lines")(value)
    assert not accepted_by_decoder("lines")(value)


def test_the_producers_page_lists_every_field_and_what_it_does() -> None:
    page = PAGE.read_text("utf-8")
    assert with_tables(page) == page, "run: python -m schemas.generate"
    listed = set(re.findall(r"^\| \**`(\w+)`\** \|", page, re.MULTILINE))
    parts = (Report, Violation, QuietStatement, ActivityStatement, Range, Casualties, Coordinates)
    assert listed >= {field.encode_name for part in parts for field in msgspec.structs.fields(part)}
