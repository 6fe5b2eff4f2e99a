"""The alert rules of one version, compiled: which series a changed cell or bound moves, and who judges them.

Patterns are matched once for each cell and each way up; after that a change finds its series with one look-up.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from operator import attrgetter, itemgetter
from typing import Any, TypeVar

from incident_pipeline.alert import Series
from incident_pipeline.catalogue.model import AlertRule, Basis, Bound, Rules, SeriesKind
from incident_pipeline.codec import time_ms
from incident_pipeline.counting import places
from incident_pipeline.days import MonitoringDays
from incident_pipeline.event import ANY
from incident_pipeline.line import UNATTRIBUTED
from incident_pipeline.surveillance.detectors import Detector, DetectorOf, History, NoDetector, detector_of

ROUTES_IN_MEMORY = 100_000
"""Cells and ways up whose series are remembered, for each version of the rules: some 40 MB; above it they are
matched afresh."""

NEVER = 1 << 62
"""Limit of a detector that cannot fire; no count comes near."""


class RulesError(Exception):
    """The rules that an event names are not known."""


@dataclasses.dataclass(frozen=True, slots=True)
class Unusable:
    """A rule that has no detector, and why."""

    rule: AlertRule
    why: NoDetector


@dataclasses.dataclass(frozen=True, slots=True)
class Ruled:
    """A rule and its detector."""

    rule: AlertRule
    detector: Detector

    def limit(self, history: History) -> int:
        """The smallest count that is abnormal after a history; `NEVER` where none is."""
        limit = self.detector.verdict(history, 0).limit
        return NEVER if limit is None else max(1, limit)


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """A series that at least one rule watches. There is one of it for each series and watchlist: compared as such."""

    series: Series
    rules: tuple[Ruled, ...]
    history_days: int
    """The longest history that one of the rules looks at."""
    limits: tuple[int, ...] | None
    """The smallest count that is abnormal, by rule, where no rule looks at history: the same on every day."""
    ceiling: int
    """The smallest of those limits."""

    @classmethod
    def of(cls, series: Series, rules: tuple[Ruled, ...]) -> Watched:
        """A series with the rules that match it."""
        history_days = max(ruled.detector.history_days for ruled in rules)
        limits = None if history_days else tuple(ruled.limit(()) for ruled in rules)
        return cls(series, rules, history_days, limits, min(limits) if limits else NEVER)


Figure = Callable[[Any], Any]
"""Picks the basis out of a cell, the bound out of the two, or the step out of a way up: [before, after] of a change,
the count of what is kept."""
Route = tuple[Figure, Watched]
Key = tuple[str, str]
"""(attribution or group, place path)"""
WayKey = tuple[str, str, int]
"""(group, place path, steps) of bounds that changed at a place and above it: at so many places in all."""
WayRoutes = tuple[WayKey, tuple[Route, ...], tuple[Route, ...]]
"""A way up, the same object for all days; what its certain counts move; what the possible ones do."""

Bounds = tuple[int, int]
"""(certain, possible) of a group at a place, as they stand."""

_step = cache(itemgetter)
_CERTAIN, _POSSIBLE = itemgetter(0), itemgetter(1)
_FIGURES: dict[str, Figure] = {
    **{basis: attrgetter(basis) for basis in Basis},
    Bound.CERTAIN: _CERTAIN,
    Bound.POSSIBLE: _POSSIBLE,
}


_K = TypeVar("_K")
_V = TypeVar("_V")
_OF_GROUP = (SeriesKind.GROUP, SeriesKind.GROUP_PLACE)


class Watchlist:
    """The alert rules of one version of the rules: those that can be used, and those that cannot."""

    __slots__ = (
        "bounded", "bounds", "calendar", "cells", "kinds", "late_after_ms", "ruled", "rules_hash", "unusable",
        "watched", "watches_cells", "ways",
    )  # fmt: skip

    def __init__(self, rules_hash: str, rules: Rules, detectors: Mapping[str, DetectorOf]) -> None:
        self.rules_hash = rules_hash
        self.calendar = MonitoringDays(rules.mission.time_zone, rules.mission.day_ends_at)
        self.late_after_ms = rules.limits.late_after_seconds * 1_000
        self.ruled: list[Ruled] = []
        self.unusable: dict[str, Unusable] = {}
        for rule in rules.alerts:
            detector = detector_of(rule.detector, rule.settings, detectors)
            if isinstance(detector, NoDetector):
                self.unusable[rule.id] = Unusable(rule, detector)
            else:
                self.ruled.append(Ruled(rule, detector))
        self.kinds = tuple(sorted({(each.rule.series, each.rule.basis) for each in self.ruled}))
        """What a series must be for any rule to watch it: most changes are of no such series."""
        self.bounded = {kind for kind, basis in self.kinds if kind in _OF_GROUP and basis is Basis.DEDUPLICATED}
        """What a series must be for bounds to be its count."""
        self.watches_cells = any(
            kind is SeriesKind.PLACE or (kind in _OF_GROUP and basis is not Basis.DEDUPLICATED)
            for kind, basis in self.kinds
        )
        """Whether any cell but a theatre's total can move a series."""
        self.watched: dict[Series, Watched | None] = {}
        """Bounded by the catalogue: groups times places times rules."""
        self.cells: dict[Key, tuple[Route, ...]] = {}
        self.bounds: dict[Key, tuple[Route, ...]] = {}
        self.ways: dict[WayKey, WayRoutes] = {}

    def is_over(self, date: str, recorded_at: str) -> bool:
        """Whether a day was over by the time (RFC 3339) at which it was first spoken of."""
        return time_ms(recorded_at) >= self.calendar.end_ms(dt.date.fromisoformat(date)) + self.late_after_ms

    def watch(self, series: Series) -> Watched | None:
        """The series with the rules that match it; None where no rule does."""
        try:
            return self.watched[series]
        except KeyError:
            ruled = tuple(each for each in self.ruled if _matches(each.rule, series))
            watched = self.watched[series] = Watched.of(series, ruled) if ruled else None
            return watched

    def holds(self, rule_id: str, series: Series) -> bool:
        """Whether that rule watches the series."""
        watched = self.watch(series)
        return watched is not None and any(ruled.rule.id == rule_id for ruled in watched.rules)

    def route_cell(self, key: Key) -> tuple[Route, ...]:
        """The series that a change of this cell moves."""
        routes = self.cells.get(key)
        if routes is None:
            routes = _remember(self.cells, key, tuple(self._routes(_series_of_cell(*key, self.kinds))))
        return routes

    def route_bound(self, key: Key) -> tuple[Route, ...]:
        """The series that a group's bounds at one place are the counts of."""
        routes = self.bounds.get(key)
        if routes is None:
            routes = _remember(self.bounds, key, tuple(self._routes(_series_of_bound(*key, self.bounded))))
        return routes

    def route_way(self, key: WayKey) -> WayRoutes:
        """The way up that all days share, with the series that a change of a group's bounds on it moves."""
        routes = self.ways.get(key)
        if routes is None:
            group, deepest, steps = key
            depth, _, ancestry = places.place(deepest)
            certain: list[Route] = []
            possible: list[Route] = []
            for step in range(0 if SeriesKind.GROUP_PLACE in self.bounded else depth, min(steps, depth + 1)):
                for figure, watched in self.route_bound((group, ancestry[step])):
                    (certain if figure is _CERTAIN else possible).append((_step(step), watched))
            routes = _remember(self.ways, key, (key, tuple(certain), tuple(possible)))
        return routes

    def _routes(self, all_series: Iterator[Series]) -> Iterator[Route]:
        for series in all_series:
            watched = self.watch(series)
            if watched is not None:
                deduplicated_group = series.bound is not None and series.basis is Basis.DEDUPLICATED
                yield _FIGURES[series.bound if deduplicated_group and series.bound else series.basis], watched


def _remember(known: dict[_K, _V], key: _K, routes: _V) -> _V:
    if len(known) >= ROUTES_IN_MEMORY:
        known.clear()
    known[key] = routes
    return routes


def _matches(rule: AlertRule, series: Series) -> bool:
    """Whether a rule watches a series; its patterns are on ids, the last of the path for a place."""
    theatre, _, below = series.place.partition("/")
    return (
        rule.series is series.kind
        and rule.basis is series.basis
        and (series.bound is None or rule.bound is series.bound)
        and fnmatchcase(theatre, rule.theatre)
        and (series.group is None or fnmatchcase(series.group, rule.group))
        and (not below or fnmatchcase(below.rpartition("/")[2], rule.place))
    )


Kinds = tuple[tuple[SeriesKind, Basis], ...]


def _series_of_cell(attribution: str, place: str, kinds: Kinds) -> Iterator[Series]:
    """Every series of these kinds that a cell's figures are part of; the theatre itself is no place of its own."""
    theatre, *below = place.split("/")
    if attribution == ANY:
        if not below:
            for basis in Basis:
                yield Series(basis=basis, kind=SeriesKind.THEATRE, place=place)
        return
    groups = [] if attribution == UNATTRIBUTED else attribution.split("|")
    for kind, basis in kinds:
        path = theatre
        for step in ("", *below):
            path = f"{path}/{step}" if step else path
            if kind is SeriesKind.PLACE and step:
                yield Series(basis=basis, kind=kind, place=path)
            elif kind is (SeriesKind.GROUP_PLACE if step else SeriesKind.GROUP) and basis is not Basis.DEDUPLICATED:
                yield from _series_of_groups(kind, basis, groups, path)


def _series_of_groups(kind: SeriesKind, basis: Basis, groups: list[str], place: str) -> Iterator[Series]:
    """Bounds of the bases that carry none: a cell of one group is certain, a cell that names it is possible."""
    for group in groups:
        if len(groups) == 1:
            yield Series(basis=basis, bound=Bound.CERTAIN, group=group, kind=kind, place=place)
        yield Series(basis=basis, bound=Bound.POSSIBLE, group=group, kind=kind, place=place)


def _series_of_bound(group: str, place: str, bounded: Collection[SeriesKind]) -> Iterator[Series]:
    """The series of these kinds whose count a group's bounds at a place are."""
    kind = SeriesKind.GROUP_PLACE if "/" in place else SeriesKind.GROUP
    if kind not in bounded:
        return
    for bound in Bound:
        yield Series(basis=Basis.DEDUPLICATED, bound=bound, group=group, kind=kind, place=place)
