"""How far a group is behind, as the demo waits for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from incident_pipeline.log.admin import apply_topics
from incident_pipeline.log.kafka import open_log
from incident_pipeline.log.lag import lag_of_group
from incident_pipeline.topics import load_topics

if TYPE_CHECKING:
    from collections.abc import Mapping


async def send(bootstrap_servers: str, topic: str, partition: int, count: int) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers)
    await producer.start()
    for _ in range(count):
        await producer.send_and_wait(topic, b"x", partition=partition)
    await producer.stop()


async def commit(bootstrap_servers: str, group: str, positions: Mapping[TopicPartition, int]) -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, group_id=group, enable_auto_commit=False)
    await consumer.start()
    consumer.assign(list(positions))
    await asyncio.sleep(0)
    await consumer.commit(dict(positions))
    await consumer.stop()


async def test_everything_is_left_to_a_group_that_never_committed(bootstrap_servers: str, topic_prefix: str) -> None:
    topics = load_topics(topic_prefix)
    await apply_topics(bootstrap_servers, topics)
    await send(bootstrap_servers, topics.reports.name, 1, 3)
    names = [topics.reports.name, topics.lines.name]
    async with open_log(bootstrap_servers) as log:
        lag = await lag_of_group(bootstrap_servers, log, f"{topic_prefix}group", names)
    assert lag == {topics.reports.name: 3, topics.lines.name: 0}


async def test_what_is_committed_is_not_left(bootstrap_servers: str, topic_prefix: str) -> None:
    topics = load_topics(topic_prefix)
    await apply_topics(bootstrap_servers, topics)
    name = topics.reports.name
    await send(bootstrap_servers, name, 0, 2)
    await send(bootstrap_servers, name, 1, 5)
    await commit(bootstrap_servers, f"{topic_prefix}group", {TopicPartition(name, 0): 2, TopicPartition(name, 1): 1})
    async with open_log(bootstrap_servers) as log:
        assert await lag_of_group(bootstrap_servers, log, f"{topic_prefix}group", [name]) == {name: 4}
