"""Sets of origins, small enough for millions of dead letters."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from incident_pipeline.dead_letter import Origin

__all__ = ["Origins"]


class Origins:
    """Origins, 8 bytes each. Those of a partition come in order but for a few; that is when it is quick."""

    def __init__(self) -> None:
        self._offsets: dict[tuple[str, int], array[int]] = {}

    def add(self, origin: Origin) -> bool:
        """Add an origin; False if it was there."""
        place, offset = (origin.topic, origin.partition), origin.offset
        offsets = self._offsets.get(place)
        if offsets is None:
            offsets = self._offsets[place] = array("q")
        if not offsets or offset > offsets[-1]:
            offsets.append(offset)
            return True
        at = bisect_left(offsets, offset)
        if offsets[at] == offset:
            return False
        offsets.insert(at, offset)
        return True

    def __contains__(self, origin: Origin) -> bool:
        """Whether an origin was added."""
        offsets = self._offsets.get((origin.topic, origin.partition))
        if offsets is None:
            return False
        at = bisect_left(offsets, origin.offset)
        return at < len(offsets) and offsets[at] == origin.offset

    def __len__(self) -> int:
        """Count them."""
        return sum(len(offsets) for offsets in self._offsets.values())
