"""The log in Kafka: a consumer without a group, that reads positions and commits nothing."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, KafkaError, OffsetOutOfRangeError

from incident_pipeline.log.errors import LogError, LogTruncatedError
from incident_pipeline.log.record import LogRecord

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

__all__ = ["KafkaLog", "open_admin", "open_log", "unreachable"]

_FETCH_BYTES: Final = 8 << 20  # recovery reads whole partitions: few, large fetches
_POLL_MS: Final = 500


def unreachable(bootstrap_servers: str, error: Exception) -> LogError:
    """Say that no Kafka answers, and what to do."""
    return LogError(
        f"No Kafka answers at {bootstrap_servers}: {error}\n"
        "Start one with `incident-pipeline broker`, or set KAFKA_BOOTSTRAP_SERVERS to a cluster's host:port."
    )


class KafkaLog:
    """A `LogReader` on a cluster, made by `open_log`; reads have connections of their own and may overlap."""

    def __init__(self, bootstrap_servers: str, admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._admin = admin
        self._consumer = consumer
        self._partitions: dict[str, int] = {}

    async def partitions(self, topic: str) -> int:
        """See `LogReader`."""
        if topic not in self._partitions:
            try:
                (described,) = await self._admin.describe_topics([topic])
            except KafkaError as error:
                raise self._failed(topic, error) from error
            if described["error_code"] != 0:
                raise LogError(
                    f"There is no topic {topic} at {self._bootstrap_servers}. "
                    "`incident-pipeline topics apply` makes it."
                )
            self._partitions[topic] = len(described["partitions"])
        return self._partitions[topic]

    async def start_offset(self, topic: str, partition: int) -> int:
        """See `LogReader`."""
        at = await self._known(topic, partition)
        try:
            return int((await self._consumer.beginning_offsets([at]))[at])
        except KafkaError as error:
            raise self._failed(topic, error) from error

    async def end_offset(self, topic: str, partition: int) -> int:
        """See `LogReader`."""
        at = await self._known(topic, partition)
        try:
            return int((await self._consumer.end_offsets([at]))[at])
        except KafkaError as error:
            raise self._failed(topic, error) from error

    async def read(self, topic: str, partition: int, start: int, end: int) -> AsyncIterator[Sequence[LogRecord]]:
        """See `LogReader`."""
        at = await self._known(topic, partition)
        if start >= end:
            return
        try:
            async with _started_consumer(self._bootstrap_servers) as consumer:
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
            raise self._failed(topic, error) from error

    async def _known(self, topic: str, partition: int) -> TopicPartition:
        """Check the partition first: the client would wait for an unknown one until it times out."""
        partitions = await self.partitions(topic)
        if not 0 <= partition < partitions:
            raise LogError(f"{topic} has partitions 0 to {partitions - 1}, and no {partition}.")
        return TopicPartition(topic, partition)

    def _failed(self, topic: str, error: KafkaError) -> LogError:
        if isinstance(error, KafkaConnectionError):
            return unreachable(self._bootstrap_servers, error)
        return LogError(f"{topic} at {self._bootstrap_servers} cannot be read: {error!r}")


@asynccontextmanager
async def _started_consumer(bootstrap_servers: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers,
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
async def open_log(bootstrap_servers: str) -> AsyncIterator[KafkaLog]:
    """Connect to a cluster for the time of a block. Raises `LogError` when none answers."""
    async with open_admin(bootstrap_servers) as admin, _started_consumer(bootstrap_servers) as consumer:
        yield KafkaLog(bootstrap_servers, admin, consumer)


@asynccontextmanager
async def open_admin(bootstrap_servers: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """Connect to a cluster's admin interface for the time of a block. Raises `LogError` when none answers."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    try:
        await admin.start()
        yield admin
    except KafkaConnectionError as error:
        raise unreachable(bootstrap_servers, error) from error
    finally:
        await admin.close()
