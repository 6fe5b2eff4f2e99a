"""The state of surveillance as plain data, and back. Counts, limits and routes are made again from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from incident_pipeline.alert import Series
from incident_pipeline.codec import encode
from incident_pipeline.surveillance.detectors import DETECTORS, DetectorOf
from incident_pipeline.surveillance.state import Day, Figures, RulesByHash, Standing, Watch


class _Cell(msgspec.Struct, frozen=True, array_like=True):
    attribution: str
    place: str
    raw: int
    deduplicated: int
    corroborated: int
    high: int


class _Bound(msgspec.Struct, frozen=True, array_like=True):
    group: str
    place: str
    certain: int
    possible: int


class _Standing(msgspec.Struct, frozen=True, array_like=True):
    rule: str
    series: Series
    revision: int
    abnormal: bool
    active: bool


class _Baseline(msgspec.Struct, frozen=True, array_like=True):
    series: Series
    counts: tuple[int | None, ...]


class _Day(msgspec.Struct, frozen=True, array_like=True):
    theatre: str
    date: str
    rules: str
    closed: bool
    quiet: bool
    cells: list[_Cell]
    bounds: list[_Bound]
    standings: list[_Standing]
    baselines: list[_Baseline]
    backfilled: bool = False


class _Watch(msgspec.Struct, frozen=True):
    days: list[_Day]
    rules: str | None
    sequence: int


def to_data(state: Watch) -> dict[str, Any]:
    """The state as dicts, lists, text, integers and booleans; equal states give equal data.

    Raises:
        ValueError: it stands within an input; snapshots are taken where `state.settled`.
    """
    if not state.settled:
        raise ValueError("A snapshot of surveillance is taken between two inputs, where `settled` is true.")
    days = [_day_data(state.days[key]) for key in sorted(state.days)]
    rules = None if state.in_force is None else state.in_force.rules_hash
    data: dict[str, Any] = msgspec.to_builtins(_Watch(days, rules, state.sequence))
    return data


def _day_data(day: Day) -> _Day:
    cells = [
        _Cell(*key, cell.raw, cell.deduplicated, cell.corroborated, cell.high)
        for key, cell in sorted(day.cells.items(), key=lambda item: item[0])
    ]
    bounds = [_Bound(*key, *bounds) for key, bounds in sorted(day.bounds_by_place().items(), key=lambda item: item[0])]
    standings = [
        _Standing(rule, series, standing.revision, standing.abnormal, standing.active)
        for (rule, series), standing in sorted(day.standings.items(), key=lambda item: (item[0][0], item[0][1].text))
    ]
    baselines = [
        _Baseline(series, counts) for series, counts in sorted(day.baselines.items(), key=lambda item: item[0].text)
    ]
    rules = day.watchlist.rules_hash
    said = (cells, bounds, standings, baselines)
    return _Day(day.theatre, day.date, rules, day.closed, day.quiet, *said, day.backfilled)


def from_data(
    data: Mapping[str, Any], rules_by_hash: RulesByHash, detectors: Mapping[str, DetectorOf] = DETECTORS
) -> Watch:
    """The state that `to_data` gave this data for.

    Raises:
        msgspec.ValidationError: it is not of that shape.
        RulesError: rules that it was judged by are not known.
    """
    saved = msgspec.convert(data, _Watch)
    state = Watch(rules_by_hash, detectors)
    state.sequence = saved.sequence
    state.in_force = None if saved.rules is None else state.watchlist(saved.rules)
    for saved_day in saved.days:
        day = _day_of(saved_day, state)
        state.days[day.theatre, day.date] = day
    for day in state.days.values():
        for series_day in day.series.values():
            state.set_limits(day, series_day)
    return state


def _day_of(saved: _Day, state: Watch) -> Day:
    day = Day(saved.theatre, saved.date, state.watchlist(saved.rules))
    day.closed, day.quiet, day.backfilled = saved.closed, saved.quiet, saved.backfilled
    for cell in saved.cells:
        day.cells[cell.attribution, cell.place] = Figures(cell.corroborated, cell.deduplicated, cell.high, cell.raw)
    for bound in saved.bounds:
        day.bounds[bound.group, bound.place, 1] = (encode([(0, bound.certain)]), encode([(0, bound.possible)]))
    for said in saved.standings:
        day.standings[said.rule, said.series] = Standing(said.revision, said.abnormal, said.active)
    day.baselines = {baseline.series: baseline.counts for baseline in saved.baselines}
    day.recount()
    return day
