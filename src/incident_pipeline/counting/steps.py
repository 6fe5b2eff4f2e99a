"""The absorbing steps, unit by unit, as the law has them: slow and plain. `scopes` keeps the same up line by line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from incident_pipeline.counting.attribution import attribution, meet
from incident_pipeline.counting.places import is_within, place

Cell = tuple[str, str]
"""(attribution, place); a scope is a cell for which a number was stated."""

ScopeOrder = tuple[int, int, tuple[str, str], tuple[str, ...]]
UnitOrder = tuple[tuple[str, str], int, tuple[str, ...]]


def scope_order(groups: str, path: str) -> ScopeOrder:
    """From the narrowest to the widest: deeper place first, then fewer groups, then place id, then group ids."""
    where, who = place(path), attribution(groups)
    return -where.depth, who.size, where.order, who.groups


def unit_order(groups: str, path: str) -> UnitOrder:
    """Order in which a scope takes units that share a group with it: place id, number of groups, group ids."""
    who = attribution(groups)
    return place(path).order, who.size, who.groups


class Unit(msgspec.Struct):
    """One violation on the way through the steps."""

    cell: Cell
    """Where it was stated, for good."""
    possible: str
    """Groups that it may still belong to."""


class Steps(msgspec.Struct, frozen=True):
    """What the steps come to."""

    units: list[Unit]
    """All units, those of the incidents first."""
    unitemised: dict[Cell, int]
    """Units that were added, by cell."""

    def told_within(self, scope: Cell) -> int:
        """Units at or below the scope's place that share a group with it."""
        return sum(
            is_within(unit.cell[1], scope[1]) and meet(unit.possible, scope[0]) is not None for unit in self.units
        )


def run_steps(cells: Iterable[Cell], numbers: Mapping[Cell, int]) -> Steps:
    """Let each scope, from the narrowest, absorb units and add what is missing to its number."""
    units = [Unit(cell, cell[0]) for cell in cells]
    unitemised: dict[Cell, int] = {}
    for scope in sorted(numbers, key=lambda scope: scope_order(*scope)):
        groups, path = scope
        found, sharing = 0, []
        for unit in units:
            shared = meet(unit.possible, groups) if is_within(unit.cell[1], path) else None
            if shared == unit.possible:
                found += 1
            elif shared is not None:
                sharing.append((unit_order(unit.possible, unit.cell[1]), unit, shared))
        sharing.sort(key=lambda candidate: candidate[0])
        for _, unit, shared in sharing[: max(numbers[scope] - found, 0)]:
            unit.possible = shared
            found += 1
        missing = numbers[scope] - found
        if missing > 0:
            unitemised[scope] = missing
            units += [Unit(scope, groups) for _ in range(missing)]
    return Steps(units, unitemised)
