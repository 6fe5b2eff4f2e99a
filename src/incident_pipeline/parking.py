"""Parked sources: those that send so much that cannot be used that somebody must look.

Parking decides nothing and holds no report back. Each unusable record of a parked source waits in the dead letters, as
all do; each usable one counts at once. What parking adds is a name for the page, and an end to a log line for each
record. Minutes are those of the broker's append times: a backlog of bad records from ten days is no flood, and reading
the same records again parks the same sources.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import msgspec

from incident_pipeline.limits import UNUSABLE_PER_SOURCE_MINUTE, WATCHED_SOURCES
from incident_pipeline.rejection import Reason

__all__ = ["NO_SOURCE", "OTHER_SOURCES", "Parking", "WatchedSource"]

NO_SOURCE: Final = "(no key)"
"""What records without a key, or whose key is no text, are watched as."""
OTHER_SOURCES: Final = "other"
_MINUTE_MS: Final = 60_000
_FORGOTTEN_MINUTES: Final = 60
"""After so many minutes without an unusable record a parked source may be forgotten, where room is needed."""


class WatchedSource(msgspec.Struct):
    """A source that has sent unusable records."""

    minute: int
    """Newest minute (append time, since 1970) with an unusable record."""
    handled_at_seconds: float = 0.0
    """When the newest of them was handled, on the worker's monotonic clock: for the metrics alone."""
    in_minute: int = 0
    """Unusable records within that minute."""
    past_limit: int | None = None
    """Newest minute in which there were too many; None where it is not parked."""
    reasons: Counter[Reason] = msgspec.field(default_factory=Counter)
    """Unusable records since the beginning of the minute in which it was parked."""


class Parking:
    """The sources of one partition of `reports` that send unusable records."""

    __slots__ = ("_limit", "_made_room_in", "_next_offset", "_watched", "_watched_at_most", "parked")

    def __init__(self, *, limit: int = UNUSABLE_PER_SOURCE_MINUTE, watched_at_most: int = WATCHED_SOURCES) -> None:
        """`limit`: unusable records of one source in a minute that do not park it yet."""
        self._limit = limit
        self._watched_at_most = watched_at_most
        self._watched: dict[str, WatchedSource] = {}
        self._next_offset = 0
        self._made_room_in = -1
        self.parked: dict[str, WatchedSource] = {}
        """By name of the source."""

    def rejected(
        self, source: str | None, reason: Reason, *, offset: int, appended_at_ms: int, handled_at_seconds: float = 0.0
    ) -> str | None:
        """Count an unusable record; give the name that is parked with it, if it is the one too many.

        A record that was counted before, and is read again after a rebalance, is not counted twice.
        """
        if offset < self._next_offset:
            return None
        self._next_offset = offset + 1
        minute = appended_at_ms // _MINUTE_MS
        name, watched = self._watch(NO_SOURCE if source is None else source, minute)
        if minute > watched.minute:
            watched.minute, watched.in_minute = minute, 0
            if watched.past_limit is None:
                watched.reasons.clear()
        watched.in_minute += 1
        watched.reasons[reason] += 1
        watched.handled_at_seconds = handled_at_seconds
        if watched.in_minute <= self._limit:
            return None
        newly = watched.past_limit is None
        watched.past_limit = watched.minute
        self.parked[name] = watched
        return name if newly else None

    def accepted(self, source: str | None, *, appended_at_ms: int, requeued: bool = False) -> WatchedSource | None:
        """Take note of a usable record; give what was known of its source where that is released by it.

        A source that mixes good and bad stays parked: it takes a usable record after a whole minute within the limit,
        or a usable one among those that a person has sent again.
        """
        name = NO_SOURCE if source is None else source
        parked = self.parked.get(name)
        if parked is None or parked.past_limit is None:
            return None
        if not requeued and appended_at_ms // _MINUTE_MS <= parked.past_limit + 1:
            return None
        del self.parked[name], self._watched[name]
        return parked

    def is_parked(self, source: str | None) -> bool:
        """Whether unusable records of a source are expected by now: no log line for each of them."""
        name = NO_SOURCE if source is None else source
        return name in self.parked or (name not in self._watched and OTHER_SOURCES in self.parked)

    def _watch(self, name: str, minute: int) -> tuple[str, WatchedSource]:
        """Give the entry that a source is counted under, `other` where there is no room for one of its own."""
        watched = self._watched.get(name)
        if watched is None and len(self._watched) >= self._watched_at_most:
            self._make_room(minute)
            if len(self._watched) >= self._watched_at_most:
                name = OTHER_SOURCES
                watched = self._watched.get(name)
        if watched is None:
            watched = self._watched[name] = WatchedSource(minute)
        return name, watched

    def _make_room(self, minute: int) -> None:
        """Forget, once a minute, what parks nobody any more: earlier minutes, and parked sources long silent."""
        if minute == self._made_room_in:
            return
        self._made_room_in = minute
        for name, watched in list(self._watched.items()):
            kept_minutes = _FORGOTTEN_MINUTES if name in self.parked else 0
            if watched.minute + kept_minutes < minute:
                del self._watched[name]
                self.parked.pop(name, None)
