"""When a day was found abnormal, and why: the records of the `alerts` topic (fields in alphabetical order).

Beside the alerts there stands which alert rules could not be used, so that a day without an alert can be understood.
"""

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
    backfilled: bool = False
    """The day was over when it was first spoken of: history that somebody feeds."""
    cause: str
    """Id of the event (hex) that changed the verdict, or closed the day."""
    count: int
    day: str
    detector: str
    input: int
    """Sequence, in its chain, of the event that completed the input: the alert's origin, never falling."""
    late: bool = False
    """The day was over already."""
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


class RuleNoticeType(enum.StrEnum):
    """What became of an alert rule when rules took force."""

    UNUSABLE = "alert_rule.unusable"
    """It cannot be used: no day is judged by it."""
    RESTORED = "alert_rule.restored"
    """It can be used again, or is gone."""


class RuleFault(enum.StrEnum):
    """Why an alert rule cannot be used."""

    UNKNOWN_DETECTOR = "unknown_detector"
    UNUSABLE_SETTINGS = "unusable_settings"


class AlertRuleNotice(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """That surveillance goes on without an alert rule, or with it again."""

    cause: str
    """Id of the event (hex) with which the rules took force."""
    detector: str | None = None
    input: int
    """Sequence, in its chain, of the event that completed the input."""
    reason: RuleFault | None = None
    recorded_at: str
    """Append time of what brought the rules, RFC 3339 in UTC."""
    rule: str
    rules: str
    """Hash of the rules in force."""
    sequence: int
    """Position in the chain of alerts, from 0."""
    step: int
    steps: int
    theatre: str
    """`*`: rules hold for a whole partition."""
    type: RuleNoticeType


Said = Alert | AlertRuleNotice
"""A record of `alerts`."""


class _Typed(msgspec.Struct, frozen=True, gc=False):
    type: str


_typed = msgspec.json.Decoder(_Typed).decode
_alert = msgspec.json.Decoder(Alert).decode
_notice = msgspec.json.Decoder(AlertRuleNotice).decode
_NOTICES = frozenset(RuleNoticeType)


def decode_said(value: bytes) -> Said:
    """The value of a record of `alerts`.

    Raises:
        msgspec.DecodeError: it is none.
    """
    return _notice(value) if _typed(value).type in _NOTICES else _alert(value)
