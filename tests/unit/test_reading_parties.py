"""Who registered a number: a nation's people, a count of a day, a relative clause; places told by pointing back."""

from __future__ import annotations

import pytest
from reading_world import CENTRE, TURKISH, Said, counts, said


def parties(text: str) -> list[tuple[int | None, str | None]]:
    return [(one.count, one.party) for one in said(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Nine violations were entered by the Russian officers on 11 March. Their Turkish colleagues entered four.",
        "The Russian members of the commission noted nine truce violations; the Turkish members noted four.",
        "Russian observers counted nine breaches of the truce. Their Turkish partners in the commission put down four.",
        "The Russian team counted nine violations, its Turkish counterparts four.",
        "The Russian half of the commission wrote down nine violations, its Turkish half four.",
        "The Russian count of violations on 11 March is 9. The Turkish count of the same day is 4.",
        "The Russian total for 11 March stood at nine violations. The Turkish total of that day stood at four.",
        "The Russian figure for violations on 11 March was nine. The Turkish number for that day is four.",
        "The Russian centre counted nine violations; the Turkish side, whose data cover fewer places, has four.",
        "The Russian centre counted nine violations. The Turkish side, which keeps its own register, arrived at four.",
        "Turkish data: four violations. These were not confirmed by the Russian side, which itself logged nine.",
    ],
)
def test_each_side_has_its_own_number_however_it_is_called(text: str) -> None:
    assert sorted(parties(text), key=str) == [(4, TURKISH), (9, CENTRE)]


@pytest.mark.parametrize(
    "text",
    [
        "Two Turkish officers were killed by four shells.",
        "The Turkish members of the patrol travelled with four vehicles.",
        "Nine truce violations were counted. Turkish observers have four posts in Idlib.",
    ],
)
def test_people_of_a_nation_are_no_party_where_they_counted_nothing(text: str) -> None:
    assert (4, TURKISH) not in parties(text)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("In Hama province the Turkish side saw two violations. In the same province the Russian side saw 5.", "hama"),
        ("Three violations in Hama were told of by the Turkish side; the Russian side registered five there.", "hama"),
        (
            "Hama saw one shelling. The Russian side, which itself registered five breaches there, was told of it.",
            "hama",
        ),
        ("Hama province was the most restless. All five violations of Wednesday took place there.", "hama"),
        ("Two violations were registered in Hama and Idlib. Five more were seen there on 10 March.", None),
    ],
)
def test_a_place_that_is_pointed_back_to_is_the_only_one_told_of(text: str, place: str | None) -> None:
    assert (5, place) in counts(text) or place is None
    assert (5, "idlib") not in counts(text)


@pytest.mark.parametrize(
    "text",
    [
        "The Turkish side registered twice as many violations as on the day before: six instead of three.",
        "Twice as many violations as on Tuesday were registered by the Turkish side: six rather than three.",
        "The Turkish side registered six violations instead of the three of the day before.",
    ],
)
def test_a_number_that_is_replaced_is_not_told_of_the_day(text: str) -> None:
    assert [(one.count, one.party) for one in said(text)] == [(6, TURKISH)]


def test_a_number_is_never_put_into_the_zone_of_another_level() -> None:
    assert said("Two violations hit Ariha. In the same province there were five.", source=CENTRE)[-1] == Said(5)
