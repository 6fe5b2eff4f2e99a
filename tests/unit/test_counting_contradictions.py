"""Where the law's text and its invariants part: counter-examples, kept so that nobody has to find them again.

Each counts as the text has it. What would mend it: docs/decisions/counting-choices.md.
"""

from __future__ import annotations

from incident_pipeline.counting import Aggregate, Item, count
from tests.oracle.counting import Oracle
from tests.oracle.lines import item, number

SARAQIB, AFIS, ALEPPO, NW = "nw/idlib/saraqib", "nw/idlib/saraqib/afis", "nw/aleppo", "nw"


def deduplicated(items: list[Item], aggregates: list[Aggregate]) -> int:
    figure = count(items, aggregates).theatre[1]
    assert figure == Oracle(items, aggregates).theatre()[1]
    return figure


def test_a_wide_unit_that_is_absorbed_before_a_narrow_one_makes_an_item_lower_the_count() -> None:
    numbers = [
        number("centre", 1, "hts|tip", SARAQIB),
        number("centre", 1, "hts", NW),
        number("centre", 1, "turk", NW),
    ]
    wide = item(0, party="centre", attribution="unattributed", place=ALEPPO)
    new = item(1, party="observer", attribution="hts", place=SARAQIB)
    # The unattributed item at Aleppo, whose id comes first, is taken for hts, and then cannot be turk's.
    assert deduplicated([wide], numbers) == 3
    # With the new item hts is found already, and the item at Aleppo is turk's.
    assert deduplicated([wide, new], numbers) == 2


def test_the_same_makes_a_partys_own_total_larger_than_the_count() -> None:
    own = [
        number("centre", 1, "hts|tip", SARAQIB),
        number("centre", 1, "hts", NW),
        number("centre", 1, "turk", NW),
    ]
    wide = item(0, party="centre", attribution="unattributed", place=ALEPPO)
    new = item(1, party="observer", attribution="hts", place=SARAQIB)
    assert deduplicated([wide], own) > deduplicated([wide, new], own)


def test_sets_that_cross_make_an_item_lower_the_count_in_any_order_of_absorption() -> None:
    numbers = [
        number("centre", 1, "gov|hts", SARAQIB),
        number("centre", 1, "gov|tip", NW),
        number("ministry", 1, "tip|turk", NW),
    ]
    crossing = item(0, attribution="tip|turk", place=ALEPPO)
    assert deduplicated([crossing], numbers) == 2
    # Both sets of two groups: whichever is absorbed first, some later number tells which was the wrong one.
    numbers[2] = number("ministry", 1, "turk|yyy", NW)
    assert deduplicated([crossing], numbers) == 3
    new = item(1, attribution="gov", place=SARAQIB)
    assert deduplicated([crossing, new], numbers) == 2


def test_an_item_that_tells_where_another_lay_may_lower_the_count() -> None:
    numbers = [number("ministry", 1, "hts", AFIS)]
    vague = item(0, party="a", place=SARAQIB)
    exact = item(1, party="b", place=AFIS)
    # In the district, so perhaps not the one that the ministry counts in the town.
    assert deduplicated([vague], numbers) == 2
    # The same incident, told with the town: the ministry's.
    assert deduplicated([vague, exact], numbers) == 1
