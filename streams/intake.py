"""Intake: `reports` in, `lines` and `dead-letters` out. It keeps no state; what it writes twice, the ledger skips."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from incident_pipeline.cloudevents import partition_key
from incident_pipeline.codec import encode
from incident_pipeline.dead_letter import dead_letter_headers
from incident_pipeline.intake.take import take
from incident_pipeline.intake.understand import Coordinates
from incident_pipeline.limits import DEAD_LETTERS_IN_A_ROW
from incident_pipeline.log import LogRecord
from incident_pipeline.logs import get_logger
from incident_pipeline.rejection import Reason, Rejection
from streams.lanes import Lane, Reassigned
from streams.parcel import Parcel
from streams.partition_writer import OutgoingRecord, PartitionWriter
from streams.pipeline import Pipeline, now_ms
from streams.record_batches import Delivery, RawRecord, RecordBatch
from streams.worker_end import end_worker

if TYPE_CHECKING:
    import faust

    from streams.partition_writer import Written

__all__ = ["DeadLetterFloodError", "Intake"]

_log = get_logger(__name__)


class DeadLetterFloodError(Exception):
    """Nothing but unusable records: the topic is not drained into the dead letters, the worker stops."""


class _Output(msgspec.Struct, gc=False):
    """What one batch of reports causes."""

    lines: dict[int, Parcel] = msgspec.field(default_factory=dict)
    """By partition of `lines`."""
    dead_letters: list[list[OutgoingRecord]] = msgspec.field(default_factory=list)
    reports: int = 0
    violation_lines: int = 0
    reasons: Counter[Reason] = msgspec.field(default_factory=Counter)


class Intake:
    """The agent's work. `serve` runs for each partition of `reports`."""

    def __init__(self, app: faust.App, pipeline: Pipeline) -> None:
        self._app = app
        self._pipeline = pipeline
        self._dead_letter_writer: PartitionWriter | None = None
        self._bad_in_a_row: Counter[int] = Counter()

    async def serve(self, lane: Lane) -> None:
        """Take batch after batch: understand one while the one before it is being acknowledged."""
        settling: asyncio.Task[None] | None = None
        metrics = self._pipeline.metrics
        try:
            async for item in lane:
                if isinstance(item, Reassigned):
                    metrics.progress.assigned(lane.tp.topic, lane.tp.partition, time.monotonic())
                    del self._bad_in_a_row[lane.tp.partition]  # what was counted may be read again
                    continue
                started = time.perf_counter()
                output = self.understand(item.batch)
                seconds = time.perf_counter() - started
                if settling is not None:
                    await settling
                settling = asyncio.create_task(self._settle(item, output, seconds))
                settling.add_done_callback(self._end_on_error)
        finally:
            metrics.release(lane.tp.topic, lane.tp.partition)

    def understand(self, batch: RecordBatch) -> _Output:
        """Understand each report of a batch, or say why it cannot be used.

        Raises:
            DeadLetterFloodError: too many in a row cannot be used; nothing of the batch is written then.
        """
        output = _Output()
        pipeline, partition = self._pipeline, batch.partition
        catalogue, partitions = pipeline.catalogue, pipeline.topics.lines.partitions
        lines, violation_lines, in_a_row = output.lines, 0, self._bad_in_a_row[partition]
        for record in batch.records:
            taken = take(
                record.value,
                Coordinates(partition, record.offset),
                catalogue,
                recorded_at_ms=record.timestamp,
                partitions=partitions,
            )
            if not isinstance(taken, list):
                in_a_row += 1
                self._reject(output, batch, record, taken)
                if in_a_row > DEAD_LETTERS_IN_A_ROW:
                    raise DeadLetterFloodError(_flood_message(batch, record, taken))
                continue
            in_a_row = 0
            for target, understood in taken:
                violation_lines += len(understood.lines)
                outgoing = OutgoingRecord(
                    encode(understood), record.timestamp, partition_key(understood.theatre)[1], _NO_HEADERS
                )
                parcel = lines.get(target)
                if parcel is None:
                    parcel = lines[target] = pipeline.lines_writer(target).parcel()
                parcel.add((outgoing,))
        self._bad_in_a_row[partition] = in_a_row
        output.reports = len(batch.records)
        output.violation_lines = violation_lines
        return output

    def _reject(self, output: _Output, batch: RecordBatch, record: RawRecord, rejection: Rejection) -> None:
        original = LogRecord(
            batch.topic, batch.partition, record.offset, record.timestamp, record.key, record.value, record.headers
        )
        letter = OutgoingRecord(record.value, record.timestamp, record.key, dead_letter_headers(rejection, original))
        output.dead_letters.append([letter])
        output.reasons[rejection.reason] += 1
        _log.warning("report.rejected", partition=batch.partition, offset=record.offset, reason=rejection.reason.value)

    async def _settle(self, delivery: Delivery, output: _Output, seconds: float) -> None:
        """Write what the batch causes, and acknowledge the batch when all of it is acknowledged."""
        started = time.perf_counter()
        for acknowledgement in await self._send(output):
            await acknowledgement
        delivery.acknowledge()
        metrics = self._pipeline.metrics
        metrics.understood(output.reports, output.violation_lines, output.reasons)
        metrics.intake.batch(output.reports, seconds, time.perf_counter() - started)
        metrics.intake.acknowledged(now_ms(), [record.timestamp for record in delivery.batch.records])

    async def _send(self, output: _Output) -> list[asyncio.Future[Written]]:
        """Hand the records over; one unacknowledged produce at most for each output partition."""
        lines_writer = self._pipeline.lines_writer
        sent = [await lines_writer(partition).send_parcel(parcel) for partition, parcel in output.lines.items()]
        if output.dead_letters:
            if self._dead_letter_writer is None:
                name = self._pipeline.topics.dead_letters.name
                self._dead_letter_writer = PartitionWriter(self._pipeline.producer, name, 0)
            sent.append(await self._dead_letter_writer.send(output.dead_letters))
        return sent

    def _end_on_error(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            end_worker(self._app, self._pipeline.metrics.intake.agent.value, error)


_NO_HEADERS: list[tuple[str, bytes]] = []


def _flood_message(batch: RecordBatch, record: RawRecord, rejection: Rejection) -> str:
    return (
        f"More than {DEAD_LETTERS_IN_A_ROW} records in a row of {batch.topic}[{batch.partition}] cannot be used; "
        f"the last one, at offset {record.offset}, because: {rejection.detail} Nothing more is read, so that the "
        "topic is not drained into the dead letters. Mend the producer; what is there already can be skipped by "
        "moving the group's offset."
    )
