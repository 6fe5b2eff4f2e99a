"""A stated total and its parts: "14 cases: Latakia 5, Hama 3, Damascus 6".

The law of counting (docs: counting): the parts and the total are each an aggregate of their own place; `raw` takes
the larger of the total and the sum of its parts, so the total adds its surplus only; a total over several theatres
is a check, and its surplus stands in the party's home theatre.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from incident_pipeline.intake.told import Told

TOTAL_MISMATCH = "total_mismatch"


class TotalRole(NamedTuple):
    """What a statement is within its enumeration."""

    raw: int | None = None
    """What it adds to `raw`; None: its count."""
    mismatch: bool = False
    """Total and parts differ."""
    check_only: bool = False
    """A total over several theatres: not counted itself."""
    theatre: str | None = None
    """For a total without a place: the one theatre of its parts."""
    home_count: int = 0
    """For a check with a surplus: the aggregate of the home theatre, its parts there and the surplus."""
    home_raw: int = 0
    """The surplus."""


NO_ROLE = TotalRole()


def told_twice(statements: Sequence[Told], scopes: Sequence[Hashable]) -> set[int]:
    """Return the indices of statements that a total of the very same scope tells once more, or that tell it.

    Lines of one scope add up, so a total and a part of the same day, party, attribution and place would count twice
    (a break-down by type, "of these, five shellings"). Where such parts make up the whole total they stand for it,
    with their types; else the total stands for them. `scopes`: of each statement.
    """
    gone: set[int] = set()
    for at, total in enumerate(statements):
        if total.total_of is None or not total.count:
            continue
        parts = [i for i, one in enumerate(statements) if one.part_of == total.total_of and one.count]
        same = [i for i in parts if scopes[i] == scopes[at]]
        if same and len(same) == len(parts) and sum(statements[i].count or 0 for i in same) >= total.count:
            gone.add(at)
        else:
            gone.update(same)
    return gone


def roles(statements: Sequence[Told], theatres: Sequence[str], homes: Sequence[str]) -> list[TotalRole]:
    """Return the role of each statement.

    `theatres`: where each statement is, unlocated ones in their party's home theatre; `homes`: the home theatre of
    the party of each.
    """
    found = [NO_ROLE] * len(statements)
    for at, total in enumerate(statements):
        if total.total_of is None or total.count is None:
            continue
        parts = [i for i, one in enumerate(statements) if one.part_of == total.total_of and one.count is not None]
        if not parts:
            continue
        stated = sum(statements[i].count or 0 for i in parts)
        surplus = max(0, total.count - stated)
        mismatch = total.count != stated
        places = {theatres[i] for i in parts}
        if len(places) > 1:
            at_home = sum(
                statements[i].count or 0
                for i in parts
                if theatres[i] == homes[at] and statements[i].place not in {None, homes[at]}
            )
            found[at] = TotalRole(
                raw=0, mismatch=mismatch, check_only=True, home_count=at_home + surplus, home_raw=surplus
            )
        else:
            found[at] = TotalRole(raw=surplus, mismatch=mismatch, theatre=places.pop())
        for i in parts:
            found[i] = TotalRole(mismatch=mismatch)
    return found
