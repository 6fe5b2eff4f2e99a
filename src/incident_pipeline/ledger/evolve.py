"""Applying one event to the state: the fold that live decisions and every replay share."""

from __future__ import annotations

import heapq
from typing import NamedTuple, Protocol

from incident_pipeline.codec import time_ms, time_text
from incident_pipeline.event import BoundsChange, Change, Event, EventType, Grouping
from incident_pipeline.ledger import aggregates, items
from incident_pipeline.ledger.settings import RuleBook, Settings
from incident_pipeline.ledger.state import Day, Due, Entry, Ledger, ReportKey, Standing
from incident_pipeline.ledger.voided import restated_bounds, restated_changes
from incident_pipeline.line import Activity, Line, LineKind, Quiet, ReportRef, TopicIds

_UNREGISTERED = (EventType.REPORT_DUPLICATED, EventType.REPORT_CONFLICTED)
_WITHDRAWALS = (EventType.REPORT_CORRECTED, EventType.REPORT_RETRACTED)


class Outcome(NamedTuple):
    """What applying a decision came to."""

    changes: tuple[Change, ...] = ()
    bounds: tuple[BoundsChange, ...] = ()
    told: items.Told | None = None
    """For an item: the incident that it tells."""
    groupings: tuple[Grouping, ...] = ()


NOTHING = Outcome()


class _Applied(Protocol):
    """What applying needs to see of an event, or of a decision that is about to be one."""

    @property
    def type(self) -> EventType: ...
    @property
    def theatre(self) -> str: ...
    @property
    def report(self) -> ReportRef | None: ...
    @property
    def step(self) -> int: ...
    @property
    def subject(self) -> str | None: ...
    @property
    def line(self) -> Line | None: ...
    @property
    def quiet(self) -> Quiet | None: ...
    @property
    def activity(self) -> Activity | None: ...
    @property
    def day(self) -> str | None: ...
    @property
    def flags(self) -> tuple[str, ...]: ...
    @property
    def topics(self) -> TopicIds | None: ...
    @property
    def withdrawn_lines(self) -> tuple[Line, ...]: ...
    @property
    def withdrawn_quiet(self) -> tuple[Quiet, ...]: ...
    @property
    def withdrawn_activities(self) -> tuple[Activity, ...]: ...


class FoldMismatchError(Exception):
    """An event's recorded counts are not those that applying it gives: other code or another log than it came from."""


def fold(ledger: Ledger, event: Event, book: RuleBook) -> None:
    """Apply an event of the log.

    Raises:
        FoldMismatchError: what it records differs from what applying it gives.
    """
    if event.sequence != ledger.sequence or not 0 <= event.step < event.steps:
        raise FoldMismatchError(f"It calls itself event {event.sequence}, and stands where {ledger.sequence} does.")
    if event.input < ledger.last_input and event.type is not EventType.TOPICS_ADOPTED:
        raise FoldMismatchError(f"It answers input {event.input}, which comes before {ledger.last_input}.")
    if event.type is EventType.RULES_ADOPTED:
        ledger.rules = event.rules
    outcome = apply(ledger, event, time_ms(event.recorded_at), book[event.rules])
    told = outcome.told
    same = (
        outcome.changes == event.changes
        and outcome.bounds == event.bounds
        and (
            told is None
            or (told.type, told.incident_id, told.groupings) == (event.type, event.incident_id, event.groupings)
        )
    )
    if not same:
        message = (
            f"Event {event.sequence} ({event.type}) records something else than applying it gives: the log was written "
            "by other rules of counting, or changed. Keep it, and run the version of the program that wrote it."
        )
        raise FoldMismatchError(message)
    ledger.sequence = event.sequence + 1
    ledger.last_input = event.input


def apply(ledger: Ledger, event: _Applied, recorded_at_ms: int, settings: Settings) -> Outcome:
    """Apply a decision to the state, and return how the counts of its theatre's day changed."""
    report = event.report
    if report is None:
        return _apply_time(ledger, event, recorded_at_ms)
    _mark_decided(ledger, report)
    if event.type in _UNREGISTERED:
        return NOTHING
    key = ledger.key_of(report)
    entry = _register(ledger, key, report)
    if event.type in _WITHDRAWALS:
        outcome = _withdraw(ledger, event, report)
        _shelve(ledger, key, recorded_at_ms, settings)
        return outcome
    if event.type is EventType.REPORT_NOTED and event.subject is not None:
        _await(ledger, report, event.subject, recorded_at_ms, settings)
    stated = event.line or event.quiet
    if stated is None or event.type is EventType.LINE_NOT_COUNTED:
        if event.activity is not None:
            entry.activities += (event.activity,)
        _shelve(ledger, key, recorded_at_ms, settings)
        return NOTHING
    day_key = (event.theatre, stated.day)
    day = ledger.days.get(day_key)
    if day is None:
        day = ledger.open_day(day_key, recorded_at_ms, settings.times(stated.day, recorded_at_ms))
    ledger.hold(entry, key, day_key)
    return _enter(day, event, stated, key, entry)


def _apply_time(ledger: Ledger, event: _Applied, recorded_at_ms: int) -> Outcome:
    """What time, rules or topics caused: it changes no count."""
    if event.type is EventType.EVENT_VOIDED:
        return void(ledger, event.subject or "")
    if event.topics is not None:
        _adopt_topics(ledger, event.topics, event.flags)
        if event.flags:
            ledger.anew_at_ms = recorded_at_ms
    if event.day is None:
        return NOTHING
    key = (event.theatre, event.day)
    if event.type is EventType.DAY_CLOSED:
        ledger.days[key].closed = True
    else:
        ledger.seal(key)
    while ledger.due and is_past(ledger, ledger.due[0]):
        heapq.heappop(ledger.due)
    return NOTHING


def _adopt_topics(ledger: Ledger, topics: TopicIds, anew: tuple[str, ...]) -> None:
    """Go on with other topics: of a `reports` that was made anew nothing is decided yet."""
    if "reports" in anew or "reports" in ledger.topics.differing(topics):
        ledger.decided.clear()
        ledger.generation += 1
    ledger.topics = ledger.topics.merged(topics)


def void(ledger: Ledger, event_id: str) -> Outcome:
    """Restate what a voided record said otherwise than it is."""
    refused = ledger.refused.pop(event_id, None)
    if refused is None:
        return NOTHING
    return Outcome(restated_changes(ledger, refused), restated_bounds(ledger, refused))


def is_past(ledger: Ledger, due: Due) -> bool:
    """Whether an entry of the heap has happened already."""
    day = ledger.days.get((due.theatre, due.day))
    return day is None or (day.closed and not due.seals)


def _mark_decided(ledger: Ledger, report: ReportRef) -> None:
    if report.offset > ledger.decided.get(report.partition, -1):
        ledger.decided[report.partition] = report.offset


def _register(ledger: Ledger, key: ReportKey, report: ReportRef) -> Entry:
    """The entry of the report that an event is about, made or brought to its latest version."""
    entry = ledger.reports.get(key)
    if entry is None:
        standing = ledger.awaited.pop(key, Standing.IN_FORCE) if ledger.awaited else Standing.IN_FORCE
        entry = ledger.reports[key] = Entry(report, standing)
    elif report is not entry.ref:
        entry.see(report)
    return entry


def _await(ledger: Ledger, report: ReportRef, subject: str, recorded_at_ms: int, settings: Settings) -> None:
    """Remember a withdrawal that came before its report."""
    target = ledger.key_of_other(report, subject)
    is_retracted = report.retracts is not None and ledger.key_of_other(report, report.retracts) == target
    standing = Standing.RETRACTED if is_retracted else Standing.SUPERSEDED
    entry = ledger.reports.get(target)
    if entry is not None:
        entry.standing = standing
    else:
        ledger.awaited[target] = standing
    _shelve(ledger, target, recorded_at_ms, settings)


def _shelve(ledger: Ledger, key: ReportKey, recorded_at_ms: int, settings: Settings) -> None:
    """Keep a report that no day holds until the horizon of its recording has passed."""
    date = time_text(recorded_at_ms)[:10]
    shelf = ledger.shelf.get(date)
    if shelf is None:
        shelf = ledger.shelf[date] = set()
        horizon_ms = settings.limits.horizon_days * 86_400_000
        ledger.forget_before(time_text(max(0, recorded_at_ms - horizon_ms))[:10])
    shelf.add(key)
    while len(ledger.reports) > settings.limits.reports_in_memory and len(ledger.shelf) > 1:
        ledger.forget_before(sorted(ledger.shelf)[1])


def _enter(day: Day, event: _Applied, stated: Line | Quiet, key: ReportKey, entry: Entry) -> Outcome:
    """Enter a line or a quiet statement into its day."""
    report = event.report
    if report is None:
        return NOTHING
    if isinstance(stated, Line):
        entry.lines += (stated,)
        if stated.kind is LineKind.ITEM:
            told = items.add(day, (*key, stated.index), stated, items.origin_id(report, event.step))
            return Outcome(*day.book.changes(), told)
    else:
        entry.quiet += (stated,)
    aggregates.add(day, key, stated, report)
    return Outcome(*day.book.changes())


def _withdraw(ledger: Ledger, event: _Applied, report: ReportRef) -> Outcome:
    """Take out of force what a report had stated for one day."""
    own = ledger.key_of(report)
    key = own if event.subject is None else ledger.key_of_other(report, event.subject)
    entry = ledger.reports.get(key)
    if entry is None:
        return NOTHING
    if event.type is EventType.REPORT_RETRACTED:
        entry.standing = Standing.RETRACTED
    elif key != own:
        entry.standing = Standing.SUPERSEDED
    if event.day is None:
        return NOTHING
    entry.lines = tuple(line for line in entry.lines if line not in event.withdrawn_lines)
    entry.quiet = tuple(quiet for quiet in entry.quiet if quiet not in event.withdrawn_quiet)
    entry.activities = tuple(each for each in entry.activities if each not in event.withdrawn_activities)
    day = ledger.days.get((event.theatre, event.day))
    if day is None:
        return NOTHING
    told = [(*key, line.index) for line in event.withdrawn_lines if line.kind is LineKind.ITEM]
    groupings = items.remove(day, told, items.origin_id(report, event.step))
    for line in event.withdrawn_lines:
        if line.kind is LineKind.AGGREGATE:
            aggregates.remove(day, key, line)
    for quiet in event.withdrawn_quiet:
        aggregates.remove(day, key, quiet)
    return Outcome(*day.book.changes(), None, groupings)
