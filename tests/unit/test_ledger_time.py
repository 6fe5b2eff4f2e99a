"""Time in the ledger: it comes with records alone, closes and seals days, and lets memory go."""

from __future__ import annotations

from ledger_world import DAY, DAY_MS, HOUR_MS, IDLIB, NOON_MS, NW, World, aggregate, item, quiet, refold

from incident_pipeline.days import MonitoringDays
from incident_pipeline.event import Event
from incident_pipeline.ledger import Settings, snapshot
from incident_pipeline.limits import Limits

GRACE_HOURS = 12
CUT_OFF_MS = NOON_MS + 12 * HOUR_MS
"""Midnight after the day, in a mission of UTC."""


def told(events: list[Event]) -> list[tuple[str, str | None]]:
    return [(event.type, event.day) for event in events]


def test_a_day_closes_a_grace_after_its_cut_off_and_not_before() -> None:
    world = World()
    world.report("centre", aggregate("centre", 2))
    assert world.tick(CUT_OFF_MS + GRACE_HOURS * HOUR_MS - 1) == []
    assert told(world.tick(CUT_OFF_MS + GRACE_HOURS * HOUR_MS)) == [("day.closed", DAY)]
    assert world.tick(CUT_OFF_MS + 20 * HOUR_MS) == []


def test_a_day_that_is_spoken_of_late_closes_a_grace_after_that() -> None:
    world = World()
    late_ms = NOON_MS + 90 * DAY_MS
    world.report("centre", aggregate("centre", 2), recorded_ms=late_ms)
    assert world.tick(late_ms + GRACE_HOURS * HOUR_MS - 1) == []
    assert told(world.tick(late_ms + GRACE_HOURS * HOUR_MS)) == [("day.closed", DAY)]


def test_the_cut_off_is_the_missions_own() -> None:
    world = World()
    world.book = dict.fromkeys(world.book, Settings(Limits(), MonitoringDays("Asia/Damascus", "19:30")))
    world.report("centre", aggregate("centre", 2))
    closes_ms = NOON_MS + 5 * HOUR_MS + HOUR_MS // 2 + GRACE_HOURS * HOUR_MS  # 17:30 UTC
    assert world.tick(closes_ms - 1) == []
    assert told(world.tick(closes_ms)) == [("day.closed", DAY)]


def test_a_report_brings_time_before_it_is_decided() -> None:
    world = World()
    world.report("centre", aggregate("centre", 2))
    events = world.report("centre", aggregate("centre", 3), published_ms=NOON_MS + 1, recorded_ms=NOON_MS + 3 * DAY_MS)
    assert [event.type for event in events] == ["day.closed", "aggregate.replaced"]
    assert [(event.step, event.steps) for event in events] == [(0, 2), (1, 2)]
    assert world.total()[0] == 3


def test_an_older_tick_does_nothing() -> None:
    world = World()
    world.report("centre", aggregate("centre", 2))
    world.tick(NOON_MS + 3 * DAY_MS)
    before = snapshot.to_bytes(world.ledger)
    assert world.tick(NOON_MS + 2 * DAY_MS) == world.tick(NOON_MS) == []
    assert snapshot.to_bytes(world.ledger) == before


def test_a_closed_day_still_takes_corrections() -> None:
    world = World()
    world.report("centre", aggregate("centre", 2), report_id="x")
    world.tick(NOON_MS + 3 * DAY_MS)
    world.report("centre", retracts="x", recorded_ms=NOON_MS + 4 * DAY_MS)
    assert world.total() == (0, 0, 0, 0)


def test_days_close_in_the_order_in_which_they_are_due() -> None:
    world = World()
    for day in ("2020-03-11", "2020-03-09", "2020-03-10"):
        world.report("centre", aggregate("centre", 2, day=day), aggregate("centre", 1, place="ne", day=day))
    closed = world.tick(NOON_MS + 9 * DAY_MS)
    assert [(event.theatre, event.day) for event in closed] == [
        (theatre, day) for day in ("2020-03-09", "2020-03-10", "2020-03-11") for theatre in ("ne", "nw")
    ]


def test_a_day_is_sealed_the_horizon_after_it_was_first_spoken_of() -> None:
    world = World(horizon_days=10)
    world.report("centre", aggregate("centre", 2), recorded_ms=NOON_MS + DAY_MS)
    world.report("centre", aggregate("centre", 3), published_ms=NOON_MS + 1, recorded_ms=NOON_MS + 5 * DAY_MS)
    assert world.tick(NOON_MS + 11 * DAY_MS - 1) == []
    assert told(world.tick(NOON_MS + 11 * DAY_MS)) == [("day.sealed", DAY)]


def test_lines_and_quiet_statements_for_a_sealed_day_are_too_late_and_change_nothing() -> None:
    world = World(horizon_days=10)
    world.report("centre", aggregate("centre", 2), report_id="x")
    world.tick(NOON_MS + 10 * DAY_MS)
    later_ms = NOON_MS + 11 * DAY_MS
    events = world.report(
        "ministry", aggregate("ministry", 9), item("ministry"), quiet("ministry", "hts"), recorded_ms=later_ms
    )
    assert [event.decided_by.rule for event in events] == ["too_late"] * 3
    assert all(event.type == "line.not_counted" and not event.changes for event in events)
    assert {(event.line or event.quiet).not_counted for event in events if event.line or event.quiet} == {"too_late"}
    withdrawal = world.report("centre", retracts="x", recorded_ms=later_ms)
    assert not any(event.changes for event in withdrawal)
    assert world.total() == (2, 2, 0, 2)


def test_a_withdrawal_that_touches_an_open_and_a_sealed_day_changes_the_open_one_alone() -> None:
    world = World(horizon_days=10)
    world.report("a", aggregate("a", 1), recorded_ms=NOON_MS)
    later_ms = NOON_MS + 5 * DAY_MS
    world.report(
        "centre", aggregate("centre", 2), aggregate("centre", 4, day="2020-03-10"), report_id="x", recorded_ms=later_ms
    )
    world.tick(NOON_MS + 10 * DAY_MS)  # seals the 9th, which was opened first
    events = world.report("centre", retracts="x", recorded_ms=NOON_MS + 11 * DAY_MS)
    assert [(event.day, event.flags) for event in events] == [(DAY, ("day_not_open",)), ("2020-03-10", ())]
    assert (world.total(), world.total("2020-03-10")) == ((2, 3, 1, 3), (0, 0, 0, 0))


# Memory


def test_above_the_bound_on_reports_the_day_that_was_opened_first_is_sealed() -> None:
    world = World(reports_in_memory=3)
    for number, day in enumerate(("2020-03-10", "2020-03-09", "2020-03-08", "2020-03-07")):
        events = world.report("centre", aggregate("centre", 2, day=day), recorded_ms=NOON_MS + number)
    assert [(event.type, event.day, event.decided_by.rule) for event in events[1:]] == [
        ("day.sealed", "2020-03-10", "reports-in-memory")
    ]
    assert len(world.ledger.reports) == 3
    assert refold(world) == world.ledger


def test_above_the_bound_reports_without_lines_go_before_any_day() -> None:
    world = World(reports_in_memory=3)
    world.report("centre", aggregate("centre", 2), recorded_ms=NOON_MS)
    for number in range(1, 8):
        world.report("desk", recorded_ms=NOON_MS + number * HOUR_MS * 30)
    assert len(world.ledger.reports) <= 3
    assert world.ledger.days.keys() == {(NW, DAY)}
    assert refold(world) == world.ledger


def test_the_last_open_day_is_kept_whatever_its_reports() -> None:
    world = World(reports_in_memory=2)
    for _ in range(4):
        world.report("centre", item("centre"))
    assert len(world.ledger.days) == 1


def test_reports_without_lines_and_withdrawals_without_a_report_are_forgotten_after_the_horizon() -> None:
    world = World(horizon_days=10)
    world.report("desk", report_id="nothing")
    world.report("centre", report_id="takes-back", retracts="never-came")
    assert list(world.ledger.awaited) == [("centre", "never-came")]
    world.report("desk", recorded_ms=NOON_MS + 12 * DAY_MS)
    assert world.ledger.awaited == {}
    assert list(world.ledger.reports) == [("desk", "r2")]
    assert list(world.ledger.shelf) == ["2020-03-21"]


def test_a_report_that_only_took_another_back_is_forgotten_after_the_horizon() -> None:
    world = World(horizon_days=10)
    world.report("centre", aggregate("centre", 2), report_id="x")
    world.report("centre", report_id="takes-back", retracts="x")
    world.report("centre", aggregate("centre", 2), report_id="y")
    world.report("centre", report_id="replaces", supersedes="y")
    world.tick(NOON_MS + 11 * DAY_MS)
    world.report("desk", recorded_ms=NOON_MS + 12 * DAY_MS)
    assert list(world.ledger.reports) == [("desk", "r4")]


def test_memory_does_not_grow_for_ever() -> None:
    world = World(horizon_days=5, reports_in_memory=1_000)
    sizes = []
    for number in range(400):
        now_ms = NOON_MS + number * 6 * HOUR_MS
        day = f"{2020 + number // 4 // 336}-{3 + number // 4 // 28 % 12:02d}-{1 + number // 4 % 28:02d}"
        world.report("centre", aggregate("centre", 2, place=IDLIB, day=day), recorded_ms=now_ms)
        world.report("a", item("a", minute=600 + number % 4, day=day), report_id=f"a{number}", recorded_ms=now_ms)
        world.report("b", item("b", minute=600, day=day), report_id=f"b{number}", recorded_ms=now_ms)
        world.report(
            "desk", aggregate("centre", 2, place=IDLIB, day=day), item("a", minute=601, day=day), recorded_ms=now_ms
        )
        world.report("b", report_id=f"b{number}", revision=1, recorded_ms=now_ms)
        world.report("a", report_id=f"gone{number}", retracts=f"a{number}", recorded_ms=now_ms)
        world.report("a", report_id=f"vain{number}", retracts=f"never{number}", recorded_ms=now_ms)
        if number % 4 == 3:
            # That a day is sealed is remembered for good: some 25 bytes for each theatre and day.
            sizes.append(len(snapshot.to_bytes(world.ledger)) - 25 * len(world.ledger.sealed))
    assert len(world.ledger.sealed) > 80
    assert max(sizes[50:]) <= 1.1 * max(sizes[10:50])
    assert len(world.ledger.due) <= 2 * len(world.ledger.days)
