"""The local broker, as its users meet it. Real Kafka throughout."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from incident_pipeline.broker import BOOTSTRAP_VARIABLE, BrokerError, LocalBroker, broker_for
from incident_pipeline.broker.jars import ensure_jars, jar_cache, read_lock
from incident_pipeline.broker.ports import HOST, free_port, is_free
from incident_pipeline.broker.readiness import answers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.broker


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("local-broker")


@pytest.fixture(scope="module")
def broker(directory: Path) -> Iterator[LocalBroker]:
    with LocalBroker(directory) as running:
        yield running


async def write(servers: str, topic: str, values: list[bytes]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 1, 1)])
    finally:
        await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=servers, acks="all") as producer:
        for value in values:
            await producer.send_and_wait(topic, value)


async def read(servers: str, topic: str, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer(bootstrap_servers=servers, enable_auto_commit=False)
    async with consumer:
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        return [(await consumer.getone()).value for _ in range(count)]


async def test_records_survive_a_clean_restart_on_the_same_address(broker: LocalBroker) -> None:
    before = broker.start()
    await write(before, "clean", [b"one", b"two"])
    assert broker.restart() == before
    assert await read(before, "clean", 2) == [b"one", b"two"]


async def test_acknowledged_records_survive_a_kill(broker: LocalBroker) -> None:
    servers = broker.start()
    await write(servers, "killed", [b"%d" % number for number in range(100)])
    broker.kill()
    assert not broker.is_running
    assert not answers(HOST, int(servers.rpartition(":")[2]))
    assert broker.restart() == servers
    assert await read(servers, "killed", 100) == [b"%d" % number for number in range(100)]


def test_another_start_on_the_same_directory_is_the_same_cluster_and_port(broker: LocalBroker, directory: Path) -> None:
    before = broker.start()
    cluster = (directory / "data" / "meta.properties").read_text("utf-8")
    broker.stop()
    with LocalBroker(directory) as again:
        assert again.bootstrap_servers == before
        assert (directory / "data" / "meta.properties").read_text("utf-8") == cluster


def test_a_mistyped_topic_is_not_made(broker: LocalBroker, directory: Path) -> None:
    broker.start()
    assert "auto.create.topics.enable=false" in (directory / "server.properties").read_text("utf-8").splitlines()


def test_a_taken_port_is_named_with_what_to_do(tmp_path: Path) -> None:
    with socket.create_server((HOST, free_port())) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BrokerError, match=rf"Port {port} on 127\.0\.0\.1 is taken.*--port"):
            LocalBroker(tmp_path, port=port).start()


def test_a_remembered_port_that_is_taken_gives_way_to_a_free_one(broker: LocalBroker, directory: Path) -> None:
    before = int(broker.start().rpartition(":")[2])
    broker.stop()
    with socket.create_server((HOST, before)), LocalBroker(directory) as again:
        assert again.bootstrap_servers != f"{HOST}:{before}"


def test_a_port_that_is_only_just_being_closed_is_waited_for(broker: LocalBroker) -> None:
    """A killed broker lets go of its directory a moment before its port."""
    before = broker.start()
    broker.stop()
    closing = socket.create_server((HOST, int(before.rpartition(":")[2])))
    soon = threading.Timer(0.5, closing.close)
    soon.start()
    assert broker.restart() == before
    soon.join()


def test_a_second_broker_on_the_directory_is_told_where_the_first_one_serves(
    broker: LocalBroker, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers = broker.start()
    monkeypatch.setattr("incident_pipeline.broker.local._PREDECESSOR_SECONDS", 0.2)
    with pytest.raises(BrokerError, match=f"Another broker is running on .* at {servers}"):
        LocalBroker(directory).start()
    assert broker.is_running


def test_a_broker_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from incident_pipeline.broker import LocalBroker\n"
        "print(LocalBroker(Path(sys.argv[1])).start(), flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        port = int(owner.stdout.readline().rpartition(":")[2])
        assert answers(HOST, port)
        owner.kill()
    deadline = time.monotonic() + 20
    while not is_free(port):
        assert time.monotonic() < deadline, "the broker outlived its owner by 20 s"
        time.sleep(0.1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_told_to_stop(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "incident_pipeline", "broker", "--directory", str(tmp_path)]
    environ = {name: value for name, value in os.environ.items() if name != BOOTSTRAP_VARIABLE}
    with subprocess.Popen(
        command,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().rpartition(":")[2])
        assert answers(HOST, port)
        process.send_signal(number)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Traceback" not in said
    assert is_free(port)


def test_a_cluster_that_the_user_named_is_used_and_nothing_is_started(tmp_path: Path) -> None:
    with broker_for(tmp_path / "kafka", environ={BOOTSTRAP_VARIABLE: "kafka.example:9092"}) as cluster:
        assert cluster.bootstrap_servers == "kafka.example:9092"
        assert cluster.local is None
    assert not (tmp_path / "kafka").exists()


def test_a_jar_that_differs_from_the_lock_is_refused(tmp_path: Path) -> None:
    jar = min(read_lock().jars, key=lambda jar: (jar_cache() / jar.file_name).stat().st_size)
    ensure_jars([jar], tmp_path)
    with (tmp_path / jar.file_name).open("ab") as file:
        file.write(b"more")
    with pytest.raises(BrokerError, match=rf"{jar.file_name} is not the file that was locked.*{jar.sha256}"):
        ensure_jars([jar], tmp_path)


def test_a_download_that_differs_from_the_lock_never_reaches_the_cache(tmp_path: Path) -> None:
    jar = min(read_lock().jars, key=lambda jar: (jar_cache() / jar.file_name).stat().st_size)
    other = type(jar)(jar.group, jar.artifact, jar.version, "0" * 64)
    with pytest.raises(BrokerError, match="is not the file that was locked"):
        ensure_jars([other], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_download_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://{HOST}:{free_port()}")
    with pytest.raises(BrokerError, match=r"Fetching .* failed: (.|\n)*HTTPS_PROXY(.|\n)*KAFKA_BOOTSTRAP_SERVERS"):
        ensure_jars(read_lock().jars[:1], tmp_path)


def test_a_full_disk_is_named_before_anything_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    with pytest.raises(BrokerError, match=r"is full: 1 MB are free and the broker needs 300 MB"):
        LocalBroker(tmp_path).start()
