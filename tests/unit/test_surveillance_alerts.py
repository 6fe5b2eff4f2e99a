"""When a day is called abnormal, when no longer, and in which words."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from surveillance_world import (
    DAY,
    HASAKAH,
    IDLIB,
    LATAKIA,
    NE,
    NW,
    OVER,
    SARAQIB,
    SOME_RULES,
    Adopted,
    Calm,
    Closed,
    Count,
    Sealed,
    World,
    rules_of,
    threshold,
)

from incident_pipeline.alert import Alert
from incident_pipeline.catalogue.load import canonical_rules_json, rules_from_json
from incident_pipeline.catalogue.model import Basis, Bound, SeriesKind
from incident_pipeline.codec import encode
from incident_pipeline.limits import Limits
from incident_pipeline.surveillance import to_data


def said(alerts: list[Alert]) -> list[tuple[str, str, bool]]:
    return [(alert.type.value, alert.reason.value, alert.late) for alert in alerts]


def test_a_day_that_reaches_its_threshold_raises_one_alert_with_its_reason() -> None:
    world = World(threshold("day", 5, severity="page"))
    assert world.put(Count(2, "hts|tip", day="2020-03-09")) == []
    assert world.put(Count(4, "hts|tip")) == []
    (alert,) = world.put(Count(8, "hts|tip"))
    assert said([alert]) == [("alert.raised", "crossed", False)]
    assert alert.verdict.abnormal
    assert alert.verdict.limit == 5
    assert alert.verdict.explanation == "8 deduplicated violations on 2020-03-11 in north-west, threshold 5"
    assert (alert.count, alert.day, alert.theatre, alert.severity) == (8, DAY, NW, "page")
    assert alert.alert_id == "day:theatre:north-west:deduplicated:2020-03-11:1"
    assert alert.report == "centre/r2"
    assert alert.cause == world.log.records[2][0].hex()
    assert world.put(Count(9, "hts|tip")) == []


def test_exactly_the_threshold_is_enough_and_one_less_is_not() -> None:
    world = World(threshold("day", 5))
    assert world.put(Count(4)) == []
    assert len(world.put(Count(5))) == 1


def test_an_open_day_that_falls_back_is_cleared_and_may_be_raised_again() -> None:
    world = World(threshold("day", 5))
    told = [said(world.put(Count(count))) for count in (6, 5, 3, 2, 7)]
    assert told == [
        [("alert.raised", "crossed", False)],
        [],
        [("alert.cleared", "fell_back", False)],
        [],
        [("alert.raised", "crossed", False)],
    ]
    assert [alert.revision for alert in world.alerts] == [1, 2, 3]


def test_a_day_that_closes_clears_its_alert_and_keeps_its_verdict() -> None:
    world = World(threshold("day", 5))
    world.put(Count(6))
    (cleared,) = world.put(Closed())
    assert said([cleared]) == [("alert.cleared", "day_closed", False)]
    assert cleared.verdict.abnormal
    assert cleared.report is None
    assert world.put(Count(7)) == []


def test_a_quiet_day_closes_without_a_word() -> None:
    world = World(threshold("day", 5))
    world.put(Calm())
    world.put(Count(4))
    assert world.put(Closed()) == []


def test_a_closed_day_that_crosses_for_the_first_time_is_raised_late() -> None:
    world = World(threshold("day", 5))
    world.put(Count(1))
    world.put(Closed())
    assert said(world.put(Count(6))) == [("alert.raised", "crossed", True)]


def test_a_correction_of_what_was_said_of_a_closed_day_is_restated_in_both_directions() -> None:
    world = World(threshold("day", 5))
    world.put(Count(6))
    world.put(Closed())
    (down,) = world.put(Count(2))
    (up,) = world.put(Count(9))
    assert said([down, up]) == [("alert.restated", "corrected", True)] * 2
    assert [down.verdict.abnormal, up.verdict.abnormal] == [False, True]


def test_a_day_closed_before_it_was_first_counted_is_late() -> None:
    world = World(threshold("day", 5))
    world.put(Closed())
    assert said(world.put(Count(5))) == [("alert.raised", "crossed", True)]


def test_a_day_that_was_over_when_it_was_first_spoken_of_is_late_from_the_start() -> None:
    world = World(threshold("day", 5))
    world.put(Count(3, day=OVER))
    (raised,) = world.put(Count(6, day=OVER))
    (down,) = world.put(Count(2, day=OVER))
    assert said([raised, down]) == [("alert.raised", "crossed", True), ("alert.restated", "corrected", True)]
    assert raised.backfilled
    world.restart()
    (up,) = world.put(Count(7, day=OVER))
    assert (said([up]), up.backfilled) == ([("alert.restated", "corrected", True)], True)
    assert world.put(Closed(OVER)) == [], "it was never open, so that nothing ends with it"


def test_a_backfill_stands_in_nobody_s_way() -> None:
    world = World(threshold("day", 5))
    world.put(*(Count(9, day=day) for day in ("2015-01-01", "2020-02-29", OVER)))
    (alert,) = world.put(Count(5))
    assert (alert.day, *said([alert])) == (DAY, ("alert.raised", "crossed", False))


def test_other_rules_judge_a_day_that_is_filled_in_until_it_closes_and_what_they_find_is_late() -> None:
    world = World(threshold("day", 5), other=[threshold("day", 2)])
    world.put(Count(3, day=OVER), Count(3))
    assert [(alert.day, *said([alert])) for alert in world.put(Adopted())] == [
        (OVER, ("alert.raised", "rules_changed", True)),
        (DAY, ("alert.raised", "rules_changed", False)),
    ]
    assert [said([alert]) for alert in world.put(Adopted(SOME_RULES))] == [
        [("alert.restated", "rules_changed", True)],
        [("alert.cleared", "rules_changed", False)],
    ]
    world.put(Closed(OVER), Closed())
    assert world.put(Adopted()) == []


def test_what_was_found_by_a_rule_that_is_gone_no_longer_holds_on_a_day_that_is_filled_in() -> None:
    world = World(threshold("day", 5), other=[])
    world.put(Count(6, day=OVER))
    (gone,) = world.put(Adopted())
    assert (said([gone]), gone.verdict.abnormal) == ([("alert.restated", "rules_changed", True)], False)
    world.put(Closed(OVER), Adopted(SOME_RULES))
    assert world.put(Count(7, day=OVER)) == [], "it closed under rules that have no such rule"


@pytest.mark.parametrize(("ends_at", "late"), [("24:00", False), ("23:59", True)])
def test_a_day_is_late_from_so_long_after_its_cut_off_on(ends_at: str, *, late: bool) -> None:
    rules = rules_of(threshold("day", 5))
    mission = msgspec.structs.replace(rules.mission, day_ends_at=ends_at)
    limits = Limits(late_after_seconds=1)  # the first event is of midnight UTC, which ends `DAY`
    world = World()
    world.rules[SOME_RULES] = msgspec.structs.replace(rules, limits=limits, mission=mission)
    assert [alert.late for alert in world.put(Count(5))] == [late]


def test_rules_of_before_know_of_no_day_that_is_late_from_the_start() -> None:
    published = json.loads(canonical_rules_json(rules_of(threshold("day", 5))))
    del published["limits"]["late_after_seconds"]
    world = World()
    world.rules[SOME_RULES] = rules_from_json(encode(published))
    assert said(world.put(Count(5, day="2015-01-01"))) == [("alert.raised", "crossed", False)]


def test_an_input_is_judged_once_by_the_state_that_it_leaves() -> None:
    world = World(threshold("day", 5))
    assert world.put(Count(9), Count(3)) == []
    assert len(world.put(Count(9), Count(3), Count(6))) == 1
    assert world.alerts[0].cause == world.log.records[-1][0].hex()
    assert world.put(Count(1), Count(6)) == []


def test_the_cause_is_the_event_at_which_the_verdict_changed_and_the_input_is_its_last() -> None:
    world = World(threshold("day", 5))
    (alert,) = world.put(Count(3), Count(6), Count(7))
    assert alert.cause == world.log.records[1][0].hex()
    assert alert.input == 2
    assert alert.count == 7


def test_a_day_that_closes_and_changes_in_one_input_is_spoken_of_once() -> None:
    world = World(threshold("day", 5))
    world.put(Count(6))
    assert said(world.put(Closed(), Count(2))) == [("alert.cleared", "fell_back", False)]
    fresh = World(threshold("day", 5))
    fresh.put(Count(2))
    assert said(fresh.put(Closed(), Count(6))) == [("alert.raised", "crossed", True)]


def test_a_sealed_day_leaves_memory_and_clears_what_stands() -> None:
    world = World(threshold("day", 5))
    world.put(Count(6))
    assert said(world.put(Sealed())) == [("alert.cleared", "day_closed", False)]
    assert to_data(world.state)["days"] == []
    assert world.put(Sealed()) == []
    assert to_data(world.state)["days"] == []


def test_theatres_and_days_are_judged_apart() -> None:
    world = World(threshold("day", 5))
    assert world.put(Count(4), Count(4, place=HASAKAH), Count(4, day="2020-03-10")) == []
    assert [alert.theatre for alert in world.put(Count(5, place=HASAKAH))] == [NE]
    assert world.put(Closed(theatre=NW)) == []


def test_the_alerts_of_one_input_are_numbered_in_one_order() -> None:
    world = World(threshold("b", 5), threshold("a", 5), threshold("high", 5, basis=Basis.HIGH))
    alerts = world.put(Count(6), Count(7, day="2020-03-10"))
    assert [(alert.day, alert.rule) for alert in alerts] == [
        (day, rule) for day in ("2020-03-10", DAY) for rule in ("a", "b", "high")
    ]
    assert [alert.step for alert in alerts] == [alert.sequence for alert in alerts] == list(range(6))
    assert {alert.steps for alert in alerts} == {6}


def test_two_rules_on_one_series_speak_each_at_its_own_number() -> None:
    world = World(threshold("amber", 3), threshold("red", 6))
    told = [[(alert.rule, alert.type.value) for alert in world.put(Count(count))] for count in (4, 7, 5, 1)]
    assert told == [
        [("amber", "alert.raised")],
        [("red", "alert.raised")],
        [("red", "alert.cleared")],
        [("amber", "alert.cleared")],
    ]


@pytest.mark.parametrize("basis", list(Basis))
def test_a_rule_counts_on_its_own_basis(basis: Basis) -> None:
    world = World(threshold("day", 5, basis=basis))
    low: dict[str, Any] = {"raw": 4, "deduplicated": 3, "corroborated": 2, "high": 4}
    high = low | {basis.value: 5}
    assert world.put(Count(**low)) == []
    assert [alert.count for alert in world.put(Count(**high))] == [5]


@pytest.mark.parametrize("basis", list(Basis))
def test_a_place_counts_all_below_it_whoever_did_it(basis: Basis) -> None:
    world = World(threshold("place", 5, SeriesKind.PLACE, basis=basis))
    world.put(Count(2, "hts", SARAQIB, corroborated=2))
    world.put(Count(2, place=LATAKIA, corroborated=2))
    (alert,) = world.put(Count(3, place=IDLIB, corroborated=3))
    assert alert.series.place == IDLIB
    assert alert.count == 5
    assert alert.verdict.explanation == f"5 {basis.value} violations on 2020-03-11 in idlib, threshold 5"


def test_the_theatre_is_a_series_of_its_own_and_no_place() -> None:
    world = World(threshold("place", 5, SeriesKind.PLACE))
    assert world.put(Count(9)) == []


@pytest.mark.parametrize("basis", list(Basis))
@pytest.mark.parametrize(
    ("bound", "count"),
    [(Bound.CERTAIN, 2), (Bound.POSSIBLE, 5)],
)
def test_a_group_has_a_certain_and_a_possible_count(basis: Basis, bound: Bound, count: int) -> None:
    rule = threshold("group", count, SeriesKind.GROUP, basis=basis, bound=bound, group="hts")
    world = World(rule)
    assert world.put(Count(3, "hts|tip", IDLIB, corroborated=3), Count(9, place=IDLIB, corroborated=9)) == []
    (alert,) = world.put(Count(2, "hts", SARAQIB, corroborated=2))
    assert alert.count == count
    assert alert.series.text == f"group:hts@north-west:{basis.value}.{bound.value}"
    assert f"{count} {basis.value} violations on 2020-03-11 by hts ({bound.value}) in" in alert.verdict.explanation


@pytest.mark.parametrize("basis", [Basis.DEDUPLICATED, Basis.RAW])
def test_a_group_at_a_place_counts_all_below_it_and_not_the_theatre(basis: Basis) -> None:
    rule = threshold("there", 4, SeriesKind.GROUP_PLACE, basis=basis, group="h*", place="idlib")
    world = World(rule)
    assert world.put(Count(9, "hts", LATAKIA), Count(9, "gov", IDLIB), Count(3, "hts", IDLIB)) == []
    (alert,) = world.put(Count(1, "hts", SARAQIB))
    assert (alert.series.group, alert.series.place, alert.count) == ("hts", IDLIB, 4)


def test_patterns_choose_theatres_groups_and_places_by_their_ids() -> None:
    world = World(
        threshold("east", 1, theatre="*-east"),
        threshold("towns", 1, SeriesKind.PLACE, place="sara*"),
        threshold("not-gov", 1, SeriesKind.GROUP, group="[!g]*"),
    )
    alerts = world.put(Count(1, "gov", SARAQIB), Count(1, "hts", HASAKAH))
    assert [alert.alert_id.rpartition(":2020")[0] for alert in alerts] == [
        "east:theatre:north-east:deduplicated",
        "not-gov:group:hts@north-east:deduplicated.certain",
        "towns:place:north-west/idlib/saraqib:deduplicated",
    ]


def test_one_violation_is_told_in_the_singular() -> None:
    world = World(threshold("day", 1))
    (alert,) = world.put(Count(1))
    assert alert.verdict.explanation.startswith("1 deduplicated violation on 2020-03-11 in")
