"""Counters of one scope: how many incidents it may absorb, told by whom."""

from __future__ import annotations

from functools import lru_cache

from incident_pipeline.counting.attribution import meet
from incident_pipeline.counting.cells import CellCount
from incident_pipeline.counting.places import is_within


@lru_cache(1 << 16)
def shared_groups(possible: str, path: str, groups: str, scope_path: str) -> str | None:
    """Groups that a unit would be left with if the scope absorbed it; None if it cannot. Whole if all are left."""
    return meet(possible, groups) if is_within(path, scope_path) else None


class Tally:
    """One party's part in what a scope may absorb."""

    __slots__ = ("own_inside", "own_partial", "rest_inside", "rest_partial")

    def __init__(self) -> None:
        self.own_inside = self.own_partial = 0
        """Incidents by the party's words alone: wholly inside, and sharing some of their groups."""
        self.rest_inside = self.rest_partial = 0
        """What the scope's incidents would change by if the party's lines were taken away."""


class Scope:
    """A cell for which a number was stated."""

    __slots__ = (
        "cell",
        "common_inside",
        "common_partial",
        "crossing",
        "inside",
        "largest",
        "lines",
        "missing",
        "missing_alone",
        "missing_common",
        "nested",
        "numbers",
        "partial",
        "partial_cells",
        "sharing",
        "tallies",
    )

    def __init__(self, cell: CellCount) -> None:
        self.cell = cell
        self.lines = 0
        """Aggregates in force for it."""
        self.numbers: dict[str, int] = {}
        """What each party states."""
        self.largest = 0
        self.inside = self.partial = 0
        """Incidents whose possible groups are all in it, and those that share some with it."""
        self.common_inside = self.common_partial = 0
        """The same of incidents that two or more parties tell."""
        self.tallies: dict[str, Tally] = {}
        self.partial_cells: list[CellCount] = []
        self.missing = self.missing_common = self.missing_alone = 0
        """Unitemised units: of all lines, of what two parties say, and of each party alone, added up."""
        self.nested: list[int] = []
        self.crossing: list[int] = []
        self.sharing: list[int] = []
        """Scopes whose unitemised units it finds: wholly inside, partly (both of earlier ones), and all that share."""

    def tally(self, party: str) -> Tally:
        """The party's part."""
        tally = self.tallies.get(party)
        if tally is None:
            tally = self.tallies[party] = Tally()
        return tally

    def link(self, cell: CellCount) -> None:
        """Count the incidents of a cell among those that may be absorbed, if they may."""
        shared = shared_groups(cell.attribution, cell.place, self.cell.attribution, self.cell.place)
        if shared is None:
            return
        whole = shared == cell.attribution
        cell.links.append((self, whole))
        if whole:
            self.inside += cell.incidents
            self.common_inside += cell.common
        else:
            self.partial += cell.incidents
            self.common_partial += cell.common
            self.partial_cells.append(cell)
        for party, telling in cell.tellings.items():
            tally = self.tally(party)
            if whole:
                tally.own_inside += telling.own
                tally.rest_inside += telling.rest
            else:
                tally.own_partial += telling.own
                tally.rest_partial += telling.rest

    def largest_without(self, party: str) -> int:
        """Largest number that another party states."""
        return max((n for other, n in self.numbers.items() if other != party), default=0)
