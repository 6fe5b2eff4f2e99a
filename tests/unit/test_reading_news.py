"""News in ordinary words: who speaks in the middle of a sentence, parts by group, a number that only repeats."""

from __future__ import annotations

import pytest
from reading_world import CENTRE, OPPOSITION, TURKISH, said, telling

SOURCE = "a-newspaper"


def parties(text: str) -> list[tuple[int | None, str | None]]:
    return [(one.count, one.party) for one in said(text, source=SOURCE)]


def test_who_speaks_between_commas_tells_what_stands_before_it() -> None:
    text = "Nine truce violations were seen on 11 March, the Russian side said, up from four on 10 March."
    assert parties(text) == [(9, CENTRE), (4, CENTRE)]


def test_a_nations_military_that_says_it_is_its_party() -> None:
    assert parties("The truce was broken nine times, Russia's military says.") == [(9, CENTRE)]
    assert (9, CENTRE) not in parties("Nine shells hit Russia's military base.")


def test_done_so_is_what_the_others_did() -> None:
    text = (
        "The Turkish side said the army had broken the truce twice. The Russian side said rebels had done so 9 times."
    )
    assert parties(text) == [(2, TURKISH), (9, CENTRE)]


def test_the_one_of_it_was_one_of_six_is_no_number() -> None:
    text = "On 11 March a rocket hit Ariha. It was one of six attacks in Hama that day."
    assert [count for count, _ in parties(text)] == [1, 6]


def test_the_groups_of_a_later_sentence_are_parts_of_what_armed_groups_did() -> None:
    text = "Militants broke the truce nine times. HTS fired five times and the Turkistan Islamic Party four times."
    told = telling(text, source=CENTRE).statements
    assert [(one.count, one.part_of) for one in told] == [(9, None), (5, told[0].total_of), (4, told[0].total_of)]


@pytest.mark.parametrize("end", ["alone", "", "on its own"])
def test_a_number_between_two_names_keeps_the_wider_one_for_the_total(end: str) -> None:
    text = f"Nine attacks were carried out by militants on 11 March, five by HTS {end}."
    assert [(one.count, one.groups) for one in said(text, source=CENTRE)] == [(9, OPPOSITION), (5, ("hts",))]


@pytest.mark.parametrize(
    "text",
    [
        "Turkey, which backs some of the groups, reported three breaches of the truce.",
        "Turkey, whose troops have posts in Idlib, counted three violations of the truce.",
        "Two people died. The truce was broken three times, says Ankara.",
    ],
)
def test_a_nation_is_its_party_behind_a_clause_or_its_verb(text: str) -> None:
    assert [(one.count, one.party, one.place) for one in said(text, source=SOURCE)] == [(3, TURKISH, None)]


def test_what_was_counted_since_a_day_is_no_days_number() -> None:
    assert said("Since 5 March, the Russian side has registered 60 violations.", source=SOURCE) == []
    assert said("60 violations have been registered since 6 March.", source=CENTRE) == []
    text = "Since 5 March, when the truce was agreed, Russia has counted 60 violations, nine of them on 10 March."
    assert parties(text) == [(9, CENTRE)]
    assert parties("The Russian side saw nine violations on Wednesday, the most since 5 March.") == [(9, CENTRE)]


def test_a_difference_or_one_of_the_attacks_is_no_number() -> None:
    assert (4, None) not in parties("The number of truce violations in Idlib rose by four on 11 March.")
    text = "Six truce violations were registered on 11 March. Two people were hurt in one of the attacks."
    assert parties(text) == [(6, None)]
