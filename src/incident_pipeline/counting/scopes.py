"""All scopes of a theatre-day: a line costs as much as the day has scopes, not as it has items.

For each scope the number of incidents that it may absorb is kept, for all lines together, for each party's lines
alone, and for what remains without a party; step 2 of the law then runs over the scopes only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import partial

from incident_pipeline.counting.absorb import Outcome, absorb
from incident_pipeline.counting.cells import CellCount
from incident_pipeline.counting.leaders import Leaders
from incident_pipeline.counting.places import is_within
from incident_pipeline.counting.scope import Scope, Sets, Tally, add, shared_groups
from incident_pipeline.counting.steps import scope_order

_NO_TALLY = Tally()


class Scopes:
    """All scopes of a theatre-day, and what the steps over them come to."""

    __slots__ = (
        "_alone",
        "_by_cell",
        "_common",
        "_common_stale",
        "_second",
        "_stale_parties",
        "in_order",
        "stale",
        "unitemised",
        "unitemised_alone",
        "unitemised_common",
    )

    def __init__(self) -> None:
        self.in_order: list[Scope] = []
        """From the narrowest to the widest."""
        self._by_cell: dict[CellCount, Scope] = {}
        self._alone: dict[str, tuple[Outcome, list[int]]] = {}
        """For each party that states numbers: its own steps, and what they change in its total within each scope."""
        self._stale_parties: dict[str, None] = {}
        self._second: list[int] = []
        self._common: list[int] = []
        """What is missing of what two parties say, given the second largest totals."""
        self._common_stale = False
        self.stale = False
        self.unitemised = self.unitemised_common = self.unitemised_alone = 0
        """Sums over the scopes of what is missing."""

    def unit(self, cell: CellCount, change: int, *, common: bool) -> None:
        """Some incidents of a cell came or went."""
        common_change = change if common else 0
        for scope, whole in cell.links:
            scope.count(cell.attribution, change, common_change, whole=whole)
        self._common_stale |= common
        self.stale = True

    def told(self, cell: CellCount, party: str, own: int, rest: int) -> None:
        """A party's part in the incidents of a cell changed."""
        for scope, whole in cell.links:
            scope.count_told(cell.attribution, party, own, rest, whole=whole)
        if own and party in self._alone:
            self._stale_parties[party] = None
        self.stale = True

    def state(self, cell: CellCount, party: str, n: int, cells: Collection[CellCount]) -> None:
        """A party states a number for the cell; `cells` are all of the day."""
        scope = self._by_cell.get(cell)
        if scope is None:
            scope = self._by_cell[cell] = cell.scope = Scope(cell, self._alone)
            for other in cells:
                scope.link(other)
            self.in_order.append(scope)
            self._arrange()
        scope.lines += 1
        scope.numbers.change(party, n)
        self._stale_parties[party] = None
        self.stale = True

    def withdraw(self, cell: CellCount, party: str, n: int, cells: Collection[CellCount]) -> None:
        """A number is no longer in force; `cells` are all of the day."""
        scope = self._by_cell[cell]
        scope.lines -= 1
        scope.numbers.change(party, -n)
        self._stale_parties[party] = None
        self.stale = True
        if scope.lines:
            return
        del self._by_cell[cell]
        cell.scope = None
        for other in cells:
            other.links = [link for link in other.links if link[0] is not scope]
        self.in_order.remove(scope)
        self._arrange()

    def link(self, cell: CellCount) -> None:
        """Link a new cell with the scopes that may absorb its incidents."""
        for scope in self.in_order:
            scope.link(cell)

    def _arrange(self) -> None:
        """Put the scopes in order, and tell which finds whose unitemised units."""
        scopes = self.in_order
        scopes.sort(key=lambda scope: scope_order(scope.cell.attribution, scope.cell.place))
        for index, scope in enumerate(scopes):
            scope.nested, scope.crossing, scope.sharing = [], [], []
            for other_index, other in enumerate(scopes):
                shared = shared_groups(
                    other.cell.attribution, other.cell.place, scope.cell.attribution, scope.cell.place
                )
                if shared is None:
                    continue
                scope.sharing.append(other_index)
                if other_index < index:
                    (scope.nested if shared == other.cell.attribution else scope.crossing).append(other_index)
        self._stale_parties.update(dict.fromkeys(self._alone))
        self._common_stale = True

    def settle(self) -> list[CellCount]:
        """Redo the steps. Cells whose figures changed by it."""
        scopes = self.in_order
        self._settle_alone()
        full = absorb(
            scopes,
            self._largest(),
            [scope.inside for scope in scopes],
            [scope.partial for scope in scopes],
            lambda cell: cell.incidents,
        ).missing
        second = self._second_largest()
        if self._common_stale or second != self._second:
            self._second = second
            self._common = absorb(
                scopes,
                second,
                [scope.common_inside for scope in scopes],
                [scope.common_partial for scope in scopes],
                lambda cell: cell.common,
            ).missing
            self._common_stale = False
        common = self._common
        touched = []
        for index, scope in enumerate(scopes):
            alone = 0
            for outcome, _ in self._alone.values():
                alone += outcome.missing[index]
            if full[index] != scope.missing or common[index] != scope.missing_common or alone != scope.missing_alone:
                scope.missing, scope.missing_common, scope.missing_alone = full[index], common[index], alone
                touched.append(scope.cell)
        self.unitemised = sum(full)
        self.unitemised_common = sum(common)
        self.unitemised_alone = sum([scope.missing_alone for scope in scopes])
        self.stale = False
        return touched

    def _settle_alone(self) -> None:
        """Redo the steps for the lines of each party of which something changed."""
        scopes = self.in_order
        for party in self._stale_parties:
            numbers = [scope.numbers.numbers.get(party, 0) for scope in scopes]
            if party in self._alone and not any(numbers):
                del self._alone[party]
                self._rank_anew()
            if not any(numbers):
                continue
            outcome = self._absorb_alone(party, numbers)
            if party not in self._alone:
                self._rank_anew()
            self._alone[party] = outcome, [_added_within(scope, outcome) for scope in scopes]
        self._stale_parties.clear()

    def _absorb_alone(self, party: str, numbers: list[int]) -> Outcome:
        scopes = self.in_order
        tallies = [scope.tallies.get(party, _NO_TALLY) for scope in scopes]
        inside = [tally.own_inside for tally in tallies]
        sharing = [tally.own_partial for tally in tallies]
        incidents = partial(CellCount.own, party=party)
        outcome = absorb(scopes, numbers, inside, sharing, incidents)
        # The party's total within a deeper scope needs to know which units were narrowed there.
        for scope in scopes:
            path = scope.cell.place
            if any(path != above and is_within(path, above) for above in outcome.unplaced):
                return absorb(scopes, numbers, inside, sharing, incidents, by_place=True)
        return outcome

    def _rank_anew(self) -> None:
        """The parties that state numbers are no longer the same: others are ranked by their incidents alone."""
        for scope in self.in_order:
            scope.own.rank_anew()

    def _largest(self) -> list[int]:
        return [scope.numbers.two()[0] for scope in self.in_order]

    def _second_largest(self) -> list[int]:
        """Tell, for each scope, the second largest of the parties' totals within it."""
        found = []
        for index, scope in enumerate(self.in_order):
            largest, second = scope.own.two()
            for party, (_, added) in self._alone.items():
                total = scope.own.numbers.get(party, 0) + added[index]
                if total > largest:
                    largest, second = total, largest
                elif total > second:
                    second = total
            found.append(second)
        return found

    def least_without_a_party(self, enough: int, incidents: int, only: Leaders, moved_by: Mapping[str, int]) -> int:
        """Smallest `deduplicated` that is left when one party's lines are taken away, or `enough` if none is below it.

        `incidents` is the number of all, `only` how many each party tells alone, `moved_by` how many would lie in
        another cell without it. The steps are redone without a party just where what surely remains is not enough.
        """
        most_alone = only.two()[0]
        if incidents - most_alone >= enough:
            return enough
        least = enough
        for party in self._alone:
            numbers = [scope.numbers.largest_without(party) for scope in self.in_order]
            remaining = incidents - only.numbers.get(party, 0)
            if max(remaining, self._floor(numbers)) < least:
                least = min(least, remaining + self._unitemised_without(party, numbers))
        numbers = self._largest()
        if self._floor(numbers) >= least:
            return least
        # Where no scope ever takes units in part, a unit less makes at most one less.
        takes_parts = any(scope.partial or scope.crossing for scope in self.in_order)
        others: Iterable[str] = moved_by
        if takes_parts or incidents + self.unitemised - most_alone < least:
            others = {**only.numbers, **moved_by}
        for party in others:
            remaining = incidents - only.numbers.get(party, 0)
            if party not in self._alone and remaining < least:
                least = min(least, remaining + self._unitemised_without(party, numbers))
        return least

    def _floor(self, numbers: list[int]) -> int:
        """Sum numbers of scopes that share no unit: no count that agrees with them is smaller."""
        chosen: list[int] = []
        for index in sorted(range(len(numbers)), key=lambda index: -numbers[index]):
            sharing = self.in_order[index].sharing
            if all(other not in sharing and index not in self.in_order[other].sharing for other in chosen):
                chosen.append(index)
        return sum([numbers[index] for index in chosen])

    def _unitemised_without(self, party: str, numbers: list[int]) -> int:
        scopes = self.in_order
        tallies = [scope.tallies.get(party, _NO_TALLY) for scope in scopes]
        outcome = absorb(
            scopes,
            numbers,
            [scope.inside + tally.rest_inside for scope, tally in zip(scopes, tallies, strict=True)],
            [_both(scope.partial, tally.rest_partial) for scope, tally in zip(scopes, tallies, strict=True)],
            lambda cell: cell.without(party),
        )
        return sum(outcome.missing)


def _both(one: Sets, other: Sets) -> Sets:
    both = dict(one)
    for groups, number in other.items():
        add(both, groups, number)
    return both


def _added_within(scope: Scope, outcome: Outcome) -> int:
    """What the steps change in a party's total within a scope: units added, and units narrowed away from its groups."""
    if not outcome.moved:
        return sum([outcome.missing[index] for index in scope.sharing])
    groups, path = scope.cell.attribution, scope.cell.place
    added = 0
    for (possible, where), units in outcome.moved.items():
        if shared_groups(possible, where, groups, path) is not None:
            added += units
    for (stated, where), units in outcome.taken.items():
        if shared_groups(stated, where, groups, path) is not None:
            added -= units
    return added
