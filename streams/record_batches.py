"""Record-batch topics: one Faust event per (partition, fetch), its value a list of raw records.

    app = faust.App("incident-pipeline", broker="kafka://...")
    transport = use_record_batches(app)                      # before the first topic or agent
    lines = app.topic("lines", schema=RecordBatches())

    @app.agent(lines)
    async def ledger(stream):
        async for delivery in deliveries(stream):
            ...                                              # delivery.batch.records
            delivery.acknowledge()                           # only this counts for the commit

Topics without the `RecordBatches` schema are left as Faust has them. Each behaviour of Faust and aiokafka
that is leaned on has a contract test; why it is done at all: docs/decisions/record-batches.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from faust.transport.drivers import aiokafka as driver

from streams.batch_consumer import BatchConsumer
from streams.record_batch import (
    TP,
    Assignment,
    BatchLimits,
    BatchObserver,
    NoObserver,
    PartitionListener,
    PartitionNumbers,
    RawRecord,
    RecordBatch,
    RecordBatches,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import faust
    from yarl import URL

__all__ = [
    "TP",
    "Assignment",
    "BatchLimits",
    "BatchObserver",
    "BatchTransport",
    "Delivery",
    "PartitionListener",
    "PartitionNumbers",
    "RawRecord",
    "RecordBatch",
    "RecordBatches",
    "deliveries",
    "use_record_batches",
]


class Delivery:
    """One batch in an agent's hands."""

    __slots__ = ("_event", "batch")

    def __init__(self, event: faust.EventT) -> None:
        self._event = event
        self.batch: RecordBatch = event.value

    @property
    def tp(self) -> TP:
        """The batch's topic and partition."""
        tp: TP = self._event.message.tp
        return tp

    @property
    def is_stale(self) -> bool:
        """Whether the partition was repositioned or reassigned since: drop the batch, by `hand_back`."""
        return bool(self._event.app.consumer.epoch(self.tp) != self.batch.epoch)

    def acknowledge(self) -> None:
        """Everything that the batch caused is acknowledged by Kafka: it may be committed."""
        self._event.app.consumer.finish(self._event.message)
        self._event.ack()

    def hand_back(self) -> None:
        """Nothing was done with the batch: whoever owns the partition reads it again."""
        _hand_back(self._event)


def _hand_back(event: faust.EventT) -> None:
    event.app.consumer.give_up(event.message)
    event.ack()  # lets a rebalance go on; the ticket stays unfinished


async def deliveries(stream: faust.StreamT) -> AsyncIterator[Delivery]:
    """Yield the batches of a stream: within an epoch in order, without a hole, and never a stale one."""
    async for event in stream.noack().events():
        if event.app.consumer.take(event.message):
            yield Delivery(event)
        else:
            _hand_back(event)


class BatchTransport(driver.Transport):
    """Faust's Kafka transport with record batches, and where the project asks about them."""

    Consumer = BatchConsumer

    def __init__(self, url: list[URL], app: faust.App, limits: BatchLimits, observer: BatchObserver) -> None:
        super().__init__(url, app)
        self.limits = limits
        self.observer = observer
        self.listeners: list[PartitionListener] = []

    def reposition(self, tp: TP, offset: int, generation: int) -> int | None:
        """As `BatchConsumer.reposition`."""
        epoch: int | None = self.app.consumer.reposition(tp, offset, generation)
        return epoch

    def hold(self, tp: TP) -> None:
        """As `BatchConsumer.hold`."""
        self.app.consumer.hold(tp)

    def partition_numbers(self) -> list[PartitionNumbers]:
        """As `BatchConsumer.partition_numbers`; empty before the worker has joined its group."""
        numbers: list[PartitionNumbers] = self.app.consumer.partition_numbers()
        return numbers


def use_record_batches(
    app: faust.App, *, limits: BatchLimits | None = None, observer: BatchObserver | None = None
) -> BatchTransport:
    """Give the app the record-batch transport. Call it right after `faust.App(...)`.

    Raises RuntimeError where a topic or an agent was declared before.
    """
    if app._transport is not None:  # noqa: SLF001 - Faust has no other way to ask
        raise RuntimeError("use_record_batches(app) comes too late: call it before the first topic or agent")
    transport = BatchTransport(app.conf.broker_consumer, app, limits or BatchLimits(), observer or NoObserver())
    app.transport = transport
    return transport
