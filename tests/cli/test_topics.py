"""`incident-pipeline topics`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

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


def test_apply_mends_what_is_safe_and_leaves_partitions_to_a_person(
    on_cluster: Command, bootstrap_servers: str, topic_prefix: str
) -> None:
    make_topic(bootstrap_servers, f"{topic_prefix}events", 9, retention_ms="60000")
    applied = on_cluster("topics", "apply")
    assert applied.code == 3
    assert f"{topic_prefix}events: retention.ms is now -1" in applied.out
    assert "partitions is 9 and must be 4" in applied.err
    assert "would move theatres" in applied.err
    assert "must be mended by a person" in applied.err


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
