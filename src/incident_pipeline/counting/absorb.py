"""Step 2 of the law over counters, for the scopes of one place: each absorbs what is there, and adds what is missing.

What lies at or below a place and has the same possible groups is alike to all scopes that come after, so counts by
possible groups do. Only where a scope takes some of several kinds does the order of the law (by place) decide which:
then the run goes by the places of the units.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Sequence

from incident_pipeline.counting.masks import Mask
from incident_pipeline.counting.scope import Sets
from incident_pipeline.counting.steps import UnitOrder

Unit = tuple[Mask, str]
"""(possible groups, place)."""

Units = dict[Unit, int]

Stated = Sequence[tuple[Mask, int]]
"""(groups, number to reach) of the scopes of one place, from the narrowest to the widest."""

_Entry = tuple[UnitOrder, Unit]


class Outcome:
    """What the steps of one place come to."""

    __slots__ = ("missing", "narrowed")

    def __init__(self, scopes: int) -> None:
        self.missing = [0] * scopes
        """Unitemised units by scope."""
        self.narrowed = False
        """Whether units were found that had more possible groups than their scope."""


def absorb_by_sets(stated: Stated, units: Sets) -> Outcome | None:
    """Run the steps of a place on the units at or below it. None, with `units` spoilt, if their places decide."""
    outcome = Outcome(len(stated))
    for index, (mask, number) in enumerate(stated):
        if not number:
            continue
        found = 0
        sharing = []
        for possible, many in units.items():
            shared = possible & mask
            if shared == possible:
                found += many
            elif shared:
                sharing.append(possible)
        wanted = number - found
        if wanted <= 0:
            continue
        if sharing:
            if len(sharing) > 1 and sum([units[possible] for possible in sharing]) > wanted:
                return None
            outcome.narrowed = True
            wanted = _narrow(units, sharing, mask, wanted)
        if wanted:
            outcome.missing[index] = wanted
            units[mask] = units.get(mask, 0) + wanted
    return outcome


def _narrow(units: Sets, sharing: list[Mask], mask: Mask, wanted: int) -> int:
    """Let units keep only the groups that they share with a scope: all, or some of one kind. What is wanted still."""
    for possible in sharing:
        taken = min(units[possible], wanted)
        wanted -= taken
        units[possible] -= taken
        if not units[possible]:
            del units[possible]
        shared = possible & mask
        units[shared] = units.get(shared, 0) + taken
    return wanted


def absorb_by_places(stated: Stated, path: str, units: Units, order: Callable[[Unit], UnitOrder]) -> Outcome:
    """Run the steps of a place on the units at or below it, each at its own place, in the order of the law."""
    outcome = Outcome(len(stated))
    queue = _Queue(units, order)
    for index, (mask, number) in enumerate(stated):
        if not number:
            continue
        wanted, sharing = queue.find(mask, number)
        if wanted and sharing:
            outcome.narrowed = True
            wanted = queue.narrow(sharing, mask, wanted)
        if wanted:
            outcome.missing[index] = wanted
            queue.put((mask, path), wanted)
    return outcome


class _Queue:
    """Units in the order in which scopes take them."""

    __slots__ = ("_entries", "_order", "_units")

    def __init__(self, units: Units, order: Callable[[Unit], UnitOrder]) -> None:
        self._units = units
        self._order = order
        self._entries: list[_Entry] = sorted([(order(unit), unit) for unit in units])

    def find(self, mask: Mask, number: int) -> tuple[int, list[Unit]]:
        """Tell what is wanted to a scope's number beside the units wholly in it, and which share groups with it."""
        units = self._units
        wanted = number
        sharing = []
        for _, unit in self._entries:
            possible = unit[0]
            shared = possible & mask
            if shared == possible:
                wanted -= units[unit]
                if wanted <= 0:
                    return 0, []
            elif shared:
                sharing.append(unit)
        return wanted, sharing

    def narrow(self, sharing: list[Unit], mask: Mask, wanted: int) -> int:
        """Let the first units keep only the groups that they share with a scope. What is wanted still."""
        units, entries = self._units, self._entries
        for unit in sharing:
            taken = min(units[unit], wanted)
            wanted -= taken
            units[unit] -= taken
            if not units[unit]:
                del units[unit]
                del entries[bisect_left(entries, (self._order(unit), unit))]
            self.put((unit[0] & mask, unit[1]), taken)
            if not wanted:
                break
        return wanted

    def put(self, unit: Unit, number: int) -> None:
        """Add some units of one kind."""
        known = self._units.get(unit)
        if known is None:
            insort(self._entries, (self._order(unit), unit))
            self._units[unit] = number
        else:
            self._units[unit] = known + number
