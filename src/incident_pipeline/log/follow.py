"""The reader's rule of the chain over records: what does not extend it does not count (docs/contract.md)."""

from __future__ import annotations

from binascii import hexlify
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from incident_pipeline.chain import ID, PREVIOUS, Headers, Tail, header
from incident_pipeline.codec import link

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from incident_pipeline.log.record import LogReader, LogRecord

__all__ = ["BEGINNING", "follow_chain", "follow_ids", "read_chain"]

BEGINNING: Final = Tail()
_UNNAMED: Final[tuple[tuple[str, bytes | None], ...]] = (("", None), ("", None))


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
    counting, _, tail = follow_ids(records, tail)
    return counting, tail


def follow_ids(records: Iterable[Record], tail: Tail) -> tuple[list[Record], list[bytes], Tail]:
    """Do as `follow_chain`, and give the id (32 bytes) of each record that counts as well."""
    counting: list[Record] = []
    ids: list[bytes] = []
    last_id, offset, last_offset = tail.last_id, tail.offset, tail.last_offset
    expected = hexlify(last_id)
    for record in records:
        offset = record.offset + 1
        value = record.value
        if value is None:
            continue
        headers = record.headers
        (first, name), (second, previous) = headers[:2] if len(headers) > 1 else _UNNAMED
        if first != ID or second != PREVIOUS:  # the pipeline writes them first: seldom are they to be sought
            name, previous = header(headers, ID), header(headers, PREVIOUS)
        if previous != expected:
            continue
        record_id = link(last_id, value)
        own_name = hexlify(record_id)
        if name != own_name:
            continue
        last_id, expected, last_offset = record_id, own_name, record.offset
        counting.append(record)
        ids.append(record_id)
    return counting, ids, Tail(last_id, tail.sequence + len(counting), offset, last_offset)


async def read_chain(
    reader: LogReader, topic: str, partition: int, tail: Tail = BEGINNING, end: int | None = None
) -> AsyncIterator[tuple[Sequence[LogRecord], Tail]]:
    """Yield the counting records from `tail` to `end` (default: the log's end now) in batches, with tails."""
    end = await reader.end_offset(topic, partition) if end is None else end
    async for batch in reader.read(topic, partition, tail.offset, end):
        counting, tail = follow_chain(batch, tail)
        yield counting, tail
