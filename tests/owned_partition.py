"""One partition of `lines` and `events` in memory, and owners that write what they decide when they are told to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ledger_world import RULES, World

from incident_pipeline.chain import Tail
from incident_pipeline.codec import encode
from incident_pipeline.ledger.stage import LedgerStage
from incident_pipeline.line import LinesRecord
from incident_pipeline.log import LogRecord, MemoryLog, NewRecord, read_chain
from incident_pipeline.owner import Decided, Landing, Outgoing, Owner, Stage

LINES, EVENTS, ALERTS = "lines", "events", "alerts"


class KnownRules:
    """The rules that were published."""

    def __init__(self, *known: str) -> None:
        self.known = set(known)

    async def ensure(self, hashes: set[str]) -> None:
        """See `RulesSource`."""
        if missing := hashes - self.known:
            raise LookupError(f"nobody published {sorted(missing)}")


class Partition:
    """The log of one partition, with the world's reports as its `lines`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.log = MemoryLog()
        for topic in (LINES, EVENTS, ALERTS):
            self.log.create(topic, 1)
        self.rules = KnownRules(RULES)
        self.put(*world.inputs)

    def put(self, *lines: LinesRecord) -> None:
        """Append to `lines`."""
        self.log.append(LINES, 0, [NewRecord(encode(line)) for line in lines])

    def owner(self, stage: Stage | None = None, topics: tuple[str, str] = (LINES, EVENTS)) -> Owner:
        """A new owner, not recovered yet."""
        return Owner(stage or LedgerStage(self.world.book), self.log, topics, 0, self.rules)

    async def input(self, start: int = 0, end: int | None = None, topic: str = LINES) -> list[LogRecord]:
        """Records of an input."""
        stop = await self.log.end_offset(topic, 0) if end is None else end
        return [record async for batch in self.log.read(topic, 0, start, stop) for record in batch]

    def append(self, groups: Sequence[Sequence[Outgoing]], topic: str = EVENTS) -> tuple[int, int]:
        """Let records land; return base offset and end offset."""
        new = [NewRecord(each.value, each.key, each.headers, each.timestamp_ms) for group in groups for each in group]
        base = self.log.append(topic, 0, new)
        return base, base + len(new)

    async def write(self, owner: Owner, decided: Decided, topic: str = EVENTS) -> Landing:
        """Let what was decided land, be acknowledged, and be looked at by its owner."""
        return await owner.landed(decided.last_id, decided.records, *self.append(decided.groups, topic))

    async def counting(self, topic: str = EVENTS) -> list[bytes]:
        """The values that count, as any reader finds them."""
        return [record.value or b"" async for batch, _ in read_chain(self.log, topic, 0, Tail()) for record in batch]

    def straight(self) -> list[bytes]:
        """The values that deciding the world's reports directly gives."""
        return [encode(event) for event in self.world.events]


def state_of(owner: Owner) -> Any:
    """The ledger that an owner holds."""
    stage: Any = owner.stage
    return stage.ledger
