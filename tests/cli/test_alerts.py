"""`incident-pipeline alerts`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from surveillance_world import Count, Log

from incident_pipeline.alert import (
    Alert,
    AlertReason,
    AlertRuleNotice,
    AlertType,
    RuleFault,
    RuleNoticeType,
    Series,
    Verdict,
)
from incident_pipeline.catalogue.model import Basis, SeriesKind
from incident_pipeline.ledger.encoding import decode_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from incident_pipeline.topics import Topics

    from .conftest import Command


def alert(
    sequence: int, kind: AlertType, reason: AlertReason, day: str, *, count: int = 8, abnormal: bool = True
) -> Alert:
    return Alert(
        alert_id=f"north-west-day:{day}:{sequence}",
        cause="9f" * 32,
        count=count,
        day=day,
        detector="threshold",
        input=sequence,
        reason=reason,
        recorded_at="2020-03-12T08:00:00.000Z",
        report="sample-centre/b1",
        revision=sequence + 1,
        rule="north-west-day",
        rules="r",
        sequence=sequence,
        series=Series(basis=Basis.DEDUPLICATED, kind=SeriesKind.THEATRE, place="north-west"),
        severity="page",
        step=0,
        steps=1,
        theatre="north-west",
        type=kind,
        verdict=Verdict(abnormal=abnormal, explanation=f"{count} deduplicated violations, threshold 5", limit=5),
    )


@pytest.fixture
def alerted(append_alerts: Callable[..., None]) -> None:
    """One alert of an open day, one whose day is over, one that was taken back."""
    append_alerts(
        alert(0, AlertType.RAISED, AlertReason.CROSSED, "2020-03-09"),
        alert(1, AlertType.CLEARED, AlertReason.DAY_CLOSED, "2020-03-09"),
        alert(2, AlertType.RAISED, AlertReason.CROSSED, "2020-03-10"),
        alert(3, AlertType.CLEARED, AlertReason.FELL_BACK, "2020-03-10", count=3, abnormal=False),
        alert(4, AlertType.RAISED, AlertReason.CROSSED, "2020-03-11"),
    )


@pytest.mark.usefixtures("alerted")
def test_those_that_hold_are_listed_with_their_reason(on_cluster: Command) -> None:
    ended = on_cluster("alerts")
    assert ended.code == 0
    _, first, second = ended.out.splitlines()
    assert first.split()[:2] == ["2020-03-09", "stands"]
    assert second.split()[:2] == ["2020-03-11", "active"]
    assert "8 deduplicated violations, threshold 5 (by sample-centre/b1)" in second


@pytest.mark.usefixtures("alerted")
def test_the_count_now_stands_beside_that_at_the_crossing(
    on_cluster: Command, append_events: Callable[..., None]
) -> None:
    log = Log()
    for count, day in ((8, "2020-03-09"), (8, "2020-03-11"), (99, "2020-03-12"), (11, "2020-03-11")):
        log.put(Count(count, day=day))
    append_events(*(decode_event(value) for _, value in log.records))
    header, first, second = on_cluster("alerts").out.splitlines()
    assert header.split()[5:7] == ["count", "now"]
    assert first.split()[7:9] == ["8", "8"]
    assert second.split()[6:8] == ["8", "11"]
    assert [json.loads(line)["count_now"] for line in on_cluster("alerts", "--json").out.splitlines()] == [8, 11]
    assert "count_now" not in on_cluster("alerts", "--history", "--json").out


@pytest.mark.usefixtures("alerted")
def test_the_history_is_everything_that_was_said(on_cluster: Command) -> None:
    ended = on_cluster("alerts", "--history")
    assert len(ended.out.splitlines()) == 6
    assert "cleared: fell back" in ended.out


@pytest.mark.usefixtures("alerted")
def test_json_is_the_alert_as_it_is_on_the_wire(on_cluster: Command) -> None:
    found = [json.loads(line) for line in on_cluster("alerts", "--history", "--json").out.splitlines()]
    assert [one["sequence"] for one in found] == [0, 1, 2, 3, 4]
    assert found[0]["series"] == {"basis": "deduplicated", "kind": "theatre", "place": "north-west"}


def test_an_alert_rule_that_cannot_be_used_is_told_beside_them(
    on_cluster: Command, append_alerts: Callable[..., None]
) -> None:
    append_alerts(
        AlertRuleNotice(
            cause="0" * 64,
            detector="oracle",
            input=0,
            reason=RuleFault.UNKNOWN_DETECTOR,
            recorded_at="2020-03-09T12:00:00.000Z",
            rule="north-west-day",
            rules="1" * 64,
            sequence=0,
            step=0,
            steps=1,
            theatre="*",
            type=RuleNoticeType.UNUSABLE,
        )
    )
    ended = on_cluster("alerts")
    assert ended.code == 0
    assert "The alert rule 'north-west-day' judges no day: there is no detector 'oracle'." in ended.err
    assert "No alert holds." in ended.out


def test_none_is_said_in_words(on_cluster: Command, topics: Topics) -> None:
    assert on_cluster("alerts").out == "No alert holds. --history shows what was said before.\n"
