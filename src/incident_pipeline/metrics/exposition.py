"""A worker's metrics in Prometheus' words, read when they are scraped: so the day changes at midnight."""

from __future__ import annotations

import platform
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    SummaryMetricFamily,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

import incident_pipeline
from incident_pipeline.event import EventType
from incident_pipeline.health import HELD, Ready
from incident_pipeline.metrics import names
from incident_pipeline.metrics.alert_gauges import active_samples, count_samples, limit_samples, sorted_out
from incident_pipeline.metrics.day_gauges import days_now, group_samples, place_samples, theatre_samples
from incident_pipeline.metrics.expected_sources import expected_since_samples, last_heard_samples
from incident_pipeline.metrics.names import Duplicate, Kind
from incident_pipeline.metrics.parked_sources import parked_samples
from incident_pipeline.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prometheus_client.core import Metric as Family

    from incident_pipeline.metrics.day_gauges import Sample
    from incident_pipeline.metrics.names import Metric
    from incident_pipeline.metrics.worker import StageMetrics, WorkerMetrics

T = TypeVar("T")

DUPLICATE_OF = {
    EventType.REPORT_DUPLICATED: Duplicate.SAME_REPORT,
    EventType.REPORT_CONFLICTED: Duplicate.SAME_ID_OTHER_CONTENT,
    EventType.REPORT_RETOLD: Duplicate.RETELLING,
    EventType.INCIDENT_CORROBORATED: Duplicate.SAME_INCIDENT,
    EventType.INCIDENT_TOLD_AGAIN: Duplicate.SAME_INCIDENT,
}
"""Which events say that something was known."""


class WorkerCollector(Collector):
    """Reads one worker's counts, positions and folds."""

    def __init__(self, worker: WorkerMetrics) -> None:
        self._worker = worker

    def describe(self) -> list[Family]:
        """Return nothing: the names are fixed, and a first collection would need the worker to be ready."""
        return []

    def collect(self) -> Iterator[Family]:
        """Yield every family of `names.METRICS`, in its order."""
        worker = self._worker
        yield from _flow(worker)
        yield from _timing(worker.stages)
        yield from _movement(worker)
        yield from _counts(worker)
        yield _family(names.RULES, [((*_labels(at), rules), 1) for at, rules in _copy(worker.rules_in_force)])
        yield _family(names.UNDER_NEWER_RULES, [((), len(worker.under_newer_rules))])
        yield _family(names.BUILD, [((incident_pipeline.__version__, platform.python_version()), 1)])


class Rendered(NamedTuple):
    """What a scrape gets."""

    content_type: str
    body: bytes


def render(worker: WorkerMetrics, accept: str = "") -> Rendered:
    """Return the worker's metrics, and the process's own, in the format that a scraper asks for.

    `accept`: the header of that name; OpenMetrics where it is asked for, else Prometheus' text format.
    """
    registry = CollectorRegistry()
    registry.register(WorkerCollector(worker))
    ProcessCollector(registry=registry)
    encode, content_type = choose_encoder(accept)
    return Rendered(content_type, encode(registry))


def _flow(worker: WorkerMetrics) -> Iterator[Family]:
    """Yield what came in and what became of it."""
    yield _family(names.REPORTS, [((), worker.reports)])
    yield _family(names.LINES, [((), worker.lines)])
    yield _family(names.EVENTS, [((kind,), n) for kind, n in worker.events.items()])
    duplicates = Counter(dict.fromkeys(Duplicate, 0))
    for event, kind in DUPLICATE_OF.items():
        duplicates[kind] += worker.events[event]
    yield _family(names.DUPLICATES, [((kind,), n) for kind, n in duplicates.items()])
    yield _family(names.UNREAD_TEXTS, sorted(worker.unread_texts.copy().items()))
    yield _family(names.CONFLICTS, [((source,), n) for source, n in sorted(worker.conflicts.copy().items())])
    yield _family(names.DEAD_LETTERS, [((reason,), n) for reason, n in worker.dead_letters.items()])
    yield _family(names.PARKED, parked_samples(worker.parking.copy().values(), worker.monotonic()))
    skipped = [((stage.agent, reason), n) for stage in worker.stages for reason, n in stage.skipped.items()]
    yield _family(names.SKIPPED, skipped)
    yield _family(names.ALERT_RECORDS, [((kind,), n) for kind, n in worker.alerts.items()])
    yield _family(names.CHAIN_IGNORED, [(_labels(at), n) for at, n in _copy(worker.chain_ignored)])
    yield _family(names.DELETED_UNREAD, [((topic,), n) for topic, n in sorted(worker.deleted_unread.copy().items())])


def _timing(stages: Iterable[StageMetrics]) -> Iterator[Family]:
    """Yield how long it took."""
    sizes, latency = _histogram(names.BATCH_SIZES), _histogram(names.LATENCY)
    processing, acknowledgement = _summary(names.PROCESSING), _summary(names.ACKNOWLEDGEMENT)
    for stage in stages:
        sizes.add_metric([stage.agent], stage.batch_sizes.cumulative(), stage.batch_sizes.total)
        latency.add_metric([stage.agent], stage.latency.cumulative(), stage.latency.total)
        processing.add_metric([stage.agent], stage.batches, stage.processing_seconds)
        acknowledgement.add_metric([stage.agent], stage.batches, stage.acknowledgement_seconds)
    yield from (sizes, processing, acknowledgement, latency)


def _movement(worker: WorkerMetrics) -> Iterator[Family]:
    """Yield whether it moves."""
    now = worker.monotonic()
    taken_up = [health for health in worker.progress.health.partitions if not health.recovering]
    at = [(_labels((health.topic, health.partition)), health) for health in taken_up]
    yield _family(names.LAG, [(labels, health.lag) for labels, health in at])
    yield _family(names.POSITION, [(labels, health.position) for labels, health in at])
    yield _family(names.STALLED, [(labels, health.stalled_seconds(now)) for labels, health in at])
    yield _family(names.COMMIT_AGE, [(labels, health.commit_age_seconds(now)) for labels, health in at])
    yield _family(names.UNCOMMITTED, [(_labels(at), n) for at, n in _copy(worker.uncommitted)])
    clock = worker.clock()
    snapshots = dict(worker.snapshots)
    ages = [(_labels(at), max(0.0, clock - saved.saved_at_seconds)) for at, saved in sorted(snapshots.items())]
    yield _family(names.SNAPSHOT_AGE, ages)
    # Intake keeps no state, and so has nothing to save.
    stateful = worker.today.keys() | worker.watching.keys()
    behind = [
        (labels, max(0, health.position - (saved.position if saved else 0)))
        for labels, health in at
        if (health.topic, health.partition) in stateful
        for saved in [snapshots.get((health.topic, health.partition))]
    ]
    yield _family(names.SNAPSHOT_BEHIND, behind)
    held = Counter(one.reason for one in worker.progress.health.held)
    yield _family(names.HELD, [((reason,), held[reason]) for reason in HELD])
    yield _family(names.READY, [((), int(isinstance(worker.readiness(), Ready)))])


def _counts(worker: WorkerMetrics) -> Iterator[Family]:
    """Yield what is counted; nothing before the rules are known, and with them the mission's zone."""
    now_seconds, is_owner = worker.clock(), worker.is_owner
    todays = worker.today.copy() if is_owner else {}
    watching = worker.watching.copy() if is_owner else {}
    days = days_now(todays.values(), worker.days, now_seconds) if worker.days else ()
    yield _family(names.MONITORING_DAY, [((day.relative, day.date), 1) for day in days])
    yield _family(names.DAY_VIOLATIONS, theatre_samples(days))
    yield _family(names.DAY_GROUP_VIOLATIONS, group_samples(days, worker.groups))
    yield _family(names.DAY_PLACE_VIOLATIONS, place_samples(days))
    alerts = sorted_out(watching.values(), worker.days, now_seconds) if worker.days else []
    yield _family(names.ACTIVE_ALERTS, active_samples(alerts))
    yield _family(names.ALERT_VIOLATIONS, count_samples(alerts))
    yield _family(names.ALERT_LIMIT, limit_samples(alerts))
    heard = worker.heard.copy().values() if is_owner else ()
    yield _family(names.SOURCE_EXPECTED_SINCE, expected_since_samples(worker.expected, now_seconds * 1_000))
    yield _family(names.SOURCE_LAST_REPORT, last_heard_samples(worker.expected, heard))
    unusable = {rule for tell in worker.unusable_rules.copy().values() for rule in tell()}
    rules = sorted(worker.alert_rules | unusable)
    yield _family(names.ALERT_RULE_UNUSABLE, [((rule,), int(rule in unusable)) for rule in rules])


def _family(metric: Metric, samples: Iterable[Sample]) -> Family:
    """Return a family of counters or gauges with its samples."""
    made = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
    family = made(metric.name, metric.help, labels=metric.labels)
    for labels, value in samples:
        family.add_metric([visible(label) for label in labels], value)
    return family


def _histogram(metric: Metric) -> HistogramMetricFamily:
    return HistogramMetricFamily(metric.name, metric.help, labels=metric.labels)


def _summary(metric: Metric) -> SummaryMetricFamily:
    return SummaryMetricFamily(metric.name, metric.help, labels=metric.labels)


def _labels(at: tuple[str, int]) -> tuple[str, str]:
    return at[0], str(at[1])


def _copy(known: dict[tuple[str, int], T]) -> list[tuple[tuple[str, int], T]]:
    """Return the entries in order, as they were at one moment."""
    return sorted(known.copy().items(), key=lambda entry: entry[0])
