"""Who has spoken about a day. What nobody spoke of is unknown, not zero."""

from __future__ import annotations

from collections.abc import Iterable

from incident_pipeline.counting.attribution import meet
from incident_pipeline.counting.facts import Aggregate, Item
from incident_pipeline.counting.places import is_within

Coverage = tuple[str, str, str]
"""(party, attribution, place) of a line or of a quiet statement."""


def coverage(
    items: Iterable[Item] = (), aggregates: Iterable[Aggregate] = (), quiet: Iterable[Coverage] = ()
) -> frozenset[Coverage]:
    """Coverage of a day by the lines and quiet statements in force."""
    told = {(item.party, item.attribution, item.place) for item in items}
    stated = {(line.party, line.attribution, line.place) for line in aggregates}
    return frozenset(told | stated | set(quiet))


def reaches(covered: Iterable[Coverage], attribution: str, place: str) -> bool:
    """Whether anybody has spoken of the cell: of one of its groups, at, above or below its place."""
    return any(
        meet(spoken_of, attribution) is not None and (is_within(place, where) or is_within(where, place))
        for _, spoken_of, where in covered
    )
