"""Step 2 of the law over counters: each scope absorbs what is there, and what is missing to its number is added.

A run is given, for each scope, the number to reach and how many incidents lie wholly and partly in it. Just where a
scope finds too few whole units and has others that share a group does it look at cells, in the order of the law.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from incident_pipeline.counting.cells import CellCount
from incident_pipeline.counting.scope import Scope, shared_groups
from incident_pipeline.counting.steps import UnitOrder, unit_order

Unit = tuple[str, str]
"""(possible groups, place)."""

Candidate = tuple[UnitOrder, int, int, CellCount | Unit, str]
"""Order of the law, place in the list (all before it may be equal), how many, what, and the groups it would keep."""


class Outcome:
    """What one run of the steps comes to."""

    __slots__ = ("missing", "moved", "taken")

    def __init__(
        self,
        missing: list[int],
        taken: dict[CellCount, int] | None = None,
        moved: dict[Unit, int] | None = None,
    ) -> None:
        self.missing = missing
        """Unitemised units by scope."""
        self.taken = taken or {}
        """Incidents whose possible groups were narrowed, by the cell where they were stated."""
        self.moved = moved
        """Narrowed and unitemised units as they stand at the end; None if no unit was narrowed."""


def absorb(
    scopes: Sequence[Scope],
    numbers: list[int],
    inside: list[int],
    partial: list[int],
    incidents: Callable[[CellCount], int],
) -> Outcome:
    """Run the steps. `scopes` are in the order of the law; `incidents` tells how many a cell holds in this run."""
    missing = [0] * len(numbers)
    for index, number in enumerate(numbers):
        found = inside[index]
        if found >= number:
            continue
        scope = scopes[index]
        for nested in scope.nested:
            found += missing[nested]
        if found >= number:
            continue
        if partial[index]:
            return _absorb_by_cells(scopes, numbers, inside, incidents)
        for crossing in scope.crossing:
            if missing[crossing]:
                return _absorb_by_cells(scopes, numbers, inside, incidents)
        missing[index] = number - found
    return Outcome(missing)


def _absorb_by_cells(
    scopes: Sequence[Scope], numbers: list[int], inside: list[int], incidents: Callable[[CellCount], int]
) -> Outcome:
    """Run the steps where units are narrowed on the way: those leave their cell's count and are followed singly."""
    missing = [0] * len(numbers)
    taken: dict[CellCount, int] = {}
    moved: dict[Unit, int] = {}
    for index, number in enumerate(numbers):
        found = inside[index]
        if found >= number and not taken:
            continue
        scope = scopes[index]
        groups, path = scope.cell.attribution, scope.cell.place
        for cell, units in taken.items():
            if shared_groups(cell.attribution, cell.place, groups, path) == cell.attribution:
                found -= units
        candidates: list[Candidate] = []
        for unit, units in moved.items():
            shared = shared_groups(*unit, groups, path)
            if shared == unit[0]:
                found += units
            elif shared is not None:
                candidates.append((unit_order(*unit), len(candidates), units, unit, shared))
        if found >= number:
            continue
        for cell in scope.partial_cells:
            units = incidents(cell) - taken.get(cell, 0)
            shared = shared_groups(cell.attribution, cell.place, groups, path)
            if units and shared is not None:
                candidates.append((cell.order, len(candidates), units, cell, shared))
        candidates.sort(key=lambda candidate: candidate[:2])
        found += _narrow(candidates, number - found, taken, moved)
        if found < number:
            missing[index] = number - found
            moved[groups, path] = moved.get((groups, path), 0) + number - found
    return Outcome(missing, taken, moved)


def _narrow(
    candidates: list[Candidate], wanted: int, taken: dict[CellCount, int], moved: dict[Unit, int]
) -> int:
    """Narrow units to the groups that they share with a scope, in order, until enough are found. How many were."""
    narrowed = 0
    for _, _, units, what, shared in candidates:
        if narrowed == wanted:
            break
        units = min(units, wanted - narrowed)
        narrowed += units
        if isinstance(what, tuple):
            path = what[1]
            moved[what] -= units
            if not moved[what]:
                del moved[what]
        else:
            path = what.place
            taken[what] = taken.get(what, 0) + units
        moved[shared, path] = moved.get((shared, path), 0) + units
    return narrowed
