"""The same facts in the many words of English: nouns, verbs, who is blamed, who held back, which side counted."""

from __future__ import annotations

import itertools
import random

import pytest
from reading_world import CENTRE, DESK, EITHER, MODERATE, TURKISH, activities, counts, days, said, telling

NOUNS = [
    "violations", "breaches of the truce", "infringements of the silence regime", "truce infractions",
    "incidents of non-compliance", "instances of non-observance of the ceasefire", "contraventions of the truce",
    "cases of fire", "firing incidents", "episodes of shelling", "breaks of the ceasefire", "lapses in the ceasefire",
    "violations of the de-escalation regime", "breaches of the Additional Protocol", "exchanges of fire",
]  # fmt: skip
TOLD = [
    "{} were recorded in Latakia province on 11 March.",
    "On 11 March, the centre noted {} in Latakia province.",
    "There were {} in Latakia province on 11 March.",
    "Latakia province saw {} on 11 March.",
    "In Latakia province {} took place on 11 March.",
]


@pytest.mark.parametrize("noun", NOUNS)
def test_violations_have_many_names(noun: str) -> None:
    for told in TOLD:
        text = told.format(f"five {noun}")
        assert [(one.count, one.place, one.day) for one in said(text)] == [(5, "latakia", 11)], text


@pytest.mark.parametrize(
    "blamed",
    [
        "They are blamed on {}.", "All of them were the work of {}.", "The violations originated from {}.",
        "These violations are put down to {}.", "All five are the responsibility of {}.", "{} were behind them.",
        "They have been laid at the door of {}.", "Responsibility rests with {}.", "Suspicion falls on {}.",
        "The finger is pointed at {}.", "{} bears responsibility.", "The fire came from {}.", "Perpetrators: {}.",
        "The attackers belonged to {}.", "Militants of {} did this.", "The centre ascribes them to {}.",
        "Every one of them was committed by {}.", "The centre holds {} responsible.",
    ],
)  # fmt: skip
def test_a_sentence_may_only_say_who_did_it(blamed: str) -> None:
    text = f"Five truce violations were registered on 11 March. {blamed.format('HTS or the Turkistan Islamic Party')}"
    assert [(one.count, one.groups) for one in said(text, source=CENTRE)] == [(5, EITHER)]


def test_who_denies_it_is_not_accused() -> None:
    (one,) = said("Six truce violations were recorded. HTS denies responsibility.", source=CENTRE)
    assert one.groups == ()


@pytest.mark.parametrize(
    "held",
    [
        "committed no violations", "did not violate the truce on any of these days", "complied with the ceasefire",
        "adhered to the ceasefire", "refrained from shelling", "held its fire", "took no part in the violations",
        "was not involved in any violation", "did not fire a single shot", "did not carry out any attacks",
        "committed none", "has not been observed violating the truce", "is not responsible for any violations",
    ],
)  # fmt: skip
def test_a_group_that_held_back_is_an_explicit_none(held: str) -> None:
    (one,) = said(f"The moderate opposition {held}.", source=CENTRE)
    assert (one.count, one.groups) == (0, MODERATE)


@pytest.mark.parametrize(
    "text",
    [
        "The moderate opposition largely observed the truce.",
        "The moderate opposition should have complied with the truce.",
        "Violations by the moderate opposition were not prevented.",
        "The Turkish side observed the truce talks.",
    ],
)
def test_what_is_half_said_is_no_none(text: str) -> None:
    assert [one for one in said(text, source=CENTRE) if one.count == 0] == []


@pytest.mark.parametrize(
    "text",
    [
        "Russia registered five truce violations, Turkey three.",
        "Moscow counted five truce violations and Ankara three.",
        "Five truce violations were registered by Russia and three by Turkey.",
        "Truce violations: Moscow – five, Ankara – three.",  # noqa: RUF001 - as bulletins write it
        "According to Russia there were five truce violations, according to Turkey three.",
        "The Russian side reported five truce violations, compared with three reported by the Turkish side.",
        "The Russian military registered five truce violations, its Turkish counterparts three.",
        "The Russian side insisted that there had been five truce violations, the Turkish side spoke of three.",
        "Moscow and Ankara registered five and three truce violations respectively.",
        "Moscow's tally was five truce violations; Ankara's was three.",
        "The two sides differ on the number of truce violations: five (Russia), three (Turkey).",
    ],
)
def test_a_nation_counts_under_many_names(text: str) -> None:
    assert [(one.count, one.party) for one in said(text)] == [(5, CENTRE), (3, TURKISH)]


def test_a_capital_that_is_a_place_of_the_catalogue_stays_one() -> None:
    assert counts("Truce violations: Latakia 5, Damascus 6.") == [(5, "latakia"), (6, "damascus")]


def test_the_other_side_may_have_none_either() -> None:
    text = "The Russian side did not register any violations; nor did the Turkish side."
    assert [(one.count, one.party) for one in said(text)] == [(0, CENTRE), (0, TURKISH)]


@pytest.mark.parametrize(
    "text",
    [
        "14 violations of building rules were found in Latakia on Wednesday.",
        "Police recorded 11 violations of the ban on gatherings in Idlib on Wednesday.",
        "An exercise in which twelve attacks were simulated ended on Wednesday in Latakia.",
        "Rumours of seven shellings in Idlib on Wednesday proved false.",
        "Before the truce, up to 60 shellings a day were usual in Idlib.",
        "Ten shells fired at one village are one violation.",
        "The army said it had shot down three drones over Latakia.",
        "Would five violations in Idlib end the truce?",
    ],
)
def test_other_laws_rumours_and_definitions_count_nothing(text: str) -> None:
    assert said(text) == []


def test_an_answer_tells_what_the_question_asked() -> None:
    text = "How many truce violations were there on Tuesday? Two. And how many on Wednesday? Eight."
    assert days(text, source=CENTRE) == [(2, 10), (8, 11)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("On 10/03 two violations were recorded, on 11/03 eight.", [(2, 10), (8, 11)]),
        ("Registered violations: 09.03 - 2, 10.03 - 2.", [(2, 9), (2, 10)]),
        ("03/11/2020: five attacks by terrorists in Idlib.", [(5, 11)]),
        ("On Tuesday and Monday the centre counted two violations each.", [(2, 9), (2, 10)]),
        ("Two violations were recorded on 10 March, in the following 24 hours five.", [(2, 10), (5, 11)]),
        ("The number of violations doubled from four to eight on 11 March.", [(8, 11)]),
        ("Yesterday there were four truce violations; today, none.", [(4, 11), (0, 12)]),
        ("The truce was breached on Tuesday, when two attacks were counted.", [(2, 10)]),
        ("Both violations of 10 March were in Idlib.", [(2, 10)]),
        ("2 + 2 + 8 violations on 9, 10 and 11 March.", [(2, 9), (2, 10), (8, 11)]),
        ("Eight violations were registered on 11 March, five more than the day before.", [(8, 11)]),
    ],
)
def test_days_and_changes(text: str, expected: list[tuple[int, int]]) -> None:
    assert days(text, source=CENTRE) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The number of shellings by province: 6 (Idlib), 3 (Latakia).", [(6, "idlib"), (3, "latakia")]),
        ("8 violations: 5/Idlib, 3/Latakia.", [(8, None), (5, "idlib"), (3, "latakia")]),
        ("4x Idlib, 3x Latakia: seven violations.", [(4, "idlib"), (3, "latakia"), (7, None)]),
        ("Aleppo and Hama provinces: 1 violation each.", [(1, "aleppo"), (1, "hama")]),
        ("Both Idlib and Latakia recorded two violations.", [(2, "idlib"), (2, "latakia")]),
        ("The figures for violations in Latakia and Hama were 3 and 1.", [(3, "latakia"), (1, "hama")]),
        ("Shellings in Idlib came to six, in Latakia to four.", [(6, "idlib"), (4, "latakia")]),
        ("A pair of violations was recorded in Hama and a trio in Idlib.", [(2, "hama"), (3, "idlib")]),
    ],
)
def test_places_in_more_forms(text: str, expected: list[tuple[int, str | None]]) -> None:
    assert counts(text, source=CENTRE) == expected


def test_a_total_is_brought_only_where_the_parts_make_it_up() -> None:
    parts = "Four violations were noted in Idlib and six in Latakia, bringing the {} total to {}."
    assert counts(parts.format("day's", "ten"), source=CENTRE)[-1] == (10, None)
    assert counts(parts.format("overall", "120"), source=CENTRE) == [(4, "idlib"), (6, "latakia")]


def test_parts_have_parts() -> None:
    text = "Eight violations: Idlib: 4 (Saraqib - 2, Ariha - 2); Latakia: 4 (Kinsabba - 3, Salma - 1)."
    told = telling(text, source=CENTRE).statements
    whole = {one.total_of: one for one in told if one.total_of is not None}
    sums = {total.count: sum(one.count or 0 for one in told if one.part_of == key) for key, total in whole.items()}
    assert sums == {8: 8, 4: 4}
    assert len(whole) == 3


@pytest.mark.parametrize(
    "second",
    [
        "Eight on 11 March, with the same suspects.", "They carried out eight more on 11 March.",
        "These groups committed eight on 11 March.", "Both groups were also behind the eight violations of 11 March.",
        "Eight more, by the same groups, were registered on 11 March.",
        "The same two groups are suspected of another eight on 11 March.",
    ],
)  # fmt: skip
def test_the_same_groups_go_on(second: str) -> None:
    found = said(f"Two violations on 10 March by HTS or the Turkistan Islamic Party. {second}", source=CENTRE)
    assert [(one.count, one.day, one.groups) for one in found] == [(2, 10, EITHER), (8, 11, EITHER)]


def test_lines_without_full_stops_are_a_bulletin() -> None:
    text = "Violations: 8\nGroups: TIP or HTS\nModerate opposition: none\nConvoys escorted: 7"
    assert [(one.count, one.groups) for one in said(text, source=CENTRE)] == [(8, EITHER), (0, MODERATE)]
    assert [one[:2] for one in activities(text, source=CENTRE)] == [("convoy-escort", 7)]


def test_no_order_of_words_stops_reading() -> None:
    words = (
        "the both each every of in on by from to with than and or , . ; : ( ) - no none not was were violations truce "
        "breaches recorded attacked said HTS TIP Idlib Hama Zzabad 5 2 twice x4 Russian side Moscow Turkey 9 March "
        "yesterday 14:20 between convoys more fewer respectively total how many half shells complied compared single"
    )
    dice = random.Random(5)
    for length in itertools.islice(itertools.cycle((1, 2, 3, 6, 12, 20)), 900):
        text = " ".join(dice.choices(words.split(" "), k=length))
        assert telling(text, source=dice.choice((CENTRE, DESK))) is not None
