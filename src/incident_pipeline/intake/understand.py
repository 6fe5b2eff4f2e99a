"""From what a report tells to lines: the day, the truce, the zone, who registered it, what kind of statement it is.

Nothing here depends on anything but its arguments, so that a re-run of intake writes the same records again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from incident_pipeline.catalogue.catalogue import Catalogue, Speaker
from incident_pipeline.catalogue.places import PlaceFlag
from incident_pipeline.intake.told import Telling, Told, ToldActivity
from incident_pipeline.intake.totals import NO_ROLE, TOTAL_MISMATCH, TotalRole, roles
from incident_pipeline.line import Activity, Line, LineKind, NotCounted, Quiet, ReportRef, Understood
from incident_pipeline.partitioning import partition_for
from incident_pipeline.rejection import Reason, Rejection
from incident_pipeline.report import Report, digest

UNSPECIFIED: Final = "U0"
QUIET_DAYS_MAX: Final = 31
"""A statement that nothing happened speaks for each of its days, up to a month of them."""
LARGEST_WRITTEN: Final = 2**53 - 1
"""Largest integer that every reader of JSON keeps; a text may hold any digits, and they are not counted anyway."""
_VILLAGE_TOLD: Final = frozenset({PlaceFlag.UNKNOWN, PlaceFlag.ELSEWHERE})
_ONE_DAY: Final = dt.timedelta(days=1)


class Coordinates(NamedTuple):
    """Where a record stands in the `reports` topic."""

    partition: int
    offset: int


class _Dates(NamedTuple):
    """When a report itself is about, local to the mission: for statements that tell no day."""

    day: dt.date | None
    last_day: dt.date | None
    minute: int | None


_UNDATED: Final = _Dates(None, None, None)


class _Statement(msgspec.Struct, frozen=True, gc=False):
    """A told statement with its day, place, speaker and role made out."""

    told: Told
    day: dt.date
    """Local date; the first of several."""
    last_day: dt.date | None
    minute: int | None
    place: str
    speaker: Speaker
    role: TotalRole = NO_ROLE


class _Bin:
    """What one partition gets of a report."""

    __slots__ = ("activities", "lines", "quiet", "theatre")

    def __init__(self, theatre: str) -> None:
        self.theatre = theatre
        self.lines: list[Line] = []
        self.quiet: list[Quiet] = []
        self.activities: list[Activity] = []


class _Bins(dict[int, _Bin]):
    """The partitions concerned so far."""

    __slots__ = ("partitions",)

    def __init__(self, partitions: int) -> None:
        super().__init__()
        self.partitions = partitions

    def of(self, theatre: str) -> _Bin:
        partition = partition_for(theatre, self.partitions)
        found = self.get(partition)
        if found is None:
            found = self[partition] = _Bin(theatre)
        return found


def understand(
    report: Report,
    telling: Telling,
    catalogue: Catalogue,
    coordinates: Coordinates,
    *,
    recorded_at_ms: int,
    partitions: int,
) -> list[tuple[int, Understood]] | Rejection:
    """Return one record for each `lines` partition concerned, in order of partition; or why there is none.

    A report without a line concerns the partition of its party's home theatre; one that revises, supersedes or
    retracts concerns every partition, so that whichever holds the earlier lines withdraws them.
    """
    dates = _dates(report, catalogue) if _tells_no_day(telling) else _UNDATED
    published_at_ms = recorded_at_ms if report.published_at is None else round(report.published_at.timestamp() * 1_000)
    refused = _refused(telling, dates, catalogue, published_at_ms, recorded_at_ms)
    if refused is not None:
        return refused
    bins = _Bins(partitions)
    if telling.statements:
        _take_statements(bins, _statements(report, telling.statements, dates, catalogue), catalogue)
    if telling.activities:
        _take_activities(bins, report, telling.activities, dates, catalogue)
    _concern_others(bins, report, catalogue)
    reference = ReportRef(
        digest=digest(report),
        id=report.report_id,
        offset=coordinates.offset,
        partition=coordinates.partition,
        published_at_ms=published_at_ms,
        reason=report.reason,
        retracts=report.retracts,
        revision=report.revision,
        source=report.source,
        supersedes=report.supersedes,
    )
    return [
        (
            partition,
            Understood(
                activities=tuple(one.activities),
                flags=telling.flags,
                lines=tuple(one.lines),
                quiet=tuple(one.quiet),
                recorded_at_ms=recorded_at_ms,
                report=reference,
                rules=catalogue.hash,
                theatre=one.theatre,
            ),
        )
        for partition, one in (bins.items() if len(bins) == 1 else sorted(bins.items()))
    ]


def _tells_no_day(telling: Telling) -> bool:
    for one in telling.statements:
        if one.day is None:
            return True
    return bool(telling.activities) and any(one.day is None for one in telling.activities)


def _dates(report: Report, catalogue: Catalogue) -> _Dates:
    """Return what occurred when; where the report does not say, the day of its publication."""
    if report.occurred_at is not None:
        day, minute = catalogue.days.local(report.occurred_at.timestamp())
        return _Dates(day, None, minute)
    on = report.occurred_on
    if isinstance(on, tuple):
        return _Dates(min(on), max(on), None)
    if on is None and report.published_at is not None:
        on = catalogue.days.of(report.published_at.timestamp())
    return _Dates(on, None, None)


def _when(one: Told | ToldActivity, dates: _Dates) -> tuple[dt.date | None, dt.date | None, int | None]:
    """Return first day, last day of several, and minute of a statement; the report's own where it tells no day."""
    if isinstance(one, ToldActivity):
        return (one.day, None, None) if one.day is not None else (dates.last_day or dates.day, None, None)
    if one.day is not None:
        return one.day, one.last_day, one.minute
    return dates.day, dates.last_day, dates.minute if one.minute is None else one.minute


def _refused(
    telling: Telling, dates: _Dates, catalogue: Catalogue, published_at_ms: int, recorded_at_ms: int
) -> Rejection | None:
    limits = catalogue.rules.limits
    told = len(telling.statements) + len(telling.activities)
    if told > limits.lines_per_report:
        return Rejection(Reason.TOO_MANY_LINES, f"{told} statements; permitted are {limits.lines_per_report}")
    if published_at_ms > recorded_at_ms + limits.max_skew_seconds * 1_000:
        return _future("`published_at`", catalogue)
    latest_day, latest_minute = catalogue.latest(recorded_at_ms)
    told_all: Sequence[Told | ToldActivity] = telling.statements
    if telling.activities:
        told_all = (*told_all, *telling.activities)
    for one in told_all:
        day, last_day, minute = _when(one, dates)
        if day is None:
            return Rejection(Reason.NO_DATE, "none in the statements, nor `occurred_at`, `occurred_on`, `published_at`")
        end = last_day or day
        if end >= latest_day and (end > latest_day or (minute or 0) > latest_minute):
            return _future(f"the date {end.isoformat()}", catalogue)
    return None


def _future(what: str, catalogue: Catalogue) -> Rejection:
    hours = catalogue.rules.limits.max_skew_seconds / 3_600
    return Rejection(Reason.DATED_IN_FUTURE, f"{what} is more than {hours:g} hours after the record was received")


def _statements(report: Report, told: tuple[Told, ...], dates: _Dates, catalogue: Catalogue) -> list[_Statement]:
    """Return the statements with day, place, speaker, and their role where totals are among them."""
    source, origin = report.source, report.origin_source
    found = []
    has_total = False
    for one in told:
        speaker = catalogue.speaker(source, one.party, origin)
        day, last_day, minute = _when(one, dates)
        found.append(_Statement(one, day or dt.date.min, last_day, minute, one.place or speaker.home, speaker))
        has_total = has_total or one.total_of is not None
    if not has_total:
        return found
    theatres = [catalogue.theatre_of(one.place) for one in found]
    return [
        msgspec.structs.replace(one, role=role, place=one.told.place or role.theatre or one.place)
        for one, role in zip(found, roles(told, theatres, [one.speaker.home for one in found]), strict=True)
    ]


def _take_statements(bins: _Bins, statements: list[_Statement], catalogue: Catalogue) -> None:
    index = 0
    for one in statements:
        into = bins.of(catalogue.places.theatres[one.place])
        if one.told.count == 0 and not one.told.count_high:
            quiet = _quiet_days(one, catalogue, index)
            into.quiet.extend(quiet)
            index += len(quiet)
            continue
        line = _line(one, catalogue, index)
        into.lines.append(line)
        index += 1
        if one.role.home_raw:
            bins.of(one.speaker.home).lines.append(_surplus(line, one, catalogue, index))
            index += 1


def _take_activities(
    bins: _Bins, report: Report, activities: tuple[ToldActivity, ...], dates: _Dates, catalogue: Catalogue
) -> None:
    first = sum(len(one.lines) + len(one.quiet) for one in bins.values())
    for index, told in enumerate(activities, first):
        speaker = catalogue.speaker(report.source, told.party, report.origin_source)
        place = told.place or speaker.home
        activity = Activity(
            count=told.count,
            day=(_when(told, dates)[0] or dt.date.min).isoformat(),
            index=index,
            kind=told.kind,
            party=speaker.party,
            place=catalogue.place_path(place),
            retold=speaker.retold,
        )
        bins.of(catalogue.theatre_of(place)).activities.append(activity)


def _concern_others(bins: _Bins, report: Report, catalogue: Catalogue) -> None:
    """Let partitions know that hold none of the report's lines, but may hold what it takes back."""
    takes_back = report.revision > 0 or report.supersedes is not None or report.retracts is not None
    if bins and not takes_back:
        return
    home = catalogue.speaker(report.source, None, report.origin_source).home
    for partition in range(bins.partitions) if takes_back else (partition_for(home, bins.partitions),):
        if partition not in bins:
            bins[partition] = _Bin(home)


def _line(one: _Statement, catalogue: Catalogue, index: int) -> Line:
    told, speaker, role, place = one.told, one.speaker, one.role, one.place
    day = one.last_day or one.day
    count = min(told.count or 0, LARGEST_WRITTEN)
    days = None
    if one.last_day is not None and one.last_day != one.day:
        days = (one.day.isoformat(), one.last_day.isoformat())
    line = Line(
        attribution="|".join(told.groups) or speaker.against,
        count=count,
        day=catalogue.days.day(day, one.minute).isoformat(),
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
    return msgspec.structs.replace(line, **rare) if rare else line


def _rarely_told(one: _Statement, days: tuple[str, str] | None) -> dict[str, object] | None:
    """Return the fields that few lines have: leaving them out makes the others several times cheaper to build."""
    told = one.told
    if (
        not told.flags
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
        "count_high": told.count_high,
        "count_low": told.count_low,
        "days": days,
        "flags": (*told.flags, TOTAL_MISMATCH) if one.role.mismatch else told.flags,
        "group_name": told.group_name,
        "increment": one.speaker.increment,
        "place_name": told.place_name,
    }


def _kind(one: _Statement, catalogue: Catalogue) -> LineKind:
    """Return ITEM for one incident told with at least two of: time of day, place below the province, type.

    A village that the catalogue does not know is a place told, though its line stands in the place named around it.
    """
    told = one.told
    if not told.itemised or told.count != 1:
        return LineKind.AGGREGATE
    place_told = one.place in catalogue.places.below_province or (
        told.place is not None and not _VILLAGE_TOLD.isdisjoint(told.flags)
    )
    clues = (one.minute is not None) + place_told + (told.type != UNSPECIFIED)
    return LineKind.ITEM if clues >= 2 else LineKind.AGGREGATE


def _not_counted(one: _Statement, day: dt.date, catalogue: Catalogue, *, several_days: bool) -> NotCounted | None:
    """Return the first reason, of those that hold, why a line is in no count."""
    reason = catalogue.not_in_force(one.place, day, one.minute)
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


def _surplus(total: Line, one: _Statement, catalogue: Catalogue, index: int) -> Line:
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
        raw=one.role.home_raw,
    )


def _quiet_days(one: _Statement, catalogue: Catalogue, index: int) -> list[Quiet]:
    """Return a quiet statement for each day: "none from the 9th to the 11th" is a number for every one of them."""
    first = catalogue.days.day(one.day, one.minute)
    span = 0 if one.last_day is None else (one.last_day - first).days
    too_long = span >= QUIET_DAYS_MAX
    found = []
    for step in range(1 if too_long else span + 1):
        day = first + step * _ONE_DAY
        not_counted = catalogue.not_in_force(one.place, day, one.minute)
        if not_counted is None and too_long:
            not_counted = NotCounted.DAYS_WITHOUT_NUMBERS
        quiet = Quiet(
            attribution="|".join(one.told.groups) or one.speaker.against,
            day=day.isoformat(),
            index=index + step,
            not_counted=not_counted,
            party=one.speaker.party,
            place=catalogue.place_path(one.place),
            retold=one.speaker.retold,
        )
        found.append(quiet)
    return found
