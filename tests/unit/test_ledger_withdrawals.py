"""Duplicates, conflicts, revisions, supersession and retraction, in whatever order they come."""

from __future__ import annotations

import itertools
from typing import Any

from ledger_world import HOUR_MS, IDLIB, NOON_MS, World, aggregate, item, quiet, refold

from incident_pipeline.event import Event


def types(events: list[Event]) -> list[str]:
    return [event.type for event in events if event.type != "rules.adopted"]


def test_every_report_leaves_an_event() -> None:
    world = World()
    assert types(world.report("desk", report_id="x")) == ["report.noted"]
    assert types(world.report("desk", report_id="x")) == ["report.duplicated"]


def test_the_same_again_is_a_duplicate_and_never_raw() -> None:
    world = World()
    for _ in range(3):
        events = world.report("centre", aggregate("centre", 4), item("centre"), report_id="x")
    assert types(events) == ["report.duplicated"]
    assert world.total() == (4, 5, 0, 4)


def test_other_content_under_the_same_revision_is_a_conflict_and_the_first_stands() -> None:
    world = World()
    world.report("centre", aggregate("centre", 4), report_id="x")
    (event,) = world.report("centre", aggregate("centre", 9), report_id="x")
    assert (event.type, event.decided_by.rule) == ("report.conflicted", "other-content")
    assert world.total() == (4, 4, 0, 4)


def test_one_id_of_two_sources_is_two_reports() -> None:
    world = World()
    world.report("a", item("a", minute=100), report_id="x")
    world.report("b", item("b", minute=900), report_id="x")
    assert world.total() == (2, 2, 0, 2)


def test_revisions_count_by_number_in_any_order_of_arrival() -> None:
    for order in itertools.permutations(range(3)):
        world = World()
        for revision in order:
            world.report("centre", aggregate("centre", 3 + revision, place=IDLIB), report_id="x", revision=revision)
        assert world.total() == (5, 5, 0, 5)
        assert refold(world) == world.ledger


def test_a_revision_takes_out_all_that_the_earlier_version_said_on_every_day() -> None:
    world = World()
    world.report("a", item("a"), aggregate("a", 3, day="2020-03-10"), quiet("a", "hts"), report_id="x")
    events = world.report("a", item("a", minute=100), report_id="x", revision=1)
    assert types(events) == ["report.corrected", "incident.withdrawn", "report.corrected", "incident.recorded"]
    assert (world.total(), world.total("2020-03-10")) == ((1, 1, 0, 1), (0, 0, 0, 0))


def test_an_older_revision_that_comes_late_is_recorded_as_superseded() -> None:
    world = World()
    world.report("centre", aggregate("centre", 5), report_id="x", revision=2)
    (event,) = world.report("centre", aggregate("centre", 9), report_id="x", revision=1)
    assert (event.type, event.line and event.line.not_counted) == ("line.not_counted", "superseded")
    assert world.total() == (5, 5, 0, 5)


def scenario(*steps: dict[str, Any]) -> set[tuple[int, int, int, int]]:
    """Totals after the steps, in every order."""
    totals = set()
    for order in itertools.permutations(steps):
        world = World()
        for step in order:
            fields = dict(step)
            world.report(fields.pop("source"), *fields.pop("stated", ()), **fields)
        assert refold(world) == world.ledger
        totals.add(world.total())
    return totals


def test_a_retraction_holds_for_all_revisions_before_and_after_it() -> None:
    assert scenario(
        {"source": "c", "stated": (aggregate("c", 5),), "report_id": "x"},
        {"source": "c", "stated": (aggregate("c", 6),), "report_id": "x", "revision": 1},
        {"source": "c", "report_id": "t", "retracts": "x"},
        {"source": "m", "stated": (aggregate("m", 2),)},
    ) == {(2, 2, 0, 2)}


def test_a_report_that_supersedes_another_stands_in_its_place_in_either_order() -> None:
    assert scenario(
        {"source": "c", "stated": (item("c"), aggregate("c", 5)), "report_id": "x"},
        {"source": "c", "stated": (item("c"), aggregate("c", 3)), "report_id": "y", "supersedes": "x"},
    ) == {(3, 4, 0, 3)}


def test_a_chain_of_supersessions_leaves_the_last() -> None:
    assert scenario(
        {"source": "c", "stated": (aggregate("c", 5),), "report_id": "x"},
        {"source": "c", "stated": (aggregate("c", 4),), "report_id": "y", "supersedes": "x"},
        {"source": "c", "stated": (aggregate("c", 2),), "report_id": "z", "supersedes": "y"},
    ) == {(2, 2, 0, 2)}


def test_a_report_may_not_withdraw_another_sources() -> None:
    assert scenario(
        {"source": "c", "stated": (aggregate("c", 5),), "report_id": "x"},
        {"source": "m", "report_id": "y", "retracts": "x"},
    ) == {(5, 5, 0, 5)}


def test_a_report_may_retract_itself_by_a_revision_in_either_order() -> None:
    assert scenario(
        {"source": "c", "stated": (aggregate("c", 5),), "report_id": "x"},
        {"source": "c", "report_id": "x", "revision": 1, "retracts": "x"},
    ) == {(0, 0, 0, 0)}
    world = World()
    world.report("c", aggregate("c", 5), report_id="x")
    assert types(world.report("c", report_id="x", revision=1, retracts="x")) == ["report.retracted"]


def test_a_report_that_supersedes_its_own_id_is_a_revision_like_any_other() -> None:
    assert scenario(
        {"source": "c", "stated": (aggregate("c", 5),), "report_id": "x"},
        {"source": "c", "stated": (aggregate("c", 3),), "report_id": "x", "revision": 1, "supersedes": "x"},
    ) == {(3, 3, 0, 3)}


def test_a_withdrawal_that_comes_first_says_that_it_waits() -> None:
    world = World()
    events = world.report("c", report_id="t", retracts="x")
    assert [(event.type, event.subject, event.decided_by.rule) for event in events[-1:]] == [
        ("report.noted", "x", "withdrawal-awaited")
    ]
    (event,) = world.report("c", item("c"), report_id="x")
    assert (event.type, event.line and event.line.not_counted) == ("line.not_counted", "retracted")


def test_what_had_been_replaced_comes_into_force_again() -> None:
    world = World()
    world.report("c", aggregate("c", 5), report_id="noon")
    world.report("c", aggregate("c", 8), report_id="evening", published_ms=NOON_MS + 8 * HOUR_MS)
    world.report("c", retracts="evening")
    assert world.total() == (5, 5, 0, 5)


def test_a_withdrawal_says_what_it_took_out_of_force() -> None:
    world = World()
    world.report("c", item("c"), quiet("c", "gov"), report_id="x")
    withdrawn, gone = world.report("c", retracts="x")
    assert [line.index for line in withdrawn.withdrawn_lines] == [0]
    assert [each.attribution for each in withdrawn.withdrawn_quiet] == ["gov"]
    assert (gone.type, gone.incident_id) == ("incident.withdrawn", "0-0-1")


def test_more_revisions_than_a_report_may_have_are_conflicts() -> None:
    world = World(revisions_per_report=2)
    for revision in range(3):
        events = world.report("c", aggregate("c", 2 + revision), report_id="x", revision=revision)
    assert [(event.type, event.decided_by.rule) for event in events] == [("report.conflicted", "too-many-revisions")]
    assert world.total() == (3, 3, 0, 3)


def test_an_incident_that_two_reports_tell_stays_when_one_is_withdrawn() -> None:
    world = World()
    first = world.report("a", item("a"), report_id="x")[-1]
    world.report("b", item("b"))
    assert types(world.report("a", retracts="x")) == ["report.retracted"]
    assert world.total() == (1, 1, 0, 1)
    assert list(world.ledger.days["nw", "2020-03-09"].incidents()) == [first.incident_id]
