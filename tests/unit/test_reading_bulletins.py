"""Bulletins: totals, parts, two parties in one text, days, nones, attributions, activities."""

# ruff: noqa: RUF001 - texts hold dashes of every kind

from __future__ import annotations

import pytest
from reading_world import (
    CENTRE,
    DESK,
    EITHER,
    MODERATE,
    OPPOSITION,
    TURKISH,
    Said,
    activities,
    counts,
    days,
    said,
    telling,
)

LATAKIA_HAMA_IDLIB = [(14, None), (5, "latakia"), (3, "hama"), (6, "idlib")]


@pytest.mark.parametrize(
    "text",
    [
        "The Russian side registered 14 truce breaches: Latakia 5, Hama 3, Idlib 6.",
        "The Russian side registered 14 truce breaches: Latakia – 5, Hama – 3, Idlib – 6.",
        "The Russian side registered 14 truce breaches: five in Latakia, three in Hama and six in Idlib.",
        "The Russian side registered 14 truce breaches: 5 – in Latakia, 3 – in Hama, 6 – in Idlib.",
        "The Russian side registered fourteen truce breaches in the provinces of Latakia (5), Hama (3) and Idlib (6).",
        "Fourteen truce breaches, namely five in the province of Latakia, three in Hama and six in Idlib, were logged.",
        "Fourteen truce breaches were logged, including five in Latakia, three in Hama and six in Idlib province.",
        "Fourteen truce breaches were logged, 5 of which in Latakia, 3 in Hama and 6 in Idlib.",
        "Of the 14 truce breaches, five occurred in Latakia, three in Hama and six in Idlib.",
        "Fourteen truce breaches were logged. Latakia accounts for five of them, Hama for three and Idlib for six.",
        "Fourteen truce breaches were logged. Five were in Latakia province, three in Hama and six in Idlib.",
        "Fourteen truce breaches (Latakia province: 5, Hama province: 3, Idlib province: 6) were logged.",
        "Truce breaches: 14, incl. Latakia - 5; Hama - 3; Idlib - 6.",
        "The Russian side registered 14 truce breaches:\n- Latakia – 5;\n- Hama – 3;\n- Idlib – 6.",
        "Fourteen truce breaches were logged: Latakia (five breaches), Hama (three) and Idlib (six).",
    ],
)
def test_totals_by_place_are_told_in_many_orders(text: str) -> None:
    assert counts(text) == LATAKIA_HAMA_IDLIB
    total, *parts = telling(text).statements
    assert total.total_of is not None
    assert {part.part_of for part in parts} == {total.total_of}


def test_numbers_told_respectively_go_to_their_places_and_days() -> None:
    assert counts("Five, three and six breaches of the truce were logged in Latakia, Hama and Idlib respectively.") == [
        (5, "latakia"),
        (3, "hama"),
        (6, "idlib"),
    ]
    assert days("Two, two and eight truce breaches were logged on 9, 10 and 11 March.") == [(2, 9), (2, 10), (8, 11)]


def test_each_party_has_its_own_numbers() -> None:
    text = "The Russian side registered 14 cases: Latakia 5, Hama 3, Damascus 6; the Turkish side has registered seven."
    assert [(one.party, one.count) for one in said(text)] == [
        (CENTRE, 14),
        (CENTRE, 5),
        (CENTRE, 3),
        (CENTRE, 6),
        (TURKISH, 7),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The Russian side counted 4 truce breaches in Idlib, the Turkish side 3.",
        "Four truce breaches in Idlib were counted by the Russian side and three by the Turkish side.",
        "The Russian and Turkish sides counted 4 and 3 truce breaches respectively.",
        "Truce breaches over the day: Russian side – 4, Turkish side – 3.",
    ],
)
def test_two_parties_in_one_sentence_are_told_apart(text: str) -> None:
    assert [(one.party, one.count) for one in said(text)] == [(CENTRE, 4), (TURKISH, 3)]


@pytest.mark.parametrize(
    "text",
    [
        "The Russian side counted 4 truce breaches. The Turkish side has not registered any.",
        "The Russian side counted 4 truce breaches; the Turkish side registered none.",
        "The Russian side counted 4 truce breaches, while no violations were registered by the Turkish side.",
    ],
)
def test_a_party_that_registered_nothing_is_quiet(text: str) -> None:
    assert [(one.party, one.count) for one in said(text)] == [(CENTRE, 4), (TURKISH, 0)]


@pytest.mark.parametrize(
    "text",
    [
        "The moderate opposition committed no violations of the truce.",
        "No violations by the moderate opposition were recorded.",
        "The moderate opposition has not violated the ceasefire.",
        "The moderate opposition did not commit a single violation.",
        "There were two truce breaches in Idlib, none of them by the moderate opposition.",
        "Truce breaches: 2. Moderate opposition: none.",
        "No shots by armed groups controlled by Turkey were noted.",
        "Over the day, no shelling by Turkey-controlled armed units has been reported.",
    ],
)
def test_an_explicit_none_is_told_of_whom_it_names(text: str) -> None:
    assert [one.groups for one in said(text) if one.count == 0] == [MODERATE]


def test_a_none_without_a_name_is_about_everybody() -> None:
    assert said("Not one breach of the truce was recorded on 9 March.") == [Said(0, None, 9)]
    assert said("Neither side violated the ceasefire on 9 March.") == [Said(0, None, 9)]


@pytest.mark.parametrize(
    "text",
    [
        "No casualties were reported.",
        "None of the villagers was hurt.",
        "There was no comment from the ministry.",
        "The patrol met no resistance in Idlib.",
    ],
)
def test_a_none_of_something_else_is_no_quiet_day(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Two truce breaches were committed by either Hay'at Tahrir al-Sham or the Turkistan Islamic Party.",
        "Either the Turkistan Islamic Party or HTS violated the truce twice.",
        "Two truce breaches were logged. They were done by the Turkestan Islamic Party or Hayat Tahrir ash-Sham.",
        "Two truce breaches were logged from the positions of HTS or the TIP.",
        "Two truce breaches (TIP or HTS).",
        "Militants of Hay'at Tahrir al-Sham and the Turkistan Islamic Party were behind the two truce breaches.",
        "Two truce breaches were logged. Responsibility lies with the TIP or HTS.",
    ],
)
def test_several_possible_groups_are_a_set(text: str) -> None:
    assert said(text) == [Said(2, groups=EITHER)]


def test_the_same_groups_are_those_named_before() -> None:
    text = (
        "9 March: two truce breaches by the TIP or HTS. None by the moderate opposition.\n"
        "10 March: two more by the same groups.\n11 March: eight truce breaches, the same groups."
    )
    assert [(one.day, one.count) for one in said(text) if one.groups == EITHER] == [(9, 2), (10, 2), (11, 8)]


def test_militants_without_a_name_are_whom_the_catalogue_says() -> None:
    assert said("Illegal armed groups shelled Saraqib twice.") == [Said(2, "saraqib", groups=OPPOSITION)]


def test_who_was_attacked_is_not_who_attacked() -> None:
    (one,) = telling("HTS carried out three attacks on positions of government forces in Idlib.").statements
    assert (one.groups, one.against) == (("hts",), ("gov",))


def test_who_says_it_is_not_who_did_it() -> None:
    (one,) = said("The Turkish Ministry of National Defence said that regime forces broke the truce seven times.")
    assert (one.party, one.count) == (TURKISH, 7)
    assert "gov" in one.groups


def test_groups_with_numbers_of_their_own_are_told_apart() -> None:
    assert [
        (one.count, one.groups)
        for one in said("The centre reported five breaches of the truce by HTS and three by the TIP.")
    ] == [
        (5, ("hts",)),
        (3, ("tip",)),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Two truce breaches were logged on 9 March, two on 10 March and eight on 11 March.",
        "On 9 March, two truce breaches were logged, on 10 March two, and on 11 March eight.",
        "9 March – 2 truce breaches, 10 March – 2, 11 March – 8.",
        "9 March: 2 truce breaches.\n10 March: 2 truce breaches.\n11 March: 8 truce breaches.",
        "There were truce breaches on each of the days: two on Monday, two on Tuesday and eight on Wednesday.",
        "Twelve truce breaches were logged in three days: two on Monday, two on Tuesday and eight on Wednesday.",
        "Two truce breaches were logged on each of 9 and 10 March, and eight on 11 March.",
        "9 March 2020\n\nTwo breaches.\n\n10 March 2020\n\nTwo breaches.\n\n11 March 2020\n\nEight breaches.",
    ],
)
def test_several_days_in_one_text_are_told_apart(text: str) -> None:
    assert days(text) == [(2, 9), (2, 10), (8, 11)]


def test_a_number_for_several_days_together_keeps_both_ends() -> None:
    (one,) = telling("From 9 to 11 March the Russian side counted 12 truce breaches in Idlib.").statements
    assert (one.count, one.day is not None and one.day.day, one.last_day is not None and one.last_day.day) == (
        12,
        9,
        11,
    )


def test_the_past_24_hours_are_the_day_on_which_the_speaker_speaks() -> None:
    text = "Over the past 24 hours, six truce breaches were logged in Hama, the Russian side said on Tuesday."
    assert said(text) == [Said(6, "hama", 10, CENTRE)]


def test_a_dated_title_is_the_day_of_its_bulletin() -> None:
    text = "Daily bulletin of the Russian Reconciliation Centre, 10 March 2020\n\nIn the past 24 hours: four breaches."
    assert days(text) == [(4, 10)]


def test_a_text_that_tells_no_day_leaves_it_open() -> None:
    assert days("The Russian side counted four truce breaches.") == [(4, None)]


def test_a_zone_is_the_place_of_a_total() -> None:
    text = "Eight shellings were noted in the Idlib de-escalation zone: Idlib (5), Latakia (2) and Hama (1)."
    assert counts(text) == [(8, "idlib-zone"), (5, "idlib"), (2, "latakia"), (1, "hama")]


def test_places_without_numbers_of_their_own_make_one_total() -> None:
    assert counts("22 shellings were noted in the provinces of Aleppo, Latakia and Idlib.") == [(22, None)]


def test_a_number_may_stand_before_or_behind_its_leading_place() -> None:
    text = "In Idlib province, two truce breaches were logged. In Latakia there were three, and in Hama one."
    assert counts(text) == [(2, "idlib"), (3, "latakia"), (1, "hama")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("The military police escorted 13 Turkish convoys on 9 March.", [("convoy-escort", 13, 9)]),
        ("Convoys escorted: 13.", [("convoy-escort", 13, None)]),
        (
            "The police escorted 13 convoys on 9 March, four on 10 March and seven on 11 March.",
            [("convoy-escort", 13, 9), ("convoy-escort", 4, 10), ("convoy-escort", 7, 11)],
        ),
        (
            "Three joint patrols were conducted and two humanitarian operations held.",
            [("joint-patrol", 3, None), ("humanitarian-aid", 2, None)],
        ),
        ("A joint patrol was carried out on Monday.", [("joint-patrol", 1, 9)]),
    ],
)
def test_activities_are_told_with_their_numbers_and_are_no_violations(
    text: str, told: list[tuple[str, int | None, int | None]]
) -> None:
    assert activities(text) == told
    assert said(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Three servicemen were killed and 12 wounded in Hama.",
        "Twenty-two armed groups have joined the truce, and 35 settlements.",
        "The corridor is 12 km wide, and 6 km of it lie in Idlib.",
        "Mr Sample, 45, has led the centre since 2018.",
        "Shelling hit four villages in Hama province, two in Idlib and nine in Aleppo.",
        "Resolution 2254 and the truce of 5 March 2020 name 2 sides in Idlib.",
        "Fifteen tanks and 40 rockets were seized in Idlib.",
        "Eight of its 15 observation posts in Idlib are surrounded.",
        "The ministry denied that eight violations of the truce had taken place.",
    ],
)
def test_numbers_of_other_things_are_no_violations(text: str) -> None:
    assert [one for one in said(text) if one.count] == []


def test_what_is_told_without_a_number_has_none() -> None:
    assert [
        one.count for one in said("Militants shelled Latakia, Hama and Idlib provinces several times on Monday.")
    ] == [None]


def test_a_source_that_registers_itself_needs_no_name() -> None:
    assert said("Two truce breaches were logged in Idlib.", source=CENTRE) == [Said(2, "idlib")]


def test_an_empty_or_foreign_text_tells_nothing() -> None:
    for text in ("", "   \n", "За сутки зафиксировано 5 нарушений.", "(((((", "Idlib Hama Aleppo", "5"):
        assert said(text, source=DESK) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "Monday saw three violations, Tuesday four and Wednesday eight.",
            [(3, None, 9), (4, None, 10), (8, None, 11)],
        ),
        ("Idlib saw six violations on 10 March; Aleppo saw two.", [(6, "idlib", 10), (2, "aleppo", 10)]),
        (
            "The number of violations in Idlib rose from two on Monday to eight on Wednesday.",
            [(2, "idlib", 9), (8, "idlib", 11)],
        ),
        (
            "Violations per province: Idlib 5; Aleppo 0; Hama 2.",
            [(5, "idlib", None), (0, "aleppo", None), (2, "hama", None)],
        ),
        (
            "Three shellings of Saraqib and a drone attack on Ariha were logged on 11 March.",
            [(3, "saraqib", 11), (1, "ariha", 11)],
        ),
        ("Eight violations on 11 March is the highest number since 6 March.", [(8, None, 11)]),
        ("Convoys: 7. Violations: 8. Patrols: 1.", [(8, None, None)]),
        (
            "The silence regime is observed on the whole. Two isolated breaches were noted in Idlib.",
            [(2, "idlib", None)],
        ),
        ("Ten to twelve shellings were reported in Idlib on Tuesday.", [(10, "idlib", 10)]),
        ("Idlib, 10 March. Five violations were recorded in the province.", [(5, None, 10)]),
        ("On the 11th, eight violations were recorded.", [(8, None, 11)]),
        (
            "Idlib province was hit five times, Aleppo three times and Hama once.",
            [(5, "idlib", None), (3, "aleppo", None), (1, "hama", None)],
        ),
        ("No new violations were registered in Idlib or Hama.", [(0, "idlib", None), (0, "hama", None)]),
        (
            "In Idlib the truce was broken twice on Tuesday and 8 times on Wednesday.",
            [(2, "idlib", 10), (8, "idlib", 11)],
        ),
    ],
)
def test_other_wordings(text: str, told: list[tuple[int, str | None, int | None]]) -> None:
    assert [(one.count, one.place, one.day) for one in said(text)] == told
