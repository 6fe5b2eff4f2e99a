"""Records as the client decodes them, made from bytes as Kafka has them."""

from __future__ import annotations

from typing import Any

from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords


def raw_records(*offsets: int) -> list[Any]:
    """Return records as the client decodes them."""
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, 0, 1 << 20)
    for index, _ in enumerate(offsets):
        builder.append(index, 1_000, key=b"k", value=b"v", headers=[("h", b"x")])
    records = MemoryRecords(bytes(builder.build()))
    return [record for record in records.next_batch()]  # noqa: C416 - the batch is its own iterator
