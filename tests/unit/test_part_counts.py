"""Counts of some types or parties alone: the cases that a reader of the table asks about."""

from __future__ import annotations

import msgspec
from ledger_world import DAY, HOUR_MS, IDLIB, LATAKIA, NOON_MS, NW, World, aggregate, item, quiet

from incident_pipeline.line import Line
from incident_pipeline.projection.daily_counts import Figures, TheatreDay
from incident_pipeline.projection.part import Part, count_part


def of(world: World, *types: str, party: str | None = None) -> TheatreDay:
    part = Part(types=frozenset(types), parties=frozenset({party} if party else ()))
    return count_part(world.ledger, (NW, DAY), part)


def number(party: str, count: int, kind: str, place: str = IDLIB, raw: int | None = None) -> Line:
    return msgspec.structs.replace(aggregate(party, count, place=place, raw=raw), type=kind)


def test_types_of_one_statement_are_told_apart() -> None:
    world = World()
    world.report("centre", number("centre", 5, "K3"), number("centre", 3, "K1"))
    assert of(world, "K3").total == Figures(raw=5, deduplicated=5, high=5)
    assert of(world, "K1").total == Figures(raw=3, deduplicated=3, high=3)
    assert of(world, "K1", "K3").total == of(world).total == Figures(raw=8, deduplicated=8, high=8)


def test_a_number_without_a_type_is_in_no_type_and_leaves_it_unknown() -> None:
    world = World()
    world.report("centre", number("centre", 5, "U0"))
    shelling = of(world, "K3")
    assert (shelling.total, shelling.is_known, shelling.is_spoken_of) == (Figures(), False, True)
    assert of(world, "U0").total.deduplicated == 5


def test_an_explicit_none_is_zero_of_every_type() -> None:
    world = World()
    world.report("centre", quiet("centre", "hts"))
    shelling = of(world, "K3")
    assert (shelling.total, shelling.is_known) == (Figures(), True)


def test_a_number_that_another_type_replaced_is_in_force_for_no_type() -> None:
    world = World()
    world.report("centre", number("centre", 5, "K3"))
    world.report("centre", number("centre", 7, "K1"), published_ms=NOON_MS + HOUR_MS)
    assert not of(world, "K3").is_known
    assert of(world, "K1").total.deduplicated == 7


def test_what_only_repeats_another_types_item_stays_a_repetition() -> None:
    world = World()
    world.report("centre", item("centre", kind="K3"))
    world.report("desk", item("centre", kind="U0"))
    assert of(world, "K3").total == Figures(raw=1, deduplicated=1, high=1)
    assert of(world, "U0").total == Figures(raw=1)
    assert of(world, party="centre").total == Figures(raw=2, deduplicated=1, high=1)


def test_a_total_adds_to_raw_what_it_has_beyond_its_parts_of_whatever_type() -> None:
    world = World()
    world.report("centre", number("centre", 14, "U0", NW, raw=4), number("centre", 10, "K3", LATAKIA))
    assert of(world, "U0").total == Figures(raw=4, deduplicated=14, high=14)
    assert of(world, "K3").total == Figures(raw=10, deduplicated=10, high=10)


def test_parties_that_tell_the_same_corroborate_each_other_only_where_both_are_looked_at() -> None:
    world = World()
    for party in ("centre", "observer"):
        world.report(party, item(party, "hts"))
    assert of(world, "K3").total == Figures(raw=2, deduplicated=1, corroborated=1, high=1)
    assert of(world, party="observer").total == Figures(raw=1, deduplicated=1, high=1)
    assert of(world, party="observer").bounds[NW, "hts"] == (1, 1)
    assert not of(world, party="nobody").is_known
