"""Numbers that parties state for a scope: which of them is in force, and who only repeats them.

Cumulative by default: the latest of a party's own statements counts (by publication, then revision, then origin).
A retelling never overrides the party's own words; with retellings alone the latest published counts.
"""

from __future__ import annotations

import enum

import msgspec

from incident_pipeline.counting import Aggregate
from incident_pipeline.ledger.state import Day, Rank, ReportKey, Scope, Statement
from incident_pipeline.line import Line, LineKind, Quiet, ReportRef, Understood


class Place(enum.Enum):
    """Where a new statement stands among those of its scope."""

    FIRST = enum.auto()
    LATEST = enum.auto()
    OLDER = enum.auto()
    ADDS = enum.auto()
    RETELLS_SAME = enum.auto()
    RETELLS_OTHER = enum.auto()
    SECONDHAND = enum.auto()


class InForce(msgspec.Struct, frozen=True):
    """What a scope's statements come to: the party's number, and what all in force add to `raw`."""

    n: int
    raw: int


def scope_of(stated: Line | Quiet) -> Scope:
    """The scope that a number is for, with the party that registered it."""
    return (stated.party, stated.attribution, stated.place)


def rank_of(report: ReportRef) -> Rank:
    """What orders a report among others of its party."""
    return Rank(report.published_at_ms, report.revision, report.partition, report.offset)


def in_force(statements: dict[ReportKey, Statement]) -> InForce | None:
    """What the statements for one scope come to; None where there are none."""
    if not statements:
        return None
    number, told = standing(statements)
    return InForce(sum(statement.n for statement in number), sum(statement.raw for statement in told))


def standing(statements: dict[ReportKey, Statement]) -> tuple[list[Statement], list[Statement]]:
    """Those for one scope that make up the party's number, and all that add to `raw`."""
    own = [statement for statement in statements.values() if not statement.retold]
    latest_of: dict[str, Statement] = {}
    for (source, _), statement in statements.items():
        if statement.retold and (source not in latest_of or statement.rank > latest_of[source].rank):
            latest_of[source] = statement
    told = list(latest_of.values())
    if own:
        number = _counting(own)
        return number, number + told
    return [max(told, key=lambda statement: statement.rank)] if told else [], told


def _counting(own: list[Statement]) -> list[Statement]:
    """Those of a party's own statements that count: the latest, and each that is declared an increment."""
    cumulative = [statement for statement in own if not statement.increment]
    latest = [max(cumulative, key=lambda statement: statement.rank)] if cumulative else []
    return latest + [statement for statement in own if statement.increment]


def place_among(day: Day, report_key: ReportKey, stated: Line | Quiet, record: Understood) -> Place:
    """Where a new statement of a report would stand among those of its scope."""
    report = record.report
    others = {
        key: statement for key, statement in day.statements.get(scope_of(stated), {}).items() if key != report_key
    }
    own = [statement for statement in others.values() if not statement.retold]
    if stated.retold:
        if not own:
            return Place.SECONDHAND
        known = in_force(others)
        same = known is not None and known.n == _count(record, stated)
        return Place.RETELLS_SAME if same else Place.RETELLS_OTHER
    if not own:
        return Place.FIRST
    if isinstance(stated, Line) and stated.increment:
        return Place.ADDS
    return Place.LATEST if rank_of(report) > max(statement.rank for statement in own) else Place.OLDER


def _count(record: Understood, stated: Line | Quiet) -> int:
    """What a report states for the scope of one of its statements: its lines for it add up."""
    return sum(
        line.count
        for line in record.lines
        if line.kind is LineKind.AGGREGATE and line.day == stated.day and scope_of(line) == scope_of(stated)
    )


def add(day: Day, key: ReportKey, stated: Line | Quiet, report: ReportRef) -> None:
    """Enter a number into its day; lines of one report and scope add up."""
    scope = scope_of(stated)
    statements = day.statements.setdefault(scope, {})
    statement = statements.get(key)
    if statement is None:
        increment = isinstance(stated, Line) and stated.increment
        statement = statements[key] = Statement(rank_of(report), 0, 0, stated.retold, increment, stated.corroborates)
    if isinstance(stated, Line):
        statement.n += stated.count
        statement.raw += stated.raw
    _restate(day, scope)


def remove(day: Day, key: ReportKey, stated: Line | Quiet) -> None:
    """Take what a report stated for a scope out of its day; an earlier statement may come into force again."""
    scope = scope_of(stated)
    statements = day.statements.get(scope, {})
    if statements.pop(key, None) is None:
        return
    _restate(day, scope)
    if not statements:
        del day.statements[scope]


def _restate(day: Day, scope: Scope) -> None:
    """Tell the counts what is in force for a scope now."""
    party, attribution, place = scope
    key = (party, f"{attribution}@{place}", 0)
    known = in_force(day.statements[scope])
    if key in day.aggregates:
        day.book.remove_aggregate(key)
        day.aggregates.discard(key)
    if known is None:
        return
    day.aggregates.add(key)
    stated = Aggregate(key=key, party=party, attribution=attribution, place=place, n=known.n, raw=known.raw)
    sure = {report: statement for report, statement in day.statements[scope].items() if statement.corroborates}
    if len(sure) < len(day.statements[scope]):
        known = in_force(sure)
        n_corroborating = None if known is None else known.n
        stated = msgspec.structs.replace(stated, corroborates=False, n_corroborating=n_corroborating)
    day.book.add_aggregate(stated)
