"""What surveillance keeps of one `events` partition: the figures of unsealed days, and what it has said of them.

Figures and statements are the state; counts of series, limits and routes follow from them under the rules in force.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping

import msgspec

from incident_pipeline.alert import Series
from incident_pipeline.catalogue.model import Rules
from incident_pipeline.counting.places import place
from incident_pipeline.surveillance.detectors import DETECTORS, DetectorOf
from incident_pipeline.surveillance.view import decode_circumstances, decode_pairs
from incident_pipeline.surveillance.watchlist import (
    NEVER,
    Bounds,
    Key,
    Ruled,
    RulesError,
    Watched,
    Watchlist,
    WayKey,
)

RulesByHash = Callable[[str], Rules]
"""Looks rules up by their content hash; raises LookupError where it has none of that hash."""

DayKey = tuple[str, str]
"""(theatre, monitoring day)"""


class Figures(msgspec.Struct, frozen=True, gc=False):
    """The counts of a cell as they stand, by the names that a `Change` has for them."""

    corroborated: int
    deduplicated: int
    high: int
    raw: int


@dataclasses.dataclass(slots=True)
class Standing:
    """What was last said of one day of one series under one rule."""

    revision: int = 0
    abnormal: bool = False
    active: bool = False
    """Raised, and neither cleared nor late."""


StandingKey = tuple[str, Series]
"""(rule id, series)"""


@dataclasses.dataclass(frozen=True, slots=True)
class Cause:
    """The event that changed a verdict."""

    event_id: str
    report: str | None
    by_rules: bool


class SeriesDay:
    """One day of a watched series. Nothing is to be said of it while `floor <= count < ceiling`.

    It does not know its day, which knows it: so a day that is dropped is freed by its reference count.
    """

    __slots__ = ("ceiling", "count", "floor", "limits", "watched")

    def __init__(self, watched: Watched) -> None:
        self.watched = watched
        self.count = 0
        self.limits: tuple[int, ...] = ()
        """The smallest count that is abnormal, by rule of the series."""
        self.floor = 0
        self.ceiling = NEVER

    def bracket(self, standings: Mapping[StandingKey, Standing]) -> None:
        """Set floor and ceiling around the verdicts that were said last of its day."""
        series = self.watched.series
        floor, ceiling = 0, NEVER
        for ruled, limit in zip(self.watched.rules, self.limits, strict=True):
            standing = standings.get((ruled.rule.id, series))
            if standing is not None and standing.abnormal:
                floor = max(floor, limit)
            else:
                ceiling = min(ceiling, limit)
        self.floor, self.ceiling = floor, ceiling

    def is_settled(self) -> bool:
        """Whether the count agrees with what was said last."""
        return self.floor <= self.count < self.ceiling


class Day:
    """One monitoring day of one theatre, from its first mention until it is sealed."""

    __slots__ = (
        "backfilled",
        "baselines",
        "bounds",
        "cells",
        "closed",
        "date",
        "quiet",
        "series",
        "standings",
        "theatre",
        "watchlist",
    )

    def __init__(self, theatre: str, date: str, watchlist: Watchlist) -> None:
        self.theatre = theatre
        self.date = date
        self.watchlist = watchlist
        """The rules in force; once the day is closed, those that it closed under."""
        self.closed = False
        self.backfilled = False
        """It was over when it was first spoken of."""
        self.quiet = False
        """Somebody said that there was nothing."""
        self.cells: dict[Key, Figures] = {}
        self.bounds: dict[WayKey, tuple[bytes, bytes]] = {}
        """The pairs (certain, possible) as an event gave them, what was said last at the end: see `bounds_by_place`."""
        self.standings: dict[StandingKey, Standing] = {}
        self.baselines: dict[Series, tuple[int | None, ...]] = {}
        """History before the day, as it was known when the series was first counted on it."""
        self.series: dict[Watched, SeriesDay] = {}

    @property
    def over(self) -> bool:
        """Whether nothing that is found of it is news: it pages nobody."""
        return self.closed or self.backfilled

    def is_known(self) -> bool:
        """Whether anybody has spoken about it: a day without a count is zero then, and unknown otherwise."""
        return self.quiet or bool(self.cells)

    def bounds_by_place(self) -> dict[Key, Bounds]:
        """The bounds of each group at each place that a way up has touched: what was said last holds."""
        bounds: dict[Key, Bounds] = {}
        for (group, deepest, _), (certain, possible) in self.bounds.items():
            ways = zip(place(deepest).ancestry, decode_pairs(certain), decode_pairs(possible), strict=False)
            for path, (_, at_least), (_, at_most) in ways:
                bounds[group, path] = (at_least, at_most)
        return bounds

    def shares(self, watchlist: Watchlist) -> Iterator[tuple[Watched, int]]:
        """What each of the figures is of the count of each series that it is part of."""
        for key, cell in self.cells.items():
            for figure, watched in watchlist.route_cell(key):
                yield watched, figure(cell)
        for key, bounds in self.bounds_by_place().items():
            for figure, watched in watchlist.route_bound(key):
                yield watched, figure(bounds)

    def recount(self) -> None:
        """Make the counts of the watched series from the figures."""
        self.series = {}
        for watched, count in self.shares(self.watchlist):
            if count:
                series_day = self.series.get(watched)
                if series_day is None:
                    series_day = self.series[watched] = SeriesDay(watched)
                series_day.count += count

    def count_now(self, series: Series) -> int:
        """The day's count of a series; 0 where none is kept, since nothing is counted or no rule watches it."""
        watched = self.watchlist.watch(series)
        series_day = None if watched is None else self.series.get(watched)
        return 0 if series_day is None else series_day.count

    def count_of(self, series: Series, watchlist: Watchlist) -> int:
        """The day's count of any series that a watchlist watches, from the figures."""
        return sum(count for watched, count in self.shares(watchlist) if watched.series == series)


@dataclasses.dataclass(frozen=True, slots=True)
class Orphan:
    """An active alert whose rule is no longer in force."""

    day: Day
    ruled: Ruled
    series: Series
    judged_by: Watchlist
    cause: Cause


@dataclasses.dataclass(frozen=True, slots=True)
class Adopted:
    """Rules that took force within the input at hand."""

    cause: Cause
    unusable_before: Collection[str]
    """Ids of the alert rules that could not be used until then."""


class Watch:
    """Surveillance of one `events` partition. Advanced by `watch` alone."""

    __slots__ = (
        "adopted", "closing", "days", "detectors", "in_force", "orphans", "pending", "rules_by_hash", "sealing",
        "sequence", "watchlists",
    )  # fmt: skip

    def __init__(self, rules_by_hash: RulesByHash, detectors: Mapping[str, DetectorOf] = DETECTORS) -> None:
        self.rules_by_hash = rules_by_hash
        self.detectors = detectors
        self.in_force: Watchlist | None = None
        self.watchlists: dict[str, Watchlist] = {}
        self.days: dict[DayKey, Day] = {}
        self.sequence = 0
        """Of the next alert in its chain."""
        # What the input at hand has touched so far; empty between inputs.
        self.pending: dict[SeriesDay, tuple[Day, Cause]] = {}
        self.closing: dict[Day, Cause] = {}
        self.sealing: list[DayKey] = []
        self.orphans: list[Orphan] = []
        self.adopted: Adopted | None = None

    @property
    def settled(self) -> bool:
        """Whether nothing waits for the end of its input: only then is there a snapshot to take."""
        return not (self.pending or self.closing or self.orphans or self.adopted)

    def watchlist(self, rules_hash: str) -> Watchlist:
        """The compiled rules of that hash.

        Raises:
            RulesError: they are not known here.
        """
        watchlist = self.watchlists.get(rules_hash)
        if watchlist is None:
            try:
                rules = self.rules_by_hash(rules_hash)
            except LookupError:
                raise RulesError(
                    f"Rules {rules_hash} are named by an event but not known here. They are published to the topic "
                    "`rules` before anything is decided under them: read that topic to its end first."
                ) from None
            watchlist = self.watchlists[rules_hash] = Watchlist(rules_hash, rules, self.detectors)
        return watchlist

    def day(self, theatre: str, date: str, watchlist: Watchlist, value: bytes) -> Day:
        """The day, kept from now on if this event (its record's value) is its first mention."""
        day = self.days.get((theatre, date))
        if day is None:
            day = self.days[theatre, date] = Day(theatre, date, watchlist)
            day.backfilled = watchlist.is_over(date, decode_circumstances(value).recorded_at)
        return day

    def series_day(self, day: Day, watched: Watched) -> SeriesDay:
        """The day of a series, with its limits."""
        series_day = day.series.get(watched)
        if series_day is None:
            series_day = day.series[watched] = SeriesDay(watched)
            if watched.limits is None or day.standings:
                self.set_limits(day, series_day)
            else:  # the usual case, and the hot one
                series_day.limits, series_day.ceiling = watched.limits, watched.ceiling
        return series_day

    def set_limits(self, day: Day, series_day: SeriesDay) -> None:
        """Ask each detector, once, for the smallest count that is abnormal."""
        watched = series_day.watched
        if watched.limits is None:
            series_day.limits = tuple(ruled.limit(self.history(day, watched, ruled)) for ruled in watched.rules)
        else:
            series_day.limits = watched.limits
        series_day.bracket(day.standings)

    def history(self, day: Day, watched: Watched, ruled: Ruled) -> tuple[int | None, ...]:
        """The counts that a rule's detector looks back at, fixed when the series was first counted on that day."""
        wanted = ruled.detector.history_days
        if not wanted:
            return ()
        series = watched.series
        baseline = day.baselines.get(series)
        if baseline is None:
            baseline = day.baselines[series] = tuple(self._look_back(day, watched))
        return baseline[-wanted:]

    def _look_back(self, day: Day, watched: Watched) -> Iterator[int | None]:
        date = dt.date.fromisoformat(day.date)
        for days in range(watched.history_days, 0, -1):
            before = self.days.get((day.theatre, (date - dt.timedelta(days=days)).isoformat()))
            if before is None or not before.is_known():
                yield None
            elif before.watchlist is day.watchlist:
                series_day = before.series.get(watched)
                yield series_day.count if series_day else 0
            else:
                yield before.count_of(watched.series, day.watchlist)


def cause_of(value: bytes, event_id: bytes) -> Cause:
    """An event as the cause of a statement."""
    event = decode_circumstances(value)
    report = None if event.report is None else f"{event.report.source}/{event.report.id}"
    return Cause(event_id.hex(), report, event.type == "rules.adopted")
