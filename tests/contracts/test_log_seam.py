"""One contract for every log: whatever reads records must pass these tests, in memory and on Kafka."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete
from aiokafka.structs import TopicPartition

from incident_pipeline.chain import Tail
from incident_pipeline.codec import GENESIS, link
from incident_pipeline.log import (
    LogError,
    LogReader,
    LogRecord,
    LogTruncatedError,
    MemoryLog,
    NewRecord,
    follow_chain,
    read_chain,
)
from incident_pipeline.log.kafka import KafkaLog, open_log

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

PATIENCE_SECONDS = 20


class Log(ABC):
    """A log under test: the reader, and what the tests do to it from outside."""

    reader: LogReader

    @abstractmethod
    async def create(self, topic: str, partitions: int) -> None: ...

    @abstractmethod
    async def delete(self, topic: str) -> None: ...

    @abstractmethod
    async def grow(self, topic: str, partitions: int) -> None: ...

    @abstractmethod
    async def append(self, topic: str, partition: int, records: Sequence[NewRecord]) -> None: ...

    @abstractmethod
    async def truncate(self, topic: str, partition: int, start_offset: int) -> None: ...


class InMemory(Log):
    def __init__(self) -> None:
        self.reader = self._log = MemoryLog()

    async def create(self, topic: str, partitions: int) -> None:
        self._log.create(topic, partitions)

    async def delete(self, topic: str) -> None:
        self._log.delete(topic)

    async def grow(self, topic: str, partitions: int) -> None:
        self._log.grow(topic, partitions)

    async def append(self, topic: str, partition: int, records: Sequence[NewRecord]) -> None:
        self._log.append(topic, partition, records)

    async def truncate(self, topic: str, partition: int, start_offset: int) -> None:
        self._log.truncate(topic, partition, start_offset)


class OnKafka(Log):
    def __init__(self, reader: KafkaLog, admin: AIOKafkaAdminClient, producer: AIOKafkaProducer) -> None:
        self.reader = reader
        self._admin = admin
        self._producer = producer

    async def create(self, topic: str, partitions: int) -> None:
        await self._admin.create_topics([NewTopic(topic, partitions, 1, topic_configs={"retention.ms": "-1"})])
        while not (await self._admin.describe_topics([topic]))[0]["partitions"]:  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # Kafka tells nobody when it is there

    async def delete(self, topic: str) -> None:
        await self._admin.delete_topics([topic])
        while await self.reader.layouts([topic]):  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    async def grow(self, topic: str, partitions: int) -> None:
        await self._admin.create_partitions({topic: NewPartitions(partitions)})

    async def append(self, topic: str, partition: int, records: Sequence[NewRecord]) -> None:
        batch = self._producer.create_batch()
        for new in records:
            assert batch.append(key=new.key, value=new.value, timestamp=new.timestamp_ms, headers=list(new.headers))
        await (await self._producer.send_batch(batch, topic, partition=partition))

    async def truncate(self, topic: str, partition: int, start_offset: int) -> None:
        at = TopicPartition(topic, partition)
        await self._admin.delete_records({at: RecordsToDelete(start_offset)})


@pytest.fixture
async def on_kafka(bootstrap_servers: str) -> AsyncIterator[Log]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers, max_batch_size=1 << 20)
    await admin.start()
    await producer.start()
    try:
        async with open_log(bootstrap_servers) as reader:
            yield OnKafka(reader, admin, producer)
    finally:
        await producer.stop()
        await admin.close()


def some(count: int, first: int = 0) -> list[NewRecord]:
    return [
        NewRecord(f"value {n}".encode(), f"key {n}".encode(), (("n", str(n).encode()),), 1_584_000_000_000 + n)
        for n in range(first, first + count)
    ]


async def read(reader: LogReader, topic: str, partition: int, start: int, end: int) -> list[LogRecord]:
    async with asyncio.timeout(PATIENCE_SECONDS):
        return [record async for batch in reader.read(topic, partition, start, end) for record in batch]


class LogContract:
    """What a tool may expect of a log."""

    @pytest.fixture
    async def topic(self, log: Log, topic_prefix: str) -> str:
        name = f"{topic_prefix}log"
        await log.create(name, 2)
        return name

    async def test_tells_how_many_partitions_a_topic_has(self, log: Log, topic: str) -> None:
        assert await log.reader.partitions(topic) == 2

    async def test_an_empty_partition_begins_and_ends_at_zero(self, log: Log, topic: str) -> None:
        assert await log.reader.start_offset(topic, 1) == 0
        assert await log.reader.end_offset(topic, 1) == 0
        assert await read(log.reader, topic, 1, 0, 0) == []

    async def test_gives_back_every_part_of_a_record(self, log: Log, topic: str) -> None:
        headers = (("ce_id", b"abc"), ("empty", b""), ("ce_id", b"twice"))
        await log.append(topic, 1, [NewRecord(b'{"a":1}', b"key", headers, 1_584_000_000_123)])
        (record,) = await read(log.reader, topic, 1, 0, 1)
        assert (record.topic, record.partition, record.offset) == (topic, 1, 0)
        assert (record.key, record.value, record.timestamp_ms) == (b"key", b'{"a":1}', 1_584_000_000_123)
        assert tuple(record.headers) == headers

    async def test_a_record_may_lack_key_and_value(self, log: Log, topic: str) -> None:
        await log.append(topic, 0, [NewRecord(None)])
        (record,) = await read(log.reader, topic, 0, 0, 1)
        assert record.key is None
        assert record.value is None

    async def test_reads_exactly_from_start_to_end_in_order(self, log: Log, topic: str) -> None:
        await log.append(topic, 0, some(700))
        await log.append(topic, 0, some(800, first=700))
        assert await log.reader.end_offset(topic, 0) == 1500
        records = await read(log.reader, topic, 0, 650, 1300)
        assert [record.offset for record in records] == list(range(650, 1300))
        assert [record.value for record in records] == [f"value {n}".encode() for n in range(650, 1300)]

    async def test_partitions_are_apart(self, log: Log, topic: str) -> None:
        await log.append(topic, 0, some(3))
        assert await log.reader.end_offset(topic, 1) == 0

    async def test_batches_are_never_empty_and_hold_many(self, log: Log, topic: str) -> None:
        await log.append(topic, 0, some(1000))
        sizes = [len(batch) async for batch in log.reader.read(topic, 0, 0, 1000)]
        assert min(sizes) > 0
        assert len(sizes) <= 10

    async def test_a_reader_that_is_cancelled_while_it_ends_does_not_go_on(self, log: Log, topic: str) -> None:
        await log.append(topic, 0, some(5))
        ending = asyncio.Event()

        async def read_and_end() -> None:
            async with aclosing(log.reader.read(topic, 0, 0, 5)) as batches:
                async for _ in batches:
                    ending.set()
                    break

        for number in range(40):
            ending.clear()
            reading = asyncio.create_task(read_and_end())
            await ending.wait()
            for _ in range(number % 8):
                await asyncio.sleep(0)
            if not reading.done():
                reading.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await reading

    async def test_waits_for_an_end_that_is_yet_to_come(self, log: Log, topic: str) -> None:
        await log.append(topic, 0, some(2))
        reading = asyncio.create_task(read(log.reader, topic, 0, 0, 4))
        await asyncio.sleep(0.2)
        assert not reading.done()
        await log.append(topic, 0, some(3, first=2))
        assert [record.offset for record in await reading] == [0, 1, 2, 3]

    async def test_reads_may_overlap(self, log: Log, topic: str) -> None:
        await log.append(topic, 0, some(30))
        await log.append(topic, 1, some(40))
        first, second = await asyncio.gather(read(log.reader, topic, 0, 0, 30), read(log.reader, topic, 1, 10, 40))
        assert (len(first), len(second)) == (30, 30)

    async def test_a_read_may_be_left_early(self, log: Log, topic: str) -> None:
        await log.append(topic, 0, some(10))
        async with aclosing(log.reader.read(topic, 0, 0, 10)) as batches:  # type: ignore[type-var]
            async for batch in batches:
                assert batch[0].offset == 0
                break
        assert len(await read(log.reader, topic, 0, 0, 10)) == 10

    async def test_a_beginning_that_was_deleted_is_an_error_and_not_silence(self, log: Log, topic: str) -> None:
        await log.append(topic, 0, some(10))
        await log.truncate(topic, 0, 4)
        assert await log.reader.start_offset(topic, 0) == 4
        with pytest.raises(LogTruncatedError, match="begins at offset 4"):
            await read(log.reader, topic, 0, 3, 10)
        assert len(await read(log.reader, topic, 0, 4, 10)) == 6

    async def test_an_unknown_topic_is_named(self, log: Log, topic: str) -> None:
        with pytest.raises(LogError, match=f"no topic {topic}-x"):
            await log.reader.partitions(f"{topic}-x")

    async def test_an_unknown_partition_is_named(self, log: Log, topic: str) -> None:
        with pytest.raises(LogError, match="partitions 0 to 1, and no 2"):
            await log.reader.end_offset(topic, 2)

    async def test_a_topic_that_was_made_anew_has_another_id(self, log: Log, topic: str) -> None:
        before = (await log.reader.layouts([topic, f"{topic}-x"]))[topic]
        assert before.partitions == 2
        assert before.id
        assert (await log.reader.layouts([topic]))[topic] == before
        await log.delete(topic)
        assert await log.reader.layouts([topic]) == {}
        await log.create(topic, 2)
        after = (await log.reader.layouts([topic]))[topic]
        assert after.id not in {None, before.id}

    async def test_partitions_that_are_added_are_there_for_a_reader_that_is_open(self, log: Log, topic: str) -> None:
        assert await log.reader.partitions(topic) == 2
        await log.grow(topic, 4)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (await log.reader.layouts([topic]))[topic].partitions < 4:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            assert await log.reader.end_offset(topic, 3) == 0
        assert await log.reader.partitions(topic) == 4

    async def test_a_chain_is_followed_past_records_that_do_not_extend_it(self, log: Log, topic: str) -> None:
        first, second, third = chained(b"1", b"2", b"3")
        stranger = NewRecord(b"x", headers=(("ce_previous", b"00"), ("ce_id", b"11")))
        await log.append(topic, 0, [first, stranger])
        await log.append(topic, 0, [second, first, second])
        await log.append(topic, 0, [third])
        values, tail = [], Tail()
        async with asyncio.timeout(PATIENCE_SECONDS):
            async for batch, reached in read_chain(log.reader, topic, 0):
                values += [record.value for record in batch]
                tail = reached
        assert values == [b"1", b"2", b"3"]
        assert (tail.sequence, tail.offset) == (3, 6)


class TestMemoryLog(LogContract):
    @pytest.fixture
    async def log(self) -> Log:
        return InMemory()

    async def test_compaction_leaves_holes_that_a_read_passes(self) -> None:
        log = MemoryLog()
        log.create("rules", 1)
        log.append("rules", 0, [NewRecord(b"1", b"a"), NewRecord(b"2", b"b"), NewRecord(b"3", b"a")])
        log.compact("rules", 0)
        assert [record.offset for record in await read(log, "rules", 0, 0, 3)] == [1, 2]


class TestKafkaLog(LogContract):
    @pytest.fixture
    async def log(self, on_kafka: Log) -> Log:
        return on_kafka

    @pytest.mark.parametrize("ends", ["committed", "aborted", "open"])
    async def test_only_committed_transactions_are_there_and_markers_are_holes(
        self, log: Log, topic: str, bootstrap_servers: str, ends: str
    ) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers, transactional_id=f"{topic}-{ends}")
        await producer.start()
        try:
            await producer.begin_transaction()
            for new in some(3):
                await producer.send_and_wait(topic, new.value, partition=0)
            if ends == "committed":
                await producer.commit_transaction()
            elif ends == "aborted":
                await producer.abort_transaction()
            await log.append(topic, 0, some(1, first=3))
            end = await log.reader.end_offset(topic, 0)
            assert end == (0 if ends == "open" else 5)  # three, the marker, and the one behind
            values = [record.value for record in await read(log.reader, topic, 0, 0, end)]
            assert values == {
                "committed": [b"value 0", b"value 1", b"value 2", b"value 3"],
                "aborted": [b"value 3"],
            }.get(ends, [])
        finally:
            await producer.stop()

    async def test_says_where_no_kafka_answers_and_what_to_do(self) -> None:
        with pytest.raises(LogError, match=r"(?s)No Kafka answers at 127.0.0.1:9.*incident-pipeline broker"):
            async with open_log("127.0.0.1:9"):
                pass


def chained(*values: bytes) -> list[NewRecord]:
    """Records that extend a chain from its beginning."""
    records, previous = [], GENESIS
    for value in values:
        record_id = link(previous, value)
        headers = (("ce_id", record_id.hex().encode()), ("ce_previous", previous.hex().encode()))
        records.append(NewRecord(value, headers=headers))
        previous = record_id
    return records


class TestTheReadersRule:
    def log_records(self, news: Sequence[NewRecord]) -> list[LogRecord]:
        return [LogRecord("t", 0, n, 0, None, new.value, new.headers) for n, new in enumerate(news)]

    def test_a_fork_loses_to_what_came_first(self) -> None:
        first, ours = chained(b"1", b"ours")
        _, theirs = chained(b"1", b"theirs")
        counting, tail = follow_chain(self.log_records([first, ours, theirs]), Tail())
        assert [record.value for record in counting] == [b"1", b"ours"]
        assert (tail.sequence, tail.offset) == (2, 3)

    def test_a_record_whose_id_its_value_does_not_give_does_not_count(self) -> None:
        first, second = chained(b"1", b"2")
        forged = NewRecord(b"changed", headers=second.headers)
        counting, _ = follow_chain(self.log_records([first, forged, second]), Tail())
        assert [record.value for record in counting] == [b"1", b"2"]

    def test_cutting_the_records_into_batches_changes_nothing(self) -> None:
        records = self.log_records([*chained(b"1", b"2"), *chained(b"1", b"x"), *chained(b"1", b"2", b"3", b"4")])
        whole, end = follow_chain(records, Tail())
        for cut in range(len(records) + 1):
            before, tail = follow_chain(records[:cut], Tail())
            after, tail = follow_chain(records[cut:], tail)
            assert ([*before, *after], tail) == (whole, end)
