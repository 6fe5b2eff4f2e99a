"""What is taken from the Kafka client: topics made by looking, and secrets in its log."""

from __future__ import annotations

import logging

import aiokafka.admin.client
import aiokafka.client
import pytest
from aiokafka.conn import log as connection_log
from aiokafka.protocol.admin import SaslAuthenticateRequest
from aiokafka.protocol.metadata import MetadataRequest, MetadataRequest_v5

from incident_pipeline.log import clients


@pytest.mark.parametrize("module", [aiokafka.client, aiokafka.admin.client])
@pytest.mark.parametrize("topics", [None, ["reports"]])
def test_every_client_asks_for_topics_without_making_them(module: object, topics: list[str] | None) -> None:
    assert clients.CLIENT_ID
    asked = module.MetadataRequest(topics).build(MetadataRequest_v5)  # type: ignore[attr-defined]
    assert asked.topics == topics
    assert asked.allow_auto_topic_creation is False


def test_the_client_itself_would_make_them() -> None:
    assert MetadataRequest(["reports"]).build(MetadataRequest_v5).allow_auto_topic_creation is True


def test_no_module_of_the_client_keeps_the_request_that_makes_topics() -> None:
    import sys

    holding = {
        name
        for name, module in sys.modules.items()
        if name.startswith(("aiokafka", "faust"))
        and not name.startswith("aiokafka.protocol")
        and getattr(module, "MetadataRequest", None) is MetadataRequest
    }
    assert holding <= {"faust.transport.drivers.aiokafka"}, (
        "which asks for brokers alone, and never for a topic by name"
    )


def test_a_request_that_proves_who_we_are_is_not_logged_and_others_are(caplog: pytest.LogCaptureFixture) -> None:
    proof = SaslAuthenticateRequest(b"\0user\0correct-horse").prepare({36: (0, 1)})
    other = MetadataRequest(["reports"]).prepare({3: (0, 5)})
    assert "correct-horse" in repr(proof), "the client would log it"
    with caplog.at_level(logging.DEBUG, connection_log.name):
        for request in (proof, other):
            connection_log.debug("Request to %s:%d %d: %s", "kafka.example", 9093, 1, request)
    assert "correct-horse" not in caplog.text
    assert "MetadataRequest" in caplog.text
