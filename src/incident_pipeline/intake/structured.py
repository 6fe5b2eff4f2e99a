"""Structured fields of a report as told statements: names resolved, nothing judged."""

from __future__ import annotations

import datetime as dt
from typing import Final

import msgspec

from incident_pipeline.catalogue.catalogue import Attribution, Catalogue
from incident_pipeline.catalogue.model import Level
from incident_pipeline.catalogue.places import PlaceFlag, PlaceMatch
from incident_pipeline.geometry import Point, point_written
from incident_pipeline.intake.told import GROUP_UNKNOWN, ONE_TYPE_ONLY, TYPE_UNKNOWN, Telling, Told, ToldActivity
from incident_pipeline.line import UNSPECIFIED
from incident_pipeline.report import (
    ActivityStatement,
    Coordinates,
    DaysOccurred,
    Groups,
    Place,
    QuietStatement,
    Range,
    Report,
    Violation,
)

AGAINST_UNKNOWN: Final = "against_unknown"
BOUNDS_NOT_COUNTED: Final = "bounds_not_counted"
"""A number's least and most are kept in the line; its best alone counts."""


_EXACT: Final = 1
_NOT_ON_LAND: Final = 7
"""At sea or in the air beyond a country's own."""
_PRECISE_TO: Final = {
    2: Level.DISTRICT,  # within 25 km of a known place
    3: Level.DISTRICT,
    4: Level.PROVINCE,
    5: Level.ZONE,  # along a road or a river, or in a part of the country
    6: Level.THEATRE,
}
"""What of a place a precision (UCDP's) says: the deepest level that it reaches."""

_NOBODY: Final = Attribution((), ())
_NOWHERE: Final = PlaceMatch(None, None, "")


def tell(report: Report, catalogue: Catalogue) -> Telling:
    """Return what the structured fields of a report tell."""
    statements = [_violation(one, catalogue) for one in report.violations]
    if report.quiet:
        statements.extend(_quiet(one, catalogue) for one in report.quiet)
    activities = tuple(_activity(one, catalogue) for one in report.activities) if report.activities else ()
    return Telling(statements=tuple(statements), activities=activities)


def _violation(one: Violation, catalogue: Catalogue) -> Told:
    day, last_day, minute = _when(one.occurred_at, one.occurred_on, catalogue)
    written = point_written(one.place) if isinstance(one.place, str) else None
    if written is not None:
        one = msgspec.structs.replace(one, place=Coordinates(lat=written[0], lon=written[1]))
    who = _NOBODY if one.group is None else catalogue.attribution(one.group)
    where = _where(one.place, catalogue)
    if one.where_precision is not None and one.where_precision > _EXACT:
        where = _as_precise(where, one.where_precision, catalogue)
    code = UNSPECIFIED if one.type is None else catalogue.violation_type(one.type)
    count = one.count
    if _is_none(count):
        who, where = _meant(one.group, who), _meant_place(one.place, where)
    apart = None if one.occurred_at is None else catalogue.day_by_clock(one.occurred_at)
    told = Told(
        count=count if isinstance(count, int) else count.best,
        day=day,
        groups=who.groups,
        itemised=count == 1,
        last_day=last_day,
        minute=minute,
        party=one.registered_by,
        place=where.id,
        type=code or UNSPECIFIED,
        weapon=one.weapon,
    )
    if (
        apart is not None
        or who.unknown
        or where.flag is not None
        or isinstance(one.place, Coordinates)
        or code is None
        or one.against is not None
        or one.casualties is not None
        or isinstance(count, Range)
        or not count
    ):
        return _with_rare(msgspec.structs.replace(told, monitoring_day=apart), one, who, where, catalogue)
    return told


def _with_rare(told: Told, one: Violation, who: Attribution, where: PlaceMatch, catalogue: Catalogue) -> Told:
    """Add the fields that few lines have: leaving them out makes the others several times cheaper to build."""
    facing = _NOBODY if one.against is None else catalogue.attribution(one.against)
    flags = _flags(who, where)
    if one.type is not None and catalogue.violation_type(one.type) is None:
        flags = (*flags, TYPE_UNKNOWN)
    elif one.type is not None and _is_none(one.count) and told.type != UNSPECIFIED:
        flags = (*flags, ONE_TYPE_ONLY)
    if facing.unknown:
        flags = (*flags, AGAINST_UNKNOWN)
    bounds = one.count if isinstance(one.count, Range) else None
    if bounds is not None and (bounds.max is not None or bounds.min is not None):
        flags = (*flags, BOUNDS_NOT_COUNTED)
    hurt = one.casualties
    return msgspec.structs.replace(
        told,
        against=facing.groups,
        casualties=None if hurt is None else (hurt.low, hurt.best, hurt.high),
        count_high=None if bounds is None else bounds.max,
        count_low=None if bounds is None else bounds.min,
        flags=flags,
        group_name=_written(who),
        place_name=None if where.flag is None else where.written,
        point=_point(one, where),
    )


def _point(one: Violation, where: PlaceMatch) -> Point | None:
    """Return where exactly it happened: not where that is widened, or known to lie elsewhere."""
    told_exact = where.flag is None and (one.where_precision or _EXACT) == _EXACT
    is_exact = told_exact or where.flag is PlaceFlag.UNKNOWN
    return _of(one.place) if isinstance(one.place, Coordinates) and is_exact else None


def _of(place: Coordinates) -> Point:
    """A point to some metres: more digits are no more precise."""
    return round(place.lat, 5), round(place.lon, 5)


def _as_precise(where: PlaceMatch, precision: int, catalogue: Catalogue) -> PlaceMatch:
    """Return the place that a precision leaves of one (1 to 7, as UCDP has them)."""
    if precision == _NOT_ON_LAND:
        return PlaceMatch(None, PlaceFlag.OUTSIDE, where.written)
    if where.id is None or where.flag in {PlaceFlag.OUTSIDE, PlaceFlag.SWAPPED}:
        return where
    wider = catalogue.places.widened(where.id, _PRECISE_TO[precision])
    return where if wider == where.id else PlaceMatch(wider, PlaceFlag.WIDENED, where.written)


def _quiet(one: QuietStatement, catalogue: Catalogue) -> Told:
    day, last_day, _ = _when(None, one.occurred_on, catalogue)
    who = _NOBODY if one.group is None else catalogue.attribution(one.group)
    who, where = _meant(one.group, who), _meant_place(one.place, _where(one.place, catalogue))
    return Told(
        count=0,
        day=day,
        last_day=last_day,
        flags=_flags(who, where),
        group_name=_written(who),
        groups=who.groups,
        party=one.registered_by,
        place=where.id,
        place_name=None if where.flag is None else where.written,
    )


def _is_none(count: int | Range) -> bool:
    return not count if isinstance(count, int) else not count.best and not count.max


def _meant(group: Groups | None, who: Attribution) -> Attribution:
    """Return who is said to have done nothing: "unknown" is nobody in particular, and not everybody."""
    if group is None or who.groups or who.unknown:
        return who
    return Attribution((), (group,) if isinstance(group, str) else tuple(group))


def _meant_place(place: Place | None, where: PlaceMatch) -> PlaceMatch:
    """Return where nothing is said to have happened: a place that is not known is not everywhere."""
    if where is _NOWHERE and isinstance(place, str):
        return PlaceMatch(None, PlaceFlag.UNKNOWN, place)
    return where


def _activity(one: ActivityStatement, catalogue: Catalogue) -> ToldActivity:
    day, last_day, _ = _when(None, one.occurred_on, catalogue)
    where = _where(one.place, catalogue)
    return ToldActivity(
        count=one.count,
        day=last_day or day,
        flags=() if where.flag is None else (where.flag.value,),
        kind=catalogue.activity(one.kind) or one.kind,
        place=where.id,
        place_name=None if where.flag is None else where.written,
    )


def _when(
    at: dt.datetime | None, on: DaysOccurred | None, catalogue: Catalogue
) -> tuple[dt.date | None, dt.date | None, int | None]:
    """Return local date, last date of several, and minute of the day; all None where the field says nothing."""
    if at is not None:
        day, minute = catalogue.local(at)
        return day, None, minute
    if isinstance(on, tuple):
        first, last = min(on), max(on)
        return first, None if first == last else last, None
    return on, None, None


def _where(place: Place | None, catalogue: Catalogue) -> PlaceMatch:
    if place is None:
        return _NOWHERE
    if isinstance(place, Coordinates):
        return catalogue.point(_of(place))
    return _NOWHERE if catalogue.places.is_not_stated(place) else catalogue.place(place)


def _flags(who: Attribution, where: PlaceMatch) -> tuple[str, ...]:
    place = () if where.flag is None else (where.flag.value,)
    return (*place, GROUP_UNKNOWN) if who.unknown else place


def _written(who: Attribution) -> str | None:
    return ", ".join(who.unknown) if who.unknown else None
