"""Step 2 of the law over counters: each scope absorbs what is there, and what is missing to its number is added.

A run is given, for each scope, the number to reach, how many incidents lie wholly in it, and how many share some of
their groups with it. What lies at or below one scope's place and has the same possible groups is alike to all scopes
that come after, so counts by possible groups do. Only where a scope takes some of several kinds does the order of the
law (by place) decide which: then the run goes by cells.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from incident_pipeline.counting.attribution import meet
from incident_pipeline.counting.cells import CellCount
from incident_pipeline.counting.places import is_within
from incident_pipeline.counting.scope import Scope, Sets, add, shared_groups
from incident_pipeline.counting.steps import UnitOrder, unit_order

Unit = tuple[str, str]
"""(possible groups, place)."""

Units = dict[Unit, int]


class Outcome:
    """What one run of the steps comes to."""

    __slots__ = ("missing", "moved", "taken", "unplaced")

    def __init__(self, scopes: int) -> None:
        self.missing = [0] * scopes
        """Unitemised units by scope."""
        self.taken: Units = {}
        """Incidents whose possible groups were narrowed, as they were stated."""
        self.moved: Units = {}
        """Narrowed and unitemised units as they stand at the end; empty where nothing was narrowed."""
        self.unplaced: list[str] = []
        """Places of scopes that narrowed units which are told there, though they may lie below."""

    def found_among_moved(self, groups: str, path: str) -> tuple[int, list[Unit]]:
        """What a scope finds among moved units, less what they are no longer: wholly inside, and those that share."""
        found = 0
        sharing = []
        for unit, units in self.taken.items():
            if shared_groups(*unit, groups, path) == unit[0]:
                found -= units
        for unit, units in self.moved.items():
            shared = shared_groups(*unit, groups, path)
            if shared == unit[0]:
                found += units
            elif shared is not None:
                sharing.append(unit)
        return found, sharing

    def narrow(self, unit: Unit, units: int, narrowed: Unit, *, is_stated: bool) -> None:
        """Let units keep only the groups that they share with a scope."""
        if is_stated:
            add(self.taken, unit, units)
        else:
            add(self.moved, unit, -units)
        add(self.moved, narrowed, units)

    def add(self, index: int, unit: Unit, units: int) -> None:
        """Add unitemised units of a scope."""
        self.missing[index] = units
        add(self.moved, unit, units)


def absorb(
    scopes: Sequence[Scope],
    numbers: list[int],
    inside: list[int],
    partial: list[Sets],
    incidents: Callable[[CellCount], int],
    *,
    by_place: bool = False,
) -> Outcome:
    """Run the steps. `scopes` are in the order of the law; `incidents` tells what a cell holds in this run.

    Unless `by_place`, narrowed units may be told at the place of the scope that narrowed them (`Outcome.unplaced`).
    """
    outcome = Outcome(len(numbers))
    missing = outcome.missing
    for index, number in enumerate(numbers):
        found = inside[index]
        if found >= number:
            continue
        scope = scopes[index]
        for nested in scope.nested:
            found += missing[nested]
        if found >= number:
            continue
        if partial[index] or any(missing[crossing] for crossing in scope.crossing):
            by_sets = None if by_place else _absorb_by_sets(scopes, numbers, inside, partial)
            return by_sets or _absorb_by_cells(scopes, numbers, inside, incidents)
        missing[index] = number - found
    return outcome


def _absorb_by_sets(
    scopes: Sequence[Scope], numbers: list[int], inside: list[int], partial: list[Sets]
) -> Outcome | None:
    """Run the steps over counts by possible groups. None if the order of places decides what is narrowed."""
    outcome = Outcome(len(numbers))
    taken, moved = outcome.taken, outcome.moved
    for index, number in enumerate(numbers):
        wanted = number - inside[index]
        if not number or (wanted <= 0 and not taken):
            continue
        groups, path = scopes[index].cell.attribution, scopes[index].cell.place
        found, sharing = outcome.found_among_moved(groups, path)
        wanted -= found
        if wanted <= 0:
            continue
        kinds = [(unit, moved[unit], False) for unit in sharing]
        if partial[index]:
            stated = _still_as_stated(partial[index], taken, path)
            kinds += [((possible, path), units, True) for possible, units in stated.items()]
        if kinds:
            outcome.unplaced.append(path)
            if len({unit[0] for unit, _, _ in kinds}) > 1 and sum([units for _, units, _ in kinds]) > wanted:
                return None
        for unit, units, is_stated in kinds:
            narrowed = min(units, wanted)
            wanted -= narrowed
            outcome.narrow(unit, narrowed, (meet(unit[0], groups) or groups, path), is_stated=is_stated)
        outcome.add(index, (groups, path), wanted)
    return outcome


def _still_as_stated(partial: Sets, taken: Units, path: str) -> Sets:
    """Incidents that share some groups with a scope and that no scope has narrowed yet."""
    if not taken:
        return partial
    left = dict(partial)
    for (possible, where), units in taken.items():
        if possible in partial and is_within(where, path):
            add(left, possible, -units)
    return left


def _absorb_by_cells(
    scopes: Sequence[Scope], numbers: list[int], inside: list[int], incidents: Callable[[CellCount], int]
) -> Outcome:
    """Run the steps over cells: a narrowed unit leaves the count of its cell and is followed at its place."""
    outcome = Outcome(len(numbers))
    for index, number in enumerate(numbers):
        wanted = number - inside[index]
        if not number or (wanted <= 0 and not outcome.taken):
            continue
        groups, path = scopes[index].cell.attribution, scopes[index].cell.place
        found, sharing = outcome.found_among_moved(groups, path)
        wanted -= found
        if wanted <= 0:
            continue
        for unit, units, is_stated in _in_order(scopes[index], sharing, outcome, incidents):
            narrowed = min(units, wanted)
            wanted -= narrowed
            outcome.narrow(unit, narrowed, (meet(unit[0], groups) or groups, unit[1]), is_stated=is_stated)
            if not wanted:
                break
        outcome.add(index, (groups, path), wanted)
    return outcome


def _in_order(
    scope: Scope, sharing: list[Unit], outcome: Outcome, incidents: Callable[[CellCount], int]
) -> list[tuple[Unit, int, bool]]:
    """Units that share some groups with a scope, in the order of the law: what, how many, whether still as stated."""
    found: list[tuple[UnitOrder, bool, Unit, int]] = []
    for cell in scope.partial_cells:
        unit = (cell.attribution, cell.place)
        units = incidents(cell) - outcome.taken.get(unit, 0)
        if units:
            found.append((cell.order, True, unit, units))
    found += [(unit_order(*unit), False, unit, outcome.moved[unit]) for unit in sharing]
    found.sort()
    return [(unit, units, is_stated) for _, is_stated, unit, units in found]
