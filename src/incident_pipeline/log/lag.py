"""How far a consumer group is behind: what it was given and has not finished."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from incident_pipeline.log.connection import Connection
from incident_pipeline.log.kafka import KafkaLog, failure, open_admin

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["finished_by_group", "lag_of_group"]


async def lag_of_group(cluster: Connection | str, log: KafkaLog, group: str, topics: Sequence[str]) -> dict[str, int]:
    """Give, for each topic, the number of offsets between what the group has committed and the end of the log."""
    # Positions before ends: what is written meanwhile may be counted as lag, but never the other way round.
    return await _lag(log, topics, await _committed(cluster, group))


async def finished_by_group(cluster: Connection | str, group: str, topic: str) -> dict[int, int]:
    """Give, by partition, the offset below which the group has finished a topic; where it has begun none, nothing."""
    committed = await _committed(cluster, group)
    return {at.partition: max(0, position.offset) for at, position in committed.items() if at.topic == topic}


async def _committed(cluster: Connection | str, group: str) -> Mapping[TopicPartition, Any]:
    async with open_admin(cluster) as admin:
        try:
            committed: Mapping[TopicPartition, Any] = await admin.list_consumer_group_offsets(group)
        except KafkaError as error:
            if error.retriable:  # a young cluster has no coordinator yet, and the group no positions
                return {}
            what = f"The positions of group {group} cannot be read"
            raise await failure(Connection.to(cluster), what, error) from error
        return committed


async def _lag(log: KafkaLog, topics: Sequence[str], committed: Mapping[TopicPartition, Any]) -> dict[str, int]:
    lag = dict.fromkeys(topics, 0)
    for topic in topics:
        for partition in range(await log.partitions(topic)):
            position = committed.get(TopicPartition(topic, partition))
            end = await log.end_offset(topic, partition)
            lag[topic] += end if position is None else max(0, end - max(0, position.offset))
    return lag
