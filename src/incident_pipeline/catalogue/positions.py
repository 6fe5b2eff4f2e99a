"""Which place a pair of coordinates lies in: the deepest whose area holds it, else the nearest within reach."""

from __future__ import annotations

from typing import Final

from incident_pipeline.catalogue.model import Level, Place
from incident_pipeline.geometry import KM_PER_DEGREE, Point, Rings, distance_km, holds, rings_of

PLACE_REACH_KM: Final = 2.0
"""How far from its middle a point is still in a town. Of the positions that several sources give for one town, 95 in
100 lie within 1.7 km of each other; of the points beyond 2 km, nine in ten belong to another village."""
THEATRE_REACH_KM: Final = 50.0
"""How far from every known position a point may lie and still be somewhere in the theatre: provinces are some 100 km
wide, and known towns in them some 10 km apart. What lies farther away is elsewhere."""
_DEEPEST_FIRST: Final = list(reversed(Level))


class Positions:
    """The places of a catalogue that give coordinates or an area."""

    def __init__(self, places: list[Place], theatres: dict[str, str]) -> None:
        """`theatres`: id of the theatre of each place."""
        self._theatres = theatres
        self._areas: list[tuple[str, Rings]] = [
            (place.id, rings_of(place.area))
            for place in sorted(places, key=lambda one: (_DEEPEST_FIRST.index(one.level), one.id))
            if place.area is not None
        ]
        self._middles: list[tuple[str, Point]] = [
            (place.id, (place.lat, place.lon))
            for place in sorted(places, key=lambda one: one.id)
            if place.lat is not None and place.lon is not None
        ]

    def place_at(self, point: Point) -> str | None:
        """Return the id of the place that a point is in; None where it is in none that is known."""
        holding = next((id_ for id_, rings in self._areas if holds(rings, point)), None)
        near = self._nearest(point, PLACE_REACH_KM)
        if near is not None and (holding is None or self._theatres[holding] == self._theatres[near]):
            return near
        return holding

    def theatre_around(self, point: Point) -> str | None:
        """Return the theatre that a point without a place lies in; None where it lies elsewhere."""
        near = self._nearest(point, THEATRE_REACH_KM)
        return None if near is None else self._theatres[near]

    @property
    def are_known(self) -> bool:
        """Whether the catalogue says at all where places lie."""
        return bool(self._areas or self._middles)

    def _nearest(self, point: Point, reach_km: float) -> str | None:
        band = reach_km / KM_PER_DEGREE * 1.01
        near = [(distance_km(point, middle), id_) for id_, middle in self._middles if abs(middle[0] - point[0]) <= band]
        if not near:
            return None
        distance, id_ = min(near)
        return id_ if distance <= reach_km else None
