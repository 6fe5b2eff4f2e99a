"""Daily counts as rows: one for each theatre-day, and below it one for each group, place, level of places, or both."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING, Final

import msgspec

from incident_pipeline.counting.coverage import reaches
from incident_pipeline.event import ANY
from incident_pipeline.line import UNATTRIBUTED
from incident_pipeline.projection.daily_counts import NOTHING, DailyCounts, Figures, TheatreDay, is_single_group

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["EVERYTHING", "By", "Row", "Selection", "days_between", "rows", "totals"]

By = frozenset[str]
"""`group`, and `place` or one level of the tree (`zone`, `province`, `district`, `town`)."""

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


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of the counts is asked for."""

    first: dt.date | None = None
    last: dt.date | None = None
    theatre: str | None = None
    place: str | None = None
    """Id of a place: the cells at and below it."""
    group: str | None = None
    """Id of a group: the cells that name it, alone or among others."""

    @property
    def is_whole(self) -> bool:
        """Whether a theatre's own total is what is asked for."""
        return self.place is None and self.group is None

    def takes_day(self, day: dt.date) -> bool:
        """Whether a day is part of it."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    def takes(self, place: str, attribution: str) -> bool:
        """Whether a cell is part of it."""
        return (self.place is None or self.place in place.split("/")) and (
            self.group is None or self.group in attribution.split("|")
        )

    def path(self, theatre: str, paths: Iterable[str]) -> str | None:
        """Give the path of the place asked for, among paths of what was told; None where nothing was told of it."""
        if self.place is None:
            return theatre
        for path in paths:
            steps = path.split("/")
            if self.place in steps:
                return "/".join(steps[: steps.index(self.place) + 1])
        return None


EVERYTHING: Final = Selection()


def rows(
    counts: DailyCounts,
    by: By = frozenset(),
    selection: Selection = EVERYTHING,
    levels: Mapping[str, str] | None = None,
) -> Iterator[Row]:
    """Yield the rows of every day and theatre that is asked for, each theatre-day's total first.

    `levels`: place id → its level, for `by` a level: a cell stands in the row of its place of that level, one that is
    stated of a wider place in that place's own. So the rows of a day add up to its total.
    """
    theatres = [theatre for theatre in counts.theatres() if selection.theatre in {None, theatre}]
    told = {
        day
        for (theatre, day), known in counts.days.items()
        if theatre in theatres and (_is_told(known) or known.is_spoken_of)
    }
    for day in days_between(told, selection.first, selection.last):
        for theatre in theatres:
            known = counts.days.get((theatre, day))
            if known is None or not _is_told(known):
                group, place = selection.group or ANY, selection.place or theatre
                yield Row(day=day, theatre=theatre, group=group, place=place, is_total=True)
            else:
                yield _total(day, theatre, known, selection)
                yield from _details(day, theatre, known, by, selection, levels or {})


def totals(found: Iterable[Row]) -> list[Row]:
    """Add up rows over their days, each theatre's own first; `day` is then `first/last`, as ISO 8601 writes it.

    A day that is unknown adds nothing. An incident belongs to one day, so that every basis and both bounds add up.
    """
    days: list[str] = []
    sums: dict[tuple[str, bool, str, str], Row] = {}
    for row in found:
        days.append(row.day)
        key = (row.theatre, not row.is_total, "" if row.is_total else row.place, row.group)
        known = sums.get(key)
        sums[key] = row if known is None else _added(known, row)
    span = f"{min(days)}/{max(days)}" if days else ""
    return [msgspec.structs.replace(row, day=span) for _, row in sorted(sums.items())]


def _added(one: Row, other: Row) -> Row:
    figures = {
        name: _either(getattr(one, name), getattr(other, name))
        for name in (*Figures.__struct_fields__, "certain", "possible")
    }
    # What cannot be told of one day that is known cannot be told of all.
    if None in {one.corroborated if one.raw is not None else 0, other.corroborated if other.raw is not None else 0}:
        figures["corroborated"] = None
    path = max(one.place, other.place, key=len)  # of a day without a word only the place's id is known
    return msgspec.structs.replace(one, place=path, **figures)


def _either(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other


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


def _total(day: str, theatre: str, known: TheatreDay, selection: Selection) -> Row:
    if selection.is_whole:
        return _filled(Row(day=day, theatre=theatre, group=ANY, place=theatre, is_total=True), known.total)
    group = selection.group or ANY
    place = selection.path(theatre, _paths(known))
    row = Row(day=day, theatre=theatre, group=group, place=place or selection.place or theatre, is_total=True)
    spoken = (covered for covered, times in known.coverage.items() if times > 0)
    cells = [figures for cell, figures in known.cells.items() if selection.takes(*cell)]
    if place is None or not (cells or reaches(spoken, UNATTRIBUTED if group == ANY else group, place)):
        return row
    bounds = known.bounds.get((place, group), (0, 0)) if is_single_group(group) else None
    return _filled(row, _sum(cells), bounds, cells=len(cells))


def _paths(known: TheatreDay) -> Iterator[str]:
    yield from (place for place, _ in known.cells)
    yield from (place for (_, _, place), times in known.coverage.items() if times > 0)


def _details(  # noqa: PLR0917 - one row's way, in the order of its narrowing
    day: str, theatre: str, known: TheatreDay, by: By, selection: Selection, levels: Mapping[str, str]
) -> Iterator[Row]:
    if not by:
        return
    parts: dict[tuple[str, str], list[Figures]] = defaultdict(list)
    for (place, attribution), cells in _selected(theatre, known, by, selection):
        key = (_rolled_up(place, theatre, by, levels), attribution if "group" in by else ANY)
        parts[key] += cells
    for (place, attribution), cells in sorted(parts.items()):
        group = attribution if "group" in by else selection.group or ANY
        bounds = known.bounds.get((place, group)) if is_single_group(group) else None
        row = Row(day=day, theatre=theatre, group=attribution, place=place)
        yield _filled(row, _sum(cells), bounds, cells=len(cells))


def _selected(
    theatre: str, known: TheatreDay, by: By, selection: Selection
) -> Iterator[tuple[tuple[str, str], list[Figures]]]:
    """Yield (place, attribution) of the day's cells with their figures, and without any what has a row all the same."""
    for cell, figures in known.cells.items():
        if selection.takes(*cell):
            yield cell, [figures]
    for quiet, times in known.quiet.items():
        if times > 0 and selection.takes(quiet.place, quiet.attribution):
            yield (quiet.place, quiet.attribution), []  # somebody said that it is 0
    if "group" in by:
        for (place, group), bounds in known.bounds.items():
            if place == theatre and bounds != (0, 0) and selection.takes(place, group):
                yield (place, group), []  # a group that is named only among others has bounds alone


def _rolled_up(place: str, theatre: str, by: By, levels: Mapping[str, str]) -> str:
    """Give the path of the place in whose row a cell stands."""
    asked = by - {"group"}
    if not asked:
        return theatre
    if "place" in asked:
        return place
    steps = place.split("/")
    for at, step in enumerate(steps):
        if levels.get(step) in asked:
            return "/".join(steps[: at + 1])
    return place


def _sum(cells: Iterable[Figures]) -> Figures:
    found = list(cells)
    return Figures(*(sum(getattr(one, basis) for one in found) for basis in Figures.__struct_fields__))


def _filled(row: Row, figures: Figures, bounds: tuple[int, int] | None = None, *, cells: int = 1) -> Row:
    """Fill a row in; what two parties say of several cells together is not the sum of what they say of each."""
    certain, possible = bounds or (None, None)
    values = msgspec.structs.asdict(figures)
    if cells > 1:
        values["corroborated"] = None
    return msgspec.structs.replace(row, **values, certain=certain, possible=possible)
