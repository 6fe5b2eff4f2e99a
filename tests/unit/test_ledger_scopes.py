"""How many scopes of one theatre and day may have numbers in force, and what becomes of the next one."""

from __future__ import annotations

from ledger_world import ALEPPO, HAMA, HOUR_MS, IDLIB, LATAKIA, NOON_MS, NW, World, aggregate, item, quiet, refold

from incident_pipeline.event import Event
from incident_pipeline.ledger import snapshot
from incident_pipeline.limits import Limits
from incident_pipeline.line import NotCounted

TOMORROW = "2020-03-10"


def full(bound: int = 3) -> World:
    """A day on which the centre states numbers for as many provinces as may have them."""
    world = World(scopes_per_theatre_day=bound)
    for place in (IDLIB, LATAKIA, HAMA)[:bound]:
        world.report("centre", aggregate("centre", 4, place=place), report_id=place)
    return world


def rules(events: list[Event]) -> list[str]:
    return [event.decided_by.rule for event in events]


def is_refused(events: list[Event]) -> bool:
    return rules(events) == ["too_many_scopes"]


def test_the_301st_scope_of_a_day_is_told_as_not_counted_and_why() -> None:
    world = World()
    for first in range(0, 300, 100):
        world.report("centre", *(aggregate("centre", 1, f"group-{n:03}") for n in range(first, first + 100)))
    assert Limits().scopes_per_theatre_day == 300
    assert world.total() == (300, 300, 0, 300)
    (event,) = world.report("centre", aggregate("centre", 1, "group-300"))
    assert (event.type, event.decided_by.rule) == ("line.not_counted", "too_many_scopes")
    assert event.line is not None
    assert event.line.not_counted is NotCounted.TOO_MANY_SCOPES
    assert (event.line.attribution, event.line.count) == ("group-300", 1)
    assert not event.changes
    assert not event.bounds
    assert world.total() == (300, 300, 0, 300)
    assert refold(world) == world.ledger


def test_a_quiet_statement_is_one_scope_and_is_refused_like_a_number() -> None:
    world = full(2)
    (event,) = world.report("centre", quiet("centre", "hts"))
    assert event.quiet is not None
    assert (event.type, event.quiet.not_counted) == ("line.not_counted", "too_many_scopes")
    world = World(scopes_per_theatre_day=1)
    world.report("centre", quiet("centre", "hts"))
    assert is_refused(world.report("centre", aggregate("centre", 2)))


def test_what_is_stated_already_may_be_said_again_by_anybody_in_any_way() -> None:
    world = full()
    later_ms = NOON_MS + HOUR_MS
    assert rules(world.report("centre", aggregate("centre", 6, place=IDLIB), published_ms=later_ms)) == [
        "later-publication"
    ]
    assert rules(world.report("ministry", aggregate("ministry", 5, place=IDLIB))) == ["first-of-party-and-scope"]
    assert rules(world.report("desk", aggregate("centre", 6, place=IDLIB))) == ["same-number"]
    assert rules(world.report("desk", aggregate("observer", 2, place=HAMA))) == ["only-retold"]
    assert rules(world.report("observer", quiet("observer", "unattributed", LATAKIA))) == ["first-of-party-and-scope"]
    assert rules(world.report("observer", aggregate("observer", 1, place=HAMA, increment=True))) == [
        "first-of-party-and-scope"
    ]
    assert is_refused(world.report("ministry", aggregate("ministry", 5, place=ALEPPO)))
    assert world.total() == (14, 28, 6, 20)
    assert refold(world) == world.ledger


def test_all_lines_of_a_report_for_one_scope_count_or_none() -> None:
    world = full(2)
    events = world.report(
        "ministry",
        *(aggregate("ministry", n, place=HAMA) for n in (1, 2)),
        *(aggregate("ministry", n, place=IDLIB) for n in (3, 4)),
    )
    assert rules(events) == ["too_many_scopes"] * 2 + ["first-of-party-and-scope"] * 2
    assert world.total() == (11, 15, 4, 15)


def test_items_are_never_refused() -> None:
    world = full()
    (event,) = world.report("observer", item("observer", "hts", place=ALEPPO))
    assert event.type == "incident.recorded"
    (event,) = world.report("desk", item("ministry", "tip", place=ALEPPO, minute=100))
    assert event.type == "incident.recorded"
    assert world.total() == (14, 14, 0, 14)


def test_each_theatre_and_day_has_its_own_bound() -> None:
    world = full()
    assert is_refused(world.report("centre", aggregate("centre", 2, place=ALEPPO)))
    assert not is_refused(world.report("centre", aggregate("centre", 2, place=ALEPPO, day=TOMORROW)))
    assert not is_refused(world.report("centre", aggregate("centre", 2, place="ne/hasakah")))


def test_a_withdrawal_makes_room_once_nobody_states_the_scope_any_more() -> None:
    world = full()
    world.report("ministry", aggregate("ministry", 5, place=HAMA), report_id="m")
    world.report("centre", retracts=HAMA)
    assert is_refused(world.report("centre", aggregate("centre", 2, place=ALEPPO)))
    world.report("ministry", retracts="m")
    assert not is_refused(world.report("centre", aggregate("centre", 2, place=ALEPPO)))
    assert is_refused(world.report("centre", aggregate("centre", 2, place=HAMA)))
    assert refold(world) == world.ledger


def test_a_correction_may_move_its_number_to_another_place() -> None:
    world = full()
    events = world.report("centre", aggregate("centre", 4, place=ALEPPO), report_id=HAMA, revision=1)
    assert [event.type for event in events] == ["report.corrected", "aggregate.recorded"]
    assert world.cell("unattributed", ALEPPO) == (4, 4, 0, 4)
    assert world.cell("unattributed", HAMA) == (0, 0, 0, 0)


def test_what_was_refused_counts_when_its_source_says_it_again_in_a_revision_and_there_is_room() -> None:
    world = full()
    stated = aggregate("ministry", 5, place=ALEPPO)
    assert is_refused(world.report("ministry", stated, report_id="m"))
    world.report("centre", retracts=HAMA)
    assert rules(world.report("ministry", stated, report_id="m")) == ["same-content"]
    assert rules(world.report("ministry", stated, report_id="m", revision=1))[-1] == "first-of-party-and-scope"
    assert world.total() == (13, 13, 0, 13)


def test_a_ledger_from_a_snapshot_knows_that_the_day_is_full() -> None:
    world = full()
    world.report("observer", quiet("observer", "unattributed", NW), retracts=HAMA)
    world.ledger = snapshot.from_bytes(snapshot.to_bytes(world.ledger))
    assert is_refused(world.report("centre", aggregate("centre", 2, place=ALEPPO)))
    assert not is_refused(world.report("ministry", aggregate("ministry", 2, place=IDLIB)))
