"""Many days that end at once are ended over several inputs: what one input causes stays bounded."""

from __future__ import annotations

import datetime as dt

from ledger_world import DAY_MS, NOON_MS, World, aggregate, refold

from incident_pipeline.event import EventType
from incident_pipeline.ledger import snapshot

YEAR_MS = 500 * DAY_MS


def spoken_of(days: int, **limits: int) -> World:
    world = World(**limits)
    for number in range(days):
        day = dt.date(2020, 3, 9) + dt.timedelta(days=number)
        world.report("a", aggregate("a", 2, day=day.isoformat()))
    return world


def test_one_input_ends_no_more_days_than_it_may() -> None:
    world = spoken_of(7, days_per_input=3)
    now_ms = NOON_MS + 20 * DAY_MS
    closed = [[event.day for event in world.tick(now_ms)] for _ in range(4)]
    assert closed == [
        ["2020-03-09", "2020-03-10", "2020-03-11"],
        ["2020-03-12", "2020-03-13", "2020-03-14"],
        ["2020-03-15"],
        [],
    ]


def test_a_report_that_comes_in_between_goes_on_where_the_tick_stopped() -> None:
    world = spoken_of(5, days_per_input=3)
    now_ms = NOON_MS + 20 * DAY_MS
    world.tick(now_ms)
    events = world.report("b", aggregate("b", 1), recorded_ms=now_ms)
    assert [event.day for event in events if event.type is EventType.DAY_CLOSED] == ["2020-03-12", "2020-03-13"]
    assert world.total() == (2, 3, 1, 3)


def test_in_the_end_all_are_closed_and_sealed_and_a_refold_says_the_same() -> None:
    world = spoken_of(7, days_per_input=3)
    while world.tick(NOON_MS + YEAR_MS):
        pass
    types = [event.type for event in world.events]
    assert types.count(EventType.DAY_CLOSED) == types.count(EventType.DAY_SEALED) == 7
    assert snapshot.to_bytes(refold(world)) == snapshot.to_bytes(world.ledger)
