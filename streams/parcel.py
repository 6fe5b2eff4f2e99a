"""Groups of records packed into Kafka batches as they come, so that what was made for them is freed at once.

A group is what one input caused: it is never split across Kafka batches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiokafka.producer.message_accumulator import BatchBuilder

    from streams.partition_writer import LogProducer

__all__ = ["Outgoing", "Parcel"]

_OWN_FRAME_BYTES = 16_384
"""More than key, headers and frame of a record take that the pipeline makes itself."""


class Outgoing(Protocol):
    """What is written: any object with these attributes."""

    @property
    def key(self) -> bytes | None:
        """Raw key; None for none."""

    @property
    def value(self) -> bytes | None:
        """Raw value; None deletes the key on a compacted topic."""

    @property
    def headers(self) -> list[tuple[str, bytes]]:
        """Names and raw values, written in this order; the client's builder takes a list and nothing else."""

    @property
    def timestamp_ms(self) -> int:
        """Record timestamp, in milliseconds since 1970: the caller's word, no clock is read here."""


class Parcel:
    """As few Kafka batches as hold the groups that were added, in order."""

    def __init__(self, producer: LogProducer, *, own: bool = False) -> None:
        """`own`: keys and headers are of the pipeline, not of any size: then most sizes need not be worked out."""
        self.batches: list[BatchBuilder] = []
        """All but the last are as full as the groups let them be."""
        self.refused: tuple[int, int] | None = None
        """(index, records) of the first group that no batch holds; nothing after it is packed."""
        self._producer = producer
        self._own = own
        self._full_bytes = producer.max_batch_bytes - producer.max_batch_bytes // 8
        self._groups = 0
        self._records = 0
        """In the last batch."""

    def add(self, group: Sequence[Outgoing]) -> None:
        """Pack a group."""
        if self.refused is not None:
            return
        if self._records == 0 or not self._has_room(group):
            self._begin_batch()
        if not self._append(group):
            # In a batch that was begun already only a group of one record can be too much, and left nothing there.
            begun, self._records = self._records > 0, 0
            if begun:
                self._begin_batch()
            if not begun or not self._append(group):
                self.batches.pop()
                self.refused = self._groups, len(group)
                return
        self._groups += 1

    def _append(self, group: Sequence[Outgoing]) -> bool:
        """Put a group into the last batch; False if it does not fit."""
        batch = self.batches[-1]
        compiled = batch._builder  # noqa: SLF001 - pinned by a contract test; the public `append` costs as much again
        append, count = compiled.append, self._records
        for record in group:
            if append(count, record.timestamp_ms, record.key, record.value, record.headers) is None:
                return False
            count += 1
        if self._records == 0 and compiled.size() > self._producer.max_group_bytes:
            return False  # the builder lets a first record pass unasked
        batch._relative_offset = self._records = count  # noqa: SLF001 - what the public `append` counts
        return True

    def _has_room(self, group: Sequence[Outgoing]) -> bool:
        """Whether a group may join the others of the last batch."""
        compiled = self.batches[-1]._builder  # noqa: SLF001 - as above
        size_bytes: int = compiled.size()
        if size_bytes > self._full_bytes:
            return False
        room_bytes = self._producer.max_batch_bytes - size_bytes
        if self._own and len(group) == 1 and len(group[0].value or b"") + _OWN_FRAME_BYTES < room_bytes:
            return True
        estimate = compiled.estimate_size_in_bytes
        return sum([estimate(record.key, record.value, record.headers) for record in group]) <= room_bytes

    def _begin_batch(self) -> None:
        self.batches.append(self._producer.client.create_batch())
        self._records = 0
