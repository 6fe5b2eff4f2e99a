"""The reader's rule of the chain over records: what does not extend it does not count (docs/contract.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from incident_pipeline.chain import ID, PREVIOUS, Headers, Tail, header
from incident_pipeline.codec import link

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from incident_pipeline.log.record import LogReader, LogRecord

__all__ = ["BEGINNING", "follow_chain", "read_chain"]

BEGINNING: Final = Tail()


class Chained(Protocol):
    """What the rule looks at."""

    @property
    def offset(self) -> int:
        """Place in the partition."""

    @property
    def value(self) -> bytes | None:
        """Raw value."""

    @property
    def headers(self) -> Headers:
        """Names and raw values."""


Record = TypeVar("Record", bound=Chained)


def follow_chain(records: Iterable[Record], tail: Tail) -> tuple[list[Record], Tail]:
    """Give the records of one partition that count after `tail`, and the tail after all of `records`.

    A record counts if it names the last one that counted as its predecessor, and carries the id that its
    predecessor and its value give. What else lies there (a retry, the copy of a writer that lost its
    partition) is passed over.
    """
    counting: list[Record] = []
    last_id, offset, last_offset = tail.last_id, tail.offset, tail.last_offset
    expected = last_id.hex().encode()
    for record in records:
        offset = record.offset + 1
        headers = record.headers
        if record.value is None or header(headers, PREVIOUS) != expected:
            continue
        record_id = link(last_id, record.value)
        name = record_id.hex().encode()
        if header(headers, ID) != name:
            continue
        last_id, expected, last_offset = record_id, name, record.offset
        counting.append(record)
    return counting, Tail(last_id, tail.sequence + len(counting), offset, last_offset)


async def read_chain(
    reader: LogReader, topic: str, partition: int, tail: Tail = BEGINNING, end: int | None = None
) -> AsyncIterator[tuple[Sequence[LogRecord], Tail]]:
    """Yield the counting records from `tail` to `end` (default: the log's end now) in batches, with tails."""
    end = await reader.end_offset(topic, partition) if end is None else end
    async for batch in reader.read(topic, partition, tail.offset, end):
        counting, tail = follow_chain(batch, tail)
        yield counting, tail
