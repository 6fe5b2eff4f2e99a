from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.intake.take import take
from incident_pipeline.intake.understand import Coordinates
from incident_pipeline.line import Line, LineKind, NotCounted, Quiet, Understood
from incident_pipeline.partitioning import partition_for
from incident_pipeline.rejection import Reason, Rejection

CATALOGUE = Catalogue(load_rules(shipped_catalogue()))
PARTITIONS = 64  # so many that theatres do not share one by accident
RECORDED_AT_MS = 1_583_960_400_000  # 2020-03-11T21:00:00Z
NORTH_WEST = partition_for("north-west", PARTITIONS)
IDLIB = "north-west/idlib-zone/idlib"


def taken(
    *violations: dict[str, Any], catalogue: Catalogue = CATALOGUE, **fields: Any
) -> list[tuple[int, Understood]] | Rejection:
    report = {"source": "sample-observer-north", "report_id": "r-1", "occurred_on": "2020-03-11", **fields}
    if violations:
        report["violations"] = violations
    value = json.dumps({name: inner for name, inner in report.items() if inner is not None}).encode()
    return take(value, Coordinates(2, 7), catalogue, recorded_at_ms=RECORDED_AT_MS, partitions=PARTITIONS)


def records(*violations: dict[str, Any], **fields: Any) -> dict[int, Understood]:
    found = taken(*violations, **fields)
    assert not isinstance(found, Rejection), found
    assert [partition for partition, _ in found] == sorted({partition for partition, _ in found})
    return dict(found)


def line(violation: dict[str, Any], **fields: Any) -> Line:
    (record,) = records(violation, **fields).values()
    (found,) = record.lines
    return found


def quiet(**fields: Any) -> tuple[Quiet, ...]:
    (record,) = records(**fields).values()
    assert not record.lines
    return record.quiet


def rejection(*violations: dict[str, Any], **fields: Any) -> Rejection:
    found = taken(*violations, **fields)
    assert isinstance(found, Rejection)
    return found


def test_a_line_carries_what_the_ledger_needs_without_a_catalogue() -> None:
    found = line(
        {
            "type": "mortar",
            "group": "Hay'at Tahrir al-Sham",
            "against": "government",
            "place": "Saraqeb",
            "occurred_at": "2020-03-11T12:20:00Z",
            "weapon": "82 mm mortar",
            "casualties": {"low": 0, "best": 1, "high": 2},
        }
    )
    assert found == Line(
        against="gov|iran-backed|ndf|rus",
        attribution="hts",
        casualties=(0, 1, 2),
        count=1,
        day="2020-03-11",
        index=0,
        kind=LineKind.ITEM,
        minute=14 * 60 + 20,
        neighbourhood="idlib-district",
        party="sample-observer-north",
        place=f"{IDLIB}/idlib-district/saraqib",
        raw=1,
        type="K3",
        weapon="82 mm mortar",
    )


def test_the_record_says_which_report_it_is_and_under_which_rules() -> None:
    ((partition, record),) = records({}, published_at="2020-03-11T20:00:00+02:00", reason="first").items()
    assert partition == NORTH_WEST
    assert (record.report.id, record.report.partition, record.report.offset) == ("r-1", 2, 7)
    assert (record.report.source, record.report.reason) == ("sample-observer-north", "first")
    assert record.report.published_at_ms == 1_583_949_600_000
    assert (record.rules, record.theatre, record.recorded_at_ms) == (CATALOGUE.hash, "north-west", RECORDED_AT_MS)


def test_a_report_that_does_not_say_when_it_was_published_was_published_when_it_came() -> None:
    assert records({})[NORTH_WEST].report.published_at_ms == RECORDED_AT_MS


def test_the_same_record_is_understood_the_same_again() -> None:
    assert taken({"group": "HTS"}, {"place": "Homs"}) == taken({"group": "HTS"}, {"place": "Homs"})


# --- kind of line ---


@pytest.mark.parametrize(
    ("violation", "kind"),
    [
        ({"place": "Saraqib", "type": "K3"}, LineKind.ITEM),
        ({"place": "Saraqib", "occurred_at": "2020-03-11T12:20:00Z"}, LineKind.ITEM),
        ({"type": "K3", "occurred_at": "2020-03-11T12:20:00Z"}, LineKind.ITEM),
        ({"place": "Somewhere in Idlib province", "type": "K3"}, LineKind.ITEM),
        ({"place": "Saraqib"}, LineKind.AGGREGATE),
        ({"place": "Idlib", "type": "K3"}, LineKind.AGGREGATE),
        ({"place": "Saraqib", "type": "U0"}, LineKind.AGGREGATE),
        ({}, LineKind.AGGREGATE),
        ({"place": "Saraqib", "type": "K3", "count": 2}, LineKind.AGGREGATE),
        ({"place": "Saraqib", "type": "K3", "count": {"best": 1, "max": 3}}, LineKind.AGGREGATE),
    ],
)
def test_an_item_is_one_incident_told_with_two_of_time_place_and_type(
    violation: dict[str, Any], kind: LineKind
) -> None:
    assert line(violation).kind is kind


def test_the_time_of_the_report_is_the_time_of_its_lines() -> None:
    found = line({"place": "Saraqib"}, occurred_on=None, occurred_at="2020-03-11T12:20:00Z")
    assert (found.kind, found.minute) == (LineKind.ITEM, 860)


def test_the_best_of_a_range_counts() -> None:
    found = line({"count": {"min": 2, "best": 3, "max": 5}})
    assert (found.count, found.count_low, found.count_high, found.raw) == (3, 2, 5, 3)


# --- names ---


def test_an_unlocated_line_is_at_the_root_of_its_partys_home_theatre() -> None:
    assert line({}).place == "north-west"


def test_an_unknown_group_is_unattributed_flagged_and_kept_as_written() -> None:
    found = line({"group": ["HTS", "Lions of Nowhere"]})
    assert (found.attribution, found.flags, found.group_name) == (
        "unattributed",
        ("group_unknown",),
        "Lions of Nowhere",
    )


def test_an_unknown_place_is_the_known_one_named_with_it_flagged_and_kept_as_written() -> None:
    found = line({"place": "Zarzurabad, Latakia province"})
    assert found.place == "north-west/idlib-zone/latakia/unknown:zarzurabad"
    assert (found.flags, found.place_name) == (("place_unknown",), "Zarzurabad, Latakia province")


def test_an_unknown_type_is_unspecified_and_flagged() -> None:
    found = line({"type": "wizardry"})
    assert (found.type, found.flags) == ("U0", ("type_unknown",))


def test_either_or_is_a_set_of_its_own() -> None:
    assert line({"group": ["Turkistan Islamic Party", "Jabhat al-Nusra"]}).attribution == "hts|tip"


# --- who says it ---


def test_a_source_speaks_for_its_party() -> None:
    found = line({"group": "HTS"}, source="ru-mod")
    assert (found.party, found.retold) == ("ru-reconciliation-centre", False)


def test_an_unattributed_line_belongs_to_the_side_that_its_party_registers() -> None:
    assert line({}, source="ru-mod").attribution == CATALOGUE.attribution("opposition").joined
    assert line({}, source="tr-mod").attribution == CATALOGUE.attribution("government").joined
    assert line({"group": "Lions"}, source="tr-mod").attribution == CATALOGUE.attribution("government").joined
    assert line({}, source="sohr").attribution == "unattributed"


@pytest.mark.parametrize("source", ["sample-news-desk", "sample-observer-north", "tr-mod"])
def test_a_source_that_says_who_registered_it_retells(source: str) -> None:
    found = line({"registered_by": "the Russian side"}, source=source)
    assert (found.party, found.retold) == ("ru-reconciliation-centre", True)


def test_a_party_that_names_itself_does_not_retell() -> None:
    assert not line({"registered_by": "Reconciliation Centre"}, source="ru-mod").retold


def test_the_origin_of_a_report_is_its_party() -> None:
    by_source = line({}, origin_source="ru-mod")
    by_observer = line({}, origin_source="sample-observer-b")
    assert (by_source.party, by_source.retold) == ("ru-reconciliation-centre", True)
    assert (by_observer.party, by_observer.retold) == ("sample-observer-b", True)


def test_a_news_desk_that_retells_nobody_registers_as_itself() -> None:
    found = line({}, source="sample-news-desk")
    assert (found.party, found.retold, found.attribution) == ("sample-news-desk", False, "unattributed")


# --- days ---


def test_the_day_is_the_missions_local_day() -> None:
    assert line({"occurred_at": "2020-03-10T22:30:00Z"}).day == "2020-03-11"


def test_the_missions_cut_off_ends_the_day(tmp_path: Path) -> None:
    folder = tmp_path / "catalogue"
    shutil.copytree(shipped_catalogue(), folder)
    mission = folder / "mission.toml"
    mission.write_text(mission.read_text(encoding="utf-8").replace('"24:00"', '"19:30"'), encoding="utf-8")
    early = Catalogue(load_rules(folder))
    assert line({"occurred_at": "2020-03-10T17:29:00Z"}, catalogue=early).day == "2020-03-10"
    late = line({"occurred_at": "2020-03-10T17:30:00Z"}, catalogue=early)
    assert (late.day, late.minute) == ("2020-03-11", 19 * 60 + 30)
    assert line({"occurred_on": "2020-03-10"}, catalogue=early).day == "2020-03-10"


def test_without_a_date_the_day_of_publication_holds() -> None:
    found = line({}, occurred_on=None, published_at="2020-03-10T22:30:00Z")
    assert (found.day, found.minute) == ("2020-03-11", None)


def test_a_report_without_any_date_is_refused() -> None:
    assert rejection({}, occurred_on=None).reason is Reason.NO_DATE


@pytest.mark.parametrize(
    "fields",
    [
        {"occurred_on": "2020-03-13"},
        {"occurred_on": ["2020-03-01", "2020-03-13"]},
        {"occurred_on": "9999-12-31"},
        {"occurred_on": None, "occurred_at": "2020-03-12T21:01:00Z"},
        {"occurred_on": None, "occurred_at": "9999-12-31T23:59:59-12:00"},
        {"published_at": "2020-03-12T21:00:01Z"},
    ],
)
def test_a_date_beyond_append_time_and_skew_is_refused(fields: dict[str, Any]) -> None:
    assert rejection({}, **fields).reason is Reason.DATED_IN_FUTURE


@pytest.mark.parametrize(
    "fields",
    [
        {"occurred_on": "2020-03-12"},
        {"occurred_on": None, "occurred_at": "2020-03-12T21:00:00Z"},
        {"occurred_on": "1970-01-03"},
        {"occurred_on": None, "occurred_at": "1970-01-03T00:00:00+14:00"},
    ],
)
def test_a_date_within_the_skew_or_long_ago_is_taken(fields: dict[str, Any]) -> None:
    assert line({}, **fields).day


def test_one_statement_in_the_future_refuses_the_report() -> None:
    found = rejection({}, {"occurred_on": "2021-03-11"})
    assert found.reason is Reason.DATED_IN_FUTURE
    assert "2021-03-11" in found.detail


# --- what is not counted ---


@pytest.mark.parametrize(
    ("violation", "reason"),
    [
        ({"occurred_on": "2020-03-04"}, NotCounted.BEFORE_AGREEMENT),
        ({"occurred_at": "2020-03-05T22:00:30Z"}, NotCounted.BEFORE_AGREEMENT),
        ({"occurred_at": "2020-03-05T22:01:00Z"}, None),
        ({"occurred_on": "2020-03-06"}, None),
        ({"place": "Azaz"}, NotCounted.OUTSIDE_ZONE),
        ({"place": "Idlib"}, None),
        ({"type": "X1"}, NotCounted.TYPE_NOT_COUNTED),
        ({"type": "controlled detonation"}, NotCounted.TYPE_NOT_COUNTED),
        ({"occurred_on": ["2020-03-09", "2020-03-11"], "count": 6}, NotCounted.DAYS_WITHOUT_NUMBERS),
        ({"occurred_on": ["2020-03-09", "2020-03-09"], "count": 6}, None),
    ],
)
def test_what_may_not_count_is_a_line_with_its_reason(violation: dict[str, Any], reason: NotCounted | None) -> None:
    assert line(violation).not_counted is reason


def test_a_statement_about_several_days_keeps_them() -> None:
    found = line({"occurred_on": ["2020-03-11", "2020-03-09"], "count": 6})
    assert (found.day, found.days) == ("2020-03-11", ("2020-03-09", "2020-03-11"))


# --- quiet and activities ---


def test_a_statement_of_none_is_quiet() -> None:
    (found,) = quiet(quiet=[{"group": "moderate opposition", "place": "Idlib"}], source="ru-mod")
    assert found.attribution == CATALOGUE.attribution("moderate opposition").joined
    assert (found.day, found.party, found.place) == ("2020-03-11", "ru-reconciliation-centre", IDLIB)


def test_a_count_of_nought_is_quiet() -> None:
    (record,) = records({"count": 0, "group": "HTS"}).values()
    assert not record.lines
    assert [one.attribution for one in record.quiet] == ["hts"]


def test_a_quiet_statement_about_several_days_speaks_for_each() -> None:
    found = quiet(quiet=[{"occurred_on": ["2020-03-05", "2020-03-07"]}])
    assert [(one.day, one.not_counted, one.index) for one in found] == [
        ("2020-03-05", NotCounted.BEFORE_AGREEMENT, 0),
        ("2020-03-06", None, 1),
        ("2020-03-07", None, 2),
    ]


def test_a_quiet_year_is_recorded_and_not_counted() -> None:
    (found,) = quiet(quiet=[{"occurred_on": ["2019-03-06", "2020-03-06"], "place": "Damascus"}])
    assert found.not_counted is NotCounted.DAYS_WITHOUT_NUMBERS


def test_activities_are_recorded_with_their_number() -> None:
    (record,) = records(activities=[{"kind": "convoys", "count": 13}, {"kind": "joint patrol"}]).values()
    assert [(one.kind, one.count, one.day, one.place) for one in record.activities] == [
        ("convoy-escort", 13, "2020-03-11", "north-west"),
        ("joint-patrol", None, "2020-03-11", "north-west"),
    ]


# --- partitions ---


def test_each_theatre_gets_its_lines_once() -> None:
    found = records({"place": "Idlib"}, {"place": "Damascus"}, {"place": "Homs"})
    south = partition_for("south-and-centre", PARTITIONS)
    assert set(found) == {NORTH_WEST, south}
    assert [one.index for one in found[NORTH_WEST].lines] == [0]
    assert [one.index for one in found[south].lines] == [1, 2]
    assert found[south].theatre == "south-and-centre"


def test_theatres_that_share_a_partition_share_a_record() -> None:
    report = {"source": "s", "report_id": "r", "occurred_on": "2020-03-11",
              "violations": [{"place": "Idlib"}, {"place": "Damascus"}]}  # fmt: skip
    found = take(json.dumps(report).encode(), Coordinates(0, 0), CATALOGUE, recorded_at_ms=RECORDED_AT_MS, partitions=1)
    assert not isinstance(found, Rejection)
    ((partition, record),) = found
    assert (partition, record.theatre, len(record.lines)) == (0, "north-west", 2)


def test_a_report_without_a_line_goes_home() -> None:
    found = records(text="The weather was fine.", source="ru-mod")
    assert set(found) == {NORTH_WEST}
    assert found[NORTH_WEST].theatre == "north-west"


@pytest.mark.parametrize("fields", [{"revision": 1}, {"supersedes": "r-0"}, {"retracts": "r-0"}])
def test_a_report_that_takes_something_back_goes_everywhere(fields: dict[str, Any]) -> None:
    found = records({"place": "Idlib"}, **fields)
    assert set(found) == set(range(PARTITIONS))
    assert [len(found[partition].lines) for partition in range(PARTITIONS)].count(1) == 1
    assert all(record.report == found[0].report for record in found.values())


def test_a_retraction_needs_no_date_and_its_text_tells_of_nothing() -> None:
    found = records(occurred_on=None, retracts="r-0", text="There were no eight violations in Idlib on 11 March.")
    assert not any(record.lines or record.quiet for record in found.values())


def test_structured_violations_win_over_the_text() -> None:
    found = line({"count": 3}, text="Eight violations were registered on 11 March 2020 in Idlib province.")
    assert (found.count, found.place) == (3, "north-west")


@pytest.mark.parametrize("told", ["published_at", "occurred_at"])
def test_a_text_of_the_last_day_of_the_calendar_is_refused_for_its_date(told: str) -> None:
    text = "On 10 March, eight violations; two the next day, and yesterday one. 7 convoys escorted."
    refused = taken(text=text, occurred_on=None, **{told: "9999-12-31T23:59:59-12:00"})
    assert isinstance(refused, Rejection)
    assert refused.reason in {Reason.DATED_IN_FUTURE, Reason.NO_DATE}
