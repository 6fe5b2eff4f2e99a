"""Writing to one partition in order: one unacknowledged produce at most, and nothing after a failure.

    async with LogProducer("127.0.0.1:9092") as producer:
        writer = PartitionWriter(producer, "events", 3, end=1_204)
        written = await writer.send(groups)  # handed to the client: compute the next batch meanwhile
        (await written).end_offset           # acknowledged by every in-sync replica

A group is what one input caused. Its records travel in one Kafka record batch, so a crash leaves all of them
or none. The producer is the project's own, since Faust's is not idempotent outside transactions. A retry
inside the client adds nothing twice.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Never, Self

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from incident_pipeline.log.clients import producer_client
from incident_pipeline.log.connection import Connection
from incident_pipeline.log.denials import denial
from incident_pipeline.log.kafka import failure
from streams.parcel import Outgoing, Parcel

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from types import TracebackType

    from aiokafka.producer.message_accumulator import BatchBuilder
    from aiokafka.structs import RecordMetadata

__all__ = [
    "MAX_BATCH_BYTES",
    "GroupTooLargeError",
    "LogProducer",
    "Outgoing",
    "OutgoingRecord",
    "OvertakenError",
    "PartitionWriter",
    "WriteFailedError",
    "WriterError",
    "Written",
]

# Below Kafka's own default for the largest record batch (max.message.bytes, 1,048,588 bytes).
MAX_BATCH_BYTES = 1_000_000


class OutgoingRecord(msgspec.Struct, frozen=True, gc=False):
    """The plain form of a record to write."""

    value: bytes | None
    timestamp_ms: int
    key: bytes | None = None
    headers: list[tuple[str, bytes]] = msgspec.field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Written:
    """What one `send` became: the first record got `base_offset`, the last one `end_offset` - 1.

    With a known end, or where nobody else writes, the `records` lie at consecutive offsets.
    """

    base_offset: int
    end_offset: int
    records: int


class WriterError(Exception):
    """A write did not go as its owner took for granted. It breaks the writer: nothing more is written."""

    def __init__(self, topic: str, partition: int, what: str) -> None:
        super().__init__(f"{topic}[{partition}]: {what}")
        self.topic = topic
        self.partition = partition


class WriteFailedError(WriterError):
    """The produce failed, or nobody knows where it landed; it may still land later."""


class GroupTooLargeError(WriterError):
    """A group does not fit the largest Kafka batch. The groups before it in the same `send` are written."""

    def __init__(self, topic: str, partition: int, *, index: int, records: int, limit_bytes: int) -> None:
        super().__init__(
            topic,
            partition,
            f"group {index} of {records} records does not fit a batch of {limit_bytes} bytes",
        )
        self.index = index


class OvertakenError(WriterError):
    """The records were written, but not at the end that the owner knew: somebody else wrote in between.

    The owner reads the gap from `expected_offset`; if something there counts, its own records may not.
    """

    def __init__(self, topic: str, partition: int, *, expected_offset: int, written: Written) -> None:
        super().__init__(topic, partition, f"expected offset {expected_offset}, got {written.base_offset}")
        self.expected_offset = expected_offset
        self.written = written


class LogProducer:
    """The client that writers share: idempotent, acknowledged by all in-sync replicas.

    Its writers share requests, one per broker at a time; give an agent a producer of its own for more. Start
    and stop it with the app: `await app.add_async_context(LogProducer(...))` stops it after the agents.
    """

    def __init__(
        self,
        cluster: Connection | str,
        *,
        max_batch_bytes: int = MAX_BATCH_BYTES,
        max_group_bytes: int | None = None,
        compression: str | None = None,
        request_timeout_seconds: float = 40.0,
        stop_seconds: float = 10.0,
    ) -> None:
        """`max_batch_bytes`: of a batch of several groups; `max_group_bytes`: of a group that travels alone."""
        self.max_batch_bytes = max_batch_bytes
        self.max_group_bytes = max(max_batch_bytes, max_group_bytes or 0)
        self.connection = Connection.to(cluster)
        self._stop_seconds = stop_seconds
        self._options = {
            "acks": "all",
            "enable_idempotence": True,
            "linger_ms": 0,
            "max_batch_size": self.max_group_bytes,
            "max_request_size": self.max_group_bytes + 65_536,
            "compression_type": compression,
            "request_timeout_ms": int(request_timeout_seconds * 1000),
        }
        self._client: AIOKafkaProducer | None = None

    async def __aenter__(self) -> Self:
        client = producer_client(self.connection, **self._options)
        try:
            await client.start()
        except KafkaError as error:
            await client.stop()
            raise await failure(self.connection, "Kafka cannot be written to", error, doing="write to") from error
        except BaseException:
            await client.stop()
            raise
        self._client = client
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            # Without a broker the client would retry, and wait to be flushed, for ever.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._client.stop(), self._stop_seconds)

    @property
    def client(self) -> AIOKafkaProducer:
        """The aiokafka producer. Raises RuntimeError before the start."""
        if self._client is None:
            raise RuntimeError("the producer is not started: use `async with LogProducer(...)`")
        return self._client


class PartitionWriter:
    """The one writer of an output partition in this worker.

    With `end`, the offset that the next record must get, it notices that somebody else has written; without
    it, it does not look. Concurrent calls of `send` are served in their order.
    """

    def __init__(self, producer: LogProducer, topic: str, partition: int, *, end: int | None = None) -> None:
        self.topic = topic
        self.partition = partition
        self.end = end
        self.error: WriterError | None = None
        self._producer = producer
        self._in_flight: asyncio.Task[Written] | None = None
        self._turn = asyncio.Lock()

    @property
    def is_broken(self) -> bool:
        """Whether nothing more is written: make a new one once the owner has read the partition again."""
        return self.error is not None

    def parcel(self) -> Parcel:
        """Where groups of the pipeline's own records are packed for `send_parcel`."""
        return Parcel(self._producer, own=True)

    async def send(self, groups: Sequence[Sequence[Outgoing]]) -> asyncio.Future[Written]:
        """Pack the groups and send them, as `send_parcel` does."""
        parcel = Parcel(self._producer)
        for group in groups:
            parcel.add(group)
        return await self.send_parcel(parcel)

    async def send_parcel(self, parcel: Parcel) -> asyncio.Future[Written]:
        """Hand what was packed to the client, acknowledged one Kafka batch by one.

        Returns when the last of them is on its way; the future gets the result, or a WriterError, when that
        one is acknowledged. Raises the WriterError that broke the writer, now or earlier, having written the
        first groups or none; ValueError if there is no record at all.
        """
        async with self._turn:
            return await self._send_in_turn(parcel)

    async def _send_in_turn(self, parcel: Parcel) -> asyncio.Future[Written]:
        sent: list[asyncio.Task[Written]] = []
        for batch in parcel.batches:
            if batch.record_count():
                await self._wait_for_acknowledgement()
                sent.append(await self._produce(batch))
        if parcel.refused is not None:
            await self._wait_for_acknowledgement()
            self._refuse(*parcel.refused)
        if not sent:
            raise ValueError("nothing to write: the groups hold no record")
        return sent[0] if len(sent) == 1 else _quietly(_join(sent))

    def _refuse(self, index: int, records: int) -> Never:
        limit_bytes = self._producer.max_group_bytes
        self.error = GroupTooLargeError(
            self.topic, self.partition, index=index, records=records, limit_bytes=limit_bytes
        )
        raise self.error

    async def _wait_for_acknowledgement(self) -> None:
        if self._in_flight is not None:
            await asyncio.wait([self._in_flight])
        if self.error is not None:
            raise self.error

    async def _produce(self, builder: BatchBuilder) -> asyncio.Task[Written]:
        records = builder.record_count()
        builder.close()
        try:
            delivery = await self._producer.client.send_batch(builder, self.topic, partition=self.partition)
        except (KafkaError, AssertionError) as error:  # the client asserts that it knows the partition
            self.error = WriteFailedError(self.topic, self.partition, f"cannot produce: {self._said(error)}")
            raise self.error from error
        self._in_flight = _quietly(self._acknowledged(delivery, records))
        return self._in_flight

    async def _acknowledged(self, delivery: asyncio.Future[RecordMetadata], records: int) -> Written:
        try:
            base_offset = (await delivery).offset
        except BaseException as error:
            self.error = WriteFailedError(self.topic, self.partition, f"produce failed: {self._said(error)}")
            raise self.error from error
        written = Written(base_offset, base_offset + records, records)
        if base_offset < 0:  # the broker knows the batch as a repeat, but no longer where it lies
            self.error = WriteFailedError(self.topic, self.partition, "written at an unknown offset")
        elif self.end is not None and base_offset != self.end:
            self.error = OvertakenError(self.topic, self.partition, expected_offset=self.end, written=written)
        if self.error is not None:
            raise self.error
        if self.end is not None:
            self.end = written.end_offset
        return written

    def _said(self, error: BaseException) -> str:
        denied = denial(self._producer.connection, error, "write to", self.topic)
        return repr(error) if denied is None else str(denied)


async def _join(sent: Sequence[asyncio.Task[Written]]) -> Written:
    parts = [await part for part in sent]
    return Written(parts[0].base_offset, parts[-1].end_offset, sum(part.records for part in parts))


def _quietly(acknowledgement: Coroutine[None, None, Written]) -> asyncio.Task[Written]:
    # The writer keeps the error, and the next send raises it: no warning if nobody looks at this one.
    task = asyncio.ensure_future(acknowledgement)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task
