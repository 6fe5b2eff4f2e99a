"""A worker shows what it was assigned for as long as that is surely no other's."""

from __future__ import annotations

from incident_pipeline.metrics.contact import Contact

SESSION = 10.0


def test_what_is_assigned_is_shown_at_once_and_while_the_cluster_answers() -> None:
    contact = Contact(SESSION)
    assert not contact.is_sure(0)
    contact.assigned(100)
    assert contact.is_sure(100)
    for now in range(102, 200, 2):
        contact.seen(now)
        assert contact.is_sure(now + 2)


def test_a_worker_that_is_cut_off_shows_nothing_before_its_session_can_end() -> None:
    contact = Contact(SESSION)
    contact.assigned(100)
    contact.seen(104)
    heartbeat = 102  # sent every fifth of the session
    assert contact.is_sure(110)
    assert not contact.is_sure(110.1)
    assert heartbeat + SESSION > 110.1


def test_after_a_gap_it_waits_for_what_the_group_says() -> None:
    contact = Contact(SESSION)
    contact.assigned(100)
    contact.seen(130)  # stopped for half a minute, and awake again
    assert not contact.is_sure(130)
    contact.seen(132)
    contact.seen(134)
    assert not contact.is_sure(134.9)
    contact.seen(136)
    assert contact.is_sure(136)


def test_an_assignment_after_a_gap_ends_the_doubt() -> None:
    contact = Contact(SESSION)
    contact.assigned(100)
    contact.seen(130)
    contact.assigned(131)
    assert contact.is_sure(131)
