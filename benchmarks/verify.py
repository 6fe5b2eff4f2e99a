"""Is what came out right? A fast run that counts wrongly is no result."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from benchmarks.workers import BenchmarkError
from benchmarks.world import ALERT_RULE
from incident_pipeline.log import read_chain

if TYPE_CHECKING:
    from benchmarks.reports import DayKey, Truth
    from incident_pipeline.log.kafka import KafkaLog
    from incident_pipeline.topics import Topics

__all__ = ["Outcome", "read_outcome", "verify"]

_SHOWN = 10


class _Change(msgspec.Struct):
    attribution: str
    day: str
    deduplicated: tuple[int, int]
    place: str
    raw: tuple[int, int]


class _Event(msgspec.Struct):
    """As much of an event as the check needs, read as any client may."""

    type: str
    theatre: str
    changes: tuple[_Change, ...] = ()


class _Verdict(msgspec.Struct):
    abnormal: bool


class _Alert(msgspec.Struct):
    type: str
    rule: str
    day: str
    theatre: str
    count: int
    verdict: _Verdict


class Outcome(msgspec.Struct):
    """What the logs say in the end."""

    types: Counter[str] = msgspec.field(default_factory=Counter)
    raw: dict[tuple[str, str], int] = msgspec.field(default_factory=dict)
    deduplicated: dict[tuple[str, str], int] = msgspec.field(default_factory=dict)
    alerts: int = 0
    active: set[tuple[str, str]] = msgspec.field(default_factory=set)
    event_bytes: int = 0


async def read_outcome(log: KafkaLog, topics: Topics) -> Outcome:
    """Read `events` and `alerts` by the rule of the chain."""
    outcome = Outcome()
    decode_event, decode_alert = msgspec.json.Decoder(_Event).decode, msgspec.json.Decoder(_Alert).decode
    for partition in range(topics.events.partitions):
        async for records, _ in read_chain(log, topics.events.name, partition):
            for record in records:
                value = record.value or b""
                outcome.event_bytes += len(value)
                _fold(outcome, decode_event(value))
    for partition in range(topics.alerts.partitions):
        async for records, _ in read_chain(log, topics.alerts.name, partition):
            for record in records:
                _fold_alert(outcome, decode_alert(record.value or b""))
    return outcome


def _fold(outcome: Outcome, event: _Event) -> None:
    outcome.types[event.type] += 1
    for change in event.changes:
        if change.attribution == "*":
            outcome.raw[event.theatre, change.day] = change.raw[1]
            outcome.deduplicated[event.theatre, change.day] = change.deduplicated[1]


def _fold_alert(outcome: Outcome, alert: _Alert) -> None:
    outcome.alerts += 1
    if alert.rule == ALERT_RULE:
        is_active = alert.verdict.abnormal and alert.type != "alert.cleared"
        (outcome.active.add if is_active else outcome.active.discard)((alert.theatre, alert.day))


def verify(outcome: Outcome, truth: Truth, partitions: int, alert_at: int) -> None:
    """Raise BenchmarkError with every difference from what is true."""
    mix, types = truth.mix, outcome.types
    wrong = [
        *_compare("deduplicated", outcome.deduplicated, truth.deduplicated),
        *_compare("raw", outcome.raw, truth.raw),
    ]
    expected = {
        "report.duplicated": mix.duplicates + (partitions - 1) * truth.revised_duplicates,
        "incident.corroborated": mix.second_tellers,
        "incident.recorded": mix.first_hand + mix.revisions,
        "report.corrected": mix.revisions,
        "report.noted": (partitions - 1) * mix.revisions,
    }
    wrong += [
        f"{kind}: {types[kind]} events, must be {count}" for kind, count in expected.items() if types[kind] != count
    ]
    aggregates = types["aggregate.recorded"] + types["aggregate.replaced"]
    if aggregates != mix.aggregates:
        wrong.append(f"aggregates: {aggregates} events, must be {mix.aggregates}")
    abnormal = {day for day, count in truth.deduplicated.items() if count >= alert_at}
    if outcome.active != abnormal:
        wrong.append(f"alerts: active for {len(outcome.active)} days, must be {len(abnormal)}")
    if wrong:
        more = f"\n... and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise BenchmarkError("The run was wrong:\n" + "\n".join(wrong[:_SHOWN]) + more)


def _compare(name: str, found: dict[DayKey, int], true: dict[DayKey, int]) -> list[str]:
    return [
        f"{name} of {day} in {theatre}: {found.get((theatre, day), 0)}, must be {count}"
        for (theatre, day), count in sorted(true.items())
        if found.get((theatre, day), 0) != count
    ]
