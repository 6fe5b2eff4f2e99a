from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_pipeline.geometry import distance_km, holds, rings_of

points = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [
        ((36.20, 37.16), (33.51, 36.29), 309),  # Aleppo, Damascus
        ((48.86, 2.35), (51.51, -0.13), 344),  # Paris, London
        ((0.0, 0.0), (0.0, 180.0), 20015),
        ((0.0, 179.5), (0.0, -179.5), 111),
        ((90.0, 0.0), (90.0, 120.0), 0),
    ],
)
def test_a_distance_is_that_of_the_shortest_way(
    one: tuple[float, float], other: tuple[float, float], km: float
) -> None:
    assert distance_km(one, other) == pytest.approx(km, abs=1.5)


@given(points, points)
def test_a_distance_is_the_same_both_ways_and_no_longer_than_half_the_globe(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    assert distance_km(one, other) == distance_km(other, one)
    assert 0 <= distance_km(one, other) <= math.pi * 6372


SQUARE_WITH_HOLE = (
    "POLYGON ((36 35, 37 35, 37 36, 36 36, 36 35), (36.4 35.4, 36.6 35.4, 36.6 35.6, 36.4 35.6, 36.4 35.4))"
)
TWO = "MULTIPOLYGON (((36 35, 37 35, 37 36, 36 36, 36 35)), ((40 35, 41 35, 41 36, 40 35)))"


@pytest.mark.parametrize(
    ("area", "point", "inside"),
    [
        (SQUARE_WITH_HOLE, (35.2, 36.2), True),
        (SQUARE_WITH_HOLE, (35.5, 36.5), False),  # in the hole
        (SQUARE_WITH_HOLE, (36.2, 35.2), False),  # the other way round
        (SQUARE_WITH_HOLE, (35.5, 36.9), True),
        (TWO, (35.5, 36.5), True),
        (TWO, (35.2, 40.8), True),
        (TWO, (35.8, 40.2), False),
        (TWO, (35.5, 38.5), False),
    ],
)
def test_an_area_holds_what_lies_within_its_borders(area: str, point: tuple[float, float], inside: bool) -> None:
    assert holds(rings_of(area), point) is inside


@pytest.mark.parametrize(
    ("wkt", "wrong"),
    [
        ("POINT (36 35)", "Well-Known Text"),
        ("POLYGON ((36 35, 37 35, 36 35))", "three corners"),
        ("POLYGON ((36 35, 37 35, 37 36, 36 36))", "end where it begins"),
        ("POLYGON ((36 135, 37 35, 37 36, 36 135))", "lies nowhere"),
        ("POLYGON ((36 35 1, 37 35, 37 36, 36 35))", "lon lat"),
        ("POLYGON ((36 x, 37 35, 37 36, 36 x))", "could not convert"),
        ("POLYGON ((nan 35, 37 35, 37 36, nan 35))", "lies nowhere"),
    ],
)
def test_what_is_no_area_is_refused(wkt: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        rings_of(wkt)
