"""Deciding what one record of `lines` means: which events it leaves, in which order.

Read from the top: a record is time passing, a change of rules, or what intake understood of a report. A report is
first held against what is known of it (the same again? another version? withdrawn?), then its lines one by one.
"""

from __future__ import annotations

import msgspec

from incident_pipeline.event import ALL_THEATRES, DecidedBy, Event, EventType
from incident_pipeline.ledger import aggregates
from incident_pipeline.ledger.aggregates import Place
from incident_pipeline.ledger.items import is_crowded
from incident_pipeline.ledger.settings import RuleBook
from incident_pipeline.ledger.state import DayKey, Entry, Ledger, ReportKey, Standing, day_of
from incident_pipeline.ledger.usual import decide_usual
from incident_pipeline.ledger.voided import states_in_force
from incident_pipeline.ledger.work import Decision, Work
from incident_pipeline.line import (
    Activity,
    Line,
    LineKind,
    LinesRecord,
    NotCounted,
    Quiet,
    RecordVoided,
    ReportRef,
    RulesChange,
    Tick,
    TopicIds,
    TopicsChange,
    Understood,
    is_unknown,
)


def decide(ledger: Ledger, position: int, record: LinesRecord, book: RuleBook) -> list[Event]:
    """Decide one record of `lines` at `position`; the ledger is left as folding the returned events would leave it.

    Empty where there is nothing to decide: a tick that brings nothing, rules that are in force already or older, a
    report that was decided before (intake writes a report again after a crash), or an input that is delivered again.
    """
    if isinstance(record, TopicsChange):
        return _decide_topics(ledger, position, record, book)
    return [] if position <= ledger.last_input else _decide_next(ledger, position, record, book)


def _decide_next(
    ledger: Ledger, position: int, record: Understood | Tick | RulesChange | RecordVoided, book: RuleBook
) -> list[Event]:
    if isinstance(record, Understood):
        return _decide_understood(ledger, position, record, book)
    if isinstance(record, RulesChange):
        return _decide_rules(ledger, position, record, book)
    if isinstance(record, Tick):
        return _decide_tick(ledger, position, record, book)
    return _decide_voided(ledger, position, record, book)


def _decide_rules(ledger: Ledger, position: int, record: RulesChange, book: RuleBook) -> list[Event]:
    if record.rules == ledger.rules or not _may_take_force(record, ledger, book):
        return []
    work = Work(ledger, position, record.now_ms, book, record.rules)
    if not work.decisions:
        work.adopt(record.rules)
    return work.finish()


def _may_take_force(change: RulesChange, ledger: Ledger, book: RuleBook) -> bool:
    """Older rules come from a worker that was not told of newer ones yet: they stay out, unless somebody wants them."""
    return change.forced or ledger.rules is None or book[change.rules].may_replace(book[ledger.rules])


def _decide_understood(ledger: Ledger, position: int, record: Understood, book: RuleBook) -> list[Event]:
    report = record.report
    topic = record.topic
    if topic is not None and topic != ledger.topics.reports:
        if ledger.topics.reports is not None or report.offset <= ledger.decided.get(report.partition, -1):
            return []
        work = Work(ledger, position, record.recorded_at_ms, book, record.rules)
        work.adopt_topics(TopicIds(reports=topic), "first-named")
        return _decide_at_length(work, record)
    if ledger.generation:
        report = msgspec.structs.replace(report, generation=ledger.generation)
        record = msgspec.structs.replace(record, report=report)
    if report.offset <= ledger.decided.get(report.partition, -1):
        return []
    is_due = bool(ledger.due) and ledger.due[0].at_ms <= record.recorded_at_ms
    if not is_due and ledger.rules is not None:
        event = decide_usual(ledger, position, record, book[ledger.rules].limits)
        if event is not None:
            return [event]
    return _decide_at_length(Work(ledger, position, record.recorded_at_ms, book, record.rules), record)


def _decide_at_length(work: Work, record: Understood) -> list[Event]:
    """Decide a report after what its time brings, whatever it is."""
    _bring_time(work, record.recorded_at_ms)
    _decide_report(work, record)
    if len(work.ledger.reports) > work.settings.limits.reports_in_memory:
        _seal_over_bound(work)
    return work.finish()


def is_of_another_topic(ledger: Ledger, record: Understood) -> bool:
    """Whether the report was read from a `reports` topic that is not in force here: nothing is decided of it."""
    return record.topic is not None and ledger.topics.reports not in {None, record.topic}


def _decide_voided(ledger: Ledger, position: int, record: RecordVoided, book: RuleBook) -> list[Event]:
    """Say that a refused record says nothing; one that agrees cannot be voided."""
    if record.event_id not in ledger.refused or ledger.rules is None:
        return []
    refused = ledger.refused[record.event_id]
    work = Work(ledger, position, record.now_ms, book, ledger.rules)
    decision = Decision(
        type=EventType.EVENT_VOIDED,
        theatre=ALL_THEATRES if refused is None else refused.theatre,
        decided_by=DecidedBy(rule="disagrees-with-the-fold"),
        subject=record.event_id,
    )
    if refused is not None and states_in_force(refused):
        decision.withdrawn_lines = (refused.line,) if refused.line else ()
        decision.withdrawn_quiet = (refused.quiet,) if refused.quiet else ()
        decision.withdrawn_activities = (refused.activity,) if refused.activity else ()
    work.take(decision)
    return work.finish()


def _decide_topics(ledger: Ledger, position: int, record: TopicsChange, book: RuleBook) -> list[Event]:
    """Adopt topics. Positions of a `lines` that was made anew are no later or earlier ones: its record counts."""
    topics = record.topics
    is_anew = "lines" in record.anew or topics.lines not in {None, ledger.topics.lines}
    if ledger.rules is None or (position <= ledger.last_input and not is_anew):
        return []
    is_known = record.now_ms == ledger.anew_at_ms if record.anew else ledger.topics.merged(topics) == ledger.topics
    if is_known:
        return []
    work = Work(ledger, position, record.now_ms, book, ledger.rules)
    work.adopt_topics(topics, "topics-record", record.anew)
    return work.finish()


def _decide_tick(ledger: Ledger, position: int, tick: Tick, book: RuleBook) -> list[Event]:
    if ledger.rules is None or not ledger.due or ledger.due[0].at_ms > tick.now_ms:
        return []
    work = Work(ledger, position, tick.now_ms, book, ledger.rules)
    _bring_time(work, tick.now_ms)
    return work.finish()


def _bring_time(work: Work, now_ms: int) -> None:
    """Close and seal the days whose time has come, as many as one input may."""
    due = work.ledger.due
    for _ in range(work.settings.limits.days_per_input):
        if not due or due[0].at_ms > now_ms:
            return
        first = due[0]
        kind = EventType.DAY_SEALED if first.seals else EventType.DAY_CLOSED
        rule = "horizon" if first.seals else "cut-off-and-grace"
        work.take(Decision(type=kind, theatre=first.theatre, day=first.day, decided_by=DecidedBy(rule=rule)))


def _seal_over_bound(work: Work) -> None:
    """Seal the day that was opened first while a partition holds more reports than it may."""
    ledger = work.ledger
    while len(ledger.reports) > work.settings.limits.reports_in_memory and len(ledger.days) > 1:
        theatre, day = min(ledger.days, key=lambda key: (ledger.days[key].opened_at_ms, key))
        rule = DecidedBy(rule="reports-in-memory")
        work.take(Decision(type=EventType.DAY_SEALED, theatre=theatre, day=day, decided_by=rule))


def _decide_report(work: Work, record: Understood) -> None:
    """Hold a report against what is known of it, then decide what it states."""
    report = record.report
    key = work.ledger.key_of(report)
    entry = work.ledger.reports.get(key)
    first = len(work.decisions)
    if entry is not None:
        known = entry.digest(report.revision)
        if known is not None or entry.versions() >= work.settings.limits.revisions_per_report:
            return _decide_repetition(work, record, known)
        is_newer = report.revision > entry.ref.revision and _other(work, report, report.retracts) != key
        if is_newer and entry.standing is Standing.IN_FORCE:
            _withdraw(work, record, entry, EventType.REPORT_CORRECTED)
    superseded, retracted = _other(work, report, report.supersedes), _other(work, report, report.retracts)
    if superseded is not None and superseded != key:
        _withdraw_other(work, record, superseded, EventType.REPORT_CORRECTED)
    if retracted is not None:
        _withdraw_other(work, record, retracted, EventType.REPORT_RETRACTED)
    void = _why_void(work.ledger, key, report)
    for line in record.lines:
        _decide_line(work, record, line, void)
    for quiet in record.quiet:
        _decide_quiet(work, record, quiet, void)
    for activity in record.activities:
        _note(work, record, EventType.ACTIVITY_RECORDED, "stated", activity=activity)
    if len(work.decisions) == first:
        _note(work, record, EventType.REPORT_NOTED, "nothing-to-count", flags=record.flags)
    return None


def _other(work: Work, report: ReportRef, written: str | None) -> ReportKey | None:
    """What the report is known by that this one withdraws."""
    return None if written is None else work.ledger.key_of_other(report, written)


def _note(
    work: Work,
    record: Understood,
    kind: EventType,
    rule: str,
    *,
    subject: str | None = None,
    line: Line | None = None,
    quiet: Quiet | None = None,
    activity: Activity | None = None,
    flags: tuple[str, ...] = (),
) -> None:
    """Take a decision about the report at hand."""
    stated = line or quiet or activity
    work.take(
        Decision(
            type=kind,
            theatre=day_of(stated)[0] if stated is not None else record.theatre,
            decided_by=DecidedBy(rule=rule),
            report=record.report,
            subject=subject,
            line=line,
            quiet=quiet,
            activity=activity,
            flags=flags,
        )
    )


def _decide_repetition(work: Work, record: Understood, known: str | None) -> None:
    """The same version of a report again, or one that contradicts it: the first stands."""
    report = record.report
    is_same = known == report.digest
    if known is not None and not is_same and report.digest_written is not None:
        is_same = known.startswith(report.digest_written)
    if is_same:
        _note(work, record, EventType.REPORT_DUPLICATED, "same-content")
    else:
        rule = "other-content" if known is not None else "too-many-revisions"
        _note(work, record, EventType.REPORT_CONFLICTED, rule)


def _why_void(ledger: Ledger, key: ReportKey, report: ReportRef) -> NotCounted | None:
    """Why nothing that this version of a report states may count, if so."""
    entry = ledger.reports.get(key)
    if entry is None:
        standing = ledger.awaited.get(key, Standing.IN_FORCE)
    else:
        standing = entry.standing
        if report.revision < entry.ref.revision:
            return NotCounted.SUPERSEDED
    if standing is Standing.RETRACTED:
        return NotCounted.RETRACTED
    return NotCounted.SUPERSEDED if standing is Standing.SUPERSEDED else None


def _withdraw_other(work: Work, record: Understood, target: ReportKey, kind: EventType) -> None:
    """Withdraw another report of the same source, or remember to when it comes."""
    entry = work.ledger.reports.get(target)
    if entry is None:
        _note(work, record, EventType.REPORT_NOTED, "withdrawal-awaited", subject=target[1])
    else:
        _withdraw(work, record, entry, kind)


def _withdraw(work: Work, record: Understood, entry: Entry, kind: EventType) -> None:
    """Take out of force all that a report stated: one decision for each theatre and day that it touches."""
    open_days = work.ledger.days
    lines, quiets, activities = entry.lines, entry.quiet, entry.activities
    keys = {day_of(line) for line in lines} | {day_of(quiet) for quiet in quiets}
    keys |= {day_of(activity) for activity in activities}
    subject = work.ledger.key_of(entry.ref)[1]
    rule = DecidedBy(rule="retracted-by-source" if kind is EventType.REPORT_RETRACTED else "later-version")
    if not keys:
        decision = Decision(type=kind, theatre=record.theatre, decided_by=rule, report=record.report, subject=subject)
        work.take(decision)
    for key in sorted(keys):
        decision = Decision(
            type=kind,
            theatre=key[0],
            day=key[1],
            decided_by=rule,
            report=record.report,
            subject=subject,
            flags=() if key in open_days else ("day_not_open",),
            withdrawn_lines=tuple(line for line in lines if day_of(line) == key),
            withdrawn_quiet=tuple(quiet for quiet in quiets if day_of(quiet) == key),
            withdrawn_activities=tuple(activity for activity in activities if day_of(activity) == key),
        )
        work.take(decision)
        for grouping in decision.groupings:
            if not grouping.items:
                _tell_withdrawn(work, record, decision, grouping.incident_id)


def _tell_withdrawn(work: Work, record: Understood, cause: Decision, incident_id: str) -> None:
    """Tell of an incident that nobody reports any more; its counts changed with the withdrawal itself."""
    work.take(
        Decision(
            type=EventType.INCIDENT_WITHDRAWN,
            theatre=cause.theatre,
            decided_by=DecidedBy(rule="no-report-left"),
            report=record.report,
            subject=cause.subject,
            incident_id=incident_id,
        )
    )


def _decide_line(work: Work, record: Understood, line: Line, void: NotCounted | None) -> None:
    """Decide one violation line."""
    key = day_of(line)
    reason = line.not_counted or void or _why_refused(work, key, line)
    if reason is not None:
        kept = line if line.not_counted is not None else msgspec.structs.replace(line, not_counted=reason)
        return _note(work, record, EventType.LINE_NOT_COUNTED, reason.value, line=kept)
    if line.kind is LineKind.ITEM:
        return _note(work, record, EventType.INCIDENT_RECORDED, "", line=line)
    kind, rule, flags = _AGGREGATE_OUTCOMES[_place_among(work, key, line, record)]
    return _note(work, record, kind, rule, line=line, flags=flags)


_SHARE_OF_UNKNOWN = 2
"""Numbers for places that no catalogue has fill half of a day's scopes at most, so that misspelt names keep no known
one out."""


def _why_refused(work: Work, key: DayKey, stated: Line | Quiet) -> NotCounted | None:
    """Why its day does not take a statement, if so."""
    if key in work.ledger.sealed:
        return NotCounted.TOO_LATE
    day = work.ledger.days.get(key)
    if isinstance(stated, Line) and stated.kind is LineKind.ITEM:
        return NotCounted.TOO_MANY_ITEMS if day is not None and is_crowded(day, stated, work.settings.limits) else None
    scopes = 0 if day is None else day.book.scopes
    bound = work.settings.limits.scopes_per_theatre_day
    if scopes < (bound // _SHARE_OF_UNKNOWN if is_unknown(stated.place) else bound):
        return None
    is_known = day is not None and day.book.is_scope(stated.attribution, stated.place)
    return None if is_known else NotCounted.TOO_MANY_SCOPES


_AGGREGATE_OUTCOMES: dict[Place, tuple[EventType, str, tuple[str, ...]]] = {
    Place.FIRST: (EventType.AGGREGATE_RECORDED, "first-of-party-and-scope", ()),
    Place.LATEST: (EventType.AGGREGATE_REPLACED, "later-publication", ()),
    Place.OLDER: (EventType.AGGREGATE_RECORDED, "earlier-publication", ("replaced_already",)),
    Place.ADDS: (EventType.AGGREGATE_RECORDED, "increment", ()),
    Place.RETELLS_SAME: (EventType.REPORT_RETOLD, "same-number", ()),
    Place.RETELLS_OTHER: (EventType.REPORT_RETOLD, "other-number", ("conflict",)),
    Place.SECONDHAND: (EventType.AGGREGATE_RECORDED, "only-retold", ("secondhand",)),
}


def _place_among(work: Work, key: DayKey, stated: Line | Quiet, record: Understood) -> Place:
    day = work.ledger.days.get(key)
    if day is None:
        return Place.SECONDHAND if stated.retold else Place.FIRST
    return aggregates.place_among(day, work.ledger.key_of(record.report), stated, record)


def _decide_quiet(work: Work, record: Understood, quiet: Quiet, void: NotCounted | None) -> None:
    """Decide a statement that somebody did nothing."""
    key = day_of(quiet)
    reason = quiet.not_counted or void or _why_refused(work, key, quiet)
    if reason is not None:
        kept = quiet if quiet.not_counted is not None else msgspec.structs.replace(quiet, not_counted=reason)
        return _note(work, record, EventType.LINE_NOT_COUNTED, reason.value, quiet=kept)
    place = _place_among(work, key, quiet, record)
    _, rule, flags = _AGGREGATE_OUTCOMES[place]
    return _note(work, record, EventType.DAY_QUIET, rule, quiet=quiet, flags=flags)
