"""Faust's own clients are the same user as ours, at the same servers."""

from __future__ import annotations

import pytest
from faust.transport.drivers.aiokafka import credentials_to_aiokafka_auth, server_list

from incident_pipeline.config import load_config
from incident_pipeline.log.connection import connect
from streams.app import configured_rules, create_app
from streams.credentials import faust_credentials

SECRET = "correct-horse"  # noqa: S105 - it is to reach the client and be shown by nothing


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"])
@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN", "OAUTHBEARER"])
def test_faust_is_told_what_our_clients_are_told(protocol: str, mechanism: str) -> None:
    environ = {"KAFKA_SECURITY_PROTOCOL": protocol}
    if protocol.startswith("SASL"):
        environ["KAFKA_SASL_MECHANISM"] = mechanism
        if mechanism == "OAUTHBEARER":
            environ["KAFKA_SASL_TOKEN_COMMAND"] = "print-token"  # noqa: S105 - a command
        else:
            environ |= {"KAFKA_SASL_USERNAME": "worker", "KAFKA_SASL_PASSWORD": SECRET}
    connection = connect(load_config(environ=environ))
    credentials = faust_credentials(connection)
    ours = connection.client_settings()
    told = credentials_to_aiokafka_auth(credentials)
    assert told == {name: ours[name] for name in told}
    assert told["security_protocol"] == protocol
    assert SECRET not in repr(credentials)


def test_servers_reach_faust_as_they_were_meant() -> None:
    config = load_config(environ={"KAFKA_BOOTSTRAP_SERVERS": "[::1]:9092, kafka-2.example:9093"})
    app = create_app(config, configured_rules(config))
    assert server_list(app.conf.broker_consumer, 9092) == ["[::1]:9092", "kafka-2.example:9093"]
