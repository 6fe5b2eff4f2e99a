"""A log in memory, with Kafka's order and offsets: for tests and simulation."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING

from incident_pipeline.log.errors import LogError, LogTruncatedError
from incident_pipeline.log.layout import TopicLayout
from incident_pipeline.log.record import LogRecord

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from incident_pipeline.chain import Headers

__all__ = ["MemoryLog", "NewRecord"]

_BATCH_RECORDS = 500
_offset_of = attrgetter("offset")


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record to append."""

    value: bytes | None
    key: bytes | None = None
    headers: Headers = ()
    timestamp_ms: int = 0


@dataclass(slots=True)
class _Partition:
    records: list[LogRecord] = field(default_factory=list)
    start_offset: int = 0
    end_offset: int = 0
    grown: asyncio.Event = field(default_factory=asyncio.Event)


class MemoryLog:
    """A `LogReader` over lists, with what a broker does to a log: append, compact, truncate."""

    def __init__(self) -> None:
        self._topics: dict[str, list[_Partition]] = {}
        self._created: Counter[str] = Counter()
        """How often each topic was made: its id says so."""

    def create(self, topic: str, partitions: int) -> None:
        """Make an empty topic, or make one anew."""
        self._created[topic] += 1
        self._topics[topic] = [_Partition() for _ in range(partitions)]

    def delete(self, topic: str) -> None:
        """Delete a topic with all that is in it."""
        del self._topics[topic]

    def grow(self, topic: str, partitions: int) -> None:
        """Add partitions, up to so many."""
        there = self._topic(topic)
        there += [_Partition() for _ in range(partitions - len(there))]

    def append(self, topic: str, partition: int, records: Iterable[NewRecord]) -> int:
        """Append one batch; return the offset of its first record."""
        log = self._partition(topic, partition)
        base_offset = log.end_offset
        for offset, new in enumerate(records, base_offset):
            log.records.append(LogRecord(topic, partition, offset, new.timestamp_ms, new.key, new.value, new.headers))
            log.end_offset = offset + 1
        log.grown.set()
        log.grown = asyncio.Event()
        return base_offset

    def compact(self, topic: str, partition: int) -> None:
        """Keep the newest record of each key; offsets stay, so that holes appear."""
        log = self._partition(topic, partition)
        newest = {record.key: record.offset for record in log.records}
        log.records = [record for record in log.records if newest[record.key] == record.offset]

    def truncate(self, topic: str, partition: int, start_offset: int) -> None:
        """Delete the records before an offset, as retention does."""
        log = self._partition(topic, partition)
        log.start_offset = min(max(start_offset, log.start_offset), log.end_offset)
        log.records = log.records[bisect_left(log.records, log.start_offset, key=_offset_of) :]

    async def partitions(self, topic: str) -> int:
        """See `LogReader`."""
        return len(self._topic(topic))

    async def layouts(self, topics: Sequence[str]) -> dict[str, TopicLayout]:
        """See `LogReader`."""
        return {
            topic: TopicLayout(f"{topic}-{self._created[topic]}", len(self._topics[topic]))
            for topic in topics
            if topic in self._topics
        }

    async def start_offset(self, topic: str, partition: int) -> int:
        """See `LogReader`."""
        return self._partition(topic, partition).start_offset

    async def end_offset(self, topic: str, partition: int) -> int:
        """See `LogReader`."""
        return self._partition(topic, partition).end_offset

    async def read(self, topic: str, partition: int, start: int, end: int) -> AsyncIterator[Sequence[LogRecord]]:
        """See `LogReader`."""
        log = self._partition(topic, partition)
        if start < log.start_offset:
            raise LogTruncatedError(topic, partition, start, log.start_offset)
        while start < end:
            if start >= log.end_offset:
                await log.grown.wait()
                continue
            first = bisect_left(log.records, start, key=_offset_of)
            batch = [record for record in log.records[first : first + _BATCH_RECORDS] if record.offset < end]
            start = batch[-1].offset + 1 if batch else log.end_offset
            if batch:
                yield batch

    def _topic(self, topic: str) -> list[_Partition]:
        if topic not in self._topics:
            raise LogError(f"There is no topic {topic}.")
        return self._topics[topic]

    def _partition(self, topic: str, partition: int) -> _Partition:
        partitions = self._topic(topic)
        if not 0 <= partition < len(partitions):
            raise LogError(f"{topic} has partitions 0 to {len(partitions) - 1}, and no {partition}.")
        return partitions[partition]
