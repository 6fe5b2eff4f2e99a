"""The ledger as a stage: what it passes over is counted, and stops nothing."""

from __future__ import annotations

import itertools
from collections import Counter

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from ledger_world import NOON_MS, World, item

from incident_pipeline.chain import Tail
from incident_pipeline.days import MonitoringDays
from incident_pipeline.ledger import Settings
from incident_pipeline.ledger.stage import LedgerStage
from incident_pipeline.limits import Limits
from incident_pipeline.line import RulesChange, Tick
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


def changes(*hashes_and_force: tuple[str, bool]) -> list[LogRecord]:
    return lines(
        *(
            msgspec.json.encode(RulesChange(now_ms=NOON_MS, rules=rules, forced=forced))
            for rules, forced in hashes_and_force
        )
    )


def book_of(**revisions: int) -> dict[str, Settings]:
    return {name: Settings(Limits(), MonitoringDays("UTC"), revision) for name, revision in revisions.items()}


def in_force(
    book: dict[str, Settings], *hashes_and_force: tuple[str, bool]
) -> tuple[list[str | None], dict[Skip, int]]:
    """The rules after each change, and what was passed over."""
    stage, skipped, seen = LedgerStage(book), Counter[Skip](), []
    tail = Tail()
    for record in changes(*hashes_and_force):
        decided = stage.decide([record], tail)
        tail = tail.extended(decided.last_id, decided.records, tail.offset + decided.records)
        skipped += decided.skipped
        seen.append(stage.rules)
    return seen, skipped


def test_older_rules_never_replace_newer_ones_unless_they_are_forced() -> None:
    book = book_of(none=0, first=1, second=2, other_second=2)
    order = [("none", False), ("first", False), ("second", False), ("first", False), ("none", False)]
    order += [("other_second", False), ("second", False), ("first", True), ("first", False), ("second", False)]
    seen, skipped = in_force(book, *order)
    assert seen == ["none", "first", "second", "second", "second", "second", "second", "first", "first", "second"]
    assert skipped == {Skip.RULES_OLDER: 3, Skip.RULES_IN_FORCE: 2}


def test_catalogues_without_a_revision_replace_each_other() -> None:
    seen, skipped = in_force(book_of(one=0, other=0), ("one", False), ("other", False), ("one", False))
    assert (seen, skipped) == (["one", "other", "one"], {})


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), max_size=12))
def test_the_revision_in_force_falls_only_where_that_was_forced(order: list[tuple[str, bool]]) -> None:
    book = book_of(a=0, b=1, c=2, d=2)
    seen, _ = in_force(book, *order)
    for (before, after), (_, forced) in zip(itertools.pairwise(seen), order[1:], strict=True):
        assert before is not None
        assert after is not None
        assert forced or after == before or book[after].revision > book[before].revision


def test_what_intake_writes_again_and_a_tick_that_brings_nothing_are_counted_as_such() -> None:
    world = World()
    world.report("a", item("a", "hts"))
    report, tick = msgspec.json.encode(world.inputs[0]), msgspec.json.encode(Tick(now_ms=NOON_MS))
    decided = LedgerStage(world.book).decide(lines(report, report, tick), Tail())
    assert decided.skipped == {Skip.ALREADY_DECIDED: 1, Skip.NOTHING_DUE: 1}
