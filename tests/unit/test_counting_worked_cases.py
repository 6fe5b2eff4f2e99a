"""The worked cases of the counting law, at the level of the lines in force."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from incident_pipeline.counting import (
    Aggregate,
    Figures,
    Item,
    Retelling,
    TheatreDay,
    count,
    coverage,
    reaches,
)
from incident_pipeline.event import Change

NW = "nw"
IDLIB, LATAKIA, HAMA, ALEPPO = "nw/idlib", "nw/latakia", "nw/hama", "nw/aleppo"
SARAQIB, KAFR_NABL = "nw/idlib/saraqib", "nw/idlib/kafr-nabl"
ANY = "unattributed"


def states(party: str, n: int, attribution: str, place: str, *, raw: int | None = None, report: str = "r") -> Aggregate:
    return Aggregate(
        key=(party, f"{report}-{attribution}-{place}", 0),
        party=party,
        attribution=attribution,
        place=place,
        n=n,
        raw=n if raw is None else raw,
    )


def tells(party: str, attribution: str, place: str, minute: int | None, index: int = 0, **more: Any) -> Item:
    more = {"type": "K3", **more}
    return Item(
        key=(party, "items", index),
        party=party,
        attribution=attribution,
        place=place,
        neighbourhood=place,
        minute=minute,
        **more,
    )


def retells(n: int, attribution: str, place: str) -> Retelling:
    return Retelling(attribution=attribution, place=place, raw=n)


CENTRE_2 = states("centre", 2, "hts|tip", IDLIB)
MORTAR_A = tells("a", "hts", SARAQIB, 860)
MORTAR_B = tells("b", "hts", SARAQIB, 860)
CENTRE_8 = states("centre", 8, ANY, IDLIB)
MINISTRY_5 = states("ministry", 5, ANY, IDLIB)
SHELLS_A = [tells("a", ANY, SARAQIB, 100, 0), tells("a", ANY, SARAQIB, 400, 1), tells("a", ANY, SARAQIB, 700, 2)]

CASES: dict[str, tuple[list[Any], Figures, dict[tuple[str, str], int], dict[str, tuple[int, int]]]] = {
    "1 a number for a set": ([CENTRE_2], (2, 2, 0, 2), {("hts|tip", IDLIB): 2}, {"hts": (0, 2), "tip": (0, 2)}),
    "2 a retelling": (
        [CENTRE_2, retells(2, "hts|tip", IDLIB)],
        (4, 2, 0, 2),
        {("hts|tip", IDLIB): 2},
        {"hts": (0, 2), "tip": (0, 2)},
    ),
    "3 an item within a number": (
        [CENTRE_2, MORTAR_A],
        (3, 2, 1, 3),
        {("hts", SARAQIB): 1, ("hts|tip", IDLIB): 1},
        {"hts": (1, 2), "tip": (0, 2)},
    ),
    "4 the same item twice": (
        [CENTRE_2, MORTAR_A, MORTAR_B],
        (4, 2, 1, 3),
        {("hts", SARAQIB): 1, ("hts|tip", IDLIB): 1},
        {"hts": (1, 2), "tip": (0, 2)},
    ),
    "5 two numbers for one scope": ([CENTRE_8, MINISTRY_5], (13, 8, 5, 13), {(ANY, IDLIB): 8}, {}),
    "6 numbers for two sides": (
        [states("centre", 8, "hts|tip", IDLIB), states("turkish", 7, "gov", IDLIB)],
        (15, 15, 0, 15),
        {("hts|tip", IDLIB): 8, ("gov", IDLIB): 7},
        {"hts": (0, 8), "tip": (0, 8), "gov": (7, 7)},
    ),
    "7 a wider number": (
        [states("centre", 6, ANY, IDLIB), states("centre", 2, ANY, ALEPPO), states("ministry", 10, ANY, NW)],
        (18, 10, 8, 18),
        {(ANY, IDLIB): 6, (ANY, ALEPPO): 2, (ANY, NW): 2},
        {},
    ),
    "8 the later number of a party alone is in force": (
        [states("centre", 5, ANY, IDLIB, report="evening")],
        (5, 5, 0, 5),
        {(ANY, IDLIB): 5},
        {},
    ),
    "9 a total above its parts": (
        [
            states("centre", 14, ANY, NW, raw=1),
            states("centre", 5, ANY, LATAKIA),
            states("centre", 3, ANY, HAMA),
            states("centre", 5, ANY, IDLIB),
        ],
        (14, 14, 0, 14),
        {(ANY, NW): 1, (ANY, LATAKIA): 5, (ANY, HAMA): 3, (ANY, IDLIB): 5},
        {},
    ),
    "10 an explicit none": ([], (0, 0, 0, 0), {}, {}),
    "12 more items than the number": (
        [*SHELLS_A, states("a", 2, ANY, IDLIB)],
        (5, 3, 0, 3),
        {(ANY, SARAQIB): 3},
        {},
    ),
    "13 one of two numbers is retracted": ([MINISTRY_5], (5, 5, 0, 5), {(ANY, IDLIB): 5}, {}),
    "14 an exchange of fire": (
        [
            tells("a", "hts", SARAQIB, 600, against="gov"),
            tells("b", "gov", SARAQIB, 600, against="hts"),
        ],
        (2, 2, 0, 2),
        {("hts", SARAQIB): 1, ("gov", SARAQIB): 1},
        {"hts": (1, 1), "gov": (1, 1)},
    ),
    "15 another number from a retelling": (
        [CENTRE_8, retells(9, ANY, IDLIB)],
        (17, 8, 0, 8),
        {(ANY, IDLIB): 8},
        {},
    ),
    "16 a unit is absorbed once": (
        [
            states("centre", 5, "hts", IDLIB),
            states("centre", 5, "gov", IDLIB),
            states("ministry", 5, ANY, SARAQIB),
        ],
        (15, 10, 5, 15),
        {(ANY, SARAQIB): 5, ("hts", IDLIB): 5},
        {"hts": (5, 5), "gov": (5, 5)},
    ),
    "17 items within numbers of two sides": (
        [
            states("centre", 3, "hts|tip", IDLIB),
            states("centre", 2, "gov", IDLIB),
            tells("a", ANY, SARAQIB, 100, 0),
            tells("a", ANY, SARAQIB, 400, 1),
            tells("b", ANY, SARAQIB, 405, 0),
        ],
        (8, 5, 2, 7),
        {(ANY, SARAQIB): 2, ("hts|tip", IDLIB): 3},
        {"hts": (0, 3), "tip": (0, 3), "gov": (2, 2)},
    ),
}


def day_of(lines: list[Any]) -> TheatreDay:
    day = TheatreDay("nw", "2020-03-09")
    for line in lines:
        if isinstance(line, Item):
            day.add_item(line)
        elif isinstance(line, Aggregate):
            day.add_aggregate(line)
        else:
            day.add_retelling(line)
    return day


def figures_of(change: Change) -> tuple[Figures, Figures]:
    """(raw, deduplicated, corroborated, high) before and after."""
    before, after = zip(change.raw, change.deduplicated, change.corroborated, change.high, strict=True)
    return before, after


@pytest.mark.parametrize("case", CASES)
def test_a_worked_case_counts_as_the_law_says(case: str) -> None:
    lines, theatre, deduplicated, bounds = CASES[case]
    counts = day_of(lines).counts()
    assert counts.theatre == theatre
    assert {cell: figures[1] for cell, figures in counts.cells.items() if figures[1]} == deduplicated
    assert {group: bound for (group, place), bound in counts.bounds.items() if place == NW} == bounds


@pytest.mark.parametrize("case", CASES)
def test_a_worked_case_counts_the_same_when_counted_from_nothing(case: str) -> None:
    lines = CASES[case][0]
    recount = count(
        [line for line in lines if isinstance(line, Item)],
        [line for line in lines if isinstance(line, Aggregate)],
        [line for line in lines if isinstance(line, Retelling)],
    )
    assert recount == day_of(lines).counts()


def test_case_4_the_incident_of_two_tellers_names_both() -> None:
    day = day_of([CENTRE_2, MORTAR_A, MORTAR_B])
    (incident,) = day.incidents()
    assert incident.parties == ("a", "b")


def test_case_8_replacing_a_number_changes_its_cell_once() -> None:
    day = day_of([states("centre", 3, ANY, IDLIB, report="noon")])
    day.changes()
    day.remove_aggregate(("centre", f"noon-{ANY}-{IDLIB}", 0))
    day.add_aggregate(states("centre", 5, ANY, IDLIB, report="evening"))
    (cell, total), _ = day.changes()
    assert figures_of(cell) == ((3, 3, 0, 3), (5, 5, 0, 5))
    assert figures_of(total) == ((3, 3, 0, 3), (5, 5, 0, 5))


def test_case_10_a_none_covers_its_groups_and_nobody_else() -> None:
    covered = coverage(quiet=[("centre", "moderates", NW)])
    assert covered == {("centre", "moderates", NW)}
    assert reaches(covered, "moderates", SARAQIB)
    assert not reaches(covered, "hts", SARAQIB)


def test_case_11_where_nobody_speaks_nothing_is_covered() -> None:
    assert coverage() == frozenset()
    assert not reaches(coverage(), ANY, NW)


def test_case_13_a_retraction_leaves_what_the_other_party_says() -> None:
    day = day_of([CENTRE_8, MINISTRY_5])
    day.changes()
    day.remove_aggregate(CENTRE_8.key)
    (*_, total), _ = day.changes()
    assert figures_of(total) == ((13, 8, 5, 13), (5, 5, 0, 5))
    assert day == day_of([MINISTRY_5])


def test_case_14_the_decision_names_the_veto() -> None:
    day = day_of([])
    first = tells("a", "hts", SARAQIB, 600, against="gov")
    day.add_item(first)
    decision = day.add_item(tells("b", "gov", SARAQIB, 600, against="hts")).decision
    assert decision.matched is None
    assert [(other.key, other.reason) for other in decision.runners_up] == [(first.key, "attribution")]


def test_a_day_survives_a_snapshot() -> None:
    day = day_of([*CASES["17 items within numbers of two sides"][0], retells(4, ANY, NW)])
    day.changes()
    restored = TheatreDay.from_data(msgspec.json.decode(msgspec.json.encode(day.to_data())))
    assert restored == day
    assert restored.counts() == day.counts()
    assert restored.changes() == ((), ())
