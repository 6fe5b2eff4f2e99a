"""Alerts with all that was said of each: a fold of `alerts`, for lists that people read."""

from __future__ import annotations

import enum

from incident_pipeline.alert import Alert, AlertType, Said
from incident_pipeline.projection.unusable_rules import UnusableRules

__all__ = ["AlertHistory", "AlertState", "state_of"]

AlertKey = tuple[str, str, str]
"""(day, rule, series): what an alert is about."""


class AlertState(enum.StrEnum):
    """What holds of an alert now."""

    ACTIVE = "active"
    STANDS = "stands"
    """Its day is over and the verdict holds."""
    WITHDRAWN = "withdrawn"
    """The count fell back, a correction changed the verdict, or other rules hold."""


class AlertHistory:
    """Everything that was said, by what it was said of."""

    def __init__(self) -> None:
        self._said: dict[AlertKey, list[Alert]] = {}
        self.unusable_rules = UnusableRules()

    def apply(self, said: Said) -> None:
        """Take in one record of `alerts` that counts."""
        if isinstance(said, Alert):
            self._apply_alert(said)
        else:
            self.unusable_rules.apply(said)

    def _apply_alert(self, alert: Alert) -> None:
        self._said.setdefault((alert.day, alert.rule, alert.series.text), []).append(alert)

    def statements(self) -> list[Alert]:
        """Give everything that was said, by day, rule and series, each in order."""
        return [alert for _, said in sorted(self._said.items()) for alert in said]

    def latest(self) -> list[Alert]:
        """Give the last word on each, by day, rule and series."""
        return [said[-1] for _, said in sorted(self._said.items())]

    def holding(self) -> list[Alert]:
        """Give the last word on those that are not withdrawn."""
        return [alert for alert in self.latest() if state_of(alert) is not AlertState.WITHDRAWN]


def state_of(alert: Alert) -> AlertState:
    """Tell what holds if `alert` is the last word on its day and series."""
    if not alert.verdict.abnormal:
        return AlertState.WITHDRAWN
    if alert.type is AlertType.RAISED and not alert.late:
        return AlertState.ACTIVE
    return AlertState.STANDS
