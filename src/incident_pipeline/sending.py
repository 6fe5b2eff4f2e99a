"""Sending reports as a producer should: keyed by source, in order, acknowledged by every replica."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from incident_pipeline.log import LogError
from incident_pipeline.log.clients import producer_client
from incident_pipeline.log.connection import Connection
from incident_pipeline.log.denials import denial
from incident_pipeline.log.kafka import failure, open_log

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from incident_pipeline.topics import Topic

__all__ = ["Sender", "fits", "open_sender", "source_key"]

_IN_FLIGHT_RECORDS: Final = 2_000
_ROOM_BYTES: Final = 1_000  # headers of a record and of its batch


class _Keyed(msgspec.Struct):
    """As much of a report as its key needs."""

    source: str


_keyed = msgspec.json.Decoder(_Keyed)


def source_key(value: bytes) -> bytes | None:
    """Give the key that a report belongs under: its source; None where it does not say."""
    try:
        return _keyed.decode(value).source.encode()
    except (msgspec.DecodeError, UnicodeError):
        return None


def fits(value: bytes, topic: Topic) -> bool:
    """Whether a topic takes a record of that size."""
    return len(value) + _ROOM_BYTES <= topic.max_message_bytes


class Sender:
    """Sends to one topic; made by `open_sender`. `acknowledged` counts what Kafka has."""

    def __init__(self, connection: Connection, producer: AIOKafkaProducer, topic: Topic) -> None:
        self._connection = connection
        self._producer = producer
        self._topic = topic
        self._in_flight: list[asyncio.Future[object]] = []
        self.acknowledged = 0

    def fits(self, value: bytes) -> bool:
        """Whether the topic takes a record of that size."""
        return fits(value, self._topic)

    async def send(
        self,
        key: bytes | None,
        value: bytes | None,
        *,
        partition: int | None = None,
        headers: Sequence[tuple[str, bytes]] = (),
    ) -> None:
        """Send one record, to the partition of its key unless another is given.

        Raises `LogError`, also for an earlier one that was refused.
        """
        try:
            sent = await self._producer.send(self._topic.name, value, key, partition, headers=[*headers])
            self._in_flight.append(sent)
        except KafkaError as error:
            raise self._failed(error) from error
        if len(self._in_flight) >= _IN_FLIGHT_RECORDS:
            await self.flush()

    @property
    def waits(self) -> bool:
        """Whether something is sent that Kafka has not acknowledged yet."""
        return bool(self._in_flight)

    async def flush(self) -> None:
        """Wait until Kafka has acknowledged everything; cancelled, it may be called again. Raises `LogError`."""
        if self._in_flight:
            await asyncio.wait(self._in_flight)
        sent, self._in_flight = self._in_flight, []
        for outcome in sent:
            error = outcome.exception()
            if isinstance(error, KafkaError):
                raise self._failed(error) from error
            if error is not None:
                raise error
            self.acknowledged += 1

    def _failed(self, error: KafkaError) -> LogError:
        if (denied := denial(self._connection, error, "write to", self._topic.name)) is not None:
            return denied
        return LogError(
            f"Kafka did not take a record for {self._topic.name}: {error}\n"
            f"{self.acknowledged} before it were acknowledged. "
            "Sending the same reports again is harmless: duplicates are recognised."
        )


@asynccontextmanager
async def open_sender(cluster: Connection | str, topic: Topic) -> AsyncIterator[Sender]:
    """Connect for the time of a block, at whose end everything is acknowledged. Raises `LogError`."""
    connection = Connection.to(cluster)
    async with open_log(connection) as log:
        await log.partitions(topic.name)  # the producer would wait a long time for a topic that is not there
    producer = producer_client(
        connection,
        acks="all",
        enable_idempotence=True,  # a retry neither duplicates nor overtakes
        linger_ms=5,
        max_batch_size=262_144,
        max_request_size=topic.max_message_bytes,
    )
    try:
        await producer.start()
    except KafkaError as error:
        await producer.stop()
        raise await failure(connection, "Kafka cannot be written to", error, doing="write to") from error
    try:
        sender = Sender(connection, producer, topic)
        yield sender
        await sender.flush()
    finally:
        await producer.stop()
