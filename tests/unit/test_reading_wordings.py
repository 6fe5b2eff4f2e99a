"""Wordings of bulletins that say the same in another order: who, where, when, how many of how many."""

from __future__ import annotations

import datetime as dt

import pytest
from reading_world import CATALOGUE, CENTRE, EITHER, MODERATE, TURKISH, activities, counts, days, said, telling

from incident_pipeline.intake.told import Telling
from incident_pipeline.intake.understand import Coordinates, understand
from incident_pipeline.rejection import Rejection
from incident_pipeline.report import Report


@pytest.mark.parametrize(
    "second",
    [
        "They were the work of HTS or of the Turkistan Islamic Party.",
        "It was HTS or the Turkistan Islamic Party.",
        "The centre attributes them to HTS or the Turkistan Islamic Party.",
        "It is not clear whether HTS or the Turkistan Islamic Party was behind them.",
        "All violations: HTS or TIP.",
        "All eight came from either HTS or the TIP.",
        "Turkistan Islamic Party or Hay'at Tahrir al-Sham.",
        "Responsible: TIP or HTS.",
    ],
)
def test_a_later_sentence_says_who_did_it(second: str) -> None:
    (one,) = said(f"Eight truce breaches were logged over the past day. {second}")
    assert (one.count, one.groups) == (8, EITHER)


def test_who_did_it_on_both_days_is_no_victim() -> None:
    first = "Two breaches were registered today; yesterday's count was also two."
    text = f"{first} On both days HTS or the TIP was responsible."
    assert [(one.count, one.day, one.groups) for one in said(text)] == [(2, 12, EITHER), (2, 11, EITHER)]


@pytest.mark.parametrize(
    "text",
    [
        "Five truce breaches: three by HTS and two by TIP.",
        "Of the five breaches of the truce, three were committed by HTS, the other two by TIP.",
        "HTS committed three of the five breaches of the truce and TIP the other two.",
        "Five truce breaches were recorded: HTS - 3, TIP - 2.",
    ],
)
def test_a_total_split_by_group_is_one_total(text: str) -> None:
    total = next(one for one in telling(text).statements if one.count == 5)
    parts = sorted((one.count, one.groups) for one in telling(text).statements if one.part_of == total.total_of)
    assert total.groups == ()
    assert parts == [(2, ("tip",)), (3, ("hts",))]


def test_one_number_out_of_another_is_its_part() -> None:
    total, part = telling("Four of the seven truce breaches were in Idlib.").statements
    assert (total.count, total.place, part.count, part.place) == (7, None, 4, "idlib")
    assert part.part_of == total.total_of is not None


def counted(text: str) -> int:
    """What a text of the centre adds to the count of its theatre, where its lines have one scope."""
    published = dt.datetime(2020, 3, 12, 16, tzinfo=dt.UTC)
    report = Report(source=CENTRE, report_id="r", text=text, published_at=published)
    told: Telling = telling(text, source=CENTRE)
    at = round(published.timestamp() * 1_000)
    records = understand(report, told, CATALOGUE, Coordinates(0, 0), recorded_at_ms=at, partitions=64)
    assert not isinstance(records, Rejection)
    return sum(line.count for _, record in records for line in record.lines if line.not_counted is None)


@pytest.mark.parametrize(
    "text",
    [
        "Ten truce breaches were registered: six shellings and four firings.",
        "Ten truce breaches were registered, six of them shellings.",
        "Ten truce breaches were registered, including six shellings.",
        "Ten truce breaches were registered. Six of these were shellings.",
    ],
)
def test_a_break_down_by_type_counts_once(text: str) -> None:
    assert counted(text) == 10


def test_a_total_may_come_after_its_parts() -> None:
    for text in (
        "Saraqib - 2, Dadikh - 1, Ikko - 3. Six shellings in all.",
        "Idlib (two), Latakia (one) and Hama (three) were shelled, six times in all.",
    ):
        *parts, total = telling(text).statements
        assert total.count == 6
        assert {one.part_of for one in parts} == {total.total_of}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In all 7 breaches: in Idlib province 4, in Latakia province 3.", [(7, None), (4, "idlib"), (3, "latakia")]),
        ("7 shellings (4 Idlib / 3 Latakia).", [(7, None), (4, "idlib"), (3, "latakia")]),
        ("13 shellings hit Idlib, six Latakia and one Hama province.", [(13, "idlib"), (6, "latakia"), (1, "hama")]),
        (
            "Breaches were logged in two provinces: eight in Latakia, a further five in Idlib.",
            [(8, "latakia"), (5, "idlib")],
        ),
        ("The centre recorded one shelling of Idlib province.", [(1, "idlib")]),
        ("Six shellings were registered by the centre in Latakia province.", [(6, "latakia")]),
        ("Two truce breaches. Both near Saraqib.", [(2, "saraqib")]),
        ("Three breaches were logged in the Idlib zone.", [(3, "idlib-zone")]),
        ("Most of the nine breaches registered were in Latakia province.", [(9, None)]),
        ("A truce breach was registered in Latakia province.", [(1, "latakia")]),
        ("A single shelling was registered in Latakia.", [(1, "latakia")]),
        ("The provinces of Idlib and Latakia saw three shellings each.", [(3, "idlib"), (3, "latakia")]),
        ("Idlib saw 4 shellings, Latakia 3, Aleppo none.", [(4, "idlib"), (3, "latakia"), (0, "aleppo")]),
    ],
)
def test_places_stand_before_or_behind_their_numbers(text: str, expected: list[tuple[int, str | None]]) -> None:
    assert counts(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("On 9, 10 and 11 March the centre recorded two breaches a day.", [(2, 9), (2, 10), (2, 11)]),
        ("Breaches from 9 to 11 March: two on the first day, three on the third.", [(2, 9), (3, 11)]),
        ("10 March - 3 breaches, 11 March - none.", [(3, 10), (0, 11)]),
        ("Two truce breaches on 9 March. The next day there were three.", [(2, 9), (3, 10)]),
        ("The truce was broken twice in the 24 hours to 18:00 on 9 March.", [(2, 9)]),
        ("On Monday and on Tuesday three breaches each were recorded.", [(3, 9), (3, 10)]),
        ("Breaches have grown to eight from two a day earlier. In Hama there was one.", [(8, None), (1, None)]),
        ("The number of breaches rose from two to eight on Wednesday.", [(8, 11)]),
    ],
)
def test_days_are_told_in_many_ways(text: str, expected: list[tuple[int, int | None]]) -> None:
    found = days(text)
    assert [one for one in found if one in expected] == expected
    assert all(one in expected or one == (2, 11) or one[0] == 5 for one in found)


@pytest.mark.parametrize(
    "text", ["In the three days to 11 March, 18 breaches were logged.", "Breaches in the week to 11 March: 18."]
)
def test_a_period_that_ends_on_a_day_is_several_days(text: str) -> None:
    (one,) = telling(text).statements
    assert (one.count, one.last_day) == (18, dt.date(2020, 3, 11))
    assert one.day is not None
    assert one.day < dt.date(2020, 3, 11)


@pytest.mark.parametrize(
    "text",
    [
        "According to the Russian side there were 8 breaches of the truce, according to the Turkish side 3.",
        "Truce breaches: Russian data - 8, Turkish data - 3.",
        "8 breaches of the truce (Russian side), 3 breaches (Turkish side).",
        "Russia registered 8 truce breaches and Turkey 3.",
        "8 truce breaches were registered by the Russian side and 3 by the Turkish.",
        "The Russian side registered 8 truce breaches, its Turkish counterpart counted 3.",
    ],
)
def test_two_parties_each_have_their_own_number(text: str) -> None:
    assert [(one.count, one.party) for one in said(text)] == [(8, CENTRE), (3, TURKISH)]


def test_a_number_according_to_another_party_is_that_partys_alone() -> None:
    text = "Thirty attacks were registered in Idlib, including 27 according to the Syrian side."
    (one, other) = said(f"{text[:-1]}, the Russian Defence Ministry said.")
    assert (one.count, one.party) == (30, CENTRE)
    assert (other.count, other.party) == (27, "sy-reconciliation-committee")


def test_what_both_or_neither_registered_is_told_for_each() -> None:
    for text, number in (
        ("The Russian and Turkish sides registered five breaches of the truce each.", 5),
        ("Neither the Russian nor the Turkish side registered any breaches of the truce.", 0),
    ):
        assert [(one.count, one.party) for one in said(text)] == [(number, CENTRE), (number, TURKISH)]


def test_a_none_of_the_moderate_opposition_is_not_the_turkish_sides() -> None:
    text = (
        "The Russian side registered 8 breaches of the truce.\nThe Turkish side registered 3 breaches.\n"
        "No breaches by the moderate opposition were registered."
    )
    none = said(text, source=CENTRE)[-1]
    assert (none.count, none.party, none.groups) == (0, None, MODERATE)


@pytest.mark.parametrize(
    "text",
    [
        "Traffic police in Hama registered 23 violations on Sunday.",
        "The truce in Idlib was mentioned twice in the communique.",
        "Baku spoke of the truce in Nagorno-Karabakh and of seven violations on Wednesday.",
        "In the whole of 2019 the centre registered over 4,000 violations of the truce.",
        "The ministry had reported 15 violations on the first day of the truce.",
    ],
)
def test_other_laws_other_wars_and_other_times_count_nothing(text: str) -> None:
    assert [one for one in said(text) if one.count] == []


def test_the_number_of_a_bulletin_is_a_label() -> None:
    assert counts("Bulletin No. 67: two breaches of the truce in Idlib.") == [(2, "idlib")]


def test_one_attack_at_three_times_is_three() -> None:
    found = telling("Saraqib was shelled at 08:00, 11:30 and 15:00 on Wednesday.").statements
    assert [(one.place, one.minute) for one in found] == [("saraqib", 480), ("saraqib", 690), ("saraqib", 900)]


def test_activities_of_several_days_are_told_in_their_order() -> None:
    text = "Truce breaches: 2 on 9 March, 2 on 10 March, 8 on 11 March. Convoys: 13, four and seven."
    assert activities(text) == [("convoy-escort", 13, 9), ("convoy-escort", 4, 10), ("convoy-escort", 7, 11)]
    assert activities("9 March: breaches 6; convoys 2") == [("convoy-escort", 2, 9)]


def test_neither_side_of_a_commission_is_a_none_of_both() -> None:
    text = "Neither side of the Russian-Turkish commission registered breaches of the truce."
    assert [(one.count, one.party) for one in said(text)] == [(0, CENTRE), (0, TURKISH)]


def test_each_entry_of_a_list_of_days_counts_what_the_first_one_did() -> None:
    text = "9 March: 2 (TIP or HTS); 13 convoys. 10 March: 3 (TIP or HTS); 4 convoys."
    assert [(one.count, one.day, one.groups) for one in said(text, source=CENTRE)] == [(2, 9, EITHER), (3, 10, EITHER)]
    assert activities(text, source=CENTRE) == [("convoy-escort", 13, 9), ("convoy-escort", 4, 10)]


def test_times_in_brackets_belong_to_the_settlement_before_them() -> None:
    found = telling("Saraqib (08:15 and 19:30), Dadikh (10:00): mortar shelling.").statements
    assert [(one.place, one.minute) for one in found] == [("saraqib", 495), ("saraqib", 1170), ("dadikh", 600)]


@pytest.mark.parametrize(
    "text",
    [
        "Libya's government reported five breaches of the truce on Monday.",
        "Eight years ago, government forces attacked Saraqib.",
        "Fuel in Idlib rose three times in a week.",
    ],
)
def test_what_was_elsewhere_or_long_ago_counts_nothing(text: str) -> None:
    assert said(text) == []
