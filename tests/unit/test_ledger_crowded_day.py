"""How many incidents of one day, neighbourhood and class of type may be in force, and what becomes of the next one."""

from __future__ import annotations

from ledger_world import SARAQIB, World, item, refold

from incident_pipeline.event import Event
from incident_pipeline.limits import Limits
from incident_pipeline.line import NotCounted

ELSEWHERE = f"{SARAQIB.rpartition('/')[0]}/sarmin"


def crowded(bound: int = 3) -> World:
    """A village in which as many incidents of a day are told as may be, hours apart from one another."""
    world = World(items_per_block=bound)
    for number in range(bound):
        world.report("observer-a", item("observer-a", minute=180 * number), report_id=f"a-{number}")
    return world


def is_refused(events: list[Event]) -> bool:
    return [event.decided_by.rule for event in events] == ["too_many_items"]


def test_the_301st_incident_is_told_as_not_counted_and_why() -> None:
    assert Limits().items_per_block == 300
    world = crowded()
    assert world.total()[0] == 3
    (event,) = world.report("observer-b", item("observer-b", minute=1_000), report_id="b")
    assert (event.type, event.decided_by.rule) == ("line.not_counted", "too_many_items")
    assert event.line is not None
    assert event.line.not_counted is NotCounted.TOO_MANY_ITEMS
    assert not event.changes
    assert world.total()[0] == 3
    assert refold(world) == world.ledger


def test_another_village_another_class_of_type_and_another_day_have_room_of_their_own() -> None:
    world = crowded()
    assert not is_refused(world.report("observer-b", item("observer-b", place=ELSEWHERE), report_id="b-1"))
    assert not is_refused(world.report("observer-b", item("observer-b", kind="P1"), report_id="b-2"))
    assert not is_refused(world.report("observer-b", item("observer-b", day="2020-03-10"), report_id="b-3"))


def test_there_is_room_again_when_an_incident_is_withdrawn_and_what_was_refused_stays_refused() -> None:
    world = crowded()
    assert is_refused(world.report("observer-b", item("observer-b", minute=1_000), report_id="b-1"))
    world.report("observer-a", report_id="a-away", retracts="a-0")
    assert world.total()[0] == 2
    assert not is_refused(world.report("observer-b", item("observer-b", minute=1_000), report_id="b-2"))
    assert world.total()[0] == 3
    assert refold(world) == world.ledger


def test_a_correction_first_makes_the_room_that_it_takes() -> None:
    world = crowded()
    moved = world.report("observer-a", item("observer-a", minute=1_100), report_id="a-0", revision=1)
    assert "too_many_items" not in [event.decided_by.rule for event in moved]
    assert world.total()[0] == 3
