"""A Kafka client that knows nothing of the project sends a report and reads what was decided about it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import msgspec
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from incident_pipeline.config import Config
from incident_pipeline.demo.worker_process import worker_for
from incident_pipeline.log.admin import apply_topics
from incident_pipeline.topics import Topics, load_topics
from schemas.generate import schema_path

if TYPE_CHECKING:
    from collections.abc import Iterator

READER = Path(__file__).parents[2] / "docs" / "examples" / "read_events.py"
REPORT = {
    "source": "sample-observer-a",
    "report_id": "2020-03-11-07",
    "occurred_at": "2020-03-11T14:20:00+02:00",
    "violations": [{"type": "mortar", "group": "HTS", "place": "Saraqib"}],
}
PATIENCE_SECONDS = 60


@pytest.fixture
def topics(bootstrap_servers: str, topic_prefix: str, tmp_path: Path) -> Iterator[Topics]:
    """Fresh topics with a worker on them."""
    wanted = load_topics(topic_prefix)
    asyncio.run(apply_topics(bootstrap_servers, wanted))
    config = msgspec.structs.replace(
        Config(),
        bootstrap_servers=bootstrap_servers,
        metrics_port=0,
        state_directory=tmp_path / "state",
        topic_prefix=topic_prefix,
    )
    with worker_for(config, tmp_path / "worker.log"):
        yield wanted


def produce(bootstrap_servers: str, topic: str, value: dict[str, Any]) -> None:
    producer = Producer({"bootstrap.servers": bootstrap_servers, "acks": "all"})
    producer.produce(topic, json.dumps(value).encode(), key=value["source"].encode())
    assert producer.flush(20) == 0


def printed_by_the_example_reader(bootstrap_servers: str, topic: str) -> list[dict[str, Any]]:
    """What the documented reader prints, once it prints anything."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        ended = subprocess.run(
            [sys.executable, str(READER), bootstrap_servers, topic], capture_output=True, check=True, text=True
        )
        events = [json.loads(line) for line in ended.stdout.splitlines()]
        if any(event["type"] == "incident.recorded" for event in events):
            return events
        time.sleep(0.2)
    raise AssertionError("no incident was recorded")


def headers_of_all(bootstrap_servers: str, topic: str) -> list[dict[str, str]]:
    consumer = Consumer({"bootstrap.servers": bootstrap_servers, "group.id": "unused", "enable.auto.commit": False})
    found: list[dict[str, str]] = []
    for partition in consumer.list_topics(topic, 10).topics[topic].partitions:
        _, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), 10)
        consumer.assign([TopicPartition(topic, partition, 0)])
        messages = consumer.consume(end, 10) if end else []
        found += [{name: value.decode() for name, value in message.headers() or []} for message in messages]
    consumer.close()
    return found


def test_a_plain_client_sends_a_report_and_reads_the_event(bootstrap_servers: str, topics: Topics) -> None:
    produce(bootstrap_servers, topics.reports.name, REPORT)
    events = printed_by_the_example_reader(bootstrap_servers, topics.events.name)

    (incident,) = [event for event in events if event["type"] == "incident.recorded"]
    assert incident["report"]["source"] == REPORT["source"]
    assert incident["line"]["place"].endswith("/saraqib")
    assert incident["line"]["attribution"] == "hts"
    total = next(change for change in incident["changes"] if change["attribution"] == "*")
    assert total["deduplicated"] == [0, 1]
    validator = jsonschema.Draft202012Validator(json.loads(schema_path("event").read_text("utf-8")))
    for event in events:
        validator.validate(event)

    for envelope in headers_of_all(bootstrap_servers, topics.events.name):
        assert envelope["ce_specversion"] == "1.0"
        assert envelope["ce_type"].startswith("org.incident-pipeline.")
        assert envelope["ce_source"] == "/incident-pipeline/ledger"
        assert envelope["content-type"] == "application/json"
        assert {"ce_id", "ce_time", "ce_subject", "ce_dataschema", "ce_previous", "ce_sequence"} <= envelope.keys()


def test_a_report_that_cannot_be_used_comes_back_with_its_bytes_and_reason(
    bootstrap_servers: str, topics: Topics
) -> None:
    produce(bootstrap_servers, topics.reports.name, {"source": "sample-observer-a", "report_id": "1"})
    deadline = time.monotonic() + PATIENCE_SECONDS
    found: list[dict[str, str]] = []
    while not found and time.monotonic() < deadline:
        found = headers_of_all(bootstrap_servers, topics.dead_letters.name)
    assert [letter["dl_reason"] for letter in found] == ["nothing_stated"]
    assert found[0]["dl_source"] == "sample-observer-a"
    assert "`text`" in found[0]["dl_remedy"]
