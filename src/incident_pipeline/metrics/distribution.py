"""Counting durations and sizes at the cost of a batch rather than of a record."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate, groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_INFINITE = "+Inf"


class Distribution:
    """A histogram's buckets. `prometheus_client` has no weighted observation, and a lock for each one."""

    __slots__ = ("_bounds", "_counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        """`bounds`: upper bounds, inclusive, ascending, without the infinite one."""
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self.total = 0.0
        """Sum of what was observed."""

    def observe(self, value: float, weight: int = 1) -> None:
        """Count a value `weight` times."""
        self._counts[bisect_left(self._bounds, value)] += weight
        self.total += value * weight

    def observe_ages(self, now_ms: float, moments_ms: Iterable[int]) -> None:
        """Count the age in seconds of each moment; neighbours are often equal: Kafka stamps whole batches."""
        for moment_ms, run in groupby(moments_ms):
            self.observe(max(0.0, (now_ms - moment_ms) / 1_000), sum(1 for _ in run))

    def cumulative(self) -> list[tuple[str, float]]:
        """Return (upper bound, values up to it) for each bucket, as Prometheus exposes them."""
        names = [*(repr(float(bound)) for bound in self._bounds), _INFINITE]
        return [(name, float(count)) for name, count in zip(names, accumulate(self._counts), strict=True)]
