"""Permissions given to a cluster, through its admin interface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiokafka.errors import NoError, for_code
from aiokafka.protocol.admin import CreateAclsRequest

from incident_pipeline.acls import Operation, Resource
from incident_pipeline.log.errors import LogError
from incident_pipeline.log.kafka import open_admin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from incident_pipeline.acls import Acl
    from incident_pipeline.log.connection import Connection

__all__ = ["OPERATIONS", "grant"]

# Numbers of the protocol: <https://kafka.apache.org/protocol>, CreateAcls.
_RESOURCES: Final = {Resource.TOPIC: 2, Resource.GROUP: 3, Resource.CLUSTER: 4}
OPERATIONS: Final = {
    Operation.READ: 3,
    Operation.WRITE: 4,
    Operation.CREATE: 5,
    Operation.DESCRIBE: 8,
    Operation.DESCRIBE_CONFIGS: 10,
    Operation.ALTER_CONFIGS: 11,
}
_LITERAL: Final = 3
_ALLOW: Final = 3


async def grant(connection: Connection, acls: Iterable[Acl]) -> None:
    """Give permissions; one that is there already stays. Raises `LogError`."""
    async with open_admin(connection) as admin:
        for acl in acls:
            request = CreateAclsRequest(
                _RESOURCES[acl.resource],
                acl.name,
                _LITERAL,
                acl.principal,
                "*",
                OPERATIONS[acl.operation],
                _ALLOW,
            )
            response = await admin._send_request(request)  # noqa: SLF001 - the client has no call for it
            ((code, message),) = response.creation_responses
            if for_code(code) is not NoError:
                raise LogError(f"Kafka did not take a permission for {acl.principal}: {message}")
