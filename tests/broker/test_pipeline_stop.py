"""SIGTERM at any moment of a worker's life: exit 0, within ten seconds; a second one ends it at once.

`STOP_TRIALS` is how many starts are stopped at a moment of chance (`make stop-trials`: 150); the suite does two.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import random
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pipeline_world import Worker, World

pytestmark = pytest.mark.broker

TRIALS = int(os.environ.get("STOP_TRIALS", "2"))
START_SECONDS = 5.0
"""From the first signal that can be heard until the worker has joined and recovered, on a loaded machine."""
STOP_SECONDS = 10.0


async def heard(world: World, worker: Worker, event: str) -> None:
    await world.until(lambda: bool(worker.logged(event)), event)


async def stop(worker: Worker) -> float:
    """Tell a worker to stop; give how long it took, in seconds."""
    began = time.monotonic()
    assert await worker.stop(STOP_SECONDS + 5) == 0, worker.tail()
    return time.monotonic() - began


@pytest.mark.parametrize("event", ["worker.started", "partition.recovered"])
async def test_a_worker_that_is_told_to_stop_at_a_step_of_its_start_does(world: World, event: str) -> None:
    world.start_worker()  # from whom it takes partitions
    worker = world.start_worker()
    await heard(world, worker, event)
    assert await stop(worker) < STOP_SECONDS


async def test_a_worker_that_is_told_to_stop_at_any_moment_does(world: World) -> None:
    chance = random.Random(os.environ.get("STOP_SEED", "7"))
    other = world.start_worker()
    await heard(world, other, "partition.recovered")
    send_reports(world)
    took = []
    for _ in range(TRIALS):
        worker = world.start_worker()
        await heard(world, worker, "worker.started")
        await asyncio.sleep(chance.uniform(0, START_SECONDS))
        took.append(await stop(worker))
        assert not worker.logged("agent.failed"), worker.tail()
    assert max(took) < STOP_SECONDS, sorted(took)
    assert other.is_running
    await world.until_finished()
    await world.audit()
    print(f"{len(took)} stops, the longest {max(took):.1f} s")  # noqa: T201 - what `make stop-trials` is run for


def hears_sigterm(worker: Worker) -> bool:
    """Whether the process has a handler of its own by now, as the kernel tells."""
    status = Path(f"/proc/{worker.process.pid}/status").read_text("ascii")
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells which signals a process hears")
async def test_a_worker_that_is_told_to_stop_before_it_has_begun_does(world: World) -> None:
    worker = world.start_worker()
    await world.until(lambda: hears_sigterm(worker), "a handler of the signal")
    assert await stop(worker) < STOP_SECONDS
    assert not worker.log_path.read_text()  # long before it could say anything


async def test_a_second_signal_ends_a_worker_whatever_keeps_it(world: World) -> None:
    worker = world.start_worker()
    await heard(world, worker, "partition.recovered")
    worker.may_end = True
    worker.pause()  # neither signal is acted on before both have come
    worker.process.send_signal(signal.SIGTERM)
    worker.process.send_signal(signal.SIGINT)
    began = time.monotonic()
    worker.go_on()
    assert await worker.ended(5) == 0
    assert time.monotonic() - began < 2
    assert not worker.logged("worker.stopping")


def send_reports(world: World) -> None:
    """Send something to do."""
    days = [dt.date(2020, 3, 9) + dt.timedelta(days=n) for n in range(300)]
    world.send(
        (
            f"sample-desk-{n % 8}".encode(),
            json.dumps(
                {
                    "source": f"sample-desk-{n % 8}",
                    "report_id": str(n),
                    "occurred_on": day.isoformat(),
                    "violations": [{"place": "Saraqib"}],
                }
            ).encode(),
        )
        for n, day in enumerate(days)
    )
