"""Feeding the history of years ago now: counted and recorded, ticketed once, and nobody is woken for it."""

from __future__ import annotations

import datetime as dt

from backfill_world import NOW, RULES, Watched, crossing

from incident_pipeline.catalogue.canonical import canonical_rules_json
from incident_pipeline.demo.history import history
from incident_pipeline.limits import Limits


def test_the_history_of_2020_fed_today_pages_nobody_and_today_s_crossing_does() -> None:
    watched = Watched()
    said = watched.send(*(each.value for each in history(Limits().report_bytes)))
    assert {alert.day for alert in said} == {"2020-03-11"}
    assert all(alert.late and alert.backfilled for alert in said)
    assert watched.gauges() == {"active_alerts": {"backfilled": 1}, "alert_violations": {}}
    (today,) = watched.send(crossing(NOW.date()))
    assert (today.day, today.late, today.backfilled) == (NOW.date().isoformat(), False, False)
    assert watched.gauges() == {"active_alerts": {"backfilled": 1, "today": 1}, "alert_violations": {"today": 8}}


def test_the_bulletin_of_the_next_morning_pages_and_that_of_two_days_after_does_not() -> None:
    watched = Watched()
    (late,) = watched.send(crossing(NOW.date() - dt.timedelta(days=2)))
    (alert,) = watched.send(crossing(NOW.date() - dt.timedelta(days=1)))
    assert (late.late, alert.late) == (True, False)
    assert watched.gauges() == {
        "active_alerts": {"backfilled": 1, "yesterday": 1},
        "alert_violations": {"yesterday": 8},
    }


def test_years_of_history_are_one_count() -> None:
    watched = Watched()
    watched.send(*(crossing(dt.date(2020, 3, 6) + dt.timedelta(days=n)) for n in range(2_000)))
    assert watched.gauges() == {"active_alerts": {"backfilled": 2_000}, "alert_violations": {}}


def test_the_published_rules_write_the_bound_out() -> None:
    assert b'"late_after_seconds":43200' in canonical_rules_json(RULES)
