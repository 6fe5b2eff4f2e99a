"""However many incidents a history tells: what is one too many counts nowhere, and the rest as if it was not said."""

from __future__ import annotations

import dataclasses

from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_histories import Told, assert_counted_as_by_somebody_else, histories, send
from ledger_world import World

from incident_pipeline.ledger import Ledger, fold
from incident_pipeline.line import Line, LineKind, NotCounted

BOUNDS = st.integers(1, 3)
TOO_MANY = NotCounted.TOO_MANY_ITEMS


@given(histories(10), BOUNDS)
@settings(deadline=None)
def test_counts_are_those_of_what_was_not_refused_counted_by_somebody_else(history: list[Told], bound: int) -> None:
    world, refolded, admitted = World(items_per_block=bound), Ledger(), []
    for told in history:
        events = send(world, told)
        refused = {event.line.index for event in events if event.line and event.line.not_counted is TOO_MANY}
        kinds = {stated.kind for index in refused if isinstance(stated := told.stated[index], Line)}
        assert kinds <= {LineKind.ITEM}
        stated = tuple(each for index, each in enumerate(told.stated) if index not in refused)
        admitted.append(dataclasses.replace(told, stated=stated))
        for event in events:
            fold(refolded, event, world.book)
    assert refolded == world.ledger
    assert_counted_as_by_somebody_else(world, admitted)
