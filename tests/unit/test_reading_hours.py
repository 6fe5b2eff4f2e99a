"""Times of day as people write them: the half of the day before, behind, or within them; a log's times."""

from __future__ import annotations

import pytest
from reading_world import counts, telling


def minutes(text: str) -> list[tuple[int | None, int | None]]:
    """The day and the minute of each statement."""
    return [(one.day.day if one.day else None, one.minute) for one in telling(text).statements]


@pytest.mark.parametrize(
    ("when", "day", "minute"),
    [
        ("At a quarter to seven on Tuesday evening", 10, 1_125),
        ("At half past six on Monday morning", 9, 390),
        ("At twenty to nine yesterday morning", 11, 520),
        ("At five on Tuesday afternoon", 10, 1_020),
        ("At nine o'clock on the evening of 10 March", 10, 1_260),
        ("On Tuesday evening, at about half past seven,", 10, 1_170),
        ("On the evening of 10 March, at a quarter past eight,", 10, 1_215),
        ("At 7:30 on Tuesday evening", 10, 1_170),
        ("At 6.15 in the evening of 10 March", 10, 1_095),
        ("At ten o'clock on 10 March", 10, None),
    ],
)
def test_the_half_of_the_day_is_told_before_or_behind_the_hour_and_the_day_is_kept(
    when: str, day: int, minute: int | None
) -> None:
    assert minutes(f"{when} mortar fire hit Kansafra.") == [(day, minute)]


@pytest.mark.parametrize("stop", [":", ".", " -", " hrs."])
def test_an_entry_of_a_log_opens_with_its_time(stop: str) -> None:
    log = f"08:20{stop} Mortar fire on Kansafra.\n13:40{stop} Mortar fire on Fulayfil."
    assert [minute for _, minute in minutes(log)] == [500, 820]


def test_a_time_with_a_full_stop_for_its_colon_opens_an_entry_too() -> None:
    assert [one for _, one in minutes("08.20. Mortar fire on Kansafra.\n13.40 Shells hit Fulayfil.")] == [500, 820]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Up to five in the afternoon of 11 March two truce violations were recorded.", [(2, None)]),
        ("Between six in the morning and nine at night on 11 March two truce violations were seen.", [(2, None)]),
        ("By nine on Wednesday evening six truce violations had been recorded.", [(6, None)]),
        ("On Wednesday evening five to six violations were recorded in Idlib.", [(5, "idlib")]),
        ("At five places on Wednesday evening the truce was broken: Idlib 2, Hama 3.", [(2, "idlib"), (3, "hama")]),
    ],
)
def test_only_an_hour_that_is_one_is_no_number_of_violations(text: str, told: list[tuple[int, str | None]]) -> None:
    assert counts(text) == told
