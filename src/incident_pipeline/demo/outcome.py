"""What the pipeline made of the reports: everything that the demo shows, read from the logs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from incident_pipeline.dead_letter import Letters
from incident_pipeline.log import read_all
from incident_pipeline.projection.alert_history import AlertHistory
from incident_pipeline.projection.daily_counts import DailyCounts, Uncounted
from incident_pipeline.projection.read import fold_alerts, fold_events
from incident_pipeline.projection.table import Row, rows

if TYPE_CHECKING:
    from incident_pipeline.alert import Alert
    from incident_pipeline.event import EventType
    from incident_pipeline.line import Activity, Quiet
    from incident_pipeline.log import LogReader
    from incident_pipeline.topics import Topics

__all__ = ["Outcome", "read_outcome"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The folds of `events`, `alerts` and `dead-letters`."""

    counts: DailyCounts
    alerts: AlertHistory
    letters: Letters

    def rows(self) -> list[Row]:
        """Every day by group and place."""
        return list(rows(self.counts, frozenset({"group", "place"})))

    def verdicts(self) -> list[tuple[str, str, str, int]]:
        """What holds of each alert: day, rule, series, count."""
        return [(alert.day, alert.rule, alert.series.text, alert.count) for alert in self.holding()]

    def holding(self) -> list[Alert]:
        """The alerts that hold."""
        return self.alerts.holding()

    def activities(self) -> list[Activity]:
        """Activities in force, each statement of a party once however often it was retold."""
        return self.counts.activities_in_force()

    def quiet(self) -> list[Quiet]:
        """Quiet statements in force, each of a party once however often it was retold."""
        told: dict[tuple[str, str, str, str], Quiet] = {}
        for day in self.counts.days.values():
            for quiet in +day.quiet:
                key = (quiet.day, quiet.attribution, quiet.party, quiet.place)
                if key not in told or (told[key].retold and not quiet.retold):
                    told[key] = quiet
        return [told[key] for key in sorted(told)]

    def uncounted(self) -> dict[Uncounted, int]:
        """What was said and does not count, with how often it was said."""
        alike: Counter[Uncounted] = Counter()
        for one in self.counts.uncounted:
            stated = one.stated if one.stated is None else msgspec.structs.replace(one.stated, index=0)
            alike[msgspec.structs.replace(one, stated=stated)] += 1
        return dict(sorted(alike.items(), key=lambda item: (item[0].day or "", item[0].source, item[0].report_id)))

    @property
    def raw(self) -> int:
        """Violations as they were told, all told."""
        return sum(day.total.raw for day in self.counts.days.values())

    @property
    def deduplicated(self) -> int:
        """Violations, each counted once."""
        return sum(day.total.deduplicated for day in self.counts.days.values())

    def happened(self, kind: EventType) -> int:
        """How many events of a type there are."""
        return self.counts.types[kind]


async def read_outcome(log: LogReader, topics: Topics) -> Outcome:
    """Fold the logs from their beginning to their end now. Raises `LogError`."""
    outcome = Outcome(DailyCounts(), AlertHistory(), Letters())
    await fold_events(log, topics.events.name, outcome.counts.apply)
    await fold_alerts(log, topics.alerts.name, outcome.alerts.apply)
    async for records in read_all(log, topics.dead_letters.name):
        outcome.letters.add(records)
    return outcome
