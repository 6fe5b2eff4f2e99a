"""What is counted, and what counting says: the lines in force for one theatre and day, and the figures."""

from __future__ import annotations

import msgspec

LineKey = tuple[str, str, int]
"""(source, report id, index of the line): derived from content, so that the order of arrival does not show."""

Figures = tuple[int, int, int, int]
"""(raw, deduplicated, corroborated, high)."""

NOTHING: Figures = (0, 0, 0, 0)


class Item(msgspec.Struct, frozen=True, gc=False):
    """One told incident: a line with a count of 1 in the words of one party."""

    key: LineKey
    party: str
    attribution: str
    place: str
    neighbourhood: str
    """Within it items may tell the same incident: id of the district at or above the place, else of the place."""
    type: str
    """Taxonomy code."""
    minute: int | None = None
    """Minute of the local day, 0..1439."""
    against: str | None = None
    """Attribution of whom it was done to."""
    raw_place: str | None = None
    """The place as it was written, where its name is not known."""
    point: tuple[float, float] | None = None
    """Latitude and longitude, where they are known; WGS 84, decimal degrees."""
    corroborates: bool = True
    """It may bear out what another party says; without, it counts in every basis but `corroborated`."""


class Aggregate(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A number in force for a scope. Aggregates of one party and scope that are in force together add up."""

    key: LineKey
    party: str
    attribution: str
    place: str
    n: int
    raw: int
    """What it adds to `raw`: its number, or for a total its surplus over its parts."""
    corroborates: bool = True
    """The number rests on lines alone that may bear out what another party says."""
    n_corroborating: int | None = None
    """Where it does not: the party's number by the lines that may, if there are any."""


def sure_part(aggregate: Aggregate) -> Aggregate | None:
    """Return what is left of a number without the lines that do not corroborate; None: nothing."""
    if aggregate.corroborates:
        return aggregate
    n = aggregate.n_corroborating
    return None if n is None else msgspec.structs.replace(aggregate, n=n, corroborates=True, n_corroborating=None)


class Retelling(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A retold number or incident: it adds to `raw` and to nothing else."""

    attribution: str
    place: str
    raw: int


class DayCounts(msgspec.Struct, frozen=True):
    """The counts of one theatre and day; what is zero throughout is left out."""

    theatre: Figures
    cells: dict[tuple[str, str], Figures]
    """By (attribution, place)."""
    bounds: dict[tuple[str, str], tuple[int, int]]
    """(certain, possible) by (group, place), a place with all below it."""
