"""What the client has fetched, handed on as its compiled decoder made it."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from aiokafka.errors import CorruptRecordException

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from aiokafka.consumer.fetcher import FetchError, FetchResult, PartitionRecords
    from aiokafka.record.default_records import DefaultRecordBatch
    from aiokafka.structs import TopicPartition
    from faust.types import TP

    from streams.record_batch import RawRecord

__all__ = ["LightRecords", "Span"]

_NOWHERE = -1
"""A position that no partition has: the client drops a result that does not go on where the partition stands."""


class Span(NamedTuple):
    """Offsets that were read, `begin` to `end` - 1, with or without records at them."""

    begin: int
    end: int


class _Undecorated:
    """Stands in for the client's `PartitionRecords`: the records as decoded, with no Python code run for each of them.

    `FetchResult.getall` drains it in one go, since no `max_poll_records` is set. The position moves on at the end only:
    what breaks off, at a batch whose checksum is wrong, is fetched again as a whole. What belongs to an aborted
    transaction is left out, as the client does; the client reads committed, so an open one is not there yet.
    """

    __slots__ = ("_batches", "_check_crcs", "_drained", "_records", "_tp", "next_fetch_offset")

    def __init__(self, records: PartitionRecords, drained: Callable[[TopicPartition, Span], None]) -> None:
        self._records = records
        self._drained = drained
        self._tp = records._tp  # noqa: SLF001 - pinned by a contract test, as the next two
        self._batches = records._records  # noqa: SLF001
        self._check_crcs = records._check_crcs  # noqa: SLF001
        self.next_fetch_offset: int = records.next_fetch_offset
        # It refers to itself through its iterator, and the tamed collector would never find it: a fetch each time.
        records._records_iterator = None  # noqa: SLF001

    def __iter__(self) -> Iterator[RawRecord]:
        return itertools.chain.from_iterable(self._in_batches())

    def _in_batches(self) -> Iterator[Iterable[RawRecord]]:
        begin = end = self.next_fetch_offset
        self.next_fetch_offset = _NOWHERE
        while self._batches.has_next():
            batch = self._batches.next_batch()
            if self._check_crcs and not batch.validate_crc():
                raise CorruptRecordException(f"Invalid CRC - {self._tp}")
            if not self._is_aborted(batch) and not batch.is_control_batch:
                # Only the first batch can begin before what was asked for.
                yield batch if end > begin else [record for record in batch if record.offset >= begin]
            end = batch.next_offset
        self.next_fetch_offset = end
        self._drained(self._tp, Span(begin, end))

    def _is_aborted(self, batch: DefaultRecordBatch) -> bool:
        """Whether the batch is of an aborted transaction; called for each batch in turn, as the client's loop does."""
        records = self._records
        if not records._aborted_transactions and not records._aborted_producers:  # noqa: SLF001 - as above
            return False
        records._consume_aborted_up_to(batch.base_offset)  # noqa: SLF001
        aborted = records._aborted_producers  # noqa: SLF001
        if batch.is_control_batch and records._contains_abort_marker(batch):  # noqa: SLF001
            aborted.discard(batch.producer_id)
        return bool(batch.is_transactional) and batch.producer_id in aborted


class LightRecords(OrderedDict["TopicPartition", "FetchResult | FetchError"]):
    """The fetcher's results: those of batched topics do without a dataclass copy of each record.

    It also keeps which offsets were read: more than the records say, since markers of transactions, aborted records and
    what compaction took away have offsets as well.
    """

    def __init__(self, is_batched: Callable[[TP], bool]) -> None:
        super().__init__()
        self._is_batched = is_batched
        self._spans: dict[TopicPartition, list[Span]] = {}

    def spans(self, tp: TopicPartition) -> list[Span]:
        """Hand over what was read of a partition since the last call, in order; called between two fetches."""
        return self._spans.pop(tp, [])

    def _drained(self, tp: TopicPartition, span: Span) -> None:
        self._spans.setdefault(tp, []).append(span)

    def __setitem__(self, tp: TopicPartition, result: FetchResult | FetchError) -> None:
        records = getattr(result, "_partition_records", None)  # an error has none
        if records is not None and self._is_batched(tp):
            result._partition_records = _Undecorated(records, self._drained)  # noqa: SLF001 - pinned by a contract test
        super().__setitem__(tp, result)
