"""The days around now: what the gauges of today and yesterday show, folded from one partition of `events`.

The fold reads no clock, and still keeps only a few days. An event's append time is at most now; so a day well
before it is neither today nor yesterday, and is passed over: an old history fed now costs nothing here. Above
`DAYS_HELD` days the one farthest from the append time goes first: neither a mistyped date nor a broker whose
clock jumped displaces the days that matter. One fold for each partition: only there does append time go forward.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import msgspec

from incident_pipeline.event import ANY, BoundsChange, Event, EventType
from incident_pipeline.line import UNATTRIBUTED, Line, Quiet

if TYPE_CHECKING:
    from collections.abc import Iterable

DAYS_BACK: Final = 3
"""Days before the UTC date of recording that are kept: yesterday, and one each for zone and cut-off."""

DAYS_HELD: Final = 16
"""Days in memory; those that may be told are `DAYS_BACK` and a day or two ahead, so this is never near."""

Counts = tuple[int, int, int, int]
"""A count on each basis: raw, deduplicated, corroborated, high."""

_ENTERS_NOTHING = frozenset({EventType.LINE_NOT_COUNTED, EventType.REPORT_DUPLICATED, EventType.REPORT_CONFLICTED})


class DayState(msgspec.Struct, frozen=True):
    """A day as a snapshot keeps it."""

    day: str
    cells: tuple[tuple[str, str, Counts], ...]
    bounds: tuple[tuple[str, str, int, int], ...]
    spoken: tuple[tuple[str, str, int], ...]


class TodayState(msgspec.Struct, frozen=True):
    """All of a fold as a snapshot keeps it: plain data in canonical order."""

    recorded_on: str
    days: tuple[DayState, ...]


class DayCounts:
    """What the events say of one day."""

    __slots__ = ("bounds", "cells", "spoken")

    def __init__(self) -> None:
        self.cells: dict[tuple[str, str], Counts] = {}
        """(place path, attribution) -> its counts now; `*` at a theatre is the theatre's total."""
        self.bounds: dict[tuple[str, str], tuple[int, int]] = {}
        """(theatre, group) -> (certain, possible)."""
        self.spoken: dict[tuple[str, str], int] = {}
        """(theatre, `*` or group) -> lines and quiet statements in force that speak of it; 0: unknown."""

    def speak(self, theatre: str, stated: Line | Quiet, times: int) -> None:
        """Count a statement as in force (`times` 1) or as withdrawn (-1)."""
        attribution = stated.attribution
        named = () if attribution == UNATTRIBUTED else attribution.split("|")
        for who in (ANY, *named):
            key = (theatre, who)
            self.spoken[key] = self.spoken.get(key, 0) + times

    def is_known(self, theatre: str, who: str = ANY) -> bool:
        """Whether anybody has spoken of the theatre, or of a group in it."""
        return self.spoken.get((theatre, who), 0) > 0


class Today:
    """The fold of one partition of `events`."""

    __slots__ = ("_days", "_recorded_on", "_since")

    def __init__(self, state: TodayState | None = None) -> None:
        """`state`: what `state()` gave at the position from which folding goes on."""
        self._days: dict[str, DayCounts] = {}
        self._recorded_on = ""
        self._since = ""
        if state is not None:
            self._restore(state)

    def apply(self, event: Event) -> None:
        """Fold an event that extends the chain."""
        recorded_on = event.recorded_at[:10]
        if recorded_on != self._recorded_on:
            self._move(recorded_on)
        since = self._since
        for change in event.changes:
            if change.day >= since:
                self._day(change.day).cells[change.place, change.attribution] = (
                    change.raw[1],
                    change.deduplicated[1],
                    change.corroborated[1],
                    change.high[1],
                )
        for bound in event.bounds:
            if bound.day >= since:
                self._bind(bound)
        stated = event.line or event.quiet
        if stated is not None and stated.day >= since and event.type not in _ENTERS_NOTHING:
            self._day(stated.day).speak(event.theatre, stated, 1)
        if event.withdrawn_lines or event.withdrawn_quiet:
            withdrawn: tuple[Line | Quiet, ...] = (*event.withdrawn_lines, *event.withdrawn_quiet)
            for statement in withdrawn:
                if statement.day >= since:
                    self._day(statement.day).speak(event.theatre, statement, -1)

    def _bind(self, bound: BoundsChange) -> None:
        """Keep a group's bounds for the whole theatre."""
        for place, certain, possible in bound.by_place():
            if "/" not in place:
                self._day(bound.day).bounds[place, bound.group] = (certain[1], possible[1])

    def day(self, day: str) -> DayCounts | None:
        """Return what is known of a day; None where nobody spoke of it, or it is long past."""
        return self._days.get(day)

    def state(self) -> TodayState:
        """Return everything, for a snapshot."""
        days = tuple(_state_of(day, counts) for day, counts in sorted(self._days.items()))
        return TodayState(self._recorded_on, days)

    def _restore(self, state: TodayState) -> None:
        if state.recorded_on:
            self._move(state.recorded_on)
        for kept in state.days:
            day = self._days[kept.day] = DayCounts()
            day.cells = {(place, attribution): counts for place, attribution, counts in kept.cells}
            day.bounds = {(theatre, group): (low, high) for theatre, group, low, high in kept.bounds}
            day.spoken = {(theatre, who): times for theatre, who, times in kept.spoken}

    def _move(self, recorded_on: str) -> None:
        """Take up the UTC date of recording of the event at hand."""
        self._recorded_on = recorded_on
        self._since = (dt.date.fromisoformat(recorded_on) - dt.timedelta(days=DAYS_BACK)).isoformat()

    def _day(self, day: str) -> DayCounts:
        counts = self._days.get(day)
        if counts is None:
            counts = self._days[day] = DayCounts()
            if len(self._days) > DAYS_HELD:
                del self._days[_farthest(self._days, self._recorded_on)]
        return counts


def _farthest(days: Iterable[str], date: str) -> str:
    here = dt.date.fromisoformat(date)
    return max(days, key=lambda day: (abs((dt.date.fromisoformat(day) - here).days), day))


def _state_of(day: str, counts: DayCounts) -> DayState:
    return DayState(
        day,
        tuple(sorted((place, attribution, cell) for (place, attribution), cell in counts.cells.items())),
        tuple(sorted((theatre, group, *bounds) for (theatre, group), bounds in counts.bounds.items())),
        tuple(sorted((theatre, who, times) for (theatre, who), times in counts.spoken.items() if times)),
    )
