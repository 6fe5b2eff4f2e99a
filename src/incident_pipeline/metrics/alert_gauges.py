"""Active alerts as samples: which day, which series, how many now, and from how many on.

A crossing of today is told apart from one of yesterday that is still active, and one group or place from another:
each is a series of its own, and so a page of its own. Series that are shown one by one are bounded in number.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, Protocol

from incident_pipeline.event import ANY
from incident_pipeline.limits import TOP_ALERTS
from incident_pipeline.metrics.names import OTHER, AlertDay

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from incident_pipeline.days import MonitoringDays
    from incident_pipeline.metrics.day_gauges import Sample
    from incident_pipeline.projection.active_alerts import ActiveAlert


class Watching(Protocol):
    """One partition's surveillance, as far as it is shown."""

    def alerts_now(self, now_ms: float) -> Iterator[tuple[ActiveAlert, int]]:
        """Yield the alerts that are active at a time (epoch milliseconds), each with its day's count as it stands."""


class AlertNow(NamedTuple):
    """An active alert, its day as seen from now, and the day's count now."""

    alert: ActiveAlert
    day: AlertDay
    violations: int
    """The count of its day as it stands."""


def sorted_out(watching: Iterable[Watching], days: MonitoringDays, now_seconds: float) -> list[AlertNow]:
    """Return the alerts that are active at an epoch time: the newest days first, then as they were raised.

    A day before yesterday is late, whatever was thought of it when its alert was raised: a worker that was away works
    it off now.
    """
    today = days.of(now_seconds)
    relative = {today.isoformat(): AlertDay.TODAY, (today - dt.timedelta(days=1)).isoformat(): AlertDay.YESTERDAY}
    found = [
        AlertNow(alert, _day_of(alert, relative, today), count)
        for each in watching
        for alert, count in each.alerts_now(now_seconds * 1_000)
    ]
    found.sort(key=lambda now: (now.alert.recorded_at_ms, now.alert.rule, now.alert.series.text))
    found.sort(key=lambda now: now.alert.day, reverse=True)
    return found


def _day_of(alert: ActiveAlert, relative: dict[str, AlertDay], today: dt.date) -> AlertDay:
    if alert.late:
        return AlertDay.BACKFILLED if alert.backfilled else AlertDay.LATE
    ahead = AlertDay.TODAY if alert.day > today.isoformat() else AlertDay.LATE
    return relative.get(alert.day, ahead)


def active_samples(alerts: Iterable[AlertNow]) -> Iterator[Sample]:
    """Yield (rule, theatre, severity, day) with the number of days of series."""
    active = Counter((now.alert.rule, now.alert.theatre, now.alert.severity, now.day.value) for now in alerts)
    yield from sorted(active.items())


def count_samples(alerts: Iterable[AlertNow], top: int = TOP_ALERTS) -> Iterator[Sample]:
    """Yield each alert of today and yesterday with the count now."""
    return ((labels, now.violations) for labels, now in _one_by_one(alerts, top))


def limit_samples(alerts: Iterable[AlertNow], top: int = TOP_ALERTS) -> Iterator[Sample]:
    """Yield the same with the smallest count that is abnormal."""
    return ((labels, now.alert.limit) for labels, now in _one_by_one(alerts, top))


def _one_by_one(alerts: Iterable[AlertNow], top: int) -> Iterator[tuple[tuple[str, ...], AlertNow]]:
    """Yield the first `top` under their own labels, then of the others the one with the highest count."""
    current = [now for now in alerts if now.day in {AlertDay.TODAY, AlertDay.YESTERDAY}]
    for now in current[:top]:
        yield _labels(now, now.alert.series.group or ANY, now.alert.series.place), now
    yield from _highest(current[top:]).items()


def _highest(rest: Collection[AlertNow]) -> dict[tuple[str, ...], AlertNow]:
    highest: dict[tuple[str, ...], AlertNow] = {}
    for now in rest:
        labels = _labels(now, OTHER, OTHER)
        if labels not in highest or highest[labels].violations < now.violations:
            highest[labels] = now
    return highest


def _labels(now: AlertNow, group: str, place: str) -> tuple[str, ...]:
    alert = now.alert
    return (alert.rule, alert.theatre, alert.severity, now.day.value, alert.day, group, place)
