"""Points and areas on the earth: a distance, and whether an area holds a point. WGS 84, decimal degrees."""

from __future__ import annotations

import itertools
import re
from math import asin, cos, radians, sin, sqrt
from typing import Final

Point = tuple[float, float]
"""(latitude, longitude)."""
Rings = tuple[tuple[Point, ...], ...]
"""Closed lines: outer borders, and those of holes."""

_EARTH_DIAMETER_KM: Final = 2 * 6371.0088
KM_PER_DEGREE: Final = 111.2
"""Of latitude; of longitude at the equator."""
_WKT: Final = re.compile(r"^\s*(?:MULTI)?POLYGON\s*\(\s*\(.*\)\s*\)\s*$", re.IGNORECASE | re.DOTALL)
_RING: Final = re.compile(r"\(([^()]+)\)")
_NUMBER: Final = r"[+-]?[0-9]{1,3}\.[0-9]+"
_WRITTEN: Final = re.compile(rf"\s*(?P<lat>{_NUMBER})(?:\s*[,;]\s*|\s+)(?P<lon>{_NUMBER})\s*")
_POLE: Final = 90
_FEWEST_CORNERS: Final = 4
"""Of a ring whose last corner is its first."""


def point_written(name: str) -> Point | None:
    """Return the point that a name writes as two decimal numbers, latitude first; None for a name of another kind."""
    if name[:1].isalpha():
        return None
    written = _WRITTEN.fullmatch(name)
    if written is None:
        return None
    lat, lon = float(written["lat"]), float(written["lon"])
    return (round(lat, 5), round(lon, 5)) if abs(lat) <= _POLE and abs(lon) <= 2 * _POLE else None


def distance_km(one: Point, other: Point) -> float:
    """Return the great-circle distance of two points, by the haversine formula."""
    lat, other_lat = radians(one[0]), radians(other[0])
    chord = sin((other_lat - lat) / 2) ** 2 + cos(lat) * cos(other_lat) * sin(radians(other[1] - one[1]) / 2) ** 2
    return _EARTH_DIAMETER_KM * asin(min(1.0, sqrt(chord)))


def rings_of(wkt: str) -> Rings:
    """Read an area as Well-Known Text: `POLYGON ((lon lat, …))` or `MULTIPOLYGON (((lon lat, …)))`.

    Raises ValueError with what is wrong.
    """
    if not _WKT.match(wkt):
        raise ValueError("must be Well-Known Text: `POLYGON ((36.5 35.8, 36.6 35.8, 36.6 35.9, 36.5 35.8))`, lon lat")
    rings = tuple(_ring(text) for text in _RING.findall(wkt))
    if not rings:
        raise ValueError("holds no ring of corners")
    return rings


def _ring(text: str) -> tuple[Point, ...]:
    corners = []
    for corner in text.split(","):
        numbers = corner.split()
        if len(numbers) != 2:  # lon and lat
            raise ValueError(f"corner {corner.strip()!r} is not `lon lat`")
        lon, lat = (float(number) for number in numbers)
        if not (-90 <= lat <= 90 and -180 <= lon <= 180):
            raise ValueError(f"corner {corner.strip()!r} lies nowhere: lon -180 to 180, then lat -90 to 90")
        corners.append((lat, lon))
    if len(corners) < _FEWEST_CORNERS or corners[0] != corners[-1]:
        raise ValueError("a ring must have three corners or more, and end where it begins")
    return tuple(corners)


def holds(rings: Rings, point: Point) -> bool:
    """Whether an area holds a point: a line from it northwards crosses the borders an odd number of times."""
    lat, lon = point
    inside = False
    for ring in rings:
        for (lat_a, lon_a), (lat_b, lon_b) in itertools.pairwise(ring):
            if (lon_a > lon) != (lon_b > lon) and lat < lat_a + (lon - lon_a) * (lat_b - lat_a) / (lon_b - lon_a):
                inside = not inside
    return inside
