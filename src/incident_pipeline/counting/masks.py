"""Sets of groups as numbers, so that a run of the steps compares them without taking texts apart."""

from __future__ import annotations

from incident_pipeline.counting.attribution import ANY_SIZE, UNATTRIBUTED, attribution
from incident_pipeline.counting.places import place
from incident_pipeline.counting.steps import UnitOrder

Mask = int
"""One bit for each group; all bits (-1) for `unattributed`. `one & other` are the groups possible under both, 0 if
there are none, and `one` lies in `other` if it is itself what they share."""

ANYBODY: Mask = -1


class Masks:
    """Which bit stands for which group on one theatre-day."""

    __slots__ = ("_bits", "_masks", "_orders")

    def __init__(self) -> None:
        self._bits: dict[str, Mask] = {}
        self._masks: dict[str, Mask] = {UNATTRIBUTED: ANYBODY}
        self._orders: dict[Mask, tuple[int, tuple[str, ...]]] = {ANYBODY: (ANY_SIZE, ())}

    def mask(self, text: str) -> Mask:
        """The groups of an attribution."""
        mask = self._masks.get(text)
        if mask is None:
            mask = 0
            for group in attribution(text).groups:
                mask |= self._bits.setdefault(group, 1 << len(self._bits))
            self._masks[text] = mask
        return mask

    def unit_order(self, unit: tuple[Mask, str]) -> UnitOrder:
        """Order of the law for units of (possible groups, place)."""
        return (place(unit[1]).order, *self.order(unit[0]))

    def order(self, mask: Mask) -> tuple[int, tuple[str, ...]]:
        """(number of groups, group ids): the order of the law."""
        order = self._orders.get(mask)
        if order is None:
            groups = sorted([group for group, bit in self._bits.items() if mask & bit])
            order = self._orders[mask] = len(groups), tuple(groups)
        return order
