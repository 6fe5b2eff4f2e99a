"""Which alerts are active: raised and not cleared, and late ones for a while."""

from __future__ import annotations

import msgspec

from incident_pipeline.alert import Alert, AlertReason, AlertType, Series, Verdict
from incident_pipeline.catalogue.model import Basis, SeriesKind
from incident_pipeline.codec import time_ms
from incident_pipeline.projection.active_alerts import LATE_ALERT_SECONDS, ActiveAlert, ActiveAlerts

THEATRE = Series(basis=Basis.DEDUPLICATED, kind=SeriesKind.THEATRE, place="north-west")
NOON = "2020-03-11T12:00:00.000Z"
NOON_MS = time_ms(NOON)


def alert(
    kind: AlertType = AlertType.RAISED,
    *,
    day: str = "2020-03-11",
    abnormal: bool = True,
    late: bool = False,
    recorded_at: str = NOON,
    rule: str = "daily-threshold",
) -> Alert:
    return Alert(
        alert_id=f"{rule}:{THEATRE.text}:{day}:1",
        cause="00",
        count=8,
        day=day,
        detector="threshold",
        input=0,
        late=late,
        reason=AlertReason.CROSSED,
        recorded_at=recorded_at,
        revision=1,
        rule=rule,
        rules="r",
        sequence=0,
        series=THEATRE,
        severity="page",
        step=0,
        steps=1,
        theatre="north-west",
        type=kind,
        verdict=Verdict(abnormal=abnormal, explanation="8 is at or above 5", limit=5),
    )


def active(alerts: ActiveAlerts, now_ms: float = NOON_MS) -> list[tuple[str, str, bool]]:
    return [(one.rule, one.day, one.late) for one in alerts.at(now_ms)]


def fold(*records: Alert) -> ActiveAlerts:
    alerts = ActiveAlerts()
    for record in records:
        alerts.apply(record)
    return alerts


def test_an_alert_is_active_from_raised_to_cleared_however_long_that_takes() -> None:
    assert active(fold(alert()), NOON_MS + 10 * 86_400_000) == [("daily-threshold", "2020-03-11", False)]
    assert active(fold(alert(), alert(AlertType.CLEARED, abnormal=False))) == []


def test_a_day_that_closes_takes_its_alert_along_though_its_verdict_stands() -> None:
    assert active(fold(alert(), alert(AlertType.CLEARED, abnormal=True))) == []


def test_clearing_one_day_leaves_the_others() -> None:
    alerts = fold(alert(), alert(day="2020-03-12"), alert(AlertType.CLEARED, abnormal=False))
    assert active(alerts) == [("daily-threshold", "2020-03-12", False)]


def test_a_late_alert_is_active_for_a_day_and_then_no_longer() -> None:
    alerts = fold(alert(late=True))
    assert active(alerts, NOON_MS + LATE_ALERT_SECONDS * 1_000 - 1) == [("daily-threshold", "2020-03-11", True)]
    assert active(alerts, NOON_MS + LATE_ALERT_SECONDS * 1_000) == []


def test_a_restatement_follows_its_verdict() -> None:
    worse = alert(AlertType.RESTATED, late=True)
    better = alert(AlertType.RESTATED, abnormal=False, late=True)
    assert active(fold(worse)) == [("daily-threshold", "2020-03-11", True)]
    assert active(fold(worse, better)) == []


def test_late_alerts_of_years_do_not_pile_up() -> None:
    alerts = ActiveAlerts()
    for year in range(2000, 2020):
        alerts.apply(alert(late=True, day=f"{year}-01-01", recorded_at=f"{year}-02-01T00:00:00.000Z"))
    assert [one.day for one in alerts.state()] == ["2019-01-01"]


def test_a_fold_restored_from_its_snapshot_is_the_same() -> None:
    alerts = fold(alert(), alert(day="2020-03-12", late=True), alert(rule="another"))
    kept = msgspec.json.encode(alerts.state())
    assert ActiveAlerts(msgspec.json.decode(kept, type=tuple[ActiveAlert, ...])).state() == alerts.state()
