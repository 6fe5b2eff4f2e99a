"""Where reports say it was: points, names abroad, unknown villages, and what such a statement may cover."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.errors import CatalogueError
from incident_pipeline.catalogue.load import canonical_rules_json, load_rules, rules_from_json, shipped_catalogue
from incident_pipeline.catalogue.model import Place
from incident_pipeline.event import Event, EventType
from incident_pipeline.intake.take import take
from incident_pipeline.intake.understand import Coordinates
from incident_pipeline.ledger import Ledger, Settings, decide
from incident_pipeline.line import Line, LineKind, NotCounted, Understood
from incident_pipeline.projection.daily_counts import DailyCounts
from incident_pipeline.rejection import Rejection

RULES = load_rules(shipped_catalogue())
CATALOGUE = Catalogue(RULES)
DAY = "2020-03-11"
NW = "north-west"
SARAQIB = "north-west/idlib-zone/idlib/idlib-district/saraqib"
PARIS = {"lat": 48.86, "lon": 2.35}
BETWEEN_TOWNS = {"lat": 35.80, "lon": 36.90}
"""Some kilometres from every town of the catalogue."""


def taken(*, catalogue: Catalogue = CATALOGUE, offset: int = 0, **fields: Any) -> Understood:
    report = {"source": "sample-observer-north", "report_id": f"r-{offset}", "occurred_on": DAY, **fields}
    got = take(
        json.dumps(report).encode(),
        Coordinates(0, offset),
        catalogue,
        recorded_at_ms=1_584_000_000_000,
        partitions=1,
    )
    assert not isinstance(got, Rejection)
    return got[0][1]


def line(catalogue: Catalogue = CATALOGUE, **violation: Any) -> Line:
    (found,) = taken(catalogue=catalogue, violations=[{"type": "mortar", **violation}]).lines
    return found


def events_of(*reports: dict[str, Any], catalogue: Catalogue = CATALOGUE) -> list[Event]:
    book = {catalogue.hash: Settings.of(catalogue.rules)}
    ledger = Ledger()
    found = []
    for offset, fields in enumerate(reports):
        found += decide(ledger, offset, taken(catalogue=catalogue, offset=offset, **fields), book)
    return [event for event in found if event.type is not EventType.RULES_ADOPTED]


def counted(*reports: dict[str, Any], catalogue: Catalogue = CATALOGUE) -> tuple[int, int] | None:
    """(deduplicated, raw) of the theatre's day; None: unknown."""
    daily = DailyCounts()
    for event in events_of(*reports, catalogue=catalogue):
        daily.apply(event)
    day = daily.days.get((NW, DAY))
    if day is None or not +day.coverage:
        return None
    return day.total.deduplicated, day.total.raw


def shelling(lat: float, lon: float, **more: Any) -> dict[str, Any]:
    return {"violations": [{"type": "mortar", "place": {"lat": lat, "lon": lon}, **more}]}


# --- points ---


def test_a_point_in_a_town_is_in_the_town_and_kept() -> None:
    found = line(place={"lat": 35.866, "lon": 36.803})
    assert (found.place, found.flags, found.place_name, found.point) == (SARAQIB, (), None, (35.866, 36.803))
    assert found.kind is LineKind.ITEM


def test_a_point_between_towns_is_an_item_of_its_own_in_the_theatre() -> None:
    found = line(place=BETWEEN_TOWNS)
    assert (found.place, found.flags, found.point) == (NW, ("place_unknown",), (35.8, 36.9))
    assert (found.place_name, found.kind) == ("35.80000, 36.90000", LineKind.ITEM)


@pytest.mark.parametrize("minute", [None, "2020-03-11T14:20:00+02:00"])
def test_incidents_at_points_far_apart_are_as_many(minute: str | None) -> None:
    when = {} if minute is None else {"occurred_at": minute}
    points = [(35.80, 36.90), (35.70, 36.95), (35.60, 36.85), (35.75, 36.55)]
    of_one = [shelling(*point, **when) for point in points]
    of_several = [{**one, "source": f"observer-{at}"} for at, one in enumerate(of_one)]
    assert counted(*of_one) == counted(*of_several) == (4, 4)


def test_one_incident_told_by_two_at_points_nearby_is_one() -> None:
    one = {**shelling(35.80, 36.90, occurred_at="2020-03-11T14:20:00+02:00"), "source": "a"}
    other = {**shelling(35.81, 36.90, occurred_at="2020-03-11T14:25:00+02:00"), "source": "b"}
    assert counted(one, other) == (1, 2)


def test_two_points_in_one_area_that_are_far_apart_are_two() -> None:
    square = "POLYGON ((36.2 35.6, 37.2 35.6, 37.2 36.2, 36.2 36.2, 36.2 35.6))"
    bare = [msgspec.structs.replace(place, lat=None, lon=None) for place in RULES.places]
    area = [msgspec.structs.replace(one, area=square) if one.id == "idlib-district" else one for one in bare]
    catalogue = Catalogue(msgspec.structs.replace(RULES, places=area))
    found = line(catalogue, place=BETWEEN_TOWNS)
    assert (found.place, found.flags) == ("north-west/idlib-zone/idlib/idlib-district", ())
    one = {**shelling(35.80, 36.90), "source": "a"}
    other = {**shelling(35.80, 36.95), "source": "b"}
    assert counted(one, other, catalogue=catalogue) == (2, 2)
    assert counted(one, {**one, "source": "b"}, catalogue=catalogue) == (1, 2)


def test_the_deepest_area_that_holds_a_point_is_its_place_and_a_town_within_reach_before_it() -> None:
    wide = "POLYGON ((36.0 35.0, 37.5 35.0, 37.5 36.5, 36.0 36.5, 36.0 35.0))"
    areas = [
        msgspec.structs.replace(one, area=wide) if one.id in {"idlib", "idlib-district", NW} else one
        for one in RULES.places
    ]
    catalogue = Catalogue(msgspec.structs.replace(RULES, places=areas))
    assert line(catalogue, place=BETWEEN_TOWNS).place.endswith("/idlib-district")
    assert line(catalogue, place={"lat": 35.86, "lon": 36.80}).place == SARAQIB


def test_numbers_at_two_unknown_points_are_two_numbers() -> None:
    assert counted(shelling(35.80, 36.90, count=3), shelling(35.70, 36.95, count=2)) == (5, 5)


def test_a_point_far_from_every_place_lies_elsewhere() -> None:
    found = line(place=PARIS)
    assert (found.not_counted, found.flags, found.place_name) == (
        NotCounted.OUTSIDE_ZONE,
        ("place_outside",),
        "48.86000, 2.35000",
    )
    assert counted(shelling(48.86, 2.35)) is None


def test_a_point_whose_numbers_are_swapped_is_flagged_and_not_counted() -> None:
    found = line(place={"lat": 37.16, "lon": 36.20})
    assert (found.not_counted, found.flags) == (NotCounted.OUTSIDE_ZONE, ("coordinates_swapped",))


@pytest.mark.parametrize(
    "place", [{"lat": 91, "lon": 36}, {"lat": 35, "lon": 181}, {"lat": 35}, {"lat": "35", "lon": 36}]
)
def test_an_impossible_point_is_a_dead_letter(place: dict[str, Any]) -> None:
    value = {"source": "s", "report_id": "r", "occurred_on": DAY, "violations": [{"place": place}]}
    got = take(json.dumps(value).encode(), Coordinates(0, 0), CATALOGUE, recorded_at_ms=1_584_000_000_000, partitions=1)
    assert isinstance(got, Rejection)
    assert "violations[0].place" in got.detail


def test_a_catalogue_without_coordinates_keeps_every_point_as_an_item_of_its_own() -> None:
    bare = [msgspec.structs.replace(place, lat=None, lon=None) for place in RULES.places]
    catalogue = Catalogue(msgspec.structs.replace(RULES, places=bare))
    assert line(catalogue, place=PARIS).flags == ("place_unknown",)
    assert counted(shelling(35.80, 36.90), shelling(35.70, 36.95), catalogue=catalogue) == (2, 2)


def test_rules_with_areas_and_names_abroad_come_back_from_their_canonical_form() -> None:
    square = "POLYGON ((36 35, 37 35, 37 36, 36 36, 36 35))"
    with_area = [msgspec.structs.replace(RULES.places[0], area=square), *RULES.places[1:]]
    rules = msgspec.structs.replace(RULES, places=with_area)
    again = rules_from_json(canonical_rules_json(rules))
    assert {one.id: (one.lat, one.lon, one.area) for one in again.places} == {
        one.id: (one.lat, one.lon, one.area) for one in rules.places
    }
    assert Catalogue(again).hash == Catalogue(rules).hash


def test_rules_that_say_nothing_of_coordinates_keep_the_hash_that_they_had() -> None:
    bare = [msgspec.structs.replace(place, lat=None, lon=None) for place in RULES.places]
    rules = msgspec.structs.replace(RULES, places=bare, elsewhere=[])
    assert all(word not in canonical_rules_json(rules) for word in (b'"lat"', b'"area"', b'"elsewhere"'))


@pytest.mark.parametrize(
    ("given", "problem"),
    [({"lat": 35.0}, "both, or neither"), ({"area": "CIRCLE (1 2 3)"}, "Well-Known Text")],
)
def test_a_place_that_lies_nowhere_is_a_fault_of_the_catalogue(
    given: dict[str, Any], problem: str, tmp_path: Path
) -> None:
    place = msgspec.to_builtins(RULES.places[0]) | {"lat": None, "lon": None} | given
    rules = msgspec.structs.replace(RULES, places=[msgspec.convert(place, Place), *RULES.places[1:]])
    (tmp_path / "rules.json").write_bytes(canonical_rules_json(rules))
    with pytest.raises(CatalogueError, match=problem):
        load_rules(tmp_path)


# --- names that nobody knows, and names abroad ---


def test_numbers_for_two_unknown_places_are_two_numbers() -> None:
    xyzzy, other = ({"violations": [{"place": name, "count": count}]} for name, count in (("Xyzzy", 3), ("Nowhere", 2)))
    assert counted(xyzzy, other) == (5, 5)
    assert counted(xyzzy, {**xyzzy, "source": "another"}) == (3, 6)
    alike = {"violations": [{"place": "Xyzzy, Idlib", "count": 1}, {"place": "Plugh, Idlib", "count": 1}]}
    assert counted(alike) == (2, 2)


def test_an_unknown_place_is_below_the_known_one_named_around_it() -> None:
    around = {"source": "b", "violations": [{"place": "Idlib", "count": 4}]}
    assert counted({"violations": [{"place": "Xyzzy, Idlib", "count": 3}]}, around) == (4, 7)


def test_unknown_villages_that_a_text_lists_with_known_ones_count_once() -> None:
    text = "On 11 March violations were registered in Latakia province: Kinsabba (2), Zarzurabad (3), Plughville (1)."
    assert counted({"text": text}) == (6, 6)
    text = "On 11 March violations were registered in Latakia province: Zarzurabad (3), Plughville (1)."
    assert counted({"text": text}) == (4, 4)
    other = {"source": "b", "violations": [{"place": "Zarzurabad, Latakia", "count": 3}]}
    assert counted({"text": text}, other) == (4, 7)


def test_incidents_in_two_unknown_places_are_two() -> None:
    told = [{"violations": [{"type": "mortar", "place": name}]} for name in ("Xyzzy", "Plugh")]
    assert counted(*told) == (2, 2)
    assert counted(told[0], {**told[0], "source": "another"}) == (1, 2)


def test_a_number_for_the_whole_country_is_one_without_a_place() -> None:
    assert line(place="Syria", count=3).place == line(count=3).place == NW
    assert line(place="Xyzzy, Syria").place == line(place="Xyzzy").place
    assert line(place="Saraqib, Syria").place == SARAQIB


def test_numbers_for_unknown_places_fill_half_of_a_days_scopes_at_most() -> None:
    names = [f"{one}{other}zzyx" for one in "bcdfghjklmnpqrstvwxz" for other in "aeiouy"]
    limits = msgspec.structs.replace(RULES.limits, scopes_per_theatre_day=100)
    catalogue = Catalogue(msgspec.structs.replace(RULES, limits=limits))
    unknown = [{"violations": [{"place": name, "count": 2}]} for name in names]
    known = {"violations": [{"place": "Saraqib", "count": 2}]}
    found = events_of(*unknown, unknown[0] | {"source": "another"}, known, catalogue=catalogue)
    kinds = [event.type for event in found]
    assert kinds.count(EventType.LINE_NOT_COUNTED) == len(names) - 50
    assert kinds[-2:] == [EventType.AGGREGATE_RECORDED] * 2


@pytest.mark.parametrize("place", ["Paris", "Paris, France", "a village in Turkey", PARIS])
def test_what_happened_abroad_is_recorded_and_counts_nowhere(place: Any) -> None:
    (event,) = events_of({"violations": [{"type": "mortar", "place": place, "count": 2}]})
    assert (event.type, event.decided_by.rule) == (EventType.LINE_NOT_COUNTED, "outside_zone")
    assert event.line is not None
    assert "place_outside" in event.line.flags


@pytest.mark.parametrize("where", ["Paris", "Xyzzyville, Turkey", "the Gaziantep area"])
def test_what_a_text_tells_of_a_place_abroad_counts_nowhere(where: str) -> None:
    (event,) = events_of({"text": f"Four ceasefire violations were registered in {where} on 11 March."})
    assert (event.type, event.decided_by.rule) == (EventType.LINE_NOT_COUNTED, "outside_zone")


# --- nones ---


@pytest.mark.parametrize(
    ("quiet", "reason"),
    [
        ({"place": "Xyzzy"}, "place_unknown"),
        ({"place": "Xyzzy, Idlib"}, "place_unknown"),
        ({"place": BETWEEN_TOWNS}, "place_unknown"),
        ({"place": "Paris"}, "outside_zone"),
        ({"place": PARIS}, "outside_zone"),
        ({"place": "Afrin"}, "outside_zone"),
        ({"group": "Martians"}, "group_unknown"),
        ({"group": ["HTS", "Martians"]}, "group_unknown"),
    ],
)
def test_a_none_of_what_nobody_knows_is_recorded_and_covers_nothing(quiet: dict[str, Any], reason: str) -> None:
    for given in ({"quiet": [quiet]}, {"violations": [{**quiet, "count": 0}]}):
        (event,) = events_of(given)
        assert (event.type, event.decided_by.rule) == (EventType.LINE_NOT_COUNTED, reason)
        assert event.quiet is not None
        assert event.quiet.flags or reason == "outside_zone"
        assert counted(given) is None


def test_a_none_of_a_type_that_nobody_knows_covers_nothing() -> None:
    assert counted({"violations": [{"count": 0, "type": "wizardry"}]}) is None


def test_a_none_of_what_is_known_covers_its_day() -> None:
    assert counted({"quiet": [{"place": "Saraqib, Hama"}]}) == (0, 0)
    assert counted({"quiet": [{"group": "HTS"}]}) == (0, 0)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("No violations were registered in Xyzzy village on 11 March.", "place_unknown"),
        ("No violations were recorded in Xyzzy on 11 March.", "place_unknown"),
        ("In Xyzzy the truce held on 11 March, there were no violations.", "place_unknown"),
        ("No violations were recorded in Paris on 11 March.", "outside_zone"),
        ("Xyzzy: no violations on 11 March.", "place_unknown"),
        ("Martians committed no violations on 11 March.", "group_unknown"),
        ("The Martians committed no violations on 11 March.", "group_unknown"),
        ("The Martian Brigade did not commit any violations in Idlib on 11 March.", "group_unknown"),
        ("No violations by the Free Martian Army were registered in Hama on 11 March.", "group_unknown"),
        ("On 11 March no violations were committed by fighters of the Martian Front.", "group_unknown"),
        ("No violations by unknown groups were registered on 11 March.", "group_unknown"),
        ("Unidentified armed men committed no violations on 11 March.", "group_unknown"),
    ],
)
def test_a_none_that_a_text_tells_of_what_nobody_knows_covers_nothing(text: str, reason: str) -> None:
    (event,) = events_of({"text": text})
    assert (event.type, event.decided_by.rule) == (EventType.LINE_NOT_COUNTED, reason)
    assert counted({"text": text}) is None


@pytest.mark.parametrize(
    "text",
    [
        "No violations were registered in Idlib on 11 March, Colonel Smirnov told Interfax.",
        "Total: no violations on 11 March.",
        "Militants committed no violations on 11 March.",
        "According to the Xyz Observatory, no violations were recorded on 11 March.",
        "The Xyz Observatory registered no violations in Idlib on 11 March.",
        "No violations by HTS were registered by the Martian Observatory on 11 March.",
    ],
)
def test_who_tells_a_none_need_not_be_known(text: str) -> None:
    assert counted({"text": text}) == (0, 0)


def test_the_known_one_of_two_keeps_its_none() -> None:
    text = "HTS and the Martians committed no violations on 11 March."
    rules = [event.decided_by.rule for event in events_of({"text": text})]
    assert sorted(rules) == ["first-of-party-and-scope", "group_unknown"]


# --- how exactly ---


@pytest.mark.parametrize(
    ("precision", "place", "kind"),
    [
        (1, SARAQIB, LineKind.ITEM),
        (2, SARAQIB.rpartition("/")[0], LineKind.ITEM),
        (3, SARAQIB.rpartition("/")[0], LineKind.ITEM),
        (4, "north-west/idlib-zone/idlib", LineKind.AGGREGATE),
        (5, "north-west/idlib-zone", LineKind.AGGREGATE),
        (6, NW, LineKind.AGGREGATE),
    ],
)
@pytest.mark.parametrize("written", ["Saraqib", {"lat": 35.86, "lon": 36.80}])
def test_a_place_is_told_as_precisely_as_its_precision_says(
    precision: int, place: str, kind: LineKind, written: Any
) -> None:
    found = line(place=written, where_precision=precision)
    assert (found.place, found.kind) == (place, kind)
    assert found.flags == (() if precision == 1 else ("place_widened",))
    assert (found.point is not None) is (precision == 1 and isinstance(written, dict))


def test_what_happened_at_sea_is_outside() -> None:
    assert line(place="Saraqib", where_precision=7).not_counted is NotCounted.OUTSIDE_ZONE


def test_widened_places_of_two_sources_may_be_one_incident() -> None:
    one = {"violations": [{"type": "mortar", "place": "Saraqib", "where_precision": 2}]}
    other = {"source": "b", "violations": [{"type": "mortar", "place": "Sarmin", "where_precision": 3}]}
    assert counted(one, other) == (1, 2)


@pytest.mark.parametrize("precision", [2, 3, 4, 5])
def test_what_is_known_to_several_days_only_counts_for_no_day(precision: int) -> None:
    told = {"date_precision": precision, "violations": [{"type": "mortar", "place": "Saraqib"}]}
    (event,) = events_of(told)
    assert (event.type, event.decided_by.rule) == (EventType.LINE_NOT_COUNTED, "date_not_exact")
    assert counted({"date_precision": precision, "quiet": [{}]}) is None


def test_an_exact_date_counts() -> None:
    assert counted({"date_precision": 1, "violations": [{"type": "mortar", "place": "Saraqib"}]}) == (1, 1)


# --- activities ---


def test_an_activity_keeps_its_place() -> None:
    several = [{"kind": "convoy", "place": place} for place in ("Xyzzy", BETWEEN_TOWNS, "Saraqib, Hama", "Paris")]
    found = taken(activities=several, date_precision=4).activities
    assert [one.place for one in found] == [f"{NW}/unknown:xyzy", f"{NW}/unknown:35-80000-36-90000", SARAQIB, NW]
    assert [one.place_name for one in found] == ["Xyzzy", "35.80000, 36.90000", "Saraqib, Hama", "Paris"]
    assert all(one.flags[-1] == "date_not_exact" for one in found)
