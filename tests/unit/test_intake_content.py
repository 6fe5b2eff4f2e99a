"""What makes two versions of a report the same: what they say, not how it is written down."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.intake.take import take, take_any
from incident_pipeline.intake.understand import Coordinates
from incident_pipeline.ledger import Ledger, Settings, decide
from incident_pipeline.line import Understood
from incident_pipeline.report import Report, digest

CATALOGUE = Catalogue(load_rules(shipped_catalogue()))
BOOK = {CATALOGUE.hash: Settings.of(CATALOGUE.rules)}
RECORDED_AT_MS = 1_584_200_000_000  # 14 March 2020
ITEM = {"type": "mortar", "group": "HTS", "place": "Saraqib", "occurred_at": "2020-03-11T14:20:00+02:00"}
REPORT = {"source": "sohr", "report_id": "r-1", "published_at": "2020-03-11T16:00:00+02:00", "violations": [ITEM]}
NUMBER = {
    "source": "sohr",
    "report_id": "r-1",
    "occurred_on": "2020-03-11",
    "violations": [{"place": "Idlib", "count": 4}],
}


def understood(report: dict[str, Any], offset: int = 0) -> Understood:
    value = json.dumps(report).encode()
    taken = take(value, Coordinates(0, offset), CATALOGUE, recorded_at_ms=RECORDED_AT_MS, partitions=1)
    assert taken == take_any(value, Coordinates(0, offset), CATALOGUE, RECORDED_AT_MS, 1)
    assert isinstance(taken, list)
    return taken[0][1]


def line(report: dict[str, Any], **fields: Any) -> dict[str, Any]:
    (one,) = report["violations"]
    return {**report, "violations": [{**one, **fields}]}


SAME = [
    (REPORT, {**REPORT, "url": "https://example.org/7"}),
    (REPORT, {**REPORT, "language": "ar"}),
    (REPORT, {**REPORT, "schema": "report/v1"}),
    (REPORT, {**REPORT, "published_at": "2020-03-11T14:00:00Z"}),
    (REPORT, {**REPORT, "published_at": "2020-03-11T19:30:00+05:30"}),
    (REPORT, {**REPORT, "source": " SOHR", "report_id": "R-1"}),
    (REPORT, line(REPORT, occurred_at="2020-03-11T12:20:00Z")),
    (REPORT, line(REPORT, occurred_at="2020-03-11T12:20:00.000-00:00")),
    (REPORT, line(REPORT, group=["HTS"])),
    (REPORT, line(REPORT, count={"best": 1})),
    (REPORT, line(REPORT, casualties={})),
    (line(REPORT, group=["HTS", "TIP"]), line(REPORT, group=["TIP", "HTS", "TIP"])),
    (REPORT, {**REPORT, "observer_mode": "on site"}),
    (REPORT, {**REPORT, "date_precision": 1}),
    (REPORT, line(REPORT, where_precision=1)),
    (REPORT, line(REPORT, group=" HTS", place="Saraqib ", type="mortar ")),
    (line(REPORT, place="Sar\u0101qib"), line(REPORT, place="Sara\u0304qib")),
    (line(REPORT, against=["rus", "gov"]), line(REPORT, against=[" gov", "rus"])),
    (line(REPORT, registered_by="tr-mod"), line(REPORT, registered_by="TR-mod ")),
    (NUMBER, line(NUMBER, count={"best": 4})),
    (NUMBER, {**NUMBER, "occurred_on": ["2020-03-11", "2020-03-11"]}),
    ({**NUMBER, "text": "Four.", "violations": []}, {**NUMBER, "text": "Four.", "violations": [], "language": "en-GB"}),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_said_in_another_way_is_a_duplicate(one: dict[str, Any], other: dict[str, Any]) -> None:
    first, second = understood(one), understood(other, offset=1)
    assert first.report.digest == second.report.digest
    ledger = Ledger()
    decide(ledger, 0, first, BOOK)
    (event,) = decide(ledger, 1, second, BOOK)
    assert event.type == "report.duplicated"


@pytest.mark.parametrize(
    "other",
    [
        line(REPORT, occurred_at="2020-03-11T14:20:00Z"),
        line(REPORT, occurred_at="2020-03-11T14:20:30+02:00"),
        line(REPORT, group=["HTS", "TIP"]),
        line(REPORT, count={"best": 1, "max": 2}),
        line(REPORT, weapon="120 mm"),
        {**REPORT, "published_at": "2020-03-11T16:00:00Z"},
        line(REPORT, where_precision=2),
        line(REPORT, place="Sarmin"),
        {**REPORT, "date_precision": 2},
        {**REPORT, "reason": "mistyped"},
    ],
)
def test_other_content_is_a_conflict(other: dict[str, Any]) -> None:
    ledger = Ledger()
    decide(ledger, 0, understood(REPORT), BOOK)
    (event,) = decide(ledger, 1, understood(other, offset=1), BOOK)
    assert event.type == "report.conflicted"


def test_what_most_write_keeps_the_digest_that_earlier_versions_took() -> None:
    record = understood(REPORT)
    assert record.report.digest == digest(msgspec.convert(json.loads(json.dumps(REPORT)), Report))
    assert record.report.digest_written is None


@pytest.mark.parametrize(
    "written",
    [
        {**REPORT, "url": "https://example.org/7"},
        {**REPORT, "published_at": "2020-03-11T14:00:00Z"},
        line(REPORT, group=["HTS"]),
        line(REPORT, place="Saraqib ", where_precision=1),
        {**REPORT, "observer_mode": "on site"},
    ],
)
def test_a_report_that_an_earlier_version_decided_is_a_duplicate_when_it_is_sent_again(written: dict[str, Any]) -> None:
    before = understood(written)
    as_written = digest(msgspec.convert(json.loads(json.dumps(written)), Report))
    assert before.report.digest != as_written
    old = msgspec.structs.replace(before.report, digest=as_written, digest_written=None)
    ledger = Ledger()
    decide(ledger, 0, msgspec.structs.replace(before, report=old), BOOK)
    (event,) = decide(ledger, 1, understood(written, offset=1), BOOK)
    assert event.type == "report.duplicated"
