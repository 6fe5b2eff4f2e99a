"""Counters of one cell: how many incidents, told by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incident_pipeline.counting.facts import NOTHING, Figures

if TYPE_CHECKING:
    from incident_pipeline.counting.scope import Scope, StatedPlace


class Telling:
    """One party's part in the incidents of a cell."""

    __slots__ = ("own", "rest")

    def __init__(self) -> None:
        self.own = 0
        """Incidents that lie in the cell by the party's words alone."""
        self.rest = 0
        """What the cell's incidents would change by if the party's lines were taken away."""


_NOBODY: dict[str, Telling] = {}
"""Shared by the cells for which nothing is kept by party; never written to."""


class CellCount:
    """One (attribution, place) of a theatre-day."""

    __slots__ = (
        "attribution",
        "common",
        "incidents",
        "mask",
        "place",
        "raw",
        "reported",
        "scope",
        "stated",
        "tellings",
    )

    def __init__(self, attribution: str, place: str) -> None:
        self.attribution = attribution
        self.place = place
        self.raw = 0
        self.incidents = 0
        self.common = 0
        """Incidents that two or more parties tell."""
        self.tellings = _NOBODY
        """What parties tell, from the day's first number on."""
        self.stated: StatedPlace | None = None
        """The deepest place at or above it for which a number was stated."""
        self.mask = 0
        """Its groups as a number, from when there is such a place."""
        self.scope: Scope | None = None
        """The scope that the cell is, if a number was stated for it."""
        self.reported: Figures = NOTHING

    def telling(self, party: str) -> Telling:
        """The party's part."""
        telling = self.tellings.get(party)
        if telling is None:
            if self.tellings is _NOBODY:
                self.tellings = {}
            telling = self.tellings[party] = Telling()
        return telling

    def own(self, party: str) -> int:
        """Incidents that lie here by the party's words alone."""
        telling = self.tellings.get(party)
        return telling.own if telling else 0

    def without(self, party: str) -> int:
        """Incidents that would lie here without the party's lines."""
        telling = self.tellings.get(party)
        return self.incidents + telling.rest if telling else self.incidents

    def figures(self) -> Figures:
        """Current figures; the scope's steps must be up to date."""
        scope = self.scope
        incidents = self.incidents
        if scope is None:
            return (self.raw, incidents, self.common, incidents)
        return (
            self.raw,
            incidents + scope.missing,
            self.common + scope.missing_common,
            incidents + scope.missing_alone,
        )
