"""A Kafka that is not there yet, goes away and comes back, or does not let a worker into its group."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest
from confluent_kafka import Consumer
from pipeline_world import OWN_BROKERS_SESSION_SECONDS, World

from incident_pipeline.broker import LocalBroker
from streams.worker_end import EXIT_AGENT_FAILED

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline_world import Worker

pytestmark = pytest.mark.broker

AWAY_SECONDS = 5
LINES_AT_MOST = 15


def lines(worker: Worker) -> list[dict[str, str]]:
    return [json.loads(line) for line in worker.log_path.read_text().splitlines()]


def report(number: int) -> tuple[bytes, bytes]:
    day = dt.date(2020, 3, 9) + dt.timedelta(days=number)
    value = {"source": "sample-desk", "report_id": str(number), "occurred_on": day.isoformat()}
    return b"sample-desk", json.dumps({**value, "violations": [{"place": "Saraqib"}]}).encode()


async def test_a_worker_waits_for_its_kafka_and_says_once_that_it_went_and_came_back(tmp_path: Path) -> None:
    broker = LocalBroker(tmp_path / "kafka")
    with broker:
        world = World(broker.bootstrap_servers, "", tmp_path, session_seconds=OWN_BROKERS_SESSION_SECONDS)
        await world.make_topics()
        broker.kill()
        try:
            worker = world.start_worker(start_wait_seconds=60)
            await world.until(lambda: bool(worker.logged("kafka.awaited")), "the worker waiting")
            await asyncio.to_thread(broker.restart)
            world.send([report(1)])
            await world.until_finished()
            assert len(worker.logged("kafka.awaited")) == 1

            known = len(lines(worker))
            broker.kill()
            await world.until(lambda: bool(worker.logged("kafka.gone")), "the broker being missed")
            await asyncio.sleep(AWAY_SECONDS)
            await asyncio.to_thread(broker.restart)
            await world.until(lambda: bool(worker.logged("kafka.back")), "the broker being there again")
            world.send([report(2)])
            await world.until_finished()
            told = [line for line in lines(worker) if line["event"].startswith("kafka.")]
            assert [line["event"] for line in told] == ["kafka.awaited", "kafka.gone", "kafka.back"], told
            _, gone, back = told
            assert gone["servers"] == back["servers"] == broker.bootstrap_servers
            assert int(back["away_seconds"]) >= AWAY_SECONDS - 1
            complaints = [line for line in lines(worker)[known:] if line["level"] in {"warning", "error"}]
            assert len(complaints) <= LINES_AT_MOST, [line["event"] for line in complaints]
            assert (await world.audit()).outcome.raw == 2
            assert await worker.stop() == 0
        finally:
            world.end()


async def test_a_worker_that_waits_in_vain_says_for_what_and_for_how_long(world: World) -> None:
    world.bootstrap_servers = "127.0.0.1:9"
    worker = world.start_worker(start_wait_seconds=2)
    worker.may_end = True
    assert await worker.ended() == 1
    assert "No Kafka answers at 127.0.0.1:9" in worker.tail()
    assert "Waited 2 s for one (start_wait_seconds)." in worker.tail()


async def test_a_worker_that_waits_is_stopped_at_once(world: World) -> None:
    world.bootstrap_servers = "127.0.0.1:9"
    worker = world.start_worker(start_wait_seconds=60)
    await world.until(lambda: bool(worker.logged("kafka.awaited")), "the worker waiting")
    assert await worker.stop(5) == 0


async def test_a_worker_that_its_group_refuses_ends_and_names_group_and_cause(world: World) -> None:
    other = Consumer({"bootstrap.servers": world.bootstrap_servers, "group.id": world.group})
    other.subscribe([world.topics.reports.name])
    try:
        while not other.assignment():
            other.poll(0)
            await asyncio.sleep(0.05)
        worker = world.start_worker()
        worker.may_end = True
        while worker.is_running:
            other.poll(0)
            await asyncio.sleep(0.05)
        assert worker.process.returncode == EXIT_AGENT_FAILED
        (failed,) = worker.logged("agent.failed")
        assert failed["agent"] == "membership"
        assert f"into the group {world.group} (InconsistentGroupProtocolError)" in failed["error"]
        assert "End that consumer" in failed["error"]
    finally:
        other.close()
    after = world.start_worker()
    await world.until(lambda: after.get("/readyz")[0] == 200, "a worker being let in")
    assert await after.stop() == 0
