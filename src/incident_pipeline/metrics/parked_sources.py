"""Parked sources as samples: bounded in number, and only while they are news."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from incident_pipeline.limits import TOP_SOURCES
from incident_pipeline.metrics.names import OTHER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from incident_pipeline.metrics.day_gauges import Sample
    from incident_pipeline.parking import Parking
    from incident_pipeline.rejection import Reason

__all__ = ["SHOWN_SECONDS", "parked_samples"]

SHOWN_SECONDS: Final = 3_600.0
"""A source that has sent nothing bad for an hour pages nobody any more, released or not: it may be gone for good."""


def parked_samples(partitions: Iterable[Parking], now_seconds: float) -> Iterator[Sample]:
    """Yield (source, reason) of the sources with most unusable records, at a monotonic time; the rest as `other`."""
    found: dict[str, Counter[Reason]] = {}
    for parking in partitions:
        for name, source in parking.parked.copy().items():
            if now_seconds - source.handled_at_seconds < SHOWN_SECONDS:
                found.setdefault(name, Counter()).update(source.reasons.copy())
    by_records = sorted(found, key=lambda name: (name == OTHER, -found[name].total(), name))
    beyond: Counter[Reason] = Counter()
    for name in [name for name in by_records[TOP_SOURCES:] if name != OTHER]:
        beyond.update(found.pop(name))
    if beyond:
        found[OTHER] = found.get(OTHER, Counter()) + beyond
    for name, reasons in sorted(found.items()):
        yield from (((name, reason), records) for reason, records in sorted(reasons.items()))
