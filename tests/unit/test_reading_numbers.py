"""Numbers in running text."""

# ruff: noqa: RUF001 - texts hold dashes of every kind

from __future__ import annotations

import pytest

from incident_pipeline.intake.reading.numbers import numbers


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("seven breaches", [7]),
        ("Twenty-three breaches", [23]),
        ("one hundred and four breaches", [104]),
        ("two hundred breaches", [200]),
        ("1,250 breaches", [1250]),
        ("a dozen breaches, half a dozen more", [12, 6]),
        ("two dozen breaches", [24]),
        ("Latakia (6), Hama – 10", [6, 10]),
        ("11 of which in Idlib", [11]),
        ("zero breaches", [0]),
    ],
)
def test_digits_and_words_say_the_same_numbers(text: str, values: list[int]) -> None:
    assert [number.value for number in numbers(text)] == values


@pytest.mark.parametrize(
    ("text", "value"), [("once", 1), ("twice", 2), ("thrice", 3), ("five times", 5), ("8 times", 8)]
)
def test_occasions_are_counted_by_their_own_words(text: str, value: int) -> None:
    (number,) = numbers(f"It was shelled {text} today")
    assert (number.value, number.times) == (value, True)


@pytest.mark.parametrize(
    "text",
    [
        "the 23rd patrol",
        "a 24-hour truce",
        "the M4 road",
        "a 120mm shell",
        "at 14:20",
        "2.5 km",
        "15%",
        "$300",
        "№ 5",
        "a six-hour lull",
    ],
)
def test_ordinals_measures_times_and_labels_are_no_numbers(text: str) -> None:
    assert numbers(text) == []


def test_bounds_are_kept_beside_the_number() -> None:
    at_least, up_to, several = numbers("at least five shellings, up to nine bursts, 3 to 5 shots")
    assert (at_least.value, at_least.low, at_least.high) == (5, 5, None)
    assert (up_to.value, up_to.low, up_to.high) == (9, None, 9)
    assert (several.value, several.low, several.high) == (3, 3, 5)
