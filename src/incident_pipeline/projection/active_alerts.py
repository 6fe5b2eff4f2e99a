"""The alerts that are active, folded from one partition of `alerts`.

An alert of an open day is active until it is cleared, at the latest when its day closes. One of a day that was over
already (raised late, or restated) has nothing to close it: it stays active for a while after it was recorded, so that
people see it, and only that looks at a clock.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

import msgspec

from incident_pipeline.alert import Alert, AlertType, Series
from incident_pipeline.codec import time_ms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LATE_ALERT_SECONDS: Final = 86_400
"""How long an alert on a day that was closed already stays active: a shift of each crew sees it."""


class ActiveAlert(msgspec.Struct, frozen=True):
    """A day of a series that is past its rule's threshold."""

    rule: str
    series: Series
    day: str
    theatre: str
    severity: str
    late: bool
    recorded_at_ms: int
    count: int = 0
    """The day's count when this was said."""
    limit: int = 0
    """The smallest count that is abnormal."""
    backfilled: bool = False

    def is_active(self, now_ms: float) -> bool:
        """Whether it still is, at a time."""
        return not self.late or now_ms - self.recorded_at_ms < LATE_ALERT_SECONDS * 1_000


Key = tuple[str, Series, str]
"""(rule, series, day)"""


class ActiveAlerts:
    """The fold. It holds the alerts of open days, and the late ones of a day: as few as surveillance itself."""

    __slots__ = ("_late", "_open")

    def __init__(self, state: Iterable[ActiveAlert] = ()) -> None:
        """`state`: what `state()` gave at the position from which folding goes on."""
        self._open: dict[Key, ActiveAlert] = {}
        self._late: OrderedDict[Key, ActiveAlert] = OrderedDict()
        """In the order in which they were recorded."""
        for alert in sorted(state, key=lambda alert: alert.recorded_at_ms):
            (self._late if alert.late else self._open)[alert.rule, alert.series, alert.day] = alert

    def apply(self, alert: Alert) -> None:
        """Fold an alert that extends the chain."""
        key = (alert.rule, alert.series, alert.day)
        self._open.pop(key, None)
        self._late.pop(key, None)
        if alert.type is AlertType.CLEARED or not alert.verdict.abnormal:
            return
        late = alert.late or alert.type is AlertType.RESTATED
        active = ActiveAlert(
            alert.rule,
            alert.series,
            alert.day,
            alert.theatre,
            alert.severity,
            late,
            time_ms(alert.recorded_at),
            alert.count,
            alert.verdict.limit or 0,
            alert.backfilled,
        )
        if late:
            self._forget_late(active.recorded_at_ms)
        (self._late if late else self._open)[key] = active

    def at(self, now_ms: float) -> Iterator[ActiveAlert]:
        """Yield the alerts that are active at a time (epoch milliseconds)."""
        both = (*self._open.values(), *self._late.values())
        return (alert for alert in both if alert.is_active(now_ms))

    def state(self) -> tuple[ActiveAlert, ...]:
        """Return everything, for a snapshot, in canonical order."""
        both = (*self._open.values(), *self._late.values())
        return tuple(sorted(both, key=lambda alert: (alert.day, alert.rule, alert.series.text)))

    def _forget_late(self, recorded_at_ms: int) -> None:
        """Drop the late alerts that nobody will find active any more: they stand first."""
        while self._late:
            key, first = next(iter(self._late.items()))
            if first.is_active(recorded_at_ms):
                return
            del self._late[key]
