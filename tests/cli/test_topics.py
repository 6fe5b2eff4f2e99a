"""`incident-pipeline topics`."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from aiokafka.admin import NewTopic

from incident_pipeline.log.kafka import open_admin
from incident_pipeline.topics import load_topics

if TYPE_CHECKING:
    from pathlib import Path

    from incident_pipeline.topics import Topics

    from .conftest import Command


def make_topic(bootstrap_servers: str, name: str, partitions: int, **settings: str) -> None:
    async def make() -> None:
        async with open_admin(bootstrap_servers) as admin:
            dotted = {setting.replace("_", "."): value for setting, value in settings.items()}
            await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=dotted)])
            found = 0
            while found != partitions:  # brokers learn of it a moment later
                found = len((await admin.describe_topics([name]))[0]["partitions"])

    asyncio.run(make())


def test_diff_shows_what_is_missing_and_changes_nothing(on_cluster: Command, topic_prefix: str) -> None:
    for _ in range(2):
        ended = on_cluster("topics", "diff")
        assert ended.code == 3
        assert f"{topic_prefix}events" in ended.out
        assert "Mend it with: incident-pipeline topics apply" in ended.err


def test_apply_creates_and_then_there_is_no_difference(on_cluster: Command, topic_prefix: str) -> None:
    applied = on_cluster("topics", "apply")
    assert applied.code == 0
    assert f"{topic_prefix}dead-letters: created" in applied.out
    again = on_cluster("topics", "diff")
    assert again.code == 0
    assert "as they must be" in again.out


def test_apply_changes_nothing_where_a_person_must_mend_something_first(
    on_cluster: Command, bootstrap_servers: str, topic_prefix: str
) -> None:
    make_topic(bootstrap_servers, f"{topic_prefix}events", 9, retention_ms="60000")
    before = on_cluster("topics", "diff")
    applied = on_cluster("topics", "apply")
    assert applied.code == 3
    assert applied.out == ""
    assert "partitions is 9 and must be 4" in applied.err
    assert "take them away from their history" in applied.err
    assert "until then incident-pipeline topics apply changes nothing" in applied.err
    assert on_cluster("topics", "diff") == before


def test_diff_advises_apply_only_where_it_helps(on_cluster: Command, bootstrap_servers: str, topic_prefix: str) -> None:
    assert "Mend it with: incident-pipeline topics apply" in on_cluster("topics", "diff").err
    make_topic(bootstrap_servers, f"{topic_prefix}events", 9)
    told = on_cluster("topics", "diff")
    assert "Mend it with" not in told.err
    assert "A person must mend" in told.err


def test_acls_are_the_least_of_each_role(command: Command) -> None:
    listed = command("topics", "acls", "--producer", "User:press-desk", "--json")
    assert listed.code == 0
    found = [json.loads(line) for line in listed.out.splitlines()]
    of_producer = {(one["resource_name"], one["operation"]) for one in found if one["role"] == "producer"}
    assert of_producer == {("reports", "Write"), ("reports", "Describe")}
    assert {one["principal"] for one in found if one["role"] == "producer"} == {"User:press-desk"}
    reader = {(one["resource_name"], one["operation"]) for one in found if one["role"] == "reader"}
    assert {operation for _, operation in reader} == {"Read", "Describe"}
    assert not {name for name, _ in reader} & {"reports", "lines"}
    written = {one["resource_name"] for one in found if one["role"] == "worker" and one["operation"] == "Write"}
    assert written == {topic.name for topic in load_topics() if topic.name != "reports"}


def test_acls_are_commands_for_the_names_of_this_mission(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INCIDENT_PIPELINE_TOPIC_PREFIX", "nw-")
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "kafka.example:9093")
    shown = command("topics", "acls").out.splitlines()
    assert [line for line in shown if line.startswith("#")] == [
        "# producer",
        "# worker",
        "# reader",
        "# operator",
        "# administrator",
    ]
    assert shown[1].startswith("kafka-acls.sh --bootstrap-server kafka.example:9093 ")
    assert shown[1].endswith("--operation Write --operation Describe --topic nw-reports")
    assert any(line.endswith("--operation Read --group nw-incident-pipeline") for line in shown)


def test_a_name_that_is_no_principal_is_told(command: Command) -> None:
    ended = command("topics", "acls", "--reader", "alice")
    assert ended.code == 2
    assert "It is written User:NAME" in ended.err


def test_diff_says_why_something_is_left_to_a_person(
    on_cluster: Command, bootstrap_servers: str, topic_prefix: str
) -> None:
    make_topic(bootstrap_servers, f"{topic_prefix}rules", 1)
    assert "Compaction deletes" in on_cluster("topics", "diff").out


def test_a_worker_refuses_topics_that_are_missing(worker_command: Command, topic_prefix: str) -> None:
    ended = worker_command()
    assert ended.code == 3
    assert f"{topic_prefix}events is missing" in ended.err
    assert "Mend it with: incident-pipeline topics apply" in ended.err
    assert "Traceback" not in ended.err


def test_a_worker_refuses_topics_that_differ(
    on_cluster: Command, worker_command: Command, bootstrap_servers: str, topic_prefix: str
) -> None:
    make_topic(bootstrap_servers, f"{topic_prefix}events", 9)
    on_cluster("topics", "apply")
    ended = worker_command()
    assert ended.code == 3
    assert f"{topic_prefix}events: partitions is 9 and must be 4" in ended.err


def test_a_worker_refuses_a_catalogue_that_has_faults(worker_command: Command, topics: Topics, tmp_path: Path) -> None:
    catalogue = tmp_path / "catalogue"
    catalogue.mkdir()
    (catalogue / "groups.toml").write_text('[[groups]]\nid = "HTS"\nname = "x"\nside = "y"\n', "utf-8")
    ended = worker_command("--catalogue", str(catalogue))
    assert ended.code == 2
    assert "groups.toml" in ended.err
    assert "Traceback" not in ended.err


def test_topics_of_another_prefix_are_left_alone(on_cluster: Command, topics: Topics) -> None:
    assert load_topics().events.name not in {topic.name for topic in topics}
    assert on_cluster("topics", "diff").code == 0
