"""Running a stage on the partitions that this worker owns, from recovery to acknowledgement."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from incident_pipeline.health import Obstacle
from incident_pipeline.log.recorded_topics import voids
from incident_pipeline.logs import get_logger
from incident_pipeline.owner import Landing, Owner, RecordRefusedError
from streams.garbage import spare_batch
from streams.lanes import Lane, Reassigned
from streams.partition_writer import PartitionWriter
from streams.pipeline import Pipeline, now_ms
from streams.record_batches import BatchTransport, Delivery
from streams.worker_end import end_worker

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    import faust

    from incident_pipeline.metrics import StageMetrics
    from incident_pipeline.metrics.names import Skip
    from incident_pipeline.owner import Stage
    from incident_pipeline.topics import Topic
    from streams.parcel import Parcel
    from streams.record_batches import RawRecord

__all__ = ["StageRunner"]

_PIECE_RECORDS = 100
"""Records decided before what they leave is packed: with their events some 400 kB, which a core's cache holds."""

_VOID = "incident-pipeline void"
_LOOK_AGAIN_SECONDS = 2.0

_log = get_logger(__name__)


async def _nothing(_partition: int, _owner: Owner) -> None:
    """Nothing waits for a partition to be recovered."""


def _nobody(_tally: Counter[Any]) -> None:
    """Nobody counts."""


class _Owned:
    """One partition in hand: its owner, its writer, and the batch that is not acknowledged yet."""

    def __init__(self, owner: Owner, writer: PartitionWriter) -> None:
        self.owner = owner
        self.writer = writer
        self.settling: asyncio.Task[Landing] | None = None

    async def settled(self) -> Landing:
        """What became of the batch before; it counts where there was none."""
        return Landing.COUNTS if self.settling is None else await self.settling

    @property
    def is_sound(self) -> bool:
        """Whether the state is what the log holds, as far as this owner knows."""
        return self.owner.is_settled and not self.writer.is_broken


@dataclass(slots=True)
class _Packed:
    """What a batch of input came to, ready to be sent."""

    parcel: Parcel
    last_id: bytes
    records: int = 0
    tally: Counter[Any] = field(default_factory=Counter)
    skipped: Counter[Skip] = field(default_factory=Counter)
    conflicts: Counter[str] = field(default_factory=Counter)
    appended_at_ms: list[int] = field(default_factory=list)
    """Of each input that left records."""


def _decide(owned: _Owned, records: Sequence[RawRecord]) -> _Packed:
    """Decide a batch piece by piece, each packed while the processor's caches still hold it."""
    packed = _Packed(owned.writer.parcel(), owned.owner.ahead.last_id)
    for begin in range(0, len(records), _PIECE_RECORDS):
        decided = owned.owner.decide(records[begin : begin + _PIECE_RECORDS])
        for group in decided.groups:
            packed.parcel.add(group)
            packed.appended_at_ms.append(group[0].timestamp_ms)
        packed.last_id = decided.last_id
        packed.records += decided.records
        packed.tally += decided.tally
        packed.skipped += decided.skipped
        packed.conflicts += decided.conflicts
    return packed


class StageRunner:
    """One stage in this worker. `serve` runs for each of its partitions."""

    def __init__(  # noqa: PLR0917 - wired once, in streams.app
        self,
        app: faust.App,
        transport: BatchTransport,
        pipeline: Pipeline,
        topics: tuple[Topic, Topic],
        new_stage: Callable[[], Stage],
        metrics: StageMetrics,
    ) -> None:
        """`topics`: input and output; `new_stage`: makes the stage of a partition."""
        self._app = app
        self._transport = transport
        self._pipeline = pipeline
        self._input, self._output = topics
        self._new_stage = new_stage
        self._metrics = metrics
        self._owned: dict[int, _Owned] = {}
        self._lanes: dict[int, Lane] = {}
        """The lane of each partition; one that was closed may still be ending when the next has begun."""
        self.on_open: Callable[[int, Owner], Awaitable[None]] = _nothing
        """Called when a partition has been recovered, before its input flows."""
        self.on_unnamed: Callable[[int, Owner], Awaitable[None]] = _nothing
        """Called after a batch while the log does not name its topics yet."""
        self.on_decided: Callable[[Counter[Any]], None] = _nobody
        """Told how many records of each type a batch came to, once they count."""
        self.on_conflicts: Callable[[Counter[str]], None] = _nobody
        """Told how many reports of each source contradict what it sent before."""

    @property
    def input_name(self) -> str:
        """Name of the topic that the stage reads."""
        return self._input.name

    @property
    def output_name(self) -> str:
        """Name of the topic that the stage writes to."""
        return self._output.name

    @property
    def partitions(self) -> list[int]:
        """Partitions that are recovered and read."""
        return list(self._owned)

    def owner(self, partition: int) -> Owner | None:
        """The owner of a partition that is recovered and read."""
        owned = self._owned.get(partition)
        return None if owned is None else owned.owner

    async def serve(self, lane: Lane) -> None:
        """Recover a partition whenever it is assigned, and take its batches in between."""
        partition = lane.tp.partition
        owned: _Owned | None = None
        self._lanes[partition] = lane
        try:
            async for item in lane:
                if isinstance(item, Reassigned):
                    owned = await self._recover(lane, item, owned if item.retained else None)
                elif owned is None:
                    item.hand_back()
                elif self._pipeline.topic_watch.is_replaced:
                    item.hand_back()
                    await lane.hold()
                elif await self._take(lane, owned, item) is Landing.OVERTAKEN:
                    owned = None
        finally:
            if self._lanes.get(partition) is lane:
                del self._lanes[partition]
                self._owned.pop(partition, None)
                self._pipeline.metrics.release(self._input.name, partition)

    # Recovery

    async def _recover(self, lane: Lane, assigned: Reassigned, kept: _Owned | None) -> _Owned:
        """Fold the partition's output, then let its input flow from where that ends."""
        partition = lane.tp.partition
        if partition >= self._input.partitions:  # added, though it may not be: `TopicWatch` says so
            await lane.hold()
        self._pipeline.metrics.progress.assigned(self._input.name, partition, time.monotonic())
        if kept is not None and await kept.settled() is Landing.COUNTS and kept.is_sound:
            owner, position = await self._catch_up(kept.owner)
        else:
            owner, position = await self._fold(partition)
        going_on = await self._pipeline.topic_watch.position(
            partition, owner.topics, position, of_lines=self._input is self._pipeline.topics.lines
        )
        if going_on is None:
            await lane.hold()
        writer = PartitionWriter(self._pipeline.producer, self._output.name, partition)
        owned = self._owned[partition] = _Owned(owner, writer)
        await self.on_open(partition, owner)
        self._transport.reposition(lane.tp, going_on, assigned.generation)
        return owned

    async def _catch_up(self, owner: Owner) -> tuple[Owner, int]:
        """Fold what others have written meanwhile."""
        try:
            return owner, await owner.catch_up()
        except RecordRefusedError:
            return await self._fold(owner.partition)

    async def _fold(self, partition: int) -> tuple[Owner, int]:
        """Fold the partition's output; wait for a person where it holds a record that does not agree with it."""
        names = (self._input.name, self._output.name)
        pipeline, voided = self._pipeline, frozenset[str]()
        while True:
            owner = Owner(self._new_stage(), pipeline.log, names, partition, pipeline.rules, voided=voided)
            try:
                position = await owner.recover(pipeline.snapshots)
            except RecordRefusedError as error:
                await self._until_voided(partition, error)
                voided |= {error.event_id}
                continue
            if owner.loaded is not None:
                self._show_snapshot(partition, *owner.loaded)
            return owner, position

    async def _until_voided(self, partition: int, refused: RecordRefusedError) -> None:
        """Hold the partition, and say so, until a record of `lines` voids the one that is refused."""
        lines, log = self._pipeline.topics.lines.name, self._pipeline.log
        offset = await log.start_offset(lines, partition)
        while True:
            end = await log.end_offset(lines, partition)
            if await voids(log, lines, partition, offset, end, refused.event_id):
                self._pipeline.metrics.progress.let_go(self._input.name, partition)
                return
            offset = end
            detail = (
                f"{refused} Nothing is decided behind it. The way on: {_VOID} {refused.event_id} (docs/operator.md)."
            )
            if self._pipeline.metrics.progress.hold(Obstacle.RECORD_REFUSED, detail, self._input.name, partition):
                _log.error("record.refused", topic=self._output.name, partition=partition, message=detail)
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    # Batches

    async def _take(self, lane: Lane, owned: _Owned, delivery: Delivery) -> Landing:
        """Decide a batch while the one before it is being acknowledged, then send it on its way."""
        batch, owner = delivery.batch, owned.owner
        await owner.prepare(batch.records)
        if owner.records_since_save(batch.first) >= self._pipeline.config.snapshot_every_records:
            await self._save(owned, batch.first)
        started = time.perf_counter()
        decided = _decide(owned, batch.records)
        spare_batch(len(batch.records))
        seconds = time.perf_counter() - started
        if await owned.settled() is Landing.OVERTAKEN:
            delivery.hand_back()
            return Landing.OVERTAKEN
        owned.settling = asyncio.create_task(self._settle(lane, owned, delivery, decided, seconds))
        owned.settling.add_done_callback(self._end_on_error)
        return Landing.COUNTS

    async def _settle(self, lane: Lane, owned: _Owned, delivery: Delivery, decided: _Packed, seconds: float) -> Landing:
        """Write what was decided; acknowledge the input once that is acknowledged and counts."""
        started = time.perf_counter()
        if decided.records:
            written = await (await owned.writer.send_parcel(decided.parcel))
            landing = await owned.owner.landed(
                decided.last_id, decided.records, written.base_offset, written.end_offset
            )
            if landing is Landing.OVERTAKEN:
                _log.warning("partition.overtaken", topic=self._output.name, partition=owned.owner.partition)
                delivery.hand_back()
                lane.put(Reassigned(delivery.batch.generation, retained=False))
                return landing
        delivery.acknowledge()
        if owned.owner.stage.topics.lines is None:
            await self.on_unnamed(owned.owner.partition, owned.owner)
        self.on_decided(decided.tally)
        self.on_conflicts(decided.conflicts)
        for reason, records in decided.skipped.items():
            self._metrics.skip(reason, records)
        self._metrics.batch(len(delivery.batch.records), seconds, time.perf_counter() - started)
        self._metrics.acknowledged(now_ms(), decided.appended_at_ms)
        return Landing.COUNTS

    def _end_on_error(self, task: asyncio.Task[Landing]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            end_worker(self._app, self._metrics.agent.value, error)

    # Snapshots

    async def _save(self, owned: _Owned, position: int) -> None:
        """Save the state, if all of it is acknowledged."""
        owner = owned.owner
        if await owned.settled() is not Landing.COUNTS or not owned.is_sound or not owner.stage.can_save:
            return
        if owner.save(self._pipeline.snapshots, position, time.time(), self._pipeline.topic_watch.ids):
            self._show_snapshot(owner.partition, position, time.time())

    def _show_snapshot(self, partition: int, position: int, saved_at_seconds: float) -> None:
        metrics = self._pipeline.metrics
        metrics.snapshot(self._input.name, partition, position=position, saved_at_seconds=saved_at_seconds)

    async def save_all(self) -> None:
        """Save what is settled: at the end of the worker, so that the next start is quick."""
        for owned in list(self._owned.values()):
            await self._save(owned, owned.owner.stage.position)
