"""Faust's Kafka consumer, handing out record batches and keeping the commit position of each partition."""

from __future__ import annotations

import asyncio
import itertools
import time
import weakref
from collections import defaultdict
from typing import TYPE_CHECKING

from aiokafka.consumer.group_coordinator import GroupCoordinator
from faust.exceptions import ConsumerNotStarted
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from streams.commit_position import CommitPosition, Ticket
from streams.connection_watch import watch_connection
from streams.light_records import LightRecords, Span
from streams.membership import JoinRefusedError, watch_membership
from streams.record_batch import Assignment, PartitionNumbers, RecordBatch, RecordBatches
from streams.service_logger import SERVICE_LOGGER
from streams.worker_end import end_worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import aiokafka
    from faust.types.transports import ConsumerCallback, TPorTopicSet

    from streams.record_batch import RawRecord
    from streams.record_batches import BatchTransport

__all__ = ["BatchConsumer", "BatchConsumerThread", "BatchMessage"]


# The client has one fetch under way for each broker. Where it asks for idle partitions alone, because the busy ones
# were full when it was sent, those wait for its end: with Faust's 1,500 ms that quadrupled a slow agent's time.
FETCH_WAIT_MS = 100


class _Cut:
    """A batch with its ticket, between the fetch and Faust's message."""

    __slots__ = ("batch", "ticket")

    def __init__(self, batch: RecordBatch, ticket: Ticket) -> None:
        self.batch = batch
        self.ticket = ticket


class BatchMessage(ConsumerMessage):
    """Faust's message for one batch. Faust may mark it acknowledged as it likes: only the ticket counts."""

    __slots__ = ("ticket",)
    ticket: Ticket


class _Partition:
    __slots__ = ("commits", "generation", "held", "seek_due")

    def __init__(self, epoch: int, generation: int, *, held: bool) -> None:
        self.commits = CommitPosition(epoch)
        self.generation = generation
        self.held = held
        self.seek_due = True


class _ReadOffsets(defaultdict[TP, int | None]):
    """Faust's read offsets, before which it drops messages: not kept where the owner may seek back."""

    def __init__(self, is_batched: Callable[[TP], bool]) -> None:
        super().__init__(lambda: None)
        self._is_batched = is_batched

    def __setitem__(self, tp: TP, offset: int | None) -> None:
        if not self._is_batched(tp):
            super().__setitem__(tp, offset)

    def update(self, offsets: Mapping[TP, int | None]) -> None:  # type: ignore[override]
        """As Faust calls it after a seek to the committed offsets; a dict's own would pass `__setitem__` by."""
        for tp, offset in offsets.items():
            self[tp] = offset


class BatchConsumerThread(driver.AIOKafkaConsumerThread):
    """Faust's consumer thread with light records and short fetches."""

    logger = SERVICE_LOGGER
    _light_records: LightRecords | None = None

    async def on_start(self) -> None:
        """Let the client start, then change its fetcher."""
        await super().on_start()
        fetcher = self._consumer._fetcher  # noqa: SLF001 - pinned by a contract test
        fetcher._records = self._light_records = LightRecords(self.consumer.is_batched)  # noqa: SLF001
        fetcher._fetch_max_wait_ms = FETCH_WAIT_MS  # noqa: SLF001
        coordinator = self._consumer._coordinator  # noqa: SLF001
        if isinstance(coordinator, GroupCoordinator):  # else it is a client alone, without a group
            self.add_future(watch_membership(coordinator, self._end_refused))
            servers = self._consumer._client._bootstrap_servers  # noqa: SLF001
            self.add_future(watch_connection(self._consumer._client, ",".join(servers)))  # noqa: SLF001

    def _end_refused(self, error: JoinRefusedError) -> None:
        app = self.consumer.app
        app.loop.call_soon_threadsafe(end_worker, app, "membership", error)

    def _create_worker_consumer(self, transport: driver.Transport) -> aiokafka.AIOKafkaConsumer:
        """Make the client one that reads committed: Faust asks for that only where it writes in transactions itself."""
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"  # noqa: SLF001 - pinned by a contract test
        return consumer

    def read_spans(self, tp: TP) -> list[Span]:
        """Hand over which offsets were read since the last call, in order, with or without records at them."""
        return [] if self._light_records is None else self._light_records.spans(driver.ensure_aiokafka_TP(tp))

    def client_position(self, tp: TP) -> int | None:
        """Return the next offset that the client fetches; None while it does not know."""
        subscription = self._ensure_consumer()._subscription.subscription  # noqa: SLF001 - pinned by a contract test
        assignment = None if subscription is None else subscription.assignment
        at = driver.ensure_aiokafka_TP(tp)
        if assignment is None or at not in assignment.tps:
            return None
        position: int | None = assignment.state_value(at)._position  # noqa: SLF001 - without waiting for one
        return position

    async def seek_now(self, tp: TP, offset: int | None) -> None:
        """Seek inside the thread, where no fetch can run in between; None is the beginning."""
        client = self._ensure_consumer()
        if offset is None:
            await self.call_thread(client.seek_to_beginning, driver.ensure_aiokafka_TP(tp))
        else:
            await self.call_thread(client.seek, driver.ensure_aiokafka_TP(tp), offset)


class BatchConsumer(driver.Consumer):
    """Faust's Kafka consumer, handing out batches and keeping the commit position of their partitions itself.

    Everything but the client's own work runs on the application's event loop.
    """

    logger = SERVICE_LOGGER
    idle_wait_seconds = 0.01  # how often a held or full partition is looked at again
    transport: BatchTransport

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._topics: dict[str, bool] = {}  # batched topic -> positioned by its owner
        self._partitions: dict[TP, _Partition] = {}
        self._last_assigned: frozenset[TP] = frozenset()
        self._epochs = itertools.count(1)
        self._read_offset = _ReadOffsets(self.is_batched)
        self._deliver_to_faust: ConsumerCallback = kwargs["callback"]
        self.callback = self._deliver

    def _new_consumer_thread(self) -> BatchConsumerThread:
        return BatchConsumerThread(self, loop=self.loop, beacon=self.beacon)

    def is_batched(self, tp: TP) -> bool:
        """Whether the partition's topic has the `RecordBatches` schema."""
        return tp.topic in self._topics

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Note which topics are batched, then subscribe."""
        for channel in self.app.topics:
            schema = channel.schema
            if isinstance(schema, RecordBatches):
                self._topics.update(dict.fromkeys(channel.topics, schema.positioned_by_owner))
        await super().subscribe(topics)

    # Reading positions

    def reposition(self, tp: TP, offset: int, generation: int) -> int | None:
        """Read `tp` from `offset` on, everything before it counting as finished; return the new epoch.

        What is outstanding is forgotten, and nothing of the old position is delivered after this returns.
        Without effect, and None, where `tp` is not assigned or no longer since `generation`: a new assignment
        is announced to the listeners then, and others may have read and written in between.
        """
        partition = self._partitions.get(tp)
        if partition is None or partition.generation != generation:
            return None
        epoch = next(self._epochs)
        partition.commits.begin(epoch, offset)
        partition.held = False
        partition.seek_due = True
        return epoch

    def hold(self, tp: TP) -> None:
        """Deliver nothing more of `tp` until it is repositioned, or assigned again."""
        partition = self._partitions.get(tp)
        if partition is not None:
            partition.held = True

    def epoch(self, tp: TP) -> int | None:
        """Return the current epoch of an assigned partition, else None."""
        partition = self._partitions.get(tp)
        return None if partition is None else partition.commits.epoch

    async def _seek_where_due(self, tp: TP, partition: _Partition) -> None:
        # Only here, before a fetch: a running one would bring records of the old position for the new one.
        commits = partition.commits
        if commits.is_lost():
            self.log.warning("reading %r again from %r: a batch was dropped or handed back", tp, commits.finished)
            commits.read_again(next(self._epochs))
            partition.seek_due = True
        if not partition.seek_due:
            return
        if commits.position is None:
            committed = self._committed_offset[tp]
            if committed is not None:
                commits.begin(next(self._epochs), committed)
                commits.committed = committed
        partition.seek_due = False
        await self._thread.seek_now(tp, commits.position)

    async def perform_seek(self) -> None:
        """Let Faust seek to the committed offsets, then put batched partitions back where they were."""
        try:
            await super().perform_seek()
        finally:
            for partition in self._partitions.values():
                partition.seek_due = True

    # Fetching

    async def _getmany(
        self,
        active_partitions: set[TP] | None,
        timeout: float,  # noqa: ASYNC109 - Faust's
    ) -> dict[TP, Sequence[RawRecord | _Cut]]:
        if active_partitions is None:  # a client only, without a group
            return await super()._getmany(None, timeout)
        wanted: set[TP] = set()
        for tp in tuple(active_partitions):  # Faust's own set: a rebalance may change it while this waits
            if not self.is_batched(tp) or await self._may_fetch(tp):
                wanted.add(tp)
        if not wanted:
            await asyncio.sleep(self.idle_wait_seconds)
            return {}
        if len(wanted) < len(active_partitions):
            timeout = self.idle_wait_seconds  # a quiet partition must not make a full one wait
        epochs = {tp: self.epoch(tp) for tp in wanted}
        fetched = await super()._getmany(wanted, timeout)
        return {tp: cut for tp in wanted if (cut := self._cut(tp, fetched.get(tp, ()), epochs[tp]))}

    async def _may_fetch(self, tp: TP) -> bool:
        partition = self._partitions.get(tp)
        if partition is None or partition.held or self.app.rebalancing:
            return False
        await self._seek_where_due(tp, partition)
        limits = self.transport.limits
        commits = partition.commits
        return (
            commits.records_in_flight < limits.records_in_flight
            and commits.bytes_in_flight < limits.bytes_in_flight
            and commits.batches_in_flight < limits.batches_in_flight
        )

    def _cut(self, tp: TP, records: Sequence[RawRecord], epoch: int | None) -> Sequence[RawRecord | _Cut]:
        if not self.is_batched(tp):
            return records
        partition = self._partitions.get(tp)
        spans = self._thread.read_spans(tp)
        if partition is None or self.app.rebalancing or partition.commits.epoch != epoch:
            return self._refuse(partition) if records or spans else ()
        if not self._begins_where_due(tp, partition, spans):
            return ()
        size = self.transport.limits.batch_records
        cuts = [self._enter(tp, partition.commits, records[i : i + size]) for i in range(0, len(records), size)]
        if spans:
            partition.commits.passed(spans[-1].end, time.time())
        return cuts

    def _begins_where_due(self, tp: TP, partition: _Partition, spans: list[Span]) -> bool:
        """Whether reading went on where it stood, or further on where the broker has deleted what was between.

        The client resets itself, without a word, to the beginning of a partition that does not hold its position.
        """
        begin = spans[0].begin if spans else self._thread.client_position(tp)
        if begin is None or partition.seek_due:  # it does not know yet, or is not where it will be
            return not spans
        due = partition.commits.position
        if due is not None and begin < due:
            partition.held = True
            self.transport.observer.position_gone(tp.topic, tp.partition, due, begin)
            return False
        if begin > (due or 0):
            self.transport.observer.records_deleted(tp.topic, tp.partition, due or 0, begin)
            partition.commits.passed(begin, time.time())
        return True

    def _refuse(self, partition: _Partition | None) -> list[_Cut]:
        # Fetched for a position that is not read from any more; the client stands behind it by now.
        if partition is not None:
            partition.seek_due = True
        return []

    def _enter(self, tp: TP, commits: CommitPosition, records: Sequence[RawRecord]) -> _Cut:
        first, last = records[0].offset, records[-1].offset
        batch = RecordBatch(
            topic=tp.topic,
            partition=tp.partition,
            start=first if commits.position is None else commits.position,
            first=first,
            last=last,
            generation=self.app.consumer_generation_id,
            epoch=commits.epoch,
            records=records,
        )
        size_bytes = sum([len(record.key or b"") + len(record.value or b"") for record in records])
        ticket = commits.fetched(
            first,
            last,
            records=len(records),
            size_bytes=size_bytes,
            now_seconds=time.time(),
            is_alive=weakref.ref(batch),
        )
        self.transport.observer.batch_fetched(tp.topic, tp.partition, len(records), size_bytes)
        return _Cut(batch, ticket)

    def _to_message(self, tp: TP, record: RawRecord | _Cut) -> ConsumerMessage:
        if not isinstance(record, _Cut):
            return super()._to_message(tp, record)
        batch = record.batch
        last = batch.records[-1]
        message = BatchMessage(
            batch.topic,
            batch.partition,
            batch.last,
            last.timestamp / 1000.0,
            last.timestamp_type,
            (),
            None,
            batch,
            None,
            0,
            len(batch.records),
            tp,
            generation_id=batch.generation,
        )
        message.ticket = record.ticket
        return message

    async def _deliver(self, message: ConsumerMessage) -> None:
        if isinstance(message, BatchMessage) and message.ticket.epoch != self.epoch(message.tp):
            return
        await self._deliver_to_faust(message)

    # Acknowledging and committing

    def take(self, message: BatchMessage) -> bool:
        """Whether the batch is next in its partition's current epoch, and so may be worked on."""
        partition = self._partitions.get(message.tp)
        return partition is not None and partition.commits.take(message.ticket)

    def give_up(self, message: BatchMessage) -> None:
        """Read the batch again, if it is of its partition's current epoch, and nothing after it before."""
        partition = self._partitions.get(message.tp)
        if partition is not None:
            partition.commits.give_up(message.ticket)

    def finish(self, message: BatchMessage) -> None:
        """Count the batch as finished, if it is of its partition's current epoch."""
        partition = self._partitions.get(message.tp)
        if partition is not None:
            partition.commits.finish(message.ticket)

    def _filter_tps_with_pending_acks(self, topics: TPorTopicSet | None = None) -> Iterator[TP]:
        yield from (tp for tp in super()._filter_tps_with_pending_acks(topics) if tp not in self._partitions)
        for tp in list(self._partitions):
            if topics is None or tp in topics or tp.topic in topics:
                yield tp

    def _new_offset(self, tp: TP) -> int | None:
        if not self.is_batched(tp):
            return super()._new_offset(tp)
        self._acked.pop(tp, None)
        self._acked_index.pop(tp, None)
        partition = self._partitions.get(tp)
        return None if partition is None else partition.commits.finished

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        if not self.is_batched(tp):
            await super()._add_gap(tp, offset_from, offset_to)

    async def _commit_offsets(self, offsets: Mapping[TP, int], start_new_transaction: bool = True) -> bool:  # noqa: FBT001, FBT002 - Faust's
        before = {tp: self._committed_offset[tp] for tp in offsets}
        did_commit: bool = await super()._commit_offsets(offsets, start_new_transaction=start_new_transaction)
        if did_commit:
            self._record_commits(offsets)
        else:
            self._committed_offset.update(before)  # Faust takes a failed commit for done
        return did_commit

    def _record_commits(self, offsets: Mapping[TP, int]) -> None:
        now_seconds = time.time()
        for tp, offset in offsets.items():
            partition = self._partitions.get(tp)
            if partition is not None and self._committed_offset[tp] == offset:
                partition.commits.record_commit(offset, now_seconds)
                self.transport.observer.offset_committed(tp.topic, tp.partition, offset)

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Leave batched partitions out of Faust's search for stuck ones: it raises where a position is yet unknown.

        Whether they make progress is what the worker's readiness says.
        """
        if not self.is_batched(tp):
            super().verify_event_path(now, tp)

    # Rebalances

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Let Faust wait for what is being worked on and commit what is finished; then forget."""
        batched = frozenset(tp for tp in revoked if tp in self._partitions)
        for listener in self.transport.listeners:
            listener.partitions_revoked(batched)
        await self.commit()
        await super().on_partitions_revoked(revoked)
        for tp in batched:
            self._partitions.pop(tp, None)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Begin every partition anew, tell Faust, then the listeners."""
        assignment = self._begin_assignment(assigned, generation_id)
        await super().on_partitions_assigned(assigned, generation_id)
        for listener in self.transport.listeners:
            listener.partitions_assigned(assignment)

    def _begin_assignment(self, assigned: set[TP], generation: int) -> Assignment:
        batched = frozenset(tp for tp in assigned if self.is_batched(tp))
        self._partitions = {
            tp: _Partition(next(self._epochs), generation, held=self._topics[tp.topic]) for tp in batched
        }
        before, self._last_assigned = self._last_assigned, batched
        return Assignment(
            generation=generation, added=batched - before, retained=batched & before, lost=before - batched
        )

    # Numbers

    def partition_numbers(self) -> list[PartitionNumbers]:
        """Return the numbers of every assigned record-batch partition, by topic and partition."""
        return [self._numbers(tp, self._partitions[tp]) for tp in sorted(self._partitions)]

    def _numbers(self, tp: TP, partition: _Partition) -> PartitionNumbers:
        commits = partition.commits
        return PartitionNumbers(
            topic=tp.topic,
            partition=tp.partition,
            records_in_flight=commits.records_in_flight,
            bytes_in_flight=commits.bytes_in_flight,
            position=commits.position,
            finished=commits.finished,
            committed=commits.committed,
            highwater=self._highwater_or_none(tp),
            committed_at_seconds=commits.committed_at_seconds,
            pending_since_seconds=commits.pending_since_seconds,
            held=partition.held,
        )

    def _highwater_or_none(self, tp: TP) -> int | None:
        try:
            highwater: int | None = self.highwater(tp)
        except (AssertionError, AttributeError, ConsumerNotStarted):  # not assigned at this moment
            return None
        return highwater
