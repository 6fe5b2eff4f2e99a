"""Comparing and creating topics on a real cluster."""

from __future__ import annotations

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from confluent_kafka import Consumer, TopicPartition

from incident_pipeline.log import LogError
from incident_pipeline.log.admin import apply_topics, check_topics, delete_topics
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


async def test_what_is_safe_is_altered_and_the_rest_is_left(bootstrap_servers: str, topic_prefix: str) -> None:
    topics = load_topics(topic_prefix)
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    own = {"retention.ms": "86400000", "segment.ms": "7200000"}
    await admin.create_topics([NewTopic(topics.events.name, 7, 1, topic_configs=own)])
    found = 0
    while found != 7:  # brokers learn of it a moment later
        found = len((await admin.describe_topics([topics.events.name]))[0]["partitions"])
    mended, left = await apply_topics(bootstrap_servers, topics)
    resources = [ConfigResource(ConfigResourceType.TOPIC, topics.events.name, configs={"segment.ms": ""})]
    (response,) = await admin.describe_configs(resources)
    await admin.close()

    altered = {d.setting for d in mended if not d.is_missing_topic}
    assert altered == {"retention.ms", "max.message.bytes"}
    assert [(d.topic, d.setting, d.found) for d in left] == [(topics.events.name, "partitions", "7")]
    assert await check_topics(bootstrap_servers, topics) == left
    # What the owner of the cluster set beside ours stays.
    (entry,) = response.to_object()["resources"][0]["config_entries"]
    assert entry["config_value"] == "7200000"


async def test_deleted_topics_are_missing_again(bootstrap_servers: str, topic_prefix: str) -> None:
    topics = load_topics(topic_prefix)
    await apply_topics(bootstrap_servers, topics)
    await delete_topics(bootstrap_servers, [topic.name for topic in topics])
    assert all(difference.is_missing_topic for difference in await check_topics(bootstrap_servers, topics))


async def test_a_refusal_of_kafka_is_told_for_each_topic(bootstrap_servers: str, topic_prefix: str) -> None:
    with pytest.raises(LogError, match=r"could not be created:\n.*replication") as refused:
        await apply_topics(bootstrap_servers, load_topics(topic_prefix), replication_factor=9)
    assert f"{topic_prefix}lines" in str(refused.value)


async def test_no_kafka_is_said_with_what_to_do() -> None:
    with pytest.raises(LogError, match=r"(?s)No Kafka answers at 127.0.0.1:9.*incident-pipeline broker"):
        await check_topics("127.0.0.1:9", load_topics())
