"""What an owner knows of its partition; its rules: tests/simulation/test_exactly_one_decision.py."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from ledger_world import IDLIB, NOON_MS, RULES, World, aggregate, item
from owned_partition import EVENTS, LINES, Partition, state_of

from incident_pipeline.chain import Tail
from incident_pipeline.ledger import Ledger
from incident_pipeline.line import Tick
from incident_pipeline.owner import Landing, RecordRefusedError
from incident_pipeline.snapshot import SnapshotStore


@pytest.fixture
def partition() -> Partition:
    world = World()
    world.report("centre", aggregate("centre", 2, place=IDLIB))
    world.report("a", item("a"), item("a", minute=1_000))
    world.report("b", item("b", minute=870))
    return Partition(world)


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path, "")


async def test_on_an_empty_log_it_begins_with_nothing(store: SnapshotStore) -> None:
    owner = Partition(World()).owner()
    assert await owner.recover(store) == 0
    assert (owner.end, owner.ignored, owner.is_settled) == (Tail(), 0, True)


async def test_an_input_that_leaves_nothing_moves_nothing(partition: Partition) -> None:
    owner = partition.owner()
    partition.put(Tick(now_ms=NOON_MS))
    decided = owner.decide((await partition.input())[-1:])
    assert (decided.groups, decided.records, decided.last_id) == ([], 0, Tail().last_id)
    assert owner.is_settled


async def test_its_end_is_the_logs_when_all_is_acknowledged(partition: Partition) -> None:
    owner = partition.owner()
    decided = owner.decide(await partition.input())
    await partition.write(owner, decided)
    end = await partition.log.end_offset(EVENTS, 0)
    assert owner.end == Tail(decided.last_id, decided.records, end, end - 1)
    assert decided.tally.total() == decided.records == end


async def test_where_a_zombie_wrote_the_first_part_of_a_decision_its_own_rest_counts(partition: Partition) -> None:
    owner, zombie = partition.owner(), partition.owner()
    records = await partition.input()
    partition.append(zombie.decide(records[:2]).groups)
    assert await partition.write(owner, owner.decide(records)) is Landing.COUNTS
    assert await partition.counting() == partition.straight()


async def test_where_a_zombie_decided_more_than_it_did_it_is_overtaken(partition: Partition) -> None:
    owner, zombie = partition.owner(), partition.owner()
    records = await partition.input()
    partition.append(zombie.decide(records).groups)
    assert await partition.write(owner, owner.decide(records[:2])) is Landing.OVERTAKEN
    assert await partition.counting() == partition.straight()


async def test_where_a_zombie_decided_otherwise_it_is_overtaken(partition: Partition) -> None:
    owner, zombie = partition.owner(), partition.owner()
    elsewhere = World()
    elsewhere.report("ministry", aggregate("ministry", 7))
    partition.append(zombie.decide(await Partition(elsewhere).input()).groups)
    assert await partition.write(owner, owner.decide(await partition.input())) is Landing.OVERTAKEN


async def test_it_counts_the_input_since_its_last_snapshot(partition: Partition, store: SnapshotStore) -> None:
    owner = partition.owner()
    assert owner.records_since_save(2) == 2
    await partition.write(owner, owner.decide(await partition.input(0, 2)))
    owner.save(store, 2, 0.0)
    assert owner.records_since_save(3) == 1
    again = partition.owner()
    await again.recover(store)
    assert again.records_since_save(3) == 1


async def test_a_snapshot_that_knows_nothing_of_this_output_is_not_used(
    partition: Partition, store: SnapshotStore
) -> None:
    owner = partition.owner()
    await partition.write(owner, owner.decide(await partition.input(0, 1)))
    owner.save(store, 1, 0.0)
    saved = store.load("ledger", 0)
    assert saved is not None
    store.save(msgspec.structs.replace(saved, ends={"elsewhere": saved.ends[EVENTS]}))
    fresh = partition.owner()
    assert await fresh.recover(store) == 1
    assert fresh.records_since_save(1) == 1


async def test_a_snapshot_under_rules_that_nobody_published_is_not_used(
    partition: Partition, store: SnapshotStore
) -> None:
    owner = partition.owner()
    await partition.write(owner, owner.decide(await partition.input()))
    owner.save(store, 3, 0.0)
    saved = store.load("ledger", 0)
    assert saved is not None
    store.save(msgspec.structs.replace(saved, rules="9" * 64))
    fresh = partition.owner()
    await fresh.recover(store)
    assert state_of(fresh) == state_of(owner)


async def test_events_under_rules_that_nobody_published_stop_it(partition: Partition, store: SnapshotStore) -> None:
    owner = partition.owner()
    await partition.write(owner, owner.decide(await partition.input()))
    partition.rules.known.discard(RULES)
    fresh = partition.owner()
    with pytest.raises(RecordRefusedError, match="nobody published"):
        await fresh.recover(store)
    assert state_of(fresh) == Ledger()


async def test_it_folds_a_log_of_many_fetches(store: SnapshotStore) -> None:
    world = World()
    for number in range(1_200):
        world.report("a", item("a", minute=number % 1_440), report_id=f"r{number}")
    partition = Partition(world)
    owner = partition.owner()
    for start in range(0, 1_200, 300):
        assert await partition.write(owner, owner.decide(await partition.input(start, start + 300))) is Landing.COUNTS
    fresh = partition.owner()
    assert await fresh.recover(store) == await partition.log.end_offset(LINES, 0)
    assert (state_of(fresh), fresh.end) == (state_of(owner), owner.end)
