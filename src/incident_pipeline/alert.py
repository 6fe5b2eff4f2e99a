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


class Series(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Which daily series: of a theatre, a group, a place with all below it, or a group at a place."""

    basis: Basis
    bound: Bound | None = None
    group: str | None = None
    kind: SeriesKind
    place: str
    """Path of place ids; the theatre's own id for series of a theatre or a group."""


class Verdict(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a detector says of one day of one series."""

    abnormal: bool
    explanation: str
    limit: int | None = None
    """The smallest count of the day that is abnormal."""


class Alert(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One statement about one day of one series; its id is (rule, series, day, revision)."""

    alert_id: str
    cause: str
    """Id of the event (hex) that changed the verdict."""
    count: int
    day: str
    detector: str
    input: int
    """Sequence of that event in its chain."""
    late: bool = False
    """The day was closed already."""
    reason: str
    """`crossed`, `fell_back`, `day_closed` or `corrected`."""
    recorded_at: str
    report: str | None = None
    """Source and id of the report that caused it."""
    revision: int
    rule: str
    rules: str
    sequence: int
    series: Series
    severity: str
    step: int
    steps: int
    theatre: str
    type: AlertType
    verdict: Verdict
