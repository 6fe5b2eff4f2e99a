"""Three ways to count agree: line by line, from nothing by the law, and the oracle's."""

from __future__ import annotations

import random
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_pipeline.counting import NOTHING, Aggregate, Item, Retelling, TheatreDay, cluster, count
from incident_pipeline.event import ANY, BoundsChange, Change
from tests.oracle.counting import Oracle
from tests.oracle.lines import aggregates, crowded, doubted, items, retellings, thronged

KINDS = (Item, Aggregate)


class Lines:
    """Lines in force, beside the day under test, and what its changes add up to."""

    def __init__(self) -> None:
        self.day = TheatreDay("nw", "2020-03-09")
        self.in_force: list[Any] = []
        self.theatre = NOTHING
        self.cells: dict[tuple[str, str], Any] = {}
        self.bounds: dict[tuple[str, str], Any] = {}

    def of(self, kind: type) -> list[Any]:
        return [line for line in self.in_force if isinstance(line, kind)]

    def add(self, line: Any) -> None:
        self.in_force.append(line)
        if isinstance(line, Item):
            self.day.add_item(line)
        elif isinstance(line, Aggregate):
            self.day.add_aggregate(line)
        else:
            self.day.add_retelling(line)

    def remove(self, line: Any) -> None:
        self.in_force.remove(line)
        if isinstance(line, Item):
            self.day.remove_item(line.key)
        elif isinstance(line, Aggregate):
            assert self.day.remove_aggregate(line.key) == line
        else:
            self.day.remove_retelling(line)

    def apply(self, told: tuple[tuple[Change, ...], tuple[BoundsChange, ...]]) -> None:
        changes, bounds = told
        for change in changes:
            before, after = zip(change.raw, change.deduplicated, change.corroborated, change.high, strict=True)
            if change.attribution == ANY:
                assert before == self.theatre != after
                self.theatre = after
            else:
                assert before == self.cells.get((change.attribution, change.place), NOTHING) != after
                self.cells[change.attribution, change.place] = after
        for bound in bounds:
            for place, certain, possible in bound.by_place():
                at = bound.group, place
                was, now = (certain[0], possible[0]), (certain[1], possible[1])
                assert was == self.bounds.get(at, (0, 0)) != now
                self.bounds[at] = now

    def recount(self) -> Any:
        return count(self.of(Item), self.of(Aggregate), self.of(Retelling))


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[str, Any]]:
    """Lines that come, some of which go again, in any order."""
    told = st.tuples(items(), aggregates(), retellings()).map(lambda each: [line for lines in each for line in lines])
    lines = draw(st.one_of(told, doubted(told)))
    steps = [("add", line) for line in draw(st.permutations(lines))]
    for line in draw(st.lists(st.sampled_from(lines), unique_by=id) if lines else st.just([])):
        after = 1 + next(index for index, step in enumerate(steps) if step[1] is line)
        steps.insert(draw(st.integers(after, len(steps))), ("remove", line))
        if draw(st.booleans()):
            again = 1 + next(index for index, step in enumerate(steps) if step == ("remove", line))
            steps.insert(draw(st.integers(again, len(steps))), ("add", line))
    return steps


@given(histories())
@settings(deadline=None)
def test_line_by_line_the_counts_are_those_of_a_full_recount(history: list[tuple[str, Any]]) -> None:
    lines = Lines()
    for what, line in history:
        lines.add(line) if what == "add" else lines.remove(line)
        lines.apply(lines.day.changes())
        recount = lines.recount()
        assert lines.day.counts() == recount
        assert lines.theatre == recount.theatre
        assert {cell: figures for cell, figures in lines.cells.items() if any(figures)} == recount.cells
        assert {key: bound for key, bound in lines.bounds.items() if any(bound)} == recount.bounds
        assert lines.day.incidents() == cluster(lines.of(Item))


@given(histories())
@settings(deadline=None)
def test_changes_asked_for_once_at_the_end_are_the_same_in_sum(history: list[tuple[str, Any]]) -> None:
    lines = Lines()
    for what, line in history:
        lines.add(line) if what == "add" else lines.remove(line)
    lines.apply(lines.day.changes())
    recount = lines.recount()
    assert lines.theatre == recount.theatre
    assert lines.cells == recount.cells
    assert lines.bounds == recount.bounds


@given(st.integers(0, 2**32))
@settings(deadline=None, max_examples=1000)
def test_on_a_crowded_day_too_line_by_line_is_a_full_recount(seed: int) -> None:
    lines = Lines()
    for line in crowded(seed):
        lines.add(line)
        lines.apply(lines.day.changes())
    assert lines.day.counts() == lines.recount()
    for line in lines.in_force[::2]:
        lines.remove(line)
        lines.apply(lines.day.changes())
    assert lines.day.counts() == lines.recount()


@given(st.integers(0, 2**32))
@settings(deadline=None, max_examples=500)
def test_with_tens_of_scopes_too_every_line_leaves_what_a_full_recount_gives(seed: int) -> None:
    lines = Lines()
    chance = random.Random(seed)
    asked = chance.choice([0.5, 1])
    for line in thronged(seed):
        lines.add(line)
        if lines.in_force and chance.random() < 0.25:
            lines.remove(chance.choice(lines.in_force))
        if chance.random() < asked:
            lines.apply(lines.day.changes())
            assert lines.day.counts() == lines.recount()
    while lines.in_force:
        lines.remove(lines.in_force[-1])
        lines.apply(lines.day.changes())
    assert lines.theatre == NOTHING


@given(st.integers(0, 2**32))
@settings(deadline=None)
def test_a_full_recount_of_a_crowded_day_agrees_with_the_oracle(seed: int) -> None:
    lines = crowded(seed)
    told = [line for line in lines if isinstance(line, Item)]
    stated = [line for line in lines if isinstance(line, Aggregate)]
    del told[7:]  # the oracle tries every split
    counts, oracle = count(told, stated), Oracle(told, stated)
    assert counts.theatre == oracle.theatre()
    assert counts.cells == oracle.cells()
    assert counts.bounds == oracle.bounds()


@given(items() | doubted(items()), aggregates() | doubted(aggregates()), retellings())
@settings(deadline=None)
def test_a_full_recount_agrees_with_the_oracle(
    told: list[Item], stated: list[Aggregate], retold: list[Retelling]
) -> None:
    counts, oracle = count(told, stated, retold), Oracle(told, stated, retold)
    assert counts.theatre == oracle.theatre()
    assert counts.cells == oracle.cells()
    assert counts.bounds == oracle.bounds()
    assert sorted([member.key for member in incident.members] for incident in cluster(told)) == sorted(
        [member.key for member in incident] for incident in oracle.incidents
    )


@given(st.integers(0, 2**32))
@settings(deadline=None, max_examples=300)
def test_on_a_crowded_day_lines_that_corroborate_nothing_change_no_corroborated_count(seed: int) -> None:
    chance = random.Random(seed)
    lines, sure = Lines(), Lines()
    for line in crowded(seed):
        doubtful = chance.random() < 0.4
        lines.add(msgspec.structs.replace(line, corroborates=False) if doubtful else line)
        if not doubtful:
            sure.add(line)
        lines.apply(lines.day.changes())
        sure.apply(sure.day.changes())
        assert lines.theatre[2] == min(sure.theatre[2], lines.theatre[1])
        assert {cell: figures[2] for cell, figures in lines.cells.items() if figures[2]} == {
            cell: figures[2] for cell, figures in sure.cells.items() if figures[2]
        }
    assert lines.day.counts() == lines.recount()
    everybody = count(
        *([msgspec.structs.replace(line, corroborates=True) for line in lines.of(kind)] for kind in KINDS)
    )
    assert lines.theatre[::3] == everybody.theatre[::3]
    assert lines.theatre[1] == everybody.theatre[1]


@given(histories())
@settings(deadline=None)
def test_the_same_lines_in_force_are_the_same_day_whatever_the_way_there(history: list[tuple[str, Any]]) -> None:
    lines = Lines()
    for what, line in history:
        lines.add(line) if what == "add" else lines.remove(line)
    straight = TheatreDay.from_data(lines.day.to_data())
    assert straight == lines.day
    assert straight.counts() == lines.day.counts()
    assert straight.incidents() == lines.day.incidents()


@given(histories(), items(max_size=2, source="new"), aggregates(max_size=2, source="new"))
@settings(deadline=None)
def test_a_restored_day_tells_the_same_changes(
    history: list[tuple[str, Any]], told: list[Item], stated: list[Aggregate]
) -> None:
    lines = Lines()
    for what, line in history:
        lines.add(line) if what == "add" else lines.remove(line)
    lines.day.changes()
    restored = TheatreDay.from_data(lines.day.to_data())
    for item in told:
        assert restored.add_item(item) == lines.day.add_item(item)
    for aggregate in stated:
        restored.add_aggregate(aggregate)
        lines.day.add_aggregate(aggregate)
    assert restored.changes() == lines.day.changes()
