"""A worker for the tests of record batches: what it does is its first argument, what it did goes to a file.

Each line of the file is written at once with one system call, so that it outlives a kill -9.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import faust
from faust.cli.faust import cli

from streams.record_batches import (
    TP,
    Assignment,
    BatchLimits,
    Delivery,
    RecordBatches,
    deliveries,
    use_record_batches,
)
from streams.worker_end import ends_worker

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

BEHAVIOUR, BOOTSTRAP, TOPIC, GROUP, LOG = sys.argv[1:6]
GATE = Path(f"{LOG}.gate")
START = 50  # where the owner wants to begin
AGAIN = 10  # where it wants to go back to, once

app = faust.App(
    GROUP,
    broker=f"kafka://{BOOTSTRAP}",
    store="memory://",
    datadir=f"{LOG}.{os.getpid()}",
    web_enabled=False,
    topic_allow_declare=False,
    topic_disable_leader=True,
    consumer_auto_offset_reset="earliest",
    consumer_max_fetch_size=64 if BEHAVIOUR == "slow" else 4_096,  # one or a few of the producer's batches of 50
    broker_commit_interval=0.2,
    broker_session_timeout=6.0,
    broker_heartbeat_interval=0.5,
    broker_rebalance_timeout=10.0,
)
limits = BatchLimits(batch_records=20, records_in_flight=20 if BEHAVIOUR == "slow" else 200)
transport = use_record_batches(app, limits=limits)
topic = app.topic(TOPIC, schema=RecordBatches(positioned_by_owner=BEHAVIOUR == "owner"))
log_file = os.open(LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT)


def log(**line: object) -> None:
    os.write(log_file, json.dumps(line).encode() + b"\n")


def log_delivery(did: str, delivery: Delivery) -> None:
    batch = delivery.batch
    log(
        did=did,
        pid=os.getpid(),
        partition=batch.partition,
        offsets=[record.offset for record in batch.records],
        epoch=batch.epoch,
        at=time.monotonic(),
    )


async def finish_some_time(delivery: Delivery, random_: random.Random) -> None:
    # Some take several commit intervals, so that batches after them finish long before.
    await asyncio.sleep(0.8 if random_.random() < 0.04 else random_.random() * 0.05)
    log_delivery("finished", delivery)
    delivery.acknowledge()


async def out_of_order(stream: faust.StreamT) -> None:
    """Work on several batches at once, and finish them in any order."""
    random_ = random.Random(os.getpid())
    running: set[asyncio.Task[None]] = set()
    async for delivery in deliveries(stream):
        task = asyncio.create_task(finish_some_time(delivery, random_))
        running.add(task)
        task.add_done_callback(running.discard)
        await asyncio.sleep(0.01)


async def dropping(stream: faust.StreamT) -> None:
    """Clear Faust's queues now and then, as it does itself when partitions are revoked; hand others back."""
    seen = 0
    async for delivery in deliveries(stream):
        seen += 1
        if seen % 20 == 0:
            app.flow_control.clear()
            log(did="dropped")
        if seen % 13 == 0:
            log(did="handed back")
            delivery.hand_back()
            continue
        await asyncio.sleep(0.01)
        log_delivery("finished", delivery)
        delivery.acknowledge()


async def slow(stream: faust.StreamT) -> None:
    """Take longer for a batch than the client keeps a fetch back for it."""
    async for delivery in deliveries(stream):
        await asyncio.sleep(0.15)
        log_delivery("finished", delivery)
        delivery.acknowledge()


async def raising(stream: faust.StreamT) -> None:
    """Raise at a record that says so."""
    async for delivery in deliveries(stream):
        if any(record.value == b"raise" for record in delivery.batch.records):
            raise ValueError("the record says so")
        log_delivery("finished", delivery)
        delivery.acknowledge()


class Owners:
    """One task for each partition; `serve` gets the deliveries of one, and a generation for each assignment."""

    def __init__(self, serve: Callable[[TP, asyncio.Queue[Delivery | int]], Coroutine[None, None, None]]) -> None:
        self.serve = serve
        self.queues: dict[TP, asyncio.Queue[Delivery | int]] = {}
        self.tasks: list[asyncio.Task[None]] = []
        transport.listeners.append(self)

    def partitions_revoked(self, partitions: frozenset[TP]) -> None:
        log(did="revoked", partitions=[tp.partition for tp in partitions])

    def partitions_assigned(self, assignment: Assignment) -> None:
        for tp in assignment.partitions:
            log(did="assigned", partition=tp.partition, retained=tp in assignment.retained)
            if tp not in self.queues:
                self.queues[tp] = asyncio.Queue()
                self.tasks.append(asyncio.create_task(self.serve(tp, self.queues[tp])))
            self.queues[tp].put_nowait(assignment.generation)

    async def run(self, stream: faust.StreamT) -> None:
        async for delivery in deliveries(stream):
            self.queues[delivery.tp].put_nowait(delivery)


async def with_a_gate(tp: TP, queue: asyncio.Queue[Delivery | int]) -> None:
    """Wait at partition 0 until the gate file exists."""
    while True:
        item = await queue.get()
        if isinstance(item, int):
            continue
        while tp.partition == 0 and not GATE.exists():  # noqa: ASYNC240 - another process makes it
            log(did="numbers", in_flight=[n.records_in_flight for n in transport.partition_numbers()])
            await asyncio.sleep(0.1)
        log_delivery("finished", item)
        item.acknowledge()


async def as_owner(tp: TP, queue: asyncio.Queue[Delivery | int]) -> None:
    """Begin late at one's own place, and once go back while batches are on their way."""
    went_back = False
    while True:
        item = await queue.get()
        if isinstance(item, int):
            await asyncio.sleep(0.5)  # catching up; nothing may arrive meanwhile
            transport.reposition(tp, START, item)
            log(did="positioned", partition=tp.partition)
        elif item.is_stale:
            item.hand_back()
        else:
            log_delivery("finished", item)
            item.acknowledge()
            if not went_back and item.batch.last >= START + 60:
                went_back = True
                transport.reposition(tp, AGAIN, item.batch.generation)
                log(did="went back", partition=tp.partition)


owners = {"gated": with_a_gate, "owner": as_owner}
agents: dict[str, Callable[[faust.StreamT], Awaitable[None]]] = {
    "out-of-order": out_of_order,
    "dropping": dropping,
    "slow": slow,
    "raising": raising,
}
if BEHAVIOUR in owners:
    agents[BEHAVIOUR] = Owners(owners[BEHAVIOUR]).run


@app.agent(topic)
@ends_worker(app, grace_seconds=5.0)
async def agent(stream: faust.StreamT) -> None:
    await agents[BEHAVIOUR](stream)


if __name__ == "__main__":
    sys.argv[1:] = ["-A", "__main__:app", "worker", "-l", "warn", "--without-web"]  # it ignores web_enabled
    cli()
