"""The topics of a cluster: described, created and altered through Kafka's admin interface."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaConnectionError, KafkaError, TopicAlreadyExistsError, for_code

from incident_pipeline.log.errors import LogError
from incident_pipeline.log.kafka import open_admin, open_log
from incident_pipeline.topics import Difference, FoundTopic, Topics, compare_all

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from aiokafka.admin import AIOKafkaAdminClient

__all__ = ["apply_topics", "check_topics", "delete_topics"]

_SET_ON_TOPIC: Final = 1  # `config_source` of a value that stands on the topic itself, not a default
_SEEN_TRIES: Final = 50
_SEEN_PAUSE_SECONDS: Final = 0.1


async def check_topics(bootstrap_servers: str, topics: Topics) -> list[Difference]:
    """Give what differs between the cluster's topics and the wanted ones, as values. Raises `LogError`."""
    async with _admin(bootstrap_servers) as admin:
        return compare_all(topics, await _describe(admin, [topic.name for topic in topics]))


async def apply_topics(
    bootstrap_servers: str, topics: Topics, replication_factor: int | None = None
) -> tuple[list[Difference], list[Difference]]:
    """Create what is missing and alter what is safe; give (mended, left alone with its `obstacle`).

    Without a `replication_factor` new topics get the broker's default.
    """
    async with _admin(bootstrap_servers) as admin:
        found = await _describe(admin, [topic.name for topic in topics])
        differences = compare_all(topics, found)
        missing = {difference.topic for difference in differences if difference.is_missing_topic}
        if missing:
            await _create(admin, topics, missing, replication_factor)
        mendable = [d for d in differences if d.obstacle is None and not d.is_missing_topic]
        await _alter(admin, mendable)
        if changed := missing | {difference.topic for difference in mendable}:
            await _wait_until_seen(admin, topics, changed)
            await _wait_until_served(bootstrap_servers, changed)
    return [d for d in differences if d.obstacle is None], [d for d in differences if d.obstacle is not None]


async def delete_topics(bootstrap_servers: str, names: Sequence[str]) -> None:
    """Delete topics with all that is in them: for tests that made their own."""
    async with _admin(bootstrap_servers) as admin:
        response = await admin.delete_topics(list(names))
        _raise_on_error(response.to_object()["topic_error_codes"], "topic", "deleted")


@asynccontextmanager
async def _admin(bootstrap_servers: str) -> AsyncIterator[AIOKafkaAdminClient]:
    async with open_admin(bootstrap_servers) as admin:
        try:
            yield admin
        except KafkaConnectionError:
            raise
        except KafkaError as error:
            raise LogError(f"The topics at {bootstrap_servers} cannot be compared: {error!r}") from error


async def _describe(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, FoundTopic]:
    """Describe those of the topics that exist."""
    described = [entry for entry in await admin.describe_topics(list(names)) if entry["error_code"] == 0]
    if not described:
        return {}
    settings = {
        name: {entry["config_names"]: entry["config_value"] for entry in entries}
        for name, entries in (await _settings(admin, [entry["topic"] for entry in described])).items()
    }
    return {
        entry["topic"]: FoundTopic(len(entry["partitions"]), settings.get(entry["topic"], {})) for entry in described
    }


async def _settings(admin: AIOKafkaAdminClient, names: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    responses = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])
    resources = [resource for response in responses for resource in response.to_object()["resources"]]
    _raise_on_error(resources, "resource_name", "described")
    return {resource["resource_name"]: resource["config_entries"] for resource in resources}


async def _create(
    admin: AIOKafkaAdminClient, topics: Topics, missing: set[str], replication_factor: int | None
) -> None:
    replicas = replication_factor or await _default_replication(admin)
    new = [
        NewTopic(topic.name, topic.partitions, replicas, topic_configs=topic.settings)
        for topic in topics
        if topic.name in missing
    ]
    response = await admin.create_topics(new)
    outcomes = response.to_object()["topic_errors"]
    # Somebody may have made one meanwhile: that is what was wanted.
    refused = [entry for entry in outcomes if entry["error_code"] != TopicAlreadyExistsError.errno]
    _raise_on_error(refused, "topic", "created")


async def _default_replication(admin: AIOKafkaAdminClient) -> int:
    """Ask the controller: the client itself cannot send Kafka's word for `the default`."""
    node = str((await admin.describe_cluster())["controller_id"])
    wanted = {"default.replication.factor": None}
    (response,) = await admin.describe_configs([ConfigResource(ConfigResourceType.BROKER, node, configs=wanted)])
    (resource,) = response.to_object()["resources"]
    _raise_on_error([resource], "resource_name", "created")
    return int(resource["config_entries"][0]["config_value"])


async def _alter(admin: AIOKafkaAdminClient, differences: Sequence[Difference]) -> None:
    """Alter settings. The request replaces all that stands on a topic, so what is there is sent along."""
    names = {difference.topic for difference in differences}
    if not names:
        return
    settings = {
        name: {e["config_names"]: e["config_value"] for e in entries if e["config_source"] == _SET_ON_TOPIC}
        for name, entries in (await _settings(admin, names)).items()
    }
    for difference in differences:
        settings[difference.topic][difference.setting] = difference.wanted
    responses = await admin.alter_configs(
        [ConfigResource(ConfigResourceType.TOPIC, name, configs=values) for name, values in settings.items()]
    )
    for response in responses:
        _raise_on_error(response.to_object()["resources"], "resource_name", "altered")


async def _wait_until_seen(admin: AIOKafkaAdminClient, topics: Topics, names: set[str]) -> None:
    """Wait until brokers show what the controller has done: new topics are there, settings are in force."""
    for _ in range(_SEEN_TRIES):
        found = await _describe(admin, [topic.name for topic in topics])
        if all(difference.obstacle is not None for difference in compare_all(topics, found)):
            return
        await asyncio.sleep(_SEEN_PAUSE_SECONDS)
    raise LogError(f"Kafka has changed {', '.join(sorted(names))} and does not show it yet. Try again in a moment.")


async def _wait_until_served(bootstrap_servers: str, names: Iterable[str]) -> None:
    """Wait until the leaders of all partitions answer: they may be named a moment before they know of it."""
    async with open_log(bootstrap_servers) as log:
        for name in names:
            for partition in range(await log.partitions(name)):
                await log.end_offset(name, partition)


def _raise_on_error(entries: Iterable[dict[str, Any]], name: str, what: str) -> None:
    failures = [
        f"{entry[name]}: {entry.get('error_message') or for_code(entry['error_code']).__name__}"
        for entry in entries
        if entry["error_code"] != 0
    ]
    if failures:
        raise LogError(f"Topics could not be {what}:\n" + "\n".join(f"  {failure}" for failure in failures))
