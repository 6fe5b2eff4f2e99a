"""Surveillance of what the ledger really decides."""

from __future__ import annotations

from ledger_world import (
    DAY_MS,
    HOUR_MS,
    IDLIB,
    NOON_MS,
    NW,
    RULES,
    SARAQIB,
    World,
    aggregate,
    encode_events,
    item,
    quiet,
)
from surveillance_world import rules_of, threshold

from incident_pipeline.alert import Alert
from incident_pipeline.catalogue.model import AlertRule, Basis, Bound, SeriesKind
from incident_pipeline.chain import Tail
from incident_pipeline.surveillance import Watch, watch


def alerts_of(world: World, *rules: AlertRule) -> list[Alert]:
    state = Watch({RULES: rules_of(*rules)}.__getitem__)
    return [
        alert for event_id, value, _ in encode_events(world.events, Tail()) for alert in watch(state, value, event_id)
    ]


def test_three_bulletins_raise_one_alert_for_the_eight_of_the_third_day() -> None:
    world = World()
    for date, count in (("2020-03-09", 2), ("2020-03-10", 2), ("2020-03-11", 8)):
        world.report("centre", aggregate("centre", count, "hts|tip", IDLIB, day=date), quiet("centre", "gov", day=date))
    world.report("desk", aggregate("centre", 8, "hts|tip", IDLIB, day="2020-03-11"))
    (alert,) = alerts_of(
        world, threshold("day", 5), threshold("group", 10, SeriesKind.GROUP), threshold("none", 1, theatre="*-east")
    )
    assert (alert.day, alert.count, alert.late) == ("2020-03-11", 8, False)
    assert alert.verdict.explanation == "8 deduplicated violations on 2020-03-11 in nw, threshold 5"
    assert alert.report == "centre/r2"


def test_a_group_that_is_one_of_two_is_possible_and_not_certain() -> None:
    world = World()
    world.report("centre", aggregate("centre", 2, "hts|tip", IDLIB))
    world.report("a", item("a", "hts", SARAQIB))
    told = {
        (alert.rule, alert.series.group): alert.count
        for alert in alerts_of(
            world,
            threshold("certain", 1, SeriesKind.GROUP),
            threshold("possible", 2, SeriesKind.GROUP, bound=Bound.POSSIBLE),
            threshold("raw", 3, basis=Basis.RAW),
        )
    }
    assert told == {("certain", "hts"): 1, ("possible", "hts"): 2, ("possible", "tip"): 2, ("raw", None): 3}


def test_a_retraction_clears_the_alert_of_an_open_day() -> None:
    world = World()
    world.report("centre", aggregate("centre", 8, place=NW), report_id="bulletin")
    world.report("centre", report_id="withdrawal", retracts="bulletin", recorded_ms=NOON_MS + HOUR_MS)
    raised, cleared = alerts_of(world, threshold("day", 5))
    assert (raised.report, raised.reason.value) == ("centre/bulletin", "crossed")
    assert (cleared.report, cleared.reason.value, cleared.count) == ("centre/withdrawal", "fell_back", 0)


def test_a_retraction_restates_a_closed_day() -> None:
    world = World()
    world.report("centre", aggregate("centre", 8, place=NW), report_id="bulletin")
    world.tick(NOON_MS + 3 * DAY_MS)
    world.report("centre", report_id="withdrawal", retracts="bulletin", recorded_ms=NOON_MS + 3 * DAY_MS + HOUR_MS)
    raised, closed, restated = alerts_of(world, threshold("day", 5))
    assert [raised.late, closed.late, restated.late] == [False, False, True]
    assert [alert.reason.value for alert in (raised, closed, restated)] == ["crossed", "day_closed", "corrected"]
    assert not restated.verdict.abnormal
