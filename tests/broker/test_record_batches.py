"""Record batches on a real broker: nothing lost, nothing acknowledged early, and nobody waits for a slow partition."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from streams.worker_end import EXIT_AGENT_FAILED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from incident_pipeline.broker import Cluster

pytestmark = pytest.mark.broker

WORKER = Path(__file__).with_name("record_batch_worker.py")
PARTITIONS = 4


class Trial:
    """A topic of its own, workers of one behaviour on it, and what they did."""

    def __init__(self, bootstrap: str, prefix: str, directory: Path, behaviour: str) -> None:
        self.bootstrap = bootstrap
        self.topic = f"{prefix}input"
        self.group = f"{prefix}workers"
        self.log = directory / "did.jsonl"
        self.behaviour = behaviour
        self.workers: list[subprocess.Popen[bytes]] = []

    def start_worker(self) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            str(WORKER),
            self.behaviour,
            self.bootstrap,
            self.topic,
            self.group,
            str(self.log),
        ]
        with (self.log.parent / f"worker-{len(self.workers)}.log").open("wb") as output:
            worker = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        self.workers.append(worker)
        return worker

    def open_gate(self) -> None:
        Path(f"{self.log}.gate").touch()

    def stop(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()

    async def create_topic(self) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            await admin.create_topics([NewTopic(self.topic, PARTITIONS, 1)])
        finally:
            await admin.close()

    async def produce(self, each: int, value: bytes = b"record", partition: int | None = None) -> None:
        """Add so many records to each partition, or to the one."""
        async with AIOKafkaProducer(bootstrap_servers=self.bootstrap) as producer:
            for number in range(PARTITIONS) if partition is None else [partition]:
                for begin in range(0, each, 50):
                    batch = producer.create_batch()
                    for _ in range(begin, min(begin + 50, each)):
                        batch.append(key=b"key", value=value, timestamp=None)
                    await producer.send_batch(batch, self.topic, partition=number)
            await producer.flush()

    async def committed(self) -> dict[int, int]:
        """Return the group's committed offset of each partition; 0 for none."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, group_id=self.group, enable_auto_commit=False)
        await consumer.start()
        try:
            partitions = [TopicPartition(self.topic, number) for number in range(PARTITIONS)]
            consumer.assign(partitions)
            return {tp.partition: await consumer.committed(tp) or 0 for tp in partitions}
        finally:
            await consumer.stop()

    def lines(self) -> list[dict[str, Any]]:
        if not self.log.exists():
            return []
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def finished(self) -> Counter[tuple[int, int]]:
        """How often each (partition, offset) was finished."""
        return Counter(
            (line["partition"], offset)
            for line in self.lines()
            if line["did"] == "finished"
            for offset in line["offsets"]
        )

    def has_finished(self, each: int) -> bool:
        return len(self.finished()) >= each * PARTITIONS

    async def wait_until(self, holds: Callable[[], bool], seconds: float = 60.0) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                logs = "\n".join(
                    f"--- {path.name}\n{path.read_text()[-3000:]}" for path in self.log.parent.glob("*.log")
                )
                pytest.fail(f"not within {seconds:g} s; the last lines: {self.lines()[-5:]}\n{logs}")
            await asyncio.sleep(0.1)

    async def wait_for_commits(self, each: int) -> None:
        deadline = time.monotonic() + 20
        while (committed := await self.committed()) != dict.fromkeys(range(PARTITIONS), each):
            assert time.monotonic() < deadline, committed
            await asyncio.sleep(0.2)

    async def assert_nothing_is_acknowledged_early(self) -> None:
        committed = await self.committed()  # before the file: the other way round would prove nothing
        finished = self.finished()
        early = [
            (partition, offset)
            for partition, end in committed.items()
            for offset in range(end)
            if (partition, offset) not in finished
        ]
        assert not early


@pytest.fixture
def trial(request: pytest.FixtureRequest, kafka: Cluster, topic_prefix: str, tmp_path: Path) -> Iterator[Trial]:
    trial = Trial(kafka.bootstrap_servers, topic_prefix, tmp_path, request.param)
    asyncio.run(trial.create_topic())
    yield trial
    trial.stop()


def offsets_of(trial: Trial, partition: int) -> list[int]:
    return [
        offset
        for line in trial.lines()
        if line["did"] == "finished" and line["partition"] == partition
        for offset in line["offsets"]
    ]


@pytest.mark.parametrize("trial", ["out-of-order"], indirect=True)
async def test_batches_finished_out_of_order_are_all_committed_in_the_end(trial: Trial) -> None:
    await trial.produce(500)
    trial.start_worker()
    await trial.wait_until(lambda: trial.has_finished(500))
    await trial.wait_for_commits(500)
    assert set(trial.finished().values()) == {1}


@pytest.mark.parametrize("trial", ["out-of-order"], indirect=True)
async def test_workers_that_join_and_leave_in_order_repeat_nothing(trial: Trial) -> None:
    await trial.produce(1_500)
    first = trial.start_worker()
    await trial.wait_until(lambda: len(trial.finished()) > 400)
    second = trial.start_worker()
    each = 1_500
    while second.pid not in {line["pid"] for line in trial.lines()}:
        await trial.produce(100)
        each += 100
        await asyncio.sleep(0.1)
    await trial.assert_nothing_is_acknowledged_early()
    await trial.produce(500)
    first.send_signal(signal.SIGTERM)
    await trial.wait_until(lambda: trial.has_finished(each + 500))
    await trial.wait_for_commits(each + 500)
    assert set(trial.finished().values()) == {1}
    assert {line["pid"] for line in trial.lines()} == {first.pid, second.pid}


@pytest.mark.parametrize("trial", ["out-of-order"], indirect=True)
async def test_a_killed_worker_loses_nothing_and_has_acknowledged_nothing_early(trial: Trial) -> None:
    await trial.produce(1_500)
    first, second = trial.start_worker(), trial.start_worker()
    await trial.wait_until(lambda: len(trial.finished()) > 800)
    first.kill()
    second.kill()
    first.wait()
    second.wait()
    await trial.assert_nothing_is_acknowledged_early()
    done_before = len(trial.finished())
    assert done_before < 1_500 * PARTITIONS
    third = trial.start_worker()
    await trial.wait_until(lambda: trial.has_finished(1_500))
    await trial.wait_for_commits(1_500)
    repeated = sum(trial.finished().values()) - len(trial.finished())
    assert repeated <= 2 * 200 * PARTITIONS  # at most what was in flight
    assert third.poll() is None


@pytest.mark.parametrize("trial", ["dropping"], indirect=True)
async def test_batches_that_faust_drops_or_an_agent_hands_back_are_read_again_in_order(trial: Trial) -> None:
    await trial.produce(600)
    trial.start_worker()
    await trial.wait_until(lambda: trial.has_finished(600))
    await trial.wait_for_commits(600)
    assert {"dropped", "handed back"} <= {line["did"] for line in trial.lines()}
    for partition in range(PARTITIONS):
        assert offsets_of(trial, partition) == list(range(600))


@pytest.mark.parametrize("trial", ["gated"], indirect=True)
async def test_a_partition_that_waits_holds_up_no_other(trial: Trial) -> None:
    await trial.produce(1_000)
    trial.start_worker()
    await trial.wait_until(lambda: len(trial.finished()) == 1_000 * (PARTITIONS - 1))
    await asyncio.sleep(1.0)
    assert not offsets_of(trial, 0)
    assert (await trial.committed())[0] == 0
    in_flight = max(line["in_flight"][0] for line in trial.lines() if line["did"] == "numbers")
    assert 200 <= in_flight < 1_000  # full, and bounded: the limit plus one fetch of 50 at a time
    trial.open_gate()
    await trial.wait_until(lambda: trial.has_finished(1_000))
    await trial.wait_for_commits(1_000)
    assert offsets_of(trial, 0) == list(range(1_000))


@pytest.mark.parametrize("trial", ["slow"], indirect=True)
async def test_partitions_without_records_hold_up_no_slow_one(trial: Trial) -> None:
    await trial.produce(800, partition=0)
    trial.start_worker()
    await trial.wait_until(lambda: len(trial.finished()) == 800)
    did = [line["at"] for line in trial.lines()]
    assert did[-1] - did[0] < 1.6 * 0.15 * len(did)


@pytest.mark.parametrize("trial", ["owner"], indirect=True)
async def test_the_owner_decides_where_reading_begins_and_goes_on(trial: Trial) -> None:
    await trial.produce(300)
    trial.start_worker()
    expected = 300 - 10  # from where it went back to
    await trial.wait_until(lambda: len(trial.finished()) >= expected * PARTITIONS)
    await trial.wait_for_commits(300)
    for partition in range(PARTITIONS):
        did = [line for line in trial.lines() if line.get("partition") == partition]
        assert [line["did"] for line in did][:2] == ["assigned", "positioned"]  # silent until then
        back = next(index for index, line in enumerate(did) if line["did"] == "went back")
        before = [offset for line in did[2:back] for offset in line["offsets"]]
        after = [offset for line in did[back + 1 :] for offset in line["offsets"]]
        assert before == list(range(50, before[-1] + 1))
        assert after == list(range(10, 300))
        assert {line["epoch"] for line in did[2:back]}.isdisjoint(line["epoch"] for line in did[back + 1 :])


@pytest.mark.parametrize("trial", ["owner"], indirect=True)
async def test_a_retained_partition_is_announced_again_and_waits_for_its_owner(trial: Trial) -> None:
    await trial.produce(300)
    trial.start_worker()
    await trial.wait_until(lambda: len(trial.finished()) >= 290 * PARTITIONS)
    trial.start_worker()
    await trial.wait_until(lambda: any(line["did"] == "assigned" and line["retained"] for line in trial.lines()))
    await trial.wait_until(lambda: sum(line["did"] == "positioned" for line in trial.lines()) >= 2 * PARTITIONS)


@pytest.mark.parametrize("trial", ["raising"], indirect=True)
async def test_an_agent_that_raises_ends_its_worker_with_what_is_finished_committed(trial: Trial) -> None:
    await trial.produce(100)
    failing = trial.start_worker()
    await trial.wait_until(lambda: trial.has_finished(100))
    await trial.produce(1, value=b"raise", partition=0)
    begin = time.monotonic()
    assert await asyncio.to_thread(failing.wait, 15) == EXIT_AGENT_FAILED
    assert time.monotonic() - begin < 10
    assert "agent.failed" in (trial.log.parent / "worker-0.log").read_text()
    assert await trial.committed() == dict.fromkeys(range(PARTITIONS), 100)  # finished, and not the bad one
