"""How the client's fetcher keeps what it fetched, which `streams/light_records.py` replaces."""

from __future__ import annotations

import gc
import inspect
import weakref
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.consumer.fetcher import READ_COMMITTED, READ_UNCOMMITTED, Fetcher, FetchResult, PartitionRecords
from aiokafka.consumer.subscription_state import Assignment, TopicPartitionState
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import calc_crc32c_py
from aiokafka.structs import TopicPartition
from raw_records import raw_records

from streams.light_records import LightRecords

if TYPE_CHECKING:
    from collections.abc import Sequence


TOPIC = "input"


def test_the_compiled_record_code_is_in_use() -> None:
    assert DefaultRecordBatchBuilder.__module__.startswith("aiokafka.record._crecords")
    assert MemoryRecords.__module__.startswith("aiokafka.record._crecords")


def test_a_compiled_record_has_what_an_agent_needs() -> None:
    (record,) = raw_records(0)
    assert (record.offset, record.timestamp, record.timestamp_type) == (0, 1_000, 0)
    assert (record.key, record.value, list(record.headers)) == (b"k", b"v", [("h", b"x")])


def fetched(
    *batches: bytes,
    offset: int = 0,
    topic: str = TOPIC,
    batched: bool = True,
    aborted: Sequence[tuple[int, int]] = (),
    isolation: int = READ_UNCOMMITTED,
    results: OrderedDict[Any, Any] | None = None,
) -> FetchResult:
    """Return what a fetch from `offset` on gave, as the fetcher keeps it where its results are replaced.

    `aborted`: (producer, first offset) of aborted transactions, as the broker tells them.
    """
    tp = TopicPartition(topic, 0)
    results = LightRecords(yes if batched else no) if results is None else results
    content = MemoryRecords(b"".join(batches))
    records = PartitionRecords(tp, content, list(aborted), offset, None, None, True, isolation)
    assignment = Assignment([tp])
    assignment.state_value(tp).seek(offset)
    results[tp] = FetchResult(tp, assignment=assignment, partition_records=records, backoff=0.0)
    return results[tp]


def kafka_batch(base_offset: int, records: int) -> bytes:
    """Return a Kafka batch as a broker stores it."""
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, 0, 1 << 20)
    for index in range(records):
        builder.append(index, 1_000, key=b"k", value=b"v%d" % index, headers=[("h", b"x")])
    return base_offset.to_bytes(8) + bytes(builder.build())[8:]


def position(result: FetchResult) -> int:
    return int(result._assignment.state_value(result._topic_partition).position)


async def test_light_records_skip_the_dataclass_for_batched_topics_only() -> None:
    for batched in (True, False):
        (record,) = fetched(kafka_batch(0, 1), batched=batched).getall()
        assert (type(record).__name__ == "DefaultRecord") is batched
        assert (record.offset, record.key, record.value) == (0, b"k", b"v0")


@pytest.mark.parametrize("offset", range(9))
async def test_light_records_are_those_that_the_client_itself_gives(offset: int) -> None:
    batches = [kafka_batch(base, count) for base, count in ((0, 3), (5, 1), (6, 2)) if base + count > offset]
    ours, clients = (fetched(*batches, offset=offset, batched=batched) for batched in (True, False))
    given = [(r.offset, r.timestamp, r.key, r.value, tuple(r.headers)) for r in ours.getall()]
    assert given == [(r.offset, r.timestamp, r.key, r.value, tuple(r.headers)) for r in clients.getall()]
    assert position(ours) == position(clients)
    assert not ours.has_more()


def transactional_batch(base_offset: int, producer: int, records: int = 1, *, marker: bytes | None = None) -> bytes:
    """Return a batch of a transaction, or the control batch that ends one: `marker` is its type, 0 for aborted."""
    builder = DefaultRecordBatchBuilder(2, 0, 1, producer, 0, 0, 1 << 20)
    for index in range(records):
        key = b"k" if marker is None else b"\x00\x00" + marker
        builder.append(index, 1_000, key=key, value=b"v%d" % index, headers=[])
    raw = bytearray(base_offset.to_bytes(8) + bytes(builder.build())[8:])
    if marker is not None:
        raw[22] |= 0x20  # attributes: a control batch
        raw[17:21] = calc_crc32c_py(bytes(raw[21:])).to_bytes(4)
    return bytes(raw)


ABORT, COMMIT = b"\x00\x00", b"\x00\x01"


@pytest.mark.parametrize("offset", range(7))
async def test_light_records_leave_out_what_was_aborted_as_the_client_does(offset: int) -> None:
    batches = [
        (0, 1, transactional_batch(0, producer=7)),  # aborted
        (1, 2, transactional_batch(1, producer=8)),  # committed, though between
        (2, 3, transactional_batch(2, producer=7, marker=ABORT)),
        (3, 4, transactional_batch(3, producer=7)),  # the same producer's next one, committed
        (4, 5, transactional_batch(4, producer=7, marker=COMMIT)),
        (5, 6, kafka_batch(5, 1)),
        (6, 7, transactional_batch(6, producer=8, marker=COMMIT)),
    ]
    tail = [batch for _, end, batch in batches if end > offset]
    aborted = [(7, 0)] if offset <= 2 else []
    ours, clients = (
        fetched(*tail, offset=offset, batched=batched, aborted=aborted, isolation=READ_COMMITTED)
        for batched in (True, False)
    )
    assert (
        [r.offset for r in ours.getall()]
        == [r.offset for r in clients.getall()]
        == [number for number in (1, 3, 5) if number >= offset]
    )
    assert position(ours) == position(clients) == 7


async def test_light_records_tell_which_offsets_were_read_with_or_without_records() -> None:
    results: Any = LightRecords(yes)
    result = fetched(kafka_batch(2, 1), transactional_batch(3, producer=7, marker=COMMIT), offset=1, results=results)
    assert [record.offset for record in result.getall()] == [2]
    assert results.spans(TopicPartition(TOPIC, 0)) == [(1, 4)]
    assert results.spans(TopicPartition(TOPIC, 0)) == []


async def test_a_fetch_with_a_damaged_batch_is_read_again_from_its_beginning() -> None:
    damaged = bytearray(kafka_batch(3, 2))
    damaged[-1] ^= 1
    result = fetched(kafka_batch(0, 3), bytes(damaged), kafka_batch(5, 2))
    with pytest.raises(CorruptRecordException):
        result.getall()
    assert result.getall() == []
    assert position(result) == 0


async def test_a_fetch_is_freed_without_the_collector_once_its_records_were_taken() -> None:
    tp = TopicPartition(TOPIC, 0)
    records = PartitionRecords(tp, MemoryRecords(kafka_batch(0, 1)), [], 0, None, None, True, 0)
    gone = weakref.ref(records)
    gc.disable()
    try:
        results: OrderedDict[Any, Any] = LightRecords(yes)
        assignment = Assignment([tp])
        assignment.state_value(tp).seek(0)
        results[tp] = FetchResult(tp, assignment=assignment, partition_records=records, backoff=0.0)
        del records
        assert len(results.pop(tp).getall()) == 1
        assert gone() is None
    finally:
        gc.enable()


def yes(_tp: object) -> bool:
    return True


def no(_tp: object) -> bool:
    return False


def test_the_fetcher_keeps_its_results_where_they_are_replaced() -> None:
    assert "self._records = collections.OrderedDict()" in inspect.getsource(Fetcher.__init__)
    assert "self._records[tp] = FetchResult(" in inspect.getsource(Fetcher._proc_fetch_request)
    assert "self._fetch_max_wait_ms," in inspect.getsource(Fetcher._get_actions_per_node)
    assert "self._records_iterator = self._unpack_records()" in inspect.getsource(PartitionRecords.__init__)
    for name in ("_tp", "_records", "_check_crcs", "_aborted_transactions", "_aborted_producers", "next_fetch_offset"):
        assert f"self.{name} = " in inspect.getsource(PartitionRecords.__init__)


def test_the_client_has_its_isolation_and_its_position_where_the_consumer_looks_for_them() -> None:
    assert "isolation_level=self._isolation_level," in inspect.getsource(AIOKafkaConsumer.start)
    assert "self._subscription = " in inspect.getsource(AIOKafkaConsumer.__init__)
    assert "self._position" in inspect.getsource(TopicPartitionState)
