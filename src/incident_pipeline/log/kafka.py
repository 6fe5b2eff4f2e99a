"""The log in Kafka: a consumer without a group, that reads positions and commits nothing."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    NodeNotReadyError,
    OffsetOutOfRangeError,
    RequestTimedOutError,
    TopicAuthorizationFailedError,
)

from incident_pipeline.log.clients import admin_client, consumer_client
from incident_pipeline.log.connection import Connection
from incident_pipeline.log.denials import denial
from incident_pipeline.log.diagnosis import why_not_served
from incident_pipeline.log.errors import LogError, LogTruncatedError
from incident_pipeline.log.layout import TopicLayout, topic_layouts
from incident_pipeline.log.record import LogRecord

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

__all__ = ["KafkaLog", "failure", "open_admin", "open_log"]

_FETCH_BYTES: Final = 8 << 20  # recovery reads whole partitions: few, large fetches
_POLL_MS: Final = 500


async def failure(
    connection: Connection, what: str, error: Exception, *, doing: str = "read", topic: str | None = None
) -> LogError:
    """Say why `what` failed: a permission that is missing, a cluster that does not serve us, or what Kafka said.

    `doing` and `topic` as in `denial`.
    """
    if (denied := denial(connection, error, doing, topic)) is not None:
        return denied
    if isinstance(error, KafkaConnectionError | NodeNotReadyError | KafkaTimeoutError | RequestTimedOutError):
        return await why_not_served(connection, error)
    return LogError(f"{what}: {error!r}")


class KafkaLog:
    """A `LogReader` on a cluster, made by `open_log`; reads have connections of their own and may overlap."""

    def __init__(self, connection: Connection, admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer) -> None:
        self._connection = connection
        self._admin = admin
        self._consumer = consumer
        self._partitions: dict[str, int] = {}

    async def partitions(self, topic: str) -> int:
        """See `LogReader`."""
        if topic not in self._partitions:
            try:
                (described,) = await self._admin.describe_topics([topic])
            except KafkaError as error:
                raise await self._failed(topic, error) from error
            if described["error_code"] == TopicAuthorizationFailedError.errno:
                raise await self._failed(topic, TopicAuthorizationFailedError(), doing="see")
            if described["error_code"] != 0:
                raise LogError(
                    f"There is no topic {topic} at {self._connection}. `incident-pipeline topics apply` makes it."
                )
            self._partitions[topic] = len(described["partitions"])
        return self._partitions[topic]

    async def layouts(self, topics: Sequence[str]) -> dict[str, TopicLayout]:
        """See `LogReader`."""
        try:
            return await topic_layouts(self._admin, topics)
        except KafkaError as error:
            raise await self._failed(", ".join(topics), error) from error

    async def start_offset(self, topic: str, partition: int) -> int:
        """See `LogReader`."""
        at = await self._known(topic, partition)
        try:
            return int((await self._consumer.beginning_offsets([at]))[at])
        except KafkaError as error:
            raise await self._failed(topic, error) from error

    async def end_offset(self, topic: str, partition: int) -> int:
        """See `LogReader`."""
        at = await self._known(topic, partition)
        try:
            return int((await self._consumer.end_offsets([at]))[at])
        except KafkaError as error:
            raise await self._failed(topic, error) from error

    async def read(self, topic: str, partition: int, start: int, end: int) -> AsyncIterator[Sequence[LogRecord]]:
        """See `LogReader`."""
        at = await self._known(topic, partition)
        if start >= end:
            return
        try:
            async with _started_consumer(self._connection) as consumer:
                consumer.assign([at])
                consumer.seek(at, start)
                position = start
                while position < end:
                    fetched = await consumer.getmany(at, timeout_ms=_POLL_MS)
                    position = await consumer.position(at)
                    batch = [
                        LogRecord(topic, partition, r.offset, r.timestamp, r.key, r.value, r.headers)
                        for r in fetched.get(at, ())
                        if r.offset < end
                    ]
                    if batch:
                        yield batch
        except OffsetOutOfRangeError as error:
            raise LogTruncatedError(topic, partition, start, await self.start_offset(topic, partition)) from error
        except KafkaError as error:
            raise await self._failed(topic, error) from error

    async def _known(self, topic: str, partition: int) -> TopicPartition:
        """Check the partition first: the client would wait for an unknown one until it times out."""
        if partition >= self._partitions.get(topic, 0):
            self._partitions.pop(topic, None)  # it may have grown
        partitions = await self.partitions(topic)
        if not 0 <= partition < partitions:
            raise LogError(f"{topic} has partitions 0 to {partitions - 1}, and no {partition}.")
        return TopicPartition(topic, partition)

    async def _failed(self, topic: str, error: KafkaError, *, doing: str = "read") -> LogError:
        what = f"{topic} at {self._connection} cannot be read"
        return await failure(self._connection, what, error, doing=doing, topic=topic)


@asynccontextmanager
async def _started_consumer(connection: Connection) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = consumer_client(
        connection,
        enable_auto_commit=False,
        auto_offset_reset="none",
        isolation_level="read_committed",  # its ends are those of what is committed, too
        max_partition_fetch_bytes=_FETCH_BYTES,
    )
    try:
        await consumer.start()
        await asyncio.sleep(0)  # a client stopped before its tasks ever ran raises CancelledError
        yield consumer
    finally:
        await _stop(consumer)


async def _stop(consumer: AIOKafkaConsumer) -> None:
    """Stop a client in a task of its own: cancelled in it, it would swallow that and leave connections open."""
    stopping = asyncio.ensure_future(consumer.stop())
    try:
        await asyncio.shield(stopping)
    except asyncio.CancelledError:
        await stopping
        raise


@asynccontextmanager
async def open_log(cluster: Connection | str) -> AsyncIterator[KafkaLog]:
    """Connect to a cluster for the time of a block. Raises `LogError` when none answers, or none that serves us."""
    connection = Connection.to(cluster)
    async with open_admin(connection) as admin, _started_consumer(connection) as consumer:
        yield KafkaLog(connection, admin, consumer)


@asynccontextmanager
async def open_admin(cluster: Connection | str) -> AsyncIterator[AIOKafkaAdminClient]:
    """Connect to a cluster's admin interface for the time of a block. Raises `LogError` as `open_log`."""
    connection = Connection.to(cluster)
    admin = admin_client(connection)
    try:
        await admin.start()
        yield admin
    except (KafkaConnectionError, NodeNotReadyError) as error:
        raise await why_not_served(connection, error) from error
    finally:
        await admin.close()
