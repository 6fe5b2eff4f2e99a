"""The real ledger feeds the gauges, live, refolded, and from a snapshot: each way to the same figures."""

from __future__ import annotations

import msgspec
from ledger_world import IDLIB, NOON_MS, SARAQIB, World, aggregate, item, quiet

from incident_pipeline.chain import Tail
from incident_pipeline.codec import encode
from incident_pipeline.days import MonitoringDays
from incident_pipeline.ledger.stage import LedgerStage
from incident_pipeline.log import LogRecord
from incident_pipeline.metrics.day_gauges import days_now, group_samples, theatre_samples
from incident_pipeline.projection.today import Today

UTC = MonitoringDays("UTC")


class Records(msgspec.Struct, frozen=True):
    """A record of `lines` as a client gives it."""

    offset: int
    timestamp: int
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


def history() -> World:
    world = World()
    world.report("centre", aggregate("centre", 8, "hts|tip", IDLIB), report_id="c")
    world.report("observer", item("observer", "hts", SARAQIB), report_id="o")
    world.report("desk", aggregate("centre", 8, "hts|tip", IDLIB))
    world.report("ministry", quiet("ministry", "gov"))
    world.report("observer", report_id="o2", retracts="o")
    return world


def staged(world: World) -> LedgerStage:
    return LedgerStage(world.book)


def inputs(world: World) -> list[Records]:
    return [Records(offset, NOON_MS, encode(record)) for offset, record in enumerate(world.inputs)]


def shown(today: Today) -> tuple[dict[str, float], dict[tuple[str, ...], float]]:
    days = days_now([today], UTC, NOON_MS / 1_000)
    theatres = {labels[2]: n for labels, n in theatre_samples(days)}
    return theatres, {(labels[1], labels[3]): n for labels, n in group_samples(days, {"hts", "tip", "gov"})}


def test_the_gauges_show_what_the_ledger_decided() -> None:
    world = history()
    stage = staged(world)
    stage.decide(inputs(world), Tail())
    theatres, groups = shown(stage.today)
    assert theatres == {"raw": 16, "deduplicated": 8, "corroborated": 0, "high": 8}
    assert groups == {
        ("hts", "certain"): 0,
        ("hts", "possible"): 8,
        ("tip", "certain"): 0,
        ("tip", "possible"): 8,
        ("gov", "certain"): 0,
        ("gov", "possible"): 0,
    }


def test_a_refold_of_the_log_shows_the_same() -> None:
    world = history()
    stage = staged(world)
    decided = stage.decide(inputs(world), Tail())
    again = staged(world)
    for offset, record in enumerate(record for group in decided.groups for record in group):
        again.fold(LogRecord("events", 0, offset, record.timestamp_ms, record.key, record.value))
    assert again.today.state() == stage.today.state()


def test_a_restart_from_a_snapshot_anywhere_shows_the_same() -> None:
    world = history()
    whole = staged(world)
    whole.decide(inputs(world), Tail())
    for cut in range(len(world.inputs) + 1):
        before = staged(world)
        decided = before.decide(inputs(world)[:cut], Tail())
        end = Tail().extended(decided.last_id, decided.records, decided.records)
        after = staged(world)
        after.load(before.save())
        after.decide(inputs(world)[cut:], end)
        assert after.today.state() == whole.today.state()


def test_a_retraction_of_all_that_was_said_leaves_nothing_shown() -> None:
    world = World()
    world.report("centre", aggregate("centre", 8, "hts", IDLIB), report_id="c")
    world.report("centre", report_id="c2", retracts="c")
    stage = staged(world)
    stage.decide(inputs(world), Tail())
    assert shown(stage.today) == ({}, {})
