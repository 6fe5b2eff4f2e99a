"""What a scrape sees: every metric that is named, and no other."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from incident_pipeline.alert import AlertType, RuleNoticeType
from incident_pipeline.catalogue.model import Group, Mission, Rules, Source
from incident_pipeline.event import EventType
from incident_pipeline.health import Obstacle
from incident_pipeline.line import Unread
from incident_pipeline.metrics import METRICS, Agent, Skip, WorkerMetrics, render
from incident_pipeline.metrics.contact import Contact
from incident_pipeline.metrics.distribution import Distribution
from incident_pipeline.projection.today import DayState, Today, TodayState
from incident_pipeline.rejection import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]

RULES = Rules(
    agreements=[],
    groups=[Group(id="hts", name="HTS", side="opposition")],
    mission=Mission(name="NW", time_zone="Asia/Damascus", default_theatre="north-west"),
    parties=[],
    places=[],
    sources=[],
    types=[],
)


class Clock:
    """A clock that a test sets."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __call__(self) -> float:
        return self.seconds


def scrape(worker: WorkerMetrics) -> Samples:
    families = text_string_to_metric_families(render(worker).body.decode())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def of(samples: Samples, name: str, **labels: str) -> float:
    return samples["incident_pipeline_" + name, tuple(sorted(labels.items()))]


def names_of(samples: Samples) -> set[str]:
    return {name for name, _ in samples if name.startswith("incident_pipeline_")}


def test_names_are_unique_prefixed_and_explained() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS)
    for metric in METRICS:
        assert metric.name.startswith("incident_pipeline_")
        assert metric.help.endswith(".")
        assert metric.name.endswith("_total") == (metric.kind == "counter")
        assert list(metric.buckets) == sorted(set(metric.buckets))


def test_a_scrape_exposes_the_families_of_the_list_in_its_order() -> None:
    families = [
        family.name
        for family in text_string_to_metric_families(render(WorkerMetrics()).body.decode())
        if family.name.startswith("incident_pipeline_")
    ]
    assert families == [metric.name.removesuffix("_total") for metric in METRICS]


def test_samples_carry_exactly_the_labels_of_the_list() -> None:
    worker = WorkerMetrics(clock=Clock(0), monotonic=Clock(0))
    worker.use_rules(RULES)
    worker.ignored("events", 1, 2)
    worker.deleted_unread["lines"] = 0
    worker.uncommitted["lines", 1] = 0
    worker.rules_in_force["lines", 1] = "abc"
    worker.progress.assigned("lines", 1, 0)
    worker.today["lines", 1] = Today()
    worker.progress.observe("lines", 1, position=3, end=9, committed=3, now_seconds=0)
    worker.snapshot("lines", 1, position=1, saved_at_seconds=0)
    labels_of = {name: set(metric.labels) for metric in METRICS for name in metric.samples}
    seen = scrape(worker)
    for name, labels in seen:
        if name.startswith("incident_pipeline_"):
            assert {label for label, _ in labels} - {"le"} == labels_of[name]
    unseen = set(labels_of) - names_of(seen)
    assert unseen == {
        "incident_pipeline_day_violations",
        "incident_pipeline_day_group_violations",
        "incident_pipeline_day_place_violations",
        "incident_pipeline_active_alerts",
        "incident_pipeline_alert_violations",
        "incident_pipeline_alert_limit_violations",
        "incident_pipeline_alert_rule_unusable",  # the catalogue of this test has none
        "incident_pipeline_source_expected_since_timestamp_seconds",  # and expects no source
        "incident_pipeline_source_last_report_timestamp_seconds",
        "incident_pipeline_parked_records",  # nobody floods
    }, "only what nobody spoke of has no sample"


def test_every_reason_and_type_has_a_sample_from_the_start() -> None:
    samples = scrape(WorkerMetrics())
    assert all(of(samples, "dead_letters_total", reason=reason) == 0 for reason in Reason)
    assert all(of(samples, "events_total", type=kind) == 0 for kind in EventType)
    assert all(of(samples, "alert_records_total", type=kind) == 0 for kind in (*AlertType, *RuleNoticeType))
    for agent in Agent:
        assert all(of(samples, "skipped_records_total", agent=agent, reason=reason) == 0 for reason in Skip)


def test_a_label_of_others_words_is_text_that_every_reader_takes() -> None:
    worker = WorkerMetrics()
    worker.rules_in_force["lines", 0] = 'a\x1b[31m\x9b\u202e\ud800\n"b'
    samples = scrape(worker)
    assert of(samples, "rules_info", topic="lines", partition="0", rules=r"a\x1b[31m\x9b\u202e\ud800\n" + '"b')


def test_sources_are_those_of_the_catalogue_and_other_each_from_the_start() -> None:
    worker = WorkerMetrics()
    known = Source(id="sample-centre", name="Sample centre")
    worker.use_rules(msgspec.structs.replace(RULES, sources=[known]))
    samples = scrape(worker)
    for source in ("sample-centre", "other"):
        assert of(samples, "conflicting_reports_total", source=source) == 0
        assert all(of(samples, "unread_texts_total", source=source, reason=why) == 0 for why in Unread)
    worker.conflicted({" Sample-Centre": 1, "x": 2, "y": 3})
    worker.unread({("sample-centre", Unread.LANGUAGE): 4, ("z", Unread.VIOLATIONS): 5})
    samples = scrape(worker)
    assert of(samples, "conflicting_reports_total", source="sample-centre") == 1
    assert of(samples, "conflicting_reports_total", source="other") == 5
    assert of(samples, "unread_texts_total", source="sample-centre", reason="language_not_read") == 4
    assert of(samples, "unread_texts_total", source="other", reason="violations_not_read") == 5
    sources = {dict(labels)["source"] for name, labels in samples if name.endswith("conflicting_reports_total")}
    assert sources == {"sample-centre", "other"}


def test_a_batch_is_counted_by_its_agent() -> None:
    worker = WorkerMetrics()
    worker.intake.batch(2_000, 0.05, 0.01)
    worker.intake.batch(3, 0.01)
    worker.ledger.skip(Skip.ALREADY_DECIDED, 7)
    samples = scrape(worker)
    assert of(samples, "batch_records_sum", agent="intake") == 2_003
    assert of(samples, "batch_records_count", agent="intake") == 2
    assert of(samples, "batch_records_bucket", agent="intake", le="10.0") == 1
    assert of(samples, "processing_seconds_sum", agent="intake") == pytest.approx(0.06)
    assert of(samples, "processing_seconds_count", agent="intake") == 2
    assert of(samples, "acknowledgement_seconds_sum", agent="intake") == pytest.approx(0.01)
    assert of(samples, "batch_records_count", agent="ledger") == 0
    assert of(samples, "skipped_records_total", agent="ledger", reason="already_decided") == 7


def test_counts_of_batches_add_up() -> None:
    worker = WorkerMetrics()
    worker.understood(10, 12, {Reason.NOT_JSON: 2})
    worker.understood(5, 6)
    worker.decided({EventType.INCIDENT_RECORDED: 4, EventType.REPORT_DUPLICATED: 1})
    worker.decided({EventType.REPORT_DUPLICATED: 2, EventType.INCIDENT_CORROBORATED: 3})
    worker.alerted({AlertType.RAISED: 1})
    samples = scrape(worker)
    assert of(samples, "reports_total") == 15
    assert of(samples, "lines_total") == 18
    assert of(samples, "dead_letters_total", reason="not_json") == 2
    assert of(samples, "events_total", type="incident.recorded") == 4
    assert of(samples, "alert_records_total", type="alert.raised") == 1
    assert of(samples, "duplicates_total", kind="same_report") == 3
    assert of(samples, "duplicates_total", kind="same_incident") == 3
    assert of(samples, "duplicates_total", kind="retelling") == 0


def test_latency_is_counted_for_each_report_of_a_batch() -> None:
    worker = WorkerMetrics()
    worker.ledger.acknowledged(10_000, [9_950, 9_950, 9_000, 4_000, 11_000])
    samples = scrape(worker)
    assert of(samples, "end_to_end_latency_seconds_count", agent="ledger") == 5
    assert of(samples, "end_to_end_latency_seconds_sum", agent="ledger") == pytest.approx(0.1 + 1 + 6 + 0)
    at_most = {le: of(samples, "end_to_end_latency_seconds_bucket", agent="ledger", le=le) for le in ("0.05", "1.0")}
    assert at_most == {"0.05": 3, "1.0": 4}, "bounds are inclusive, and a clock behind the broker's makes 0"


def test_buckets_are_cumulative_and_end_in_infinity() -> None:
    sizes = Distribution((1, 10))
    for value, weight in ((1, 2), (5, 1), (10, 1), (11, 4)):
        sizes.observe(value, weight)
    assert sizes.cumulative() == [("1.0", 2), ("10.0", 4), ("+Inf", 8)]
    assert sizes.total == 2 + 5 + 10 + 44


def test_progress_ages_are_those_of_the_moment_of_the_scrape() -> None:
    clock, monotonic = Clock(1_000), Clock(50)
    worker = WorkerMetrics(clock=clock, monotonic=monotonic)
    worker.progress.assigned("lines", 3, 40)
    worker.today["lines", 3] = Today()
    assert names_of(scrape(worker)).isdisjoint({"incident_pipeline_partition_lag_records"}), "still folding"
    worker.progress.observe("lines", 3, position=10, end=10, committed=10, now_seconds=50)
    worker.progress.observe("lines", 3, position=20, end=25, committed=10, now_seconds=60)
    worker.snapshot("lines", 3, position=5, saved_at_seconds=900)
    monotonic.seconds, clock.seconds = 75, 1_010
    samples = scrape(worker)
    at: Mapping[str, str] = {"topic": "lines", "partition": "3"}
    assert of(samples, "partition_lag_records", **at) == 5
    assert of(samples, "partition_position", **at) == 20
    assert of(samples, "partition_stalled_seconds", **at) == 15
    assert of(samples, "partition_commit_age_seconds", **at) == 15
    assert of(samples, "snapshot_age_seconds", **at) == 110
    assert of(samples, "snapshot_behind_records", **at) == 15
    assert of(samples, "ready") == 1
    monotonic.seconds = 121
    assert of(scrape(worker), "ready") == 0


def test_a_released_partition_leaves_no_sample_but_what_was_counted() -> None:
    worker = WorkerMetrics()
    worker.progress.assigned("lines", 3, 0)
    worker.progress.observe("lines", 3, position=10, end=10, committed=10, now_seconds=0)
    worker.snapshot("lines", 3, position=5, saved_at_seconds=0)
    worker.rules_in_force["lines", 3] = "abc"
    worker.ignored("lines", 3, 1)
    worker.release("lines", 3)
    left = {name for name, labels in scrape(worker) if ("partition", "3") in labels}
    assert left == {"incident_pipeline_chain_ignored_records_total"}


def spoken() -> Today:
    """Eight violations on 11 March."""
    eight = (8, 8, 8, 8)
    cells = (("north-west", "*", eight), ("north-west/idlib", "hts", eight))
    return Today(TodayState("2020-03-11", (DayState("2020-03-11", cells, (), (("north-west", "*", 1),)),)))


def test_counts_end_when_a_partition_is_taken_away_or_the_cluster_has_not_answered_for_long() -> None:
    monotonic = Clock(100)
    worker = WorkerMetrics(clock=Clock(1_583_920_800), monotonic=monotonic, contact=Contact(10))
    worker.use_rules(RULES)
    worker.today["lines", 1] = spoken()
    worker.today["lines", 2] = Today()
    shown = {"incident_pipeline_day_violations", "incident_pipeline_day_place_violations"}
    assert worker.contact is not None
    assert not shown & names_of(scrape(worker)), "nothing was assigned yet"
    worker.contact.assigned(100)
    assert shown <= names_of(scrape(worker))
    monotonic.seconds = 107
    assert not shown & names_of(scrape(worker))
    worker.contact.assigned(107)
    assert shown <= names_of(scrape(worker))
    worker.hide("lines", 1)
    assert not shown & names_of(scrape(worker))


def test_the_date_of_today_is_that_of_the_mission_s_zone() -> None:
    worker = WorkerMetrics(clock=Clock(1_583_963_999))  # 2020-03-11 23:59:59 in Damascus
    assert "incident_pipeline_monitoring_day_info" not in names_of(scrape(worker)), "no rules, no zone"
    worker.use_rules(RULES)
    samples = scrape(worker)
    assert of(samples, "monitoring_day_info", day="today", date="2020-03-11") == 1
    assert of(samples, "monitoring_day_info", day="yesterday", date="2020-03-10") == 1


def test_a_worker_that_has_not_joined_says_so() -> None:
    verdict = msgspec.to_builtins(WorkerMetrics().readiness())
    assert [reason["reason"] for reason in verdict["reasons"]] == [Obstacle.NOT_JOINED]


def test_the_cost_of_a_batch_does_not_grow_with_the_reports_of_one_append() -> None:
    """A report's share of the metrics stays far below the 40 microseconds that the whole path may take."""
    worker = WorkerMetrics()
    appended = [1_000] * 2_000
    began = time.process_time()
    for _ in range(20):
        worker.ledger.batch(2_000, 0.05)
        worker.ledger.acknowledged(2_000, appended)
        worker.decided({EventType.INCIDENT_RECORDED: 1_800, EventType.REPORT_DUPLICATED: 200})
    per_report_seconds = (time.process_time() - began) / 40_000
    assert per_report_seconds < 2e-6
