from __future__ import annotations

import datetime as dt
import json
from typing import Any

import msgspec
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.codec import encode
from incident_pipeline.intake.take import take_any
from incident_pipeline.intake.understand import Coordinates
from incident_pipeline.intake.usual import usual

RULES = load_rules(shipped_catalogue())
CATALOGUE = Catalogue(RULES)
CATALOGUES = (
    CATALOGUE,
    Catalogue(  # its clocks change in the truce, its days end early, its bounds are tight
        msgspec.structs.replace(
            RULES,
            limits=msgspec.structs.replace(RULES.limits, count_max=1, groups_per_report=1, max_skew_seconds=90),
            mission=msgspec.structs.replace(RULES.mission, time_zone="America/New_York", day_ends_at="19:30"),
        )
    ),
)
ZONES = [
    Catalogue(msgspec.structs.replace(RULES, mission=msgspec.structs.replace(RULES.mission, time_zone=zone)))
    for zone in ("Asia/Damascus", "Africa/Monrovia", "Australia/Lord_Howe")
]
"""Clocks that change by an hour, by 44 minutes and 30 seconds (in 1972), by half an hour."""
PARTITIONS = 4
COORDINATES = Coordinates(2, 7)
RECORDED_AT_MS = 1_584_200_000_000  # 14 March 2020


MOMENTS = (
    "2020-03-05T22:00:00Z",  # a minute before the truce
    "2020-03-05T22:01:00Z",
    "2020-03-11T14:20:00+02:00",
    "2020-03-08T06:59:59.999999Z",  # New York's clocks are about to change
    "2020-03-08T23:30:00.0005-05:00",
    "2020-03-12T23:59:00-14:00",
    "1969-12-31T23:59:59+05:37",
    "2020-03-14T15:00:00Z",
    "2020-03-15T15:00:00Z",
    "2020-03-16T15:00:00Z",  # beyond what clocks may be off
)
USUAL = {"occurred_at": MOMENTS[2], "place": "Saraqib", "type": "mortar", "group": "HTS"}
ABSENT = None
VIOLATION = {
    "against": ["Syrian army", "nobody knows"],
    "casualties": [{"best": 2}, {"low": 1, "best": 2, "high": 3}],
    "count": [0, 1, 2, {"best": 1, "max": 3}],
    "group": [ABSENT, "rebels", ["HTS", "TIP"], "either HTS or TIP", "unidentified", "Nobody's Own"],
    "occurred_at": [ABSENT, *MOMENTS],
    "occurred_on": ["2020-03-11", "2020-03-14", "2020-03-16", ["2020-03-10", "2020-03-11"]],
    "place": [
        ABSENT,
        "Sarakib",
        "Idlib",
        "Afrin",
        "Damascus",
        "Nowhere at all",
        "Saraqib, Hama",
        "Paris",
        "SY070003",
        {"lat": 35.8, "lon": 36.8},
    ],
    "registered_by": ["ru-reconciliation-centre", "the Turkish side"],
    "type": [ABSENT, "K3", "air strikes", "quarrel"],
    "weapon": ["120 mm mortar"],
    "where_precision": [1, 2, 4, 7],
}
REPORT = {
    "activities": [[{"kind": "convoy", "count": 2}]],
    "date_precision": [1, 2],
    "occurred_at": [MOMENTS[2]],
    "occurred_on": ["2020-03-10", ["2020-03-10", "2020-03-11"]],
    "origin_source": ["ru-reconciliation-centre"],
    "published_at": MOMENTS,
    "quiet": [[{"group": "HTS"}]],
    "reason": ["mistyped"],
    "retracts": ["r-0"],
    "revision": [0, 1],
    "source": ["ru-mod", "tr-mod"],
    "supersedes": ["r-0"],
    "text": ["Two mortar shells fell on Saraqib."],
    "violations": [[], [USUAL, USUAL]],
}


@st.composite
def reports(draw: st.DrawFn) -> dict[str, Any]:
    """The usual report, with a few fields changed."""
    violation, report = dict(USUAL), {"source": "an-observer", "report_id": "r-1"}
    for fields, choices in ((violation, VIOLATION), (report, REPORT)):
        for name in draw(st.lists(st.sampled_from(sorted(choices)), max_size=3, unique=True)):
            fields[name] = draw(st.sampled_from(choices[name]))
            if fields[name] is ABSENT:
                del fields[name]
    return {"violations": [violation], **report}


def assert_both_ways_are_one(value: bytes, catalogue: Catalogue) -> None:
    short = usual(value, COORDINATES, catalogue, RECORDED_AT_MS, PARTITIONS)
    event("short" if short else "long")
    if short is not None:
        long = take_any(value, COORDINATES, catalogue, RECORDED_AT_MS, PARTITIONS)
        assert [short] == long
        assert [encode(short[1])] == [encode(understood) for _, understood in long]


@settings(max_examples=1_000)
@given(reports(), st.sampled_from(CATALOGUES))
def test_the_short_way_gives_what_the_long_way_gives(fields: dict[str, Any], catalogue: Catalogue) -> None:
    assert_both_ways_are_one(json.dumps(fields).encode(), catalogue)


ODD = [
    *("null", "0", "1", "1.0", "-1", "true", '""', '"x"', '"K3"', "[]", "{}", '{"best": 2}', '["HTS"]', '"report/v1"'),
    *('"2020-03-11"', '"2020-03-11T14:20:00z"', '"2020-03-11 14:20:00.25-00:00"', '"2020-03-11T14:20:00"', "x"),
    json.dumps([USUAL]),
]


@settings(max_examples=2_000)
@given(
    st.lists(
        st.tuples(st.sampled_from(sorted({*REPORT, "report_id", "schema", "url"})), st.sampled_from(ODD)), max_size=2
    ),
    st.lists(st.tuples(st.sampled_from(sorted(VIOLATION)), st.sampled_from(ODD)), max_size=2),
    st.booleans(),
)
def test_what_is_told_twice_or_amiss_is_judged_as_on_the_long_way(
    about: list[tuple[str, str]], told: list[tuple[str, str]], odd_first: bool
) -> None:
    usually = [(name, json.dumps(field)) for name, field in USUAL.items()]
    violation = _object(told + usually if odd_first else usually + told)
    fields = [("source", '"an-observer"'), ("report_id", '"r-1"'), ("violations", f"[{violation}]")]
    value = _object(about + fields if odd_first else fields + about).encode()
    assert_both_ways_are_one(value, CATALOGUE)


def _object(members: list[tuple[str, str]]) -> str:
    return "{" + ", ".join(f'"{name}": {value}' for name, value in members) + "}"


@pytest.mark.parametrize(
    "told",
    [
        {**USUAL, "casualties": {"best": 1}},
        {"count": 14, "occurred_on": "2020-03-11", "place": "Idlib", "registered_by": "ru-reconciliation-centre"},
        {"occurred_at": "2020-03-14T15:20:00Z", "place": "Saraqib", "group": ["HTS", "TIP"]},
    ],
    ids=["an observer's item", "a commission's number", "an item of the same day"],
)
def test_goes_the_short_way(told: dict[str, Any]) -> None:
    value = json.dumps({"source": "an-observer", "report_id": "r-1", "violations": [told]}).encode()
    assert usual(value, COORDINATES, CATALOGUE, RECORDED_AT_MS, PARTITIONS) is not None


@pytest.mark.parametrize(
    "limits", [{"report_bytes": 10}, {"lines_per_report": 0}, {"count_max": 0}, {"groups_per_report": 0}]
)
def test_a_report_beyond_a_limit_is_refused_on_the_long_way(limits: dict[str, int]) -> None:
    tight = msgspec.structs.replace(RULES, limits=msgspec.structs.replace(RULES.limits, **limits))
    value = json.dumps({"source": "an-observer", "report_id": "r-1", "violations": [USUAL]}).encode()
    assert usual(value, COORDINATES, Catalogue(tight), RECORDED_AT_MS, PARTITIONS) is None


_OFFSETS = st.integers(-1_439, 1_439).map(lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)))


def _moments(first_year: int, last_year: int) -> st.SearchStrategy[dt.datetime]:
    start, end = dt.date(first_year, 1, 1), dt.date(last_year, 12, 31)
    return st.builds(dt.datetime.combine, st.dates(start, end), st.times(timezones=_OFFSETS))


_YEARS = st.sampled_from([(1, 9999), (1969, 1973), (2019, 2021), (2099, 2101)])


@settings(max_examples=1_000, deadline=None)
@given(st.data(), st.sampled_from(ZONES))
def test_a_moment_told_by_any_clock_falls_on_the_date_and_minute_of_its_instant(
    data: st.DataObject, catalogue: Catalogue
) -> None:
    first, last = data.draw(_YEARS)
    moment = data.draw(_moments(first, last))
    assert catalogue.local(moment) == catalogue.days.local(moment.timestamp())
    assert catalogue.epoch_ms(moment) == round(moment.timestamp() * 1_000)
