"""What a log holds, and how it is read: the seam between the tools and Kafka."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

from incident_pipeline.chain import Headers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from incident_pipeline.log.layout import TopicLayout

__all__ = ["LogReader", "LogRecord", "read_all"]


class LogRecord(msgspec.Struct, frozen=True, gc=False):
    """One record of a topic, as it was written. `timestamp_ms` is the topic's: of creation or of append."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


class LogReader(Protocol):
    """Reads topics by position; belongs to no consumer group and commits nothing.

    Only what is committed is there: records of aborted transactions never, those of open ones not yet, and nothing
    after the first open one. Offsets may have holes, at the end as well (markers of transactions, compaction).
    Every method raises `LogError` with a message for a person.
    """

    async def partitions(self, topic: str) -> int:
        """Give the number of partitions of a topic."""
        ...

    async def layouts(self, topics: Sequence[str]) -> dict[str, TopicLayout]:
        """Give what these topics are now, each by name: their ids and numbers of partitions. What is not there is not.

        Always asks anew: a topic may be deleted, made anew and grow while it is read.
        """
        ...

    async def start_offset(self, topic: str, partition: int) -> int:
        """Give the offset of the first record that is still there, or the end offset when there is none."""
        ...

    async def end_offset(self, topic: str, partition: int) -> int:
        """Give the offset after the last record or hole: before the first open transaction, where there is one."""
        ...

    def read(self, topic: str, partition: int, start: int, end: int) -> AsyncIterator[Sequence[LogRecord]]:
        """Yield the records with `start` <= offset < `end`, in order and in batches that are never empty.

        Ends at `end`, also where the last offsets hold no record; waits for an `end` that is yet to come.
        Raises `LogTruncatedError` where `start` lies before the beginning.
        """
        ...


async def read_all(
    log: LogReader, topic: str, start: Mapping[int, int] | None = None
) -> AsyncIterator[Sequence[LogRecord]]:
    """Yield the records of all partitions of a topic to their ends now, partition by partition.

    `start`: by partition, the offset to begin at; from the first record that is there where it names none.
    """
    for partition in range(await log.partitions(topic)):
        first = await log.start_offset(topic, partition)
        begin = max(first, (start or {}).get(partition, first))
        async for records in log.read(topic, partition, begin, await log.end_offset(topic, partition)):
            yield records
