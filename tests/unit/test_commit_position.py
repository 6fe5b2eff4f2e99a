"""What may be committed of a partition whose batches finish in any order."""

from __future__ import annotations

import random

from streams.commit_position import CommitPosition, Ticket


class Batch:
    """Stands for whoever holds a batch; None in its place means that nobody does any more."""


def fetch(position: CommitPosition, first: int, last: int, *, at: float = 0.0, held: bool = True) -> Ticket:
    holder = Batch() if held else None
    return position.fetched(
        first, last, records=last - first + 1, size_bytes=100, now_seconds=at, is_alive=lambda: holder
    )


def starting_at(offset: int) -> CommitPosition:
    position = CommitPosition(1)
    position.begin(1, offset)
    return position


def test_nothing_may_be_committed_before_something_is_known() -> None:
    position = CommitPosition(1)
    assert position.finished is None
    assert position.position is None


def test_an_unread_partition_starts_at_its_first_record() -> None:
    position = CommitPosition(1)
    ticket = fetch(position, 7, 9)
    assert position.finished == 7
    position.finish(ticket)
    assert position.finished == 10


def test_the_first_unfinished_batch_decides() -> None:
    position = starting_at(0)
    first, second, third = fetch(position, 0, 9), fetch(position, 10, 19), fetch(position, 20, 29)
    position.finish(second)
    position.finish(third)
    assert position.finished == 0
    position.finish(first)
    assert position.finished == 30


def test_a_batch_finished_twice_counts_once() -> None:
    position = starting_at(0)
    first, _ = fetch(position, 0, 9), fetch(position, 10, 19)
    position.finish(first)
    position.finish(first)
    assert position.finished == 10
    assert position.records_in_flight == 10


def test_offsets_that_hold_nothing_are_skipped_but_not_ahead_of_their_batch() -> None:
    position = starting_at(0)
    ticket = fetch(position, 5, 9)  # 0..4 were compacted away
    assert (ticket.start, ticket.end) == (0, 10)
    assert position.finished == 0
    position.finish(ticket)
    assert position.finished == 10


def test_records_bytes_and_batches_in_flight_are_those_not_finished_in_order() -> None:
    position = starting_at(0)
    first, second = fetch(position, 0, 9), fetch(position, 10, 14)
    assert (position.records_in_flight, position.bytes_in_flight, position.batches_in_flight) == (15, 200, 2)
    position.finish(second)  # still in memory's way: it waits for the first
    assert (position.records_in_flight, position.batches_in_flight) == (15, 2)
    position.finish(first)
    assert (position.records_in_flight, position.bytes_in_flight, position.batches_in_flight) == (0, 0, 0)


def test_repositioning_forgets_what_is_outstanding_and_counts_the_past_as_finished() -> None:
    position = starting_at(0)
    old = fetch(position, 0, 9)
    position.begin(2, 500)
    assert (position.position, position.finished, position.batches_in_flight) == (500, 500, 0)
    position.finish(old)
    assert position.finished == 500
    assert not position.take(old)


def test_a_ticket_of_the_old_position_does_not_finish_the_same_offsets_of_the_new_one() -> None:
    position = starting_at(0)
    old = fetch(position, 0, 9)
    position.begin(2, 0)
    new = fetch(position, 0, 9)
    position.finish(old)
    assert position.finished == 0
    position.finish(new)
    assert position.finished == 10


def test_a_dropped_batch_is_noticed_once_everything_before_it_is_finished() -> None:
    position = starting_at(0)
    first = fetch(position, 0, 9)
    fetch(position, 10, 19, held=False)
    assert not position.is_lost()
    position.finish(first)
    assert position.is_lost()
    position.read_again(2)
    assert position.position == 10
    assert position.finished == 10
    assert not position.is_lost()


def test_a_batch_that_is_given_up_is_read_again_once_those_before_it_are_finished() -> None:
    position = starting_at(0)
    first, second = fetch(position, 0, 9), fetch(position, 10, 19)
    assert position.take(first)
    assert position.take(second)
    position.give_up(second)
    assert not position.is_lost()
    position.finish(first)
    assert position.is_lost()
    position.read_again(2)
    assert position.position == 10
    assert position.take(fetch(position, 10, 19))


def test_nothing_is_taken_after_a_batch_that_was_given_up() -> None:
    position = starting_at(0)
    first, second = fetch(position, 0, 9), fetch(position, 10, 19)
    assert position.take(first)
    position.give_up(first)
    assert not position.take(second)


def test_giving_up_a_batch_of_the_old_position_changes_nothing() -> None:
    position = starting_at(0)
    old = fetch(position, 0, 9)
    position.begin(2, 0)
    position.give_up(old)
    assert position.take(fetch(position, 0, 9))


def test_a_finished_batch_is_never_lost() -> None:
    position = starting_at(0)
    ticket = fetch(position, 0, 9, held=False)
    position.finish(ticket)
    assert not position.is_lost()


def test_batches_are_taken_in_order_and_none_after_a_hole() -> None:
    position = starting_at(0)
    first, second, third = fetch(position, 0, 9), fetch(position, 10, 19), fetch(position, 20, 29)
    assert position.take(first)
    assert not position.take(third)
    assert position.take(second)
    assert position.take(third)


def test_a_batch_is_taken_once() -> None:
    position = starting_at(0)
    ticket = fetch(position, 0, 9)
    assert position.take(ticket)
    assert not position.take(ticket)


def test_the_oldest_uncommitted_batch_tells_since_when_something_is_pending() -> None:
    position = starting_at(0)
    first, second = fetch(position, 0, 9, at=100.0), fetch(position, 10, 19, at=103.0)
    position.finish(first)
    position.finish(second)
    assert position.pending_since_seconds == 100.0
    position.record_commit(10, 105.0)
    assert (position.committed, position.committed_at_seconds) == (10, 105.0)
    assert position.pending_since_seconds == 103.0
    position.record_commit(20, 106.0)
    assert position.pending_since_seconds is None


def test_reading_again_keeps_since_when_the_finished_part_is_pending() -> None:
    position = starting_at(0)
    first = fetch(position, 0, 9, at=100.0)
    fetch(position, 10, 19, at=103.0, held=False)
    position.finish(first)
    position.read_again(2)
    assert position.pending_since_seconds == 100.0


def test_whatever_happens_the_commit_never_passes_an_unfinished_offset() -> None:
    for seed in range(300):
        random_ = random.Random(seed)
        position, epoch = starting_at(0), 1
        done: set[int] = set()
        open_tickets: list[Ticket] = []
        for _ in range(120):
            act = random_.random()
            if act < 0.4:
                first = (position.position or 0) + random_.randrange(3)
                done.update(range(position.position or 0, first))  # a gap holds nothing
                open_tickets.append(fetch(position, first, first + random_.randrange(5)))
            elif act < 0.9 and open_tickets:
                ticket = open_tickets.pop(random_.randrange(len(open_tickets)))
                position.finish(ticket)
                done.update(range(ticket.start, ticket.end))
            elif act < 0.95:
                epoch += 1
                position.read_again(epoch)  # the old tickets stay about, and may be finished late
            finished = position.finished
            assert finished is not None
            assert done.issuperset(range(finished)), seed


def test_a_hole_at_the_end_is_finished_with_the_batch_before_it() -> None:
    position = CommitPosition(epoch=1)
    position.begin(1, 0)
    ticket = position.fetched(0, 4, records=5, size_bytes=50, now_seconds=1.0, is_alive=object)
    position.passed(6, 1.0)  # the marker of a transaction
    assert (position.position, position.finished) == (6, 0)
    position.finish(ticket)
    assert position.finished == 6
    position.record_commit(6, 2.0)
    assert position.pending_since_seconds is None


def test_a_hole_with_no_batch_in_flight_is_finished_at_once() -> None:
    position = CommitPosition(epoch=1)
    position.passed(3, 1.0)
    assert (position.position, position.finished, position.pending_since_seconds) == (3, 3, 1.0)
    position.passed(2, 1.0)
    assert position.finished == 3
