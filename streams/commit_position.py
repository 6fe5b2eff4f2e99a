"""Which offset of one partition may be committed, and which batches of it are in flight.

Pure bookkeeping: no Faust, no Kafka, no clock. The cost is per batch, never per record.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CommitPosition", "Ticket"]


_NONE_ANY_MORE = -1  # a serial number that no ticket has


def _nobody() -> None:
    """Nobody holds the batch."""


class Ticket:
    """One fetched batch, from the fetch until it is finished.

    `start` is where reading stood before the batch, `end` where it stood after it: offsets between `start`
    and the first record, and between the last one and `end`, hold nothing (compaction, transaction markers).
    """

    __slots__ = (
        "end",
        "epoch",
        "fetched_at_seconds",
        "finished",
        "is_alive",
        "records",
        "serial",
        "size_bytes",
        "start",
    )

    def __init__(
        self,
        *,
        epoch: int,
        serial: int,
        start: int,
        end: int,
        records: int,
        size_bytes: int,
        fetched_at_seconds: float,
        is_alive: Callable[[], object],
    ) -> None:
        self.epoch = epoch
        self.serial = serial
        self.start = start
        self.end = end
        self.records = records
        self.size_bytes = size_bytes
        self.fetched_at_seconds = fetched_at_seconds
        self.is_alive = is_alive
        self.finished = False


class CommitPosition:
    """The batches of one partition between its first unfinished offset and its reading position.

    The first unfinished batch decides what may be committed: one finished before its predecessor waits for
    it. Every restart (a seek, a re-read, a new assignment) has an epoch of its own, and a ticket of another
    epoch is ignored wherever it turns up. Within an epoch batches are taken in order and without a hole.
    """

    __slots__ = (
        "_next_serial",
        "_next_taken",
        "_tickets",
        "_uncommitted",
        "bytes_in_flight",
        "committed",
        "committed_at_seconds",
        "epoch",
        "finished",
        "position",
        "records_in_flight",
    )

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        #: Next offset to read; None until it is known.
        self.position: int | None = None
        #: First offset that is not known to be finished: what may be committed. None until it is known.
        self.finished: int | None = None
        self.committed: int | None = None
        self.committed_at_seconds: float | None = None
        self.records_in_flight = 0
        self.bytes_in_flight = 0
        self._tickets: deque[Ticket] = deque()
        self._uncommitted: deque[tuple[int, float]] = deque()  # (end, fetched at), oldest first
        self._next_serial = 0
        self._next_taken = 0

    @property
    def batches_in_flight(self) -> int:
        """Batches fetched and not finished, counting those that wait behind an unfinished one."""
        return len(self._tickets)

    @property
    def pending_since_seconds(self) -> float | None:
        """When the oldest batch that is not committed yet was fetched; None where all are."""
        return self._uncommitted[0][1] if self._uncommitted else None

    def begin(self, epoch: int, offset: int) -> None:
        """Read from `offset` on. Everything before it counts as finished; what was in flight is forgotten."""
        self._forget(epoch)
        self.finished = offset
        self.position = offset
        self._uncommitted.clear()

    def read_again(self, epoch: int) -> None:
        """Read from the first unfinished offset again; what was in flight is forgotten."""
        self._forget(epoch)
        self.position = self.finished
        while self._uncommitted and (self.finished is None or self._uncommitted[-1][0] > self.finished):
            self._uncommitted.pop()

    def fetched(
        self,
        first: int,
        last: int,
        *,
        records: int,
        size_bytes: int,
        now_seconds: float,
        is_alive: Callable[[], object],
    ) -> Ticket:
        """Enter the batch `first`..`last`; `is_alive()` is None once nobody can finish it any more."""
        start = first if self.position is None else self.position
        if self.finished is None:
            self.finished = start
        ticket = Ticket(
            epoch=self.epoch,
            serial=self._next_serial,
            start=start,
            end=last + 1,
            records=records,
            size_bytes=size_bytes,
            fetched_at_seconds=now_seconds,
            is_alive=is_alive,
        )
        self._next_serial += 1
        self.position = ticket.end
        self.records_in_flight += records
        self.bytes_in_flight += size_bytes
        self._tickets.append(ticket)
        self._uncommitted.append((ticket.end, now_seconds))
        return ticket

    def passed(self, offset: int, now_seconds: float) -> None:
        """Note that reading has come to `offset`, and that nothing is there between the last record and it.

        Markers of transactions, aborted records and what compaction took away have offsets too: they are finished with
        the batch before them, or at once where none is in flight.
        """
        if self.position is not None and offset <= self.position:
            return
        self.position = offset
        if self._tickets:
            self._tickets[-1].end = offset
        else:
            self.finished = offset
        self._uncommitted.append((offset, now_seconds))

    def take(self, ticket: Ticket) -> bool:
        """Whether the batch may be worked on: it is of this epoch, and every batch before it was taken."""
        if ticket.epoch != self.epoch or ticket.serial != self._next_taken:
            return False
        self._next_taken += 1
        return True

    def give_up(self, ticket: Ticket) -> None:
        """Hand the batch back unfinished: it is read again, and nothing after it is taken before."""
        ticket.is_alive = _nobody
        if ticket.epoch == self.epoch:
            self._next_taken = _NONE_ANY_MORE

    def finish(self, ticket: Ticket) -> None:
        """Everything that the batch caused is acknowledged. A ticket of another epoch changes nothing."""
        if ticket.epoch != self.epoch:
            return
        ticket.finished = True
        tickets = self._tickets
        while tickets and tickets[0].finished:
            head = tickets.popleft()
            self.records_in_flight -= head.records
            self.bytes_in_flight -= head.size_bytes
            self.finished = head.end

    def is_lost(self) -> bool:
        """Whether the first unfinished batch was dropped by everybody: only reading it again helps."""
        return bool(self._tickets) and self._tickets[0].is_alive() is None

    def record_commit(self, offset: int, now_seconds: float) -> None:
        """Note that the broker has taken `offset`."""
        self.committed = offset
        self.committed_at_seconds = now_seconds
        while self._uncommitted and self._uncommitted[0][0] <= offset:
            self._uncommitted.popleft()

    def _forget(self, epoch: int) -> None:
        self.epoch = epoch
        self._tickets.clear()
        self.records_in_flight = 0
        self.bytes_in_flight = 0
        self._next_serial = 0
        self._next_taken = 0
