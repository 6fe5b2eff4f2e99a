"""The topics of a cluster: described, created and altered through Kafka's admin interface."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    KafkaConnectionError,
    KafkaError,
    NodeNotReadyError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
    for_code,
)
from aiokafka.protocol.admin import AlterConfigsRequest

from incident_pipeline.log.connection import Connection
from incident_pipeline.log.denials import WHAT_IS_NEEDED
from incident_pipeline.log.errors import DeniedError, LogError
from incident_pipeline.log.kafka import failure, open_admin, open_log
from incident_pipeline.topics import Difference, FoundTopic, Topics, compare_all, differ_message

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from aiokafka.admin import AIOKafkaAdminClient

__all__ = ["TopicsDifferError", "apply_topics", "check_topics", "delete_topics", "refuse_if_topics_differ"]

_SET_ON_TOPIC: Final = 1  # `config_source` of a value that stands on the topic itself, not a default
_TOPIC: Final = int(ConfigResourceType.TOPIC)
_DENIALS: Final = (TopicAuthorizationFailedError, ClusterAuthorizationFailedError)
_SEEN_TRIES: Final = 50
_SEEN_PAUSE_SECONDS: Final = 0.1


async def check_topics(cluster: Connection | str, topics: Topics) -> list[Difference]:
    """Give what differs between the cluster's topics and the wanted ones, as values. Raises `LogError`."""
    async with _admin(cluster) as admin:
        return compare_all(topics, await _describe(admin, [topic.name for topic in topics]))


class TopicsDifferError(LogError):
    """The cluster's topics are not as they must be: nothing may run on them."""

    def __init__(self, differences: Sequence[Difference]) -> None:
        super().__init__(differ_message(differences))


async def refuse_if_topics_differ(cluster: Connection | str, topics: Topics) -> None:
    """Raise `TopicsDifferError` where the cluster's topics are not as they must be."""
    if differences := await check_topics(cluster, topics):
        raise TopicsDifferError(differences)


async def apply_topics(
    cluster: Connection | str, topics: Topics, replication_factor: int | None = None
) -> tuple[list[Difference], list[Difference]]:
    """Create what is missing and alter what is safe, or nothing at all; give (mended, in the way).

    What is in the way is left to a person, with its `obstacle`; nothing is changed then. Nor where Kafka would refuse a
    part: it is asked about all of it first. Without a `replication_factor` new topics get the broker's default.
    """
    async with _admin(cluster) as admin:
        found = await _describe(admin, [topic.name for topic in topics])
        differences = compare_all(topics, found)
        if in_the_way := [d for d in differences if d.obstacle is not None]:
            return [], in_the_way
        missing = {difference.topic for difference in differences if difference.is_missing_topic}
        altered = [difference for difference in differences if not difference.is_missing_topic]
        new = await _new_topics(admin, topics, missing, replication_factor)
        settings = await _altered_settings(admin, altered)
        for only_ask in (True, False):
            await _create(admin, new, only_ask=only_ask)
            await _alter(admin, settings, only_ask=only_ask)
        if changed := {difference.topic for difference in differences}:
            await _wait_until_seen(admin, topics, changed)
            await _wait_until_served(cluster, changed)
    return differences, []


async def delete_topics(cluster: Connection | str, names: Sequence[str]) -> None:
    """Delete topics with all that is in them: for tests that made their own."""
    async with _admin(cluster) as admin:
        response = await admin.delete_topics(list(names))
        _raise_on_error(response.to_object()["topic_error_codes"], "topic", "delete")


@asynccontextmanager
async def _admin(cluster: Connection | str) -> AsyncIterator[AIOKafkaAdminClient]:
    connection = Connection.to(cluster)
    async with open_admin(connection) as admin:
        try:
            yield admin
        except (KafkaConnectionError, NodeNotReadyError):
            raise
        except DeniedError as error:
            raise DeniedError(f"Kafka does not permit it: at {connection} {connection.who} {error}") from error
        except KafkaError as error:
            what = f"The topics at {connection} cannot be compared"
            raise await failure(connection, what, error, doing="work with") from error


async def _describe(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, FoundTopic]:
    """Describe those of the topics that exist; nobody makes one by being asked (`clients`)."""
    answers = await admin.describe_topics(list(names))
    missing = UnknownTopicOrPartitionError.errno
    _raise_on_error([entry for entry in answers if entry["error_code"] != missing], "topic", "see")
    described = [entry for entry in answers if entry["error_code"] == 0]
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
    _raise_on_error(resources, "resource_name", "describe the settings of")
    return {resource["resource_name"]: resource["config_entries"] for resource in resources}


async def _new_topics(
    admin: AIOKafkaAdminClient, topics: Topics, missing: set[str], replication_factor: int | None
) -> list[NewTopic]:
    if not missing:
        return []
    replicas = replication_factor or await _default_replication(admin)
    return [
        NewTopic(topic.name, topic.partitions, replicas, topic_configs=topic.settings)
        for topic in topics
        if topic.name in missing
    ]


async def _create(admin: AIOKafkaAdminClient, new: list[NewTopic], *, only_ask: bool) -> None:
    if not new:
        return
    response = await admin.create_topics(new, validate_only=only_ask)
    outcomes = response.to_object()["topic_errors"]
    # Somebody may have made one meanwhile: that is what was wanted.
    refused = [entry for entry in outcomes if entry["error_code"] != TopicAlreadyExistsError.errno]
    _raise_on_error(refused, "topic", "create")


async def _default_replication(admin: AIOKafkaAdminClient) -> int:
    """Ask the controller: the client itself cannot send Kafka's word for `the default`."""
    node = str((await admin.describe_cluster())["controller_id"])
    wanted = {"default.replication.factor": None}
    (response,) = await admin.describe_configs([ConfigResource(ConfigResourceType.BROKER, node, configs=wanted)])
    (resource,) = response.to_object()["resources"]
    _raise_on_error([resource], "resource_name", "create")
    return int(resource["config_entries"][0]["config_value"])


async def _altered_settings(admin: AIOKafkaAdminClient, differences: Sequence[Difference]) -> dict[str, dict[str, str]]:
    """Give the settings of topics as they are to be: a request replaces all that stand on a topic."""
    names = {difference.topic for difference in differences}
    if not names:
        return {}
    settings = {
        name: {e["config_names"]: e["config_value"] for e in entries if e["config_source"] == _SET_ON_TOPIC}
        for name, entries in (await _settings(admin, names)).items()
    }
    for difference in differences:
        settings[difference.topic][difference.setting] = difference.wanted
    return settings


async def _alter(admin: AIOKafkaAdminClient, settings: dict[str, dict[str, str]], *, only_ask: bool) -> None:
    if not settings:
        return
    resources = [(_TOPIC, name, list(values.items())) for name, values in settings.items()]
    # The client's own call cannot only ask.
    response = await admin._send_request(AlterConfigsRequest(resources, validate_only=only_ask))  # noqa: SLF001
    _raise_on_error(response.to_object()["resources"], "resource_name", "alter")


async def _wait_until_seen(admin: AIOKafkaAdminClient, topics: Topics, names: set[str]) -> None:
    """Wait until brokers show what the controller has done: new topics are there, settings are in force."""
    for _ in range(_SEEN_TRIES):
        found = await _describe(admin, [topic.name for topic in topics])
        if all(difference.obstacle is not None for difference in compare_all(topics, found)):
            return
        await asyncio.sleep(_SEEN_PAUSE_SECONDS)
    raise LogError(f"Kafka has changed {', '.join(sorted(names))} and does not show it yet. Try again in a moment.")


async def _wait_until_served(cluster: Connection | str, names: Iterable[str]) -> None:
    """Wait until the leaders of all partitions answer: they may be named a moment before they know of it."""
    async with open_log(cluster) as log:
        for name in names:
            for partition in range(await log.partitions(name)):
                await log.end_offset(name, partition)


def _raise_on_error(entries: Iterable[dict[str, Any]], name: str, verb: str) -> None:
    """Raise where Kafka refused any of `entries`; `verb` is what was asked for ("create")."""
    refused = {entry[name]: entry for entry in entries if entry["error_code"] != 0}
    denied = [key for key, entry in refused.items() if for_code(entry["error_code"]) in _DENIALS]
    if denied:
        raise DeniedError(f"may not {verb}: {', '.join(sorted(denied))}.\n{WHAT_IS_NEEDED}")
    if refused:
        failures = [
            f"  {key}: {entry.get('error_message') or for_code(entry['error_code']).__name__}"
            for key, entry in refused.items()
        ]
        raise LogError(f"Kafka did not {verb} topics:\n" + "\n".join(failures))
