"""What a record-batch topic hands to an agent, and what is said about its partitions."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import faust
from faust.types import TP

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

__all__ = [
    "TP",
    "Assignment",
    "BatchLimits",
    "BatchObserver",
    "NoObserver",
    "PartitionListener",
    "PartitionNumbers",
    "RawRecord",
    "RecordBatch",
    "RecordBatches",
]


class RawRecord(Protocol):
    """A record as the client decoded it: aiokafka's own compiled record, without a copy of it."""

    @property
    def offset(self) -> int:
        """Place in the partition."""

    @property
    def timestamp(self) -> int:
        """Milliseconds since 1970: the broker's append time, or the producer's, by `timestamp_type`."""

    @property
    def timestamp_type(self) -> int:
        """0: given by the producer; 1: the broker's append time."""

    @property
    def key(self) -> bytes | None:
        """Raw key."""

    @property
    def value(self) -> bytes | None:
        """Raw value."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]:
        """Names and raw values, in the order written."""


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class RecordBatch:
    """Consecutive records of one partition.

    `start` is where reading stood before it: the offset after the batch before, or the one that was sought.
    """

    topic: str
    partition: int
    start: int
    first: int
    last: int
    generation: int  # of the consumer group, when it was fetched
    epoch: int  # of the reading position: another one after each seek, re-read and assignment
    records: Sequence[RawRecord]


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """What one partition may hold in memory between the fetch and the acknowledgement.

    Checked before each fetch, so one fetch (`consumer_max_fetch_size`) can come on top.
    """

    batch_records: int = 2_000  # bounds how long one batch keeps the event loop
    records_in_flight: int = 20_000
    bytes_in_flight: int = 32 << 20  # keys and values
    batches_in_flight: int = 64  # a trickle of one-record batches must not fill Faust's queue


@dataclass(frozen=True, slots=True)
class Assignment:
    """What this worker reads from now on, of the record-batch topics."""

    generation: int
    added: frozenset[TP]
    retained: frozenset[TP]  # was read here before the rebalance as well: state may be kept
    lost: frozenset[TP]

    @property
    def partitions(self) -> frozenset[TP]:
        """Every record-batch partition that is assigned now."""
        return self.added | self.retained


class PartitionListener(Protocol):
    """Told about rebalances on the event loop; it must not block (start a task for what takes time)."""

    def partitions_revoked(self, partitions: frozenset[TP]) -> None:
        """Hand back what is queued: a rebalance begins, and waits for what is being worked on."""

    def partitions_assigned(self, assignment: Assignment) -> None:
        """Begin anew. Partitions that their owner positions stay silent until `reposition`."""


class BatchObserver(Protocol):
    """Where numbers go; metrics implement it."""

    def batch_fetched(self, topic: str, partition: int, records: int, size_bytes: int) -> None:
        """Count a batch on its way to the agent; the bytes are those of keys and values."""

    def offset_committed(self, topic: str, partition: int, offset: int) -> None:
        """Note that the broker has taken this offset for committed."""

    def records_deleted(self, topic: str, partition: int, first: int, end: int) -> None:
        """Say that the offsets `first` to `end` - 1 were deleted before they were read."""

    def position_gone(self, topic: str, partition: int, position: int, begin: int) -> None:
        """Say that the partition ends before `position`, up to which it was read: it is not the log that it was.

        `begin`: where it begins now. Nothing more of it is read until it is assigned or repositioned again.
        """


class NoObserver:
    """Where nobody watches."""

    def batch_fetched(self, topic: str, partition: int, records: int, size_bytes: int) -> None:
        """Let it pass."""

    def offset_committed(self, topic: str, partition: int, offset: int) -> None:
        """Let it pass."""

    def records_deleted(self, topic: str, partition: int, first: int, end: int) -> None:
        """Let it pass."""

    def position_gone(self, topic: str, partition: int, position: int, begin: int) -> None:
        """Let it pass."""


@dataclass(frozen=True, slots=True)
class PartitionNumbers:
    """One partition as metrics want it. Times are seconds since 1970; None means not known (yet)."""

    topic: str
    partition: int
    records_in_flight: int
    bytes_in_flight: int
    position: int | None  # next offset to fetch
    finished: int | None  # first offset not finished
    committed: int | None  # last offset that the broker took from this worker, or had on assignment
    highwater: int | None  # end of the partition at the last fetch; lag = highwater - committed
    committed_at_seconds: float | None
    pending_since_seconds: float | None  # fetch of the oldest batch not committed; None: nothing is pending
    held: bool  # waits for its owner's `reposition`


class RecordBatches(faust.Schema):
    """Marks a topic as batched; the event's value is the `RecordBatch`.

    With `positioned_by_owner`, an assigned partition delivers nothing until `BatchTransport.reposition` says
    from which offset; otherwise reading goes on at the group's committed offset.
    """

    def __init__(self, *, positioned_by_owner: bool = False, **options: object) -> None:
        super().__init__(key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw", **options)
        self.positioned_by_owner = positioned_by_owner

    def compile(self, app: faust.App, **_options: object) -> Callable[..., Awaitable[faust.EventT]]:
        """Pass the batch through: where nothing is decoded, nothing is acknowledged by failing to decode."""

        async def decode(message: faust.types.Message, **_options: object) -> faust.EventT:
            event = app.create_event(None, message.value, None, message)
            # From here on the event's life is the batch's: Faust's loop holds its last message for good.
            message.ticket.is_alive = weakref.ref(event)
            return event

        return decode
