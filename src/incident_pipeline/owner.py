"""The owner of an output partition: it alone is meant to write there, and the chain holds if it is not.

A stage is what is decided (the ledger, surveillance); the owner is how it becomes part of the log (DESIGN of the
chain: docs/decisions/chain-as-lock.md). The rules, in the order in which they bite:

1. fold to the end of the output before deciding anything, and go on at the input after the last one that counts;
2. compute ahead, but hand over the next records only when the last ones are acknowledged;
3. if they landed elsewhere than at the known end, read the gap: where something in it counts, one's own records may
   not, so the state is dropped and folded again;
4. only what is acknowledged and counts lets the input be acknowledged.
"""

from __future__ import annotations

import enum
import time
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

import msgspec
import structlog

from incident_pipeline.chain import Tail
from incident_pipeline.cloudevents import Header
from incident_pipeline.line import TopicIds
from incident_pipeline.log import LogError, LogReader, LogRecord, follow_chain, follow_ids
from incident_pipeline.metrics.names import Skip
from incident_pipeline.snapshot import Snapshot, SnapshotStore, is_in_log

_log = structlog.get_logger(__name__)


class Outgoing(msgspec.Struct, frozen=True, gc=False):
    """A record to write."""

    value: bytes
    timestamp_ms: int
    key: bytes
    headers: list[Header]


class InputRecord(Protocol):
    """What a stage needs of a record of its input."""

    @property
    def offset(self) -> int:
        """Place in the partition."""

    @property
    def timestamp(self) -> int:
        """Milliseconds since 1970."""

    @property
    def value(self) -> bytes | None:
        """Raw value."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]:
        """Names and raw values."""


class Decided(msgspec.Struct, frozen=True, gc=False):
    """What one batch of input came to."""

    groups: list[list[Outgoing]]
    """The records that each input causes, in order: those of one input travel in one record batch."""
    last_id: bytes
    """Id of the last of them, or of the chain's end where there are none."""
    records: int
    tally: Counter[str]
    """How many of each type."""
    skipped: Counter[Skip] = msgspec.field(default_factory=Counter)
    """Inputs that needed no decision, by why."""
    conflicts: Counter[str] = msgspec.field(default_factory=Counter)
    """Reports that contradict what their source sent under the same id before, by source."""


class Stage(Protocol):
    """The pure part: the state of one partition, what it decides, and how it becomes bytes and back."""

    @property
    def name(self) -> str:
        """For snapshots and logs."""

    @property
    def rules(self) -> str | None:
        """Hash of the rules in force."""

    @property
    def topics(self) -> TopicIds:
        """The topics that it knows to belong to."""

    @property
    def position(self) -> int:
        """Offset of the input at which to go on."""

    @property
    def input_end(self) -> Tail | None:
        """The end of the chain that it has read, where its input is a chain."""

    @property
    def can_save(self) -> bool:
        """Whether the state stands between two inputs."""

    def rules_needed(self, records: Sequence[InputRecord]) -> set[str]:
        """Hashes of rules without which these records cannot be decided."""

    def rules_in(self, record: LogRecord) -> str:
        """Hash of the rules that a record of the output was decided under."""

    def fold(self, record: LogRecord) -> None:
        """Take a record of the output that counts."""

    def void(self, record: LogRecord, event_id: str) -> None:
        """Pass over a record that a person has voided; it stays in the chain."""

    def decide(self, records: Sequence[InputRecord], end: Tail) -> Decided:
        """Decide a batch; what it gives extends the chain after `end`."""

    def save(self) -> bytes:
        """The state as bytes."""

    def load(self, state: bytes) -> None:
        """Become the state of these bytes."""


class Landing(enum.Enum):
    """What became of records that were handed over."""

    COUNTS = enum.auto()
    OVERTAKEN = enum.auto()


class RulesSource(Protocol):
    """Where rules are looked up by hash."""

    async def ensure(self, hashes: set[str]) -> None:
        """Have these rules at hand.

        Raises:
            LookupError: nobody published them.
        """


class RecordRefusedError(Exception):
    """A record continues the chain and does not agree with it: it is not what deciding gives, whoever wrote it."""

    def __init__(self, record: LogRecord, sequence: int, event_id: str, why: Exception) -> None:
        said = str(why) or type(why).__name__
        super().__init__(
            f"{record.topic}, partition {record.partition}, offset {record.offset}, is record {sequence} of its chain "
            f"and does not agree with what the rules give: {said} Its id is {event_id}."
        )
        self.record = record
        self.event_id = event_id


class Owner:
    """One stage on one partition, with the chain that it extends."""

    def __init__(
        self,
        stage: Stage,
        log: LogReader,
        topics: tuple[str, str],
        partition: int,
        rules: RulesSource,
        *,
        voided: frozenset[str] = frozenset(),
    ) -> None:
        """`topics`: input and output; `voided`: ids of records of the output that say nothing."""
        self._voided = voided
        self._rules_at_hand: str | None = None
        self.stage = stage
        self.partition = partition
        self.end = Tail()
        """The chain's end, acknowledged."""
        self.ahead = Tail()
        """The chain's end with all that is decided and not yet acknowledged."""
        self.ignored = 0
        """Records of the output that did not count."""
        self._log = log
        self._input, self._output = topics
        self._rules = rules
        self._saved_position = -1
        self._snapshot_topics = TopicIds()
        self.loaded: tuple[int, float] | None = None
        """Input position and time (seconds since 1970) of the snapshot that the state went on from."""
        self._own_end = Tail()
        """The chain's end as far as the state reaches: what a snapshot may name as its own."""

    @property
    def is_settled(self) -> bool:
        """Whether all that is decided is acknowledged."""
        return self.ahead.sequence == self.end.sequence

    @property
    def topics(self) -> TopicIds:
        """The topics that the state belongs to, as the log has recorded them, else as its snapshot names them."""
        return self._snapshot_topics.merged(self.stage.topics)

    async def recover(self, snapshots: SnapshotStore) -> int:
        """Fold from the newest usable snapshot, or from the start, to the end; return where the input goes on."""
        started = time.perf_counter()
        snapshot = snapshots.load(self.stage.name, self.partition)
        if snapshot is not None:
            self._snapshot_topics = snapshot.topics
        if snapshot is not None and self._output in snapshot.ends and await is_in_log(snapshot, self._log):
            await self._load(snapshot)
        first = self.end.sequence
        await self.catch_up()
        _log.info(
            "partition.recovered",
            stage=self.stage.name,
            partition=self.partition,
            snapshot=first > 0,
            folded=self.end.sequence - first,
            position=self.stage.position,
            seconds=round(time.perf_counter() - started, 3),
        )
        return self.stage.position

    async def _load(self, snapshot: Snapshot) -> None:
        """Become what a snapshot holds; one that this version cannot read costs only the time of a fold."""
        try:
            if snapshot.rules is not None:
                await self._rules.ensure({snapshot.rules})
            self.stage.load(snapshot.state)
        except (ValueError, LookupError) as error:
            _log.warning("snapshot.unreadable", stage=self.stage.name, partition=self.partition, error=str(error))
            return
        self.end = self._own_end = snapshot.ends[self._output]
        self._saved_position = snapshot.position
        self.loaded = (snapshot.position, snapshot.saved_at_seconds)

    async def catch_up(self) -> int:
        """Fold what the output holds after the known end; return where the input goes on."""
        end_offset = await self._log.end_offset(self._output, self.partition)
        async for batch in self._log.read(self._output, self.partition, self.end.offset, end_offset):
            counting, ids, tail = follow_ids(batch, self.end)
            await self._fold(counting, ids)
            self.ignored += len(batch) - len(counting)
            self.end = tail
        self.ahead = self.end
        if self.stage.input_end is None:
            self._own_end = self.end
        return self.stage.position

    async def _fold(self, counting: Sequence[LogRecord], ids: Sequence[bytes]) -> None:
        """Fold records that count, but for those that were voided.

        Raises:
            RecordRefusedError: one of them does not agree with those before it.
        """
        for sequence, (record, record_id) in enumerate(zip(counting, ids, strict=True), self.end.sequence):
            if self._voided and record_id.hex() in self._voided:
                self.stage.void(record, record_id.hex())
                continue
            try:
                await self._have_rules_of(record)
                self.stage.fold(record)
            except LogError:
                raise
            except Exception as error:
                raise RecordRefusedError(record, sequence, record_id.hex(), error) from error

    async def _have_rules_of(self, record: LogRecord) -> None:
        rules = self.stage.rules_in(record)
        if rules != self._rules_at_hand:
            await self._rules.ensure({rules})
            self._rules_at_hand = rules

    async def prepare(self, records: Sequence[InputRecord]) -> None:
        """Have at hand what deciding these records needs."""
        needed = self.stage.rules_needed(records)
        if needed:
            await self._rules.ensure(needed)

    def decide(self, records: Sequence[InputRecord]) -> Decided:
        """Decide a batch, ahead of what is acknowledged."""
        decided = self.stage.decide(records, self.ahead)
        if decided.records:
            self.ahead = self.ahead.extended(decided.last_id, decided.records, self.ahead.offset + decided.records)
        return decided

    async def landed(self, last_id: bytes, records: int, base_offset: int, end_offset: int) -> Landing:
        """Say whether so many records count, the last of that id, that were acknowledged at these offsets.

        `end_offset` is the one after them.
        """
        if base_offset != self.end.offset or end_offset - base_offset != records:
            counted = await self._counts(last_id, records, end_offset)
            if not counted:
                return Landing.OVERTAKEN
        self.end = self._own_end = self.end.extended(last_id, records, end_offset)
        if self.is_settled:
            self.ahead = self.end
        return Landing.COUNTS

    async def _counts(self, last_id: bytes, records: int, end_offset: int) -> bool:
        """Whether, of all that lies between the known end and the end of one's own records, just these count."""
        tail, there = self.end, 0
        async for batch in self._log.read(self._output, self.partition, self.end.offset, end_offset):
            there += len(batch)
            _, tail = follow_chain(batch, tail)
        self.ignored += there - records
        return tail.last_id == last_id

    def save(self, snapshots: SnapshotStore, position: int, now_seconds: float, topics: TopicIds | None = None) -> bool:
        """Save the state, and tell whether it is saved; call it only where all that is decided is acknowledged.

        A state that is a fold of its input may still be on its way to what the output says already. The snapshot
        then names the end up to which it has come itself: the rest is read again, so that it is not said twice.
        """
        ends = {self._output: self._own_end}
        read = self.stage.input_end
        if read is not None:
            ends[self._input] = read
        saved = snapshots.save(
            Snapshot(
                stage=self.stage.name,
                partition=self.partition,
                rules=self.stage.rules,
                ends=ends,
                position=position,
                saved_at_seconds=now_seconds,
                topics=topics or TopicIds(),
                state=self.stage.save(),
            )
        )
        if saved:
            self._saved_position = position
        return saved

    def records_since_save(self, position: int) -> int:
        """How many records of the input the newest snapshot lacks."""
        return position - max(self._saved_position, 0)
