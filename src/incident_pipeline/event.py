"""What the pipeline decided about one line, and why: the records of the `events` topic.

Fields are declared in alphabetical order: encoding in order of declaration then is canonical JSON (`codec`).
"""

from __future__ import annotations

import enum
from collections.abc import Iterator

import msgspec

from incident_pipeline.line import Activity, Line, Quiet, ReportRef, TopicIds

ANY = "*"
"""The attribution of a theatre's total: whoever did it."""

ALL_THEATRES = "*"
"""The theatre of a decision about a whole partition."""

Pair = tuple[int, int]
"""A count before and after."""


class EventType(enum.StrEnum):
    """What was decided."""

    REPORT_NOTED = "report.noted"
    REPORT_DUPLICATED = "report.duplicated"
    REPORT_CONFLICTED = "report.conflicted"
    REPORT_RETOLD = "report.retold"
    REPORT_CORRECTED = "report.corrected"
    REPORT_RETRACTED = "report.retracted"
    INCIDENT_RECORDED = "incident.recorded"
    INCIDENT_CORROBORATED = "incident.corroborated"
    INCIDENT_TOLD_AGAIN = "incident.told_again"
    """By another party, where one of the two is nobody known: that corroborates nothing."""
    INCIDENT_MERGED = "incident.merged"
    INCIDENT_SPLIT = "incident.split"
    INCIDENT_WITHDRAWN = "incident.withdrawn"
    AGGREGATE_RECORDED = "aggregate.recorded"
    AGGREGATE_REPLACED = "aggregate.replaced"
    LINE_NOT_COUNTED = "line.not_counted"
    DAY_QUIET = "day.quiet"
    DAY_CLOSED = "day.closed"
    DAY_SEALED = "day.sealed"
    ACTIVITY_RECORDED = "activity.recorded"
    RULES_ADOPTED = "rules.adopted"
    TOPICS_ADOPTED = "topics.adopted"
    EVENT_VOIDED = "event.voided"


class Change(msgspec.Struct, frozen=True, gc=False):
    """How the count of one cell changed; attribution `*` at the theatre itself is the theatre's total.

    `place` is the path of place ids from the theatre down.
    """

    attribution: str
    corroborated: Pair
    day: str
    deduplicated: Pair
    high: Pair
    place: str
    raw: Pair


class BoundsChange(msgspec.Struct, frozen=True, gc=False):
    """How the bounds of a single group's count changed, at a place and at those above it.

    The first pair is for `place` with all below it, the next for the place just above, and so on up the path: a
    line mostly moves every place on its way to the theatre. `by_place` sets them out.
    """

    certain: tuple[Pair, ...]
    day: str
    group: str
    place: str
    possible: tuple[Pair, ...]

    def by_place(self) -> Iterator[tuple[str, Pair, Pair]]:
        """(place, certain, possible), from the deepest place up."""
        place = self.place
        for certain, possible in zip(self.certain, self.possible, strict=True):
            yield place, certain, possible
            place = place.rpartition("/")[0]


class DecidedBy(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """The rule that decided, its score, and what else came into question."""

    rule: str
    runners_up: tuple[tuple[str, int], ...] = ()
    """(incident id, score) of the candidates that were not chosen, best first."""
    score: int | None = None


class Grouping(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An incident and the items that tell it, as (source, report id, line index)."""

    incident_id: str
    items: tuple[tuple[str, str, int], ...]


class Event(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """One decision. `step` of `steps` says which of the events of one input it is, from 0."""

    activity: Activity | None = None
    bounds: tuple[BoundsChange, ...] = ()
    changes: tuple[Change, ...] = ()
    day: str | None = None
    """For `day.closed` and `day.sealed`."""
    decided_by: DecidedBy
    flags: tuple[str, ...] = ()
    groupings: tuple[Grouping, ...] = ()
    """The incidents of the touched block that this decision made or changed; an empty one is gone."""
    incident_id: str | None = None
    input: int
    """Offset in the partition of `lines` of the record that caused it."""
    line: Line | None = None
    quiet: Quiet | None = None
    recorded_at: str
    """Append time of the report (or tick), RFC 3339 in UTC."""
    report: ReportRef | None = None
    """None for decisions that time or rules caused."""
    rules: str
    """Hash of the rules it was decided under."""
    sequence: int
    """Position in the chain, from 0."""
    step: int
    steps: int
    subject: str | None = None
    """For decisions about another report of the source: that report's id; of `event.voided` the id of that event."""
    theatre: str
    topics: TopicIds | None = None
    """For `topics.adopted`: ids of the topics from here on; one that is not named stays as it was."""
    type: EventType
    withdrawn_activities: tuple[Activity, ...] = ()
    withdrawn_lines: tuple[Line, ...] = ()
    withdrawn_quiet: tuple[Quiet, ...] = ()
    """What a correction or a retraction took out of force, as it had been recorded."""
