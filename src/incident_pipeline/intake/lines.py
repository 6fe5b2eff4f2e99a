"""One told statement as a line or as quiet days: its kind, whether it counts, and the fields of the record."""

from __future__ import annotations

import datetime as dt
from typing import Final

import msgspec

from incident_pipeline.catalogue.catalogue import Catalogue, Speaker
from incident_pipeline.catalogue.places import PlaceFlag
from incident_pipeline.intake.told import GROUP_UNKNOWN, ONE_TYPE_ONLY, TYPE_UNKNOWN, Told, ToldActivity
from incident_pipeline.intake.totals import NO_ROLE, TOTAL_MISMATCH, TotalRole
from incident_pipeline.line import AT_POINT, UNSPECIFIED, Line, LineKind, NotCounted, Quiet

QUIET_DAYS_MAX: Final = 31
"""A statement that nothing happened speaks for each of its days, up to a month of them."""
LARGEST_WRITTEN: Final = 2**53 - 1
"""Largest integer that every reader of JSON keeps; a text may hold any digits, and they are not counted anyway."""
_UNPLACED: Final = frozenset(flag for flag in PlaceFlag if flag.is_unplaced)
_OUTSIDE: Final = frozenset({PlaceFlag.OUTSIDE, PlaceFlag.SWAPPED})
_NONE_OF: Final = {
    GROUP_UNKNOWN: NotCounted.GROUP_UNKNOWN,
    TYPE_UNKNOWN: NotCounted.TYPE_UNKNOWN,
    ONE_TYPE_ONLY: NotCounted.ONE_TYPE_ONLY,
}
_ITEM: Final = LineKind.ITEM
_AGGREGATE: Final = LineKind.AGGREGATE
_ONE_DAY: Final = dt.timedelta(days=1)


class Statement(msgspec.Struct, frozen=True, gc=False):
    """A told statement with its day, place, speaker and role made out."""

    told: Told
    day: dt.date
    """Local date; the first of several."""
    last_day: dt.date | None
    minute: int | None
    place: str
    speaker: Speaker
    counted_on: dt.date
    """Monitoring day; of several days that of the last."""
    not_counted: NotCounted | None = None
    """Why the report itself lets nothing of it count."""
    role: TotalRole = NO_ROLE


def line_of(one: Statement, catalogue: Catalogue, index: int) -> Line:
    """Return a statement as the line with this index, counted or with the reason why not."""
    told, speaker, role, place = one.told, one.speaker, one.role, one.place
    day = one.last_day or one.day
    count = min(told.count or 0, LARGEST_WRITTEN)
    days = None
    if one.last_day is not None and one.last_day != one.day:
        days = (one.day.isoformat(), one.last_day.isoformat())
    line = Line(
        attribution="|".join(told.groups) or speaker.against,
        count=count,
        day=one.counted_on.isoformat(),
        index=index,
        kind=_kind(one, catalogue),
        minute=one.minute,
        neighbourhood=catalogue.places.neighbourhoods[place],
        not_counted=_not_counted(one, day, catalogue, several_days=days is not None),
        party=speaker.party,
        place=catalogue.places.paths[place],
        raw=count if role.raw is None else role.raw,
        retold=speaker.retold,
        type=told.type,
        weapon=told.weapon,
    )
    rare = _rarely_told(one, days)
    if rare is None:
        return line
    unknown = unknown_place(told, catalogue, as_number=line.kind is _AGGREGATE)
    if unknown:
        rare |= {"neighbourhood": unknown, "place": f"{line.place}/{unknown}"}
    return msgspec.structs.replace(line, **rare)


def unknown_place(told: Told | ToldActivity, catalogue: Catalogue, *, as_number: bool) -> str:
    """Return the id of a place that the catalogue does not have, so that no two of them are taken for one; "" for none.

    It lies in the known place that was named around it. A single incident at a point needs none: it is told from
    others by its distance.
    """
    if _UNPLACED.isdisjoint(told.flags) or not _OUTSIDE.isdisjoint(told.flags):
        return ""
    if isinstance(told, Told) and told.total_of is not None:
        return ""  # several villages together, in the place around them
    if isinstance(told, Told) and told.point is not None:
        return f"{AT_POINT}{told.point[0]:.2f},{told.point[1]:.2f}" if as_number else ""
    return catalogue.unknown_places[told.place_name or ""]


def _rarely_told(one: Statement, days: tuple[str, str] | None) -> dict[str, object] | None:
    """Return the fields that few lines have: leaving them out makes the others several times cheaper to build."""
    told = one.told
    if (
        not told.flags
        and told.point is None
        and not one.speaker.flags
        and not told.against
        and days is None
        and told.casualties is None
        and told.count_high is None
        and told.count_low is None
        and told.group_name is None
        and told.place_name is None
        and not one.speaker.increment
        and not one.role.mismatch
    ):
        return None
    return {
        "against": "|".join(told.against) or None,
        "casualties": told.casualties,
        "corroborates": not one.speaker.flags,
        "count_high": told.count_high,
        "count_low": told.count_low,
        "days": days,
        "flags": (*told.flags, *one.speaker.flags, *((TOTAL_MISMATCH,) if one.role.mismatch else ())),
        "group_name": told.group_name,
        "increment": one.speaker.increment,
        "place_name": told.place_name,
        "point": told.point,
    }


def _kind(one: Statement, catalogue: Catalogue) -> LineKind:
    """Return what a statement is: an item where it tells of one incident, with enough to know it by.

    A village that the catalogue does not know is a place told, and so is a point.
    """
    told = one.told
    if not told.itemised or told.count != 1:
        return _AGGREGATE
    place_told = one.place in catalogue.places.below_province or (
        told.point is not None or not _UNPLACED.isdisjoint(told.flags)
    )
    return kind_of(one.minute, told.type, place_told=place_told)


def kind_of(minute: int | None, code: str, *, place_told: bool) -> LineKind:
    """Return ITEM for one incident told with at least two of: time of day, place below the province, type."""
    type_told = code != UNSPECIFIED
    is_item = (place_told and type_told) if minute is None else (place_told or type_told)
    return _ITEM if is_item else _AGGREGATE


def _not_counted(one: Statement, day: dt.date, catalogue: Catalogue, *, several_days: bool) -> NotCounted | None:
    """Return the first reason, of those that hold, why a line is in no count."""
    reason = _out_of_force(one, day, catalogue) or one.not_counted
    if reason is not None:
        return reason
    if not catalogue.counts_type(one.told.type):
        return NotCounted.TYPE_NOT_COUNTED
    if several_days:
        return NotCounted.DAYS_WITHOUT_NUMBERS
    if one.told.count is None:
        return NotCounted.NUMBER_NOT_STATED
    if one.told.count > catalogue.rules.limits.count_max:
        return NotCounted.NUMBER_BEYOND_LIMIT
    return NotCounted.CHECK_ONLY if one.role.check_only else None


def _out_of_force(one: Statement, day: dt.date, catalogue: Catalogue) -> NotCounted | None:
    if not _OUTSIDE.isdisjoint(one.told.flags):
        return NotCounted.OUTSIDE_ZONE
    return catalogue.not_in_force(one.place, day, one.minute)


def surplus_of(total: Line, one: Statement, catalogue: Catalogue, index: int) -> Line:
    """Return the home theatre's aggregate that carries the surplus of a total over several theatres."""
    home = one.speaker.home
    return msgspec.structs.replace(
        total,
        count=one.role.home_count,
        count_high=None,
        count_low=None,
        index=index,
        neighbourhood=catalogue.neighbourhood(home),
        not_counted=None if total.not_counted is NotCounted.CHECK_ONLY else total.not_counted,
        place=catalogue.place_path(home),
        point=None,
        raw=one.role.home_raw,
    )


def quiet_of(one: Statement, catalogue: Catalogue, index: int) -> list[Quiet]:
    """Return a quiet statement for each day: "none from the 9th to the 11th" is a number for every one of them."""
    span = 0 if one.last_day is None else (one.last_day - one.day).days
    first = one.counted_on - span * _ONE_DAY
    unknown = _says_nothing_known(one.told)
    too_long = span >= QUIET_DAYS_MAX
    found = []
    for step in range(1 if too_long else span + 1):
        day = first + step * _ONE_DAY
        not_counted = _out_of_force(one, day, catalogue) or one.not_counted or unknown
        if not_counted is None and too_long:
            not_counted = NotCounted.DAYS_WITHOUT_NUMBERS
        quiet = Quiet(
            attribution="|".join(one.told.groups) or one.speaker.against,
            corroborates=not one.speaker.flags,
            day=day.isoformat(),
            index=index + step,
            not_counted=not_counted,
            party=one.speaker.party,
            place=catalogue.place_path(one.place),
            retold=one.speaker.retold,
        )
        if one.told.flags:
            quiet = msgspec.structs.replace(
                quiet, flags=one.told.flags, group_name=one.told.group_name, place_name=one.told.place_name
            )
        found.append(quiet)
    return found


def _says_nothing_known(told: Told) -> NotCounted | None:
    """Why a none covers nothing: what is not known cannot be known to have been quiet."""
    if not _UNPLACED.isdisjoint(told.flags):
        return NotCounted.PLACE_UNKNOWN
    return next((_NONE_OF[flag] for flag in told.flags if flag in _NONE_OF), None)
