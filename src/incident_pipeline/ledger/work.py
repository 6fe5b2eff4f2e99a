"""The decisions of one input: each is applied as soon as it is taken, and all become events at the end."""

from __future__ import annotations

import msgspec

from incident_pipeline.codec import time_text
from incident_pipeline.event import ALL_THEATRES, BoundsChange, Change, DecidedBy, Event, EventType, Grouping
from incident_pipeline.ledger.evolve import apply
from incident_pipeline.ledger.settings import RuleBook, Settings
from incident_pipeline.ledger.state import Ledger
from incident_pipeline.line import Activity, Line, Quiet, ReportRef, TopicIds


class Decision(msgspec.Struct, kw_only=True, gc=False):
    """An event in the making: numbered and frozen when all decisions of its input are taken."""

    type: EventType
    theatre: str
    decided_by: DecidedBy
    report: ReportRef | None = None
    step: int = 0
    subject: str | None = None
    line: Line | None = None
    quiet: Quiet | None = None
    activity: Activity | None = None
    day: str | None = None
    flags: tuple[str, ...] = ()
    incident_id: str | None = None
    groupings: tuple[Grouping, ...] = ()
    topics: TopicIds | None = None
    withdrawn_lines: tuple[Line, ...] = ()
    withdrawn_quiet: tuple[Quiet, ...] = ()
    withdrawn_activities: tuple[Activity, ...] = ()
    changes: tuple[Change, ...] = ()
    bounds: tuple[BoundsChange, ...] = ()


class Work:
    """The decisions of one input, each applied as soon as it is taken."""

    __slots__ = ("book", "decisions", "ledger", "position", "recorded_at_ms", "rules", "settings")

    def __init__(self, ledger: Ledger, position: int, recorded_at_ms: int, book: RuleBook, rules: str) -> None:
        self.ledger = ledger
        self.position = position
        self.recorded_at_ms = recorded_at_ms
        self.book = book
        self.decisions: list[tuple[Decision, str]] = []
        self.rules: str = ledger.rules or rules
        self.settings: Settings = book[self.rules]
        if ledger.rules is None:
            self.adopt(rules)

    def adopt(self, rules: str) -> None:
        """Decide under these rules from here on."""
        self.ledger.rules = self.rules = rules
        self.settings = self.book[rules]
        self.take(
            Decision(type=EventType.RULES_ADOPTED, theatre=ALL_THEATRES, decided_by=DecidedBy(rule="rules-record"))
        )

    def adopt_topics(self, topics: TopicIds, rule: str, anew: tuple[str, ...] = ()) -> None:
        """Go on with these topics from here on; `anew`: roles whose offsets mean other records."""
        self.take(
            Decision(
                type=EventType.TOPICS_ADOPTED,
                theatre=ALL_THEATRES,
                decided_by=DecidedBy(rule=rule),
                flags=anew,
                topics=topics,
            )
        )

    def take(self, decision: Decision) -> None:
        """Number a decision, apply it, and keep what it changed."""
        decision.step = len(self.decisions)
        outcome = apply(self.ledger, decision, self.recorded_at_ms, self.settings)
        decision.changes = outcome.changes
        decision.bounds = outcome.bounds
        told = outcome.told
        if told is not None:
            decision.type = told.type
            decision.decided_by = told.decided_by
            decision.incident_id = told.incident_id
            decision.groupings = told.groupings
        elif outcome.groupings:
            decision.groupings = outcome.groupings
        self.decisions.append((decision, self.rules))

    def finish(self) -> list[Event]:
        """The events of this input, numbered in the chain and among themselves."""
        ledger = self.ledger
        steps = len(self.decisions)
        if steps == 0:
            return []
        recorded_at = time_text(self.recorded_at_ms)
        events = [
            _event(decision, rules, self.position, recorded_at, ledger.sequence + step, steps)
            for step, (decision, rules) in enumerate(self.decisions)
        ]
        ledger.sequence += steps
        ledger.last_input = self.position
        return events


def _event(  # noqa: PLR0917 - private, and called once
    decision: Decision, rules: str, position: int, recorded_at: str, sequence: int, steps: int
) -> Event:
    return Event(
        activity=decision.activity,
        bounds=decision.bounds,
        changes=decision.changes,
        day=decision.day,
        decided_by=decision.decided_by,
        flags=decision.flags,
        groupings=decision.groupings,
        incident_id=decision.incident_id,
        input=position,
        line=decision.line,
        quiet=decision.quiet,
        recorded_at=recorded_at,
        report=decision.report,
        rules=rules,
        sequence=sequence,
        step=decision.step,
        steps=steps,
        subject=decision.subject,
        theatre=decision.theatre,
        topics=decision.topics,
        type=decision.type,
        withdrawn_activities=decision.withdrawn_activities,
        withdrawn_lines=decision.withdrawn_lines,
        withdrawn_quiet=decision.withdrawn_quiet,
    )
