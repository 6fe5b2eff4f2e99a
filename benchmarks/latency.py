"""How long from a report's append until a reader of `events` has its event, under an even load."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.kafka_load import send_paced
from benchmarks.workers import BenchmarkError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.reports import Report
    from incident_pipeline.topics import Topics

__all__ = ["Latency", "measure_latency"]

_SETTLING_SECONDS = 15.0


class Latency(msgspec.Struct, frozen=True):
    """Ages of events in milliseconds as a reader gets them, and the pace that was kept."""

    reports_per_second: float
    seconds: float
    events: int
    p50_ms: float
    p99_ms: float
    max_ms: float


async def measure_latency(
    bootstrap_servers: str, topics: Topics, reports: Sequence[Report], per_second: float
) -> Latency:
    """Send the reports at a pace, and read the events that they cause as they appear.

    An event's timestamp is the append time of its report. One report in a hundred causes several events: each counts.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers, enable_auto_commit=False, auto_offset_reset="latest", fetch_max_wait_ms=500
    )
    await consumer.start()
    try:
        at = [TopicPartition(topics.events.name, partition) for partition in range(topics.events.partitions)]
        consumer.assign(at)
        await consumer.seek_to_end(*at)
        ages: list[float] = []
        reading = asyncio.create_task(_read(consumer, ages, len(reports)))
        started = time.perf_counter()
        pace = await send_paced(bootstrap_servers, topics.reports.name, topics.reports.partitions, reports, per_second)
        seconds = time.perf_counter() - started
        try:
            await asyncio.wait_for(reading, _SETTLING_SECONDS)
        except TimeoutError:
            raise BenchmarkError(f"{len(reports)} reports were sent, and {len(ages)} events came.") from None
    finally:
        await consumer.stop()
    ages.sort()
    return Latency(pace, seconds, len(ages), _at(ages, 0.50), _at(ages, 0.99), ages[-1])


async def _read(consumer: AIOKafkaConsumer, ages: list[float], wanted: int) -> None:
    while len(ages) < wanted:
        fetched = await consumer.getmany(timeout_ms=1_000)
        now_ms = time.time() * 1_000
        for records in fetched.values():
            ages.extend([now_ms - record.timestamp for record in records])


def _at(ages: Sequence[float], share: float) -> float:
    return ages[min(len(ages) - 1, int(len(ages) * share))]
