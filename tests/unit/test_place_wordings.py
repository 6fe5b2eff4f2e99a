"""How producers write where it was: places in any order, points as text, names that say that it is not known."""

from __future__ import annotations

import json
from typing import Any

import pytest

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.geometry import point_written
from incident_pipeline.intake.take import take, take_any
from incident_pipeline.intake.understand import Coordinates
from incident_pipeline.line import LineKind, NotCounted, Understood
from incident_pipeline.rejection import Rejection

CATALOGUE = Catalogue(load_rules(shipped_catalogue()))
RECORDED_AT_MS = 1_584_000_000_000
NW = "north-west"
IDLIB = "north-west/idlib-zone/idlib"
SARAQIB = f"{IDLIB}/idlib-district/saraqib"


def taken(**fields: Any) -> Understood:
    value = json.dumps({"source": "sohr", "report_id": "r", "occurred_on": "2020-03-11", **fields}).encode()
    found = take(value, Coordinates(0, 0), CATALOGUE, recorded_at_ms=RECORDED_AT_MS, partitions=1)
    assert found == take_any(value, Coordinates(0, 0), CATALOGUE, RECORDED_AT_MS, 1)
    assert not isinstance(found, Rejection)
    return found[0][1]


def placed(place: Any) -> tuple[str, tuple[str, ...]]:
    (line,) = taken(violations=[{"type": "mortar", "place": place}]).lines
    return line.place, line.flags


@pytest.mark.parametrize(
    "written",
    [
        "Saraqib/Idlib",
        "Idlib/Saraqib",
        "Idlib > Saraqib",
        "Syria | Idlib | Saraqib",
        "Idlib, Saraqib",
        "Saraqib - Idlib",
        "Saraqib \u2013 Idlib",
        "Idlib: Saraqib",
        "Saraqib; Idlib; Syria",
        "idlib province / saraqib city",
        "near Saraqib",
    ],
)
def test_places_named_with_one_another_mean_the_deepest_in_any_order(written: str) -> None:
    assert placed(written) == (SARAQIB, ())


@pytest.mark.parametrize("written", ["Hama/Saraqib", "Hama, Saraqib", "Saraqib - Hama", "Saraqib, Hama"])
def test_a_town_with_the_wrong_province_beside_it_is_that_town_flagged(written: str) -> None:
    assert placed(written) == (SARAQIB, ("place_misplaced",))


@pytest.mark.parametrize("written", ["Saraqib/Binnish", "Idlib/Hama", "Idlib/Xyzzy", "Xyzzy > Saraqib"])
def test_of_places_beside_one_another_none_is_guessed(written: str) -> None:
    place, flags = placed(written)
    assert (place.rpartition("/")[0], flags) == (NW, ("place_unknown",))


@pytest.mark.parametrize("written", ["Mansoura, Egypt", "Saraqib, Turkey", "Hama (Lebanon)", "Turkey/Reyhanli"])
def test_a_known_name_that_is_said_to_lie_abroad_counts_nowhere(written: str) -> None:
    (line,) = taken(violations=[{"type": "mortar", "place": written}]).lines
    assert (line.not_counted, line.flags, line.place_name) == (NotCounted.OUTSIDE_ZONE, ("place_outside",), written)


def test_a_name_that_is_known_abroad_but_said_to_lie_in_the_country_is_a_place_nobody_knows() -> None:
    assert placed("Paris, Syria") == (f"{NW}/unknown:paris", ("place_unknown",))


@pytest.mark.parametrize("written", ["35.866, 36.803", "35.8660,36.8030", " 35.866; 36.803 ", "+35.86600 36.803"])
def test_a_point_that_is_written_as_text_is_that_point(written: str) -> None:
    point = {"lat": 35.866, "lon": 36.803}
    as_text, as_point = (taken(violations=[{"type": "mortar", "place": one}]).lines for one in (written, point))
    assert as_text == as_point
    assert placed(written) == (SARAQIB, ())


@pytest.mark.parametrize("written", ["36.803, 35.866", "48.86, 2.35", "0.0, 0.0"])
def test_a_point_as_text_that_lies_elsewhere_counts_nowhere(written: str) -> None:
    (line,) = taken(violations=[{"type": "mortar", "place": written}]).lines
    assert line.not_counted is NotCounted.OUTSIDE_ZONE


@pytest.mark.parametrize("written", ["Saraqib", "35, 36", "91.0, 36.0", "35.8", "5 km south", "", "1.2.3, 4.5"])
def test_what_is_no_point_is_a_name(written: str) -> None:
    assert point_written(written) is None


@pytest.mark.parametrize("written", ["unknown", "Unknown location", "n/a", "not known", "-", "?", "\u200b"])
def test_a_place_that_is_said_not_to_be_known_is_one_that_is_not_told(written: str) -> None:
    of = [taken(violations=[{"type": "mortar", "place": place}]).lines[0] for place in (written, None)]
    assert of[0] == of[1]
    assert of[0].kind is LineKind.AGGREGATE


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"place": "unknown"}, NotCounted.PLACE_UNKNOWN),
        ({"place": "?"}, NotCounted.PLACE_UNKNOWN),
        ({"group": "unknown"}, NotCounted.GROUP_UNKNOWN),
        ({"group": ["HTS", "unidentified"]}, NotCounted.GROUP_UNKNOWN),
    ],
)
def test_a_none_of_what_is_said_not_to_be_known_covers_nothing(said: dict[str, Any], reason: NotCounted) -> None:
    for given in ({"quiet": [said]}, {"violations": [{**said, "count": 0}]}):
        (quiet,) = taken(**given).quiet
        assert quiet.not_counted is reason
        assert quiet.flags


@pytest.mark.parametrize("count", [0, {"best": 0}, {"min": 0, "best": 0, "max": 0}])
def test_a_none_of_one_type_covers_nothing(count: Any) -> None:
    (quiet,) = taken(violations=[{"type": "mortar", "group": "HTS", "count": count}]).quiet
    assert quiet.not_counted is NotCounted.ONE_TYPE_ONLY
    (of_all,) = taken(violations=[{"group": "HTS", "count": count}]).quiet
    assert of_all.not_counted is None


@pytest.mark.parametrize("written", ["HTS & NFL", "HTS+NFL", "HTS/NFL", "NFL, HTS"])
def test_groups_named_in_one_string_are_any_of_them(written: str) -> None:
    (line,) = taken(violations=[{"group": written, "place": "Saraqib"}]).lines
    assert line.attribution == "hts|nfl"
