from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_pipeline.days import MonitoringDays

DAMASCUS = MonitoringDays("Asia/Damascus")
EARLY = MonitoringDays("Asia/Damascus", "19:30")


def epoch(text: str) -> float:
    return dt.datetime.fromisoformat(text).timestamp()


def test_a_day_begins_at_local_midnight_and_not_at_that_of_greenwich() -> None:
    assert DAMASCUS.of(epoch("2020-03-10T21:59:59+00:00")) == dt.date(2020, 3, 10)
    assert DAMASCUS.of(epoch("2020-03-10T22:00:00+00:00")) == dt.date(2020, 3, 11)


def test_summer_time_moves_midnight() -> None:
    assert DAMASCUS.of(epoch("2020-07-10T20:59:00+00:00")) == dt.date(2020, 7, 10)
    assert DAMASCUS.of(epoch("2020-07-10T21:00:00+00:00")) == dt.date(2020, 7, 11)


def test_what_happens_after_the_cut_off_belongs_to_the_next_day() -> None:
    assert EARLY.of(epoch("2020-03-11T19:29:00+02:00")) == dt.date(2020, 3, 11)
    assert EARLY.of(epoch("2020-03-11T19:30:00+02:00")) == dt.date(2020, 3, 12)


def test_a_date_without_a_time_is_its_own_monitoring_day() -> None:
    assert EARLY.day(dt.date(2020, 3, 11), None) == dt.date(2020, 3, 11)


def test_a_day_ends_at_its_cut_off() -> None:
    assert DAMASCUS.end_ms(dt.date(2020, 3, 11)) == epoch("2020-03-12T00:00:00+02:00") * 1000
    assert EARLY.end_ms(dt.date(2020, 3, 11)) == epoch("2020-03-11T19:30:00+02:00") * 1000
    assert EARLY.start_ms(dt.date(2020, 3, 12)) == EARLY.end_ms(dt.date(2020, 3, 11))


@given(
    st.integers(int(epoch("1990-01-01T00:00:00+00:00")), int(epoch("2030-01-01T00:00:00+00:00"))),
    st.sampled_from(["Asia/Damascus", "Europe/Kyiv"]),
)
def test_the_arithmetic_agrees_with_the_zone_at_every_instant(seconds: int, zone: str) -> None:
    local = dt.datetime.fromtimestamp(seconds, ZoneInfo(zone))
    assert MonitoringDays(zone).local(seconds) == (local.date(), local.hour * 60 + local.minute)


@pytest.mark.parametrize("extreme", [-1e18, -62135596800.0, 0.0, 253402300799.0, 1e18])
def test_no_instant_is_too_far_away_to_have_a_day(extreme: float) -> None:
    assert dt.date.min <= EARLY.of(extreme) <= dt.date.max


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "", "/UTC", "Asia"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        MonitoringDays(zone)


@pytest.mark.parametrize("cutoff", ["00:00", "24:01"])
def test_a_cut_off_outside_the_day_is_refused(cutoff: str) -> None:
    with pytest.raises(ValueError, match="24:00"):
        MonitoringDays("UTC", cutoff)


KYIV = MonitoringDays("Europe/Kyiv", "03:30")


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-10-25T03:29:59+03:00", 25),
        ("2026-10-25T03:30:00+03:00", 26),
        ("2026-10-25T03:00:00+02:00", 26),  # the hour again
        ("2026-10-25T03:29:00+02:00", 26),
        ("2026-10-25T03:30:00+02:00", 26),
        ("2026-10-26T03:29:00+02:00", 26),
        ("2026-10-26T03:30:00+02:00", 27),
    ],
)
def test_a_cut_off_in_an_hour_that_clocks_repeat_is_passed_once(moment: str, day: int) -> None:
    assert KYIV.of(epoch(moment)) == dt.date(2026, 10, day)


def test_a_cut_off_in_an_hour_that_clocks_skip_comes_as_long_after_the_change() -> None:
    assert KYIV.end_ms(dt.date(2026, 3, 29)) == epoch("2026-03-29T04:30:00+03:00") * 1000
    assert KYIV.of(epoch("2026-03-29T04:29:59+03:00")) == KYIV.day(dt.date(2026, 3, 29), 4 * 60 + 29)
    assert KYIV.of(epoch("2026-03-29T04:29:59+03:00")) == dt.date(2026, 3, 29)
    assert KYIV.of(epoch("2026-03-29T04:30:00+03:00")) == dt.date(2026, 3, 30)
