"""What the rules find in one clause, before a text's repetitions are merged."""

from __future__ import annotations

import datetime as dt

import msgspec

UNSAID = "U0"
"""The type of a violation that is told as no more than one."""


class Found(msgspec.Struct):
    """One statement of one clause."""

    count: int | None
    sentence: int
    day: dt.date | None = None
    last_day: dt.date | None = None
    party: str | None = None
    voiced: bool = False
    """Somebody said it who is no party: nobody's registering."""
    groups: tuple[str, ...] = ()
    group_name: str | None = None
    against: tuple[str, ...] = ()
    place: str | None = None
    place_name: str | None = None
    settlement: bool = False
    """The place is known, and told below its province."""
    flags: tuple[str, ...] = ()
    type: str = UNSAID
    weapon: str | None = None
    minute: int | None = None
    low: int | None = None
    high: int | None = None
    implicit: bool = False
    """No number was told: one attack on one settlement."""
    total_of: int | None = None
    part_of: int | None = None
    by_place: bool = False
    """The number was told for a place."""
    summing: bool = False
    """ "… in all": a total of what was told before it."""
    checked: bool = False
    """It is a total only if it is the sum of what was told before it."""
    partial: bool = False
    """ "Of these, …": a part of what was told before it, whatever it is told for."""
    carried: bool = False
    """Its day is that of a sentence before."""
    all_days: bool = False
    """"On each of these days": holds for every day of the text."""
