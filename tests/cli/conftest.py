"""What the tests of the command line share: running a command as a user types it, and logs that hold something."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import pytest
from aiokafka import AIOKafkaProducer

from incident_pipeline.cli.app import run
from incident_pipeline.cloudevents import alert_headers, event_headers
from incident_pipeline.codec import GENESIS, encode, link
from incident_pipeline.log.admin import apply_topics
from incident_pipeline.topics import Topics, load_topics

if TYPE_CHECKING:
    from pathlib import Path

    from incident_pipeline.alert import Alert
    from incident_pipeline.event import Event


class Ended(NamedTuple):
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


class Command(Protocol):
    def __call__(self, *arguments: str, stdin: bytes = b"") -> Ended: ...


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Run `incident-pipeline` with arguments, away from any configuration of this machine."""
    for name in ("KAFKA_BOOTSTRAP_SERVERS", "INCIDENT_PIPELINE_CONFIG", "INCIDENT_PIPELINE_TOPIC_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.chdir(tmp_path)

    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def run_command(*arguments: str, stdin: bytes = b"") -> Ended:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capfd.readouterr()
        try:
            code = run(arguments)
        finally:
            root.handlers[:], root.level = handlers, level  # as a process that ends leaves them
        return Ended(code, *capfd.readouterr())

    return run_command


@pytest.fixture
def topics(bootstrap_servers: str, topic_prefix: str) -> Topics:
    """Fresh topics as they must be."""
    wanted = load_topics(topic_prefix)
    asyncio.run(apply_topics(bootstrap_servers, wanted))
    return wanted


@pytest.fixture
def worker_command(bootstrap_servers: str, topic_prefix: str, tmp_path: Path) -> Callable[..., Ended]:
    """Run `incident-pipeline worker` in a process of its own, which is to end by itself."""

    def run_worker(*arguments: str) -> Ended:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("INCIDENT_PIPELINE_")}
        environment["KAFKA_BOOTSTRAP_SERVERS"] = bootstrap_servers
        environment["INCIDENT_PIPELINE_TOPIC_PREFIX"] = topic_prefix
        ended = subprocess.run(
            [sys.executable, "-m", "incident_pipeline", "worker", "--metrics-port", "0", *arguments],
            capture_output=True,
            check=False,
            cwd=tmp_path,
            env=environment,
            text=True,
            timeout=30,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    return run_worker


@pytest.fixture
def on_cluster(command: Command, bootstrap_servers: str, topic_prefix: str, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command on the session's Kafka, under this test's own prefix."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", bootstrap_servers)
    monkeypatch.setenv("INCIDENT_PIPELINE_TOPIC_PREFIX", topic_prefix)
    return command


Record = tuple[bytes | None, bytes | None, Sequence[tuple[str, bytes]]]
"""(key, value, headers)."""


@pytest.fixture
def append(bootstrap_servers: str) -> Callable[[str, Sequence[Record]], None]:
    """Append records to partition 0 of a topic."""

    async def send(topic: str, records: Sequence[Record]) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers, max_request_size=4 << 20)
        await producer.start()
        try:
            for key, value, headers in records:
                await producer.send_and_wait(topic, value, key=key, headers=list(headers), partition=0)
        finally:
            await producer.stop()

    return lambda topic, records: asyncio.run(send(topic, records))


def chained(records: Sequence[Event | Alert], headers_of: Callable[..., Any]) -> list[Record]:
    """Records that extend one another from the beginning of a chain."""
    previous = GENESIS
    chain: list[Record] = []
    for record in records:
        value = encode(record)
        record_id = link(previous, value)
        chain.append((record.theatre.encode(), value, headers_of(record, record_id, previous)))
        previous = record_id
    return chain


@pytest.fixture
def append_events(append: Callable[[str, Sequence[Record]], None], topics: Topics) -> Callable[..., None]:
    """Append events as the ledger does."""
    return lambda *events: append(topics.events.name, chained(events, event_headers))


@pytest.fixture
def append_alerts(append: Callable[[str, Sequence[Record]], None], topics: Topics) -> Callable[..., None]:
    """Append alerts as surveillance does."""
    return lambda *alerts: append(topics.alerts.name, chained(alerts, alert_headers))
