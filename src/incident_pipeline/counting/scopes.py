"""All scopes of a theatre-day: a line costs as much as the day has scopes, not as it has items.

For each scope the number of incidents that it may absorb is kept, for all lines together, for each party's lines
alone, and for what remains without a party; step 2 of the law then runs over the scopes only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial

from incident_pipeline.counting.absorb import Outcome, absorb
from incident_pipeline.counting.cells import CellCount
from incident_pipeline.counting.scope import Scope, Tally, shared_groups
from incident_pipeline.counting.steps import scope_order

_NO_TALLY = Tally()


class Scopes:
    """All scopes of a theatre-day, and what the steps over them come to."""

    __slots__ = (
        "_alone",
        "_by_cell",
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
        self.stale = False
        self.unitemised = self.unitemised_common = self.unitemised_alone = 0
        """Sums over the scopes of what is missing."""

    def unit(self, cell: CellCount, change: int, *, common: bool) -> None:
        """Some incidents of a cell came or went."""
        for scope, whole in cell.links:
            if whole:
                scope.inside += change
                if common:
                    scope.common_inside += change
            else:
                scope.partial += change
                if common:
                    scope.common_partial += change
        self.stale = True

    def told(self, cell: CellCount, party: str, own: int, rest: int) -> None:
        """A party's part in the incidents of a cell changed."""
        for scope, whole in cell.links:
            tally = scope.tally(party)
            if whole:
                tally.own_inside += own
                tally.rest_inside += rest
            else:
                tally.own_partial += own
                tally.rest_partial += rest
        if own and party in self._alone:
            self._stale_parties[party] = None
        self.stale = True

    def state(self, cell: CellCount, party: str, n: int, cells: Collection[CellCount]) -> None:
        """A party states a number for the cell; `cells` are all of the day."""
        scope = self._by_cell.get(cell)
        if scope is None:
            scope = self._by_cell[cell] = cell.scope = Scope(cell)
            for other in cells:
                scope.link(other)
            self.in_order.append(scope)
            self._arrange()
        scope.lines += 1
        scope.numbers[party] = scope.numbers.get(party, 0) + n
        scope.largest = max(scope.numbers.values())
        self._stale_parties[party] = None
        self.stale = True

    def withdraw(self, cell: CellCount, party: str, n: int, cells: Collection[CellCount]) -> None:
        """A number is no longer in force; `cells` are all of the day."""
        scope = self._by_cell[cell]
        scope.lines -= 1
        scope.numbers[party] -= n
        if not scope.numbers[party]:
            del scope.numbers[party]
        scope.largest = max(scope.numbers.values(), default=0)
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

    def settle(self) -> list[CellCount]:
        """Redo the steps. Cells whose figures changed by it."""
        scopes = self.in_order
        self._settle_alone()
        full = absorb(
            scopes,
            [scope.largest for scope in scopes],
            [scope.inside for scope in scopes],
            [scope.partial for scope in scopes],
            lambda cell: cell.incidents,
        ).missing
        common = absorb(
            scopes,
            self._second_largest(),
            [scope.common_inside for scope in scopes],
            [scope.common_partial for scope in scopes],
            lambda cell: cell.common,
        ).missing
        touched = []
        for index, scope in enumerate(scopes):
            alone = 0
            for outcome, _ in self._alone.values():
                alone += outcome.missing[index]
            if (
                full[index] != scope.missing
                or common[index] != scope.missing_common
                or alone != scope.missing_alone
            ):
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
            numbers = [scope.numbers.get(party, 0) for scope in scopes]
            if not any(numbers):
                self._alone.pop(party, None)
                continue
            tallies = [scope.tallies.get(party, _NO_TALLY) for scope in scopes]
            outcome = absorb(
                scopes,
                numbers,
                [tally.own_inside for tally in tallies],
                [tally.own_partial for tally in tallies],
                partial(CellCount.own, party=party),
            )
            self._alone[party] = outcome, [_added_within(scope, outcome) for scope in scopes]
        self._stale_parties.clear()

    def _second_largest(self) -> list[int]:
        """For each scope the second largest of the parties' totals within it."""
        found = []
        alone = self._alone
        for index, scope in enumerate(self.in_order):
            largest = second = 0
            tallies = scope.tallies
            for party, tally in tallies.items():
                total = tally.own_inside + tally.own_partial
                if party in alone:
                    total += alone[party][1][index]
                if total > largest:
                    largest, second = total, largest
                elif total > second:
                    second = total
            for party, (_, added) in alone.items():
                if party not in tallies:
                    total = added[index]
                    if total > largest:
                        largest, second = total, largest
                    elif total > second:
                        second = total
            found.append(second)
        return found

    def least_without_a_party(self, enough: int, incidents: int, only: Mapping[str, int]) -> int:
        """Smallest `deduplicated` that is left when one party's lines are taken away, or `enough` if none is below it.

        `incidents` is the number of all, `only` how many each party tells alone. The steps are redone without a party
        just where what surely remains (the others' incidents, the largest number of another) is not enough.
        """
        least = enough
        for party in {**only, **self._alone}:
            remaining = incidents - only.get(party, 0)
            if remaining >= least:
                continue
            numbers = [scope.largest_without(party) for scope in self.in_order]
            if max(numbers, default=0) >= least:
                continue
            least = min(least, remaining + self._unitemised_without(party, numbers))
        return least

    def _unitemised_without(self, party: str, numbers: list[int]) -> int:
        scopes = self.in_order
        tallies = [scope.tallies.get(party, _NO_TALLY) for scope in scopes]
        outcome = absorb(
            scopes,
            numbers,
            [scope.inside + tally.rest_inside for scope, tally in zip(scopes, tallies, strict=True)],
            [scope.partial + tally.rest_partial for scope, tally in zip(scopes, tallies, strict=True)],
            lambda cell: cell.without(party),
        )
        return sum(outcome.missing)


def _added_within(scope: Scope, outcome: Outcome) -> int:
    """What the steps change in a party's total within a scope: units added, and units narrowed away from its groups."""
    if outcome.moved is None:
        return sum([outcome.missing[index] for index in scope.sharing])
    groups, path = scope.cell.attribution, scope.cell.place
    added = 0
    for (possible, where), units in outcome.moved.items():
        if shared_groups(possible, where, groups, path) is not None:
            added += units
    for cell, units in outcome.taken.items():
        if shared_groups(cell.attribution, cell.place, groups, path) is not None:
            added -= units
    return added
