"""Kills, freezes and restarts in the middle of a load: each report is decided once, and the numbers are right.

What is right is known twice over: by how the load was made, and from deciding again what `lines` holds (`audit`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from pipeline_load import make_load, sectors_catalogue
from pipeline_world import OWN_BROKERS_SESSION_SECONDS, World

from incident_pipeline.broker import LocalBroker
from streams.worker_end import EXIT_AGENT_FAILED

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline_load import Load
    from pipeline_world import Audit, Worker

pytestmark = pytest.mark.broker


def assert_counted_once(audit: Audit, load: Load) -> None:
    assert audit.counts == load.counts
    assert {(alert.theatre, alert.day) for alert in audit.outcome.holding()} == load.alerts
    assert len(audit.outcome.letters.origins) == load.bad
    assert len(audit.outcome.counts.reports) == len(load.records) - load.bad


def serves(worker: Worker) -> int:
    """How many partitions a worker serves that is ready; none that is not."""
    status, body = worker.get("/readyz")
    return int(json.loads(body)["partitions"]) if status == 200 else 0


async def test_a_worker_that_is_killed_again_and_again_decides_each_report_once(sectors: World) -> None:
    world = sectors
    load = make_load(days=600)
    world.send(load.records)

    first = world.start_worker()
    await world.until(lambda: any(world.state.glob("*ledger*.snapshot")), "a first snapshot")
    first.kill()
    decided = await world.events_written()

    second = world.start_worker()
    await world.until_decided(decided + 1_000)
    second.kill()
    assert any(line["snapshot"] for line in second.logged("partition.recovered"))

    for file in world.state.glob("*.snapshot"):
        file.write_bytes(file.read_bytes()[:-20])
    decided = await world.events_written()
    third = world.start_worker()
    await world.until_decided(decided + 1_000)
    third.kill()
    assert third.logged("snapshot.unreadable")
    assert not any(line["snapshot"] for line in third.logged("partition.recovered"))

    for file in world.state.glob("*.snapshot"):
        file.unlink()
    decided = await world.events_written()
    last = world.start_worker()
    await world.until_finished()
    audit = await world.audit()
    assert_counted_once(audit, load)
    assert sum(len(chain) for chain in audit.events.values()) > decided + 500  # it was in the middle each time
    assert await last.stop() == 0


async def test_a_broker_that_is_killed_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    broker = LocalBroker(tmp_path / "kafka")
    with broker:
        world = World(broker.bootstrap_servers, "", tmp_path, session_seconds=OWN_BROKERS_SESSION_SECONDS)
        world.catalogue = sectors_catalogue(tmp_path / "catalogue")
        await world.make_topics()
        load = make_load(days=400)
        before, after = load.parts(2)
        world.send(before)
        worker = world.start_worker()
        try:
            await world.until_decided(1_500)
            broker.kill()
            broker.restart()
            worker.may_end = True
            world.send(after)
            if await world.ended_or_finished(worker):
                assert worker.process.returncode == EXIT_AGENT_FAILED  # it gave up in order, and is started again
                worker = world.start_worker()
                await world.until_finished()
            assert_counted_once(await world.audit(), load)
            assert await worker.stop() == 0
        finally:
            world.end()


async def test_workers_that_join_and_die_share_one_history(sectors: World) -> None:
    world = sectors
    load = make_load(days=400)
    before, after = load.parts(2)
    staying = world.start_worker()
    await world.until(lambda: staying.get("/readyz")[0] == 200, "the first worker being ready")
    dying = world.start_worker()
    world.send(before)
    await world.until(lambda: bool(dying.logged("partition.recovered")), "the second worker having a partition")
    world.send(after)
    dying.kill()
    await world.until_finished()
    assert_counted_once(await world.audit(), load)
    assert await staying.stop() == 0


async def test_a_worker_that_was_frozen_writes_what_counts_for_nobody(sectors: World) -> None:
    world = sectors
    load = make_load(days=500)
    world.send(load.records)
    frozen = world.start_worker()
    await world.until_decided(1_500)
    frozen.pause()  # in the middle of what it does, for longer than its session lasts
    other = world.start_worker()
    await world.until_finished()
    audit = await world.audit()
    assert_counted_once(audit, load)

    frozen.go_on()  # it finishes what it had in hand, on partitions that it does not have any more
    await world.until(lambda: serves(frozen) == serves(other) == 6, "the partitions being shared again")
    world.send(load.records[-500:])  # once more, for two: duplicates
    await world.until_finished()
    again = await world.audit()
    assert again.counts == load.counts
    assert all(again.values[name][: len(values)] == values for name, values in audit.values.items())
    assert await frozen.stop() == 0
    assert await other.stop() == 0
