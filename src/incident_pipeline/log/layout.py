"""What a topic is at this moment: its id, which no other topic ever has, and its number of partitions.

A topic that is deleted and made anew keeps its name and gets another id. The client's own metadata request is older
than ids (KIP-516), so here is the one that knows them; it makes no topic by asking.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    AbstractType,
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from io import BytesIO

    from aiokafka.admin import AIOKafkaAdminClient

__all__ = ["TopicLayout", "topic_layouts"]

_NO_ID = bytes(16)


class TopicLayout(msgspec.Struct, frozen=True):
    """A topic as the cluster has it."""

    id: str | None
    """22 characters, as Kafka's own tools write them; None from a cluster that knows none (before Kafka 2.8)."""
    partitions: int


class _Uuid(AbstractType[bytes]):  # type: ignore[misc]
    @classmethod
    def encode(cls, value: bytes) -> bytes:
        return value

    @classmethod
    def decode(cls, data: BytesIO) -> bytes:
        return data.read(16)


class _MetadataResponse(Response):  # type: ignore[misc]
    API_KEY = 3
    API_VERSION = 12
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32),
                ("host", CompactString("utf-8")),
                ("port", Int32),
                ("rack", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_id", CompactString("utf-8")),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("name", CompactString("utf-8")),
                ("id", _Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("in_sync", CompactArray(Int32)),
                        ("offline", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _MetadataRequestStruct(RequestStruct):  # type: ignore[misc]
    FLEXIBLE_VERSION: ClassVar[bool] = True
    API_KEY = 3
    API_VERSION = 12
    RESPONSE_TYPE = _MetadataResponse
    SCHEMA = Schema(
        ("topics", CompactArray(("id", _Uuid), ("name", CompactString("utf-8")), ("tags", TaggedFields))),
        ("allow_auto_topic_creation", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class _MetadataRequest(Request[_MetadataRequestStruct]):  # type: ignore[misc]
    API_KEY = 3

    def __init__(self, names: Iterable[str]) -> None:
        self._names = list(names)

    def build(self, request_struct_class: type[_MetadataRequestStruct]) -> _MetadataRequestStruct:
        return request_struct_class([(_NO_ID, name, {}) for name in self._names], False, False, {})


async def topic_layouts(admin: AIOKafkaAdminClient, names: Iterable[str]) -> dict[str, TopicLayout]:
    """Ask what these topics are; one that does not exist is left out. Raises `KafkaError`."""
    response = await admin._send_request(_MetadataRequest(names))  # noqa: SLF001 - the one door to requests of our own
    entries: list[dict[str, Any]] = response.to_object()["topics"]
    return {
        entry["name"]: TopicLayout(_text(entry["id"]), len(entry["partitions"]))
        for entry in entries
        if entry["error_code"] == 0
    }


def _text(uuid: bytes) -> str | None:
    return None if uuid == _NO_ID else base64.urlsafe_b64encode(uuid).decode().rstrip("=")
