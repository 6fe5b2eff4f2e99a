"""The usual report by a short way: one structured violation, told with its time, and nothing rare about it.

Nearly all reports of a busy mission are observers' items. `usual` gives for them exactly what the long way (`told_by`,
then `understand`) gives, in half the time, and leaves every other report to it; a property test holds the two
together.
"""

from __future__ import annotations

from typing import Final

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.intake.lines import kind_of
from incident_pipeline.intake.told import UNSPECIFIED
from incident_pipeline.line import Line, ReportRef, Understood
from incident_pipeline.partitioning import partition_for
from incident_pipeline.report import Report, digest

_NOBODY: Final = ((), ())


def usual(
    report: Report, catalogue: Catalogue, partition: int, offset: int, *, recorded_at_ms: int, partitions: int
) -> tuple[int, Understood] | None:
    """Return partition and record of a usual report at (`partition`, `offset`) of `reports`; None for any other."""
    violations = report.violations
    if len(violations) != 1 or report.revision or report.quiet or report.activities:
        return None
    one = violations[0]
    moment, where, hurt = one.occurred_at, one.place, one.casualties
    if (
        moment is None
        or one.count != 1
        or one.against is not None
        or where.__class__ is not str
        or report.retracts is not None
        or report.supersedes is not None
    ):
        return None
    published = report.published_at
    published_at_ms = recorded_at_ms if published is None else round(published.timestamp() * 1_000)
    day, minute = catalogue.days.local(moment.timestamp())
    if day >= catalogue.latest(recorded_at_ms)[0] or published_at_ms > recorded_at_ms:
        return None  # where clocks are off, the long way judges by how much
    groups, unknown_groups = _NOBODY if one.group is None else catalogue.attribution(one.group)
    place, flag, _ = catalogue.place(where)
    code = UNSPECIFIED if one.type is None else catalogue.violation_type(one.type)
    party, retold, _, against, adds_up = catalogue.speaker(report.source, one.registered_by, report.origin_source)
    if unknown_groups or place is None or flag is not None or code is None or adds_up:
        return None
    reason = catalogue.not_in_force(place, day, minute)
    if reason is not None or not catalogue.counts_type(code):
        return None
    places = catalogue.places
    line = Line(
        attribution=("|".join(groups) if len(groups) > 1 else groups[0]) if groups else against,
        casualties=None if hurt is None else (hurt.low, hurt.best, hurt.high),
        count=1,
        day=catalogue.days.day(day, minute).isoformat(),
        index=0,
        kind=kind_of(minute, code, place_told=place in places.below_province),
        minute=minute,
        neighbourhood=places.neighbourhoods[place],
        party=party,
        place=places.paths[place],
        raw=1,
        retold=retold,
        type=code,
        weapon=one.weapon,
    )
    reference = ReportRef(
        digest=digest(report),
        id=report.report_id,
        offset=offset,
        partition=partition,
        published_at_ms=published_at_ms,
        reason=report.reason,
        source=report.source,
    )
    theatre = places.theatres[place]
    understood = Understood(
        lines=(line,), recorded_at_ms=recorded_at_ms, report=reference, rules=catalogue.hash, theatre=theatre
    )
    return partition_for(theatre, partitions), understood
