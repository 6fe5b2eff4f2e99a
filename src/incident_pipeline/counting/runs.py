"""Runs of the steps, kept up line by line.

They go over all lines, over what two parties say, over each party's lines alone, and over what is left without one.
Each goes up the tree of the stated places, the deepest first, as the law does. What a place has after its steps depends
on what lies at or below it alone, so a line costs a run as much as there is on its way up.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from incident_pipeline.counting.absorb import Outcome, Unit, Units, absorb_by_places, absorb_by_sets
from incident_pipeline.counting.cells import CellCount
from incident_pipeline.counting.scope import Scope, Sets, StatedPlace
from incident_pipeline.counting.steps import UnitOrder

_NONE: Sets = {}


class Run(ABC):
    """Steps over some of the lines. What it is run over is a subclass's."""

    __slots__ = ("_by_places", "_left", "_narrowing", "_order", "_placed", "missing", "stale")

    def __init__(self, order: Callable[[Unit], UnitOrder]) -> None:
        self._order = order
        self.stale: dict[StatedPlace, None] = {}
        """Places where incidents or numbers changed."""
        self.missing: dict[Scope, int] = {}
        """Unitemised units; none is zero."""
        self._left: dict[StatedPlace, Sets] = {}
        """Units at or below a place after its steps; left out where there are none."""
        self._placed: dict[StatedPlace, Units] = {}
        """The same with the place of each, where it was asked for."""
        self._by_places: dict[StatedPlace, None] = {}
        """Places whose steps depend on the places of units."""
        self._narrowing: dict[StatedPlace, None] = {}
        """Places whose steps narrowed units."""

    @abstractmethod
    def number(self, scope: Scope) -> int:
        """Tell the number that a scope is to reach."""

    @abstractmethod
    def incidents(self, at: StatedPlace) -> Sets:
        """Incidents of a stated place and of none below it."""

    @abstractmethod
    def incidents_of(self, cell: CellCount) -> int:
        """Incidents of one cell."""

    def left(self, at: StatedPlace) -> Sets:
        """Units at or below a place after its steps."""
        return self._left.get(at, _NONE)

    def placed(self, at: StatedPlace) -> Units:
        """Units at or below a place after its steps, each with its own place."""
        placed = self._placed.get(at)
        if placed is None:
            placed = self._gather_places(at)
            absorb_by_places(self._stated(at), at.path, placed, self._order)
            self._placed[at] = placed
        return placed

    def narrows_below(self) -> bool:
        """Tell whether the steps of a place narrowed units that may lie in another below it."""
        return any(at.below for at in self._narrowing)

    def go_over(self, at: StatedPlace) -> None:
        """Have the steps redone at a place and all above it, whatever they come to."""
        step: StatedPlace | None = at
        while step is not None:
            self.stale[step] = None
            step = step.above

    def forget(self, at: StatedPlace) -> None:
        """Let a place go for which no number is stated any more."""
        self._left.pop(at, None)
        self._placed.pop(at, None)
        self._by_places.pop(at, None)
        self._narrowing.pop(at, None)

    def settle(self) -> tuple[dict[Scope, int], list[StatedPlace]]:
        """Redo the steps where something changed: changes of what is missing, and the places gone through."""
        changes: dict[Scope, int] = {}
        redone: list[StatedPlace] = []
        stale = self.stale
        while stale:
            deepest = list(stale)
            if len(deepest) > 1:
                depth = max([at.depth for at in deepest])
                deepest = [at for at in deepest if at.depth == depth]
            redone += deepest
            for at in deepest:
                del stale[at]
                if self._redo(at, changes) and at.above is not None:
                    stale[at.above] = None
        return changes, redone

    def _redo(self, at: StatedPlace, changes: dict[Scope, int]) -> bool:
        """Run the steps of one place. Whether what it has afterwards is something else."""
        if self._placed:
            self._forget_places(at)
        units = dict(self.incidents(at))
        for below in at.below:
            for possible, number in self.left(below).items():
                units[possible] = units.get(possible, 0) + number
        stated = self._stated(at)
        outcome = absorb_by_sets(stated, units)
        if outcome is None:
            outcome, units = self._redo_by_places(at, stated)
        elif self._by_places:
            self._by_places.pop(at, None)
        self._note(at, outcome, changes)
        is_same = units == self.left(at)
        self._keep(at, units)
        return not is_same

    def _note(self, at: StatedPlace, outcome: Outcome, changes: dict[Scope, int]) -> None:
        """Keep what the steps of a place came to, and tell where more or less is missing than before."""
        if outcome.narrowed:
            self._narrowing[at] = None
        elif self._narrowing:
            self._narrowing.pop(at, None)
        missing = self.missing
        for scope, number in zip(at.scopes, outcome.missing, strict=True):
            change = number - missing.get(scope, 0)
            if change:
                changes[scope] = change
                missing[scope] = number
                if not number:
                    del missing[scope]

    def _keep(self, at: StatedPlace, units: Sets) -> None:
        if units:
            self._left[at] = units
        else:
            self._left.pop(at, None)

    def _forget_places(self, at: StatedPlace) -> None:
        """Where the places of units decided on the way up, they may decide anew, though their number is the same."""
        step: StatedPlace | None = at
        while step is not None:
            self._placed.pop(step, None)
            if step is not at and step in self._by_places:
                self.stale[step] = None
            step = step.above

    def _redo_by_places(self, at: StatedPlace, stated: list[tuple[int, int]]) -> tuple[Outcome, Sets]:
        placed = self._gather_places(at)
        outcome = absorb_by_places(stated, at.path, placed, self._order)
        self._placed[at] = placed
        self._by_places[at] = None
        units: Sets = {}
        for (possible, _), number in placed.items():
            units[possible] = units.get(possible, 0) + number
        return outcome, units

    def _gather_places(self, at: StatedPlace) -> Units:
        units: Units = {}
        for cell in at.cells:
            number = self.incidents_of(cell)
            if number:
                units[cell.mask, cell.place] = number
        for below in at.below:
            units.update(self.placed(below))
        return units

    def _stated(self, at: StatedPlace) -> list[tuple[int, int]]:
        return [(scope.mask, self.number(scope)) for scope in at.scopes]


class AllLines(Run):
    """Over all lines."""

    __slots__ = ()

    def number(self, scope: Scope) -> int:
        """Tell the largest number."""
        return scope.largest

    def incidents(self, at: StatedPlace) -> Sets:
        """All of them."""
        return at.incidents

    def incidents_of(self, cell: CellCount) -> int:
        """All of them."""
        return cell.incidents


class SaidTwice(Run):
    """Over what two or more parties say."""

    __slots__ = ()

    def number(self, scope: Scope) -> int:
        """Tell the second largest of the parties' totals."""
        return scope.second

    def incidents(self, at: StatedPlace) -> Sets:
        """Those that two or more parties tell."""
        return at.common

    def incidents_of(self, cell: CellCount) -> int:
        """Those that two or more parties tell."""
        return cell.common


class OneParty(Run):
    """Over one party's lines alone."""

    __slots__ = ("party", "stated", "totals_are_narrowed")

    def __init__(self, order: Callable[[Unit], UnitOrder], party: str) -> None:
        super().__init__(order)
        self.party = party
        self.stated: dict[Scope, int] = {}
        """Scopes with the party's lines that are not 0, and how many."""
        self.totals_are_narrowed = False
        """Whether its totals were last told from units that scopes further up had narrowed."""

    def number(self, scope: Scope) -> int:
        """Tell the party's number."""
        return scope.numbers.numbers.get(self.party, 0)

    def incidents(self, at: StatedPlace) -> Sets:
        """Those of the party's words."""
        tally = at.tallies.get(self.party)
        return tally.own if tally else _NONE

    def incidents_of(self, cell: CellCount) -> int:
        """Those of the party's words."""
        return cell.own(self.party)


class WithoutParty(Run):
    """Over all lines but one party's: what the party has no part in is as it is in the run over all lines."""

    __slots__ = ("_all", "party")

    def __init__(self, order: Callable[[Unit], UnitOrder], party: str, all_lines: AllLines) -> None:
        super().__init__(order)
        self.party = party
        self._all = all_lines

    def unitemised(self, places: list[StatedPlace], unitemised: int) -> int:
        """Unitemised units without the party, which has a part in some places; `unitemised` are those of all lines."""
        for at in places:
            self.go_over(at)
        _, redone = self.settle()
        for at in redone:
            for scope in at.scopes:
                unitemised -= self._all.missing.get(scope, 0)
        return unitemised + sum(self.missing.values())

    def number(self, scope: Scope) -> int:
        """Tell the largest number of the others."""
        return scope.numbers.largest_without(self.party)

    def incidents(self, at: StatedPlace) -> Sets:
        """What the words of the others come to."""
        tally = at.tallies.get(self.party)
        if tally is None or not tally.rest:
            return at.incidents
        units = dict(at.incidents)
        for possible, change in tally.rest.items():
            number = units.get(possible, 0) + change
            if number:
                units[possible] = number
            else:
                del units[possible]
        return units

    def incidents_of(self, cell: CellCount) -> int:
        """What the words of the others come to."""
        return cell.without(self.party)

    def left(self, at: StatedPlace) -> Sets:
        """Units at or below a place after its steps."""
        left = self._left.get(at)
        return self._all.left(at) if left is None else left

    def placed(self, at: StatedPlace) -> Units:
        """Units at or below a place after its steps, each with its own place."""
        return super().placed(at) if at in self._left else self._all.placed(at)

    def _keep(self, at: StatedPlace, units: Sets) -> None:
        self._left[at] = units
