"""Intake: `reports` in, `lines` and `dead-letters` out. It keeps no state; what it writes twice, the ledger skips.

Whatever its number, what cannot be used becomes dead letters, and what can is counted beside it. Which sources are
parked meanwhile is for the page and the log alone (docs/decisions/dead-letter-floods.md).
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from incident_pipeline.cloudevents import partition_key
from incident_pipeline.codec import encode
from incident_pipeline.dead_letter import dead_letter, requeue_of, requeued_headers, source_of_key
from incident_pipeline.intake.take import take
from incident_pipeline.intake.understand import Coordinates
from incident_pipeline.line import Unread
from incident_pipeline.log import LogRecord
from incident_pipeline.logs import get_logger
from incident_pipeline.parking import Parking
from incident_pipeline.rejection import Reason, Rejection
from streams.lanes import Lane, Reassigned
from streams.parcel import Parcel
from streams.partition_writer import OutgoingRecord, PartitionWriter
from streams.pipeline import Pipeline, now_ms
from streams.record_batches import Delivery, RawRecord, RecordBatch
from streams.worker_end import end_worker

if TYPE_CHECKING:
    import faust

    from incident_pipeline.line import Understood
    from streams.partition_writer import Written

__all__ = ["Intake"]

_log = get_logger(__name__)


class _Output(msgspec.Struct, gc=False):
    """What one batch of reports causes."""

    lines: dict[int, Parcel] = msgspec.field(default_factory=dict)
    """By partition of `lines`."""
    dead_letters: list[list[OutgoingRecord]] = msgspec.field(default_factory=list)
    """With the marks of those that were sent again and can be used."""
    reports: int = 0
    violation_lines: int = 0
    reasons: Counter[Reason] = msgspec.field(default_factory=Counter)
    unread: Counter[tuple[str, Unread]] = msgspec.field(default_factory=Counter)


class Intake:
    """The agent's work. `serve` runs for each partition of `reports`."""

    def __init__(self, app: faust.App, pipeline: Pipeline) -> None:
        self._app = app
        self._pipeline = pipeline
        self._dead_letter_writer: PartitionWriter | None = None
        self._parking: dict[int, Parking] = {}

    async def serve(self, lane: Lane) -> None:
        """Take batch after batch: understand one while the one before it is being acknowledged."""
        settling: asyncio.Task[None] | None = None
        metrics = self._pipeline.metrics
        parking = self._parking[lane.tp.partition] = metrics.parking[lane.tp] = Parking()
        try:
            async for item in lane:
                if isinstance(item, Reassigned):
                    metrics.progress.assigned(lane.tp.topic, lane.tp.partition, time.monotonic())
                    if not await self._pipeline.topic_watch.may_take_in():
                        await lane.hold()
                    continue
                if self._pipeline.topic_watch.is_replaced:
                    item.hand_back()
                    await lane.hold()
                started = time.perf_counter()
                output = self.understand(item.batch)
                seconds = time.perf_counter() - started
                if settling is not None:
                    await settling
                settling = asyncio.create_task(self._settle(item, output, seconds))
                settling.add_done_callback(self._end_on_error)
        finally:
            if metrics.parking.get(lane.tp) is parking:  # else the next lane of the partition has begun
                metrics.release(lane.tp.topic, lane.tp.partition)

    def understand(self, batch: RecordBatch) -> _Output:
        """Understand each report of a batch, or say why it cannot be used."""
        output = _Output()
        pipeline, partition = self._pipeline, batch.partition
        catalogue, partitions = pipeline.catalogue, pipeline.topics.lines.partitions
        topic = pipeline.topic_watch.ids.reports
        lines, violation_lines, parking = output.lines, 0, self._parking[partition]
        for record in batch.records:
            taken = take(
                record.value,
                Coordinates(partition, record.offset, topic),
                catalogue,
                recorded_at_ms=record.timestamp,
                partitions=partitions,
            )
            if not isinstance(taken, list):
                self._reject(output, batch, record, taken)
                continue
            if record.headers or parking.parked:
                self._note_accepted(output, batch, record)
            if taken[0][1].flags:
                _note_unread(output, taken[0][1])
            for target, understood in taken:
                violation_lines += len(understood.lines)
                outgoing = OutgoingRecord(
                    encode(understood), record.timestamp, partition_key(understood.theatre)[1], _NO_HEADERS
                )
                parcel = lines.get(target)
                if parcel is None:
                    parcel = lines[target] = pipeline.lines_writer(target).parcel()
                parcel.add((outgoing,))
        output.reports = len(batch.records)
        output.violation_lines = violation_lines
        return output

    def _reject(self, output: _Output, batch: RecordBatch, record: RawRecord, rejection: Rejection) -> None:
        """Make the record a dead letter; tell of it, once for all of a parked source."""
        letter = dead_letter(rejection, _log_record(batch, record))
        output.dead_letters.append([OutgoingRecord(letter.value, letter.timestamp_ms, letter.key, [*letter.headers])])
        output.reasons[rejection.reason] += 1
        parking, source = self._parking[batch.partition], source_of_key(record.key)
        parked = parking.rejected(
            source,
            rejection.reason,
            offset=record.offset,
            appended_at_ms=record.timestamp,
            handled_at_seconds=time.monotonic(),
        )
        where = {"partition": batch.partition, "offset": record.offset, "reason": rejection.reason.value}
        if parked is not None:
            _log.error("source.parked", source=parked, detail=rejection.detail, **where)
        elif not parking.is_parked(source):
            _log.warning("report.rejected", **where)

    def _note_accepted(self, output: _Output, batch: RecordBatch, record: RawRecord) -> None:
        """Mark the letter that a usable record was sent again for, and release its source if that is parked."""
        first = requeue_of(record.headers, batch.topic)
        if first is not None:
            headers = requeued_headers(_log_record(batch, record), first)
            output.dead_letters.append([OutgoingRecord(None, record.timestamp, record.key, headers)])
        source = source_of_key(record.key)
        released = self._parking[batch.partition].accepted(
            source, appended_at_ms=record.timestamp, requeued=first is not None
        )
        if released is not None:
            _log.warning("source.released", source=source, dead_letters=released.reasons.total())

    async def _settle(self, delivery: Delivery, output: _Output, seconds: float) -> None:
        """Write what the batch causes, and acknowledge the batch when all of it is acknowledged."""
        started = time.perf_counter()
        for acknowledgement in await self._send(output):
            await acknowledgement
        delivery.acknowledge()
        metrics = self._pipeline.metrics
        metrics.understood(output.reports, output.violation_lines, output.reasons)
        metrics.unread(output.unread)
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


def _note_unread(output: _Output, understood: Understood) -> None:
    for why in Unread:
        if why.value in understood.flags:
            output.unread[understood.report.source, why] += 1


_NO_HEADERS: list[tuple[str, bytes]] = []


def _log_record(batch: RecordBatch, record: RawRecord) -> LogRecord:
    return LogRecord(
        batch.topic, batch.partition, record.offset, record.timestamp, record.key, record.value, record.headers
    )
