"""A history as an earlier version wrote it, and what this version makes of it.

`tests/recorded/<version>/` holds one partition of each topic, a record a line. What lies there is never written again:
a change that no longer decides it in the same way changes what missions have published, and has to say so by a new
directory beside the old one (`python tests/recorded_history.py <version>`).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from incident_pipeline.catalogue.canonical import canonical_rules_json
from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.load import load_rules, rules_from_json, shipped_catalogue
from incident_pipeline.chain import Tail
from incident_pipeline.codec import content_hash, encode
from incident_pipeline.demo.history import history
from incident_pipeline.intake.take import take
from incident_pipeline.intake.understand import Coordinates
from incident_pipeline.ledger import Settings
from incident_pipeline.ledger.stage import LedgerStage
from incident_pipeline.limits import Limits
from incident_pipeline.line import LinesRecord, RulesChange, Tick
from incident_pipeline.surveillance.stage import SurveillanceStage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from incident_pipeline.catalogue.model import Rules
    from incident_pipeline.owner import Outgoing, Stage

RECORDED: Final = Path(__file__).parent / "recorded"
_NOW_MS: Final = 1_583_928_000_000
"""11 March 2020, noon: when the reports come."""
_HOUR_MS: Final = 3_600_000


def _said(observer: str, report_id: str, *minutes: int, **fields: object) -> bytes:
    """A report of an observer about Ariha on 11 March: an item for each time of day, or whatever else it says."""
    items = [{"occurred_at": f"2020-03-11T{m // 60:02d}:{m % 60:02d}:00+02:00", "place": "Ariha"} for m in minutes]
    said = {"published_at": "2020-03-11T13:00:00+02:00", "violations": items} if items else {}
    return encode({"source": f"sample-observer-{observer}", "report_id": report_id, **said, **fields})


def _number(count: int) -> dict[str, object]:
    return {"occurred_on": "2020-03-11", "violations": [{"count": count, "place": "Idlib"}]}


_BESIDE_THE_DEMO: Final = (
    _said("north", "first", 600),
    _said("east", "second", 640),  # too late to be the same
    _said("south", "between", 620),  # unless this one is both
    _said("south", "take-back", retracts="between", published_at="2020-03-11T13:20:00+02:00"),
    _said("north", "number", **_number(3)),
    _said("north", "larger-number", **_number(9)),
    _said("north", "larger-number", revision=1, **_number(7)),
    _said("east", "second", 500),  # the same name and revision with other words
    _said("east", "late", 520, supersedes="second"),
)
"""What the demo's reports do not cause: numbers that replace numbers, blocks that join and part, contradictions."""


class Stored(msgspec.Struct, frozen=True):
    """A record, with its bytes as text."""

    key: str
    timestamp_ms: int
    value: str
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, record: Outgoing) -> Stored:
        """What was to be written."""
        headers = tuple((name, value.decode()) for name, value in record.headers)
        return cls(record.key.decode(), record.timestamp_ms, record.value.decode(), headers)


class Read(msgspec.Struct, frozen=True):
    """A record as a stage reads it."""

    offset: int
    timestamp: int
    value: bytes
    headers: Sequence[tuple[str, bytes]]


class History(msgspec.Struct, frozen=True):
    """One partition of each topic."""

    rules: tuple[Stored, ...]
    lines: tuple[Stored, ...]
    events: tuple[Stored, ...] = ()
    alerts: tuple[Stored, ...] = ()

    @classmethod
    def load(cls, version: str) -> History:
        """What that version wrote."""
        return cls(*(tuple(_load(RECORDED / version / f"{topic}.jsonl")) for topic in cls.__struct_fields__))

    def save(self, version: str) -> None:
        """Keep it for later versions."""
        folder = RECORDED / version
        folder.mkdir(parents=True)
        for topic in self.__struct_fields__:
            records = getattr(self, topic)
            (folder / f"{topic}.jsonl").write_bytes(b"".join(encode(record) + b"\n" for record in records))

    @property
    def rules_by_hash(self) -> dict[str, Rules]:
        """The rules, known by the hash of their bytes."""
        return {content_hash(each.value.encode()): rules_from_json(each.value.encode()) for each in self.rules}

    def ledger(self) -> LedgerStage:
        """A ledger that knows the rules."""
        return LedgerStage({name: Settings.of(rules) for name, rules in self.rules_by_hash.items()})

    def surveillance(self) -> SurveillanceStage:
        """A surveillance that knows the rules."""
        return SurveillanceStage(self.rules_by_hash.__getitem__)

    def decided(self) -> History:
        """The same lines, decided by this version: with events and alerts of its own."""
        events = decide(self.ledger(), self.lines)
        return History(self.rules, self.lines, events, decide(self.surveillance(), events))


def decide(stage: Stage, records: Sequence[Stored]) -> tuple[Stored, ...]:
    """All that a stage writes about these records."""
    groups = stage.decide(as_read(records), Tail()).groups
    return tuple(Stored.of(each) for group in groups for each in group)


def as_read(records: Sequence[Stored]) -> list[Read]:
    """The records at their offsets."""
    return [
        Read(offset, one.timestamp_ms, one.value.encode(), [(name, value.encode()) for name, value in one.headers])
        for offset, one in enumerate(records)
    ]


def _load(path: Path) -> Iterator[Stored]:
    yield from (msgspec.json.decode(line, type=Stored) for line in path.read_bytes().splitlines())


def _as_of_now() -> History:
    """The history of the demo, twice, with time passing and an edited threshold, as this version decides it."""
    first = load_rules(shipped_catalogue())
    alerts = tuple(msgspec.structs.replace(rule, settings={"at_least": 2}) for rule in first.alerts)
    second = msgspec.structs.replace(first, alerts=alerts)
    published = [canonical_rules_json(rules) for rules in (first, second)]
    rules = tuple(Stored(content_hash(value), _NOW_MS, value.decode()) for value in published)
    lines: list[LinesRecord] = list(_understood(Catalogue(first), _NOW_MS, 0))
    lines += [Tick(now_ms=_NOW_MS + hours * _HOUR_MS) for hours in (1, 24, 48)]
    lines.append(RulesChange(now_ms=_NOW_MS + 49 * _HOUR_MS, rules=rules[1].key))
    lines += _understood(Catalogue(second), _NOW_MS + 50 * _HOUR_MS, len(lines))
    lines += [Tick(now_ms=_NOW_MS + days * 24 * _HOUR_MS) for days in (4, 10, 60, 400)]
    stored = [Stored("*", getattr(line, "recorded_at_ms", _NOW_MS), encode(line).decode()) for line in lines]
    return History(rules, tuple(stored)).decided()


def _understood(catalogue: Catalogue, now_ms: int, offset: int) -> Iterator[LinesRecord]:
    for value in (*(each.value for each in history(Limits().report_bytes)), *_BESIDE_THE_DEMO):
        taken = take(value, Coordinates(0, offset), catalogue, recorded_at_ms=now_ms, partitions=1)
        if isinstance(taken, list):
            yield from (understood for _, understood in taken)
        offset += 1


if __name__ == "__main__":
    _as_of_now().save(sys.argv[1])
