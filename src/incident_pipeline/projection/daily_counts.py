"""Daily counts as the event log states them: a fold of `events`, exact at any position of the log.

It only adds up what the ledger decided, and decides nothing itself: dropped and folded again it is the same.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import msgspec

from incident_pipeline.event import ANY, Event, EventType
from incident_pipeline.line import UNATTRIBUTED, Activity, Line, Quiet

__all__ = ["NOTHING", "DailyCounts", "Figures", "TheatreDay", "Uncounted"]


class Figures(msgspec.Struct, frozen=True):
    """A count on each basis."""

    raw: int = 0
    deduplicated: int = 0
    corroborated: int = 0
    high: int = 0


NOTHING = Figures()
_NOT_IN_FORCE = frozenset({EventType.LINE_NOT_COUNTED, EventType.REPORT_DUPLICATED, EventType.REPORT_CONFLICTED})
_WITHDRAWING = {EventType.REPORT_CORRECTED: "superseded", EventType.REPORT_RETRACTED: "retracted"}
_WHOLE_REPORT = {EventType.REPORT_DUPLICATED: "duplicate", EventType.REPORT_CONFLICTED: "conflict"}


class Uncounted(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was said and is in no count, with the reason."""

    day: str | None
    reason: str
    """A value of `NotCounted`, or `duplicate` or `conflict` of a whole report."""
    report_id: str
    source: str
    stated: Line | Quiet | None = None
    """None for a whole report."""
    theatre: str


@dataclass(slots=True)
class TheatreDay:
    """One day of one theatre."""

    cells: dict[tuple[str, str], Figures] = field(default_factory=dict)
    """(place path, attribution) → its own figures, the theatre's total apart."""
    total: Figures = NOTHING
    bounds: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    """(place path, group) → (certain, possible), with all places below."""
    coverage: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """(party, attribution, place) → statements in force."""
    quiet: Counter[Quiet] = field(default_factory=Counter)
    activities: Counter[Activity] = field(default_factory=Counter)
    closed: bool = False
    is_spoken_of: bool = False
    """Somebody has spoken of it: said only where part of the lines are counted, of which there may be none."""

    @property
    def is_known(self) -> bool:
        """Whether anybody has spoken of the day: without, its counts are unknown and not zero."""
        return any(times > 0 for times in self.coverage.values())

    @property
    def parties(self) -> list[str]:
        """Who has spoken of it."""
        return sorted({party for (party, _, _), times in self.coverage.items() if times > 0})


class DailyCounts:
    """The fold of the records of `events` that count, of one partition or of several one after the other."""

    def __init__(self) -> None:
        self.days: dict[tuple[str, str], TheatreDay] = {}
        """(theatre, day) → what is known of it."""
        self.uncounted: list[Uncounted] = []
        self.types: Counter[EventType] = Counter()
        self.reports: set[tuple[int, int]] = set()
        """(partition, offset) of every report that left an event."""
        self.retold = 0
        """Lines by which an outlet repeats a party's words, in force or not."""
        self._whole: set[tuple[int, int]] = set()

    def apply(self, event: Event) -> None:
        """Take in one event."""
        self.types[event.type] += 1
        if event.report is not None:
            self.reports.add((event.report.partition, event.report.offset))
        for change in event.changes:
            self._take_change(event.theatre, change.day, change.place, change.attribution, _after(change))
        for bound in event.bounds:
            day = self._day(event.theatre, bound.day)
            for place, certain, possible in bound.by_place():
                day.bounds[place, bound.group] = (certain[1], possible[1])
        self._take_statements(event)
        self._take_withdrawn(event)
        if event.type is EventType.DAY_CLOSED and event.day is not None:
            self._day(event.theatre, event.day).closed = True

    def theatres(self) -> list[str]:
        """Give the theatres that anything was said of."""
        return sorted({theatre for theatre, _ in self.days})

    def activities_in_force(self) -> list[Activity]:
        """Give the activities in order of day, each statement of a party once however often it was retold."""
        told: dict[tuple[str, str, str, str], Activity] = {}
        for day in self.days.values():
            for activity in +day.activities:
                key = (activity.day, activity.kind, activity.party, activity.place)
                if key not in told or (told[key].retold and not activity.retold):
                    told[key] = activity
        return [told[key] for key in sorted(told)]

    def _day(self, theatre: str, day: str) -> TheatreDay:
        known = self.days.get((theatre, day))
        if known is None:
            known = self.days[theatre, day] = TheatreDay()
        return known

    def _take_change(self, theatre: str, day: str, place: str, attribution: str, after: Figures) -> None:
        known = self._day(theatre, day)
        if attribution == ANY:
            known.total = after
        elif after == NOTHING:
            known.cells.pop((place, attribution), None)
        else:
            known.cells[place, attribution] = after

    def _take_statements(self, event: Event) -> None:
        stated = event.line or event.quiet
        if event.type in _NOT_IN_FORCE:
            self._take_uncounted(event, stated)
            return
        if stated is not None:
            self.retold += isinstance(stated, Line) and stated.retold
            day = self._day(event.theatre, stated.day)
            day.coverage[stated.party, stated.attribution, stated.place] += 1
            if isinstance(stated, Quiet):
                day.quiet[stated] += 1
        if event.activity is not None:
            self._day(event.theatre, event.activity.day).activities[event.activity] += 1

    def _take_uncounted(self, event: Event, stated: Line | Quiet | None) -> None:
        report = event.report
        if report is None:
            return
        if stated is None:
            # A report that revises or retracts is decided in every partition; it is one report.
            if (report.partition, report.offset) in self._whole:
                return
            self._whole.add((report.partition, report.offset))
        reason = stated.not_counted if stated is not None else None
        self.uncounted.append(
            Uncounted(
                day=None if stated is None else stated.day,
                reason=reason.value if reason is not None else _WHOLE_REPORT.get(event.type, event.decided_by.rule),
                report_id=report.id,
                source=report.source,
                stated=stated,
                theatre=event.theatre,
            )
        )

    def _take_withdrawn(self, event: Event) -> None:
        withdrawn: tuple[Line | Quiet, ...] = (*event.withdrawn_lines, *event.withdrawn_quiet)
        for stated in withdrawn:
            day = self._day(event.theatre, stated.day)
            day.coverage[stated.party, stated.attribution, stated.place] -= 1
            if isinstance(stated, Quiet):
                day.quiet[stated] -= 1
            if event.report is not None:
                self.uncounted.append(
                    Uncounted(
                        day=stated.day,
                        reason=_WITHDRAWING.get(event.type, event.decided_by.rule),
                        report_id=event.subject or event.report.id,
                        source=event.report.source,
                        stated=stated,
                        theatre=event.theatre,
                    )
                )
        for activity in event.withdrawn_activities:
            self._day(event.theatre, activity.day).activities[activity] -= 1


def _after(change: object) -> Figures:
    return Figures(*(getattr(change, basis)[1] for basis in Figures.__struct_fields__))


def is_single_group(attribution: str) -> bool:
    """Whether an attribution names one group alone."""
    return attribution not in {ANY, UNATTRIBUTED} and "|" not in attribution
