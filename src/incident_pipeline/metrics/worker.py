"""What one worker counts about itself, in plain integers: a batch costs a few additions, a report hardly any.

Agents write these objects on the event loop, once for each batch; `exposition` reads them when it is scraped.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from incident_pipeline.alert import AlertType, RuleNoticeType
from incident_pipeline.days import MonitoringDays
from incident_pipeline.event import EventType
from incident_pipeline.health import HealthBounds, NotReady, Progress, Ready, readiness
from incident_pipeline.identity import identity
from incident_pipeline.line import Unread
from incident_pipeline.metrics import names
from incident_pipeline.metrics.contact import Contact
from incident_pipeline.metrics.distribution import Distribution
from incident_pipeline.metrics.expected_sources import expected_of
from incident_pipeline.metrics.names import OTHER, Agent, Skip
from incident_pipeline.rejection import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from incident_pipeline.catalogue.model import Rules
    from incident_pipeline.metrics.alert_gauges import Watching
    from incident_pipeline.metrics.expected_sources import Expected
    from incident_pipeline.parking import Parking
    from incident_pipeline.projection.heard import Heard
    from incident_pipeline.projection.today import Today

TopicPartition = tuple[str, int]


class StageMetrics:
    """What one agent counts, whatever it decides."""

    __slots__ = (
        "acknowledgement_seconds",
        "agent",
        "batch_sizes",
        "batches",
        "latency",
        "processing_seconds",
        "skipped",
    )

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.batches = 0
        self.processing_seconds = 0.0
        self.acknowledgement_seconds = 0.0
        self.batch_sizes = Distribution(names.BATCH_SIZES.buckets)
        self.latency = Distribution(names.LATENCY.buckets)
        self.skipped: Counter[Skip] = Counter(dict.fromkeys(Skip, 0))

    def batch(self, records: int, seconds: float, acknowledgement_seconds: float = 0.0) -> None:
        """Count one batch: its input records, the time spent computing, and that spent waiting for Kafka."""
        self.batches += 1
        self.batch_sizes.observe(records)
        self.processing_seconds += seconds
        self.acknowledgement_seconds += acknowledgement_seconds

    def acknowledged(self, now_ms: float, appended_at_ms: Iterable[int]) -> None:
        """Count the end-to-end latency of reports whose outcome Kafka has just acknowledged.

        `appended_at_ms`: append time of each report, in the order of the batch; `now_ms`: wall clock.
        """
        self.latency.observe_ages(now_ms, appended_at_ms)

    def skip(self, reason: Skip, records: int = 1) -> None:
        """Count input records that needed no decision."""
        self.skipped[reason] += records


class Snapshot(msgspec.Struct, frozen=True):
    """The newest snapshot of a partition: its position in the input, when it was saved (epoch seconds)."""

    position: int
    saved_at_seconds: float


class WorkerMetrics:
    """All that one worker counts. One for each process; its clocks serve the endpoint, never a decision."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        bounds: HealthBounds | None = None,
        contact: Contact | None = None,
    ) -> None:
        """`clock`: epoch seconds, for today and for ages; `monotonic`: seconds, for progress.

        `contact`: bounds for how long what was assigned is shown; without it, until it is taken away.
        """
        self.clock = clock
        self.monotonic = monotonic
        self.bounds = bounds or HealthBounds()
        self.contact = contact
        self.intake = StageMetrics(Agent.INTAKE)
        self.ledger = StageMetrics(Agent.LEDGER)
        self.surveillance = StageMetrics(Agent.SURVEILLANCE)
        self.progress = Progress()
        self.reports = 0
        self.lines = 0
        # Every value stands here from the start: Prometheus sees no increase from an absent sample.
        self.events: Counter[EventType] = Counter(dict.fromkeys(EventType, 0))
        self.alerts: Counter[AlertType | RuleNoticeType] = Counter(dict.fromkeys((*AlertType, *RuleNoticeType), 0))
        self.dead_letters: Counter[Reason] = Counter(dict.fromkeys(Reason, 0))
        self.parking: dict[TopicPartition, Parking] = {}
        """By partition of `reports`."""
        self.chain_ignored: Counter[TopicPartition] = Counter()
        self.deleted_unread: Counter[str] = Counter()
        self.uncommitted: dict[TopicPartition, int] = {}
        self.snapshots: dict[TopicPartition, Snapshot] = {}
        self.rules_in_force: dict[TopicPartition, str] = {}
        self.under_newer_rules: set[TopicPartition] = set()
        self.today: dict[TopicPartition, Today] = {}
        self.heard: dict[TopicPartition, Heard] = {}
        self.expected: tuple[Expected, ...] = ()
        self.watching: dict[TopicPartition, Watching] = {}
        self.unusable_rules: dict[TopicPartition, Callable[[], Iterable[str]]] = {}
        """Tells the alert rules in force that cannot be used."""
        self.days: MonitoringDays | None = None
        self.groups: frozenset[str] = frozenset()
        self.unread_texts: Counter[tuple[str, Unread]] = Counter()
        self.conflicts: Counter[str] = Counter()
        """By source of the catalogue, or `other`."""
        self.alert_rules: frozenset[str] = frozenset()

    @property
    def stages(self) -> tuple[StageMetrics, ...]:
        """The agents, in the order of a report's way."""
        return (self.intake, self.ledger, self.surveillance)

    def understood(self, reports: int, lines: int, dead_letters: Mapping[Reason, int] | None = None) -> None:
        """Count a batch of intake: reports answered, violation lines in them, dead letters by reason."""
        self.reports += reports
        self.lines += lines
        if dead_letters:
            self.dead_letters.update(dead_letters)

    def unread(self, texts: Mapping[tuple[str, Unread], int]) -> None:
        """Count texts of which nothing was read, by source and why."""
        for (source, why), times in texts.items():
            self.unread_texts[self._source_label(source), why] += times

    def conflicted(self, reports: Mapping[str, int]) -> None:
        """Count reports that contradict an earlier one, by source."""
        for source, times in reports.items():
            self.conflicts[self._source_label(source)] += times

    def _source_label(self, source: str) -> str:
        known = identity(source)
        return known if known in self.conflicts else OTHER

    def decided(self, events: Mapping[EventType, int]) -> None:
        """Count a batch of the ledger by type of event."""
        self.events.update(events)

    def alerted(self, alerts: Mapping[AlertType | RuleNoticeType, int]) -> None:
        """Count a batch of surveillance by type of record."""
        self.alerts.update(alerts)

    def ignored(self, topic: str, partition: int, records: int) -> None:
        """Count records that do not extend the chain of a partition of `events` or `alerts`."""
        self.chain_ignored[topic, partition] += records

    def snapshot(self, topic: str, partition: int, *, position: int, saved_at_seconds: float) -> None:
        """Note the newest snapshot, saved or loaded: its position in the input, its time (epoch)."""
        self.snapshots[topic, partition] = Snapshot(position, saved_at_seconds)

    def use_rules(self, rules: Rules) -> None:
        """Take the mission's days, the known groups and the alert rules from the rules in force."""
        self.days = MonitoringDays(rules.mission.time_zone, rules.mission.day_ends_at)
        self.groups = frozenset(group.id for group in rules.groups)
        for source in (*(source.id for source in rules.sources), OTHER):
            self.conflicts[source] += 0
            for why in Unread:
                self.unread_texts[source, why] += 0
        self.alert_rules = frozenset(rule.id for rule in rules.alerts)
        self.expected = expected_of(rules)

    def release(self, topic: str, partition: int) -> None:
        """Forget what was known of a partition that is no longer this worker's; what was counted stays."""
        self.progress.revoked(topic, partition)
        self.uncommitted.pop((topic, partition), None)
        self.parking.pop((topic, partition), None)
        self.snapshots.pop((topic, partition), None)
        self.rules_in_force.pop((topic, partition), None)
        self.under_newer_rules.discard((topic, partition))
        self.hide(topic, partition)

    def hide(self, topic: str, partition: int) -> None:
        """Show no more of what is counted and found there: from here on another worker may."""
        self.today.pop((topic, partition), None)
        self.heard.pop((topic, partition), None)
        self.watching.pop((topic, partition), None)
        self.unusable_rules.pop((topic, partition), None)

    @property
    def is_owner(self) -> bool:
        """Whether what this worker was assigned is surely no other's by now."""
        return self.contact is None or self.contact.is_sure(self.monotonic())

    def readiness(self) -> Ready | NotReady:
        """Decide whether this worker makes progress now."""
        return readiness(self.progress.health, self.monotonic(), self.bounds)
