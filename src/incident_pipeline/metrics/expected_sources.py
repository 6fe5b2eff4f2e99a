"""Sources that are expected daily: since when each should have been heard of, and when it was."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterable, Iterator

from incident_pipeline.catalogue.model import Rules
from incident_pipeline.codec import time_ms
from incident_pipeline.days import MonitoringDays
from incident_pipeline.projection.heard import Heard

__all__ = ["Expected", "expected_of", "expected_since_samples", "last_heard_samples"]

Sample = tuple[tuple[str, ...], float]
"""(source,) and seconds since 1970."""


@dataclasses.dataclass(frozen=True, slots=True)
class Expected:
    """A source, and the hour of each monitoring day by which it is to have sent something."""

    source: str
    days: MonitoringDays
    by: MonitoringDays
    """Its days end at that hour, and so tell the instant of it."""

    def since_ms(self, now_ms: float) -> int:
        """The beginning of the newest monitoring day whose hour has passed: a last report from before is too old."""
        day = self.days.of(now_ms / 1_000)
        return self.days.start_ms(day if self._due_ms(day) <= now_ms else day - dt.timedelta(days=1))

    def _due_ms(self, day: dt.date) -> int:
        """The instant of the hour within a monitoring day, which may begin on the evening before."""
        is_evening_before = self.by.cutoff_minute > self.days.cutoff_minute
        return self.by.end_ms(day - dt.timedelta(days=1) if is_evening_before else day)


def expected_of(rules: Rules) -> tuple[Expected, ...]:
    """The sources that a catalogue expects daily."""
    zone, ends_at = rules.mission.time_zone, rules.mission.day_ends_at
    days = MonitoringDays(zone, ends_at)
    return tuple(
        Expected(source.id, days, MonitoringDays(zone, source.expected_by or ends_at))
        for source in rules.sources
        if source.expected_daily
    )


def expected_since_samples(expected: Iterable[Expected], now_ms: float) -> Iterator[Sample]:
    """Since when each source should have been heard of at a time (epoch milliseconds)."""
    return (((one.source,), one.since_ms(now_ms) / 1_000) for one in expected)


def last_heard_samples(expected: Iterable[Expected], heard: Collection[Heard]) -> Iterator[Sample]:
    """When each source was last heard of in these partitions, 0 for never; nothing is known without a partition."""
    for one in expected if heard else ():
        times = [time_ms(last) for fold in heard if (last := fold.last(one.source)) is not None]
        yield (one.source,), max(times, default=0) / 1_000
