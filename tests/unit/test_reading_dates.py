"""Dates and times of day in running text, counted from the day of publication."""

# ruff: noqa: RUF001 - texts hold dashes of every kind

from __future__ import annotations

import datetime as dt

import pytest

from incident_pipeline.intake.reading.clocks import clocks
from incident_pipeline.intake.reading.dates import When, dates

REFERENCE = dt.date(2020, 3, 12)


def march(*days: int) -> tuple[dt.date, ...]:
    return tuple(dt.date(2020, 3, day) for day in days)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("on 9 March", march(9)),
        ("on March 10", march(10)),
        ("on the 9th of March 2020", march(9)),
        ("2020-03-11", march(11)),
        ("11.03.2020", march(11)),
        ("on Wednesday", march(11)),
        ("on Thursday", march(12)),
        ("yesterday", march(11)),
        ("the day before yesterday", march(10)),
        ("two days ago", march(10)),
        ("9, 10 and 11 March", march(9, 10, 11)),
        ("March 9, 10 and 11", march(9, 10, 11)),
        ("on 30 December", (dt.date(2019, 12, 30),)),
    ],
)
def test_days_are_told_in_many_ways(text: str, days: tuple[dt.date, ...]) -> None:
    (mention,) = dates(text, REFERENCE)
    assert (mention.when, mention.days, mention.is_range) == (When.DAY, days, False)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("from 9 to 11 March", march(9, 11)),
        ("9–11 March", march(9, 11)),
        ("March 9-11", march(9, 11)),
        ("between 9 and 11 March", march(9, 11)),
        ("from Monday to Wednesday", march(9, 11)),
        ("over the past three days", march(10, 12)),
        ("29 February to 2 March", (dt.date(2020, 2, 29), dt.date(2020, 3, 2))),
    ],
)
def test_ranges_have_two_ends(text: str, days: tuple[dt.date, ...]) -> None:
    (mention,) = dates(text, REFERENCE)
    assert (mention.days, mention.is_range) == (days, True)


@pytest.mark.parametrize(
    "text",
    ["since the truce", "so far", "in February", "in March 2019", "last month", "in 2018", "this year", "previously"],
)
def test_periods_without_a_day_are_background(text: str) -> None:
    assert [mention.when for mention in dates(text, REFERENCE)] == [When.VAGUE]


@pytest.mark.parametrize(
    "text", ["the truce of 5 March", "an agreement signed in Moscow on 5 March", "the March 5 deal"]
)
def test_the_date_of_an_agreement_is_no_date_of_what_is_told(text: str) -> None:
    assert [mention.when for mention in dates(text, REFERENCE)] == [When.ASIDE]


def test_a_superlative_since_some_day_is_not_background() -> None:
    assert all(
        mention.when is not When.VAGUE for mention in dates("the highest number since the truce began", REFERENCE)
    )


def test_a_weekday_without_a_publication_date_is_unknown() -> None:
    assert [mention.when for mention in dates("on Saturday", None)] == [When.UNKNOWN]


def test_an_impossible_date_is_unknown() -> None:
    assert [mention.when for mention in dates("on 31 February", REFERENCE)] == [When.UNKNOWN]


def test_a_mission_whose_day_ends_in_the_evening_tells_two_dates_of_one_day() -> None:
    (mention,) = dates("between the evenings of 9 and 10 March", REFERENCE)
    assert mention.days == march(10)


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("at 14:20", 860),
        ("at 2.30 pm", 870),
        ("around 1420 hours", 860),
        ("at noon", 720),
        ("at 7.05", 425),
        ("at 12:10 a.m.", 10),
    ],
)
def test_times_of_day_are_local_minutes(text: str, minute: int) -> None:
    assert [clock.minute for clock in clocks(text)] == [minute]


def test_a_time_of_another_zone_is_not_taken_for_a_local_one() -> None:
    assert [clock.minute for clock in clocks("at 10:00 GMT")] == [None]
