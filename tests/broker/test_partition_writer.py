"""The partition writer on a real broker: in order, one produce at a time, whole groups, and nothing after a failure."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.consumer.fetcher import PartitionRecords

from streams.partition_writer import (
    GroupTooLargeError,
    LogProducer,
    OutgoingRecord,
    OvertakenError,
    PartitionWriter,
    WriteFailedError,
    Written,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from incident_pipeline.broker import Cluster

pytestmark = pytest.mark.broker

LIMIT_BYTES = 20_000


@pytest.fixture
async def producer(kafka: Cluster) -> AsyncIterator[LogProducer]:
    async with LogProducer(kafka.bootstrap_servers, max_batch_bytes=LIMIT_BYTES) as producer:
        yield producer


@pytest.fixture
async def topic(kafka: Cluster, topic_prefix: str) -> str:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap_servers)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(f"{topic_prefix}output", 2, 1)])
    finally:
        await admin.close()
    return f"{topic_prefix}output"


def record(value: bytes, timestamp_ms: int = 1_583_488_860_000) -> OutgoingRecord:
    return OutgoingRecord(value, timestamp_ms, b"theatre", [("ce_id", b"1")])


async def read(kafka: Cluster, topic: str, count: int, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Any], list[int]]:
    """Return `count` records of partition 0, and the base offset of the Kafka batch of each."""
    bases: list[int] = []
    plain = PartitionRecords._unpack_records

    def noting(self: Any) -> Any:
        batches, next_batch = self._records, self._records.next_batch

        class Noting:
            has_next = staticmethod(batches.has_next)

            @staticmethod
            def next_batch() -> Any:
                batch = next_batch()
                bases.extend([batch.base_offset] * (batch.next_offset - batch.base_offset))
                return batch

        self._records = Noting
        return plain(self)

    monkeypatch.setattr(PartitionRecords, "_unpack_records", noting)
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap_servers)
    await consumer.start()
    try:
        tp = TopicPartition(topic, 0)
        consumer.assign([tp])
        await consumer.seek_to_beginning(tp)
        records: list[Any] = []
        while len(records) < count:
            records += (await consumer.getmany(tp, timeout_ms=1_000)).get(tp, [])
        return records, bases
    finally:
        await consumer.stop()


async def test_records_arrive_as_they_were_given(
    kafka: Cluster, producer: LogProducer, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = PartitionWriter(producer, topic, 0, end=0)
    written = await (await writer.send([[record(b"a")], [record(b"b", 5), OutgoingRecord(b"c", 6)]]))
    assert written == Written(base_offset=0, end_offset=3, records=3)
    records, _ = await read(kafka, topic, 3, monkeypatch)
    assert [(r.key, r.value, r.timestamp, tuple(r.headers)) for r in records] == [
        (b"theatre", b"a", 1_583_488_860_000, (("ce_id", b"1"),)),
        (b"theatre", b"b", 5, (("ce_id", b"1"),)),
        (None, b"c", 6, ()),
    ]


async def test_no_group_is_split_across_kafka_batches(
    kafka: Cluster, producer: LogProducer, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = PartitionWriter(producer, topic, 0, end=0)
    sizes = [1, 30, 2, 55, 55, 3, 55, 1, 1, 40, 40, 5]  # of some 320 bytes each: 55 nearly fill a batch
    groups = [[record(b"%03d" % index + b"x" * 300) for _ in range(size)] for index, size in enumerate(sizes)]
    written = await (await writer.send(groups))
    assert written == Written(base_offset=0, end_offset=sum(sizes), records=sum(sizes))
    records, bases = await read(kafka, topic, sum(sizes), monkeypatch)
    assert [r.value[:3] for r in records] == [b"%03d" % i for i, size in enumerate(sizes) for _ in range(size)]
    batches_of_group: dict[bytes, set[int]] = {}
    for one, base in zip(records, bases, strict=True):
        batches_of_group.setdefault(one.value[:3], set()).add(base)
    assert all(len(batches) == 1 for batches in batches_of_group.values())
    assert len(set(bases)) > 3


async def test_the_next_batch_is_handed_over_while_the_former_is_acknowledged(
    producer: LogProducer, topic: str
) -> None:
    writer = PartitionWriter(producer, topic, 0, end=0)
    first = await writer.send([[record(b"a")]])
    assert not first.done()  # `send` did not wait for it
    second = await writer.send([[record(b"b")]])
    assert first.done()  # but the second did: one unacknowledged produce at most
    assert (await first).end_offset == (await second).base_offset == 1


async def test_concurrent_sends_keep_their_order(producer: LogProducer, topic: str) -> None:
    writer = PartitionWriter(producer, topic, 0, end=0)
    sends = [asyncio.create_task(writer.send([[record(b"%d" % n)]])) for n in range(20)]
    assert [(await (await send)).base_offset for send in sends] == list(range(20))


async def test_a_write_by_somebody_else_is_noticed_and_nothing_follows_it(producer: LogProducer, topic: str) -> None:
    owner, zombie = PartitionWriter(producer, topic, 0, end=0), PartitionWriter(producer, topic, 0)
    await (await zombie.send([[record(b"zombie")]]))
    overtaken = await owner.send([[record(b"mine")]])
    with pytest.raises(OvertakenError, match="expected offset 0, got 1") as caught:
        await overtaken
    assert caught.value.written == Written(base_offset=1, end_offset=2, records=1)
    with pytest.raises(OvertakenError):
        await owner.send([[record(b"later")]])
    assert owner.is_broken
    again = PartitionWriter(producer, topic, 0, end=2)
    assert (await (await again.send([[record(b"after the gap")]]))).base_offset == 2


async def test_a_group_above_the_limit_is_refused_by_name_and_what_precedes_it_is_written(
    producer: LogProducer, topic: str
) -> None:
    writer = PartitionWriter(producer, topic, 0, end=0)
    fits, too_large = [record(b"fits")], [record(b"x" * 9_000)] * 3
    with pytest.raises(GroupTooLargeError, match="group 1 of 3 records") as caught:
        await writer.send([fits, too_large, fits])
    assert caught.value.index == 1
    with pytest.raises(GroupTooLargeError):
        await writer.send([fits])
    again = PartitionWriter(producer, topic, 0, end=1)
    assert (await (await again.send([fits]))).base_offset == 1


async def test_a_large_group_travels_alone_where_several_may_not(
    kafka: Cluster, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = {"max_batch_bytes": LIMIT_BYTES, "max_group_bytes": 3 * LIMIT_BYTES}
    async with LogProducer(kafka.bootstrap_servers, **limits) as producer:
        writer = PartitionWriter(producer, topic, 0, end=0)
        sizes = [1, 120, 1, 100, 100, 1]  # of some 320 bytes each: 55 nearly fill a batch of several groups
        groups = [[record(b"%03d" % index + b"x" * 300) for _ in range(size)] for index, size in enumerate(sizes)]
        written = await (await writer.send(groups))
        assert written == Written(base_offset=0, end_offset=sum(sizes), records=sum(sizes))
        records, bases = await read(kafka, topic, sum(sizes), monkeypatch)
        groups_of_batch: dict[int, set[bytes]] = {}
        for one, base in zip(records, bases, strict=True):
            groups_of_batch.setdefault(base, set()).add(one.value[:3])
        assert list(groups_of_batch.values()) == [{b"000"}, {b"001"}, {b"002"}, {b"003"}, {b"004"}, {b"005"}]
        with pytest.raises(GroupTooLargeError):
            await writer.send([[record(b"x" * 4 * LIMIT_BYTES)]])


async def test_one_record_above_the_limit_is_refused_too(producer: LogProducer, topic: str) -> None:
    writer = PartitionWriter(producer, topic, 0, end=0)
    with pytest.raises(GroupTooLargeError):
        await writer.send([[record(b"x" * 2 * LIMIT_BYTES)]])


async def test_after_a_failed_produce_nothing_is_written(kafka: Cluster, topic: str) -> None:
    async with LogProducer(kafka.bootstrap_servers, max_batch_bytes=3_000_000) as producer:
        writer = PartitionWriter(producer, topic, 0, end=0)
        refused = await writer.send([[record(b"x" * 2_000_000)]])  # above the broker's limit
        with pytest.raises(WriteFailedError, match="MessageSizeTooLarge"):
            await refused
        with pytest.raises(WriteFailedError):
            await writer.send([[record(b"small")]])


async def test_a_partition_that_does_not_exist_is_a_failure_and_not_a_wait(producer: LogProducer, topic: str) -> None:
    with pytest.raises(WriteFailedError, match="Unrecognized partition"):
        await PartitionWriter(producer, topic, 7).send([[record(b"a")]])


async def test_nothing_to_write_is_a_mistake(producer: LogProducer, topic: str) -> None:
    with pytest.raises(ValueError, match="no record"):
        await PartitionWriter(producer, topic, 0).send([[]])
