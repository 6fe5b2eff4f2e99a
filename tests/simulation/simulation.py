"""The pipeline in one process, with everything that may go wrong around it, drawn from a seed.

There is no broker, no Faust and no clock: a log in memory, workers cut into steps, and a scheduler that draws who does
what next. Several workers may hold one partition at once, since one that lost it may not know yet.
"""

from __future__ import annotations

import dataclasses
import random
import tempfile
from collections import Counter
from functools import lru_cache
from pathlib import Path

from incident_pipeline.catalogue.canonical import rules_hash
from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.model import Rules
from incident_pipeline.ledger import Settings
from incident_pipeline.ledger.stage import LedgerStage
from incident_pipeline.log import LogRecord, MemoryLog
from incident_pipeline.owner import Owner, Stage
from incident_pipeline.snapshot import SnapshotStore
from incident_pipeline.surveillance.stage import SurveillanceStage
from tests.simulation.broken import Forgetful, Trusting, Unchained
from tests.simulation.judge import Judge
from tests.simulation.network import Network, run
from tests.simulation.workers import Actor, IntakeActor, LedgerActor, Rule, StageActor
from tests.simulation.workload import PARTITIONS, Workload, rules

RULES = (rules(3), rules(2))
"""What the workers of a seed run under: the first, or each its own."""


@dataclasses.dataclass(frozen=True)
class Faults:
    """How likely what is; drawn anew for each seed, so that some are calm in one way and wild in another."""

    death: float
    rebalance: float
    zombie: float
    lost: float
    unheard: float
    twice: float
    redelivery: float
    snapshot: float
    rules: float
    late_ms: tuple[int, ...]
    """How far ticks run ahead of the reports: with 0 time passes by reports alone."""

    @classmethod
    def none(cls) -> Faults:
        """Nothing goes wrong."""
        return cls(0, 0, 0, 0, 0, 0, 0, 0, 0, (0,))

    @classmethod
    def drawn(cls, rnd: random.Random) -> Faults:
        """Faults for a seed."""
        return cls(
            death=rnd.choice((0, 0.01, 0.05)),
            rebalance=rnd.choice((0.01, 0.03, 0.08)),
            zombie=rnd.choice((0, 0.5, 0.9)),
            lost=rnd.choice((0, 0.05, 0.2)),
            unheard=rnd.choice((0, 0.1, 0.3)),
            twice=rnd.choice((0, 0.2, 0.5)),
            redelivery=rnd.choice((0, 0.2)),
            snapshot=rnd.choice((0, 0.02)),
            rules=rnd.choice((0, 0, 0.3)),
            late_ms=rnd.choice(((0,), (0, 3_600_000, 2 * 86_400_000))),
        )


@dataclasses.dataclass(eq=False)
class Group:
    """One agent's consumer group on one partition: who owns it, who still thinks so, what is acknowledged."""

    agent: str
    input: str
    output: str
    partition: int
    owner: Actor | None = None
    zombies: list[Actor] = dataclasses.field(default_factory=list)
    committed: int = 0

    @property
    def living(self) -> list[Actor]:
        """Owner and zombies."""
        everybody = [*self.zombies, *([self.owner] if self.owner else [])]
        return [actor for actor in everybody if actor.alive]


class Known:
    """The topic `rules`: what was published."""

    def __init__(self, all_rules: tuple[Rules, ...]) -> None:
        self.rules = {rules_hash(each): each for each in all_rules}
        self.book = {known: Settings.of(each) for known, each in self.rules.items()}

    async def ensure(self, hashes: set[str]) -> None:
        """See `RulesSource`."""
        if missing := hashes - self.rules.keys():
            raise LookupError(missing)


KNOWN = Known(RULES)
CATALOGUE = Catalogue(RULES[0])


class Simulation:
    """One seed: `run` lets it happen, and raises a ViolationError of what must always hold."""

    def __init__(
        self,
        seed: int,
        folder: Path,
        *,
        reports: int = 25,
        steps: int = 500,
        without: frozenset[Rule] = frozenset(),
        faults: Faults | None = None,
    ) -> None:
        self.rnd = random.Random(seed)
        self.without = without
        self.faults = faults or Faults.drawn(self.rnd)
        self.workload = Workload(self.rnd, reports, self.rnd.choice((1, 2)))
        self.catalogue = CATALOGUE
        self.save_every = self.rnd.choice((3, 10, 1_000_000))
        self.met: Counter[str] = Counter()
        self.log = MemoryLog()
        for topic in ("lines", "events", "alerts"):
            self.log.create(topic, PARTITIONS)
        self.reader = Unchained(self.log) if Rule.CHAIN in without else self.log
        self.network = Network(self.log, self.rnd)
        self.stores = [SnapshotStore(folder, f"{machine}-") for machine in ("a", "b")]
        self.folder = folder
        self.groups = [Group("intake", "reports", "lines", each) for each in range(len(self.workload.partitions))]
        for partition in range(PARTITIONS):
            self.groups.append(Group("ledger", "lines", "events", partition))
            self.groups.append(Group("surveillance", "events", "alerts", partition))
        self.judge = Judge(self)
        self._steps = steps

    def run(self) -> None:
        """Faults for a while, then peace until everything is through, then judgement."""
        if self.faults.snapshot:
            self._lay_foreign_snapshots()
        for group in self.groups:
            self._rebalance(group)
        for _ in range(self._steps):
            self._anything()
        self._peace()
        self.judge.everything()

    # What the workers use

    def new_owner(self, stage: Stage, topics: tuple[str, str], partition: int) -> Owner:
        """An owner as `streams.stage_runner` makes it."""
        kind = Trusting if Rule.GAP_READ in self.without else Owner
        return kind(stage, self.reader, topics, partition, KNOWN)

    def read(self, topic: str, partition: int, start: int, end: int | None = None) -> list[LogRecord]:
        """Fetch records of a topic, up to its end."""
        end = run(self.reader.end_offset(topic, partition)) if end is None else end
        return run(_all(self.reader, topic, partition, start, end)) if start < end else []

    def commit(self, group: Group, position: int) -> None:
        """Take an acknowledgement of the input: all that it stands for must be in the log."""
        group.committed = position
        self.judge.acknowledged(group)

    # What may happen

    def _anything(self) -> None:
        rnd, faults = self.rnd, self.faults
        if self.network.flights and rnd.random() < 0.4:
            self._deliver()
        group = rnd.choice(self.groups)
        if rnd.random() < faults.rebalance or group.owner is None or not group.owner.alive:
            self._rebalance(group)
        if rnd.random() < faults.death and group.living:
            rnd.choice(group.living).die()
            self.met["death"] += 1
        if rnd.random() < faults.snapshot:
            self._spoil_snapshots()
        if group.living:
            actor = rnd.choice(group.living)
            self.met["zombie step"] += actor.step() and actor is not group.owner
            if isinstance(actor, LedgerActor) and rnd.random() < 0.05:
                actor.tick(rnd.choice(faults.late_ms))

    def _deliver(self) -> None:
        rnd, faults = self.rnd, self.faults
        what = rnd.random()
        if what < faults.lost:
            self.network.lose()
            self.met["lost"] += 1
        elif what < faults.lost + 0.05 * bool(faults.unheard):
            self.network.give_up()
            self.met["gave up"] += 1
        else:
            heard, again = rnd.random() >= faults.unheard, rnd.random() < faults.twice
            self.network.land(heard=heard, again=again)
            self.met["unheard"] += not heard
            self.met["again"] += again

    def _rebalance(self, group: Group) -> None:
        """The partition goes to a new worker, or stays with its owner."""
        owner, self.met["rebalance"] = group.owner, self.met["rebalance"] + 1
        if owner is not None and owner.alive:
            if isinstance(owner, StageActor) and self.rnd.random() < 0.3:
                owner.keep()
                return
            if self.rnd.random() < self.faults.zombie:
                group.zombies.append(owner)
            else:
                owner.die()
        group.zombies = [zombie for zombie in group.zombies if zombie.alive]
        self._assign(group)

    def _assign(self, group: Group) -> None:
        """Give a partition to a new worker, which may run under other rules than those in force."""
        group.owner = actor = self._new_actor(group)
        if isinstance(actor, LedgerActor) and self.rnd.random() < self.faults.rules:
            actor.recover()
            actor.bring_rules(rules_hash(self.rnd.choice(RULES)))

    def _new_actor(self, group: Group) -> Actor:
        store = self.rnd.choice(self.stores)
        if group.agent == "intake":
            return IntakeActor(self, group)
        if group.agent == "surveillance":
            return StageActor(self, group, lambda: SurveillanceStage(KNOWN.rules.__getitem__), store)
        return LedgerActor(self, group, self._new_ledger, store)

    def _new_ledger(self) -> Stage:
        return (Forgetful if Rule.MARK in self.without else LedgerStage)(KNOWN.book)

    # Snapshots

    def _spoil_snapshots(self) -> None:
        """A snapshot is lost, torn, older than it was, or another machine's."""
        files = sorted(self.folder.glob("?-*.snapshot"))
        if not files:
            return
        file = self.rnd.choice(files)
        kept = file.with_suffix(".old")
        what = self.rnd.choice(("lose", "tear", "keep", "put back", "move"))
        self.met[f"snapshot {what}"] += 1
        if what == "lose":
            file.unlink()
        elif what == "tear":
            file.write_bytes(file.read_bytes()[: self.rnd.randrange(200)])
        elif what == "keep":
            kept.write_bytes(file.read_bytes())
        elif what == "put back" and kept.exists():
            file.write_bytes(kept.read_bytes())
        else:
            other = "b" if file.name[0] == "a" else "a"
            file.with_name(other + file.name[1:]).write_bytes(file.read_bytes())

    def _lay_foreign_snapshots(self) -> None:
        """What another cluster's workers saved lies in the folder."""
        for name, data in foreign_snapshots():
            (self.folder / f"{self.rnd.choice('ab')}-{name}").write_bytes(data)

    # The end

    def _peace(self) -> None:
        """What is on its way lands or is lost; then new workers finish, undisturbed."""
        for group in self.groups:
            for actor in group.living:
                actor.die()
        while self.network.flights:
            self.network.land(heard=False, again=False) if self.rnd.random() < 0.5 else self.network.lose()
        self.faults = dataclasses.replace(self.faults, redelivery=0)
        for group in self.groups:
            group.zombies = []
            self._assign(group)
        for _ in range(1_000_000):
            while self.network.flights:
                self.network.land(heard=True, again=False)
            if not any(actor.step() for group in self.groups for actor in group.living) and not self.network.flights:
                return
        raise AssertionError("The pipeline never came to rest.")


async def _all(log: object, topic: str, partition: int, start: int, end: int) -> list[LogRecord]:
    return [record async for batch in log.read(topic, partition, start, end) for record in batch]  # type: ignore[attr-defined]


@lru_cache(maxsize=1)
def foreign_snapshots() -> tuple[tuple[str, bytes], ...]:
    """Snapshots of another log: (stage, partition and suffix; content)."""
    with tempfile.TemporaryDirectory() as folder:
        other = Simulation(-1, Path(folder), reports=12, steps=200, faults=Faults.none())
        other.save_every = 1
        other.run()
        return tuple((file.name[2:], file.read_bytes()) for file in sorted(Path(folder).glob("?-*.snapshot")))
