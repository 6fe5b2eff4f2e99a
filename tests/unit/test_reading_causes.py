"""Wordings by their cause: what is to come, parts by group, dated places, levels of parts, references back."""

from __future__ import annotations

import pytest
from reading_world import CENTRE, DESK, EITHER, MODERATE, TURKISH, counts, days, said, telling

HTS, TIP, ARMY = ("hts",), ("tip",), ("gov",)


def groups(text: str) -> list[tuple[int | None, tuple[str, ...]]]:
    return [(one.count, one.groups) for one in said(text, source=CENTRE)]


def linked(text: str) -> tuple[int, int]:
    """The sum of the numbers that are nobody's part, and how many numbers there are."""
    told = telling(text, source=CENTRE).statements
    return sum(one.count or 0 for one in told if one.part_of is None), len(told)


@pytest.mark.parametrize(
    "agenda",
    [
        "The parties will meet on 20 March: the envoys are to travel 30 kilometres, and the observers 12.",
        "The ceasefire talks resume on 17 March. Each leg is 30 kilometres long on Monday and 40 on Tuesday.",
        "On 25 March the presidents will hold talks that are to last two hours, not three.",
        "On 14 March the observers are to receive 20 tonnes of aid, the villages 15.",
    ],
)
def test_what_is_to_come_neither_counts_nor_dates_anything(agenda: str) -> None:
    assert days(f"Five violations of the truce were registered on 11 March. {agenda}") == [(5, 11)]


def test_a_date_to_come_leaves_the_number_beside_it() -> None:
    assert counts("Ahead of the summit on 20 March, five violations were recorded in Idlib.") == [(5, "idlib")]


@pytest.mark.parametrize(
    "text",
    [
        "Eleven truce violations were recorded on 11 March, seven of them by HTS.",
        "Of the eleven truce violations on 11 March, seven were by HTS.",
        "Eleven attacks were registered on 11 March; of those, seven came from HTS.",
        "Eleven violations were logged on 11 March, seven of these at the hands of HTS.",
        "Eleven violations on 11 March: seven of them are attributed to HTS.",
        "On 11 March eleven violations were counted; HTS was behind seven of the eleven.",
    ],
)
def test_one_groups_part_leaves_the_total_alone(text: str) -> None:
    assert groups(text) == [(11, ()), (7, HTS)]
    assert linked(text) == (11, 2)


@pytest.mark.parametrize(
    "text",
    [
        "HTS committed three violations and the Syrian army two on 11 March.",
        "Three violations by HTS and two by the Syrian army were registered on 11 March.",
        "On 11 March, three violations were laid to HTS and two to the Syrian army.",
        "Three violations on the part of HTS and two on the part of the Syrian army were recorded on 11 March.",
        "The truce was broken by HTS and the Syrian army three and two times on 11 March.",
        "HTS with three and the Syrian army with two violations broke the truce on 11 March.",
    ],
)
def test_each_side_has_its_own_number(text: str) -> None:
    told = said(text, source=CENTRE)
    assert [(one.count, one.groups, one.day) for one in told] == [(3, HTS, 11), (2, ARMY, 11)]


@pytest.mark.parametrize("again", ["For the same day the Turkish side reported four.",
                                   "For the same period the Turkish side has four."])  # fmt: skip
def test_the_other_party_follows_for_the_same_day(again: str) -> None:
    text = f"The Russian side registered six violations on 11 March. {again}"
    assert [(one.count, one.day, one.party) for one in said(text)] == [(6, 11, CENTRE), (4, 11, TURKISH)]


@pytest.mark.parametrize(
    "text",
    [
        "Violations: two on 9 March (Idlib), eight on 11 March (Hama).",
        "On 9 March (Idlib) there were two violations and on 11 March (Hama) eight.",
        "The truce was broken twice on Monday (in Idlib) and eight times on Wednesday (in Hama).",
    ],
)
def test_each_day_has_its_place_in_brackets(text: str) -> None:
    told = [(one.count, one.day, one.place) for one in said(text, source=CENTRE)]
    assert told == [(2, 9, "idlib"), (8, 11, "hama")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fourteen violations: six in Idlib (Saraqib 4, Ariha 2), five in Latakia and three in Hama.", (14, 6)),
        ("Eleven violations: six in Idlib, namely four in Saraqib and two in Ariha, and five in Latakia.", (11, 5)),
        ("Eleven violations: Idlib province 6: Saraqib 4, Ariha 2; Latakia province 5: Kinsabba 3, Salma 2.", (11, 7)),
        ("Nine violations: Idlib 4 (HTS 3, TIP 1), Latakia 5 (HTS 2, TIP 3).", (9, 7)),
        ("HTS committed five violations and the Turkistan Islamic Party three, eight in total.", (8, 3)),
        ("Five violations were noted in Idlib, three in Latakia - in sum, eight.", (8, 3)),
        ("Altogether eight breaches were noted on 11 March. HTS committed five, TIP three.", (8, 3)),
        ("Eight breaches were noted on 11 March, HTS accounting for five and TIP for three.", (8, 3)),
        ("Eight breaches were noted on 11 March: HTS's share was five, that of TIP three.", (8, 3)),
        ("Nine violations were registered on 11 March. Six were shellings, and three were drone attacks.", (9, 3)),
        ("Six times on Monday and twice on Tuesday - eight times in all - the truce was broken in Idlib.", (8, 2)),
        ("Four violations were recorded by noon on 11 March, with two more in the evening, six in all.", (6, 3)),
        ("With two more violations in the evening, the total for 11 March was six.", (6, 1)),
    ],
)
def test_nothing_counts_twice(text: str, expected: tuple[int, int]) -> None:
    assert linked(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Fire was opened on Saraqib three times and on Ariha twice.",
        "Mortar fire was directed at Saraqib three times and at Ariha twice.",
        "On Saraqib fire was opened three times and on Ariha twice.",
        "Saraqib was shelled three times and Ariha twice.",
    ],
)
def test_how_often_stands_behind_its_place(text: str) -> None:
    assert counts(text, source=CENTRE) == [(3, "saraqib"), (2, "ariha")]


@pytest.mark.parametrize("text", ["Most violations, six, were recorded in Idlib, and two in Latakia.",
                                  "Idlib had most, six; Latakia had two."])  # fmt: skip
def test_a_number_says_again_what_most_are(text: str) -> None:
    assert counts(text, source=CENTRE) == [(6, "idlib"), (2, "latakia")]


@pytest.mark.parametrize(
    "text",
    [
        "The Russian side registered 60 violations since the truce began, while the Turkish side registered 45.",
        "The Russian side has registered 60 violations since the truce began. The Turkish side puts the number at 45.",
        "Since 6 March Moscow has counted 60 violations and Ankara 45.",
    ],
)
def test_background_is_that_of_both_parties(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Not a single group controlled by Turkey violated the truce.",
        "No formation backed by Ankara broke the ceasefire.",
        "The number of violations by the moderate opposition was nil.",
        "The moderate opposition did not infringe the regime of silence.",
        "The moderate opposition has not transgressed the de-escalation agreement.",
        "The units controlled by Turkey have not been involved in a single attack.",
    ],
)
def test_a_denial_in_other_words_is_a_none(text: str) -> None:
    assert groups(text) == [(0, MODERATE)]


@pytest.mark.parametrize(
    "blamed",
    ["They were chalked up to {}.", "The centre pointed to {}.", "The culprit was {}.", "The perpetrator is {}.",
     "Committed by: {}.", "The centre pinned them on {}.", "The Russian side traces them back to {}."],
)  # fmt: skip
def test_a_sentence_of_its_own_may_blame(blamed: str) -> None:
    text = f"Violations on 11 March: 5. {blamed.format('HTS or the Turkistan Islamic Party')}"
    assert groups(text) == [(5, EITHER)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HTS and TIP broke the truce. The former did so three times on 11 March, the latter twice.", [HTS, TIP]),
        ("Three violations by HTS and two by TIP were recorded. The latter group committed four on 11 March.",
         [HTS, TIP, TIP]),
        ("The centre blames HTS. The group carried out four attacks on 11 March in Idlib.", [HTS]),
        ("Two violations on 10 March by HTS or TIP. Eight on 11 March were committed by the groups mentioned above.",
         [EITHER, EITHER]),
    ],
)  # fmt: skip
def test_groups_are_pointed_back_to(text: str, expected: list[tuple[str, ...]]) -> None:
    assert [by for _, by in groups(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tuesday's tally of four violations was double Monday's two.", [(4, 10), (2, 9)]),
        ("After Monday's two violations, Tuesday's figure was four.", [(2, 9), (4, 10)]),
        ("On the first of March three violations were registered.", [(3, 1)]),
    ],
)
def test_days_that_own_their_numbers(text: str, expected: list[tuple[int, int]]) -> None:
    assert days(text, source=CENTRE) == expected


def test_the_last_day_of_a_month_in_words() -> None:
    (one,) = telling("On the last day of February two violations were recorded.", source=CENTRE).statements
    assert one.day is not None
    assert (one.day.month, one.day.day) == (2, 29)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Violations: Latakia ........ 5, Hama ..... 3.", [(5, "latakia"), (3, "hama")]),
        ("Violations on 11 March: Latakia: 5 | Hama: 3", [(5, "latakia"), (3, "hama")]),
        ("Two violations were recorded. The first was in Idlib, the second in Hama.",
         [(2, None), (1, "idlib"), (1, "hama")]),
        ("Most was heard in Saraqib; four attacks took place there.", [(4, "saraqib")]),
        ("Saraqib suffered most; it was shelled four times.", [(4, "saraqib")]),
        ("Latakia beat Hama 3-1 in Homs. Two violations were recorded in Idlib.", [(2, "idlib")]),
    ],
)  # fmt: skip
def test_smaller_forms(text: str, expected: list[tuple[int, str | None]]) -> None:
    assert counts(text, source=CENTRE) == expected


@pytest.mark.parametrize(
    "text",
    ["Three and no violations respectively were registered by the Russian and the Turkish sides.",
     "The Russian and Turkish sides registered three and no violations respectively."],
)  # fmt: skip
def test_a_none_may_be_one_of_two_numbers(text: str) -> None:
    assert [(one.count, one.party) for one in said(text)] == [(3, CENTRE), (0, TURKISH)]


def test_by_the_count_of_a_party() -> None:
    text = "By the count of Turkey, three violations took place; by the count of Russia, five."
    assert [(one.count, one.party) for one in said(text)] == [(3, TURKISH), (5, CENTRE)]


def test_an_entry_of_a_live_feed_is_no_partys() -> None:
    text = (
        "12:05 - The Turkish Defence Ministry says two breaches were recorded in Idlib.\n\n"
        "12:40 - Shelling reported in Ariha."
    )
    assert [(one.place, one.party) for one in said(text, source=DESK)] == [("idlib", TURKISH), ("ariha", None)]


@pytest.mark.parametrize("text", ["." * 20_000, "5 " * 10_000, "Idlib . . . . " * 1_500, "not a single group " * 1_000])
def test_hostile_texts_are_read_soon(text: str) -> None:
    assert telling(text, source=CENTRE) is not None
