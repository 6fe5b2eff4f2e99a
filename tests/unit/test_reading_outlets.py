"""The same facts as ministries, missions, observers and news desks word them."""

from __future__ import annotations

import pytest
from reading_world import CENTRE, EITHER, MODERATE, TURKISH, activities, counts, days, said, telling


def by_party(text: str) -> list[tuple[int | None, str | None]]:
    return [(one.count, one.party) for one in said(text, source=CENTRE)]


@pytest.mark.parametrize(
    "text",
    [
        "Eight breaches on the part of the Turkistan Islamic Party or HTS were detected.",
        "Illegal armed groups broke the truce eight times. The incidents were attributed to the TIP or HTS.",
        "Eight violations were recorded, according to the centre, which held the TIP or HTS responsible.",
        "Eight breaches were registered. The centre believes that the Turkistan Islamic Party or HTS were behind all.",
        "The truce was broken eight times by militants belonging either to the TIP or to HTS.",
    ],
)
def test_who_did_it_is_told_in_many_ways(text: str) -> None:
    assert [(one.count, one.groups) for one in said(text, source=CENTRE)] == [(8, EITHER)]


@pytest.mark.parametrize(
    "text",
    [
        "As for formations of the moderate opposition, no breaches on their part were noted.",
        "Two violations by HTS and not a single one by the moderate opposition were noted.",
        "Two violations by HTS were noted. There were none by the moderate opposition on any day.",
        "HTS broke the truce twice. The moderate opposition had not breached it once.",
    ],
)
def test_a_none_is_no_one(text: str) -> None:
    found = said(text, source=CENTRE)
    assert [one.count for one in found if one.groups == MODERATE] == [0]
    assert sum(one.count or 0 for one in found) in {0, 2}


@pytest.mark.parametrize(
    "text",
    [
        "Two breaches each on 9 and 10 March, eight on 11 March.",
        "Twelve breaches in three days: two each on 9 and 10 March, eight on 11 March.",
        "On the first two days, 9 and 10 March, HTS broke the truce twice a day, and on 11 March eight times.",
        "Day one (9 March): 2 violations. Day two (10 March): 2 violations. Day three (11 March): 8 violations.",
        "Day | Violations | Convoys escorted\n9 March | 2 | 13\n10 March | 2 | 4\n11 March | 8 | 7",
        "| Day | Violations |\n|---|---|\n| 9 March | 2 |\n| 10 March | 2 |\n| 11 March | 8 |",
    ],
)
def test_three_days_are_three_numbers(text: str) -> None:
    assert [one for one in days(text, source=CENTRE) if one[0] is not None] == [(2, 9), (2, 10), (8, 11)]


def test_the_following_day_is_one_step_for_all_its_numbers() -> None:
    text = (
        "On 9 March two violations were recorded and 13 Turkish convoys were escorted; the following day there were "
        "two violations and four convoys; on 11 March eight violations and seven convoys."
    )
    assert days(text, source=CENTRE) == [(2, 9), (2, 10), (8, 11)]
    assert [(count, day) for _, count, day in activities(text, source=CENTRE)] == [(13, 9), (4, 10), (7, 11)]


def test_numbers_for_the_same_days_without_any_are_not_told_of_one_day() -> None:
    text = "The police escorted 13 convoys on Monday, four on Tuesday. Violations in the same days: two and two."
    assert days(text, source=CENTRE) == []


@pytest.mark.parametrize(
    "text",
    [
        "The two sides of the Russian-Turkish commission differ: the former counted nine violations, the latter four.",
        "Nine violations were fixed by the Russian representatives, whereas their Turkish counterparts fixed four.",
        "Violations registered: by the Russian part: 9, by the Turkish part: 4.",
        "By Russian count there were nine violations, by Turkish count four.",
        "Russian and Turkish monitors gave other figures: nine violations and four violations respectively.",
    ],
)
def test_each_side_has_its_own_number(text: str) -> None:
    assert by_party(text) == [(9, CENTRE), (4, TURKISH)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("The Turkish side reported no breaches; the Russian side, eight.", [(0, TURKISH), (8, CENTRE)]),
        (
            "No violations were noted by the Turkish side, and five by the Russian side.",
            [(0, TURKISH), (5, CENTRE)],
        ),
        ("Three violations were noted by the Russian side and none by the Turkish side.", [(3, CENTRE), (0, TURKISH)]),
    ],
)
def test_one_side_may_have_none(text: str, told: list[tuple[int, str]]) -> None:
    assert by_party(text) == told


def test_the_party_at_the_end_of_a_passive_registered() -> None:
    text = "Seven violations were reported in Idlib province in the last 24 hours by the Russian Reconciliation Centre."
    assert [(one.count, one.party) for one in said(text)] == [(7, CENTRE)]


def test_groups_told_respectively_have_a_number_each() -> None:
    text = "HTS and the TIP violated the ceasefire three times and once, respectively."
    assert [(one.count, one.groups) for one in said(text, source=CENTRE)] == [(3, ("hts",)), (1, ("tip",))]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Twelve violations in Idlib province, compared with 20 in the previous reporting period.", (12, "idlib")),
        ("Fewer violations in Aleppo province (four) than in the previous reporting period (nine).", (4, "aleppo")),
        ("Seven violations in all, all in Idlib province: four explosions and three bursts of fire.", (7, "idlib")),
    ],
)
def test_a_comparison_and_a_description_add_nothing(text: str, told: tuple[int, str]) -> None:
    assert counts(text, source=CENTRE) == [told]


def test_one_each_are_the_parts_of_their_total() -> None:
    found = telling("Three violations by HTS: one each in Idlib, Latakia and Aleppo provinces.").statements
    assert [one.count for one in found] == [3, 1, 1, 1]
    assert {one.part_of for one in found[1:]} == {found[0].total_of} != {None}


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("At quarter past nine in the morning artillery shelled Kansafra.", 555),
        ("At half past seven in the evening several shells landed on Kansafra.", 1170),
        ("Mortar fire hit Kansafra at ten to six in the evening.", 1070),
        ("At nine in the morning artillery shelled Kansafra.", 540),
    ],
)
def test_a_time_in_words_is_a_time_and_no_number(text: str, minute: int) -> None:
    (one,) = telling(text, source="hill-observers").statements
    assert (one.count, one.minute) == (1, minute)


@pytest.mark.parametrize(
    "text",
    [
        "The court found 14 violations of building regulations in Latakia.",
        "Ten to twelve delegates met in Idlib.",
        "A villager in Jurin counted shells all night.",
    ],
)
def test_other_rules_and_other_numbers_are_nothing(text: str) -> None:
    assert said(text) == []


def test_posts_that_a_state_has_are_no_activity_of_the_day() -> None:
    assert activities("Turkey has 57 observation posts in Idlib province.") == []
