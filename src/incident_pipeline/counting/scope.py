"""Counters of one scope: how many incidents it may absorb, told by whom."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import TypeVar

from incident_pipeline.counting.attribution import meet
from incident_pipeline.counting.cells import CellCount
from incident_pipeline.counting.leaders import Leaders
from incident_pipeline.counting.places import is_within


@lru_cache(1 << 16)
def shared_groups(possible: str, path: str, groups: str, scope_path: str) -> str | None:
    """Groups that a unit would be left with if the scope absorbed it; None if it cannot. Whole if all are left."""
    return meet(possible, groups) if is_within(path, scope_path) else None


Sets = dict[str, int]
"""Numbers of incidents by attribution; none is zero."""


_Key = TypeVar("_Key", str, tuple[str, str])


def add(numbers: dict[_Key, int], key: _Key, change: int) -> None:
    """Change one number, and keep no zero."""
    number = numbers.get(key, 0) + change
    if number:
        numbers[key] = number
    else:
        numbers.pop(key, None)


class Tally:
    """One party's part in what a scope may absorb."""

    __slots__ = ("own_inside", "own_partial", "rest_inside", "rest_partial")

    def __init__(self) -> None:
        self.own_inside = self.rest_inside = 0
        self.own_partial: Sets = {}
        self.rest_partial: Sets = {}
        """Incidents by the party's words alone (`own_`), and what the scope's incidents would change by if the party's
        lines were taken away (`rest`): wholly inside, and sharing some of their groups."""


class Scope:
    """A cell for which a number was stated."""

    __slots__ = (
        "cell",
        "common_inside",
        "common_partial",
        "crossing",
        "inside",
        "lines",
        "missing",
        "missing_alone",
        "missing_common",
        "nested",
        "numbers",
        "own",
        "partial",
        "partial_cells",
        "sharing",
        "tallies",
    )

    def __init__(self, cell: CellCount, stating: Collection[str]) -> None:
        self.cell = cell
        self.lines = 0
        """Aggregates in force for it."""
        self.numbers = Leaders()
        """What each party states."""
        self.own = Leaders(stating)
        """Incidents that it may absorb by each party's words alone; ranked for the parties that state no number."""
        self.inside = self.common_inside = 0
        self.partial: Sets = {}
        self.common_partial: Sets = {}
        """Incidents whose possible groups are all in it, and those that share some with it; `common` are those that
        two or more parties tell."""
        self.tallies: dict[str, Tally] = {}
        self.partial_cells: list[CellCount] = []
        self.missing = self.missing_common = self.missing_alone = 0
        """Unitemised units: of all lines, of what two parties say, and of each party alone, added up."""
        self.nested: list[int] = []
        self.crossing: list[int] = []
        self.sharing: list[int] = []
        """Scopes whose unitemised units it finds: wholly inside, partly (both of earlier ones), and all that share."""

    def link(self, cell: CellCount) -> None:
        """Count the incidents of a cell among those that may be absorbed, if they may."""
        shared = shared_groups(cell.attribution, cell.place, self.cell.attribution, self.cell.place)
        if shared is None:
            return
        whole = shared == cell.attribution
        cell.links.append((self, whole))
        if not whole:
            self.partial_cells.append(cell)
        self.count(cell.attribution, cell.incidents, cell.common, whole=whole)
        for party, telling in cell.tellings.items():
            self.count_told(cell.attribution, party, telling.own, telling.rest, whole=whole)

    def count(self, groups: str, change: int, common_change: int, *, whole: bool) -> None:
        """Incidents that it may absorb came or went."""
        if whole:
            self.inside += change
            self.common_inside += common_change
        else:
            add(self.partial, groups, change)
            if common_change:
                add(self.common_partial, groups, common_change)

    def count_told(self, groups: str, party: str, own: int, rest: int, *, whole: bool) -> None:
        """A party's part in the incidents that it may absorb changed."""
        tally = self.tallies.get(party)
        if tally is None:
            tally = self.tallies[party] = Tally()
        if own:
            self.own.change(party, own)
        if whole:
            tally.own_inside += own
            tally.rest_inside += rest
        else:
            add(tally.own_partial, groups, own)
            add(tally.rest_partial, groups, rest)
