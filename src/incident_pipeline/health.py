"""Whether a worker makes progress: what `/readyz` answers.

A process that is alive may still be stuck after a rebalance or a broker's restart. So ready means: nothing
waits, or the position moves; the broker's committed offset follows; the state is folded; no agent has ended.
The decision is a pure function of observed positions and a monotonic time in seconds, which is passed in.
"""

from __future__ import annotations

import enum

import msgspec


class HealthBounds(msgspec.Struct, frozen=True, kw_only=True):
    """How long a worker may take before it is not ready."""

    no_progress_seconds: float = 60.0
    """A batch takes some 50 ms; a minute covers a broker's restart and a slow acknowledgement."""

    commit_age_seconds: float = 300.0
    """Commits are every few seconds; a failed one is repeated with the next."""

    unobserved_seconds: float = 30.0
    """Positions are observed every few seconds; without that no other figure here can be trusted."""


class Obstacle(enum.StrEnum):
    """What keeps a worker from being ready."""

    NOT_JOINED = "not_joined"
    AGENT_FAILED = "agent_failed"
    RECOVERING = "recovering"
    NOT_OBSERVED = "not_observed"
    NO_PROGRESS = "no_progress"
    COMMIT_TOO_OLD = "commit_too_old"
    POSITION_GONE = "position_gone"
    TOPIC_REPLACED = "topic_replaced"
    PARTITIONS_ADDED = "partitions_added"
    RECORD_REFUSED = "record_refused"


HELD = (Obstacle.POSITION_GONE, Obstacle.TOPIC_REPLACED, Obstacle.PARTITIONS_ADDED, Obstacle.RECORD_REFUSED)
"""What a worker waits for a person with; the others may pass by themselves."""


class NotReadyReason(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One obstacle, where it is and what it is, for a person."""

    reason: Obstacle
    detail: str
    topic: str | None = None
    partition: int | None = None
    agent: str | None = None


class Ready(msgspec.Struct, frozen=True):
    """The worker makes progress on so many partitions (none: it stands by)."""

    partitions: int


class NotReady(msgspec.Struct, frozen=True):
    """The worker does not make progress; at least one reason."""

    reasons: tuple[NotReadyReason, ...]


class PartitionHealth(msgspec.Struct, frozen=True, kw_only=True):
    """What was last seen of one owned partition of an agent's input. Times are monotonic seconds."""

    topic: str
    partition: int
    observed_at_seconds: float
    first_position: int | None = None
    """Where the worker took the partition up; None while its state is still being folded from the log. What
    was left uncommitted below it needs no commit: that only says what may be forgotten."""
    position: int = 0
    """Offset of the next record to decide; everything before it is acknowledged."""
    end: int = 0
    """Offset after the partition's last record."""
    committed: int | None = None
    """The group's committed offset, as the broker tells it; None before the first commit."""
    waiting_since_seconds: float | None = None
    """Since when records wait without the position moving; None where none wait."""
    uncommitted_since_seconds: float | None = None
    """Since when the committed offset is behind without moving; None where it is not behind."""

    @property
    def recovering(self) -> bool:
        """Whether the state is still being folded from the log."""
        return self.first_position is None

    @property
    def lag(self) -> int:
        """Records that wait."""
        return max(0, self.end - self.position)

    def stalled_seconds(self, now_seconds: float) -> float:
        """How long records have waited without the position moving; 0 where none wait."""
        return _age(self.waiting_since_seconds, now_seconds)

    def commit_age_seconds(self, now_seconds: float) -> float:
        """How long the committed offset has been behind without moving; 0 where it is not behind."""
        return _age(self.uncommitted_since_seconds, now_seconds)

    def observe(self, *, position: int, end: int, committed: int | None, now_seconds: float) -> PartitionHealth:
        """Return the health after a look at the partition, whose recovery has ended."""
        first = position if self.first_position is None else min(position, self.first_position)
        uncommitted = position > first and (committed is None or committed < position)
        return PartitionHealth(
            topic=self.topic,
            partition=self.partition,
            observed_at_seconds=now_seconds,
            first_position=first,
            position=position,
            end=end,
            committed=committed,
            waiting_since_seconds=_since(
                self.waiting_since_seconds,
                now_seconds,
                pending=end > position,
                moved=self.recovering or position != self.position,
            ),
            uncommitted_since_seconds=_since(
                self.uncommitted_since_seconds,
                now_seconds,
                pending=uncommitted,
                moved=committed != self.committed,
            ),
        )


def _age(since_seconds: float | None, now_seconds: float) -> float:
    return 0.0 if since_seconds is None else max(0.0, now_seconds - since_seconds)


def _since(known_seconds: float | None, now_seconds: float, *, pending: bool, moved: bool) -> float | None:
    """Since when something waits without moving: from when it began to wait, not from the last move."""
    if not pending:
        return None
    return now_seconds if moved or known_seconds is None else known_seconds


class WorkerHealth(msgspec.Struct, frozen=True, kw_only=True):
    """What was last seen of a worker."""

    joined: bool = False
    """Partitions were assigned to it at least once, be it none."""
    failed: tuple[tuple[str, str], ...] = ()
    """(agent, what went wrong) of the agents that have ended."""
    held: tuple[NotReadyReason, ...] = ()
    """What is held until a person has decided how to go on."""
    partitions: tuple[PartitionHealth, ...] = ()


def readiness(health: WorkerHealth, now_seconds: float, bounds: HealthBounds | None = None) -> Ready | NotReady:
    """Decide whether the worker makes progress at a monotonic time."""
    bounds = bounds or HealthBounds()
    reasons = [
        NotReadyReason(reason=Obstacle.AGENT_FAILED, agent=agent, detail=f"The agent has ended: {what}")
        for agent, what in health.failed
    ]
    if not health.joined:
        detail = "The worker has not joined its consumer group yet; is the broker reachable?"
        reasons.append(NotReadyReason(reason=Obstacle.NOT_JOINED, detail=detail))
    reasons += health.held
    held = {(one.topic, one.partition) for one in health.held}
    for partition in health.partitions:
        if (partition.topic, partition.partition) not in held and (partition.topic, None) not in held:
            reasons += _obstacles(partition, now_seconds, bounds)
    return NotReady(tuple(reasons)) if reasons else Ready(len(health.partitions))


def _obstacles(partition: PartitionHealth, now_seconds: float, bounds: HealthBounds) -> list[NotReadyReason]:
    """Return what is in the way of one partition."""

    def obstacle(reason: Obstacle, detail: str) -> NotReadyReason:
        return NotReadyReason(reason=reason, detail=detail, topic=partition.topic, partition=partition.partition)

    if partition.recovering:
        return [obstacle(Obstacle.RECOVERING, "The state is being folded from the log.")]
    found = []
    unobserved = now_seconds - partition.observed_at_seconds
    if unobserved > bounds.unobserved_seconds:
        found.append(obstacle(Obstacle.NOT_OBSERVED, f"Nothing is known of its position since {unobserved:.0f} s."))
    stalled = partition.stalled_seconds(now_seconds)
    if stalled > bounds.no_progress_seconds:
        detail = (
            f"{partition.lag:,} records wait, and the position {partition.position} has not moved for {stalled:.0f} s."
        )
        found.append(obstacle(Obstacle.NO_PROGRESS, detail))
    age = partition.commit_age_seconds(now_seconds)
    if age > bounds.commit_age_seconds:
        detail = (
            f"The broker has taken no commit for {age:.0f} s: committed {partition.committed}, "
            f"position {partition.position}."
        )
        found.append(obstacle(Obstacle.COMMIT_TOO_OLD, detail))
    return found


class Progress:
    """What one worker has seen of itself: written by its agents, read by its endpoint."""

    def __init__(self) -> None:
        self._joined = False
        self._failed: dict[str, str] = {}
        self._held: dict[tuple[str, int | None], NotReadyReason] = {}
        self._partitions: dict[tuple[str, int], PartitionHealth] = {}

    def joined(self) -> None:
        """Partitions were assigned to this worker, be it none: it is a member of its group."""
        self._joined = True

    def assigned(self, topic: str, partition: int, now_seconds: float) -> None:
        """Note that a partition was assigned: its state is to be folded."""
        self._joined = True
        self._held.pop((topic, partition), None)
        self._partitions[topic, partition] = PartitionHealth(
            topic=topic, partition=partition, observed_at_seconds=now_seconds
        )

    def observe(
        self,
        topic: str,
        partition: int,
        *,
        position: int,
        end: int,
        committed: int | None,
        now_seconds: float,
    ) -> None:
        """Look at an assigned partition whose recovery has ended; one that is not assigned is left alone."""
        known = self._partitions.get((topic, partition))
        if known is not None:
            self._partitions[topic, partition] = known.observe(
                position=position, end=end, committed=committed, now_seconds=now_seconds
            )

    def revoked(self, topic: str, partition: int) -> None:
        """Note that a partition is no longer this worker's."""
        self._partitions.pop((topic, partition), None)
        self._held.pop((topic, partition), None)

    def hold(self, reason: Obstacle, detail: str, topic: str, partition: int | None = None) -> bool:
        """Note that a partition, or a whole topic, is held; a partition until it is assigned again or revoked.

        Return whether that is news.
        """
        held = NotReadyReason(reason=reason, detail=detail, topic=topic, partition=partition)
        is_news = self._held.get((topic, partition)) != held
        self._held[topic, partition] = held
        return is_news

    def let_go(self, topic: str, partition: int | None = None) -> None:
        """Note that it is held no longer."""
        self._held.pop((topic, partition), None)

    def agent_failed(self, agent: str, what: str) -> None:
        """Note that an agent has ended: the worker is not ready again."""
        self._failed[agent] = what

    @property
    def health(self) -> WorkerHealth:
        """What was last seen, partitions in order."""
        partitions = tuple(health for _, health in sorted(self._partitions.copy().items()))
        return WorkerHealth(
            joined=self._joined,
            failed=tuple(self._failed.items()),
            held=tuple(self._held.copy().values()),
            partitions=partitions,
        )
