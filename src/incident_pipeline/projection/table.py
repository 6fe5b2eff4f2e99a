"""Daily counts as rows: one for each theatre-day, and below it one for each group, place or both."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from incident_pipeline.event import ANY
from incident_pipeline.projection.daily_counts import NOTHING, DailyCounts, Figures, TheatreDay, is_single_group

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["By", "Row", "days_between", "rows"]

By = frozenset[str]
"""Any of `group` and `place`."""

_LONGEST_GAP_DAYS = 31
"""Days without a word are shown one by one up to this many in a row, unless the range was asked for."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row. Figures are None where nobody has spoken of the day: unknown, not zero."""

    day: str
    theatre: str
    group: str
    """An attribution: `hts`, `hts|tip`, `unattributed`, or `*` for whoever it was."""
    place: str
    """Path of place ids; the theatre's own id for all of it."""
    raw: int | None = None
    deduplicated: int | None = None
    corroborated: int | None = None
    high: int | None = None
    certain: int | None = None
    possible: int | None = None
    """Bounds of a single group's count, with all places below."""
    is_total: bool = False
    """The row of a whole theatre-day, which is more than the sum of what was stated of the theatre as such."""


def rows(
    counts: DailyCounts, by: By = frozenset(), first: dt.date | None = None, last: dt.date | None = None
) -> Iterator[Row]:
    """Yield the rows of every day and theatre from `first` to `last`, each theatre-day's total first."""
    theatres = counts.theatres()
    for day in days_between({day for (_, day), known in counts.days.items() if _is_told(known)}, first, last):
        for theatre in theatres:
            known = counts.days.get((theatre, day))
            if known is None or not _is_told(known):
                yield Row(day=day, theatre=theatre, group=ANY, place=theatre, is_total=True)
            else:
                total = Row(day=day, theatre=theatre, group=ANY, place=theatre, is_total=True)
                yield _filled(total, known.total)
                yield from _details(day, theatre, known, by)


def days_between(told: Iterable[str], first: dt.date | None, last: dt.date | None) -> list[str]:
    """Give the days to show: those told of, and the silent ones between them or in the range that was asked for."""
    days = sorted(
        day
        for day in map(dt.date.fromisoformat, told)
        if (first is None or first <= day) and (last is None or day <= last)
    )
    edges = sorted({*([first] if first else []), *days, *([last] if last else [])})
    asked = first is not None and last is not None
    shown: list[str] = []
    for at, day in enumerate(edges):
        gap_days = (day - edges[at - 1]).days - 1 if at else 0
        if gap_days <= _LONGEST_GAP_DAYS or asked:
            shown += [(day - dt.timedelta(days=back)).isoformat() for back in range(gap_days, 0, -1)]
        shown.append(day.isoformat())
    return shown


def _is_told(day: TheatreDay) -> bool:
    return day.is_known or day.total != NOTHING


def _details(day: str, theatre: str, known: TheatreDay, by: By) -> Iterator[Row]:
    if not by:
        return
    sums: dict[tuple[str, str], Figures] = defaultdict(Figures)
    for (place, attribution), figures in known.cells.items():
        key = (place if "place" in by else theatre, attribution if "group" in by else ANY)
        sums[key] = _sum(sums[key], figures)
    if "group" in by:
        for place, group in known.bounds:
            if place == theatre and known.bounds[place, group] != (0, 0):
                sums[place, group] = sums[place, group]  # a group that is named only among others has bounds alone
    for (place, attribution), figures in sorted(sums.items()):
        bounds = known.bounds.get((place, attribution)) if is_single_group(attribution) else None
        yield _filled(Row(day=day, theatre=theatre, group=attribution, place=place), figures, bounds)


def _sum(one: Figures, other: Figures) -> Figures:
    return Figures(
        one.raw + other.raw,
        one.deduplicated + other.deduplicated,
        one.corroborated + other.corroborated,
        one.high + other.high,
    )


def _filled(row: Row, figures: Figures, bounds: tuple[int, int] | None = None) -> Row:
    certain, possible = bounds or (None, None)
    return msgspec.structs.replace(row, **msgspec.structs.asdict(figures), certain=certain, possible=possible)
