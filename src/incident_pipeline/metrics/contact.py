"""Whether a worker may still take its partitions for its own: a stale one must not show what another shows by now.

Kafka takes a member's partitions away when it has not heard of it for the session's time. A worker that is cut off, or
that was stopped for a while, is not told; so its gauges end by themselves before that time is up, and come back once it
has either been assigned partitions again, or been in contact for longer than the answer to a heartbeat takes.
"""

from __future__ import annotations

from math import inf

_SURE_SHARE = 0.6
"""Of the session's time: the last heartbeat may be older than the last contact by a fifth of it."""
_SETTLING_SHARE = 0.5
"""Heartbeats go out every fifth of it."""


class Contact:
    """When this worker was last in contact with the cluster. Times are monotonic seconds."""

    __slots__ = ("_last", "_session_seconds", "_sure_from")

    def __init__(self, session_seconds: float) -> None:
        """`session_seconds`: after so long without a heartbeat Kafka gives a member's partitions to others."""
        self._session_seconds = session_seconds
        self._last = -inf
        self._sure_from = -inf

    def assigned(self, now_seconds: float) -> None:
        """Note that partitions were assigned: the group knows this worker."""
        self._last, self._sure_from = now_seconds, now_seconds

    def seen(self, now_seconds: float) -> None:
        """Note that the cluster answered. After a gap it is not known yet whether the group still knows this worker."""
        if now_seconds - self._last > self._sure_seconds:
            self._sure_from = now_seconds + self._session_seconds * _SETTLING_SHARE
        self._last = now_seconds

    def is_sure(self, now_seconds: float) -> bool:
        """Whether what this worker was assigned is surely no other's by now."""
        return now_seconds - self._last <= self._sure_seconds and now_seconds >= self._sure_from

    @property
    def _sure_seconds(self) -> float:
        return self._session_seconds * _SURE_SHARE
