"""The whole stateless way of one record: bytes of `reports` to records of `lines`, or to a rejection."""

from __future__ import annotations

import msgspec

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.intake import structured
from incident_pipeline.intake.naming import unseen_name
from incident_pipeline.intake.reading import read
from incident_pipeline.intake.told import Telling
from incident_pipeline.intake.understand import Coordinates, understand
from incident_pipeline.intake.unread import why_unread
from incident_pipeline.intake.usual import usual
from incident_pipeline.line import Understood, Unread
from incident_pipeline.rejection import Reason, Rejection
from incident_pipeline.report import Report, decode_report, is_language_read


def take(
    value: bytes | None, coordinates: Coordinates, catalogue: Catalogue, *, recorded_at_ms: int, partitions: int
) -> list[tuple[int, Understood]] | Rejection:
    """Return what a record causes in each partition of `lines`, in order of partition; or why nothing.

    `recorded_at_ms`: the record's append time. `partitions`: how many `lines` has, fixed for good.
    """
    short = usual(value, coordinates, catalogue, recorded_at_ms, partitions)
    return take_any(value, coordinates, catalogue, recorded_at_ms, partitions) if short is None else [short]


def take_any(
    value: bytes | None, coordinates: Coordinates, catalogue: Catalogue, recorded_at_ms: int, partitions: int
) -> list[tuple[int, Understood]] | Rejection:
    """Do the same for any record, the long way."""
    report = decode_report(value, catalogue.rules.limits)
    if not isinstance(report, Report):
        return report
    refused = unseen_name(report) or _unknown(report, catalogue)
    if refused is not None:
        return refused
    telling = told_by(report, catalogue)
    taken = understand(report, telling, catalogue, coordinates, recorded_at_ms=recorded_at_ms, partitions=partitions)
    return (_too_many_groups(taken, catalogue) or taken) if isinstance(taken, list) else taken


def _unknown(report: Report, catalogue: Catalogue) -> Rejection | None:
    if not catalogue.refuses(report.source):
        return None
    return Rejection(Reason.SOURCE_UNKNOWN, "`source` is none that the catalogue of this mission names")


def _too_many_groups(taken: list[tuple[int, Understood]], catalogue: Catalogue) -> Rejection | None:
    named = sum(line.attribution.count("|") + 1 for _, understood in taken for line in understood.lines)
    permitted = catalogue.rules.limits.groups_per_report
    if named <= permitted:
        return None
    return Rejection(Reason.TOO_MANY_EVENTS, f"its lines name {named} groups, all told; permitted are {permitted}")


def told_by(report: Report, catalogue: Catalogue) -> Telling:
    """Return what a report tells: by its structured violations where it has any, else by its text.

    Structured quiet statements add to a text's; structured activities stand in for a text's. The text of a
    retraction explains it and tells of nothing. A text in another language than English is not read, and flagged.
    """
    if report.text is None or report.violations or report.retracts is not None:
        return structured.tell(report, catalogue)
    if not is_language_read(report.language):
        return msgspec.structs.replace(structured.tell(report, catalogue), flags=(Unread.DECLARED.value,))
    from_text = read(report, catalogue)
    given = structured.tell(report, catalogue) if report.quiet or report.activities else Telling()
    activities, statements = given.activities or from_text.activities, from_text.statements + given.statements
    if activities or statements:
        return Telling(activities=activities, flags=from_text.flags, statements=statements)
    unread = why_unread(report.text, catalogue)
    return from_text if unread is None else Telling(flags=(unread.value,))
