"""One task per partition, so that a partition that waits keeps none of the others waiting.

An owner of partitions looks like this:

    async def serve(lane: Lane) -> None:
        async for item in lane:
            if isinstance(item, Reassigned):
                ...  # catch up with the log
                transport.reposition(lane.tp, next_offset, item.generation)
            else:
                ...  # item.batch.records
                item.acknowledge()

    ledger_lanes = Lanes(app, transport, "lines", serve)

    @app.agent(lines)
    @ends_worker(app)
    async def ledger(stream):
        await ledger_lanes.run(stream)
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from streams.record_batches import TP, deliveries
from streams.worker_end import ends_worker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    import faust

    from streams.record_batches import Assignment, BatchTransport, Delivery

__all__ = ["Lane", "Lanes", "Reassigned"]


@dataclass(frozen=True, slots=True)
class Reassigned:
    """The partition is this worker's from here on: for the first time, or again after a rebalance.

    State may be kept over it, but others may have written meanwhile: catch up with the log first. Nothing of
    a partition that its owner positions is delivered before the next `reposition`.
    """

    generation: int
    retained: bool


class Lane:
    """What arrives for one partition, in order. Iterate over it in one task only."""

    def __init__(self, tp: TP, transport: BatchTransport) -> None:
        self.tp = tp
        self._transport = transport
        self._items: asyncio.Queue[Reassigned | Delivery] = asyncio.Queue()

    async def __aiter__(self) -> AsyncIterator[Reassigned | Delivery]:
        while True:
            item = await self._items.get()
            if isinstance(item, Reassigned) or not item.is_stale:
                yield item
            else:
                item.hand_back()

    def put(self, item: Reassigned | Delivery) -> None:
        """Add an item; how many wait is bounded by the batch limits in flight."""
        self._items.put_nowait(item)

    async def hold(self) -> NoReturn:
        """Serve the partition no further, until a person has decided: never returns, and works on nothing."""
        self._transport.hold(self.tp)
        async for item in self:
            self._transport.hold(self.tp)  # a rebalance lets it flow again
            if not isinstance(item, Reassigned):
                item.hand_back()
        raise AssertionError("a lane has no end")

    def hand_back(self) -> None:
        """Give back what waits here unserved, so that a rebalance waits only for the batch in hand."""
        while not self._items.empty():
            item = self._items.get_nowait()
            if not isinstance(item, Reassigned):
                item.hand_back()


class Lanes:
    """The lanes of one topic: `serve` runs for each partition from its assignment until it is lost.

    It is cancelled when the partition goes elsewhere or the worker stops, not while a batch is in its hands and
    the worker is healthy: a rebalance waits for that batch. If it raises or returns, the worker ends.
    """

    def __init__(
        self, app: faust.App, transport: BatchTransport, topic: str, serve: Callable[[Lane], Awaitable[None]]
    ) -> None:
        self.topic = topic
        self._app = app
        self._serve = serve
        self._transport = transport
        self._lanes: dict[TP, Lane] = {}
        self._tasks: dict[TP, asyncio.Task[None]] = {}
        transport.listeners.append(self)

    async def run(self, stream: faust.StreamT) -> None:
        """Hand each batch of the stream to its partition's lane."""
        try:
            async for delivery in deliveries(stream):
                lane = self._lanes.get(delivery.tp)
                if lane is None:
                    delivery.hand_back()
                else:
                    lane.put(delivery)
        finally:
            for tp in list(self._tasks):
                self._close(tp)

    def partitions_revoked(self, partitions: frozenset[TP]) -> None:
        """Empty the lanes: what is not begun is read again by whoever owns the partition next."""
        for tp in partitions & self._lanes.keys():
            self._lanes[tp].hand_back()

    def partitions_assigned(self, assignment: Assignment) -> None:
        """Open, close and notify lanes."""
        mine = {tp for tp in assignment.partitions if tp.topic == self.topic}
        for tp in self._lanes.keys() - mine:
            self._close(tp)
        for tp in mine:
            retained = tp in self._lanes
            if not retained:
                self._open(tp)
            self._lanes[tp].put(Reassigned(assignment.generation, retained))

    def _open(self, tp: TP) -> None:
        lane = self._lanes[tp] = Lane(tp, self._transport)
        name = f"{tp.topic}[{tp.partition}]"
        guarded = ends_worker(self._app, name=name)(self._serve)
        self._tasks[tp] = asyncio.create_task(guarded(lane), name=name)

    def _close(self, tp: TP) -> None:
        del self._lanes[tp]
        self._tasks.pop(tp).cancel()
