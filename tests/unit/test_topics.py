"""What the catalogue of topics holds, and what is said of a cluster that differs."""

from __future__ import annotations

import msgspec
import pytest

from incident_pipeline.limits import GROUP_BYTES, PRODUCE_BATCH_BYTES, Limits
from incident_pipeline.topics import Difference, FoundTopic, Topic, compare, compare_all, load_topics


def as_wanted(topic: Topic) -> FoundTopic:
    return FoundTopic(topic.partitions, topic.settings)


def with_setting(topic: Topic, name: str, value: str) -> FoundTopic:
    return FoundTopic(topic.partitions, {**topic.settings, name: value})


def only(differences: list[Difference]) -> Difference:
    (difference,) = differences
    return difference


TOPICS = load_topics()


def test_names_the_six_topics() -> None:
    assert [topic.name for topic in TOPICS] == [
        "reports", "lines", "events", "alerts", "rules", "dead-letters",
    ]  # fmt: skip


def test_a_prefix_goes_before_every_name() -> None:
    assert {topic.name for topic in load_topics("nw-")} == {f"nw-{topic.name}" for topic in TOPICS}


def test_nothing_is_ever_deleted_by_age() -> None:
    assert {topic.retention_ms for topic in TOPICS} == {-1}


def test_recorded_at_is_the_brokers_word() -> None:
    assert TOPICS.reports.timestamp_type == "LogAppendTime"


def test_topics_that_share_theatres_share_their_number_of_partitions() -> None:
    assert TOPICS.lines.partitions == TOPICS.events.partitions == TOPICS.alerts.partitions


def test_a_report_over_the_limit_fits_its_topic_so_that_it_can_be_answered() -> None:
    assert TOPICS.reports.max_message_bytes > 4 * Limits().report_bytes
    assert TOPICS.dead_letters.max_message_bytes > TOPICS.reports.max_message_bytes


def test_all_events_of_one_input_fit_into_one_batch() -> None:
    assert TOPICS.events.max_message_bytes > GROUP_BYTES
    written = (TOPICS.lines, TOPICS.events, TOPICS.alerts, TOPICS.rules, TOPICS.dead_letters)
    assert all(topic.max_message_bytes > PRODUCE_BATCH_BYTES for topic in written)


def test_a_topic_as_wanted_has_no_difference() -> None:
    assert compare_all(TOPICS, {topic.name: as_wanted(topic) for topic in TOPICS}) == []


def test_a_missing_topic_is_one_difference_that_can_be_mended() -> None:
    difference = only(compare(TOPICS.events, None))
    assert str(difference) == "events is missing"
    assert difference.obstacle is None


def test_partitions_are_never_changed_and_it_says_why() -> None:
    difference = only(compare(TOPICS.events, FoundTopic(12, TOPICS.events.settings)))
    assert "partitions is 12 and must be 4" in str(difference)
    assert "take them away from their history" in str(difference)
    assert "incident-pipeline topics adopt" in str(difference)
    assert difference.obstacle is not None


def test_reports_may_have_more_partitions_and_not_fewer() -> None:
    settings = TOPICS.reports.settings
    assert compare(TOPICS.reports, FoundTopic(6, settings)) == []
    assert "partitions is 2 and must be 4" in str(only(compare(TOPICS.reports, FoundTopic(2, settings))))


@pytest.mark.parametrize(
    ("setting", "found"),
    [
        ("retention.ms", "604800000"),
        ("message.timestamp.type", "CreateTime"),
        ("cleanup.policy", "compact"),
        ("max.message.bytes", "1048588"),
    ],
)
def test_a_setting_whose_change_deletes_nothing_can_be_mended(setting: str, found: str) -> None:
    difference = only(compare(TOPICS.reports, with_setting(TOPICS.reports, setting, found)))
    assert str(difference) == f"reports: {setting} is {found} and must be {TOPICS.reports.settings[setting]}"
    assert difference.obstacle is None


def test_compaction_is_left_to_a_person() -> None:
    difference = only(compare(TOPICS.rules, with_setting(TOPICS.rules, "cleanup.policy", "delete")))
    assert difference.obstacle is not None
    assert "deletes the older records" in difference.obstacle


@pytest.mark.parametrize("found", ["-1", "7200000"])
def test_a_shorter_retention_is_left_to_a_person(found: str) -> None:
    short = msgspec.structs.replace(TOPICS.alerts, retention_ms=3_600_000)
    difference = only(compare(short, with_setting(short, "retention.ms", found)))
    assert difference.obstacle is not None
    assert "deletes records" in difference.obstacle


def test_a_longer_retention_can_be_mended() -> None:
    longer = msgspec.structs.replace(TOPICS.alerts, retention_ms=3_600_000)
    assert only(compare(longer, with_setting(longer, "retention.ms", "60000"))).obstacle is None
