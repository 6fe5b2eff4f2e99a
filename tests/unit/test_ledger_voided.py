"""A record that continues the chain and disagrees with it: refused by name, voided by a person, and taken back."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from ledger_world import NOON_MS, NW, World, item
from owned_partition import EVENTS, LINES, Partition, state_of

from incident_pipeline.chain import ID, PREVIOUS, Tail
from incident_pipeline.codec import encode, link
from incident_pipeline.event import ANY, Change, EventType
from incident_pipeline.ledger.encoding import decode_event
from incident_pipeline.ledger.stage import LedgerStage
from incident_pipeline.line import RecordVoided
from incident_pipeline.log import NewRecord, read_chain
from incident_pipeline.metrics.names import Skip
from incident_pipeline.owner import Landing, Owner, RecordRefusedError
from incident_pipeline.projection.daily_counts import DailyCounts
from incident_pipeline.snapshot import SnapshotStore


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path, "")


@pytest.fixture
async def partition() -> Partition:
    """Three reports, decided and written."""
    world = World()
    for number in range(3):
        world.report("a", item("a", minute=600 + 60 * number), report_id=f"r{number}")
    partition = Partition(world)
    owner = partition.owner()
    assert await partition.write(owner, owner.decide(await partition.input())) is Landing.COUNTS
    return partition


async def continue_chain(partition: Partition, value: bytes) -> str:
    """Append a record that extends the chain, as anybody can who may write there; return its id."""
    tail = Tail()
    async for _, reached in read_chain(partition.log, EVENTS, 0):
        tail = reached
    record_id = link(tail.last_id, value)
    headers = [(ID, record_id.hex().encode()), (PREVIOUS, tail.last_id.hex().encode())]
    partition.log.append(EVENTS, 0, [NewRecord(value, b"k", headers, NOON_MS)])
    return record_id.hex()


async def forged(partition: Partition) -> bytes:
    """The last event again, as the next one, with forty violations more."""
    last = decode_event((await partition.counting())[-1])
    changes = tuple(msgspec.structs.replace(change, deduplicated=(3, 43), raw=(3, 43)) for change in last.changes)
    return encode(msgspec.structs.replace(last, sequence=last.sequence + 1, input=last.input + 1, changes=changes))


def owner_of(partition: Partition, *voided: str) -> Owner:
    stage = LedgerStage(partition.world.book)
    return Owner(stage, partition.log, (LINES, EVENTS), 0, partition.rules, voided=frozenset(voided))


async def as_readers_count(partition: Partition) -> int:
    folded = DailyCounts()
    for value in await partition.counting():
        try:
            folded.apply(decode_event(value))
        except msgspec.DecodeError:
            continue
    ((day),) = folded.days.values()
    return day.total.deduplicated


async def test_a_record_that_disagrees_is_refused_with_its_place_and_id(
    partition: Partition, store: SnapshotStore
) -> None:
    record_id = await continue_chain(partition, await forged(partition))
    with pytest.raises(RecordRefusedError, match="events, partition 0, offset 4, is record 4") as refused:
        await owner_of(partition).recover(store)
    assert refused.value.event_id == record_id
    assert await as_readers_count(partition) == 43


@pytest.mark.parametrize("fields", [{"sequence": 9}, {"input": 0}, {"step": 1}, {"rules": "0" * 63 + "1"}])
async def test_a_record_that_lies_about_its_place_is_refused_as_well(
    partition: Partition, store: SnapshotStore, fields: dict[str, object]
) -> None:
    last = decode_event((await partition.counting())[-1])
    honest = msgspec.structs.replace(
        last, type=EventType.REPORT_DUPLICATED, changes=(), bounds=(), line=None, incident_id=None, groupings=(),
        sequence=last.sequence + 1, input=last.input + 1,
    )  # fmt: skip
    await continue_chain(partition, encode(msgspec.structs.replace(honest, **fields)))
    with pytest.raises(RecordRefusedError):
        await owner_of(partition).recover(store)


@pytest.mark.parametrize("value", [b"no event", b'{"type":"day.quiet"}'])
async def test_a_record_that_is_no_event_is_refused_as_well(
    partition: Partition, store: SnapshotStore, value: bytes
) -> None:
    record_id = await continue_chain(partition, value)
    with pytest.raises(RecordRefusedError, match=record_id):
        await owner_of(partition).recover(store)


@pytest.mark.parametrize("is_event", [True, False])
async def test_a_voided_record_is_passed_over_the_chain_goes_on_and_readers_count_right_again(
    partition: Partition, store: SnapshotStore, *, is_event: bool
) -> None:
    record_id = await continue_chain(partition, await forged(partition) if is_event else b"no event")
    partition.put(RecordVoided(event_id=record_id, now_ms=NOON_MS))
    partition.world.report("a", item("a", minute=900), report_id="r9")
    partition.put(partition.world.inputs[-1])
    owner = owner_of(partition, record_id)
    position = await owner.recover(store)
    decided = owner.decide(await partition.input(position))
    assert await partition.write(owner, decided) is Landing.COUNTS
    types = [decode_event(value).type for value in (await partition.counting())[5:]]
    assert types == [EventType.EVENT_VOIDED, EventType.INCIDENT_RECORDED]
    assert decode_event((await partition.counting())[5]).subject == record_id
    assert await as_readers_count(partition) == 4

    again = owner_of(partition, record_id)
    assert await again.recover(store) == await partition.log.end_offset(LINES, 0)
    assert state_of(again) == state_of(owner)
    assert state_of(again).refused == {}


async def test_what_a_voided_record_moved_is_taken_back_for_those_who_add_up_changes(
    partition: Partition, store: SnapshotStore
) -> None:
    record_id = await continue_chain(partition, await forged(partition))
    partition.put(RecordVoided(event_id=record_id, now_ms=NOON_MS))
    owner = owner_of(partition, record_id)
    await partition.write(owner, owner.decide(await partition.input(await owner.recover(store))))
    changes: list[Change] = [
        change
        for value in await partition.counting()
        for change in decode_event(value).changes
        if (change.attribution, change.place) == (ANY, NW)
    ]
    assert sum(change.deduplicated[1] - change.deduplicated[0] for change in changes) == 3
    assert changes[-1].deduplicated == (43, 3)


async def test_a_record_that_agrees_cannot_be_voided(partition: Partition, store: SnapshotStore) -> None:
    records = await partition.input(0, None, EVENTS)
    fine = dict(records[-1].headers)[ID].decode()
    partition.put(RecordVoided(event_id=fine, now_ms=NOON_MS))
    owner = owner_of(partition)
    decided = owner.decide(await partition.input(await owner.recover(store)))
    assert decided.records == 0
    assert decided.skipped[Skip.NOT_REFUSED] == 1


async def test_a_snapshot_keeps_what_is_voided_and_not_told_yet(partition: Partition, store: SnapshotStore) -> None:
    record_id = await continue_chain(partition, await forged(partition))
    owner = owner_of(partition, record_id)
    await owner.recover(store)
    stage = LedgerStage(partition.world.book)
    stage.load(owner.stage.save())
    assert stage.ledger == state_of(owner)
    assert list(stage.ledger.refused) == [record_id]
