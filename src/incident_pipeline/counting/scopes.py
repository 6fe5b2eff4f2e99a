"""All scopes of a theatre-day: a line costs as much as is stated on its way up, not as the day has items or scopes.

The steps of the law are run over the stated places only, from the deepest up: for all lines together, for what two
parties say, for each party's lines alone, and, where it may matter, for what remains without a party.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from operator import attrgetter

from incident_pipeline.counting.cells import CellCount
from incident_pipeline.counting.leaders import Leaders
from incident_pipeline.counting.masks import ANYBODY, Masks
from incident_pipeline.counting.places import is_within, place
from incident_pipeline.counting.runs import AllLines, OneParty, Run, SaidTwice, WithoutParty
from incident_pipeline.counting.scope import Scope, Sets, StatedPlace, add, within

_FLOOR_COSTS = 8
"""Scopes that a lower bound goes through in the time that the steps take over one."""


class Scopes:
    """All scopes of a theatre-day, and what the steps over them come to."""

    __slots__ = (
        "_all",
        "_alone",
        "_common",
        "_emptied",
        "_masks",
        "_places",
        "_ranked",
        "_with_names",
        "by_cell",
        "stale",
        "unitemised",
        "unitemised_alone",
        "unitemised_common",
    )

    def __init__(self) -> None:
        self.by_cell: dict[CellCount, Scope] = {}
        """All of them."""
        self._places: dict[str, StatedPlace] = {}
        self._masks = Masks()
        self._all = AllLines(self._masks.unit_order)
        self._common = SaidTwice(self._masks.unit_order)
        self._alone: dict[str, OneParty] = {}
        """For each party that states numbers other than 0."""
        self._ranked: dict[Scope, None] = {}
        """Scopes within which a party's total changed."""
        self._emptied: dict[Scope, None] = {}
        """Scopes that lost all their lines; they may come again before the steps are redone."""
        self._with_names = 0
        """Scopes of named groups."""
        self.stale = False
        self.unitemised = self.unitemised_common = self.unitemised_alone = 0
        """Sums over the scopes of what is missing."""

    def at(self, path: str) -> Collection[Scope]:
        """Scopes of exactly one place."""
        stated = self._places.get(path)
        return stated.scopes if stated else ()

    def __del__(self) -> None:
        """Take apart what refers to each other: a day is freed by its reference count, no collector looks for it."""
        for scope in self.by_cell.values():
            scope.cell.scope = None
        for at in self._places.values():
            at.let_go()

    # Incidents

    def unit(self, cell: CellCount, change: int, *, common: bool) -> None:
        """Some incidents of a cell in a stated place came or went."""
        at = cell.stated
        if at is None:
            return
        add(at.incidents, cell.mask, change)
        self._all.stale[at] = None
        if common:
            add(at.common, cell.mask, change)
            self._common.stale[at] = None
        self.stale = True

    def told(self, cell: CellCount, party: str, own: int, rest: int) -> None:
        """A party's part in the incidents of a cell in a stated place changed."""
        at = cell.stated
        if at is None:
            return
        mask = cell.mask
        tally = at.tally(party)
        if rest:
            add(tally.rest, mask, rest)
        if own:
            add(tally.own, mask, own)
            alone = self._alone.get(party)
            if alone is not None:
                alone.stale[at] = None
            else:
                self._raise_totals(at, mask, party, own)
        self.stale = True

    def _raise_totals(self, at: StatedPlace | None, mask: int, party: str, change: int) -> None:
        """Change the totals of a party that states no number: they are its incidents."""
        while at is not None:
            for scope in at.scopes:
                if mask & scope.mask:
                    scope.totals.change(party, change)
                    self._ranked[scope] = None
            at = at.above

    def link(self, cell: CellCount) -> None:
        """Let a new cell lie in the stated place that it is in, if there is one."""
        at = self._nearest(cell.place) if self._places else None
        if at is not None:
            cell.mask = self._masks.mask(cell.attribution)
            at.take((cell,))

    def _nearest(self, path: str) -> StatedPlace | None:
        for step in place(path).ancestry:
            at = self._places.get(step)
            if at is not None:
                return at
        return None

    # Numbers

    def state(self, cell: CellCount, party: str, n: int, cells: Collection[CellCount]) -> None:
        """A party states a number for the cell; `cells` are all of the day."""
        scope = self.by_cell.get(cell) or self._add_scope(cell, cells)
        scope.lines += 1
        self._emptied.pop(scope, None)
        if n:
            alone = self._alone.get(party) or self._add_party(party)
            add(alone.stated, scope, 1)
            self._renumber(scope, alone, n)
        self.stale = True

    def withdraw(self, cell: CellCount, party: str, n: int) -> None:
        """A number is no longer in force."""
        scope = self.by_cell[cell]
        scope.lines -= 1
        if n:
            alone = self._alone[party]
            add(alone.stated, scope, -1)
            self._renumber(scope, alone, -n)
        if not scope.lines:
            self._emptied[scope] = None
            self._ranked[scope] = None
        self.stale = True

    def _renumber(self, scope: Scope, alone: OneParty, change: int) -> None:
        scope.numbers.change(alone.party, change)
        alone.stale[scope.at] = None
        largest = scope.numbers.two()[0]
        if largest != scope.largest:
            scope.largest = largest
            self._all.stale[scope.at] = None

    def _add_party(self, party: str) -> OneParty:
        alone = self._alone[party] = OneParty(self._masks.unit_order, party)
        for at in self._places.values():
            if party in at.tallies:
                alone.go_over(at)
        return alone

    def _add_scope(self, cell: CellCount, cells: Collection[CellCount]) -> Scope:
        mask = self._masks.mask(cell.attribution)
        at = self._places.get(cell.place) or self._add_place(cell.place, cells)
        scope = self.by_cell[cell] = cell.scope = Scope(cell, mask, at)
        at.scopes.append(scope)
        at.scopes.sort(key=attrgetter("order"))
        told: dict[str, int] = {}
        for each in _at_or_below(at):
            for party, tally in each.tallies.items():
                if party not in self._alone:
                    told[party] = told.get(party, 0) + within(mask, tally.own)
        for party, number in told.items():
            scope.totals.change(party, number)
        for alone in self._alone.values():
            alone.stale[at] = None
        self._ranked[scope] = None
        self._with_names += mask != ANYBODY
        return scope

    def _add_place(self, path: str, cells: Collection[CellCount]) -> StatedPlace:
        above = self._nearest(path)
        at = self._places[path] = StatedPlace(path, above)
        beside = above.below if above else [each for each in self._places.values() if each.above is None]
        for below in beside:
            if below is not at and is_within(below.path, path):
                below.above = at
                at.below.append(below)
        alike = [cell for cell in (above.cells if above else cells) if cell.place.startswith(path)]
        inside = [cell for cell in alike if cell.stated is above and is_within(cell.place, path)]
        if above is not None:
            above.below = [*(below for below in above.below if below.above is above), at]
            above.leave_to(at, inside)
        else:
            masks = self._masks
            for cell in inside:
                cell.mask = masks.mask(cell.attribution)
            at.take(inside)
        for run in self._runs():
            run.stale[at] = None
            if above is not None:  # it knows what was below it, which is now below the new place
                run.stale[above] = None
        return at

    def _remove(self, scope: Scope) -> None:
        """Let a scope go that no line is for; the steps with it are as they are without it."""
        at = scope.at
        del self.by_cell[scope.cell]
        scope.cell.scope = None
        at.scopes.remove(scope)
        self._with_names -= scope.mask != ANYBODY
        if at.scopes:
            return
        del self._places[at.path]
        above = at.above
        for below in at.below:
            below.above = above
        if above is not None:
            above.below.remove(at)
            above.below += at.below
            above.take(at.cells)
        else:
            for cell in at.cells:
                cell.stated = None
        for run in self._runs():
            run.forget(at)

    def _runs(self) -> tuple[Run, ...]:
        return (self._all, self._common, *self._alone.values())

    # Counts

    def settle(self) -> list[CellCount]:
        """Redo the steps. Cells whose figures changed by it."""
        touched: dict[CellCount, None] = {}
        for alone in [alone for alone in self._alone.values() if alone.stale]:
            for scope, change in self._settle_alone(alone).items():
                scope.missing_alone += change
                self.unitemised_alone += change
                touched[scope.cell] = None
        for scope in self._ranked:
            second = scope.totals.two()[1] if scope.lines else 0
            if second != scope.second:
                scope.second = second
                self._common.stale[scope.at] = None
        self._ranked.clear()
        if self._common.stale:
            for scope, change in self._common.settle()[0].items():
                scope.missing_common += change
                self.unitemised_common += change
                touched[scope.cell] = None
        if self._all.stale:
            for scope, change in self._all.settle()[0].items():
                scope.missing += change
                self.unitemised += change
                touched[scope.cell] = None
        for scope in self._emptied:
            self._remove(scope)
        self._emptied.clear()
        self.stale = False
        return list(touched)

    def _settle_alone(self, alone: OneParty) -> dict[Scope, int]:
        """Redo the steps for one party's lines, and tell its totals. Changes of what is missing."""
        changes, redone = alone.settle()
        is_narrowed = alone.narrows_below()
        if is_narrowed or alone.totals_are_narrowed:
            totals = self._narrowed_totals(alone)
            for at in self._places.values():
                self._rank(alone.party, at, totals[at])
        else:
            for at in redone:
                self._rank(alone.party, at, alone.left(at))
        alone.totals_are_narrowed = is_narrowed
        if not alone.stated:
            del self._alone[alone.party]
        return changes

    def _narrowed_totals(self, alone: OneParty) -> dict[StatedPlace, Sets]:
        """A party's units at or below each place as they stand at the end, when all scopes have narrowed them."""
        totals: dict[StatedPlace, Sets] = {at: {} for at in self._places.values()}
        for top in self._places.values():
            if top.above is None:
                for (possible, path), number in alone.placed(top).items():
                    add(totals[self._nearest(path) or top], possible, number)
        for at in sorted(totals, key=attrgetter("depth"), reverse=True):
            if at.above is not None:
                for possible, number in totals[at].items():
                    add(totals[at.above], possible, number)
        return totals

    def _rank(self, party: str, at: StatedPlace, units: Sets) -> None:
        """Tell a party's totals within the scopes of a place, given its units at or below it."""
        for scope in at.scopes:
            change = within(scope.mask, units) - scope.totals.numbers.get(party, 0)
            if change:
                scope.totals.change(party, change)
                self._ranked[scope] = None

    # Without a party

    def least_without_a_party(self, enough: int, incidents: int, only: Leaders, moved_by: Mapping[str, int]) -> int:
        """Smallest `deduplicated` that is left when one party's lines are taken away, or `enough` if none is below it.

        `incidents` is the number of all, `only` how many each party tells alone, `moved_by` how many would lie in
        another cell without it. The steps are redone without a party just where what surely remains is not enough.
        """
        most_alone = only.two()[0]
        if incidents - most_alone >= enough:
            return enough
        floor, least = self._floor(), enough
        if floor < enough:
            floor = max(floor, self._floor_apart())
        for party, alone in self._alone.items():
            remaining = incidents - only.numbers.get(party, 0)
            if remaining < least:
                least = min(least, self._without_numbers(alone, remaining, floor, least))
        if floor >= least:
            return least
        # Where every scope takes all units that it finds, a unit less makes at most one less.
        if self._with_names or incidents + self.unitemised - most_alone < least:
            for party in {**only.numbers, **moved_by}:
                remaining = incidents - only.numbers.get(party, 0)
                if party not in self._alone and remaining < least:
                    least = min(least, remaining + self._unitemised_without(party, []))
        return least

    def _without_numbers(self, alone: OneParty, remaining: int, floor: int, least: int) -> int:
        """`deduplicated` without a party that states numbers; `least` where it surely is not below that."""
        leading = []
        for scope in alone.stated:
            less = scope.largest - scope.numbers.largest_without(alone.party)
            if less:
                leading.append(scope.at)
                floor -= less
        if floor >= least:
            return least
        if (
            len(leading) * _FLOOR_COSTS > len(self.by_cell)
            and max(self._floor(alone), self._floor_apart(alone)) >= least
        ):
            return least
        return remaining + self._unitemised_without(alone.party, leading)

    def _unitemised_without(self, party: str, leading: list[StatedPlace]) -> int:
        """Unitemised units without a party, which alone states the largest number for scopes of some places."""
        told = [at for at in self._places.values() if party in at.tallies]
        if not told and not leading:
            return self.unitemised
        return WithoutParty(self._masks.unit_order, party, self._all).unitemised(told + leading, self.unitemised)

    def _floor(self, without: OneParty | None = None) -> int:
        """Sum numbers, perhaps without a party's, of scopes that share no unit: no count under them is smaller."""
        floors: dict[StatedPlace | None, int] = {None: 0}
        for at in sorted(self._places.values(), key=attrgetter("depth"), reverse=True):
            numbers = [(scope.largest, scope.mask) for scope in at.scopes]
            if without is not None:
                party = without.party
                numbers = [(scope.numbers.largest_without(party), scope.mask) for scope in at.scopes]
            apart = taken = 0
            for number, mask in sorted(numbers, reverse=True):
                if not mask & taken:
                    taken |= mask
                    apart += number
            floors[at.above] = floors.get(at.above, 0) + max(apart, floors.get(at, 0))
        return floors[None]

    def _floor_apart(self, without: OneParty | None = None) -> int:
        """Sum numbers of scopes that share no unit, the largest first: here places on one way up may add up as well."""
        scopes = list(self.by_cell.values())
        numbers = [scope.largest for scope in scopes]
        if without is not None:
            numbers = [scope.numbers.largest_without(without.party) for scope in scopes]
        chosen: list[Scope] = []
        floor = 0
        for index in sorted(range(len(scopes)), key=numbers.__getitem__, reverse=True):
            scope = scopes[index]
            if not any(_may_share(scope, other) for other in chosen):
                chosen.append(scope)
                floor += numbers[index]
        return floor


def _may_share(one: Scope, other: Scope) -> bool:
    """Whether a unit may lie within both."""
    if not one.mask & other.mask:
        return False
    return is_within(one.at.path, other.at.path) or is_within(other.at.path, one.at.path)


def _at_or_below(at: StatedPlace) -> Iterator[StatedPlace]:
    yield at
    for below in at.below:
        yield from _at_or_below(below)
