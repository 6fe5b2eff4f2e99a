"""Whether we may do what we are about to do: asked before anything starts, so that all that lacks is told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiokafka.errors import (
    GroupAuthorizationFailedError,
    IncompatibleBrokerVersion,
    UnknownTopicOrPartitionError,
    for_code,
)
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.coordination import FindCoordinatorRequest
from aiokafka.protocol.types import Array, Boolean, Int16, Int32, Schema, String

from incident_pipeline.acls import Acl, Resource
from incident_pipeline.log.acls import OPERATIONS
from incident_pipeline.log.connection import Connection
from incident_pipeline.log.denials import WHAT_IS_NEEDED
from incident_pipeline.log.errors import DeniedError
from incident_pipeline.log.kafka import open_admin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiokafka.admin import AIOKafkaAdminClient

__all__ = ["missing_permissions", "refuse_if_denied"]

_GROUP_KIND: Final = 0


class _AccessResponse(Response):  # type: ignore[misc] # aiokafka carries no types
    """Metadata response 8, the last one before the format of responses changes."""

    API_KEY = 3
    API_VERSION = 8
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("brokers", Array(("node", Int32), ("host", String()), ("port", Int32), ("rack", String()))),
        ("cluster_id", String()),
        ("controller_id", Int32),
        (
            "topics",
            Array(
                ("error_code", Int16),
                ("topic", String()),
                ("is_internal", Boolean),
                (
                    "partitions",
                    Array(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", Array(Int32)),
                        ("isr", Array(Int32)),
                        ("offline_replicas", Array(Int32)),
                    ),
                ),
                ("authorized_operations", Int32),
            ),
        ),
        ("cluster_authorized_operations", Int32),
    )


class _AccessStruct(RequestStruct):  # type: ignore[misc] # as above
    """Metadata request 8: <https://kafka.apache.org/protocol>."""

    API_KEY = 3
    API_VERSION = 8
    RESPONSE_TYPE = _AccessResponse
    SCHEMA = Schema(
        ("topics", Array(String())),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_authorized_operations", Boolean),
        ("include_topic_authorized_operations", Boolean),
    )


class _AccessRequest(Request[_AccessStruct]):  # type: ignore[misc] # as above
    """Asks what we may do with topics, and creates none."""

    API_KEY = 3

    def __init__(self, topics: Sequence[str]) -> None:
        self._topics = list(topics)

    def build(self, request_struct_class: type[_AccessStruct]) -> _AccessStruct:
        """Build the one version."""
        return request_struct_class(self._topics, False, False, True)


async def refuse_if_denied(cluster: Connection | str, acls: Sequence[Acl]) -> None:
    """Raise `DeniedError` with all the permissions that we lack of those that `acls` name."""
    connection = Connection.to(cluster)
    missing = await missing_permissions(connection, acls)
    if missing:
        lines = "".join(f"\n  {acl.operation.value} on {acl.resource.value} {acl.name}" for acl in missing)
        raise DeniedError(
            f"Kafka does not permit it: at {connection} {connection.who} lacks permissions:{lines}\n{WHAT_IS_NEEDED}"
        )


async def missing_permissions(connection: Connection, acls: Sequence[Acl]) -> list[Acl]:
    """Give those of the permissions on topics and groups that we do not have. Raises `LogError`.

    Of a topic that is missing nothing is known; nor of any where the broker is so old that it does not tell.
    """
    topics = sorted({acl.name for acl in acls if acl.resource is Resource.TOPIC})
    groups = {acl.name for acl in acls if acl.resource is Resource.GROUP}
    async with open_admin(connection) as admin:
        try:
            response = await admin._send_request(_AccessRequest(topics))  # noqa: SLF001 - the client has no call for it
        except (IncompatibleBrokerVersion, NotImplementedError):
            return []
        bits = {
            entry["topic"]: entry["authorized_operations"]
            for entry in response.to_object()["topics"]
            if for_code(entry["error_code"]) is not UnknownTopicOrPartitionError
        }
        denied_groups = {group for group in groups if await _is_denied(admin, group)}
    return [
        acl
        for acl in acls
        if (acl.resource is Resource.GROUP and acl.name in denied_groups)
        or (acl.resource is Resource.TOPIC and acl.name in bits and not bits[acl.name] >> OPERATIONS[acl.operation] & 1)
    ]


async def _is_denied(admin: AIOKafkaAdminClient, group: str) -> bool:
    """Whether the group is closed to us; a young cluster has no coordinator for it yet, which is no refusal."""
    response = await admin._send_request(FindCoordinatorRequest(group, _GROUP_KIND))  # noqa: SLF001 - as above
    return for_code(response.error_code) is GroupAuthorizationFailedError
