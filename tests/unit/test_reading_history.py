"""The sample history of the demonstration, through intake and ledger."""

from __future__ import annotations

from collections import Counter

from reading_world import CATALOGUE

from incident_pipeline.demo.history import BAD_RECORDS, history
from incident_pipeline.intake.take import take
from incident_pipeline.intake.understand import Coordinates
from incident_pipeline.ledger import Ledger, Settings, decide
from incident_pipeline.line import NotCounted
from incident_pipeline.projection.daily_counts import DailyCounts
from incident_pipeline.rejection import Reason, Rejection

RECORDS = list(history(CATALOGUE.rules.limits.report_bytes))
RECORDED_AT_MS = 1_700_000_000_000
NW = "north-west"


def counted() -> tuple[DailyCounts, list[Reason]]:
    ledger, daily, dead, position = Ledger(), DailyCounts(), [], 0
    book = {CATALOGUE.hash: Settings.of(CATALOGUE.rules)}
    for offset, record in enumerate(RECORDS):
        taken = take(
            record.value, Coordinates(0, offset), CATALOGUE, recorded_at_ms=RECORDED_AT_MS + offset, partitions=1
        )
        if isinstance(taken, Rejection):
            dead.append(taken.reason)
            continue
        for _, understood in taken:
            for event in decide(ledger, position, understood, book):
                daily.apply(event)
            position += 1
    return daily, dead


DAILY, DEAD = counted()


def test_each_day_has_the_number_that_was_reported() -> None:
    days = {day: DAILY.days[NW, day] for day in ("2020-03-09", "2020-03-10", "2020-03-11")}
    assert [day.total.deduplicated for day in days.values()] == [2, 2, 8]
    assert [day.bounds[NW, "tip"] for day in days.values()] == [(0, 2), (0, 2), (0, 8)]
    assert days["2020-03-11"].bounds[NW, "hts"] == (1, 8)


def test_only_the_eleventh_is_beyond_the_threshold() -> None:
    assert [day for (_, day), one in sorted(DAILY.days.items()) if one.total.deduplicated >= 5] == ["2020-03-11"]


def test_convoys_and_quiet_statements_are_told_for_each_day() -> None:
    convoys = {
        day: {one.count for one in told.activities if one.kind == "convoy-escort"}
        for (_, day), told in DAILY.days.items()
    }
    assert [convoys[f"2020-03-{day}"] for day in ("09", "10", "11")] == [{13}, {4}, {7}]
    assert all(+DAILY.days[NW, f"2020-03-{day}"].quiet for day in ("09", "10", "11"))


def test_the_two_observers_tell_one_incident() -> None:
    day = DAILY.days[NW, "2020-03-11"]
    assert day.total.corroborated == 1
    assert day.total.raw > day.total.high > day.total.deduplicated


def test_what_is_not_counted_has_its_reason() -> None:
    reasons = Counter(one.reason for one in DAILY.uncounted)
    assert reasons["duplicate"] == 1
    assert reasons[NotCounted.BEFORE_AGREEMENT] == 1
    assert reasons[NotCounted.RETRACTED] == 1
    assert reasons[NotCounted.SUPERSEDED] == 1


def test_five_records_are_bad_each_in_its_own_way() -> None:
    assert len(DEAD) == BAD_RECORDS
    assert set(DEAD) == {Reason.NOT_JSON, Reason.WRONG_SHAPE, Reason.NO_DATE, Reason.DATED_IN_FUTURE, Reason.TOO_LARGE}


def test_the_history_is_the_same_bytes_each_time() -> None:
    assert list(history(CATALOGUE.rules.limits.report_bytes)) == RECORDS
