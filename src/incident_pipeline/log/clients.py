"""The Kafka clients, all made here: from one `Connection`, and with two of their habits taken from them.

Looking at a topic never creates it; and what proves to a cluster who we are is never logged, at whatever level.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import aiokafka.admin.client
import aiokafka.client
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.metadata import MetadataRequest

from incident_pipeline.log.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CLIENT_ID", "admin_client", "consumer_client", "producer_client"]

CLIENT_ID: Final = "incident-pipeline"


class _LookingRequest(MetadataRequest):  # type: ignore[misc] # aiokafka carries no types
    """Asks for topics without having them made, which the client's own request does where a cluster permits it.

    A cluster's defaults are no topic of ours: one partition, kept for a week. Nor may a topic that somebody deletes
    come back by itself under a worker that reads it.
    """

    def __init__(self, topics: Sequence[str] | None = None) -> None:
        super().__init__(topics, allow_auto_topic_creation=False)


# Consumers and producers, Faust's too, ask from within: there is no setting for it.
aiokafka.client.MetadataRequest = _LookingRequest
aiokafka.admin.client.MetadataRequest = _LookingRequest


def _is_no_proof(record: logging.LogRecord) -> bool:
    """Whether a log record may be shown: at `debug` the client writes out each request, passwords and tokens too."""
    arguments = record.args if isinstance(record.args, tuple) else ()
    return not any(type(argument).__name__.startswith("SaslAuthenticate") for argument in arguments)


logging.getLogger("aiokafka.conn").addFilter(_is_no_proof)


def admin_client(connection: Connection) -> AIOKafkaAdminClient:
    """Make an admin client; it is not started."""
    return AIOKafkaAdminClient(**connection.client_settings(), client_id=CLIENT_ID)


def consumer_client(connection: Connection, **settings: Any) -> AIOKafkaConsumer:  # noqa: ANN401 - the client's own
    """Make a consumer; it is not started."""
    return AIOKafkaConsumer(**connection.client_settings(), client_id=CLIENT_ID, **settings)


def producer_client(connection: Connection, **settings: Any) -> AIOKafkaProducer:  # noqa: ANN401 - the client's own
    """Make a producer; it is not started."""
    return AIOKafkaProducer(**{"client_id": CLIENT_ID, **connection.client_settings(), **settings})
