"""Activities that a text tells by what those did who took part, or by which one of a series it was."""

from __future__ import annotations

import pytest
from reading_world import activities, days


@pytest.mark.parametrize(
    "text",
    [
        "The third joint patrol drove along the M4 highway on 11 March.",
        "On 11 March the third joint Russian-Turkish patrol set off from Trumba.",
        "On 11 March the 23rd joint patrol of the two armies covered the whole route.",
        "Russian and Turkish troops carried out their seventh joint patrol on 11 March.",
        "A joint patrol of both armies went along the M4 on 11 March.",
    ],
)
def test_a_patrol_that_moved_took_place_and_one_of_a_series_is_one(text: str) -> None:
    assert activities(text) == [("joint-patrol", 1, 11)]


@pytest.mark.parametrize(
    "text",
    [
        "The third joint patrol was cancelled on 11 March.",
        "The third joint patrol will go along the M4 on 13 March.",
        "The joint patrol due on 11 March was not held.",
        "The joint patrol that was to have gone along the M4 on 11 March never left.",
    ],
)
def test_a_patrol_that_did_not_move_is_none(text: str) -> None:
    assert activities(text) == []


def test_an_ordinal_behind_a_date_is_no_day_of_its_month() -> None:
    assert days("On 11 March the second group of observers counted five truce violations.") == [(5, 11)]


@pytest.mark.parametrize(
    "text",
    [
        "Russian military police escorted Turkish convoys in the zone. On 9 March 13 convoys were escorted.",
        "Turkish convoys: 13 escorted. Russian military police escorted 13 Turkish convoys on 9 March.",
        "Thirteen Turkish convoys were escorted on 9 March. The centre said that it escorted the convoys.",
    ],
)
def test_an_activity_whose_day_is_told_elsewhere_in_the_text_is_none_of_the_day_of_publication(text: str) -> None:
    assert activities(text) == [("convoy-escort", 13, 9)]


def test_another_number_without_a_day_is_an_activity_of_its_own() -> None:
    text = "Military police escorted four convoys. On 9 March 13 convoys were escorted."
    assert activities(text) == [("convoy-escort", 4, None), ("convoy-escort", 13, 9)]
