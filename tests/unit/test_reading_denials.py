"""Quiet days and denials: no shot, nobody under somebody's control, what is called fake, what a day is set beside."""

from __future__ import annotations

import pytest
from reading_world import CENTRE, MODERATE, Said, counts, said


@pytest.mark.parametrize(
    "text",
    [
        "Not a single shot was fired in Hama province on 11 March.",
        "No shots were heard in Hama province on 11 March.",
        "On 11 March no shell fell in Hama province.",
        "For the first time this month, 11 March passed without any shelling in Hama province.",
    ],
)
def test_a_day_without_a_shot_is_an_explicit_none(text: str) -> None:
    assert said(text, source=CENTRE) == [Said(0, "hama", 11)]


def test_none_of_those_under_somebodys_control_is_a_none_of_them() -> None:
    text = "None of the units under Turkish control violated the truce on 11 March."
    assert said(text, source=CENTRE) == [Said(0, None, 11, None, MODERATE)]


@pytest.mark.parametrize("word", ["fake", "a hoax", "disinformation", "invented"])
def test_what_is_called_untrue_did_not_happen(word: str) -> None:
    assert said(f"The Russian side called reports of four air strikes on Idlib {word}.") == []


def test_a_number_set_beside_that_of_the_day_before_is_told() -> None:
    text = "A day after nine violations, the Russian side reported just two."
    assert counts(text) == [(2, None)]


def test_a_record_of_the_month_leaves_the_number_to_its_day() -> None:
    assert counts("Thirty truce violations, the highest number this month, were seen in Idlib.") == [(30, "idlib")]
