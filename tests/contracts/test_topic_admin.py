"""Comparing and creating topics on a real cluster."""

from __future__ import annotations

import pytest
from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from confluent_kafka import Consumer, TopicPartition

from incident_pipeline.log import LogError
from incident_pipeline.log.admin import apply_topics, check_topics, delete_topics
from incident_pipeline.log.kafka import open_admin
from incident_pipeline.topics import load_topics


async def test_missing_topics_are_created_as_wanted(bootstrap_servers: str, topic_prefix: str) -> None:
    topics = load_topics(topic_prefix)
    assert len(await check_topics(bootstrap_servers, topics)) == 6
    mended, left = await apply_topics(bootstrap_servers, topics)
    assert len(mended) == 6
    assert left == []
    assert await check_topics(bootstrap_servers, topics) == []


async def test_topics_are_served_once_they_are_applied(bootstrap_servers: str, topic_prefix: str) -> None:
    """Kafka names a leader a moment before that leader knows of it, and a plain client would be told so."""
    topics = load_topics(topic_prefix)
    await apply_topics(bootstrap_servers, topics)
    consumer = Consumer({"bootstrap.servers": bootstrap_servers, "group.id": "unused"})
    for topic in topics:
        for partition in consumer.list_topics(topic.name, 10).topics[topic.name].partitions:
            assert consumer.get_watermark_offsets(TopicPartition(topic.name, partition), 10) == (0, 0)
    consumer.close()


async def test_applying_twice_changes_nothing(bootstrap_servers: str, topic_prefix: str) -> None:
    topics = load_topics(topic_prefix)
    await apply_topics(bootstrap_servers, topics)
    assert await apply_topics(bootstrap_servers, topics) == ([], [])


async def made_otherwise(bootstrap_servers: str, name: str, partitions: int, **settings: str) -> None:
    """Make a topic as somebody else would, and wait until brokers show it."""
    async with open_admin(bootstrap_servers) as admin:
        await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=settings)])
        found = 0
        while found != partitions:
            found = len((await admin.describe_topics([name]))[0]["partitions"])


async def test_what_is_safe_is_altered_and_what_others_set_beside_it_stays(
    bootstrap_servers: str, topic_prefix: str
) -> None:
    topics = load_topics(topic_prefix)
    await made_otherwise(
        bootstrap_servers, topics.events.name, 4, **{"retention.ms": "86400000", "segment.ms": "7200000"}
    )
    mended, in_the_way = await apply_topics(bootstrap_servers, topics)
    assert {d.setting for d in mended if not d.is_missing_topic} == {"retention.ms", "max.message.bytes"}
    assert in_the_way == []
    assert await check_topics(bootstrap_servers, topics) == []
    async with open_admin(bootstrap_servers) as admin:
        resources = [ConfigResource(ConfigResourceType.TOPIC, topics.events.name, configs={"segment.ms": ""})]
        (response,) = await admin.describe_configs(resources)
    (entry,) = response.to_object()["resources"][0]["config_entries"]
    assert entry["config_value"] == "7200000"


async def test_where_a_person_must_mend_something_first_nothing_is_changed(
    bootstrap_servers: str, topic_prefix: str
) -> None:
    topics = load_topics(topic_prefix)
    await made_otherwise(bootstrap_servers, topics.events.name, 7, **{"retention.ms": "86400000"})
    before = await check_topics(bootstrap_servers, topics)
    mended, in_the_way = await apply_topics(bootstrap_servers, topics)
    assert mended == []
    assert [(d.topic, d.setting, d.found) for d in in_the_way] == [(topics.events.name, "partitions", "7")]
    assert await check_topics(bootstrap_servers, topics) == before


async def test_where_kafka_refuses_a_part_nothing_is_changed(bootstrap_servers: str, topic_prefix: str) -> None:
    topics = load_topics(topic_prefix)
    await made_otherwise(bootstrap_servers, topics.events.name, 4, **{"retention.ms": "86400000"})
    before = await check_topics(bootstrap_servers, topics)
    with pytest.raises(LogError, match="replication"):
        await apply_topics(bootstrap_servers, topics, replication_factor=9)
    assert await check_topics(bootstrap_servers, topics) == before


async def test_deleted_topics_are_missing_again(bootstrap_servers: str, topic_prefix: str) -> None:
    topics = load_topics(topic_prefix)
    await apply_topics(bootstrap_servers, topics)
    await delete_topics(bootstrap_servers, [topic.name for topic in topics])
    assert all(difference.is_missing_topic for difference in await check_topics(bootstrap_servers, topics))


async def test_a_refusal_of_kafka_is_told_for_each_topic(bootstrap_servers: str, topic_prefix: str) -> None:
    with pytest.raises(LogError, match=r"did not create topics:\n.*replication") as refused:
        await apply_topics(bootstrap_servers, load_topics(topic_prefix), replication_factor=9)
    assert f"{topic_prefix}lines" in str(refused.value)


async def test_no_kafka_is_said_with_what_to_do() -> None:
    with pytest.raises(LogError, match=r"(?s)No Kafka answers at 127.0.0.1:9.*incident-pipeline broker"):
        await check_topics("127.0.0.1:9", load_topics())
