"""What the rules say to the ledger: bounds, and when a day closes."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping

from incident_pipeline.catalogue.model import Rules
from incident_pipeline.days import MonitoringDays
from incident_pipeline.ledger.state import DayTimes
from incident_pipeline.limits import Limits

_DAY_MS = 86_400_000


@dataclasses.dataclass(slots=True)
class Settings:
    """The ledger's part of one version of the rules."""

    limits: Limits
    clock: MonitoringDays
    revision: int = 0
    """Of the catalogue; 0: it carries none."""
    _times: dict[str, int] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, rules: Rules) -> Settings:
        """The settings that these rules hold."""
        mission = rules.mission
        return cls(rules.limits, MonitoringDays(mission.time_zone, mission.day_ends_at), mission.revision)

    def may_replace(self, in_force: Settings) -> bool:
        """Whether rules of this revision may follow those in force: only newer ones may, where any carry a revision."""
        return self.revision > in_force.revision or self.revision == in_force.revision == 0

    def times(self, day: str, opened_at_ms: int) -> DayTimes:
        """When a day that was first spoken of then closes and is sealed.

        A day closes a grace after its cut-off, and never sooner than a grace after it was opened: so history that is
        fed years later closes its days, and raises its alerts, as it did then.
        """
        ends = self._times.get(day)
        if ends is None:
            ends = self._times[day] = self.clock.end_ms(dt.date.fromisoformat(day))
        grace = self.limits.close_grace_seconds * 1000
        return DayTimes(max(ends, opened_at_ms) + grace, opened_at_ms + self.limits.horizon_days * _DAY_MS)


RuleBook = Mapping[str, Settings]
"""Settings by the hash of their rules."""
