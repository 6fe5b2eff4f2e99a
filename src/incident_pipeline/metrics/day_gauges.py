"""Today's and yesterday's counts as samples: bounded in number, and silent about what nobody spoke of."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from incident_pipeline.catalogue.model import Basis, Bound
from incident_pipeline.event import ANY
from incident_pipeline.limits import TOP_PLACES
from incident_pipeline.metrics.names import OTHER, RelativeDay

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from incident_pipeline.days import MonitoringDays
    from incident_pipeline.projection.today import Counts, DayCounts, Today

BASES = (Basis.RAW, Basis.DEDUPLICATED, Basis.CORROBORATED, Basis.HIGH)
"""In the order of `today.Counts`."""
_DEDUPLICATED = 1

Sample = tuple[tuple[str, ...], float]
"""Values of the labels in the order of the metric's definition, and the value."""


class Day(NamedTuple):
    """Today or yesterday: its date, and what each partition knows of it."""

    relative: RelativeDay
    date: str
    counts: tuple[DayCounts, ...]


def days_now(todays: Iterable[Today], days: MonitoringDays, now_seconds: float) -> tuple[Day, ...]:
    """Return today and yesterday at an epoch time, in the mission's zone and by its cut-off."""
    folds = list(todays)
    today = days.of(now_seconds)
    dates = {RelativeDay.TODAY: today, RelativeDay.YESTERDAY: today - dt.timedelta(days=1)}
    return tuple(
        Day(
            relative,
            date.isoformat(),
            tuple(counts for fold in folds if (counts := fold.day(date.isoformat()))),
        )
        for relative, date in dates.items()
    )


def theatre_samples(days: Iterable[Day]) -> Iterator[Sample]:
    """Yield (theatre, day, basis) of the theatres that somebody has spoken of; 0 where that was "none"."""
    for day, theatre, counts in _known_theatres(days):
        total = counts.cells.get((theatre, ANY), (0, 0, 0, 0))
        yield from (((theatre, day.relative, basis), n) for basis, n in zip(BASES, total, strict=True))


def group_samples(days: Iterable[Day], groups: Collection[str]) -> Iterator[Sample]:
    """Yield (theatre, group, day, bound) of the groups that somebody named; unknown ones are `other`."""
    for day, theatre, counts in _known_theatres(days):
        certain: Counter[str] = Counter()
        possible: Counter[str] = Counter()
        for where, group in list(counts.spoken):
            if where == theatre and group != ANY and counts.is_known(theatre, group):
                low, high = counts.bounds.get((theatre, group), (0, 0))
                label = group if group in groups else OTHER
                certain[label] += low
                possible[label] += high
        for group in sorted(certain):
            yield (theatre, group, day.relative, Bound.CERTAIN), certain[group]
            yield (theatre, group, day.relative, Bound.POSSIBLE), possible[group]


def place_samples(days: Collection[Day], top: int = TOP_PLACES) -> Iterator[Sample]:
    """Yield (theatre, place, day, basis): the `top` places of both days, the rest of a theatre as `other`."""
    by_day = [(day, theatre, _by_place(theatre, counts)) for day, theatre, counts in _known_theatres(days)]
    violations: Counter[str] = Counter()
    for _, _, places in by_day:
        for place, counts in places.items():
            violations[place] += counts[_DEDUPLICATED]
    shown = set(sorted(violations, key=lambda place: (-violations[place], place))[:top])
    for day, theatre, places in by_day:
        labelled: dict[str, Counts] = {}
        for place, counts in places.items():
            label = place if place in shown else OTHER
            labelled[label] = _sum(labelled.get(label, (0, 0, 0, 0)), counts)
        for place, counts in sorted(labelled.items()):
            yield from (((theatre, place, day.relative, basis), n) for basis, n in zip(BASES, counts, strict=True))


def _known_theatres(days: Iterable[Day]) -> Iterator[tuple[Day, str, DayCounts]]:
    """Yield each theatre of each day that somebody has spoken of, in order."""
    known = [
        (day, theatre, counts)
        for day in days
        for counts in day.counts
        for theatre, who in list(counts.spoken)
        if who == ANY and counts.is_known(theatre)
    ]
    return iter(sorted(known, key=lambda found: (found[0].relative, found[1])))


def _by_place(theatre: str, counts: DayCounts) -> dict[str, Counts]:
    """Add up the cells of each place itself, whoever did it."""
    places: dict[str, Counts] = {}
    for (place, attribution), cell in list(counts.cells.items()):
        if attribution != ANY and place.partition("/")[0] == theatre:
            places[place] = _sum(places.get(place, (0, 0, 0, 0)), cell)
    return places


def _sum(one: Counts, other: Counts) -> Counts:
    return (one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3])
