"""The monitoring day: a local date in the mission's IANA zone, with the mission's cut-off time.

A mission that closes at 19:30 counts what happens after it to the next day: monitoring day D runs from the cut-off
of D-1 to the cut-off of D, local time. A cut-off in an hour that clocks repeat is its first time; one in an hour that
they skip is as long after the change as it would have been (03:30 is 04:30 where 03:00 became 04:00).
"""

from __future__ import annotations

import datetime as dt
import importlib.resources
from functools import lru_cache
from zoneinfo import ZoneInfo

UTC_DAY_SECONDS = 86_400
OFFSET_STEP_SECONDS = 900
"""Zones change their offset at full quarters of an hour; a few did so a minute later, which is then told as before."""
EPOCH_ORDINAL = dt.date(1970, 1, 1).toordinal()
_FIRST_UTC_DAY = 2 - EPOCH_ORDINAL
_LAST_UTC_DAY = dt.date.max.toordinal() - 2 - EPOCH_ORDINAL
_MIN_EPOCH_SECONDS = _FIRST_UTC_DAY * UTC_DAY_SECONDS
_MAX_EPOCH_SECONDS = _LAST_UTC_DAY * UTC_DAY_SECONDS
_CACHED_DAYS = 16_384
_NEAR_DAYS = 2
"""A date and the UTC days that its monitoring day may touch; some zones have skipped a whole day."""
_ONE_DAY = dt.timedelta(days=1)
MIDNIGHT_MINUTE = 1_440


def load_zone(name: str) -> ZoneInfo:
    """Return an IANA zone from the pinned `tzdata`, so that two machines agree on every past day.

    Raises ValueError where there is no such zone.
    """
    parts = name.split("/")
    if not all(part and part.replace("_", "").replace("-", "").replace("+", "").isalnum() for part in parts):
        raise ValueError(f"{name!r} is not the name of an IANA time zone")
    file = importlib.resources.files("tzdata").joinpath("zoneinfo", *parts)
    if not file.is_file():
        raise ValueError(f"{name!r} is not an IANA time zone (examples: Asia/Damascus, UTC)")
    with file.open("rb") as stream:
        return ZoneInfo.from_file(stream, key=name)


class MonitoringDays:
    """Calendar of one mission. Pure: the same instant always falls on the same day."""

    __slots__ = ("_dates", "_offsets", "_plain", "cutoff_minute", "zone")

    def __init__(self, time_zone: str, day_ends_at: str = "24:00") -> None:
        """`day_ends_at`: local `HH:MM`, 00:01 to 24:00."""
        self.zone = load_zone(time_zone)
        hours, minutes = day_ends_at.split(":")
        self.cutoff_minute = int(hours) * 60 + int(minutes)
        if not 0 < self.cutoff_minute <= MIDNIGHT_MINUTE:
            raise ValueError(f"day_ends_at {day_ends_at!r} must lie between 00:01 and 24:00")
        self._offsets: dict[int, int | None] = {}
        self._dates: dict[int, dt.date] = {}
        self._plain: dict[dt.date, bool] = {}

    def local(self, epoch_seconds: float) -> tuple[dt.date, int]:
        """Return local calendar date and minute of the day (0..1439) of an instant."""
        seconds = int(epoch_seconds // 1)
        if not _MIN_EPOCH_SECONDS <= seconds <= _MAX_EPOCH_SECONDS:
            seconds = max(_MIN_EPOCH_SECONDS, min(seconds, _MAX_EPOCH_SECONDS))
        utc_day = seconds // UTC_DAY_SECONDS
        try:
            offset = self._offsets[utc_day]
        except KeyError:
            offset = self._remember(utc_day)
        if offset is None:
            offset = self._offset(seconds - seconds % OFFSET_STEP_SECONDS)
        ordinal, rest = divmod(seconds + offset, UTC_DAY_SECONDS)
        date = self._dates.get(ordinal)
        if date is None:
            if len(self._dates) >= _CACHED_DAYS:
                self._dates.clear()
            date = self._dates[ordinal] = dt.date.fromordinal(ordinal + EPOCH_ORDINAL)
        return date, rest // 60

    def day(self, date: dt.date, minute: int | None) -> dt.date:
        """Return the monitoring day of a local date and, where it is told, minute of the day.

        A time that clocks show twice is taken for its first; who knows the instant asks `of`.
        """
        if minute is None:
            return date
        if not self._is_plain(date):
            hours, minutes = divmod(minute, 60)
            return self._first_day_that_ends_after(
                dt.datetime(date.year, date.month, date.day, hours, minutes, tzinfo=self.zone).timestamp(), date
            )
        return self._by_minute(date, minute)

    def of(self, epoch_seconds: float) -> dt.date:
        """Return the monitoring day of an instant: the first whose end lies after it."""
        date, minute = self.local(epoch_seconds)
        if self._is_plain(date):
            return self._by_minute(date, minute)
        return self._first_day_that_ends_after(epoch_seconds, date)

    def is_clear(self, epoch_seconds: float) -> bool:
        """Whether an instant's local minute, held against the cut-off, tells its monitoring day."""
        date, minute = self.local(epoch_seconds)
        return self._is_plain(date) or self.of(epoch_seconds) == self._by_minute(date, minute)

    def end_ms(self, day: dt.date) -> int:
        """Return the instant, in epoch milliseconds, at which a monitoring day ends."""
        return _end_ms(self.zone, self.cutoff_minute, day)

    def start_ms(self, day: dt.date) -> int:
        """Return the instant, in epoch milliseconds, at which a monitoring day begins."""
        return self.end_ms(day - _ONE_DAY) if day > dt.date.min else 0

    def _by_minute(self, date: dt.date, minute: int) -> dt.date:
        if minute < self.cutoff_minute:
            return date
        return date + _ONE_DAY if date < dt.date.max else date

    def _is_plain(self, date: dt.date) -> bool:
        """Whether no clock changes near a date, so that local time alone tells the monitoring day."""
        plain = self._plain.get(date)
        if plain is None:
            if len(self._plain) >= _CACHED_DAYS:
                self._plain.clear()
            utc_day = date.toordinal() - EPOCH_ORDINAL
            offsets = {self._offset_of(near) for near in range(utc_day - _NEAR_DAYS, utc_day + _NEAR_DAYS + 1)}
            plain = self._plain[date] = len(offsets) == 1 and None not in offsets
        return plain

    def _first_day_that_ends_after(self, epoch_seconds: float, date: dt.date) -> dt.date:
        day = date - _NEAR_DAYS * _ONE_DAY
        while self.end_ms(day) <= epoch_seconds * 1_000:
            day += _ONE_DAY
        return day

    def _offset_of(self, utc_day: int) -> int | None:
        utc_day = max(_FIRST_UTC_DAY, min(utc_day, _LAST_UTC_DAY))
        try:
            return self._offsets[utc_day]
        except KeyError:
            return self._remember(utc_day)

    def _remember(self, utc_day: int) -> int | None:
        """Cache a UTC day's offset in seconds; None where it changes within the day."""
        if len(self._offsets) >= _CACHED_DAYS:
            self._offsets.clear()
        first = utc_day * UTC_DAY_SECONDS
        offset = self._offset(first)
        steps = range(first, first + UTC_DAY_SECONDS, OFFSET_STEP_SECONDS)
        constant = all(self._offset(second) == offset for second in steps)
        self._offsets[utc_day] = offset if constant else None
        return self._offsets[utc_day]

    def _offset(self, epoch_seconds: int) -> int:
        offset = dt.datetime.fromtimestamp(epoch_seconds, self.zone).utcoffset()
        return 0 if offset is None else int(offset.total_seconds())


@lru_cache(maxsize=_CACHED_DAYS)
def _end_ms(zone: ZoneInfo, cutoff_minute: int, day: dt.date) -> int:
    if cutoff_minute == MIDNIGHT_MINUTE:
        day = day + dt.timedelta(days=1) if day < dt.date.max else day
        cutoff_minute = 0
    hours, minutes = divmod(cutoff_minute, 60)
    end = dt.datetime(day.year, day.month, day.day, hours, minutes, tzinfo=zone)
    return int(end.timestamp() * 1_000)
