"""No field that a producer may send is without effect: each changes what is recorded of its report."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.intake.take import take
from incident_pipeline.intake.understand import Coordinates
from incident_pipeline.line import Understood
from incident_pipeline.rejection import Rejection
from incident_pipeline.report import ActivityStatement, Casualties, QuietStatement, Range, Report, Violation

CATALOGUE = Catalogue(load_rules(shipped_catalogue()))
VIOLATION = {"type": "mortar", "place": "Saraqib"}
WITH_TEXT = {"text": "Two violations were registered in Idlib.", "violations": []}

REPORT: dict[str, tuple[Any, dict[str, Any]]] = {
    "activities": ([{"kind": "convoy", "count": 2}], {}),
    "date_precision": (4, {}),
    "language": ("ru", WITH_TEXT),
    "observer_mode": ("remote", {}),
    "occurred_at": ("2020-03-10T14:20:00+02:00", {}),
    "occurred_on": ("2020-03-10", {}),
    "origin_source": ("ru-mod", {}),
    "published_at": ("2020-03-11T19:00:00+02:00", {}),
    "quiet": ([{"group": "TIP"}], {}),
    "reason": ("mistyped", {}),
    "report_id": ("r-2", {}),
    "retracts": ("r-0", {}),
    "revision": (1, {}),
    "source": ("another", {}),
    "supersedes": ("r-0", {}),
    "text": ("Two violations were registered in Idlib.", {"text": "Good morning.", "violations": []}),
    "url": ("https://news.example/1", {}),
    "violations": ([{"type": "mortar", "place": "Sarmin"}], {}),
}
"""A value for each field, and what else the report has that it is told with."""
OF_VIOLATION: dict[str, Any] = {
    "against": "Syrian army",
    "casualties": {"best": 2},
    "count": 3,
    "group": "HTS",
    "occurred_at": "2020-03-10T14:20:00+02:00",
    "occurred_on": "2020-03-10",
    "place": {"lat": 35.8, "lon": 36.9},
    "registered_by": "ru-reconciliation-centre",
    "type": "air strike",
    "weapon": "120 mm mortar",
    "where_precision": 4,
}
OF_NONE: dict[str, Any] = {
    "group": "HTS",
    "occurred_on": ["2020-03-09", "2020-03-10"],
    "place": "Hama",
    "registered_by": "ru-reconciliation-centre",
}
OF_ACTIVITY: dict[str, Any] = {"count": 2, "kind": "patrol", "occurred_on": "2020-03-10", "place": "Hama"}
OF_RANGE: dict[str, Any] = {"best": 4, "max": 9, "min": 2}
OF_CASUALTIES: dict[str, Any] = {"best": 4, "high": 9, "low": 2}


def recorded(**fields: Any) -> Any:
    """All that is written of a report, but for the digest of its bytes."""
    base = {"source": "observer", "report_id": "r", "published_at": "2020-03-11T18:00:00+02:00"}
    report = {**base, "violations": [VIOLATION], **fields}
    got = take(
        json.dumps(report).encode(), Coordinates(0, 0), CATALOGUE, recorded_at_ms=1_584_000_000_000, partitions=1
    )
    assert not isinstance(got, Rejection), got

    def plain(understood: Understood) -> Any:
        return msgspec.structs.replace(understood, report=msgspec.structs.replace(understood.report, digest=""))

    return [plain(understood) for _, understood in got]


@pytest.mark.parametrize(
    ("kind", "tried"),
    [
        (Report, REPORT.keys() | {"schema"}),  # `schema` says which contract this is, and can say no other
        (Violation, OF_VIOLATION.keys()),
        (QuietStatement, OF_NONE.keys()),
        (ActivityStatement, OF_ACTIVITY.keys()),
        (Range, OF_RANGE.keys()),
        (Casualties, OF_CASUALTIES.keys()),
    ],
)
def test_every_field_is_tried(kind: type[msgspec.Struct], tried: set[str]) -> None:
    assert {field.encode_name for field in msgspec.structs.fields(kind)} == tried


@pytest.mark.parametrize("name", REPORT)
def test_a_field_of_a_report_changes_what_is_recorded(name: str) -> None:
    value, beside = REPORT[name]
    assert recorded(**{**beside, name: value}) != recorded(**beside)


@pytest.mark.parametrize("name", OF_VIOLATION)
def test_a_field_of_a_violation_changes_what_is_recorded(name: str) -> None:
    assert recorded(violations=[VIOLATION | {name: OF_VIOLATION[name]}]) != recorded()


@pytest.mark.parametrize("name", OF_NONE)
def test_a_field_of_a_none_changes_what_is_recorded(name: str) -> None:
    of_none = recorded(quiet=[{name: OF_NONE[name]}], violations=[])
    assert of_none != recorded(quiet=[{}], violations=[])


@pytest.mark.parametrize("name", OF_ACTIVITY)
def test_a_field_of_an_activity_changes_what_is_recorded(name: str) -> None:
    convoy = {"kind": "convoy"}
    assert recorded(activities=[convoy | {name: OF_ACTIVITY[name]}]) != recorded(activities=[convoy])


@pytest.mark.parametrize("name", OF_RANGE)
def test_a_bound_of_a_count_changes_what_is_recorded(name: str) -> None:
    bounds = {"best": 5, "min": 3, "max": 8}
    told, plain = ({**VIOLATION, "count": count} for count in (bounds | {name: OF_RANGE[name]}, bounds))
    assert recorded(violations=[told]) != recorded(violations=[plain])


@pytest.mark.parametrize("name", OF_CASUALTIES)
def test_a_bound_of_casualties_changes_what_is_recorded(name: str) -> None:
    hurt = {"best": 5, "low": 3, "high": 8}
    told, plain = ({**VIOLATION, "casualties": bounds} for bounds in (hurt | {name: OF_CASUALTIES[name]}, hurt))
    assert recorded(violations=[told]) != recorded(violations=[plain])


def test_a_text_in_another_language_is_kept_and_not_read() -> None:
    text = "Two violations were registered in Idlib."
    (understood,) = recorded(violations=[], text=text, language="ar")
    assert (understood.lines, understood.flags) == ((), ("text_in_another_language",))
    for english in ("en", "en-GB", "EN"):
        (understood,) = recorded(violations=[], text=text, language=english)
        assert [line.count for line in understood.lines] == [2]
