"""A theatre-day, line by line: what it refuses, and what it tells of a change."""

from __future__ import annotations

import pytest

from incident_pipeline.counting import Figures, Retelling, TheatreDay
from incident_pipeline.event import ANY, BoundsChange, Change
from tests.oracle.lines import item, number

AFIS, SARAQIB, IDLIB, NW = "nw/idlib/saraqib/afis", "nw/idlib/saraqib", "nw/idlib", "nw"
DAY = "2020-03-09"


def theatre_day() -> TheatreDay:
    return TheatreDay(NW, DAY)


def theatre_of(changes: tuple[tuple[Change, ...], tuple[BoundsChange, ...]]) -> tuple[Figures, Figures]:
    """The theatre's total before and after, which comes last."""
    total = changes[0][-1]
    assert (total.attribution, total.place) == (ANY, NW)
    before, after = zip(total.raw, total.deduplicated, total.corroborated, total.high, strict=True)
    return before, after


def test_the_first_item_of_a_day_changes_its_cell_the_theatre_and_its_groups_bounds_up_the_tree() -> None:
    day = theatre_day()
    day.add_item(item())
    changes, bounds = day.changes()
    assert changes == (
        Change("hts", (0, 0), DAY, (0, 1), (0, 1), AFIS, (0, 1)),
        Change(ANY, (0, 0), DAY, (0, 1), (0, 1), NW, (0, 1)),
    )
    assert bounds == (BoundsChange(((0, 1),) * 4, DAY, "hts", AFIS, ((0, 1),) * 4),)


def test_a_second_teller_raises_raw_and_corroborated() -> None:
    day = theatre_day()
    day.add_item(item(party="a"))
    day.changes()
    day.add_item(item(party="b"))
    assert theatre_of(day.changes()) == ((1, 1, 0, 1), (2, 1, 1, 1))


def test_an_item_within_a_number_changes_the_rest_of_the_numbers_cell() -> None:
    day = theatre_day()
    day.add_aggregate(number("centre", 2, "hts|tip", IDLIB))
    day.changes()
    day.add_item(item())
    changes = day.changes()
    assert [(cell.attribution, cell.place, cell.deduplicated) for cell in changes[0][:-1]] == [
        ("hts|tip", IDLIB, (2, 1)),
        ("hts", AFIS, (0, 1)),
    ]
    assert theatre_of(changes) == ((2, 2, 0, 2), (3, 2, 1, 3))


def test_numbers_of_one_party_and_scope_that_are_in_force_together_add_up() -> None:
    day = theatre_day()
    day.add_aggregate(number("centre", 3, "hts", IDLIB, 0))
    day.add_aggregate(number("centre", 2, "hts", IDLIB, 1))
    assert day.theatre == (5, 5, 0, 5)
    assert day.bound("hts", NW) == (5, 5)


def test_what_is_taken_back_leaves_nothing() -> None:
    day = theatre_day()
    line, stated, retold = item(), number("centre", 4, "gov", NW), Retelling(attribution="gov", place=NW, raw=4)
    day.add_item(line)
    day.add_aggregate(stated)
    day.add_retelling(retold)
    day.changes()
    day.remove_item(line.key)
    day.remove_aggregate(stated.key)
    day.remove_retelling(retold)
    assert theatre_of(day.changes()) == ((9, 5, 0, 5), (0, 0, 0, 0))
    assert day == theatre_day()
    assert day.counts() == theatre_day().counts()


def test_nothing_changed_is_told_as_nothing() -> None:
    day = theatre_day()
    day.add_item(item())
    day.changes()
    day.remove_item(item().key)
    day.add_item(item())
    assert day.changes() == ((), ())


def test_a_line_is_in_force_once() -> None:
    day = theatre_day()
    day.add_item(item())
    day.add_aggregate(number("centre", 1, "hts", NW))
    with pytest.raises(ValueError, match="in force already"):
        day.add_item(item())
    with pytest.raises(ValueError, match="in force already"):
        day.add_aggregate(number("centre", 1, "hts", NW))


def test_what_is_not_in_force_cannot_be_taken_out_of_force() -> None:
    day = theatre_day()
    with pytest.raises(KeyError):
        day.remove_item(item().key)
    with pytest.raises(KeyError):
        day.remove_aggregate(("centre", "report", 0))
    with pytest.raises(ValueError, match="only 0 are in it"):
        day.remove_retelling(Retelling(attribution="hts", place=NW, raw=1))


def test_a_partys_words_count_for_its_share_where_the_tellers_of_an_incident_differ() -> None:
    day = theatre_day()
    day.add_item(item(0, party="a", attribution="hts|tip", place=SARAQIB))
    day.add_item(item(1, party="b", attribution="hts", place=AFIS))
    assert day.cell("hts", AFIS)[1:] == (1, 1, 1)
    assert day.bound("hts", AFIS) == (1, 1)
    assert day.bound("tip", AFIS) == (0, 0)
    assert day.bound("tip", SARAQIB) == (0, 1)


def test_corroborated_is_bounded_by_what_a_party_leaves_that_tells_nothing_alone() -> None:
    day = theatre_day()
    for party in ("observer", "ministry"):
        day.add_aggregate(number(party, 2, "tip", AFIS))
    day.add_item(item(party="ministry", attribution="unattributed"))
    day.add_item(item(party="centre", attribution="gov"))
    # Without the centre the incident may be one of the two by tip.
    assert day.theatre == (6, 3, 2, 4)


def test_the_cost_of_an_item_does_not_grow_with_the_days_items() -> None:
    """Counted in calls of the functions that a line runs through, which no machine's speed changes."""
    assert _calls_for_one_more(2_000) <= _calls_for_one_more(200) + 2


def _calls_for_one_more(items: int) -> int:
    import sys

    day = theatre_day()
    for index, (party, place) in enumerate([("centre", NW), ("ministry", IDLIB)]):
        day.add_aggregate(number(party, 50, "hts|tip", place, index))
    for index in range(items):
        day.add_item(
            item(
                index,
                report=index,
                place="nw/hama",
                minute=index % 1440,
                party=f"p{index}",
                type="P1" if index % 2 else "K3",
                attribution="gov" if index % 3 else "hts",
            )
        )
    day.changes()
    calls = 0

    def count_call(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    new = item(items, report="new")
    sys.setprofile(count_call)
    day.add_item(new)
    day.changes()
    sys.setprofile(None)
    return calls


def test_a_number_for_a_place_between_two_others_counts_what_comes_below_it_at_the_same_time() -> None:
    day = TheatreDay("nw", "2020-03-09")
    for line in (number("centre", 5, "hts", NW), number("centre", 0, "hts", SARAQIB)):
        day.add_aggregate(line)
    day.add_item(item())
    assert day.theatre == (6, 5, 1, 6)
    day.add_aggregate(number("centre", 0, "hts", IDLIB))
    day.remove_item(item().key)
    assert day.theatre == (5, 5, 0, 5)


def test_a_party_that_states_its_first_number_while_its_item_goes_is_counted_by_the_number_alone() -> None:
    day = TheatreDay("nw", "2020-03-09")
    for line in (number("centre", 5, "hts", IDLIB), number("centre", 0, "hts", AFIS)):
        day.add_aggregate(line)
    day.add_item(item())
    assert day.theatre == (6, 5, 1, 6)
    day.add_aggregate(number("observer", 3, "gov", NW))
    day.remove_item(item().key)
    assert day.theatre == (8, 8, 0, 8)
