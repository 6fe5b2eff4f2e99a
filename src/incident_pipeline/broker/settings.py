"""The local broker's settings, each with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["JVM_OPTIONS", "server_properties"]

JVM_OPTIONS: Final = (
    "-Xmx512m",  # ample for tests and benchmarks; the rest of the machine is the worker's
    "-XX:+UseSerialGC",  # one small heap: no collector threads beside the worker's core
    "-Djava.awt.headless=true",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSX",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
    # Says everything it is configured with at each start: 300 lines.
    "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.common.config=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaConfig=warn",
)


def server_properties(
    data: Path, host: str, port: int, controller_port: int, others: Mapping[str, str] | None = None
) -> str:
    """Render `server.properties` for one process that is broker and KRaft controller; `others` win over these."""
    settings = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "listeners": f"PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}",
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.bootstrap.servers": f"{host}:{controller_port}",
        "log.dirs": str(data),
        # Topics come from the catalogue, or not at all: a mistyped name is an error, not a new topic.
        "auto.create.topics.enable": "false",
        # One broker: nothing to replicate to.
        "default.replication.factor": "1",
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        # A handful of groups: 50 partitions each would only slow the first join.
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.num.partitions": "4",
        "share.coordinator.state.topic.num.partitions": "4",
        # After a kill -9 the broker is let in again once its old session has run out (9 s by default).
        "broker.session.timeout.ms": "4000",
        "broker.heartbeat.interval.ms": "500",
        # A group of one need not wait for others to join.
        "group.initial.rebalance.delay.ms": "0",
        # Tests kill workers, and wait for their sessions to run out (6 s at least by default).
        "group.min.session.timeout.ms": "1000",
        **(others or {}),
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())
