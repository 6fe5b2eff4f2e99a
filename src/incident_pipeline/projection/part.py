"""Counts of part of the lines: those of some types of violation, or that some parties registered.

Events state counts by place and attribution only, so these come of the lines in force: the state of the ledger, folded
as a worker folds it. What is in force, and what only repeats it, is decided over all lines, as the log does. Then the
lines that are asked for are counted from nothing. A day is counted just before it is sealed, or at the log's end.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import msgspec

from incident_pipeline.counting import Aggregate, Item, Retelling, count
from incident_pipeline.event import EventType
from incident_pipeline.ledger.aggregates import scope_of, standing
from incident_pipeline.ledger.encoding import decode_event
from incident_pipeline.ledger.evolve import fold
from incident_pipeline.ledger.stage import LedgerStage
from incident_pipeline.ledger.state import Day, DayKey, Ledger, ReportKey, Scope, Statement, day_of
from incident_pipeline.line import Line, LineKind, Quiet
from incident_pipeline.projection.daily_counts import Figures, TheatreDay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from incident_pipeline.ledger.settings import RuleBook
    from incident_pipeline.log import LogRecord

__all__ = ["Part", "PartStage", "count_part"]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines are looked at. Nothing named: all."""

    types: frozenset[str] = frozenset()
    """Taxonomy codes."""
    parties: frozenset[str] = frozenset()

    def takes(self, party: str, code: str | None) -> bool:
        """Whether a statement is part of it; an explicit none has no code, and is one of every type."""
        return (not self.parties or party in self.parties) and (not self.types or code is None or code in self.types)


class PartStage(LedgerStage):
    """One partition of the event log, folded for the counts of part of its lines."""

    def __init__(self, book: RuleBook, part: Part, wants: Callable[[DayKey], bool], read: Callable[[], None]) -> None:
        """`wants`: which theatre-days are counted; `read` is told of each event."""
        super().__init__(book)
        self._rules = book
        self._part = part
        self._wants = wants
        self._read = read
        self._counted: dict[DayKey, TheatreDay] = {}

    def fold(self, record: LogRecord) -> None:
        """Take an event of the log."""
        event = decode_event(record.value or b"")
        if event.type is EventType.DAY_SEALED and event.day is not None:
            self._count((event.theatre, event.day))
        fold(self.ledger, event, self._rules)
        self._read()

    def counts(self) -> dict[DayKey, TheatreDay]:
        """The counts of all days that were spoken of, as the log stands."""
        for key in self.ledger.days:
            self._count(key)
        return self._counted

    def _count(self, key: DayKey) -> None:
        if key in self.ledger.days and self._wants(key):
            self._counted[key] = count_part(self.ledger, key, self._part)


def count_part(ledger: Ledger, key: DayKey, part: Part) -> TheatreDay:
    """Count one open theatre-day of the ledger by part of its lines."""
    day = ledger.days[key]
    items = [item for item in map(day.book.item, day.incident_of) if part.takes(item.party, item.type)]
    repeats = [item for item in day.repeats.values() if part.takes(item.party, item.type)]
    numbers, stated = _numbers(day, _statements(ledger, key, part))
    retellings = [Retelling(attribution=item.attribution, place=item.place, raw=1) for item in repeats]
    counted = count(items, numbers, retellings)
    return TheatreDay(
        cells={(place, who): Figures(*figures) for (who, place), figures in counted.cells.items()},
        total=Figures(*counted.theatre),
        bounds={(place, group): bounds for (group, place), bounds in counted.bounds.items()},
        coverage=Counter(map(_covers, (*items, *repeats, *stated))),
        quiet=Counter(each for each in stated if isinstance(each, Quiet)),
        is_spoken_of=bool(day.incident_of or day.repeats or day.statements),
    )


def _covers(stated: Item | Line | Quiet) -> Scope:
    return (stated.party, stated.attribution, stated.place)


_Stated = dict[tuple[Scope, ReportKey], list[Line | Quiet]]


def _statements(ledger: Ledger, key: DayKey, part: Part) -> _Stated:
    """What each report states in numbers, or as none, for each scope of a day, as far as it is part."""
    found: _Stated = defaultdict(list)
    for report in ledger.days[key].reports:
        entry = ledger.reports[report]
        for line in entry.lines:
            if line.kind is LineKind.AGGREGATE and part.takes(line.party, line.type) and day_of(line) == key:
                found[scope_of(line), report].append(line)
        for quiet in entry.quiet:
            if part.takes(quiet.party, None) and day_of(quiet) == key:
                found[scope_of(quiet), report].append(quiet)
    return found


def _numbers(day: Day, stated: _Stated) -> tuple[list[Aggregate], list[Line | Quiet]]:
    """The numbers in force as far as they are part, and the statements that they rest on."""
    numbers: list[Aggregate] = []
    rests_on: list[Line | Quiet] = []
    for scope in sorted({scope for scope, _ in stated}):
        statements = day.statements[scope]
        lines_of = {id(one): stated.get((scope, report), []) for report, one in statements.items()}
        number, told = (_lines(each, lines_of) for each in standing(statements))
        if not told:
            continue
        sure = {report: statement for report, statement in statements.items() if statement.corroborates}
        doubted = len(sure) < len(statements)
        sure_number = _lines(standing(sure)[0], lines_of) if doubted else []
        party, attribution, place = scope
        numbers.append(
            Aggregate(
                key=(party, f"{attribution}@{place}", 0),
                party=party,
                attribution=attribution,
                place=place,
                n=_sum(number),
                raw=sum(line.raw for line in told if isinstance(line, Line)),
                corroborates=not doubted,
                n_corroborating=_sum(sure_number) if sure_number else None,
            )
        )
        rests_on += told
    return numbers, rests_on


def _lines(statements: Iterable[Statement], lines_of: dict[int, list[Line | Quiet]]) -> list[Line | Quiet]:
    return [line for statement in statements for line in lines_of[id(statement)]]


def _sum(stated: Iterable[Line | Quiet]) -> int:
    return sum(line.count for line in stated if isinstance(line, Line))
