"""Counters of the scopes of a theatre-day: what was stated, and which incidents lie where something was stated."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypeVar

from incident_pipeline.counting.attribution import attribution
from incident_pipeline.counting.cells import CellCount
from incident_pipeline.counting.leaders import Leaders
from incident_pipeline.counting.masks import Mask
from incident_pipeline.counting.places import place

Sets = dict[Mask, int]
"""Numbers of units by their possible groups; none is zero."""

_Key = TypeVar("_Key")


def add(numbers: dict[_Key, int], key: _Key, change: int) -> None:
    """Change one number, and keep no zero."""
    number = numbers.get(key, 0) + change
    if number:
        numbers[key] = number
    else:
        numbers.pop(key, None)


def within(groups: Mask, units: Sets) -> int:
    """How many units share a group."""
    return sum([number for possible, number in units.items() if possible & groups])


class Scope:
    """A cell for which a number was stated."""

    __slots__ = (
        "at",
        "cell",
        "largest",
        "lines",
        "mask",
        "missing",
        "missing_alone",
        "missing_common",
        "numbers",
        "order",
        "second",
        "totals",
    )

    def __init__(self, cell: CellCount, mask: Mask, at: StatedPlace) -> None:
        self.cell = cell
        self.mask = mask
        self.at = at
        self.order = attribution(cell.attribution)
        """Among the scopes of its place."""
        self.lines = 0
        """Aggregates in force for it."""
        self.numbers = Leaders()
        """What each party states."""
        self.largest = 0
        """Of the numbers."""
        self.totals = Leaders()
        """Each party's total within it: the steps for its lines alone."""
        self.second = 0
        """Second largest of the totals, as the steps last had it."""
        self.missing = self.missing_common = self.missing_alone = 0
        """Unitemised units: of all lines, of what two parties say, and of each party alone, added up."""


class Tally:
    """One party's part in the incidents of a stated place."""

    __slots__ = ("own", "rest")

    def __init__(self) -> None:
        self.own: Sets = {}
        """Incidents by the party's words alone."""
        self.rest: Sets = {}
        """What the incidents would change by if the party's lines were taken away."""


class StatedPlace:
    """A place for which a number was stated, and the incidents at or below it that lie in no deeper stated place."""

    __slots__ = ("above", "below", "cells", "common", "depth", "incidents", "path", "scopes", "tallies")

    def __init__(self, path: str, above: StatedPlace | None) -> None:
        self.path = path
        self.depth = place(path).depth
        self.above = above
        """The next stated place above it."""
        self.below: list[StatedPlace] = []
        self.scopes: list[Scope] = []
        """From the narrowest to the widest."""
        self.cells: list[CellCount] = []
        self.incidents: Sets = {}
        self.common: Sets = {}
        """Incidents that two or more parties tell."""
        self.tallies: dict[str, Tally] = {}

    def tally(self, party: str) -> Tally:
        """The party's part."""
        tally = self.tallies.get(party)
        if tally is None:
            tally = self.tallies[party] = Tally()
        return tally

    def take(self, cells: Iterable[CellCount]) -> None:
        """Let the incidents of cells lie here."""
        for cell in cells:
            cell.stated = self
            self.cells.append(cell)
            mask = cell.mask
            if cell.incidents:
                add(self.incidents, mask, cell.incidents)
            if cell.common:
                add(self.common, mask, cell.common)
            for party, telling in cell.tellings.items():
                tally = self.tally(party)
                if telling.own:
                    add(tally.own, mask, telling.own)
                if telling.rest:
                    add(tally.rest, mask, telling.rest)

    def let_go(self) -> None:
        """Refer to nothing that refers to it, when its day is dropped."""
        for cell in self.cells:
            cell.stated = None
        self.above = None
        self.below, self.scopes, self.cells = [], [], []

    def leave_to(self, other: StatedPlace, cells: Collection[CellCount]) -> None:
        """Let the incidents of some of its cells lie in another place."""
        other.take(cells)
        self.cells = [cell for cell in self.cells if cell.stated is self]
        for possible, number in other.incidents.items():
            add(self.incidents, possible, -number)
        for possible, number in other.common.items():
            add(self.common, possible, -number)
        for party, tally in other.tallies.items():
            left = self.tally(party)
            for possible, number in tally.own.items():
                add(left.own, possible, -number)
            for possible, number in tally.rest.items():
                add(left.rest, possible, -number)
            if not left.own and not left.rest:
                del self.tallies[party]
