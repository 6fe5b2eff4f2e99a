"""Local time by addition: what must be added to a producer's time of day to have the mission's."""

from __future__ import annotations

import datetime as dt
from typing import Final

import msgspec

from incident_pipeline.days import EPOCH_ORDINAL, OFFSET_STEP_SECONDS, UTC_DAY_SECONDS, MonitoringDays

_FIRST: Final = dt.date(1970, 1, 2)
_LAST: Final = dt.date(2100, 1, 1)
"""Within these, seconds since 1970 with their microseconds are exact in a float, on which the long way relies."""


class CivilDay(msgspec.Struct, frozen=True, gc=False):
    """A calendar day as a producer's clock has it (a date and a fixed offset), seen from the mission."""

    date: dt.date
    midnight_ms: int
    """Its start, in milliseconds since 1970."""
    shift_minutes: int
    """From the producer's time of day to the mission's, all day long: below 0 or above 1439 is another date."""


def civil_day(date: dt.date, offset: dt.tzinfo | None, days: MonitoringDays) -> CivilDay | None:
    """Return a producer's day; None where no one shift holds all day, or for years that nobody reports of.

    None too where clocks change so that local time does not tell the monitoring day of every instant.
    """
    if not _FIRST <= date <= _LAST or not isinstance(offset, dt.timezone):
        return None
    midnight_s = (date.toordinal() - EPOCH_ORDINAL) * UTC_DAY_SECONDS - int(offset.utcoffset(None).total_seconds())
    shift = _shift_minutes(date, 0, midnight_s, days)
    first_quarter_s = -midnight_s % OFFSET_STEP_SECONDS
    for second in (59, *range(first_quarter_s, UTC_DAY_SECONDS, OFFSET_STEP_SECONDS)):  # 59: not by a part of a minute
        if _shift_minutes(date, second, midnight_s, days) != shift or not days.is_clear(midnight_s + second):
            return None
    return CivilDay(date, midnight_s * 1_000, shift)


def _shift_minutes(date: dt.date, second: int, midnight_s: int, days: MonitoringDays) -> int:
    local_date, local_minute = days.local(midnight_s + second)
    return (local_date - date).days * 1_440 + local_minute - second // 60
