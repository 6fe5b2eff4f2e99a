"""Every metric of a worker: its name, kind, labels and meaning. The one place that names them.

Cardinality is bounded by enumerations of the code (agents, reasons, types), by `schemas/topics.toml` (topics,
partitions), by the catalogue (theatres, groups, alert rules), and by `limits.TOP_PLACES`, `limits.TOP_ALERTS` and
`limits.TOP_SOURCES` (places, series, parked sources; the rest is `other`). Dates are those of two days. Reports and
incidents are never labels.
"""

from __future__ import annotations

import enum
from typing import Final

import msgspec

from incident_pipeline.limits import BATCH_RECORDS


class Kind(enum.StrEnum):
    """Kinds of metric, as Prometheus names them."""

    COUNTER = "counter"
    GAUGE = "gauge"
    SUMMARY = "summary"
    HISTOGRAM = "histogram"


class Metric(msgspec.Struct, frozen=True):
    """A metric family. `buckets`: upper bounds of a histogram, ascending, without the infinite one."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    help: str
    buckets: tuple[float, ...] = ()

    @property
    def samples(self) -> tuple[str, ...]:
        """The names that a query may use."""
        match self.kind:
            case Kind.COUNTER | Kind.GAUGE:
                return (self.name,)
            case Kind.SUMMARY:
                return (f"{self.name}_sum", f"{self.name}_count")
            case Kind.HISTOGRAM:
                return (f"{self.name}_bucket", f"{self.name}_sum", f"{self.name}_count")


class Agent(enum.StrEnum):
    """The stages of the way of a report: values of the label `agent`."""

    INTAKE = "intake"
    LEDGER = "ledger"
    SURVEILLANCE = "surveillance"


class Skip(enum.StrEnum):
    """Why an input record needed no decision: values of the label `reason` of the skipped records."""

    ALREADY_DECIDED = "already_decided"
    """Written again by intake after a crash, or below the position that the log had reached."""
    NOTHING_DUE = "nothing_due"
    """A tick that no day was waiting for."""
    RULES_IN_FORCE = "rules_in_force"
    """The rules that it brings are those in force."""
    RULES_OLDER = "rules_older"
    """The rules that it brings are of no higher revision than those in force."""
    TOPICS_IN_FORCE = "topics_in_force"
    """The topics that it names are those in force."""
    NOT_REFUSED = "not_refused"
    """It voids a record that nobody refuses."""
    OTHER_TOPIC = "other_topic"
    """A late copy by a worker that still read a `reports` topic which was made anew since: it was read again."""
    UNREADABLE = "unreadable"
    """Not a record that this version writes or reads: somebody else wrote to an internal topic. Look at the log."""


class Duplicate(enum.StrEnum):
    """How a report repeats what is known: values of the label `kind` of the duplicates."""

    SAME_REPORT = "same_report"
    """Same source, id, revision and content."""
    SAME_ID_OTHER_CONTENT = "same_id_other_content"
    """A conflict: the first stands."""
    RETELLING = "retelling"
    """An outlet repeats a party's statement."""
    SAME_INCIDENT = "same_incident"
    """Another party tells a known incident."""


class RelativeDay(enum.StrEnum):
    """Monitoring days that have gauges: values of the label `day`."""

    TODAY = "today"
    YESTERDAY = "yesterday"


class AlertDay(enum.StrEnum):
    """Which day an active alert is about: values of the label `day` of the alerts."""

    TODAY = "today"
    """Or later: a report may be dated ahead."""
    YESTERDAY = "yesterday"
    """Not closed yet."""
    LATE = "late"
    """Any day that was over when this was found."""
    BACKFILLED = "backfilled"
    """Any day that was over when it was first spoken of: history that somebody feeds."""


OTHER: Final = "other"
"""The label of what is beyond a bound: places below the top, groups that the rules in force do not know."""

_PARTITION = ("topic", "partition")

# What came in and what became of it.
REPORTS = Metric("incident_pipeline_reports_total", Kind.COUNTER, (), "Records of `reports` that intake has answered.")
LINES = Metric("incident_pipeline_lines_total", Kind.COUNTER, (), "Violation lines that intake understood in reports.")
EVENTS = Metric("incident_pipeline_events_total", Kind.COUNTER, ("type",), "Events that the ledger decided.")
DUPLICATES = Metric(
    "incident_pipeline_duplicates_total",
    Kind.COUNTER,
    ("kind",),
    "Reports and items that repeat what was known; a view of the events by type.",
)
DEAD_LETTERS = Metric(
    "incident_pipeline_dead_letters_total", Kind.COUNTER, ("reason",), "Records that could not be used."
)
PARKED = Metric(
    "incident_pipeline_parked_records",
    Kind.GAUGE,
    ("source", "reason"),
    "Unusable records of a source since it sent too many in a minute and was parked; they wait in the dead letters. "
    "For the sources with most of them; the rest is `other`.",
)
SKIPPED = Metric(
    "incident_pipeline_skipped_records_total",
    Kind.COUNTER,
    ("agent", "reason"),
    "Input records that needed no decision.",
)
ALERT_RECORDS = Metric(
    "incident_pipeline_alert_records_total",
    Kind.COUNTER,
    ("type",),
    "Records that surveillance wrote to `alerts`.",
)
CHAIN_IGNORED = Metric(
    "incident_pipeline_chain_ignored_records_total",
    Kind.COUNTER,
    _PARTITION,
    "Records read that do not extend the chain: retries, or a second writer. They count for nobody.",
)
DELETED_UNREAD = Metric(
    "incident_pipeline_deleted_unread_offsets_total",
    Kind.COUNTER,
    ("topic",),
    "Offsets that were deleted from an input before they were read; the log names them.",
)

UNREAD_TEXTS = Metric(
    "incident_pipeline_unread_texts_total",
    Kind.COUNTER,
    ("source", "reason"),
    "Reports that were accepted and of whose text nothing was read, though a person should look; `other` for sources "
    "that the catalogue does not name.",
)
CONFLICTS = Metric(
    "incident_pipeline_conflicting_reports_total",
    Kind.COUNTER,
    ("source",),
    "Reports that contradict what their source sent under the same id and revision; the first stands. `other` for "
    "sources that the catalogue does not name.",
)

# How long it took.
BATCH_SIZES = Metric(
    "incident_pipeline_batch_records",
    Kind.HISTOGRAM,
    ("agent",),
    "Input records in one step of an agent; its sum is the records handled.",
    buckets=(1, 10, 50, 100, 500, 1_000, BATCH_RECORDS),
)
PROCESSING = Metric(
    "incident_pipeline_processing_seconds",
    Kind.SUMMARY,
    ("agent",),
    "Time spent computing, of batches; their number is the count.",
)
ACKNOWLEDGEMENT = Metric(
    "incident_pipeline_acknowledgement_seconds",
    Kind.SUMMARY,
    ("agent",),
    "Time that batches waited for Kafka to acknowledge what they caused.",
)
LATENCY = Metric(
    "incident_pipeline_end_to_end_latency_seconds",
    Kind.HISTOGRAM,
    ("agent",),
    "From the append time of a report until what the agent made of it was acknowledged.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3_600),
)

# Whether it moves. Per partition of an agent's input topic that this worker owns.
LAG = Metric(
    "incident_pipeline_partition_lag_records",
    Kind.GAUGE,
    _PARTITION,
    "Records that wait: end of the partition less the position.",
)
POSITION = Metric(
    "incident_pipeline_partition_position",
    Kind.GAUGE,
    _PARTITION,
    "Offset of the next record to decide; everything before it is acknowledged.",
)
STALLED = Metric(
    "incident_pipeline_partition_stalled_seconds",
    Kind.GAUGE,
    _PARTITION,
    "For how long records wait without the position moving; 0 where none wait.",
)
COMMIT_AGE = Metric(
    "incident_pipeline_partition_commit_age_seconds",
    Kind.GAUGE,
    _PARTITION,
    "For how long the broker's committed offset is behind the position without moving; 0 where it is not.",
)
UNCOMMITTED = Metric(
    "incident_pipeline_partition_uncommitted_records",
    Kind.GAUGE,
    _PARTITION,
    "Offsets from the first open transaction to the end: they are read when it is committed or aborted.",
)
SNAPSHOT_AGE = Metric(
    "incident_pipeline_snapshot_age_seconds",
    Kind.GAUGE,
    _PARTITION,
    "Age of the newest snapshot; absent where there is none.",
)
SNAPSHOT_BEHIND = Metric(
    "incident_pipeline_snapshot_behind_records",
    Kind.GAUGE,
    _PARTITION,
    "Input records since the newest snapshot: what a restart folds again.",
)
HELD = Metric(
    "incident_pipeline_held",
    Kind.GAUGE,
    ("reason",),
    "Topics and partitions that wait for a person to decide how to go on, by reason as in /readyz.",
)
READY = Metric(
    "incident_pipeline_ready",
    Kind.GAUGE,
    (),
    "1 while the worker makes progress, as /readyz answers; else 0.",
)

# What is counted. A monitoring day that nobody has spoken of is unknown: it has no sample, rather than 0.
MONITORING_DAY = Metric(
    "incident_pipeline_monitoring_day_info",
    Kind.GAUGE,
    ("day", "date"),
    "Date of today and yesterday in the mission's zone, by its cut-off; always 1.",
)
DAY_VIOLATIONS = Metric(
    "incident_pipeline_day_violations",
    Kind.GAUGE,
    ("theatre", "day", "basis"),
    "Violations of a monitoring day in a whole theatre.",
)
DAY_GROUP_VIOLATIONS = Metric(
    "incident_pipeline_day_group_violations",
    Kind.GAUGE,
    ("theatre", "group", "day", "bound"),
    "Violations of a monitoring day by one group in a theatre: certain, and possible as one of several.",
)
DAY_PLACE_VIOLATIONS = Metric(
    "incident_pipeline_day_place_violations",
    Kind.GAUGE,
    ("theatre", "place", "day", "basis"),
    "Violations of a monitoring day stated at a place itself (path from the theatre), for the places with "
    "most of them; the rest is `other`. Raw and deduplicated add up to the theatre's.",
)
ACTIVE_ALERTS = Metric(
    "incident_pipeline_active_alerts",
    Kind.GAUGE,
    ("rule", "theatre", "severity", "day"),
    "Days of series that are past their rule's threshold now; late, backfilled: the day was over already.",
)
_ONE_ALERT = ("rule", "theatre", "severity", "day", "date", "group", "place")
ALERT_VIOLATIONS = Metric(
    "incident_pipeline_alert_violations",
    Kind.GAUGE,
    _ONE_ALERT,
    "Violations, as they stand, of each series of today and yesterday that is past its rule's threshold (`*`: any "
    "group). Of more than are shown one by one, `other` has the highest.",
)
ALERT_LIMIT = Metric(
    "incident_pipeline_alert_limit_violations",
    Kind.GAUGE,
    _ONE_ALERT,
    "The smallest count that is abnormal, of the same series.",
)
SOURCE_EXPECTED_SINCE = Metric(
    "incident_pipeline_source_expected_since_timestamp_seconds",
    Kind.GAUGE,
    ("source",),
    "For sources expected daily: beginning of the newest monitoring day by whose hour it was to send a report.",
)
SOURCE_LAST_REPORT = Metric(
    "incident_pipeline_source_last_report_timestamp_seconds",
    Kind.GAUGE,
    ("source",),
    "For sources expected daily: append time of the last report in this worker's partitions; 0: none.",
)
ALERT_RULE_UNUSABLE = Metric(
    "incident_pipeline_alert_rule_unusable",
    Kind.GAUGE,
    ("rule",),
    "1 where an alert rule in force cannot be used, so that no day is judged by it; else 0.",
)

# What runs.
RULES = Metric(
    "incident_pipeline_rules_info",
    Kind.GAUGE,
    ("topic", "partition", "rules"),
    "Hash of the rules in force on a partition; always 1.",
)
UNDER_NEWER_RULES = Metric(
    "incident_pipeline_partitions_under_newer_rules",
    Kind.GAUGE,
    (),
    "Partitions of `lines` of this worker whose rules in force are newer than its own catalogue.",
)
BUILD = Metric("incident_pipeline_build_info", Kind.GAUGE, ("version", "python"), "What this worker runs; always 1.")

METRICS: Final = (
    REPORTS,
    LINES,
    EVENTS,
    DUPLICATES,
    UNREAD_TEXTS,
    CONFLICTS,
    DEAD_LETTERS,
    PARKED,
    SKIPPED,
    ALERT_RECORDS,
    CHAIN_IGNORED,
    DELETED_UNREAD,
    BATCH_SIZES,
    PROCESSING,
    ACKNOWLEDGEMENT,
    LATENCY,
    LAG,
    POSITION,
    STALLED,
    COMMIT_AGE,
    UNCOMMITTED,
    SNAPSHOT_AGE,
    SNAPSHOT_BEHIND,
    HELD,
    READY,
    MONITORING_DAY,
    DAY_VIOLATIONS,
    DAY_GROUP_VIOLATIONS,
    DAY_PLACE_VIOLATIONS,
    ACTIVE_ALERTS,
    ALERT_VIOLATIONS,
    ALERT_LIMIT,
    SOURCE_EXPECTED_SINCE,
    SOURCE_LAST_REPORT,
    ALERT_RULE_UNUSABLE,
    RULES,
    UNDER_NEWER_RULES,
    BUILD,
)
"""All of them, in the order in which they are exposed."""
