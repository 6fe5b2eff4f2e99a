"""The counts of some series on some days as they stand: a fold of `events` that looks at those days alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incident_pipeline.catalogue.model import Basis, Bound, SeriesKind
from incident_pipeline.event import ANY
from incident_pipeline.surveillance.view import decode_event, decode_pairs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from incident_pipeline.alert import Series
    from incident_pipeline.surveillance.view import BoundsView, CellView

__all__ = ["SeriesNow"]


class _Day:
    """The figures of one day of one theatre, as they were written last."""

    __slots__ = ("bounds", "cells")

    def __init__(self) -> None:
        self.cells: dict[tuple[str, str], CellView] = {}
        """(attribution, place)"""
        self.bounds: dict[tuple[str, str], tuple[int, int]] = {}
        """(group, place) -> (certain, possible)"""

    def bind(self, bound: BoundsView) -> None:
        """Keep a group's bounds at a place and at those above it."""
        place = bound.place
        for (_, certain), (_, possible) in zip(
            decode_pairs(bytes(bound.certain)), decode_pairs(bytes(bound.possible)), strict=True
        ):
            self.bounds[bound.group, place] = (certain, possible)
            place = place.rpartition("/")[0]

    def parts(self, series: Series) -> Iterator[CellView]:
        """Yield the cells that a series adds up; a theatre's is its total."""
        for (attribution, place), cell in self.cells.items():
            if series.kind is SeriesKind.THEATRE or attribution == ANY:
                if series.kind is SeriesKind.THEATRE and attribution == ANY and place == series.place:
                    yield cell
            elif (place == series.place or place.startswith(f"{series.place}/")) and _names(attribution, series):
                yield cell


class SeriesNow:
    """The fold. It keeps the days that it was asked for."""

    def __init__(self, days: Iterable[tuple[str, str]]) -> None:
        """`days`: (theatre, day) of each."""
        self._days = {key: _Day() for key in days}

    @property
    def is_asked(self) -> bool:
        """Whether there is a day to count."""
        return bool(self._days)

    def apply(self, value: bytes) -> None:
        """Take in the value of a record of `events` that counts."""
        event = decode_event(value)
        for change in event.changes:
            day = self._days.get((event.theatre, change.day))
            if day is not None:
                day.cells[change.attribution, change.place] = change
        for bound in event.bounds:
            day = self._days.get((event.theatre, bound.day))
            if day is not None:
                day.bind(bound)

    def count(self, theatre: str, day: str, series: Series) -> int:
        """Return the count of a series on one of the days."""
        known = self._days[theatre, day]
        if series.group is not None and series.basis is Basis.DEDUPLICATED:
            certain, possible = known.bounds.get((series.group, series.place), (0, 0))
            return certain if series.bound is Bound.CERTAIN else possible
        counts: list[int] = [getattr(cell, series.basis.value)[1] for cell in known.parts(series)]
        return sum(counts)


def _names(attribution: str, series: Series) -> bool:
    """Whether a cell counts for the group of a series: alone for certain, among others for possible."""
    if series.group is None:
        return True
    return attribution == series.group if series.bound is Bound.CERTAIN else series.group in attribution.split("|")
