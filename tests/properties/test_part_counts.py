"""Counts of some types or parties alone: whatever the history, what somebody else counts of those lines in force."""

from __future__ import annotations

import dataclasses
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_histories import PARTIES, Told, days_of, histories, oracle_of, sent
from ledger_world import DAY_MS, NOON_MS, RULES, World, encode_events
from recorded_history import RECORDED, History, as_read

from incident_pipeline.chain import Tail
from incident_pipeline.ledger import RuleBook, Settings
from incident_pipeline.ledger.encoding import decode_event
from incident_pipeline.ledger.state import DayKey
from incident_pipeline.line import Line, Quiet
from incident_pipeline.log import LogRecord
from incident_pipeline.projection.daily_counts import DailyCounts, TheatreDay
from incident_pipeline.projection.part import Part, PartStage
from incident_pipeline.projection.table import rows

TYPES = ("K1", "K3", "U0")
DOUBTED = "desk"
"""A source that bears nobody out."""
PARTS = st.builds(
    Part,
    types=st.frozensets(st.sampled_from(TYPES), max_size=2),
    parties=st.frozensets(st.sampled_from(PARTIES), max_size=2),
)


def typed(history: list[Told]) -> list[Told]:
    """The history with numbers of every type, and a source that is not known."""
    return [
        dataclasses.replace(told, stated=tuple(_typed(told, number, each) for number, each in enumerate(told.stated)))
        for told in history
    ]


def _typed(told: Told, number: int, stated: Line | Quiet) -> Line | Quiet:
    more: dict[str, Any] = {"corroborates": told.source != DOUBTED}
    if isinstance(stated, Line) and stated.minute is None:
        more["type"] = TYPES[(stated.count + number) % len(TYPES)]
    return msgspec.structs.replace(stated, **more)


def counted(records: list[LogRecord], book: RuleBook, part: Part) -> dict[DayKey, TheatreDay]:
    stage = PartStage(book, part, lambda _: True, lambda: None)
    for record in records:
        stage.fold(record)
    return stage.counts()


def log_of(world: World) -> list[LogRecord]:
    """The world's events as they lie in their topic."""
    records = encode_events(world.events, Tail())
    return [
        LogRecord("events", 0, offset, 0, None, value, headers) for offset, (_, value, headers) in enumerate(records)
    ]


def figures_of(day: TheatreDay) -> tuple[Any, ...]:
    """Total, cells and bounds that are not zero throughout, as the oracle gives them."""
    cells = {(who, place): msgspec.structs.astuple(figures) for (place, who), figures in day.cells.items()}
    bounds = {(group, place): pair for (place, group), pair in day.bounds.items() if any(pair)}
    return msgspec.structs.astuple(day.total), cells, bounds


def takes(part: Part, stated: Any) -> bool:
    of_party = not part.parties or stated.party in part.parties
    return of_party and (isinstance(stated, Quiet) or not part.types or stated.type in part.types)


@given(histories(), PARTS)
@settings(deadline=None)
def test_part_of_the_lines_is_counted_as_somebody_else_counts_it(history: list[Told], part: Part) -> None:
    history = typed(history)
    found = counted(log_of(sent(history)), {RULES: World().book[RULES]}, part)
    for theatre, day in days_of(history):
        oracle = oracle_of(history, theatre, day, lambda stated: takes(part, stated))
        known = found.get((theatre, day), TheatreDay())
        bounds = {key: pair for key, pair in oracle.bounds().items() if any(pair)}
        cells = {cell: figures for cell, figures in oracle.cells().items() if any(figures)}
        assert figures_of(known) == (tuple(oracle.theatre()), cells, bounds)
        assert known.is_known == bool(oracle.items or oracle.aggregates or oracle.retellings)


@given(histories(), PARTS)
@settings(deadline=None)
def test_a_day_counts_after_it_was_sealed_as_before(history: list[Told], part: Part) -> None:
    world = sent(typed(history))
    before = counted(log_of(world), world.book, part)
    world.tick(NOON_MS + 1_000 * DAY_MS)
    assert not world.ledger.days
    assert counted(log_of(world), world.book, part) == before


@given(histories())
@settings(deadline=None)
def test_one_partys_numbers_corroborate_nothing(history: list[Told]) -> None:
    for party in PARTIES:
        for day in counted(log_of(sent(history)), World().book, Part(parties=frozenset({party}))).values():
            assert day.total.corroborated == 0


@pytest.mark.parametrize("version", sorted(path.name for path in RECORDED.iterdir()))
def test_all_types_and_parties_together_are_what_the_log_states(version: str) -> None:
    recorded = History.load(version)
    records = [
        LogRecord("events", 0, each.offset, each.timestamp, None, each.value, each.headers)
        for each in as_read(recorded.events)
    ]
    book = {name: Settings.of(rules) for name, rules in recorded.rules_by_hash.items()}
    stated, again = DailyCounts(), DailyCounts()
    events = [decode_event(record.value or b"") for record in records]
    for event in events:
        stated.apply(event)
    lines = [line for event in events if (line := event.line or event.quiet)]
    parties = frozenset(line.party for line in lines)
    types = frozenset(line.type for line in lines if isinstance(line, Line))
    assert len(types) > 3
    assert len(parties) > 3
    again.days = counted(records, book, Part(types=types, parties=parties))
    by = frozenset({"group", "place"})
    told = [row for row in rows(stated, by) if row.raw or row.is_total]
    assert len(told) > 10
    assert [row for row in rows(again, by) if row.raw or row.is_total] == told
