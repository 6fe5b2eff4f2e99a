"""However many scopes a history speaks of: no more than the bound are in force; the rest is as if it was not said."""

from __future__ import annotations

import dataclasses

from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_histories import Told, assert_counted_as_by_somebody_else, histories, send
from ledger_world import World

from incident_pipeline.event import Event, EventType
from incident_pipeline.ledger import Ledger, fold
from incident_pipeline.line import Line, LineKind, NotCounted

BOUNDS = st.integers(0, 4)
TOO_MANY = NotCounted.TOO_MANY_SCOPES


def scopes_in_force(ledger: Ledger, theatre: str, day: str) -> set[tuple[str, str]]:
    """(attribution, place) for which a day's book of statements holds a number."""
    opened = ledger.days.get((theatre, day))
    return {(groups, place) for _, groups, place in opened.statements} if opened else set()


def is_number(event: Event) -> bool:
    """Whether an event is about a number or a quiet statement that was held against the bound."""
    if event.line is not None and event.line.kind is LineKind.ITEM:
        return False
    stated = event.line or event.quiet
    return stated is not None and stated.not_counted in {None, TOO_MANY}


@given(histories(10), BOUNDS)
@settings(deadline=None)
def test_a_number_is_refused_where_it_would_be_one_scope_too_many_and_nowhere_else(
    history: list[Told], bound: int
) -> None:
    world, refolded = World(scopes_per_theatre_day=bound), Ledger()
    for told in history:
        for event in send(world, told):
            stated = event.line or event.quiet
            if stated is not None and is_number(event):
                known = scopes_in_force(refolded, event.theatre, stated.day)
                is_too_many = len({*known, (stated.attribution, stated.place)}) > max(bound, len(known))
                assert (stated.not_counted is TOO_MANY) == is_too_many
                assert (event.type is EventType.LINE_NOT_COUNTED) == is_too_many
            fold(refolded, event, world.book)
        for theatre, day in refolded.days:
            assert len(scopes_in_force(refolded, theatre, day)) <= bound
    assert refolded == world.ledger


@given(histories(10), BOUNDS)
@settings(deadline=None)
def test_counts_are_those_of_what_was_not_refused_counted_by_somebody_else(history: list[Told], bound: int) -> None:
    world, admitted = World(scopes_per_theatre_day=bound), []
    for told in history:
        events = send(world, told)
        refused = {event.line.index for event in events if event.line and event.line.not_counted is TOO_MANY}
        refused |= {event.quiet.index for event in events if event.quiet and event.quiet.not_counted is TOO_MANY}
        stated = tuple(each for index, each in enumerate(told.stated) if index not in refused)
        admitted.append(dataclasses.replace(told, stated=stated))
        assert not any(isinstance(told.stated[index], Line) and told.stated[index].kind == "item" for index in refused)
    assert_counted_as_by_somebody_else(world, admitted)
