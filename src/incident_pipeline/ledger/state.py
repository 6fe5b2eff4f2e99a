"""The state of one partition of `lines`: reports, days, and what is remembered of sealed ones."""

from __future__ import annotations

import dataclasses
import enum
import heapq
from typing import NamedTuple

import msgspec

from incident_pipeline.counting import Item, TheatreDay
from incident_pipeline.event import Event
from incident_pipeline.line import Activity, Line, Quiet, ReportRef, TopicIds

ReportKey = tuple[str, str]
"""(source, report id)"""
ItemKey = tuple[str, str, int]
"""(source, report id, index of the line)"""
DayKey = tuple[str, str]
"""(theatre, monitoring day)"""
Scope = tuple[str, str, str]
"""(party, attribution, place path)"""


def day_of(stated: Line | Quiet | Activity) -> DayKey:
    """The day that a statement is about; its theatre is the first id on the path of its place."""
    return stated.place.partition("/")[0], stated.day


class Standing(enum.StrEnum):
    """Whether a report's lines are in force."""

    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    RETRACTED = "retracted"


class Entry(msgspec.Struct, gc=False):
    """What is known of one report: its version in force, the others seen, and where its lines went."""

    ref: ReportRef
    standing: Standing = Standing.IN_FORCE
    lines: tuple[Line, ...] = ()
    quiet: tuple[Quiet, ...] = ()
    activities: tuple[Activity, ...] = ()
    days: tuple[DayKey, ...] = ()
    """Open days that hold something of it; with none left it is forgotten."""
    others: dict[int, str] | None = None
    """Revision -> digest of the other versions seen."""

    def digest(self, revision: int) -> str | None:
        """The digest of a version, if it was seen."""
        if revision == self.ref.revision:
            return self.ref.digest
        return self.others.get(revision) if self.others else None

    def versions(self) -> int:
        """How many versions were seen."""
        return 1 + len(self.others or ())

    def see(self, ref: ReportRef) -> None:
        """Take note of another version; the latest is the one in force."""
        if self.digest(ref.revision) is not None:
            return
        self.others = self.others or {}
        if ref.revision > self.ref.revision:
            self.others[self.ref.revision] = self.ref.digest
            self.ref = ref
        else:
            self.others[ref.revision] = ref.digest


class Rank(NamedTuple):
    """What makes one statement of a party later than another."""

    published_at_ms: int
    revision: int
    partition: int
    offset: int


class Statement(msgspec.Struct, gc=False):
    """What one report states for one scope: its lines added up."""

    rank: Rank
    n: int
    raw: int
    retold: bool
    increment: bool
    corroborates: bool = True


class Incident(msgspec.Struct, frozen=True, gc=False):
    """Items that tell the same incident."""

    id: str
    order: int
    """Which incident of its day it was, by first telling: the earlier keeps its id in a merger."""
    items: tuple[ItemKey, ...]


@dataclasses.dataclass(slots=True)
class Day:
    """One monitoring day of one theatre, from its first mention until it is sealed."""

    opened_at_ms: int
    book: TheatreDay
    closed: bool = False
    incident_of: dict[ItemKey, Incident] = dataclasses.field(default_factory=dict)
    statements: dict[Scope, dict[ReportKey, Statement]] = dataclasses.field(default_factory=dict)
    hearsay: dict[ItemKey, Item] = dataclasses.field(default_factory=dict)
    """Retold items that stand for their party's words, since no item of its own says the same."""
    repeats: dict[ItemKey, Item] = dataclasses.field(default_factory=dict)
    """Retold items that say what their party's own item says: they are in no incident."""
    aggregates: set[tuple[str, str, int]] = dataclasses.field(default_factory=set)
    """Keys under which scopes are in the book."""
    reports: set[ReportKey] = dataclasses.field(default_factory=set)
    incidents_told: int = 0
    """Incidents ever told of this day: the order of the next."""

    def incidents(self) -> dict[str, Incident]:
        """The incidents of the day, by id."""
        return {incident.id: incident for incident in self.incident_of.values()}


class Due(NamedTuple):
    """Something that time brings, in the order in which it is due."""

    at_ms: int
    seals: bool
    theatre: str
    day: str


class DayTimes(NamedTuple):
    """When a day closes and is sealed, in milliseconds since 1970."""

    close_ms: int
    seal_ms: int


@dataclasses.dataclass(slots=True)
class Ledger:
    """The fold of one partition of the event log."""

    rules: str | None = None
    """Hash of the rules in force; None before the first record."""
    sequence: int = 0
    """Events applied."""
    last_input: int = -1
    """Offset of the last record of `lines` that left an event."""
    decided: dict[int, int] = dataclasses.field(default_factory=dict)
    """Partition of `reports` -> highest offset decided: what intake writes again after a crash is skipped."""
    topics: TopicIds = dataclasses.field(default_factory=TopicIds)
    """The topics that `decided` and `last_input` speak of, as far as they were recorded."""
    anew_at_ms: int = -1
    """When a person said last that some were made anew."""
    generation: int = 0
    """How often `reports` was made anew."""
    refused: dict[str, Event | None] = dataclasses.field(default_factory=dict)
    """Id -> records that a person has voided and that is not told yet; None where it is no event at all."""
    reports: dict[ReportKey, Entry] = dataclasses.field(default_factory=dict)
    awaited: dict[ReportKey, Standing] = dataclasses.field(default_factory=dict)
    """Reports that were withdrawn before they came."""
    shelf: dict[str, set[ReportKey]] = dataclasses.field(default_factory=dict)
    """UTC date of recording -> reports that no day holds; forgotten after the horizon."""
    days: dict[DayKey, Day] = dataclasses.field(default_factory=dict)
    sealed: set[DayKey] = dataclasses.field(default_factory=set)
    due: list[Due] = dataclasses.field(default_factory=list)
    """Heap of what time brings."""

    def key_of(self, report: ReportRef) -> ReportKey:
        """What a report is known by: its names' form, or their spelling where it is known by that from before."""
        spelling = (report.source, report.id)
        if report.identity is None:
            return spelling
        return self._known((report.identity.source, report.identity.id), spelling)

    def key_of_other(self, report: ReportRef, written: str) -> ReportKey:
        """What another report of the source is known by, which this one withdraws: as it writes it, or its form."""
        named = report.identity
        if named is None:
            return (report.source, written)
        forms = {report.supersedes: named.supersedes, report.retracts: named.retracts}
        return self._known((named.source, forms.get(written) or written), (report.source, written))

    def _known(self, key: ReportKey, spelling: ReportKey) -> ReportKey:
        if key in self.reports or key in self.awaited:
            return key
        return spelling if spelling in self.reports or spelling in self.awaited else key

    def open_day(self, key: DayKey, recorded_at_ms: int, times: DayTimes) -> Day:
        """The day, opened now if this is its first mention."""
        day = self.days.get(key)
        if day is None:
            day = self.days[key] = Day(recorded_at_ms, TheatreDay(*key))
            heapq.heappush(self.due, Due(times.close_ms, False, *key))
            heapq.heappush(self.due, Due(times.seal_ms, True, *key))
        return day

    def hold(self, entry: Entry, report: ReportKey, day: DayKey) -> None:
        """Remember that an open day holds something of this report."""
        if day in entry.days:
            return
        entry.days += (day,)
        self.days[day].reports.add(report)

    def seal(self, key: DayKey) -> None:
        """Drop a day, and the reports of which nothing else is open; remember that it is sealed."""
        day = self.days.pop(key, None)
        self.sealed.add(key)
        for report in day.reports if day else ():
            entry = self.reports.get(report)
            if entry is None:
                continue
            entry.days = tuple(day for day in entry.days if day != key)
            if not entry.days:
                del self.reports[report]

    def forget_before(self, date: str) -> None:
        """Forget the reports without lines, and the withdrawals without a report, recorded before that UTC date."""
        for old in [day for day in self.shelf if day < date]:
            for report in self.shelf.pop(old):
                self.awaited.pop(report, None)
                entry = self.reports.get(report)
                if entry is not None and not entry.days:
                    del self.reports[report]
