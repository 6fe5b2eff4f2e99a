"""What the names in a report are compared by, where it differs from how they are written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from incident_pipeline.identity import identity
from incident_pipeline.line import Identity
from incident_pipeline.rejection import Reason, Rejection
from incident_pipeline.report import Report, UsualReport, UsualViolation, Violation

PLAIN: Final = "abcdefghijklmnopqrstuvwxyz0123456789-._:/#+@=~"
"""A name of these signs alone is its own form."""


def identity_of(report: Report | UsualReport, source: str) -> Identity | None:
    """Return what a report's names are compared by; None where they are written so. `source`: its source's form."""
    retracts, supersedes = (None, None) if isinstance(report, UsualReport) else (report.retracts, report.supersedes)
    found = Identity(
        id=identity(report.report_id),
        retracts=None if retracts is None else identity(retracts),
        source=source,
        supersedes=None if supersedes is None else identity(supersedes),
    )
    written = Identity(id=report.report_id, retracts=retracts, source=report.source, supersedes=supersedes)
    return None if found == written else found


def unseen_name(report: Report | UsualReport) -> Rejection | None:
    """Return why a report is refused in which a name has nothing to see: it would be everybody's."""
    violations: Sequence[Violation | UsualViolation] = report.violations
    names: list[tuple[str, str | None]] = [
        ("source", report.source),
        ("report_id", report.report_id),
        ("origin_source", report.origin_source),
        *((f"violations[{at}].registered_by", one.registered_by) for at, one in enumerate(violations)),
    ]
    if isinstance(report, Report):
        names += [("retracts", report.retracts), ("supersedes", report.supersedes)]
        names += [(f"quiet[{at}].registered_by", none.registered_by) for at, none in enumerate(report.quiet)]
    for field, name in names:
        if name is not None and not identity(name):
            return Rejection(Reason.WRONG_SHAPE, f"`{field}` is blank: nothing in it can be seen")
    return None
