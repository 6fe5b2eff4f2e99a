"""When a day was found abnormal, and why: the records of the `alerts` topic (fields in alphabetical order)."""

from __future__ import annotations

import enum

import msgspec

from incident_pipeline.catalogue.model import Basis, Bound, SeriesKind


class AlertType(enum.StrEnum):
    """What happened to an alert."""

    RAISED = "alert.raised"
    CLEARED = "alert.cleared"
    RESTATED = "alert.restated"


class AlertReason(enum.StrEnum):
    """Why it happened."""

    CROSSED = "crossed"
    """The count reached the limit."""
    FELL_BACK = "fell_back"
    """The count is below the limit again."""
    DAY_CLOSED = "day_closed"
    """The day is over; its verdict stands."""
    CORRECTED = "corrected"
    """What had been said of a closed day no longer holds."""
    RULES_CHANGED = "rules_changed"
    """Other rules are in force since."""


class Series(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """Which daily series: of a theatre, a group, a place with all below it, or a group at a place."""

    basis: Basis
    bound: Bound | None = None
    """For series of a group: lines that name it alone, or all that may mean it."""
    group: str | None = None
    kind: SeriesKind
    place: str
    """Path of place ids; the theatre's own id for series of a theatre or a group."""

    @property
    def text(self) -> str:
        """One word for people and ids: `theatre:north-west:deduplicated`, `group:hts@north-west:raw.possible`."""
        where = self.place if self.group is None else f"{self.group}@{self.place}"
        what = self.basis.value if self.bound is None else f"{self.basis.value}.{self.bound.value}"
        return f"{self.kind.value}:{where}:{what}"


class Verdict(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """What a detector says of one day of one series."""

    abnormal: bool
    explanation: str
    limit: int | None = None
    """The smallest count of the day that is abnormal."""


class Alert(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """One statement about one day of one series; its id is (rule, series, day, revision)."""

    alert_id: str
    """`<rule>:<series>:<day>:<revision>`, the series as its `text`."""
    cause: str
    """Id of the event (hex) that changed the verdict, or closed the day."""
    count: int
    day: str
    detector: str
    input: int
    """Sequence, in its chain, of the event that completed the input: the alert's origin, never falling."""
    late: bool = False
    """The day was closed already."""
    reason: AlertReason
    recorded_at: str
    """Append time of the report (or tick) that caused it, RFC 3339 in UTC."""
    report: str | None = None
    """Source and id (`source/id`) of the report that caused it; None where time or rules did."""
    revision: int
    """Statements about this day of this series under this rule so far, from 1."""
    rule: str
    rules: str
    """Hash of the rules that it was judged by."""
    sequence: int
    """Position in the chain of alerts, from 0."""
    series: Series
    severity: str
    step: int
    steps: int
    theatre: str
    type: AlertType
    verdict: Verdict
