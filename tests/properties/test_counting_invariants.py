"""What the law says of any set of lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from incident_pipeline.counting import Aggregate, Item, Retelling, cluster, count
from incident_pipeline.counting.steps import run_steps
from tests.oracle.lines import (
    CROSSING,
    PARTIES,
    PLACES,
    SINGLE,
    aggregates,
    items,
    items_apart,
    retellings,
)

cells = st.lists(st.tuples(st.sampled_from(SINGLE), st.sampled_from(PLACES)), max_size=6)
numbers = st.dictionaries(st.tuples(st.sampled_from(SINGLE), st.sampled_from(PLACES)), st.integers(1, 5), max_size=6)


@given(items(), aggregates(), retellings())
def test_corroborated_is_at_most_deduplicated_and_that_at_most_high(
    told: list[Item], stated: list[Aggregate], retold: list[Retelling]
) -> None:
    _, deduplicated, corroborated, high = count(told, stated, retold).theatre
    assert corroborated <= deduplicated <= high


@given(items(), aggregates(), retellings(), st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_matter(
    told: list[Item], stated: list[Aggregate], retold: list[Retelling], shuffling: object
) -> None:
    before, incidents = count(told, stated, retold), cluster(told)
    for lines in (told, stated, retold):
        shuffling.shuffle(lines)  # type: ignore[attr-defined]
    assert count(told, stated, retold) == before
    assert cluster(told) == incidents


@given(items(), aggregates(), retellings(), retellings(max_size=1))
def test_a_retelling_changes_nothing_but_raw(
    told: list[Item], stated: list[Aggregate], retold: list[Retelling], again: list[Retelling]
) -> None:
    before, after = count(told, stated, retold), count(told, stated, retold + again)
    assert after.theatre[0] == before.theatre[0] + sum(retelling.raw for retelling in again)
    assert after.theatre[1:] == before.theatre[1:]
    assert after.bounds == before.bounds


@given(cells, numbers, st.sampled_from(SINGLE), st.sampled_from(PLACES))
def test_one_more_incident_never_lowers_the_steps(
    told: list[tuple[str, str]], stated: dict[tuple[str, str], int], who: str, where: str
) -> None:
    assert len(run_steps([*told, (who, where)], stated).units) >= len(run_steps(told, stated).units)


@given(cells, numbers, st.sampled_from(SINGLE), st.sampled_from(PLACES), st.integers(1, 5))
def test_a_larger_number_never_lowers_the_steps(
    told: list[tuple[str, str]], stated: dict[tuple[str, str], int], who: str, where: str, more: int
) -> None:
    larger = {**stated, (who, where): stated.get((who, where), 0) + more}
    assert len(run_steps(told, larger).units) >= len(run_steps(told, stated).units)


@given(items(max_size=7), items(max_size=1, source="new"))
def test_one_more_item_never_lowers_the_number_of_incidents(told: list[Item], new: list[Item]) -> None:
    assert len(cluster([*told, *new])) >= len(cluster(told))


@given(items_apart(), aggregates(SINGLE), items_apart(max_size=1, source="new"))
def test_one_more_item_never_lowers_deduplicated(told: list[Item], stated: list[Aggregate], new: list[Item]) -> None:
    assert count([*told, *new], stated).theatre[1] >= count(told, stated).theatre[1]


@given(items(SINGLE), aggregates(SINGLE), aggregates(SINGLE, max_size=1, source="new"))
def test_one_more_number_never_lowers_deduplicated(
    told: list[Item], stated: list[Aggregate], new: list[Aggregate]
) -> None:
    assert count(told, [*stated, *new]).theatre[1] >= count(told, stated).theatre[1]


@given(items_apart(), aggregates(SINGLE), st.sampled_from(PARTIES))
def test_no_partys_own_total_is_above_deduplicated(told: list[Item], stated: list[Aggregate], party: str) -> None:
    own = count([line for line in told if line.party == party], [line for line in stated if line.party == party])
    assert own.theatre[1] <= count(told, stated).theatre[1]


@given(items(), aggregates(CROSSING))
def test_a_single_group_is_certain_of_no_more_than_is_possible(told: list[Item], stated: list[Aggregate]) -> None:
    for certain, possible in count(told, stated).bounds.values():
        assert certain <= possible


@given(items(), aggregates())
def test_deduplicated_is_no_less_than_any_number_and_no_less_than_the_incidents(
    told: list[Item], stated: list[Aggregate]
) -> None:
    deduplicated = count(told, stated).theatre[1]
    assert deduplicated >= len(cluster(told))
    for line in stated:
        assert deduplicated >= line.n


@given(items(), aggregates(), retellings())
def test_theatre_figures_are_the_sums_of_cells_but_for_their_caps(
    told: list[Item], stated: list[Aggregate], retold: list[Retelling]
) -> None:
    counts = count(told, stated, retold)
    sums = [sum(figures[basis] for figures in counts.cells.values()) for basis in range(4)]
    raw, deduplicated, corroborated, high = counts.theatre
    assert (raw, deduplicated) == (sums[0], sums[1])
    assert corroborated <= sums[2]
    assert high == max(sums[3], deduplicated)
