"""Step 2 of the law over counters, for the scopes of one place: each absorbs what is there, and what is missing to its
number is added.

What lies at or below a place and has the same possible groups is alike to all scopes that come after, so counts by
possible groups do. Only where a scope takes some of several kinds does the order of the law (by place) decide which:
then the run goes by the places of the units.
"""

from __future__ import annotations

from bisect import insort
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
    for index, (mask, wanted) in enumerate(stated):
        if not wanted:
            continue
        sharing = []
        for possible, number in units.items():
            shared = possible & mask
            if shared == possible:
                wanted -= number
            elif shared:
                sharing.append(possible)
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
    """Let units keep only the groups that they share with a scope, as many as it wants; how many are wanted still."""
    for possible in sharing:
        number = units[possible]
        if number <= wanted:
            del units[possible]
        else:
            units[possible] = number - wanted
            number = wanted
        shared = possible & mask
        units[shared] = units.get(shared, 0) + number
        wanted -= number
        if not wanted:
            break
    return wanted


def absorb_by_places(stated: Stated, path: str, units: Units, order: Callable[[Unit], UnitOrder]) -> Outcome:
    """Run the steps of a place on the units at or below it, each at its own place, in the order of the law."""
    outcome = Outcome(len(stated))
    entries: list[_Entry] = sorted([(order(unit), unit) for unit in units])
    for index, (mask, wanted) in enumerate(stated):
        if not wanted:
            continue
        sharing = []
        for entry in entries:
            possible = entry[1][0]
            shared = possible & mask
            if shared == possible:
                wanted -= units[entry[1]]
                if wanted <= 0:
                    break
            elif shared:
                sharing.append(entry)
        if wanted <= 0:
            continue
        for entry in sharing:
            outcome.narrowed = True
            unit = entry[1]
            number = units[unit]
            if number <= wanted:
                del units[unit]
            else:
                units[unit] = number - wanted
                number = wanted
            _put(units, entries, (unit[0] & mask, unit[1]), number, order)
            wanted -= number
            if not wanted:
                break
        if sharing:
            entries = [entry for entry in entries if entry[1] in units]
        if wanted:
            outcome.missing[index] = wanted
            _put(units, entries, (mask, path), wanted, order)
    return outcome


def _put(units: Units, entries: list[_Entry], unit: Unit, number: int, order: Callable[[Unit], UnitOrder]) -> None:
    known = units.get(unit)
    if known is None:
        insort(entries, (order(unit), unit))
        units[unit] = number
    else:
        units[unit] = known + number
