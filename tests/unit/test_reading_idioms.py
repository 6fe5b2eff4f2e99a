"""Numbers that count nothing, hours in words, and numbers that stand beside or behind what they are a part of."""

from __future__ import annotations

import pytest
from reading_world import CENTRE, counts, said, telling

from incident_pipeline.intake.reading.clocks import clocks


def linked(text: str) -> list[tuple[int | None, str | None, bool]]:
    """Numbers, places, and whether each is a part of another number."""
    return [(one.count, one.place, one.part_of is not None) for one in telling(text, source=CENTRE).statements]


def groups(text: str) -> list[tuple[int | None, tuple[str, ...]]]:
    return [(one.count, one.groups) for one in said(text, source=CENTRE)]


@pytest.mark.parametrize(
    "aside",
    [
        "Fire was returned at once.",
        "Once the shelling ended, the patrols resumed.",
        "For once the night passed quietly.",
        "The shelling was not stopped once and for all.",
        "This once, fire was opened from two sides.",
    ],
)
def test_once_is_a_number_only_where_it_says_how_often(aside: str) -> None:
    assert counts(f"HTS violated the truce nine times in Idlib. {aside}", source=CENTRE) == [(9, "idlib")]


def test_once_still_says_how_often() -> None:
    text = "Atarib was shelled once the same day, Kansafra twice."
    assert counts(text) == [(1, "atarib"), (2, "kansafra")]


@pytest.mark.parametrize(
    "hour",
    [
        "up to five in the afternoon",
        "until 5 o'clock",
        "from six in the morning until nine at night",
        "since 8 in the morning",
        "as of six this evening",
        "by eleven at night",
        "between six in the morning and nine at night",
    ],
)
def test_an_hour_in_words_is_no_number(hour: str) -> None:
    assert counts(f"On 12 March, {hour}, two violations were registered.", source=CENTRE) == [(2, None)]


@pytest.mark.parametrize("rise", ["rose from two in the morning to five", "were up from two in the morning to five"])
def test_what_rises_in_the_day_is_no_hour(rise: str) -> None:
    assert clocks(f"Violations {rise} in the evening.") == []


@pytest.mark.parametrize(
    "share",
    [
        "Nine are laid at the door of HTS.",
        "Nine of them were by HTS.",
        "Nine can be traced back to HTS.",
        "Nine of them bear the hallmarks of HTS.",
        "HTS was behind nine.",
        "For nine HTS is answerable.",
        "Behind nine of them stood HTS.",
        "From HTS came nine.",
    ],
)
def test_a_number_laid_to_somebody_is_a_part_of_those_told_before(share: str) -> None:
    text = f"Fourteen violations were registered. {share}"
    assert groups(text) == [(14, ()), (9, ("hts",))]
    assert linked(text) == [(14, None, False), (9, None, True)]


@pytest.mark.parametrize(
    "shares",
    [
        "Behind nine was HTS, behind the other five the Turkistan Islamic Party.",
        "For nine of them HTS was to blame, for five the Turkistan Islamic Party.",
        "Responsible for nine was HTS, for the remaining five the Turkistan Islamic Party.",
        "HTS stood behind nine of them, the Turkistan Islamic Party behind the other five.",
        "From HTS came nine, from the Turkistan Islamic Party the remaining five.",
    ],
)
def test_the_verb_may_be_left_out_the_second_time(shares: str) -> None:
    told = groups(f"Fourteen violations were registered. {shares}")
    assert told == [(14, ()), (9, ("hts",)), (5, ("tip",))]


@pytest.mark.parametrize(
    "people",
    ["Nine were wounded by HTS.", "Nine were seized by HTS.", "Nine of them killed people near positions of HTS."],
)
def test_people_without_a_noun_are_no_violations(people: str) -> None:
    assert groups(f"Fourteen violations were registered. {people}") == [(14, ())]


@pytest.mark.parametrize(
    "text",
    [
        "Nine out of fourteen violations took place in Idlib province, the other five in Hama province.",
        "Idlib leads with 9 violations out of 14, Hama follows with 5.",
        "In Idlib, nine out of the 14 violations were registered, in Hama five.",
        "Nine of today's 14 breaches occurred in Idlib, the remaining five in Hama.",
        "Nine of the day's total of 14 breaches were registered in Idlib, five in Hama.",
    ],
)
def test_a_part_may_stand_before_its_total(text: str) -> None:
    assert linked(text) == [(14, None, False), (9, "idlib", True), (5, "hama", True)]


def test_each_part_of_a_total_told_later_has_its_own_group() -> None:
    text = "Nine of that day's 14 breaches were by HTS, the other five by the Turkistan Islamic Party."
    assert groups(text) == [(14, ()), (9, ("hts",)), (5, ("tip",))]


def test_where_all_but_some_were_is_not_where_all_were() -> None:
    assert counts("All but two of the ten violations took place in Idlib.", source=CENTRE) == [(10, None)]


def test_a_ratio_tells_no_number() -> None:
    assert [number for number, _ in counts("Nine in ten shellings hit Idlib.", source=CENTRE)] == [None]


@pytest.mark.parametrize(
    "text",
    [
        "Registered: 7 violations. Aleppo province: 3, among them 2 in Atarib. Idlib province: 4.",
        "Registered: 7 violations. Aleppo province: 3, of which 2 in Atarib. Idlib province: 4.",
        "7 violations: Aleppo province 3, among these 2 in Atarib, Idlib province 4.",
        "7 violations: three in Aleppo province, two of them in Atarib, and four in Idlib province.",
        "7 violations: three in Aleppo province, among which two in Atarib, and four in Idlib province.",
    ],
)
def test_some_of_a_part_is_a_part_of_that_part(text: str) -> None:
    told = telling(text, source=CENTRE).statements
    assert [(one.count, one.place) for one in told] == [(7, None), (3, "aleppo"), (2, "atarib"), (4, "idlib")]
    total, aleppo, atarib, idlib = told
    assert aleppo.part_of == idlib.part_of == total.total_of
    assert atarib.part_of == aleppo.total_of


@pytest.mark.parametrize(
    "text",
    [
        "Idlib province saw the most: six of nine violations took place there.",
        "Idlib province was tense again. Six out of nine violations were registered there.",
        "Most of the nine violations were in Idlib province; six were recorded there.",
        "Nine violations were registered. Idlib was tense, and six of them were recorded in that province.",
    ],
)
def test_there_is_the_one_place_named_before(text: str) -> None:
    assert linked(text) == [(9, None, False), (6, "idlib", True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Idlib and Aleppo were tense. Four violations were registered there.", [(4, None)]),
        ("Idlib was calm at night. On 10 March there were four violations.", [(4, None)]),
        ("Two violations were registered in Hama. Were there three more? There were none there.", [(2, "hama")]),
        ("The village of Atarib is empty. Four attacks were registered in that province.", [(4, None)]),
    ],
)
def test_there_is_no_place_where_it_may_be_another(text: str, expected: list[tuple[int, str | None]]) -> None:
    assert [one for one in counts(text, source=CENTRE) if one[0]] == expected


def test_no_violations_there_is_a_none_of_that_place() -> None:
    text = "In Hama, four violations were registered on 9 March and none there on 10 March."
    assert counts(text, source=CENTRE) == [(4, "hama"), (0, "hama")]


@pytest.mark.parametrize(
    "text",
    [
        "HTS shelled Idlib eight times. It fired in Hama three times, so that the day ended with eleven violations.",
        "Idlib saw eight violations, Hama three, and so the day closed at eleven.",
        "Idlib saw eight violations, Hama three, making it eleven.",
        "In Idlib eight violations were registered, in Hama three, i.e. eleven violations.",
        "HTS shelled Idlib eight times and Hama three times, which makes eleven violations for the day.",
        "Idlib saw eight violations, Hama three. The day thus closes with eleven violations.",
    ],
)
def test_a_closing_sum_counts_nothing_again(text: str) -> None:
    assert linked(text) == [(8, "idlib", True), (3, "hama", True), (11, None, False)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HTS fired five times in Idlib, and so did the TIP three times in Hama.", [(5, "idlib"), (3, "hama")]),
        ("In Idlib there were two violations, making it quieter than Hama with nine.", [(2, "idlib"), (9, "hama")]),
        ("Idlib saw eight violations, Hama three, so the day ended with twelve.", [(8, "idlib"), (3, "hama")]),
    ],
)
def test_a_conclusion_that_is_no_sum_adds_nothing(text: str, expected: list[tuple[int, str]]) -> None:
    assert counts(text, source=CENTRE) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Two violations in Hama, a third in Idlib.", [(2, "hama"), (1, "idlib")]),
        ("HTS fired twice in Hama. A third attack hit Idlib.", [(2, "hama"), (1, "idlib")]),
        ("One violation was recorded in Hama; a second followed in Idlib.", [(1, "hama"), (1, "idlib")]),
        ("Two violations were recorded in Hama, a third and fourth in Idlib.", [(2, "hama"), (2, "idlib")]),
        ("The first two violations were registered in Hama, the third in Idlib.", [(2, "hama"), (1, "idlib")]),
        ("The fourth and last violation was seen in Idlib; the other three in Hama.", [(1, "idlib"), (3, "hama")]),
        ("Three violations: two in Hama, the third in Idlib.", [(3, None), (2, "hama"), (1, "idlib")]),
    ],
)
def test_one_more_is_told_by_its_place_in_the_row(text: str, expected: list[tuple[int, str]]) -> None:
    assert counts(text, source=CENTRE) == expected


@pytest.mark.parametrize(
    "aside",
    [
        "A third of them was heavy.",
        "This was the third in Hama since Monday.",
        "Two convoys passed, a third on 10 March.",
        "It was quiet in Hama for the third time.",
        "A fifth attack in Hama was feared.",
    ],
)
def test_an_ordinal_alone_tells_no_number(aside: str) -> None:
    assert counts(f"Two violations were registered in Idlib. {aside}", source=CENTRE) == [(2, "idlib")]


@pytest.mark.parametrize(
    "text",
    [
        "Twelve violations were reported from Idlib province on 10 March, eight from Aleppo province.",
        "Twelve violations were reported on 10 March from Idlib, eight from Aleppo.",
        "Violations were reported on 10 March: twelve from Idlib, eight from Aleppo.",
    ],
)
def test_whence_a_number_is_reported_is_where_it_was(text: str) -> None:
    assert counts(text) == [(12, "idlib"), (8, "aleppo")]


def test_whence_something_else_came_is_no_place_of_a_number() -> None:
    assert counts("Two violations were registered: fire was opened from Idlib.", source=CENTRE) == [(2, None)]


@pytest.mark.parametrize(
    "those",
    [
        ", those of the second day all in Hama.",
        ". All those of Tuesday occurred in Hama.",
        "; the six of Tuesday were in Hama.",
        ", the latter in Hama.",
        ". All of Tuesday's were in Hama.",
        ", the second day's all in Hama.",
    ],
)
def test_one_of_two_numbers_is_given_its_place_afterwards(those: str) -> None:
    text = f"Five violations were registered on Monday and six on Tuesday{those}"
    assert [(one.count, one.place, one.day) for one in said(text, source=CENTRE)] == [(5, None, 9), (6, "hama", 10)]


def test_brackets_tell_of_the_number_before_them() -> None:
    text = "Five violations were registered on Monday (all in Hama) and six on Tuesday."
    assert counts(text, source=CENTRE) == [(5, "hama"), (6, None)]


def test_one_of_two_numbers_is_laid_to_somebody_afterwards() -> None:
    text = "Five violations were registered on Monday and six on Tuesday. Those of Monday were the work of HTS."
    assert groups(text) == [(5, ("hts",)), (6, ())]


def test_each_of_two_numbers_is_given_its_place_afterwards() -> None:
    text = "Five violations were registered on Monday and six on Tuesday, the former in Idlib, the latter in Hama."
    assert counts(text, source=CENTRE) == [(5, "idlib"), (6, "hama")]


@pytest.mark.parametrize(
    "aside",
    ["Those of Tuesday were not in Hama.", "Those of the third day were in Hama.", "The latter side is in Hama."],
)
def test_what_points_at_none_of_the_numbers_adds_nothing(aside: str) -> None:
    text = f"Five violations were registered on Monday and six on Tuesday. {aside}"
    assert counts(text, source=CENTRE) == [(5, None), (6, None)]


def test_a_larger_number_is_no_part_of_a_smaller_one() -> None:
    text = "Three violations in the morning and four in the afternoon were registered in Idlib."
    assert linked(text) == [(3, None, False), (4, "idlib", False)]


def test_the_relative_clause_of_a_part_names_its_group() -> None:
    text = "The number of violations stood at eleven, seven of which they attribute to HTS."
    assert groups(text) == [(11, ()), (7, ("hts",))]


def test_a_groups_part_may_be_split_by_place() -> None:
    text = "Six violations: HTS four, of these three in Idlib and one in Hama; Turkistan Islamic Party two."
    total, hts, idlib, hama, tip = telling(text, source=CENTRE).statements
    assert hts.part_of == tip.part_of == total.total_of
    assert idlib.part_of == hama.part_of == hts.total_of


def test_a_day_of_the_month_may_be_followed_by_another() -> None:
    text = "Five violations were counted on 9 March, six on the 10th and seven on the 11th."
    assert [(one.count, one.day) for one in said(text, source=CENTRE)] == [(5, 9), (6, 10), (7, 11)]
