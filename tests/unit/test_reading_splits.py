"""A total split twice, parts told by their label or in so many cases, and a none beside a number."""

from __future__ import annotations

import pytest
from reading_world import CENTRE, Said, said, telling

HTS, TIP = ("hts",), ("tip",)


def surplus(text: str) -> int:
    """The sum of the numbers that are nobody's part."""
    return sum(one.count or 0 for one in telling(text, source=CENTRE).statements if one.part_of is None)


@pytest.mark.parametrize(
    "text",
    [
        "Nine violations (Idlib 5, Hama 4) were registered on 11 March. Six of these were by HTS, three by TIP.",
        "In total, 9 violations. By group: HTS 6, TIP 3. By province: Idlib 5, Hama 4.",
        "Nine violations on 11 March: 5 in Idlib, 4 in Hama. HTS was behind six of them.",
    ],
)
def test_a_total_that_is_split_twice_counts_once(text: str) -> None:
    assert surplus(text) == 9
    assert {one.count for one in said(text, source=CENTRE)} >= {9, 5, 4} or "By group" in text


@pytest.mark.parametrize(
    "text",
    [
        "Total for 11 March: 9 violations. HTS: 4. TIP: 3.",
        "Nine violations were recorded on 11 March. In four cases HTS was to blame. In three cases TIP was to blame.",
        "Militants broke the truce nine times on 11 March; in four cases HTS was the perpetrator.",
    ],
)
def test_the_cases_of_one_group_are_a_part_of_the_total_before(text: str) -> None:
    assert surplus(text) == 9
    assert (4, HTS) in [(one.count, one.groups) for one in said(text, source=CENTRE)]


def test_the_second_group_has_its_own_number_without_the_noun() -> None:
    text = "Nine violations were registered. Responsibility lies with HTS in six cases and with TIP in three."
    told = [(one.count, one.groups) for one in said(text, source=CENTRE)]
    assert told == [(9, ()), (6, HTS), (3, TIP)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("After three violations on Tuesday there were none on Wednesday.", [(3, None, 10), (0, None, 11)]),
        ("Unlike on Tuesday, when three violations were seen, Wednesday passed without any.",
         [(3, None, 10), (0, None, 11)]),
        ("Except for three violations in Idlib, no breaches were recorded on 11 March.", [(3, "idlib", 11)]),
        ("On 11 March no violations other than three in Idlib were recorded.", [(3, "idlib", 11)]),
        ("The two provinces of Idlib and Hama saw no violations on 11 March.", [(0, "idlib", 11), (0, "hama", 11)]),
        ("No one violated the truce on 11 March.", [(0, None, 11)]),
    ],
)  # fmt: skip
def test_a_none_beside_a_number_takes_nothing_from_it(text: str, expected: list[tuple[int, str | None, int]]) -> None:
    assert said(text, source=CENTRE) == [Said(*one) for one in expected]
