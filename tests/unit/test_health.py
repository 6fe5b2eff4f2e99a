"""Ready means making progress: the decision of `/readyz`, at times that the tests choose."""

from __future__ import annotations

from incident_pipeline.health import (
    HealthBounds,
    NotReady,
    NotReadyReason,
    Obstacle,
    Progress,
    Ready,
    readiness,
)

BOUNDS = HealthBounds(no_progress_seconds=60, commit_age_seconds=300, unobserved_seconds=30)


class Worker:
    """One partition of `lines`, looked at whenever a test says so."""

    def __init__(self) -> None:
        self.progress = Progress()
        self.progress.assigned("lines", 2, 0)

    def look(self, now: float, position: int, end: int, committed: int | None = None) -> None:
        self.progress.observe("lines", 2, position=position, end=end, committed=committed, now_seconds=now)

    def ready(self, now: float) -> Ready | NotReady:
        return readiness(self.progress.health, now, BOUNDS)

    def obstacles(self, now: float) -> list[Obstacle]:
        verdict = self.ready(now)
        return [reason.reason for reason in verdict.reasons] if isinstance(verdict, NotReady) else []


def test_a_worker_that_has_not_joined_its_group_is_not_ready() -> None:
    verdict = readiness(Progress().health, 0, BOUNDS)
    assert isinstance(verdict, NotReady)
    assert [reason.reason for reason in verdict.reasons] == [Obstacle.NOT_JOINED]


def test_a_worker_that_stands_by_without_partitions_is_ready() -> None:
    progress = Progress()
    progress.joined()
    assert readiness(progress.health, 0, BOUNDS) == Ready(0)


def test_a_partition_that_is_still_being_folded_is_not_ready_and_is_named() -> None:
    verdict = Worker().ready(10)
    assert verdict == NotReady(
        (
            NotReadyReason(
                reason=Obstacle.RECOVERING,
                topic="lines",
                partition=2,
                detail="The state is being folded from the log.",
            ),
        )
    )


def test_a_partition_without_lag_is_ready_however_long_nothing_comes() -> None:
    worker = Worker()
    for now in range(0, 10_000, 10):
        worker.look(now, position=50, end=50, committed=50)
    assert worker.ready(10_000) == Ready(1)


def test_lag_is_no_obstacle_while_the_position_moves() -> None:
    worker = Worker()
    for now in range(0, 1_000, 20):
        worker.look(now, position=now, end=1_000_000, committed=now)
        assert worker.obstacles(now) == []


def test_records_that_wait_without_progress_are_an_obstacle_after_the_bound_and_not_before() -> None:
    worker = Worker()
    worker.look(0, position=10, end=10, committed=10)
    for now in range(100, 161, 20):
        worker.look(now, position=10, end=12, committed=10)
        assert worker.obstacles(now) == [], "waiting began at 100, though the last move was before 0"
    worker.look(161, position=10, end=15, committed=10)
    verdict = worker.ready(161)
    assert isinstance(verdict, NotReady)
    assert verdict.reasons[0].reason is Obstacle.NO_PROGRESS
    assert verdict.reasons[0].partition == 2
    assert "5 records wait" in verdict.reasons[0].detail
    assert "position 10 has not moved for 61 s" in verdict.reasons[0].detail


def test_progress_makes_a_stalled_partition_ready_again() -> None:
    worker = Worker()
    worker.look(0, position=10, end=20, committed=10)
    worker.look(100, position=10, end=20, committed=10)
    assert worker.obstacles(100) == [Obstacle.NO_PROGRESS]
    worker.look(101, position=11, end=20, committed=11)
    assert worker.obstacles(101) == []


def test_a_seek_back_counts_as_movement() -> None:
    worker = Worker()
    worker.look(0, position=10, end=20, committed=10)
    worker.look(55, position=4, end=20, committed=10)
    worker.look(80, position=4, end=20, committed=10)
    assert worker.obstacles(80) == []


def test_a_commit_that_does_not_follow_is_an_obstacle_after_the_bound() -> None:
    worker = Worker()
    worker.look(0, position=10, end=10, committed=10)
    for now in range(10, 311, 10):
        worker.look(now, position=now + 10, end=now + 10, committed=10)
        assert worker.obstacles(now) == []
    worker.look(311, position=400, end=400, committed=10)
    assert worker.obstacles(311) == [Obstacle.COMMIT_TOO_OLD]
    worker.look(312, position=400, end=400, committed=390)
    assert worker.obstacles(312) == []


def test_a_group_that_never_commits_is_an_obstacle_too() -> None:
    worker = Worker()
    worker.look(0, position=0, end=5)
    for now in range(10, 311, 10):
        worker.look(now, position=now, end=now)
    worker.look(311, position=311, end=311)
    assert worker.obstacles(311) == [Obstacle.COMMIT_TOO_OLD]


def test_what_an_earlier_worker_left_uncommitted_is_no_obstacle() -> None:
    worker = Worker()
    for now in range(0, 1_000, 20):
        worker.look(now, position=500, end=500, committed=420)
    assert worker.ready(1_000) == Ready(1)


def test_positions_that_nobody_looks_at_are_an_obstacle() -> None:
    worker = Worker()
    worker.look(0, position=10, end=10, committed=10)
    assert worker.obstacles(30) == []
    assert worker.obstacles(31) == [Obstacle.NOT_OBSERVED]


def test_an_agent_that_has_ended_is_named_with_its_error() -> None:
    worker = Worker()
    worker.look(0, position=10, end=10, committed=10)
    worker.progress.agent_failed("ledger", "1,000 dead letters in a row")
    verdict = worker.ready(1)
    assert isinstance(verdict, NotReady)
    assert verdict.reasons == (
        NotReadyReason(
            reason=Obstacle.AGENT_FAILED,
            agent="ledger",
            detail="The agent has ended: 1,000 dead letters in a row",
        ),
    )


def test_a_revoked_partition_is_nobody_s_obstacle_and_late_looks_do_not_bring_it_back() -> None:
    worker = Worker()
    worker.progress.revoked("lines", 2)
    worker.look(1, position=1, end=9, committed=None)
    assert worker.ready(1_000) == Ready(0)


def test_every_obstacle_is_told_at_once_partitions_in_order() -> None:
    progress = Progress()
    for topic, partition in (("reports", 1), ("lines", 3), ("lines", 0)):
        progress.assigned(topic, partition, 0)
    verdict = readiness(progress.health, 0, BOUNDS)
    assert isinstance(verdict, NotReady)
    assert [(reason.topic, reason.partition) for reason in verdict.reasons] == [
        ("lines", 0),
        ("lines", 3),
        ("reports", 1),
    ]
