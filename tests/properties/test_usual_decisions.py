"""The ledger's short way of most reports decides what the long way does, byte by byte."""

from __future__ import annotations

import importlib
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_histories import Told, histories, sent
from ledger_world import NOON_MS, RULES, World, book, encode_events, item

from incident_pipeline.chain import Tail
from incident_pipeline.event import EventType
from incident_pipeline.line import RulesChange

DECIDE = importlib.import_module("incident_pipeline.ledger.decide")
"""The module; by its package's name it is the function."""


def the_long_way() -> mock._patch[object]:
    """No report is usual."""
    return mock.patch.object(DECIDE, "decide_usual", return_value=None)


def the_short_way_alone() -> mock._patch[object]:
    """Whatever is not usual fails."""
    return mock.patch.object(DECIDE, "Work", None)


@given(histories(10), st.sampled_from((3, 500_000)), st.sampled_from((2, 300)), st.sampled_from((1, 300)))
@settings(deadline=None)
def test_the_short_way_and_the_long_way_give_the_same_bytes_and_the_same_state(
    history: list[Told], reports_in_memory: int, scopes: int, items: int
) -> None:
    limits = {"reports_in_memory": reports_in_memory, "scopes_per_theatre_day": scopes, "items_per_block": items}
    short = sent(history, **limits)
    with the_long_way():
        long = sent(history, **limits)
    assert encode_events(short.events, Tail()) == encode_events(long.events, Tail())
    assert short.ledger == long.ledger


def test_new_items_of_an_open_day_and_repetitions_take_the_short_way() -> None:
    world = World()
    world.report("observer", item("observer", minute=100), report_id="first")
    with the_short_way_alone():
        (alone,) = world.report("observer", item("observer", minute=600), report_id="second")
        (joined,) = world.report("ministry", item("ministry", minute=605))
        (again,) = world.report("observer", item("observer", minute=600), report_id="second")
    assert [event.type for event in (alone, joined, again)] == [
        EventType.INCIDENT_RECORDED,
        EventType.INCIDENT_CORROBORATED,
        EventType.REPORT_DUPLICATED,
    ]


def test_what_is_due_comes_before_a_usual_report() -> None:
    world = World(close_grace_seconds=60)
    world.report("observer", item("observer", minute=100))
    day_later_ms = NOON_MS + 86_400_000
    events = world.report("observer", item("observer", minute=600), recorded_ms=day_later_ms)
    assert [event.type for event in events] == [EventType.DAY_CLOSED, EventType.INCIDENT_RECORDED]


def test_a_repetition_seals_days_that_a_lowered_bound_leaves_no_room_for() -> None:
    world = World()
    for day in ("2020-03-09", "2020-03-10", "2020-03-11"):
        world.report("observer", item("observer", day=day), report_id=day)
    lowered = "1" * 64
    world.book = {**world.book, lowered: book(reports_in_memory=1)[RULES]}
    world.take(RulesChange(now_ms=NOON_MS, rules=lowered))
    events = world.report("observer", item("observer", day="2020-03-11"), report_id="2020-03-11")
    assert [event.type for event in events] == [
        EventType.REPORT_DUPLICATED,
        EventType.DAY_SEALED,
        EventType.DAY_SEALED,
    ]
