"""The short way of most reports: told before, word by word, or new with one item about an open day.

What it decides and leaves behind is what the long way of `decide` and `evolve` does, without the steps in between;
a property test holds the two equal, byte by byte.
"""

from __future__ import annotations

import msgspec

from incident_pipeline.codec import time_text
from incident_pipeline.event import DecidedBy, Event, EventType
from incident_pipeline.ledger import items
from incident_pipeline.ledger.state import Entry, Ledger, ReportKey, Standing, day_of
from incident_pipeline.limits import Limits
from incident_pipeline.line import LineKind, ReportRef, Understood

_SAME_CONTENT = DecidedBy(rule="same-content")
_IN_FORCE = Standing.IN_FORCE
_ITEM = LineKind.ITEM
_DUPLICATED = EventType.REPORT_DUPLICATED


def decide_usual(ledger: Ledger, position: int, record: Understood, limits: Limits) -> Event | None:
    """The event of a usual report, applied; None, and nothing done, where the report is anything else.

    The report is not decided yet, rules are in force, and nothing is due before it.
    """
    if len(ledger.reports) > limits.reports_in_memory:
        return None
    report = record.report
    key = (report.source, report.id) if report.identity is None else ledger.key_of(report)
    entry = ledger.reports.get(key)
    if entry is None:
        return _decide_new(ledger, position, record, limits, key)
    known = entry.ref
    if report.revision == known.revision and report.digest == known.digest:
        return _decide_same(ledger, position, record)
    return None


def _decide_new(ledger: Ledger, position: int, record: Understood, limits: Limits, key: ReportKey) -> Event | None:
    report, lines = record.report, record.lines
    if len(lines) != 1 or record.quiet or record.activities or not _comes_first(ledger, report, key):
        return None
    line = lines[0]
    if line.kind is not _ITEM or line.not_counted is not None or len(ledger.reports) >= limits.reports_in_memory:
        return None
    day_key = day_of(line)
    day = ledger.days.get(day_key)
    if day is None or items.is_crowded(day, line, limits):
        return None
    ledger.decided[report.partition] = report.offset
    ledger.reports[key] = Entry(report, _IN_FORCE, lines, (), (), (day_key,))
    day.reports.add(key)
    told = items.add(day, (*key, line.index), line, items.origin_id(report, 0))
    changes, bounds = day.book.changes()
    event = Event(
        bounds=bounds,
        changes=changes,
        decided_by=told.decided_by,
        incident_id=told.incident_id,
        input=position,
        line=line,
        recorded_at=time_text(record.recorded_at_ms),
        report=report,
        rules=ledger.rules,  # type: ignore[arg-type]
        sequence=ledger.sequence,
        step=0,
        steps=1,
        theatre=day_key[0],
        type=told.type,
    )
    ledger.sequence += 1
    ledger.last_input = position
    # A struct of few fields is made much faster than one with this rare one as well.
    return msgspec.structs.replace(event, groupings=told.groupings) if told.groupings else event


def _comes_first(ledger: Ledger, report: ReportRef, key: ReportKey) -> bool:
    """Whether a report that is not known withdraws no other, and was not withdrawn before it came."""
    return report.supersedes is None and report.retracts is None and key not in ledger.awaited


def _decide_same(ledger: Ledger, position: int, record: Understood) -> Event:
    """The version in force, sent again."""
    report = record.report
    ledger.decided[report.partition] = report.offset
    event = Event(
        decided_by=_SAME_CONTENT,
        input=position,
        recorded_at=time_text(record.recorded_at_ms),
        report=report,
        rules=ledger.rules,  # type: ignore[arg-type]
        sequence=ledger.sequence,
        step=0,
        steps=1,
        theatre=record.theatre,
        type=_DUPLICATED,
    )
    ledger.sequence += 1
    ledger.last_input = position
    return event
