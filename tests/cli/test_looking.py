"""Looking creates nothing, on a cluster that makes any topic asked for: no command and no worker has one made."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from confluent_kafka import Producer

from incident_pipeline.broker import LocalBroker
from incident_pipeline.log.admin import delete_topics
from incident_pipeline.log.kafka import open_admin
from incident_pipeline.topics import load_topics

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .conftest import Command

pytestmark = pytest.mark.broker

OURS = {topic.name for topic in load_topics()}
PATIENCE_SECONDS = 60.0
REPORT = {
    "source": "sample-observer-a",
    "report_id": "1",
    "occurred_on": "2020-03-11",
    "violations": [{"type": "K3", "place": "Saraqib"}],
}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker with Kafka's own default: a topic that is asked for is made."""
    directory = tmp_path_factory.mktemp("making")
    with LocalBroker(directory, settings={"auto.create.topics.enable": "true"}) as broker:
        yield broker.bootstrap_servers


@pytest.fixture
def on_it(command: Command, servers: str, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", servers)
    return command


def topics_of(servers: str) -> set[str]:
    async def listed() -> set[str]:
        async with open_admin(servers) as admin:
            return set(await admin.list_topics())

    return {name for name in asyncio.run(listed()) if not name.startswith("__")}


def test_the_cluster_does_make_topics_that_others_ask_for(servers: str) -> None:
    producer = Producer({"bootstrap.servers": servers})
    producer.produce("asked-for-by-others", b"x")
    assert producer.flush(20) == 0
    assert "asked-for-by-others" in topics_of(servers)


@pytest.mark.parametrize(
    "arguments",
    [["topics", "diff"], ["send"], ["counts"], ["alerts"], ["dead-letters", "list"], ["worker"]],
    ids=" ".join,
)
def test_no_command_makes_a_topic_by_looking(
    on_it: Command, servers: str, tmp_path: Path, arguments: list[str]
) -> None:
    reports = tmp_path / "reports.jsonl"
    reports.write_text(json.dumps(REPORT) + "\n", "utf-8")
    ended = on_it(*arguments, *([str(reports)] if arguments == ["send"] else []))
    assert ended.code in {1, 3}
    assert "missing" in ended.out + ended.err or "There is no topic" in ended.err
    assert not topics_of(servers) & OURS


@contextmanager
def worker_on(servers: str, log_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "incident_pipeline", "worker", "--metrics-port", "0"],
            cwd=log_path.parent,
            env=os.environ | {"KAFKA_BOOTSTRAP_SERVERS": servers},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.kill()  # without its topics there is nothing that it could end in order
        process.wait()


def test_a_topic_that_is_deleted_does_not_come_back_under_a_worker(
    on_it: Command, servers: str, tmp_path: Path
) -> None:
    assert on_it("topics", "apply").code == 0
    assert on_it("topics", "diff").code == 0, "what was made before by looking would differ"
    reports, log = tmp_path / "reports.jsonl", tmp_path / "worker.log"
    reports.write_text(json.dumps(REPORT) + "\n", "utf-8")
    with worker_on(servers, log):
        assert on_it("send", str(reports)).code == 0
        deadline = time.monotonic() + PATIENCE_SECONDS
        while "2020-03-11" not in on_it("counts", "--csv").out:  # all of its clients are at work
            assert time.monotonic() < deadline, log.read_text()[-2000:]
            time.sleep(0.2)
        asyncio.run(delete_topics(servers, ["lines", "dead-letters"]))
        gone_at = time.monotonic()
        while time.monotonic() < gone_at + 5.0:  # its clients ask again at once, and go on asking
            assert not topics_of(servers) & {"lines", "dead-letters"}
            time.sleep(0.5)
