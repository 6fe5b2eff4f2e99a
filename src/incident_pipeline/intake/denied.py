"""One report that says of one day, group and place that there was none and that there was some."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from incident_pipeline.line import UNATTRIBUTED, Line, Quiet
from incident_pipeline.rejection import Reason, Rejection


def denied(told: Iterable[tuple[Sequence[Line], Sequence[Quiet]]]) -> Rejection | None:
    """Return why a report is refused that denies what it tells of the same party; only what counts is held against it.

    `told`: lines and quiet days of each theatre. A none covers what lies within its place and its groups.
    """
    for lines, quiets in told:
        if not lines or not quiets:
            continue
        of_day: dict[tuple[str, str], list[Line]] = defaultdict(list)
        for line in lines:
            if line.not_counted is None and line.count:
                of_day[line.party, line.day].append(line)
        for quiet in quiets:
            if quiet.not_counted is not None:
                continue
            for line in of_day.get((quiet.party, quiet.day), ()):
                if _covers(quiet, line):
                    problem = f"it says that there was none on {quiet.day}, and tells {line.count} of the same scope"
                    return Rejection(Reason.CONTRADICTORY, problem)
    return None


def _covers(quiet: Quiet, line: Line) -> bool:
    if line.place != quiet.place and not line.place.startswith(f"{quiet.place}/"):
        return False
    if quiet.attribution in {UNATTRIBUTED, line.attribution}:
        return True
    return set(line.attribution.split("|")) <= set(quiet.attribution.split("|"))
