"""Surveillance of one event at a time: `watch` moves the counts of series, and says what is to be said of them.

An input (a report, a tick, a change of rules) is judged once, when its last event is in, by the state that it leaves:
so a count that only passes a limit between two events of one input raises nothing. What is said of a day follows
from the events of the partition alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from incident_pipeline.alert import Said
from incident_pipeline.event import ANY, EventType
from incident_pipeline.surveillance.state import Adopted, Cause, Day, Figures, Orphan, SeriesDay, Watch, cause_of
from incident_pipeline.surveillance.statements import settle
from incident_pipeline.surveillance.view import EventView, decode_circumstances, decode_event, decode_pairs
from incident_pipeline.surveillance.watchlist import Route, Watchlist

_NO_DATE = ""
_CLOSED = EventType.DAY_CLOSED.value
_SEALED = EventType.DAY_SEALED.value
_ADOPTED = EventType.RULES_ADOPTED.value
_WITHOUT_COUNTS = frozenset({_CLOSED, _SEALED, _ADOPTED, EventType.DAY_QUIET.value})


def watch(state: Watch, value: bytes, event_id: bytes) -> list[Said]:
    """Advance the state by one event of its partition, in place, and return what is to be said.

    The events (`value` and 32 bytes of id of their records) are those that extend the chain, in its order. What is said
    comes numbered: `sequence` in the chain of alerts, `step` of `steps` within the input, whose last event's sequence
    is their `input`.

    Raises:
        msgspec.ValidationError: it is no event.
        RulesError: rules that the event names are not known.
    """
    event = decode_event(value)
    in_force = state.in_force
    if in_force is None:
        in_force = state.in_force = state.watchlist(decode_circumstances(value).rules)
        if in_force.unusable:
            state.adopted = Adopted(cause_of(value, event_id), ())
    if event.type in _WITHOUT_COUNTS:
        _note(state, value, event_id, in_force)
    if event.changes or event.bounds:
        _count(state, event, value, event_id, in_force)
    if (state.pending or state.closing or state.orphans or state.adopted) and event.step + 1 >= event.steps:
        return settle(state, value)
    return []


def _count(state: Watch, event: EventView, value: bytes, event_id: bytes, in_force: Watchlist) -> None:
    """Keep the figures, and move the counts of the series that they are part of.

    Bounds are kept as they are written, and those read that somebody watches.
    """
    theatre, date = event.theatre, _NO_DATE
    for change in event.changes:
        if change.day != date:
            date = change.day
            day = state.days.get((theatre, date)) or state.day(theatre, date, in_force, value)
            watchlist = day.watchlist
        attribution = change.attribution
        cell = (attribution, change.place)
        day.cells[cell] = Figures(change.corroborated[1], change.deduplicated[1], change.high[1], change.raw[1])
        if watchlist.watches_cells or attribution == ANY:
            routes = watchlist.cells.get(cell)
            if routes is None:
                routes = watchlist.route_cell(cell)
            _move(state, day, routes, change, value, event_id)
    for bound in event.bounds:
        if bound.day != date:
            date = bound.day
            day = state.days.get((theatre, date)) or state.day(theatre, date, in_force, value)
            watchlist = day.watchlist
        said, certain, possible = day.bounds, bytes(bound.certain), bytes(bound.possible)
        way = (bound.group, bound.place, certain.count(b"[") - 1)
        way, of_certain, of_possible = watchlist.ways.get(way) or watchlist.route_way(way)
        if way in said:
            del said[way]  # the last word stands last
        said[way] = (certain, possible)
        if of_certain:
            _move(state, day, of_certain, decode_pairs(certain), value, event_id)
        if of_possible:
            _move(state, day, of_possible, decode_pairs(possible), value, event_id)


def _move(  # noqa: PLR0917 - the hot path passes no keywords
    state: Watch, day: Day, routes: tuple[Route, ...], change: object, value: bytes, event_id: bytes
) -> None:
    """Move the counts of series by one change; mark those whose verdict may be another at the input's end."""
    series, pending = day.series, state.pending
    for figure, watched in routes:
        before, after = figure(change)
        if before == after:
            continue
        series_day = series.get(watched) or state.series_day(day, watched)
        series_day.count = count = series_day.count + after - before
        if not series_day.floor <= count < series_day.ceiling:
            if series_day not in pending:
                pending[series_day] = (day, cause_of(value, event_id))
        elif pending:
            pending.pop(series_day, None)


def _note(state: Watch, value: bytes, event_id: bytes, in_force: Watchlist) -> None:
    """What time, rules and quiet statements change."""
    event = decode_circumstances(value)
    if event.type == _ADOPTED:
        _adopt(state, event.rules, cause_of(value, event_id))
    elif event.quiet is not None:
        state.day(event.theatre, event.quiet.day, in_force, value).quiet = True
    elif event.day is not None and event.type in {_CLOSED, _SEALED}:
        day = state.day(event.theatre, event.day, in_force, value)
        day.closed = True
        state.closing[day] = cause_of(value, event_id)
        if event.type == _SEALED:
            state.sealing.append((event.theatre, event.day))


def _adopt(state: Watch, rules_hash: str, cause: Cause) -> None:
    """Judge open days by other rules from here on. A closed day keeps those that it closed under."""
    watchlist = state.watchlist(rules_hash)
    before = state.in_force
    if watchlist is before:
        return
    if before is not None and (watchlist.unusable or before.unusable) and state.adopted is None:
        state.adopted = Adopted(cause, before.unusable)
    state.in_force = watchlist
    open_days = [day for day in state.days.values() if not day.closed]
    for series_day in [each for each, (day, _) in state.pending.items() if not day.closed]:
        del state.pending[series_day]
    for day in open_days:
        judged_by, day.watchlist = day.watchlist, watchlist
        day.baselines = {}
        day.recount()
        state.orphans += _orphans(day, judged_by, cause)
    for day in open_days:
        for series_day in _series_to_judge(state, day):
            state.set_limits(day, series_day)
            if not series_day.is_settled():
                state.pending[series_day] = (day, cause)
    used = {day.watchlist.rules_hash for day in state.days.values()} | {watchlist.rules_hash}
    state.watchlists = {known: each for known, each in state.watchlists.items() if known in used}


def _series_to_judge(state: Watch, day: Day) -> list[SeriesDay]:
    """The series of a day that have a count, or of which something was said."""
    for _, series in day.standings:
        watched = day.watchlist.watch(series)
        if watched is not None:
            state.series_day(day, watched)
    return list(day.series.values())


def _orphans(day: Day, before: Watchlist, cause: Cause) -> Iterator[Orphan]:
    """Alerts that stand on a rule which is no longer in force."""
    for (rule_id, series), standing in day.standings.items():
        watched = before.watch(series)
        stands = standing.active or (day.backfilled and standing.abnormal)
        if stands and watched is not None and not day.watchlist.holds(rule_id, series):
            ruled = next(ruled for ruled in watched.rules if ruled.rule.id == rule_id)
            yield Orphan(day, ruled, series, before, cause)
