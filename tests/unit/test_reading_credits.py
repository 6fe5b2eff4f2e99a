"""Who registered what earlier sentences told: "this was announced by X", "the figures come from X"."""

from __future__ import annotations

import pytest
from reading_world import CENTRE, said

SOURCE = "a-newspaper"
"""No source that the catalogue knows: what it tells is its own, unless it says whose it is."""


@pytest.mark.parametrize(
    "credit",
    [
        "This was announced by the Russian Reconciliation Centre.",
        "That is according to the Russian Defence Ministry.",
        "The figures come from the Russian Reconciliation Centre.",
        "So said the Russian Defence Ministry in its bulletin.",
        "The data were released by the Russian side on Thursday.",
        "A corresponding statement was published by the Russian Defence Ministry.",
    ],
)
def test_a_sentence_that_only_says_who_told_it_credits_those_before(credit: str) -> None:
    told = said(f"Eight truce violations were seen on 11 March.\n{credit}", source=SOURCE)
    assert [(one.count, one.party, one.day) for one in told] == [(8, CENTRE, 11)]


@pytest.mark.parametrize(
    "other",
    [
        "This was denied by the Russian Defence Ministry.",
        "The Russian Defence Ministry has not commented on this.",
        "The Russian side escorted a convoy.",
        "Two of them were not confirmed by the Russian side.",
    ],
)
def test_a_party_that_does_not_tell_the_number_is_not_credited(other: str) -> None:
    told = said(f"Eight truce violations were seen on 11 March.\n{other}", source=SOURCE)
    assert [one.party for one in told if one.count == 8] == [None]


def test_what_the_credited_party_adds_is_its_own_too() -> None:
    text = "Eight truce violations were seen on 11 March.\nThis was reported by the Russian side.\nFive were in Idlib."
    assert [(one.count, one.party) for one in said(text, source=SOURCE)] == [(8, CENTRE), (5, CENTRE)]
