"""Active alerts as the gauges show them: which day, which series, how many now, from how many on."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from incident_pipeline.alert import Series
from incident_pipeline.catalogue.model import Basis, Bound, SeriesKind
from incident_pipeline.days import MonitoringDays
from incident_pipeline.metrics.alert_gauges import AlertNow, active_samples, count_samples, limit_samples, sorted_out
from incident_pipeline.projection.active_alerts import ActiveAlert

DAMASCUS = MonitoringDays("Asia/Damascus")
THEATRE = Series(basis=Basis.DEDUPLICATED, kind=SeriesKind.THEATRE, place="north-west")


class Watched:
    """Alerts of one partition, each with its day's count now."""

    def __init__(self, *alerts: tuple[ActiveAlert, int]) -> None:
        self.alerts = alerts

    def alerts_now(self, now_ms: float) -> list[tuple[ActiveAlert, int]]:  # type: ignore[override]
        return [(alert, count) for alert, count in self.alerts if alert.is_active(now_ms)]


def alert(day: str, *, late: bool = False, raised_ms: int = 0, group: str | None = None, count: int = 5) -> ActiveAlert:
    series = THEATRE
    if group is not None:
        series = Series(
            basis=Basis.DEDUPLICATED, bound=Bound.CERTAIN, group=group, kind=SeriesKind.GROUP, place="north-west"
        )
    rule = "north-west-day" if group is None else "single-group-day"
    return ActiveAlert(rule, series, day, "north-west", "page", late, raised_ms, count, 5)


def now(local: str, *alerts: tuple[ActiveAlert, int]) -> list[AlertNow]:
    at = dt.datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Asia/Damascus"))
    return sorted_out([Watched(*alerts)], DAMASCUS, at.timestamp())


@pytest.mark.parametrize(
    ("local", "day"),
    [
        ("2020-03-10T22:00:00", "today"),  # dated ahead
        ("2020-03-11T23:59:59", "today"),
        ("2020-03-12T00:00:00", "yesterday"),
        ("2020-03-13T00:00:00", "late"),  # a worker that was away works it off
    ],
)
def test_an_open_day_is_today_then_yesterday_then_late_by_the_mission_s_zone(local: str, day: str) -> None:
    assert [one.day for one in now(local, (alert("2020-03-11"), 8))] == [day]


def test_a_crossing_of_today_and_one_of_yesterday_are_samples_of_their_own_with_date_count_and_limit() -> None:
    found = now("2020-03-12T09:00:00", (alert("2020-03-11"), 8), (alert("2020-03-12"), 6))
    where = ("north-west-day", "north-west", "page")
    assert dict(count_samples(found)) == {
        (*where, "yesterday", "2020-03-11", "*", "north-west"): 8,
        (*where, "today", "2020-03-12", "*", "north-west"): 6,
    }
    assert set(dict(limit_samples(found)).values()) == {5}
    assert dict(active_samples(found)) == {(*where, "yesterday"): 1, (*where, "today"): 1}


def test_late_alerts_are_counted_and_none_is_shown_by_its_date() -> None:
    raised_ms = int(dt.datetime(2026, 12, 1, 8, tzinfo=dt.UTC).timestamp() * 1_000)
    days = [(dt.date(2020, 3, 1) + dt.timedelta(days=n)).isoformat() for n in range(40)]
    found = now("2026-12-01T12:00:00", *((alert(day, late=True, raised_ms=raised_ms), 7) for day in days))
    assert dict(active_samples(found)) == {("north-west-day", "north-west", "page", "late"): 40}
    assert list(count_samples(found)) == []


def test_above_the_bound_the_first_that_were_raised_keep_their_names_and_the_highest_of_the_rest_is_other() -> None:
    groups = [(alert("2020-03-11", group=f"g{n}", raised_ms=n), 10 + n) for n in range(5)]
    found = now("2020-03-11T12:00:00", *reversed(groups))
    shown = {labels[5:]: count for labels, count in count_samples(found, top=2)}
    assert shown == {("g0", "north-west"): 10, ("g1", "north-west"): 11, ("other", "other"): 14}
    assert dict(active_samples(found))["single-group-day", "north-west", "page", "today"] == 5


def test_today_s_alerts_are_the_last_to_lose_their_names() -> None:
    old = [(alert("2020-03-10", group=f"g{n}", raised_ms=n), 9) for n in range(3)]
    found = now("2020-03-11T12:00:00", *old, (alert("2020-03-11", raised_ms=99), 6))
    shown = [labels[4:] for labels, _ in count_samples(found, top=1)]
    assert shown == [("2020-03-11", "*", "north-west"), ("2020-03-10", "other", "other")]
