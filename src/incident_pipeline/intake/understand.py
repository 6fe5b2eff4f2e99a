"""From what a report tells to lines: the day, the truce, the zone, who registered it, what kind of statement it is.

Nothing here depends on anything but its arguments, so that a re-run of intake writes the same records again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.identity import identity
from incident_pipeline.intake.content import content_of
from incident_pipeline.intake.denied import denied
from incident_pipeline.intake.lines import Statement, line_of, quiet_of, surplus_of, unknown_place
from incident_pipeline.intake.naming import identity_of
from incident_pipeline.intake.told import Telling, Told, ToldActivity
from incident_pipeline.intake.totals import roles, told_twice
from incident_pipeline.line import UNATTRIBUTED, Activity, Line, NotCounted, Quiet, ReportRef, Understood
from incident_pipeline.partitioning import partition_for
from incident_pipeline.rejection import Reason, Rejection
from incident_pipeline.report import Report


class Coordinates(msgspec.Struct, frozen=True, gc=False):
    """Where a record stands in the `reports` topic."""

    partition: int
    offset: int
    topic: str | None = None
    """Id of the topic, where it is known."""


class _Dates(NamedTuple):
    """When a report itself is about, local to the mission: for statements that tell no day."""

    day: dt.date | None
    last_day: dt.date | None
    minute: int | None
    monitoring_day: dt.date | None = None
    """Where local date and minute do not tell it."""


_UNDATED: Final = _Dates(None, None, None)


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
    published_at_ms = recorded_at_ms if report.published_at is None else catalogue.epoch_ms(report.published_at)
    refused = _refused(telling, dates, catalogue, published_at_ms, recorded_at_ms) or _before_it_happened(
        report, telling, dates, catalogue
    )
    if refused is not None:
        return refused
    bins = _Bins(partitions)
    if telling.statements:
        _take_statements(bins, _statements(report, telling.statements, dates, catalogue), catalogue)
        contradiction = None if _is_read(report) else denied((one.lines, one.quiet) for one in bins.values())
        if contradiction is not None:
            return contradiction
    if telling.activities:
        _take_activities(bins, report, telling.activities, dates, catalogue)
    _concern_others(bins, report, catalogue)
    content = content_of(report, catalogue)
    reference = ReportRef(
        digest=content.digest,
        digest_written=content.written,
        id=report.report_id,
        identity=identity_of(report, identity(report.source)),
        observer_mode=report.observer_mode,
        offset=coordinates.offset,
        partition=coordinates.partition,
        published_at_ms=published_at_ms,
        reason=report.reason,
        retracts=report.retracts,
        revision=report.revision,
        source=report.source,
        supersedes=report.supersedes,
        url=report.url,
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
                topic=coordinates.topic,
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
        day, minute = catalogue.local(report.occurred_at)
        return _Dates(day, None, minute, catalogue.day_by_clock(report.occurred_at))
    on = report.occurred_on
    if isinstance(on, tuple):
        return _Dates(min(on), max(on), None)
    if on is None and report.published_at is not None:
        on = catalogue.days.of(report.published_at.timestamp())
    return _Dates(on, None, None)


def _when(one: Told | ToldActivity, dates: _Dates) -> tuple[dt.date | None, dt.date | None, int | None]:
    """Return first day, last day of several, and minute of a statement; the report's own where it tells no day."""
    if isinstance(one, Told):
        if one.day is not None:
            return one.day, one.last_day, one.minute
        return dates.day, dates.last_day, dates.minute if one.minute is None else one.minute
    return (one.day, None, None) if one.day is not None else (dates.last_day or dates.day, None, None)


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
        if day.year < limits.earliest_year:
            return _long_ago(f"the date {day.isoformat()}", catalogue)
        end = last_day or day
        if end >= latest_day and (end > latest_day or (minute or 0) > latest_minute):
            return _future(f"the date {end.isoformat()}", catalogue)
    return None


def _long_ago(what: str, catalogue: Catalogue) -> Rejection:
    return Rejection(Reason.DATED_LONG_AGO, f"{what} is before the year {catalogue.rules.limits.earliest_year}")


def _before_it_happened(report: Report, telling: Telling, dates: _Dates, catalogue: Catalogue) -> Rejection | None:
    """Return why a report is refused that was published before what it gives a date for; a day of zones is let pass.

    The dates that are read from a text are not held against it: it is the reading that may be wrong.
    """
    published = report.published_at
    if published is not None and catalogue.epoch_ms(published) < catalogue.earliest_ms:
        return _long_ago("`published_at`", catalogue)
    if published is None or _is_read(report):
        return None
    latest = catalogue.days.local(published.timestamp() + 86_400)[0]
    told: tuple[Told | ToldActivity, ...] = (*telling.statements, *telling.activities)
    for one in told:
        day, last_day, _ = _when(one, dates)
        end = last_day or day
        if end is not None and end > latest:
            problem = f"it is about {end.isoformat()} and was published on {published.date().isoformat()}"
            return Rejection(Reason.CONTRADICTORY, problem)
    return None


def _is_read(report: Report) -> bool:
    """Whether what it tells of violations is read from its text."""
    return report.text is not None and not report.violations and report.retracts is None


def _future(what: str, catalogue: Catalogue) -> Rejection:
    hours = catalogue.rules.limits.max_skew_seconds / 3_600
    return Rejection(Reason.DATED_IN_FUTURE, f"{what} is more than {hours:g} hours after the record was received")


def _statements(report: Report, told: tuple[Told, ...], dates: _Dates, catalogue: Catalogue) -> list[Statement]:
    """Return the statements with day, place, speaker, and their role where totals are among them."""
    source, origin = report.source, report.origin_source
    inexact = NotCounted.DATE_NOT_EXACT if _is_inexact(report) else None
    found = []
    has_total = False
    for one in told:
        speaker = catalogue.speaker(source, one.party, origin)
        day, last_day, minute = _when(one, dates)
        apart = one.monitoring_day or (dates.monitoring_day if one.day is None and minute == dates.minute else None)
        counted_on = apart or catalogue.days.day(last_day or day or dt.date.min, minute)
        place = one.place or speaker.home
        found.append(Statement(one, day or dt.date.min, last_day, minute, place, speaker, counted_on, inexact))
        has_total = has_total or one.total_of is not None
    if not has_total:
        return found
    found = _by_parts(told, found)
    scopes = [
        (
            *(one.day, one.last_day, one.place, one.told.place_name, one.speaker.party),
            "|".join(one.told.groups) or one.speaker.against,
        )
        for one in found
    ]
    gone = told_twice(told, scopes)
    if gone:
        found = [one for at, one in enumerate(found) if at not in gone]
        told = tuple(one.told for one in found)
    theatres = [catalogue.theatre_of(one.place) for one in found]
    return [
        msgspec.structs.replace(one, role=role, place=one.told.place or role.theatre or one.place)
        for one, role in zip(found, roles(told, theatres, [one.speaker.home for one in found]), strict=True)
    ]


def _by_parts(told: tuple[Told, ...], found: list[Statement]) -> list[Statement]:
    """Lay a total that names nobody to whom its parts name: they know better than what its party usually registers.

    What the parts leave over of it may also be the usual.
    """
    laid = list(found)
    for at, total in enumerate(found):
        if total.told.total_of is None or total.told.groups or total.told.group_name is not None:
            continue
        parts = [found[i] for i, one in enumerate(told) if one.part_of == total.told.total_of and one.count]
        if not any(part.told.groups for part in parts):
            continue
        named = {"|".join(part.told.groups) or part.speaker.against for part in parts}
        if sum(part.told.count or 0 for part in parts) < (total.told.count or 0):
            named.add(total.speaker.against)
        groups = {group for names in named for group in names.split("|")}
        against = UNATTRIBUTED if UNATTRIBUTED in groups else "|".join(sorted(groups))
        laid[at] = msgspec.structs.replace(total, speaker=total.speaker._replace(against=against))
    return laid


def _is_inexact(report: Report) -> bool:
    """Whether a report knows its days only to within several of them."""
    return report.date_precision is not None and report.date_precision > 1


def _take_statements(bins: _Bins, statements: list[Statement], catalogue: Catalogue) -> None:
    index = 0
    for one in statements:
        into = bins.of(catalogue.places.theatres[one.place])
        if one.told.count == 0 and not one.told.count_high:
            quiet = quiet_of(one, catalogue, index)
            into.quiet.extend(quiet)
            index += len(quiet)
            continue
        line = line_of(one, catalogue, index)
        into.lines.append(line)
        index += 1
        if one.role.home_raw:
            bins.of(one.speaker.home).lines.append(surplus_of(line, one, catalogue, index))
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
            day=_day_of(told, dates, catalogue).isoformat(),
            index=index,
            kind=told.kind,
            party=speaker.party,
            place=catalogue.place_path(place),
            retold=speaker.retold,
        )
        unknown = unknown_place(told, catalogue, as_number=True)
        flags = (*told.flags, NotCounted.DATE_NOT_EXACT.value) if _is_inexact(report) else told.flags
        if flags:
            path = f"{activity.place}/{unknown}" if unknown else activity.place
            activity = msgspec.structs.replace(activity, flags=flags, place=path, place_name=told.place_name)
        bins.of(catalogue.theatre_of(place)).activities.append(activity)


def _day_of(told: ToldActivity, dates: _Dates, catalogue: Catalogue) -> dt.date:
    if told.day is None and dates.monitoring_day is not None:
        return dates.monitoring_day
    day = _when(told, dates)[0] or dt.date.min
    return day if told.day is not None else catalogue.days.day(day, dates.minute)


def _concern_others(bins: _Bins, report: Report, catalogue: Catalogue) -> None:
    """Let partitions know that hold none of the report's lines, but may hold what it takes back."""
    takes_back = report.revision > 0 or report.supersedes is not None or report.retracts is not None
    if bins and not takes_back:
        return
    home = catalogue.speaker(report.source, None, report.origin_source).home
    for partition in range(bins.partitions) if takes_back else (partition_for(home, bins.partitions),):
        if partition not in bins:
            bins[partition] = _Bin(home)
