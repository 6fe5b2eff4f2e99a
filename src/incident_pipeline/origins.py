"""Sets of origins, small enough for millions of dead letters."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from incident_pipeline.dead_letter import Origin

__all__ = ["Origins"]


class Origins:
    """Origins, 16 bytes each. Those of a partition come in order but for a few; that is when it is quick."""

    def __init__(self) -> None:
        self._added: dict[tuple[str, int], tuple[array[int], array[int]]] = {}
        """Offsets, in order, and beside each the append time."""

    def add(self, origin: Origin) -> bool:
        """Add an origin; False if it was there."""
        offsets, times_ms = self._added.setdefault((origin.topic, origin.partition), (array("q"), array("q")))
        at = len(offsets) if not offsets or origin.offset > offsets[-1] else bisect_left(offsets, origin.offset)
        if origin.recorded_ms in self._times_ms(origin, at):
            return False
        offsets.insert(at, origin.offset)
        times_ms.insert(at, origin.recorded_ms)
        return True

    def __contains__(self, origin: Origin) -> bool:
        """Whether an origin was added, with its append time or without one."""
        offsets, _ = self._added.get((origin.topic, origin.partition), ((), ()))
        return not {origin.recorded_ms, 0}.isdisjoint(self._times_ms(origin, bisect_left(offsets, origin.offset)))

    def __len__(self) -> int:
        """Count them."""
        return sum(len(offsets) for offsets, _ in self._added.values())

    def _times_ms(self, origin: Origin, at: int) -> Iterator[int]:
        """Yield the append times of the records that stood at an offset, which begin at index `at`."""
        offsets, times_ms = self._added.get((origin.topic, origin.partition), ((), ()))
        while at < len(offsets) and offsets[at] == origin.offset:
            yield times_ms[at]
            at += 1
