"""What contradicts itself, names a key twice or is no JSON is a dead letter that says what is wrong."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.intake.take import take
from incident_pipeline.intake.understand import Coordinates
from incident_pipeline.line import Understood
from incident_pipeline.rejection import Reason, Rejection
from incident_pipeline.report_bytes import key_given_twice

CATALOGUE = Catalogue(load_rules(shipped_catalogue()))
RECORDED_AT_MS = 1_584_200_000_000  # 14 March 2020
LINE = {"type": "mortar", "group": "HTS", "place": "Saraqib"}


def taken(value: bytes | None) -> Understood | Rejection:
    found = take(value, Coordinates(0, 0), CATALOGUE, recorded_at_ms=RECORDED_AT_MS, partitions=1)
    return found if isinstance(found, Rejection) else found[0][1]


def told(line: dict[str, Any] | None = None, **fields: Any) -> Understood | Rejection:
    report = {"source": "sohr", "report_id": "r", "occurred_on": "2020-03-11", "violations": [{**LINE, **(line or {})}]}
    return taken(
        json.dumps({name: field for name, field in {**report, **fields}.items() if field is not None}).encode()
    )


def refused(found: Understood | Rejection) -> tuple[Reason, str]:
    assert isinstance(found, Rejection)
    return found.reason, found.detail


@pytest.mark.parametrize(
    ("count", "problem"),
    [
        ({"min": 5, "best": 3, "max": 4}, "min 5 is more than best 3"),
        ({"best": 5, "max": 2}, "best 5 is more than max 2"),
        ({"best": 0, "min": 3}, "min 3 is more than best 0"),
        ({"min": 9, "best": 9, "max": 8}, "best 9 is more than max 8"),
    ],
)
def test_bounds_the_wrong_way_round_are_refused(count: dict[str, int], problem: str) -> None:
    assert refused(told({"count": count})) == (Reason.CONTRADICTORY, f"`violations[0].count`: {problem}")


@pytest.mark.parametrize("hurt", [{"low": 3, "best": 2}, {"best": 2, "high": 1}, {"low": 3, "high": 1}])
def test_casualties_the_wrong_way_round_are_refused(hurt: dict[str, int]) -> None:
    reason, detail = refused(told({"casualties": hurt}))
    assert reason is Reason.CONTRADICTORY
    assert detail.startswith("`violations[0].casualties`: ")


@pytest.mark.parametrize("count", [{"min": 6, "best": 8, "max": 9}, {"best": 3}, {"min": 0, "best": 0, "max": 2}])
def test_bounds_the_right_way_round_are_taken(count: dict[str, int]) -> None:
    assert isinstance(told({"count": count}), Understood)


@pytest.mark.parametrize(
    ("line", "fields", "is_taken"),
    [
        ({}, {"published_at": "2020-03-07T12:00:00+02:00"}, False),
        ({"occurred_at": "2020-03-11T10:00:00+02:00"}, {"published_at": "2020-03-07T12:00:00+02:00"}, False),
        ({"occurred_on": ["2020-03-06", "2020-03-11"]}, {"published_at": "2020-03-07T12:00:00+02:00"}, False),
        ({"occurred_at": "2020-03-11T10:00:00+02:00"}, {"published_at": "2020-03-11T09:00:00+02:00"}, True),
        ({}, {"published_at": "2020-03-10T23:00:00+02:00"}, True),
        ({}, {"published_at": "2020-03-12T12:00:00+02:00"}, True),
    ],
)
def test_nothing_is_published_before_it_happens_but_for_a_days_difference_of_clocks(
    line: dict[str, Any], fields: dict[str, Any], is_taken: bool
) -> None:
    found = told(line, **fields)
    assert isinstance(found, Understood) is is_taken
    if not is_taken:
        assert refused(found) == (
            Reason.CONTRADICTORY,
            "it is about 2020-03-11 and was published on 2020-03-07",
        )


def test_two_dates_of_one_incident_agree() -> None:
    at = {"occurred_at": "2020-03-11T10:00:00+02:00"}
    assert refused(told({**at, "occurred_on": "2020-03-08"})) == (
        Reason.CONTRADICTORY,
        "`violations[0].occurred_at` is on 2020-03-11, which is not within `violations[0].occurred_on`",
    )
    assert refused(told(**at, occurred_on=["2020-03-01", "2020-03-08"]))[0] is Reason.CONTRADICTORY
    assert isinstance(told({**at, "occurred_on": "2020-03-12"}), Understood)


@pytest.mark.parametrize("year", ["0020", "0025", "1020", "1920"])
def test_a_slip_in_the_year_is_told(year: str) -> None:
    assert refused(told(occurred_on=f"{year}-03-11")) == (
        Reason.DATED_LONG_AGO,
        f"the date {year}-03-11 is before the year 1970",
    )
    for field in ("occurred_at", "published_at"):
        late = told(
            {} if field == "published_at" else {field: f"{year}-03-11T10:00:00+02:00"},
            **({field: f"{year}-03-11T10:00:00+02:00"} if field == "published_at" else {}),
        )
        assert refused(late)[0] is Reason.DATED_LONG_AGO


@pytest.mark.parametrize(
    "time", ["2020-03-11T10:15Z", "2020-03-11T24:00:00Z", "2020-03-11T10:15:00", "11.3.2020 10:15", 7]
)
def test_what_is_no_time_is_told_with_an_example(time: object) -> None:
    reason, detail = refused(told({"occurred_at": time}))
    assert reason is Reason.WRONG_SHAPE
    assert "`violations[0].occurred_at`" in detail
    assert "2020-03-11T10:15:00+02:00" in detail


NUMBER = {"group": "HTS", "place": "Saraqib", "count": 3}


@pytest.mark.parametrize(
    "quiet",
    [
        {},
        {"group": "HTS"},
        {"place": "Idlib"},
        {"group": "hts", "place": "Saraqib", "occurred_on": "2020-03-11"},
        {"group": ["HTS", "NFL"], "place": "Idlib, Syria"},
        {"group": "opposition", "occurred_on": ["2020-03-10", "2020-03-12"]},
    ],
)
def test_none_and_some_of_one_scope_is_refused(quiet: dict[str, Any]) -> None:
    said = "it says that there was none on 2020-03-11, and tells 3 of the same scope"
    assert refused(told(violations=[NUMBER], quiet=[quiet])) == (Reason.CONTRADICTORY, said)


@pytest.mark.parametrize(
    "quiet",
    [
        {"group": "NFL"},
        {"place": "Binnish"},
        {"group": "HTS", "place": "Hama"},
        {"occurred_on": "2020-03-10"},
        {"registered_by": "Turkish side"},
        {"group": "Martians"},
        {"place": "Xyzzy"},
    ],
)
def test_a_none_beside_a_number_is_taken(quiet: dict[str, Any]) -> None:
    assert isinstance(told(violations=[NUMBER], quiet=[quiet]), Understood)


def test_what_does_not_count_is_not_held_against_a_none() -> None:
    assert isinstance(told(violations=[{**NUMBER, "place": "Afrin"}], quiet=[{}]), Understood)
    table = [{**NUMBER, "type": "mortar", "count": 0}, {**NUMBER, "type": "sniper"}]
    assert isinstance(told(violations=table), Understood)
    assert refused(told(violations=[{**NUMBER, "count": 0}, NUMBER]))[0] is Reason.CONTRADICTORY


@pytest.mark.parametrize(
    ("fields", "is_taken"),
    [
        ({"retracts": "r", "violations": None}, False),
        ({"retracts": " R", "violations": None}, False),
        ({"retracts": "r", "violations": None, "revision": 1}, True),
        ({"retracts": "r", "revision": 1}, False),
        ({"supersedes": "R"}, False),
        ({"supersedes": "R", "revision": 1}, True),
        ({"supersedes": "q", "retracts": "p"}, True),
    ],
)
def test_a_report_takes_itself_back_only_by_a_higher_revision(fields: dict[str, Any], is_taken: bool) -> None:
    found = told(**fields)
    assert isinstance(found, Understood) is is_taken
    if not is_taken:
        reason, detail = refused(found)
        assert reason is Reason.CONTRADICTORY
        assert "is the report's own `report_id`" in detail
        assert "a higher `revision`" in detail


@pytest.mark.parametrize("date", ["2020-03-11T00:00:00", "2020-03-11T00:00:00Z", "11.03.2020", "2020/03/11", 20200311])
def test_what_is_no_date_is_told_with_an_example(date: object) -> None:
    reason, detail = refused(told(occurred_on=date))
    assert reason is Reason.WRONG_SHAPE
    assert detail.endswith("write a date like 2020-03-11, and a time of day in `occurred_at`")


# Keys given twice

USUAL = b'{"source":"sohr","report_id":"r","occurred_on":"2020-03-11","violations":[%s]}'
LINE_JSON = b'{"type":"mortar","group":"HTS","place":"Saraqib"%s}'


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (USUAL % (LINE_JSON % b',"place":"Sarmin"'), "place"),
        (USUAL % (LINE_JSON % b',"place":"Saraqib"'), "place"),
        (USUAL % (LINE_JSON % b',"count":1,"count":1'), "count"),
        (USUAL % (LINE_JSON % b',"weapon" : "count","where_precision":1,"where_precision":1'), "where_precision"),
        (USUAL % (LINE_JSON % b',"casualties":{"best":1,"best":2}'), "best"),
        (USUAL % (LINE_JSON % b',"pl\\u0061ce":"Sarmin"'), "place"),
        (USUAL % (LINE_JSON % b',"weapon":"\\u0022\\u0022","place":"Sarmin"'), "place"),
        (USUAL.replace(b'"report_id":"r"', b'"report_id":"r","report_id":"q"') % (LINE_JSON % b""), "report_id"),
        (USUAL % b'{"place":"Idlib"}],"violations":[],"quiet":[{}', "violations"),
        (USUAL % (LINE_JSON % b',"place":{"lat":35.1,"lon":36.2,"lat":35.2}'), "lat"),
        (USUAL % (LINE_JSON % b',"count":{"best":4,"best":5}'), "best"),
    ],
)
def test_a_key_given_twice_is_refused_at_any_depth(value: bytes, name: str) -> None:
    assert refused(taken(value)) == (Reason.KEY_TWICE, f"one object gives the key `{name}` twice")


NAMES = st.sampled_from(["type", "group", "place", "weapon", "where_precision", "count", "registered_by"])
VALUES = st.sampled_from([b'"K3"', b'"a:b"', b'"\\"x\\""', b'"\\u0022"', b"null", b"1", b'"count"', b'"\xc3\xa9"'])
SPACES = st.sampled_from([b"", b" ", b"\n "])


@settings(max_examples=1_000, deadline=None)
@given(st.lists(st.tuples(NAMES, VALUES, SPACES), max_size=6))
def test_what_is_taken_names_no_key_twice(members: list[tuple[str, bytes, bytes]]) -> None:
    more = b"".join(b',%s"%s"%s:%s%s' % (s, name.encode(), s, s, value) for name, value, s in members)
    value = USUAL % (b'{"place":"Saraqib"' + more + b"}")
    names = ["place", *(name for name, _, _ in members)]
    found = taken(value)
    if isinstance(found, Understood):
        assert len(set(names)) == len(names)
    assert (key_given_twice(value) is None) == (len(set(names)) == len(names))


# Bytes that are no JSON


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (b"\xef\xbb\xbf{}", "byte order mark"),
        ("{}".encode("utf-16"), "UTF-16"),
        (b"\0\0\0\0\x2a" + b'{"source":"a"}', "schema registry"),
        (b"\0\0\0\0\x2a\x02\x06", "schema registry"),
        (gzip.compress(b"{}"), "gzip"),
        (zlib.compress(b"{}"), "zlib"),
        (bz2.compress(b"{}"), "bzip2"),
        (lzma.compress(b"{}"), "xz"),
        (b"\x82SNAPPY\0\0\0\0\1", "snappy"),
        (b"Obj\x01\x04\x14avro.codec", "Avro file"),
        ("{}".encode("utf-16-le"), "UTF-16"),
        ("{}".encode("utf-16-be"), "UTF-16"),
        ("{}".encode("utf-32"), "UTF-32"),
    ],
)
def test_what_stands_before_the_json_is_named(value: bytes, named: str) -> None:
    reason, detail = refused(taken(value))
    assert reason is Reason.NOT_JSON
    assert named in detail


REPORT = json.dumps({"source": "sohr", "report_id": "r", "occurred_on": "2020-03-11", "violations": [LINE]})


@pytest.mark.parametrize(
    ("value", "what_to_do"),
    [
        (f"{REPORT}\n{REPORT}", "send each object in a record of its own"),
        (f"[{REPORT}]", "send each report in a record of its own"),
        (json.dumps(REPORT), "encoded twice; send the object itself"),
        (f"{REPORT}\0", "leave out what stands behind the object"),
        (f"// a report\n{REPORT}", "leave out the comment"),
        ("source,report_id\nsohr,r", "a report is one JSON object"),
        (REPORT.replace("Saraqib", "Sara\nqib"), "write a line break as \\n"),
        (REPORT.replace("Saraqib", "\\ud800"), "one half of a surrogate pair"),
        (REPORT.replace('"Saraqib"', "NaN"), "invalid character (byte 125)"),
    ],
)
def test_what_is_nearly_a_report_is_told_what_to_change(value: str, what_to_do: str) -> None:
    reason, detail = refused(taken(value.encode()))
    assert reason in {Reason.NOT_JSON, Reason.WRONG_SHAPE}
    assert what_to_do in detail
    assert "Sara" not in detail


@pytest.mark.parametrize("value", [None, b"", b" \n"])
def test_a_record_without_a_value_is_told_alike(value: bytes | None) -> None:
    assert refused(taken(value)) == (Reason.NOT_JSON, "the record has no value: a report is one JSON object")


@pytest.mark.parametrize(
    ("count", "flags"), [({"min": 6, "best": 8, "max": 9}, ("bounds_not_counted",)), ({"best": 8}, ()), (8, ())]
)
def test_bounds_that_reach_no_figure_are_flagged(count: object, flags: tuple[str, ...]) -> None:
    found = told({"count": count})
    assert isinstance(found, Understood)
    assert (found.lines[0].count, found.lines[0].flags) == (8, flags)
