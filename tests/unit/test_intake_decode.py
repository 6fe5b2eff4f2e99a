from __future__ import annotations

import json

import msgspec
import pytest

from incident_pipeline.limits import Limits
from incident_pipeline.rejection import Reason, Rejection
from incident_pipeline.report import Report, UsualReport, UsualViolation, Violation, decode_report, digest

LIMITS = Limits()


def report(**fields: object) -> bytes:
    return json.dumps({"source": "sample-observer", "report_id": "r-1", "text": "x", **fields}).encode()


def rejected(value: bytes | None, limits: Limits = LIMITS) -> Rejection:
    decoded = decode_report(value, limits)
    assert isinstance(decoded, Rejection)
    return decoded


def decoded(value: bytes) -> Report:
    found = decode_report(value, LIMITS)
    assert isinstance(found, Report)
    return found


@pytest.mark.parametrize(
    ("value", "reason", "said"),
    [
        (None, Reason.NOT_JSON, "no value"),
        (b"", Reason.NOT_JSON, "the record has no value"),
        (b"{", Reason.NOT_JSON, "after 1 bytes"),
        (b"two violations", Reason.NOT_JSON, "byte"),
        (report() + b" and more", Reason.NOT_JSON, "trailing characters (byte"),
        (b'{"source":"a","report_id":"b","text":"\xff"}', Reason.NOT_JSON, "not UTF-8 at byte 38"),
        (b"[" * 100_000, Reason.WRONG_SHAPE, "Expected `object`, got `array`"),
        (b"[]", Reason.WRONG_SHAPE, "Expected `object`, got `array`"),
        (b'{"report_id":"b","text":"x"}', Reason.WRONG_SHAPE, "missing required field `source`"),
        (report(source=""), Reason.WRONG_SHAPE, "`source`: Expected `str` of length >= 1"),
        (report(report_id="r" * 201), Reason.WRONG_SHAPE, "`report_id`: Expected `str` of length <= 200"),
        (report(when="today"), Reason.WRONG_SHAPE, "unknown field `when`; permitted: activities, date_precision"),
        (report(violations=[{"kind": 1}]), Reason.WRONG_SHAPE, "`violations[0]`: Object contains unknown field `kind`"),
        (report(violations=[{"count": -1}]), Reason.WRONG_SHAPE, "`violations[0].count`: Expected `int` >= 0"),
        (report(violations=[{"count": 10_001}]), Reason.WRONG_SHAPE, "`violations[0].count`: Expected `int` <= 10000"),
        (report(published_at="2020-03-11T10:00:00"), Reason.WRONG_SHAPE, "`published_at`"),
        (report(occurred_on="11 March"), Reason.WRONG_SHAPE, "`occurred_on`"),
        (report(schema="secret/v9"), Reason.WRONG_SHAPE, "`schema`: Invalid enum value; permitted: report/v1"),
        (report(text=None), Reason.NOTHING_STATED, "`text`, `violations`"),
        (report(text=" \n"), Reason.NOTHING_STATED, "`text`, `violations`"),
        (report(text="x" * 100_001), Reason.TEXT_TOO_LONG, "100001 characters; permitted are 100000"),
        (report(text="x" * 300_000), Reason.TOO_LARGE, "permitted are 262144"),
        (report(violations=[{}] * 101), Reason.TOO_MANY_LINES, "101 statements; permitted are 100"),
    ],
)
def test_a_record_that_is_no_report_is_refused_and_told_why(value: bytes | None, reason: Reason, said: str) -> None:
    rejection = rejected(value)
    assert rejection.reason is reason
    assert said in rejection.detail
    assert rejection.remedy


@pytest.mark.parametrize("field", ["schema", "language", "source", "occurred_on", "published_at", "violations"])
def test_a_refusal_carries_no_text_of_the_report(field: str) -> None:
    secret = "the name of the witness " * 20
    assert "witness" not in rejected(report(**{field: secret})).detail


def test_bounds_come_from_the_rules() -> None:
    assert rejected(report(text="xyz"), Limits(text_chars=2)).reason is Reason.TEXT_TOO_LONG


def test_a_retraction_needs_nothing_else() -> None:
    assert decoded(b'{"source":"a","report_id":"b","retracts":"c"}').retracts == "c"


def test_the_digest_is_of_the_content_and_not_of_its_spelling() -> None:
    one = decoded(b'{"source":"a","report_id":"b","text":"x","published_at":"2020-03-11T10:00:00Z","revision":0}')
    other = decoded(b'{ "text":"\\u0078","published_at":"2020-03-11T10:00:00+00:00","report_id":"b","source":"a"}')
    assert digest(one) == digest(other)
    assert digest(one) != digest(decoded(report()))


@pytest.mark.parametrize(
    ("usual", "whole", "narrower"),
    [
        (UsualReport, Report, {"occurred_on", "violations"}),
        (UsualViolation, Violation, {"count", "occurred_on", "place"}),
    ],
)
def test_the_usual_report_has_the_fields_of_any_report_in_their_order(
    usual: type[msgspec.Struct], whole: type[msgspec.Struct], narrower: set[str]
) -> None:
    fields = {field.name: (field.type, field.default) for field in msgspec.structs.fields(whole)}
    found = {field.name: (field.type, field.default) for field in msgspec.structs.fields(usual)}
    assert [name for name in fields if name in found] == list(found)
    assert {name for name in found if found[name] != fields[name]} == narrower
