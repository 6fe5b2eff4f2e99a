"""Intake and the owned stages as `streams` drives them, cut into steps between which anything may happen.

The order within a worker is that of `streams.intake` and `streams.stage_runner`: compute ahead, one unacknowledged
produce for each output partition, acknowledge the input last. What is decided is the pipeline's own code.
"""

from __future__ import annotations

import abc
import enum
import random
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from incident_pipeline.codec import encode
from incident_pipeline.line import RulesChange, Tick
from incident_pipeline.owner import Decided, Landing, Outgoing, Owner, Stage
from incident_pipeline.rejection import Rejection
from incident_pipeline.snapshot import SnapshotStore
from tests.simulation.network import run

if TYPE_CHECKING:
    from tests.simulation.simulation import Group, Simulation

KEY = b"*"


class Rule(enum.Enum):
    """What keeps one decision one. Each may be left out, to show that the simulation would find it."""

    GAP_READ = "no gap read"
    CHAIN = "no chain check"
    ACKNOWLEDGE_LAST = "commit before ack"
    ONE_IN_FLIGHT = "more than one unacknowledged produce"
    MARK = "no high-water mark"
    ONE_BATCH = "an input's records in several batches"
    SNAPSHOT_CHECK = "no look at whether a snapshot belongs to the log"


class Produce:
    """The produce of one batch to one partition: Kafka batches of whole groups, one after the other."""

    def __init__(self, world: Simulation, topic: str, partition: int, groups: Sequence[Sequence[Outgoing]]) -> None:
        self.topic = topic
        self.partition = partition
        self.base: int | None = None
        self.end = 0
        self._world = world
        self._left = _batches(groups, world)

    def start(self, done: Callable[[], None], failed: Callable[[], None]) -> None:
        """Send batch after batch; `done` when the last is acknowledged."""
        if not self._left:
            done()
            return

        def landed(base: int, end: int) -> None:
            self.base = base if self.base is None else self.base
            self.end = end
            self.start(done, failed)

        self._world.network.send(self.topic, self.partition, self._left.pop(0), landed, failed)


def _batches(groups: Sequence[Sequence[Outgoing]], world: Simulation) -> list[list[Outgoing]]:
    """Pack groups into batches of chance sizes; a group is never split, unless that rule is left out."""
    if Rule.ONE_BATCH in world.without:
        return [[record] for group in groups for record in group]
    batches: list[list[Outgoing]] = []
    for group in groups:
        if batches and world.rnd.random() < 0.7:
            batches[-1] += group
        else:
            batches.append(list(group))
    return batches


class Actor(abc.ABC):
    """One agent's work on one partition, in one worker. A zombie is one whose partition has gone elsewhere."""

    def __init__(self, world: Simulation, group: Group) -> None:
        self.world = world
        self.group = group
        self.alive = True
        self.rnd: random.Random = world.rnd

    def die(self) -> None:
        """End, at whatever step."""
        self.alive = False

    @abc.abstractmethod
    def step(self) -> bool:
        """Do the next thing; False where there is nothing to do."""

    def commit(self, position: int) -> None:
        """Acknowledge the input: the group coordinator takes it from the partition's owner alone."""
        if self.group.owner is self:
            self.world.commit(self.group, position)

    def settled(self, action: Callable[[], None]) -> Callable[[], None]:
        """An acknowledgement reaches only those who live."""

        def told() -> None:
            if self.alive:
                action()

        return told


class IntakeActor(Actor):
    """Reports to lines, without state."""

    def __init__(self, world: Simulation, group: Group) -> None:
        super().__init__(world, group)
        self.position = group.committed
        self.waiting = 0
        """Produces that are not acknowledged."""

    def step(self) -> bool:
        """Understand a batch of reports and send its lines on their way."""
        sent = self.world.workload.partitions[self.group.partition]
        if (self.waiting and Rule.ONE_IN_FLIGHT not in self.world.without) or self.position >= len(sent):
            return False
        end = min(len(sent), self.position + self.rnd.choice((1, 1, 2, 5)))
        groups: dict[int, list[list[Outgoing]]] = {}
        for offset in range(self.position, end):
            taken = self.world.workload.take(self.world.catalogue, self.group.partition, offset)
            if isinstance(taken, Rejection):
                continue
            for target, understood in taken:
                record = Outgoing(encode(understood), understood.recorded_at_ms, KEY, [])
                groups.setdefault(target, []).append([record])
        self.position = end
        if Rule.ACKNOWLEDGE_LAST in self.world.without:
            self.commit(end)
        produces = [Produce(self.world, "lines", target, records) for target, records in groups.items()]
        self.waiting += len(produces)
        if not produces:
            self.commit(end)
        for produce in produces:
            produce.start(self.settled(lambda: self._acknowledged(end)), self.die)
        return True

    def _acknowledged(self, end: int) -> None:
        self.waiting -= 1
        if not self.waiting:
            self.commit(end)


class StageActor(Actor):
    """A stage of one partition: recovered, driven and acknowledged as `streams.stage_runner` does it."""

    def __init__(self, world: Simulation, group: Group, stage: Callable[[], Stage], store: SnapshotStore) -> None:
        super().__init__(world, group)
        self.new_stage = stage
        self.store = store
        self.owner: Owner | None = None
        self.position = 0
        self.in_flight: tuple[Decided, int] | None = None
        """What is being written, and the input's end that it stands for."""
        self.ahead: tuple[Decided, int] | None = None
        """What is decided meanwhile."""
        self.now_ms = 0

    def step(self) -> bool:
        """Recover, decide a batch, or hand over what was decided."""
        if self.owner is None:
            self.recover()
        elif self.ahead is not None and self.in_flight is None:
            self.in_flight, self.ahead = self.ahead, None
            self._write()
        elif self.ahead is None:
            return self._decide(self.owner)
        else:
            return False
        return True

    def recover(self) -> None:
        """Fold what the log holds, and go on where that ends."""
        topics = (self.group.input, self.group.output)
        self.owner = self.world.new_owner(self.new_stage(), topics, self.group.partition)
        self.in_flight = self.ahead = None
        self._go_on_at(run(self.owner.recover(self.store)))

    def keep(self) -> None:
        """The partition stays here over a rebalance: the state is kept, and catches up."""
        if self.owner is not None and self.in_flight is None and self.ahead is None:
            self._go_on_at(run(self.owner.catch_up()))

    def _go_on_at(self, position: int) -> None:
        """All before it is done: that much may be committed."""
        self.position = position
        self.commit(position)

    def _decide(self, owner: Owner) -> bool:
        records = self.world.read(self.group.input, self.group.partition, self.position)
        if not records:
            return False
        records = records[: self.rnd.choice((1, 2, 5, 20))]
        end = records[-1].offset + 1
        if self.rnd.random() < self.world.faults.redelivery:
            again = self.rnd.randint(0, self.position)
            records = [*self.world.read(self.group.input, self.group.partition, again, self.position), *records]
        run(owner.prepare(records))
        if owner.records_since_save(self.position) >= self.world.save_every and self.in_flight is None:
            self.save(owner)
        decided = owner.decide(records)
        self.now_ms = max(self.now_ms, *(record.timestamp_ms for record in records))
        self.position = end
        self.ahead = (decided, end)
        return True

    def save(self, owner: Owner) -> None:
        """Save the state where all of it is acknowledged."""
        if owner.is_settled and owner.stage.can_save:
            owner.save(self.store, self.position, 0.0)
            self.world.met["snapshot"] += 1

    def _write(self) -> None:
        assert self.in_flight is not None
        decided, end = self.in_flight
        if Rule.ACKNOWLEDGE_LAST in self.world.without:
            self.commit(end)
        if not decided.records:
            self._acknowledged()
            return
        produce = Produce(self.world, self.group.output, self.group.partition, decided.groups)
        produce.start(self.settled(lambda: self._landed(produce)), self.die)

    def _landed(self, produce: Produce) -> None:
        assert self.owner is not None
        assert self.in_flight is not None
        assert produce.base is not None
        decided = self.in_flight[0]
        landing = run(self.owner.landed(decided.last_id, decided.records, produce.base, produce.end))
        if landing is Landing.OVERTAKEN:
            self.world.met["overtaken"] += 1
            self.owner = None
            self.in_flight = self.ahead = None
            return
        self._acknowledged()

    def _acknowledged(self) -> None:
        assert self.in_flight is not None
        end = self.in_flight[1]
        self.in_flight = None
        self.commit(end)


class LedgerActor(StageActor):
    """The ledger of one partition, which also tells it the time and brings its rules."""

    def tick(self, later_ms: int) -> None:
        """Tell the partition the time: a little after the last record that it took."""
        self._append(encode(Tick(now_ms=self.now_ms + later_ms)))

    def bring_rules(self, rules: str) -> None:
        """Bring this worker's rules, where others are in force."""
        if self.owner is not None and self.owner.stage.rules not in {None, rules}:
            self._append(encode(RulesChange(now_ms=self.now_ms, rules=rules)))
            self.world.met["rules"] += 1

    def _append(self, value: bytes) -> None:
        self.world.network.send(
            "lines", self.group.partition, [Outgoing(value, self.now_ms, KEY, [])], lambda *_: None, self.die
        )
