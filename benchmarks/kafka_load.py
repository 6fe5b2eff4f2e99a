"""Reports into the topic: all at once, or at a pace."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from incident_pipeline.partitioning import partition_for
from streams.partition_writer import LogProducer, OutgoingRecord, PartitionWriter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.reports import Report

__all__ = ["load", "send_paced"]

_GROUP_RECORDS: Final = 20_000
_BATCH_BYTES: Final = 131_072
_STEP_SECONDS: Final = 0.02


async def load(bootstrap_servers: str, topic: str, partitions: int, reports: Sequence[Report]) -> None:
    """Append all reports, keyed by source, in their order, and wait until Kafka has them."""
    async with LogProducer(bootstrap_servers, max_batch_bytes=_BATCH_BYTES) as producer:
        writers = [PartitionWriter(producer, topic, partition) for partition in range(partitions)]
        for at in range(0, len(reports), _GROUP_RECORDS):
            await asyncio.gather(*_send(writers, reports[at : at + _GROUP_RECORDS]))


async def send_paced(
    bootstrap_servers: str, topic: str, partitions: int, reports: Sequence[Report], per_second: float
) -> float:
    """Append the reports at an even pace, each stamped by the broker as it comes; return the pace that was kept."""
    started = time.perf_counter()
    sent = 0
    async with LogProducer(bootstrap_servers, max_batch_bytes=_BATCH_BYTES) as producer:
        writers = [PartitionWriter(producer, topic, partition) for partition in range(partitions)]
        while sent < len(reports):
            await asyncio.sleep(_STEP_SECONDS)
            due = min(len(reports), round((time.perf_counter() - started) * per_second))
            if due > sent:
                await asyncio.gather(*_send(writers, reports[sent:due]))
                sent = due
    return sent / (time.perf_counter() - started)


def _send(writers: list[PartitionWriter], reports: Sequence[Report]) -> list[asyncio.Task[None]]:
    groups: dict[int, list[list[OutgoingRecord]]] = {}
    for report in reports:
        partition = partition_for(report.source, len(writers))
        record = OutgoingRecord(report.value, 0, report.source.encode(), [])
        groups.setdefault(partition, []).append([record])
    return [asyncio.create_task(_write(writers[partition], records)) for partition, records in groups.items()]


async def _write(writer: PartitionWriter, groups: list[list[OutgoingRecord]]) -> None:
    await (await writer.send(groups))
