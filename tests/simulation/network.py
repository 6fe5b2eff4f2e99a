"""What lies between a worker and the log: a produce that is on its way may land late, twice, unheard or never."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Sequence
from typing import Any

from incident_pipeline.log import MemoryLog, NewRecord
from incident_pipeline.owner import Outgoing


@dataclasses.dataclass(eq=False)
class Flight:
    """One Kafka batch on its way to one partition."""

    topic: str
    partition: int
    records: list[NewRecord]
    landed: Callable[[int, int], None]
    """Told base offset and end offset, once, if the acknowledgement arrives."""
    lost: Callable[[], None]
    """Told, once, if the client gives up waiting for it."""
    copies: int = 2
    """How often it may still land: the client sends again what was not acknowledged in time."""
    is_awaited: bool = True


class Network:
    """Batches on their way. Nothing is in order here but what a sender keeps in order by waiting."""

    def __init__(self, log: MemoryLog, rnd: random.Random) -> None:
        self.log = log
        self.flights: list[Flight] = []
        self._rnd = rnd

    def send(
        self,
        topic: str,
        partition: int,
        records: Sequence[Outgoing],
        landed: Callable[[int, int], None],
        lost: Callable[[], None],
    ) -> None:
        """Put a batch on its way."""
        new = [NewRecord(each.value, each.key, each.headers, each.timestamp_ms) for each in records]
        self.flights.append(Flight(topic, partition, new, landed, lost))

    def land(self, *, heard: bool, again: bool) -> None:
        """Let a batch land; `heard`: its sender is told; `again`: a copy of it may land later."""
        flight = self._rnd.choice(self.flights)
        base = self.log.append(flight.topic, flight.partition, flight.records)
        flight.copies -= 1
        if heard and flight.is_awaited:
            flight.is_awaited = False
            flight.landed(base, base + len(flight.records))
        if not again or not flight.copies:
            self.flights.remove(flight)
            self._give_up(flight)

    def lose(self) -> None:
        """Let a batch never land (again); a sender that still waits for it gives up."""
        flight = self._rnd.choice(self.flights)
        self.flights.remove(flight)
        self._give_up(flight)

    def give_up(self) -> None:
        """Let a sender give up, while its batch may still land."""
        self._give_up(self._rnd.choice(self.flights))

    @staticmethod
    def _give_up(flight: Flight) -> None:
        if flight.is_awaited:
            flight.is_awaited = False
            flight.lost()


def run(coroutine: Any) -> Any:
    """Run a coroutine that never truly waits: a log in memory answers at once."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    coroutine.close()
    raise AssertionError("A read of the log waited for records that nobody is about to write.")
