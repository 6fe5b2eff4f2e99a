"""What a report tells, with names resolved but nothing judged: where structured fields and text meet.

`structured` and `reading` produce these values; `understand` makes lines of them (monitoring day, truce in force,
zone, totals against parts, who repeats whom).
"""

from __future__ import annotations

import datetime as dt
from typing import Final

import msgspec

from incident_pipeline.line import UNSPECIFIED

GROUP_UNKNOWN: Final = "group_unknown"
TYPE_UNKNOWN: Final = "type_unknown"
ONE_TYPE_ONLY: Final = "one_type_only"
"""Flags of a statement that names a group, a type that no catalogue has; of a none of one type."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One statement: about violations (`count` of them), about none (`count` 0), about unnumbered ones (`None`)."""

    against: tuple[str, ...] = ()
    casualties: tuple[int | None, int | None, int | None] | None = None
    count: int | None
    count_high: int | None = None
    count_low: int | None = None
    day: dt.date | None
    """None: the text does not say; the report's own date holds."""
    last_day: dt.date | None = None
    """Last day of a statement about several days."""
    flags: tuple[str, ...] = ()
    group_name: str | None = None
    """As written, where no known group has that name."""
    groups: tuple[str, ...] = ()
    """Group ids, any of them; empty: not told."""
    itemised: bool = False
    """The text tells of one incident (a time, a town, or a type of its own), not a number."""
    minute: int | None = None
    monitoring_day: dt.date | None = None
    """Where local date and minute do not tell it: in an hour that clocks show twice."""
    party: str | None = None
    """Id, name or alias of the party that registered it; None: the report's own party."""
    place: str | None = None
    """Place id; None: not told."""
    place_name: str | None = None
    """As written, where the place is not known or was only nearly matched."""
    point: tuple[float, float] | None = None
    """Latitude and longitude, where they are told as exact."""
    total_of: int | None = None
    """Number of the enumeration that this is the stated total of."""
    part_of: int | None = None
    """Number of the enumeration that this is a part of."""
    type: str = UNSPECIFIED
    weapon: str | None = None


class ToldActivity(msgspec.Struct, frozen=True, kw_only=True):
    """An activity of the truce."""

    count: int | None
    day: dt.date | None
    flags: tuple[str, ...] = ()
    kind: str
    party: str | None = None
    place: str | None = None
    place_name: str | None = None
    """As written, where the place is not known or was only nearly matched."""


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """All that one report tells."""

    activities: tuple[ToldActivity, ...] = ()
    flags: tuple[str, ...] = ()
    statements: tuple[Told, ...] = ()
