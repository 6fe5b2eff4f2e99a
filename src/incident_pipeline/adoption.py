"""Adopting topics that were made anew: recorded in `lines`, where each ledger finds it, while no worker runs."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from incident_pipeline.codec import encode
from incident_pipeline.event import EventType
from incident_pipeline.ledger.encoding import decode_event
from incident_pipeline.line import TopicIds, TopicsChange
from incident_pipeline.log.clients import consumer_client
from incident_pipeline.log.follow import read_chain
from incident_pipeline.log.kafka import failure, open_admin
from incident_pipeline.log.recorded_topics import labels_of_reports
from incident_pipeline.sending import open_sender

if TYPE_CHECKING:
    from incident_pipeline.log.connection import Connection
    from incident_pipeline.log.record import LogReader
    from incident_pipeline.topics import Topics

__all__ = ["adopt_topics", "members_of_group", "recorded_topics", "roles_made_anew"]

_KEY = b"*"
"""The record is about all theatres of its partition."""
_COORDINATOR_SECONDS = 20.0
_POLL_SECONDS = 0.25
_ADOPTS = b'"type":"topics.adopted"'


async def recorded_topics(log: LogReader, topics: Topics) -> TopicIds:
    """Give the topics that the log names as its own: what events have adopted, and what `lines` says last."""
    known = TopicIds()
    for partition in range(await log.partitions(topics.events.name)):
        async for counting, _ in read_chain(log, topics.events.name, partition):
            for record in counting:
                value = record.value or b""
                if _ADOPTS in value and (event := decode_event(value)).type is EventType.TOPICS_ADOPTED:
                    known = known.merged(event.topics or known)
    for label in (await labels_of_reports(log, topics.lines.name)).values():
        known = known.merged(TopicIds(reports=label))
    return known


async def roles_made_anew(  # noqa: PLR0917 - called once, by its command
    connection: Connection, log: LogReader, topics: Topics, group: str, recorded: TopicIds, found: TopicIds
) -> tuple[str, ...]:
    """Give the roles whose topic is another one than the log names, or ends before what the group has read of it."""
    anew = set(recorded.differing(found))
    committed = await _positions_of_group(connection, group)
    for role, topic in (("reports", topics.reports.name), ("lines", topics.lines.name)):
        for partition in range(await log.partitions(topic)):
            if committed.get((topic, partition), 0) > await log.end_offset(topic, partition):
                anew.add(role)
    return tuple(sorted(anew))


async def _positions_of_group(connection: Connection, group: str) -> dict[tuple[str, int], int]:
    """Give what the group has committed, by topic and partition."""
    async with open_admin(connection) as admin:
        try:
            committed = await admin.list_consumer_group_offsets(group)
        except KafkaError as error:
            if error.retriable:  # a young cluster has no coordinator yet, and the group no positions
                return {}
            raise await failure(connection, f"The positions of group {group} cannot be read", error) from error
    return {(at.topic, at.partition): position.offset for at, position in committed.items()}


async def members_of_group(connection: Connection, group: str) -> int:
    """Count the workers that Kafka takes for members of the group. A young cluster has no coordinator for it yet."""
    deadline = time.monotonic() + _COORDINATOR_SECONDS
    async with open_admin(connection) as admin:
        while True:
            try:
                answers = await admin.describe_consumer_groups([group])
            except KafkaError as error:
                if not error.retriable or time.monotonic() > deadline:
                    raise await failure(connection, f"The group {group} cannot be described", error) from error
                await asyncio.sleep(_POLL_SECONDS)
            else:
                break
    return sum(len(found["members"]) for answer in answers for found in answer.to_object()["groups"])


async def adopt_topics(
    connection: Connection, log: LogReader, topics: Topics, group: str, change: TopicsChange
) -> None:
    """Record these topics in every partition of `lines`, and let `reports` be read from its beginning again.

    What was decided before is known by its offsets where `reports` is the same, and by source and id where it is not.
    """
    value = encode(change)
    async with open_sender(connection, topics.lines) as sender:
        for partition in range(topics.lines.partitions):
            await sender.send(_KEY, value, partition=partition)
    await _read_again(connection, log, topics.reports.name, group)


async def _read_again(connection: Connection, log: LogReader, topic: str, group: str) -> None:
    starts = {
        TopicPartition(topic, partition): await log.start_offset(topic, partition)
        for partition in range(await log.partitions(topic))
    }
    consumer = consumer_client(connection, group_id=group, enable_auto_commit=False)
    try:
        await consumer.start()
        consumer.assign(list(starts))
        await consumer.commit(starts)
    except KafkaError as error:
        what = f"The positions of {group} in {topic} could not be set back (stop all workers, and try again)"
        raise await failure(connection, what, error) from error
    finally:
        await consumer.stop()
