"""One instant, one monitoring day, whatever the clocks do: the first day whose end lies after it."""

from __future__ import annotations

import datetime as dt
import json

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.days import MonitoringDays
from incident_pipeline.intake.take import take, take_any
from incident_pipeline.intake.understand import Coordinates

RULES = load_rules(shipped_catalogue())
ZONES = (
    "Africa/Casablanca",
    "America/Havana",  # at midnight
    "America/St_Johns",  # at a minute past it, until 2011
    "Antarctica/Troll",  # by two hours
    "Asia/Beirut",
    "Asia/Damascus",
    "Atlantic/Azores",
    "Australia/Lord_Howe",  # by half an hour
    "Europe/Kyiv",
    "Pacific/Apia",  # without 30 December 2011
    "UTC",
)
CUT_OFFS = ("00:01", "00:30", "01:37", "02:30", "03:30", "19:30", "23:59", "24:00")
DAYS = {(zone, cut_off): MonitoringDays(zone, cut_off) for zone in ZONES for cut_off in CUT_OFFS}
FIRST_S, LAST_S = 1_136_073_600, 1_798_761_600  # 2006 to 2026
QUARTER_S = 900


def changes(zone: str) -> list[int]:
    """Instants at which a zone's clocks change."""
    info = DAYS[zone, "24:00"].zone
    starts = range(FIRST_S, LAST_S, 86_400)
    offsets = [dt.datetime.fromtimestamp(second, info).utcoffset() for second in starts]
    return [second for second, one, other in zip(starts, offsets, offsets[1:], strict=False) if one != other]


CHANGES = {zone: changes(zone) or [FIRST_S] for zone in ZONES}


@st.composite
def instants_near_a_change(draw: st.DrawFn) -> tuple[str, str, int]:
    zone = draw(st.sampled_from(ZONES))
    day = draw(st.sampled_from(CHANGES[zone]))
    return zone, draw(st.sampled_from(CUT_OFFS)), day + draw(st.integers(-86_400, 3 * 86_400))


@settings(max_examples=2_000)
@given(instants_near_a_change())
def test_an_instant_lies_between_the_start_and_the_end_of_its_day(asked: tuple[str, str, int]) -> None:
    zone, cut_off, second = asked
    days = DAYS[zone, cut_off]
    day = days.of(second)
    assert days.start_ms(day) <= second * 1_000 < days.end_ms(day)


@settings(max_examples=500)
@given(instants_near_a_change(), st.integers(1, 7_200))
def test_a_later_instant_has_no_earlier_day(asked: tuple[str, str, int], later_s: int) -> None:
    zone, cut_off, second = asked
    days = DAYS[zone, cut_off]
    assert days.of(second) <= days.of(second + later_s)


@settings(max_examples=500)
@given(instants_near_a_change())
def test_a_local_time_that_clocks_show_once_has_the_day_of_its_instant(asked: tuple[str, str, int]) -> None:
    zone, cut_off, second = asked
    days = DAYS[zone, cut_off]
    second -= second % 60
    date, minute = days.local(second)
    local = dt.datetime.combine(date, dt.time(*divmod(minute, 60)))
    if {local.replace(tzinfo=days.zone, fold=fold).timestamp() for fold in (0, 1)} == {second}:
        assert days.day(date, minute) == days.of(second)


CATALOGUES: dict[tuple[str, str], Catalogue] = {}


def catalogue_of(zone: str, cut_off: str) -> Catalogue:
    if (zone, cut_off) not in CATALOGUES:
        mission = msgspec.structs.replace(RULES.mission, time_zone=zone, day_ends_at=cut_off)
        CATALOGUES[zone, cut_off] = Catalogue(msgspec.structs.replace(RULES, mission=mission))
    return CATALOGUES[zone, cut_off]


@settings(max_examples=300, deadline=None)
@given(instants_near_a_change(), st.integers(-14 * 4, 14 * 4), st.booleans())
def test_a_report_is_counted_on_the_day_of_its_instant(
    asked: tuple[str, str, int], quarters: int, in_report: bool
) -> None:
    zone, cut_off, second = asked
    catalogue = catalogue_of(zone, cut_off)
    offset = dt.timezone(dt.timedelta(seconds=quarters * QUARTER_S))
    at = {"occurred_at": dt.datetime.fromtimestamp(second, offset).isoformat()}
    violation = {"type": "mortar", "place": "Saraqib", **({} if in_report else at)}
    report = {"source": "s", "report_id": "r", "violations": [violation], **(at if in_report else {})}
    value = json.dumps(report).encode()
    recorded_at_ms = (second + 60) * 1_000
    short = take(value, Coordinates(0, 0), catalogue, recorded_at_ms=recorded_at_ms, partitions=1)
    assert short == take_any(value, Coordinates(0, 0), catalogue, recorded_at_ms, 1)
    assert isinstance(short, list)
    assert short[0][1].lines[0].day == catalogue.days.of(second).isoformat()
