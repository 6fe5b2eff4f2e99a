"""When each source was last heard of: a fold of one partition of `events`."""

from __future__ import annotations

from collections.abc import Iterable

from incident_pipeline.event import Event, EventType
from incident_pipeline.limits import SOURCES_HEARD

__all__ = ["Heard", "HeardState"]

HeardState = tuple[tuple[str, str], ...]
"""(source, append time of its last report, RFC 3339 in UTC), for a snapshot."""


_DUPLICATED = EventType.REPORT_DUPLICATED


class Heard:
    """The newest report of each source, without regard to case. One that is sent again unchanged is no sign of life."""

    __slots__ = ("_last",)

    def __init__(self, state: Iterable[tuple[str, str]] = ()) -> None:
        """`state`: what `state()` gave at the position from which folding goes on."""
        self._last = dict(state)

    def apply(self, event: Event) -> None:
        """Fold an event that extends the chain."""
        report = event.report
        if report is None or event.type is _DUPLICATED:
            return
        last = self._last
        last[report.source.casefold()] = event.recorded_at
        if len(last) > SOURCES_HEARD:
            del last[min(last, key=lambda source: (last[source], source))]

    def last(self, source: str) -> str | None:
        """Append time of the last report of a source; None where it has sent none, or others many since."""
        return self._last.get(source.casefold())

    def state(self) -> HeardState:
        """Everything, in canonical order."""
        return tuple(sorted(self._last.items()))
