"""The sample history on a real broker, end to end, and the same history delivered again."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import jsonschema
import orjson
import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient

from incident_pipeline.catalogue.load import load_rules
from incident_pipeline.codec import GENESIS, link
from incident_pipeline.demo.history import BAD_RECORDS, history
from schemas.generate import schema_path

if TYPE_CHECKING:
    from pipeline_world import Audit, World

    from incident_pipeline.log import LogRecord

pytestmark = pytest.mark.broker

NORTH_WEST = "north-west"


def send_history(world: World) -> int:
    limit = load_rules(world.catalogue).limits.report_bytes
    return world.send((record.key, record.value) for record in history(limit))


def records_of(chains: dict[int, list[LogRecord]]) -> list[tuple[LogRecord, dict[str, bytes]]]:
    return [(record, dict(record.headers)) for chain in chains.values() for record in chain]


def assert_the_chain_holds(chains: dict[int, list[LogRecord]]) -> None:
    """From the beginning, with nothing but a hash function: as an auditor does."""
    for chain in chains.values():
        previous = GENESIS
        for sequence, record in enumerate(chain):
            headers = dict(record.headers)
            assert headers["ce_previous"].decode() == previous.hex()
            previous = link(previous, record.value or b"")
            assert headers["ce_id"].decode() == previous.hex()
            assert int(headers["ce_sequence"]) == sequence


def assert_cloud_events(chains: dict[int, list[LogRecord]], contract: str) -> None:
    """Binary mode: the attributes are headers, the value is the data, which its schema permits, in canonical bytes."""
    validator = jsonschema.Draft202012Validator(json.loads(schema_path(contract).read_text("utf-8")))
    for record, headers in records_of(chains):
        value = json.loads(record.value or b"")
        validator.validate(value)
        assert orjson.dumps(value, option=orjson.OPT_SORT_KEYS) == record.value
        assert headers["ce_specversion"] == b"1.0"
        assert headers["ce_type"].decode() == f"org.incident-pipeline.{value['type']}"
        assert headers["ce_dataschema"].decode() == f"urn:incident-pipeline:schema:{contract}:v1"
        assert headers["ce_source"].startswith(b"/incident-pipeline/")
        assert headers["ce_time"].decode() == value["recorded_at"]
        assert headers["ce_subject"]
        assert headers["content-type"] == b"application/json"
        assert record.key == headers["ce_partitionkey"] == value["theatre"].encode()


def assert_the_history_is_counted(audit: Audit) -> None:
    days = audit.outcome.counts.days
    counts = {day: days[NORTH_WEST, f"2020-03-{day:02d}"] for day in (9, 10, 11)}
    assert [counts[day].total.deduplicated for day in (9, 10, 11)] == [2, 2, 8]
    assert [counts[day].total.high for day in (9, 10, 11)] == [2, 2, 9]
    bounds = {day: {group: counts[day].bounds[NORTH_WEST, group] for group in ("hts", "tip")} for day in counts}
    assert bounds[9] == bounds[10] == {"hts": (0, 2), "tip": (0, 2)}
    assert bounds[11] == {"hts": (1, 8), "tip": (0, 8)}
    convoys = {one.day: one.count for one in audit.outcome.activities()}
    assert convoys == {"2020-03-09": 13, "2020-03-10": 4, "2020-03-11": 7}
    reasons = Counter(one.reason for one in audit.outcome.counts.uncounted)
    assert reasons["before_agreement"] == reasons["superseded"] == reasons["retracted"] == 1


def committed(world: World) -> dict[str, dict[int, int]]:
    admin = AdminClient({"bootstrap.servers": world.bootstrap_servers})
    listed = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(world.group)])
    found: dict[str, dict[int, int]] = {}
    for at in listed[world.group].result(20).topic_partitions:
        found.setdefault(at.topic, {})[at.partition] = at.offset
    return found


def move_to_the_beginning(world: World, topics: list[Any]) -> None:
    """As `kafka-consumer-groups --reset-offsets --to-earliest` does."""
    admin = AdminClient({"bootstrap.servers": world.bootstrap_servers})
    places = [TopicPartition(topic.name, number, 0) for topic in topics for number in range(topic.partitions)]
    moved = admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(world.group, places)])
    moved[world.group].result(20)


async def test_the_history_of_march_2020_is_counted_once_whatever_is_delivered_again(world: World) -> None:
    worker = world.start_worker()
    sent = send_history(world)
    await world.until_finished()
    first = await world.audit()

    assert_the_history_is_counted(first)
    assert_cloud_events(first.events, "event")
    assert_cloud_events(first.alerts, "alert")
    assert_the_chain_holds(first.events)
    assert_the_chain_holds(first.alerts)
    (alert,) = first.outcome.holding()
    assert (alert.day, alert.rule, alert.count, alert.severity) == ("2020-03-11", "north-west-day", 8, "page")
    letters = [letter for sightings in first.outcome.letters.listed() for letter in sightings]
    assert len(letters) == BAD_RECORDS
    assert len({letter.reason for letter in letters}) == BAD_RECORDS
    assert first.ignored == 0
    assert await worker.stop() == 0

    # The group's positions only say what may be forgotten: with them at the beginning, nothing changes.
    move_to_the_beginning(world, [world.topics.reports, world.topics.lines])
    for file in world.state.glob("*.snapshot"):
        file.unlink()
    again = world.start_worker()
    await world.until_finished()
    second = await world.audit()
    assert second.values == first.values
    assert second.outcome.rows() == first.outcome.rows()
    positions = committed(world)
    assert sum(positions[world.topics.reports.name].values()) == sent

    # Sent again, each report is a duplicate and each dead letter is one that was seen twice.
    send_history(world)
    await world.until_finished()
    third = await world.audit()
    assert_the_history_is_counted(third)
    assert third.outcome.verdicts() == first.outcome.verdicts()
    assert third.values["alerts-2"] == first.values["alerts-2"]
    assert [len(sightings) for sightings in third.outcome.letters.listed()] == [2] * BAD_RECORDS
    assert await again.stop() == 0
