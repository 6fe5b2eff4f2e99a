"""The worked cases of the law of counting, sent through the ledger as reports."""

from __future__ import annotations

import msgspec
from ledger_world import (
    ALEPPO,
    HAMA,
    HOUR_MS,
    IDLIB,
    LATAKIA,
    NOON_MS,
    NW,
    SARAQIB,
    World,
    aggregate,
    item,
    quiet,
    refold,
)

EITHER = "hts|tip"


def test_case_1_a_number_for_two_groups_is_a_cell_of_its_own_and_bounds_each_group() -> None:
    world = World()
    world.report("centre", aggregate("centre", 2, EITHER, IDLIB))
    assert world.total() == (2, 2, 0, 2)
    assert world.cell(EITHER, IDLIB) == (2, 2, 0, 2)
    assert world.bounds("hts") == world.bounds("tip") == (0, 2)


def test_case_2_a_news_desk_that_repeats_the_centre_counts_in_raw_alone() -> None:
    world = World()
    world.report("centre", aggregate("centre", 2, EITHER, IDLIB))
    events = world.report("desk", aggregate("centre", 2, EITHER, IDLIB))
    assert [event.type for event in events] == ["report.retold"]
    assert world.total() == (2, 4, 0, 2)


def test_case_3_an_item_within_a_number_is_absorbed_and_makes_one_certain() -> None:
    world = World()
    world.report("centre", aggregate("centre", 2, EITHER, IDLIB))
    world.report("a", item("a", "hts"))
    assert world.total() == (2, 3, 1, 3)
    assert (world.cell("hts", SARAQIB)[0], world.cell(EITHER, IDLIB)[0]) == (1, 1)
    assert world.bounds("hts") == (1, 2)


def test_case_4_a_second_observer_of_the_same_incident_adds_to_raw_and_corroborates() -> None:
    world = World()
    world.report("centre", aggregate("centre", 2, EITHER, IDLIB))
    first = world.report("a", item("a", "hts"))[0]
    second = world.report("b", item("b", "hts", minute=865))[0]
    assert world.total() == (2, 4, 1, 3)
    assert (second.type, second.incident_id) == ("incident.corroborated", first.incident_id)


def test_case_5_of_two_parties_numbers_the_larger_counts_and_the_smaller_is_corroborated() -> None:
    world = World()
    world.report("centre", aggregate("centre", 8, place=IDLIB))
    world.report("ministry", aggregate("ministry", 5, place=IDLIB))
    assert world.total() == (8, 13, 5, 13)


def test_case_6_numbers_for_different_groups_add_up_and_corroborate_nothing() -> None:
    world = World()
    world.report("centre", aggregate("centre", 8, EITHER, IDLIB))
    world.report("turkish", aggregate("turkish", 7, "gov", IDLIB))
    assert world.total() == (15, 15, 0, 15)


def test_case_7_a_wider_number_adds_what_the_narrower_ones_leave() -> None:
    world = World()
    world.report("centre", aggregate("centre", 6, place=IDLIB), aggregate("centre", 2, place=ALEPPO))
    world.report("ministry", aggregate("ministry", 10))
    assert world.total() == (10, 18, 8, 18)
    assert [world.cell("unattributed", place)[0] for place in (IDLIB, ALEPPO, NW)] == [6, 2, 2]


def test_case_8_a_partys_later_number_replaces_its_earlier_one_in_whatever_order_they_come() -> None:
    noon, evening = (3, NOON_MS), (5, NOON_MS + 8 * HOUR_MS)
    for order in ((noon, evening), (evening, noon)):
        world = World()
        for count, published_ms in order:
            world.report("centre", aggregate("centre", count, place=IDLIB), published_ms=published_ms)
        assert world.total() == (5, 5, 0, 5)


def test_case_9_a_total_counts_in_raw_for_its_surplus_alone() -> None:
    world = World()
    parts = [aggregate("centre", n, place=place) for n, place in ((5, LATAKIA), (3, HAMA), (5, IDLIB))]
    world.report("centre", aggregate("centre", 14, raw=1), *parts)
    assert world.total() == (14, 14, 0, 14)
    assert world.cell("unattributed", NW)[:2] == (1, 1)


def test_case_10_a_quiet_statement_is_zero_with_coverage() -> None:
    world = World()
    events = world.report("centre", quiet("centre", "moderate"))
    assert [event.type for event in events if event.quiet] == ["day.quiet"]
    assert world.total() == (0, 0, 0, 0)


def test_case_12_a_partys_items_win_over_its_smaller_number() -> None:
    world = World()
    world.report("a", *(item("a", minute=minute) for minute in (600, 700, 800)))
    world.report("a", aggregate("a", 2, place=IDLIB))
    assert world.total() == (3, 5, 0, 3)


def test_case_13_after_a_retraction_the_other_partys_number_is_left() -> None:
    world = World()
    world.report("centre", aggregate("centre", 8, place=IDLIB), report_id="bulletin")
    world.report("ministry", aggregate("ministry", 5, place=IDLIB))
    world.report("centre", retracts="bulletin")
    assert world.total() == (5, 5, 0, 5)


def test_case_14_an_exchange_of_fire_is_two_incidents() -> None:
    world = World()
    world.report("a", item("a", "hts", against="gov"))
    world.report("b", item("b", "gov", against="hts"))
    assert world.total() == (2, 2, 0, 2)


def test_case_15_a_retelling_with_another_number_is_a_conflict_and_counts_in_raw_alone() -> None:
    world = World()
    world.report("centre", aggregate("centre", 8, place=IDLIB))
    events = world.report("desk", aggregate("centre", 9, place=IDLIB))
    assert (events[0].type, events[0].flags) == ("report.retold", ("conflict",))
    assert world.total() == (8, 17, 0, 8)


def test_case_16_a_unit_is_absorbed_once() -> None:
    world = World()
    world.report("centre", aggregate("centre", 5, "hts", IDLIB), aggregate("centre", 5, "gov", IDLIB))
    world.report("ministry", aggregate("ministry", 5, place=SARAQIB))
    assert world.total() == (10, 15, 5, 15)
    assert world.cell("unattributed", SARAQIB)[0] == world.cell("hts", IDLIB)[0] == 5
    assert world.bounds("gov") == world.bounds("hts") == (5, 5)


def test_case_17_items_numbers_and_two_tellers_together() -> None:
    world = World()
    world.report("centre", aggregate("centre", 3, EITHER, IDLIB), aggregate("centre", 2, "gov", IDLIB))
    world.report("a", item("a", minute=600), item("a", minute=800))
    world.report("b", item("b", minute=602))
    assert world.total() == (5, 8, 2, 7)


def test_folding_the_events_of_a_case_gives_its_state() -> None:
    world = World()
    world.report("centre", aggregate("centre", 3, EITHER, IDLIB), aggregate("centre", 2, "gov", IDLIB), report_id="x")
    world.report("a", item("a", minute=600), item("a", minute=800))
    world.report("b", item("b", minute=602))
    world.report("centre", retracts="x")
    assert refold(world) == world.ledger


def test_a_village_whose_spelling_was_nearly_known_is_that_village() -> None:
    world = World()
    first = world.report("a", item("a", "hts"))[-1]
    near = msgspec.structs.replace(item("b", "hts", minute=862), place_name="Sarakeb", flags=("place_near",))
    second = world.report("b", near)[-1]
    assert (second.type, second.incident_id) == ("incident.corroborated", first.incident_id)


def test_two_unknown_villages_of_one_province_are_not_taken_for_one() -> None:
    world = World()
    for source, name in (("a", "Ain Sawda"), ("b", "Ain Hamra")):
        unknown = msgspec.structs.replace(item(source, "hts", IDLIB), place_name=name, flags=("place_unknown",))
        world.report(source, unknown)
    assert world.total() == (2, 2, 0, 2)
