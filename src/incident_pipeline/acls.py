"""What each role may do on a cluster with access control: the least it needs, from the catalogue of topics."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from incident_pipeline.topics import Topics

__all__ = ["Acl", "Operation", "Resource", "Role", "acls_of", "commands_of"]


class Role(enum.Enum):
    """Who works with the topics."""

    PRODUCER = "producer"
    """Sends reports."""
    WORKER = "worker"
    """Runs the agents."""
    READER = "reader"
    """Asks for counts, alerts and dead letters."""
    OPERATOR = "operator"
    """Sends dead letters again, adopts topics, voids records."""
    ADMINISTRATOR = "administrator"
    """Runs `topics apply` and `topics diff`."""


class Resource(enum.Enum):
    """What a permission is about, by the word of `kafka-acls`."""

    TOPIC = "topic"
    GROUP = "group"
    CLUSTER = "cluster"


class Operation(enum.Enum):
    """What is permitted, by the word of `kafka-acls`."""

    READ = "Read"
    WRITE = "Write"
    CREATE = "Create"
    DESCRIBE = "Describe"
    DESCRIBE_CONFIGS = "DescribeConfigs"
    ALTER_CONFIGS = "AlterConfigs"


class Acl(msgspec.Struct, frozen=True, kw_only=True):
    """One permission, on one resource by its full name, from any host."""

    role: Role
    principal: str
    """As Kafka writes it: `User:name`."""
    resource: Resource
    name: str
    operation: Operation

    def as_json(self) -> dict[str, str]:
        """Give it as a tool may read it; the names are those of Kafka's own tools."""
        return {
            "role": self.role.value,
            "principal": self.principal,
            "host": "*",
            "resource_type": self.resource.value,
            "resource_name": self.name,
            "pattern_type": "literal",
            "operation": self.operation.value,
            "permission": "Allow",
        }


def acls_of(topics: Topics, group: str, principals: Mapping[Role, str]) -> list[Acl]:
    """Give what the principals need, role by role; `group` is that of the workers."""
    return [acl for role, principal in principals.items() for acl in _of_role(topics, group, role, principal)]


def _of_role(topics: Topics, group: str, role: Role, principal: str) -> Iterator[Acl]:
    def may(resource: Resource, name: str, *operations: Operation) -> Iterator[Acl]:
        for operation in operations:
            yield Acl(role=role, principal=principal, resource=resource, name=name, operation=operation)

    for topic in topics:
        reads, writes = role.value in topic.read_by, role.value in topic.written_by
        operations = [Operation.READ] * reads + [Operation.WRITE] * writes
        operations += [Operation.DESCRIBE] * (reads or writes)
        if role is Role.WORKER:  # it starts on no topic that is not as it must be
            operations = [*dict.fromkeys([*operations, Operation.DESCRIBE]), Operation.DESCRIBE_CONFIGS]
        if role is Role.ADMINISTRATOR:
            operations = [
                Operation.CREATE,
                Operation.DESCRIBE,
                Operation.DESCRIBE_CONFIGS,
                Operation.ALTER_CONFIGS,
            ]
        yield from may(Resource.TOPIC, topic.name, *operations)
    if role is Role.WORKER:
        yield from may(Resource.GROUP, group, Operation.READ)
    if role is Role.OPERATOR:  # how far the workers are, and to set that back where topics were made anew
        yield from may(Resource.GROUP, group, Operation.DESCRIBE, Operation.READ)
    if role is Role.ADMINISTRATOR:  # how many replicas are the default stands in a broker's own settings
        yield from may(Resource.CLUSTER, "kafka-cluster", Operation.DESCRIBE_CONFIGS)


def commands_of(acls: list[Acl], bootstrap_servers: str) -> list[str]:
    """Give the `kafka-acls` commands that grant them: one for each principal and resource."""
    grouped: dict[tuple[str, Resource, str], list[Operation]] = {}
    for acl in acls:
        grouped.setdefault((acl.principal, acl.resource, acl.name), []).append(acl.operation)
    return [
        " ".join(
            (
                f"kafka-acls.sh --bootstrap-server {bootstrap_servers} --command-config admin.properties --add",
                f"--allow-principal {principal}",
                *(f"--operation {operation.value}" for operation in operations),
                "--cluster" if resource is Resource.CLUSTER else f"--{resource.value} {name}",
            )
        )
        for (principal, resource, name), operations in grouped.items()
    ]
