"""The days around now as the gauges show them: right after a restart, at midnight, and in an old replay."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import msgspec

from incident_pipeline.days import MonitoringDays
from incident_pipeline.event import BoundsChange, Change, DecidedBy, Event, EventType
from incident_pipeline.line import Line, LineKind, Quiet
from incident_pipeline.metrics.day_gauges import (
    days_now,
    group_samples,
    place_samples,
    theatre_samples,
)
from incident_pipeline.projection.today import DAYS_HELD, Today, TodayState

DAMASCUS = MonitoringDays("Asia/Damascus")
IDLIB = "north-west/idlib"
NOON = "2020-03-11T12:00:00.000Z"


def moment(local: str, zone: str = "Asia/Damascus") -> float:
    return dt.datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).timestamp()


def line(day: str = "2020-03-11", attribution: str = "hts", place: str = IDLIB, count: int = 1) -> Line:
    return Line(
        attribution=attribution,
        count=count,
        day=day,
        index=0,
        kind=LineKind.AGGREGATE,
        party="centre",
        place=place,
        raw=count,
        type="U0",
    )


def cell(day: str, place: str, attribution: str, after: int, raw: int | None = None) -> Change:
    return Change(
        attribution=attribution,
        corroborated=(0, 0),
        day=day,
        deduplicated=(0, after),
        high=(0, after),
        place=place,
        raw=(0, after if raw is None else raw),
    )


def event(recorded_at: str = NOON, kind: EventType = EventType.AGGREGATE_RECORDED, **fields: object) -> Event:
    known: dict[str, object] = {
        "decided_by": DecidedBy(rule="test"),
        "input": 0,
        "recorded_at": recorded_at,
        "rules": "r",
        "sequence": 0,
        "step": 0,
        "steps": 1,
        "theatre": "north-west",
        "type": kind,
    }
    return Event(**{**known, **fields})  # type: ignore[arg-type]


def stated(day: str, n: int, recorded_at: str = NOON, place: str = IDLIB, total: int | None = None) -> Event:
    """An aggregate of hts, with the cell, the theatre's total, and the bounds that it gives."""
    total = n if total is None else total
    return event(
        recorded_at,
        line=line(day, place=place, count=n),
        changes=(cell(day, place, "hts", n), cell(day, "north-west", "*", total)),
        bounds=(
            BoundsChange(certain=((0, total),), day=day, group="hts", place="north-west", possible=((0, total),)),
            BoundsChange(certain=((0, n),), day=day, group="hts", place=place, possible=((0, n),)),
        ),
    )


def theatres(today: Today, local: str, days: MonitoringDays = DAMASCUS) -> dict[tuple[str, ...], float]:
    """The deduplicated totals at a local time, by (theatre, day)."""
    zone = days.zone.key
    assert zone
    samples = theatre_samples(days_now([today], days, moment(local, zone)))
    return {labels[:2]: value for labels, value in samples if labels[2] == "deduplicated"}


def fold(*events: Event) -> Today:
    today = Today()
    for one in events:
        today.apply(one)
    return today


def test_a_day_becomes_yesterday_at_local_midnight_without_any_record() -> None:
    today = fold(stated("2020-03-11", 8))
    assert theatres(today, "2020-03-11T23:59:59") == {("north-west", "today"): 8}
    assert theatres(today, "2020-03-12T00:00:00") == {("north-west", "yesterday"): 8}
    assert theatres(today, "2020-03-13T00:00:00") == {}


def test_a_day_ends_at_the_mission_s_cut_off() -> None:
    early = MonitoringDays("Asia/Damascus", "19:30")
    today = fold(stated("2020-03-11", 8))
    assert theatres(today, "2020-03-11T19:29:59", early) == {("north-west", "today"): 8}
    assert theatres(today, "2020-03-11T19:30:00", early) == {("north-west", "yesterday"): 8}


def test_every_basis_of_a_theatre_is_shown() -> None:
    today = fold(
        event(
            line=line(),
            changes=(
                Change(
                    attribution="*",
                    corroborated=(0, 1),
                    day="2020-03-11",
                    deduplicated=(0, 2),
                    high=(0, 3),
                    place="north-west",
                    raw=(0, 4),
                ),
            ),
        )
    )
    samples = dict(theatre_samples(days_now([today], DAMASCUS, moment("2020-03-11T12:00:00"))))
    assert samples == {
        ("north-west", "today", "raw"): 4,
        ("north-west", "today", "deduplicated"): 2,
        ("north-west", "today", "corroborated"): 1,
        ("north-west", "today", "high"): 3,
    }


def test_what_nobody_spoke_of_has_no_sample_and_an_explicit_none_is_zero() -> None:
    quiet = Quiet(attribution="hts|tip", day="2020-03-11", index=0, party="centre", place="north-west")
    assert theatres(Today(), "2020-03-11T12:00:00") == {}
    today = fold(event(kind=EventType.DAY_QUIET, quiet=quiet))
    assert theatres(today, "2020-03-11T12:00:00") == {("north-west", "today"): 0}
    groups = dict(group_samples(days_now([today], DAMASCUS, moment("2020-03-11T12:00:00")), {"hts", "tip", "gov"}))
    assert groups == {
        ("north-west", group, "today", bound): 0 for group in ("hts", "tip") for bound in ("certain", "possible")
    }


def test_a_line_that_is_not_counted_makes_no_day_known() -> None:
    assert theatres(fold(event(kind=EventType.LINE_NOT_COUNTED, line=line())), "2020-03-11T12:00:00") == {}


def test_a_day_of_which_everything_was_retracted_is_unknown_again() -> None:
    retraction = event(
        kind=EventType.REPORT_RETRACTED,
        day="2020-03-11",
        withdrawn_lines=(line(count=8),),
        changes=(cell("2020-03-11", IDLIB, "hts", 0), cell("2020-03-11", "north-west", "*", 0)),
    )
    assert theatres(fold(stated("2020-03-11", 8), retraction), "2020-03-11T12:00:00") == {}
    other = event(line=line(attribution="gov"))
    today = fold(stated("2020-03-11", 8), other, retraction)
    assert theatres(today, "2020-03-11T12:00:00") == {("north-west", "today"): 0}


def test_an_old_history_fed_now_holds_no_day_and_shows_nothing() -> None:
    recorded = "2026-07-01T10:00:00.000Z"
    days = [(dt.date(2020, 3, 1) + dt.timedelta(days=n)).isoformat() for n in range(100)]
    today = fold(*(stated(day, 3, recorded) for day in days), stated("2026-07-01", 2, recorded))
    assert theatres(today, "2026-07-01T12:00:00") == {("north-west", "today"): 2}
    assert [day.day for day in today.state().days] == ["2026-07-01"]


def test_days_in_memory_stay_bounded_over_years_of_the_log() -> None:
    today = Today()
    for n in range(1_000):
        day = (dt.date(2020, 3, 1) + dt.timedelta(days=n)).isoformat()
        today.apply(stated(day, n, f"{day}T12:00:00.000Z"))
    assert len(today.state().days) <= DAYS_HELD
    assert theatres(today, "2022-11-25T12:00:00") == {("north-west", "today"): 999, ("north-west", "yesterday"): 998}


def test_mistyped_future_dates_do_not_displace_today() -> None:
    future = [stated(f"{year}-03-11", 1) for year in range(2021, 2061)]
    today = fold(stated("2020-03-10", 2), stated("2020-03-11", 8), *future)
    assert len(today.state().days) == DAYS_HELD
    assert theatres(today, "2020-03-11T12:00:00") == {("north-west", "today"): 8, ("north-west", "yesterday"): 2}


def test_one_record_stamped_by_a_clock_that_jumped_does_not_displace_today() -> None:
    jumped = stated("2035-01-01", 1, "2035-01-01T00:00:00.000Z")
    today = fold(stated("2020-03-11", 8), jumped, stated("2020-03-12", 1, "2020-03-12T09:00:00.000Z"))
    assert theatres(today, "2020-03-12T12:00:00") == {("north-west", "today"): 1, ("north-west", "yesterday"): 8}


def test_a_fold_restored_from_its_snapshot_goes_on_as_if_never_interrupted() -> None:
    before = [stated("2020-03-10", 2), stated("2020-03-11", 8)]
    after = [stated("2020-03-11", 9), stated("2020-03-12", 1, "2020-03-12T09:00:00.000Z")]
    kept = msgspec.json.encode(fold(*before).state())
    restored = Today(msgspec.json.decode(kept, type=TodayState))
    for one in after:
        restored.apply(one)
    assert restored.state() == fold(*before, *after).state()
    assert theatres(restored, "2020-03-12T12:00:00") == {
        ("north-west", "today"): 1,
        ("north-west", "yesterday"): 9,
    }


def test_groups_that_the_rules_do_not_know_are_one_other() -> None:
    bounds = tuple(
        BoundsChange(certain=((0, n),), day="2020-03-11", group=group, place="north-west", possible=((0, n + 1),))
        for group, n in (("hts", 1), ("gone", 2), ("renamed", 4))
    )
    today = fold(event(line=line(attribution="gone|hts|renamed"), bounds=bounds))
    samples = dict(group_samples(days_now([today], DAMASCUS, moment("2020-03-11T12:00:00")), {"hts"}))
    assert samples == {
        ("north-west", "hts", "today", "certain"): 1,
        ("north-west", "hts", "today", "possible"): 2,
        ("north-west", "other", "today", "certain"): 6,
        ("north-west", "other", "today", "possible"): 8,
    }


def test_places_below_the_top_are_one_other_and_all_add_up_to_the_theatre() -> None:
    counts = {f"{IDLIB}/place-{n:02}": n for n in range(1, 11)}
    total = 0
    today = Today()
    for place, n in counts.items():
        total += n
        today.apply(stated("2020-03-11", n, place=place, total=total))
    days = days_now([today], DAMASCUS, moment("2020-03-11T12:00:00"))
    shown = {labels[1]: n for labels, n in place_samples(days, top=3) if labels[3] == "deduplicated"}
    assert shown == {
        f"{IDLIB}/place-10": 10,
        f"{IDLIB}/place-09": 9,
        f"{IDLIB}/place-08": 8,
        "other": 28,
    }
    assert sum(shown.values()) == theatres(today, "2020-03-11T12:00:00")["north-west", "today"] == 55


def test_the_same_places_are_shown_for_both_days() -> None:
    today = fold(
        stated("2020-03-10", 9, place=f"{IDLIB}/saraqib"),
        stated("2020-03-11", 1, place=f"{IDLIB}/saraqib"),
        stated("2020-03-11", 2, place=f"{IDLIB}/maarat"),
    )
    days = days_now([today], DAMASCUS, moment("2020-03-11T12:00:00"))
    shown = {(labels[1], labels[2]): n for labels, n in place_samples(days, top=1) if labels[3] == "raw"}
    assert shown == {
        (f"{IDLIB}/saraqib", "today"): 1,
        (f"{IDLIB}/saraqib", "yesterday"): 9,
        ("other", "today"): 2,
    }


def test_partitions_are_shown_together() -> None:
    south = event(line=line(place="south"), theatre="south", changes=(cell("2020-03-11", "south", "*", 3),))
    samples = theatre_samples(
        days_now([fold(stated("2020-03-11", 8)), fold(south)], DAMASCUS, moment("2020-03-11T12:00:00"))
    )
    assert {labels[0]: n for labels, n in samples if labels[2] == "deduplicated"} == {"north-west": 8, "south": 3}
