"""Who only repeats a party: in `raw`, noted, and in nothing else, as long as the party's own words are in force."""

from __future__ import annotations

import pytest
from ledger_world import HOUR_MS, IDLIB, NOON_MS, NW, SARAQIB, World, aggregate, item, quiet, refold


def hour(number: int) -> int:
    return NOON_MS + number * HOUR_MS


# Numbers


def test_of_several_retellings_by_one_teller_the_latest_counts_in_raw() -> None:
    world = World()
    world.report("centre", aggregate("centre", 8))
    world.report("desk", aggregate("centre", 3), published_ms=hour(1))
    world.report("desk", aggregate("centre", 8), published_ms=hour(2))
    world.report("paper", aggregate("centre", 8), published_ms=hour(1))
    assert world.total() == (8, 24, 0, 8)


def test_with_retellings_alone_the_latest_published_counts_and_is_flagged() -> None:
    world = World()
    world.report("desk", aggregate("centre", 9), published_ms=hour(2))
    (event,) = world.report("paper", aggregate("centre", 5), published_ms=hour(1))
    assert (event.type, event.flags) == ("aggregate.recorded", ("secondhand",))
    assert world.total() == (9, 14, 0, 9)


def test_a_partys_own_number_takes_the_place_of_retellings_whatever_they_say() -> None:
    world = World()
    world.report("desk", aggregate("centre", 9), published_ms=hour(5))
    world.report("centre", aggregate("centre", 4), published_ms=hour(1))
    assert world.total() == (4, 13, 0, 4)


def test_when_the_partys_own_number_is_withdrawn_the_retellings_stand_for_it_again() -> None:
    world = World()
    world.report("centre", aggregate("centre", 4), report_id="x")
    world.report("desk", aggregate("centre", 9), published_ms=hour(1))
    world.report("paper", aggregate("centre", 7), published_ms=hour(2))
    assert world.total() == (4, 20, 0, 4)
    world.report("centre", retracts="x")
    assert world.total() == (7, 16, 0, 7)
    assert refold(world) == world.ledger


def test_a_retelling_that_gives_the_number_by_types_says_the_same_number() -> None:
    world = World()
    world.report("centre", aggregate("centre", 8))
    events = world.report("desk", aggregate("centre", 5), aggregate("centre", 3))
    assert [(event.type, event.flags) for event in events] == [("report.retold", ())] * 2
    assert world.total() == (8, 16, 0, 8)


def test_a_number_and_none_of_one_party_and_scope_replace_each_other_by_publication() -> None:
    for first, second, left in ((0, 6, 6), (6, 0, 0)):
        for swap in (False, True):
            world = World()
            statements = [
                (quiet("centre", "hts") if n == 0 else aggregate("centre", n, "hts"), hour(at))
                for at, n in enumerate((first, second))
            ]
            for stated, published_ms in reversed(statements) if swap else statements:
                world.report("centre", stated, published_ms=published_ms)
            assert world.total() == (left, left, 0, left)


def test_a_retold_none_never_overrides_the_partys_own_number() -> None:
    world = World()
    world.report("centre", aggregate("centre", 6, "hts"))
    (event,) = world.report("desk", quiet("centre", "hts"), published_ms=hour(3))
    assert (event.type, event.decided_by.rule, event.flags) == ("day.quiet", "other-number", ("conflict",))
    assert world.total() == (6, 6, 0, 6)


def test_numbers_of_a_party_that_reports_increments_add_up_and_one_can_be_withdrawn() -> None:
    world = World()
    for number, count in enumerate((2, 3, 4)):
        events = world.report("sentry", aggregate("sentry", count, increment=True), report_id=f"n{number}")
        assert events[-1].decided_by.rule == ("increment" if number else "first-of-party-and-scope")
    assert world.total() == (9, 9, 0, 9)
    world.report("sentry", aggregate("sentry", 1, increment=True), report_id="n1", revision=1)
    assert world.total() == (7, 7, 0, 7)
    world.report("sentry", retracts="n0")
    assert world.total() == (5, 5, 0, 5)
    (event,) = world.report("desk", aggregate("sentry", 5, increment=True))
    assert (event.type, event.flags) == ("report.retold", ())
    assert world.total() == (5, 10, 0, 5)


# Items


def test_a_retold_item_in_other_words_adds_to_raw_alone() -> None:
    world = World()
    (own,) = world.report("centre", item("centre"))[-1:]
    (event,) = world.report("desk", item("centre", "hts", minute=880, kind="K2"))
    assert (event.type, event.incident_id, event.decided_by.rule) == ("report.retold", own.incident_id, "pair-score-1")
    assert event.decided_by.score is not None
    assert world.total() == (1, 2, 0, 1)
    assert (world.cell("unattributed", SARAQIB)[0], world.cell("hts", SARAQIB)) == (1, (0, 1, 0, 0))
    assert world.bounds("hts") == (0, 0)


def test_a_retold_item_does_not_make_another_partys_incident_the_partys_too() -> None:
    world = World()
    world.report("centre", item("centre", minute=860))
    world.report("b", item("b", minute=1_000))
    world.report("desk", item("centre", minute=None))
    assert world.total() == (2, 3, 0, 2)


def test_a_retold_item_that_the_party_never_told_is_its_incident_at_second_hand() -> None:
    world = World()
    world.report("centre", item("centre", minute=600))
    world.report("desk", item("centre", minute=900))
    assert world.total() == (2, 2, 0, 2)


def test_items_of_one_party_told_by_two_others_are_one_incident() -> None:
    world = World()
    world.report("desk", item("centre", minute=600))
    (event,) = world.report("paper", item("centre", minute=605, kind="K2"))
    assert event.type == "report.retold"
    assert world.total() == (1, 2, 0, 1)


@pytest.mark.parametrize("own_first", [True, False])
def test_own_and_retold_item_count_alike_in_either_order(own_first: bool) -> None:
    world = World()
    own = ("centre", item("centre", minute=600))
    retold = ("desk", item("centre", "hts", minute=610))
    for source, stated in (own, retold) if own_first else (retold, own):
        world.report(source, stated)
    assert world.total() == (1, 2, 0, 1)
    assert world.cell("hts", SARAQIB) == (0, 1, 0, 0)
    assert {event.incident_id for event in world.events if event.incident_id} == {world.events[1].incident_id}
    assert refold(world) == world.ledger


def test_when_the_own_item_is_withdrawn_its_retelling_tells_the_incident_under_the_same_id() -> None:
    world = World()
    (own,) = world.report("centre", item("centre", minute=600), report_id="x")[-1:]
    world.report("desk", item("centre", "hts", minute=610))
    events = world.report("centre", retracts="x")
    assert [event.type for event in events] == ["report.retracted"]
    assert world.total() == (1, 1, 0, 1)
    assert world.cell("hts", SARAQIB)[0] == 1
    (incident,) = world.ledger.days["nw", "2020-03-09"].incidents()
    assert incident == own.incident_id
    world.report("desk", retracts="r1")
    assert world.total() == (0, 0, 0, 0)
    assert world.events[-1].type == "incident.withdrawn"
    assert refold(world) == world.ledger


def test_a_retelling_left_alone_tells_an_incident_of_its_own_though_the_own_item_was_told_by_another_too() -> None:
    world = World()
    world.report("b", item("b", minute=590))
    (own,) = world.report("centre", item("centre", minute=600), report_id="x")
    world.report("desk", item("centre", minute=655))  # near the centre's item, and too late for b's
    (withdrawn,) = world.report("centre", retracts="x")
    new_id = f"{withdrawn.report.partition}-{withdrawn.report.offset}-{withdrawn.step}" if withdrawn.report else ""
    assert {grouping.incident_id: len(grouping.items) for grouping in withdrawn.groupings} == {
        own.incident_id: 1,
        new_id: 1,
    }
    assert world.total() == (2, 2, 0, 2)
    world.report("desk", retracts="r2")
    assert (world.events[-1].type, world.events[-1].incident_id) == ("incident.withdrawn", new_id)
    assert refold(world) == world.ledger


def test_a_retelling_of_two_own_items_stays_aside_until_both_are_withdrawn() -> None:
    world = World()
    for number, minute in enumerate((600, 640)):
        world.report("centre", item("centre", minute=minute), report_id=f"x{number}")
    world.report("desk", item("centre", minute=620))
    assert world.total() == (2, 3, 0, 2)
    world.report("centre", retracts="x0")
    assert world.total() == (1, 2, 0, 1)
    world.report("centre", retracts="x1")
    assert world.total() == (1, 1, 0, 1)


def test_a_party_that_tells_the_same_item_again_in_the_same_words_tells_one_incident() -> None:
    world = World()
    world.report("a", item("a"))
    world.report("a", item("a"))
    assert world.total() == (1, 2, 0, 1)
    world.report("a", item("a", minute=870))
    assert world.total() == (2, 3, 0, 2)


def test_a_number_is_no_retelling_of_an_item() -> None:
    world = World()
    world.report("centre", item("centre"))
    world.report("desk", aggregate("centre", 3, place=IDLIB))
    assert world.total() == (3, 4, 0, 3)
    assert world.cell("unattributed", NW) == (0, 0, 0, 0)
