"""The ledger as a stage: what it passes over is counted, and stops nothing."""

from __future__ import annotations

import msgspec
from ledger_world import NOON_MS, World, item

from incident_pipeline.chain import Tail
from incident_pipeline.ledger.stage import LedgerStage
from incident_pipeline.line import Tick
from incident_pipeline.log import LogRecord
from incident_pipeline.metrics import Skip


def lines(*values: bytes) -> list[LogRecord]:
    return [LogRecord("lines", 0, offset, NOON_MS, None, value) for offset, value in enumerate(values)]


def test_a_record_that_is_not_ours_is_passed_over_and_counted() -> None:
    world = World()
    world.report("a", item("a", "hts"))
    report = msgspec.json.encode(world.inputs[0])
    decided = LedgerStage(world.book).decide(lines(b"not json", b'{"kind":"other"}', report), Tail())
    assert decided.skipped == {Skip.UNREADABLE: 2}
    assert decided.tally == {"rules.adopted": 1, "incident.recorded": 1}


def test_what_intake_writes_again_and_a_tick_that_brings_nothing_are_counted_as_such() -> None:
    world = World()
    world.report("a", item("a", "hts"))
    report, tick = msgspec.json.encode(world.inputs[0]), msgspec.json.encode(Tick(now_ms=NOON_MS))
    decided = LedgerStage(world.book).decide(lines(report, report, tick), Tail())
    assert decided.skipped == {Skip.ALREADY_DECIDED: 1, Skip.NOTHING_DUE: 1}
