"""Structured fields of a report as told statements: names resolved, nothing judged."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.intake.told import Telling, Told, ToldActivity
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

GROUP_UNKNOWN = "group_unknown"
PLACE_UNKNOWN = "place_unknown"
TYPE_UNKNOWN = "type_unknown"
AGAINST_UNKNOWN = "against_unknown"


class _Who(NamedTuple):
    groups: tuple[str, ...]
    written: str | None
    """As written, where no known group has that name."""


class _Where(NamedTuple):
    place: str | None
    written: str | None
    """As written, where it is not exactly a known place."""
    flags: tuple[str, ...]


_NOBODY = _Who((), None)
_NOWHERE = _Where(None, None, ())


def tell(report: Report, catalogue: Catalogue) -> Telling:
    """Return what the structured fields of a report tell."""
    statements = [_violation(one, catalogue) for one in report.violations]
    if report.quiet:
        statements.extend(_quiet(one, catalogue) for one in report.quiet)
    activities = tuple(_activity(one, catalogue) for one in report.activities) if report.activities else ()
    return Telling(statements=tuple(statements), activities=activities)


def _violation(one: Violation, catalogue: Catalogue) -> Told:
    day, last_day, minute = _when(one.occurred_at, one.occurred_on, catalogue)
    who = _NOBODY if one.group is None else _who(one.group, catalogue)
    where = _NOWHERE if one.place is None else _where(one.place, catalogue)
    flags = where.flags
    if who.written is not None:
        flags = (*flags, GROUP_UNKNOWN)
    code = "U0"
    if one.type is not None:
        known = catalogue.violation_type(one.type)
        if known is None:
            flags = (*flags, TYPE_UNKNOWN)
        else:
            code = known
    against: tuple[str, ...] = ()
    if one.against is not None:
        facing = _who(one.against, catalogue)
        against = facing.groups
        if facing.written is not None:
            flags = (*flags, AGAINST_UNKNOWN)
    count = one.count
    bounds = count if isinstance(count, Range) else None
    hurt = one.casualties
    return Told(
        against=against,
        casualties=None if hurt is None else (hurt.low, hurt.best, hurt.high),
        count=count if bounds is None else bounds.best,  # type: ignore[arg-type]
        count_high=None if bounds is None else bounds.max,
        count_low=None if bounds is None else bounds.min,
        day=day,
        last_day=last_day,
        flags=flags,
        group_name=who.written,
        groups=who.groups,
        itemised=count == 1,
        minute=minute,
        party=one.registered_by,
        place=where.place,
        place_name=where.written,
        type=code,
        weapon=one.weapon,
    )


def _quiet(one: QuietStatement, catalogue: Catalogue) -> Told:
    day, last_day, _ = _when(None, one.occurred_on, catalogue)
    who = _NOBODY if one.group is None else _who(one.group, catalogue)
    where = _NOWHERE if one.place is None else _where(one.place, catalogue)
    return Told(
        count=0,
        day=day,
        last_day=last_day,
        flags=where.flags if who.written is None else (*where.flags, GROUP_UNKNOWN),
        group_name=who.written,
        groups=who.groups,
        party=one.registered_by,
        place=where.place,
        place_name=where.written,
    )


def _activity(one: ActivityStatement, catalogue: Catalogue) -> ToldActivity:
    day, last_day, _ = _when(None, one.occurred_on, catalogue)
    where = _NOWHERE if one.place is None else _where(one.place, catalogue)
    kind = catalogue.activity(one.kind) or one.kind
    return ToldActivity(count=one.count, day=last_day or day, kind=kind, place=where.place)


def _when(
    at: dt.datetime | None, on: DaysOccurred | None, catalogue: Catalogue
) -> tuple[dt.date | None, dt.date | None, int | None]:
    """Return local date, last date of several, and minute of the day; all None where the field says nothing."""
    if at is not None:
        day, minute = catalogue.days.local(at.timestamp())
        return day, None, minute
    if isinstance(on, tuple):
        first, last = min(on), max(on)
        return first, None if first == last else last, None
    return on, None, None


def _who(names: Groups, catalogue: Catalogue) -> _Who:
    found = catalogue.attribution(names)
    return _Who(found.groups, ", ".join(found.unknown) if found.unknown else None)


def _where(place: Place, catalogue: Catalogue) -> _Where:
    if isinstance(place, Coordinates):
        return _Where(None, f"{place.lat:.5f}, {place.lon:.5f}", (PLACE_UNKNOWN,))
    match = catalogue.place(place)
    return _Where(match.id, None, ()) if match.flag is None else _Where(match.id, match.written, (match.flag,))
