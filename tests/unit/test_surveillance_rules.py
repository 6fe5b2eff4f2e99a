"""Which rules a day is judged by, what a rules file may say, and the seam for more detectors."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import ClassVar

import msgspec
import pytest
from surveillance_world import (
    DAY,
    OTHER_RULES,
    SOME_RULES,
    Adopted,
    Calm,
    Closed,
    Count,
    Log,
    Step,
    World,
    alert_bytes,
    rules_of,
    threshold,
)

from incident_pipeline.alert import (
    Alert,
    AlertRuleNotice,
    RuleFault,
    RuleNoticeType,
    Said,
    Verdict,
    decode_said,
)
from incident_pipeline.catalogue.model import AlertRule, Bound, Rules, SeriesKind
from incident_pipeline.projection.unusable_rules import UnusableRules, in_words
from incident_pipeline.surveillance import (
    RulesError,
    Watch,
    check_alert_rules,
    from_data,
    to_data,
    watch,
)
from incident_pipeline.surveillance.detectors import DETECTORS, Detector, DetectorOf, History, Settings


def said(alerts: Sequence[Said]) -> list[tuple[str, str, str]]:
    return [(alert.rule, alert.type.value, alert.reason.value) for alert in alerts if isinstance(alert, Alert)]


def test_adopted_rules_judge_open_days_at_once() -> None:
    world = World(threshold("day", 5), other=[threshold("day", 3)])
    world.put(Count(4))
    (alert,) = world.put(Adopted())
    assert said([alert]) == [("day", "alert.raised", "rules_changed")]
    assert alert.rules == OTHER_RULES
    assert alert.verdict.limit == 3


def test_adopted_rules_with_a_higher_number_clear_what_it_no_longer_reaches() -> None:
    world = World(threshold("day", 5), other=[threshold("day", 9)])
    world.put(Count(6))
    assert said(world.put(Adopted())) == [("day", "alert.cleared", "rules_changed")]
    assert said(world.put(Count(9))) == [("day", "alert.raised", "crossed")]


def test_a_rule_that_is_gone_clears_its_alert_and_counts_on_when_it_returns() -> None:
    world = World(threshold("day", 5), other=[threshold("else", 7)])
    world.put(Count(6))
    (gone,) = world.put(Adopted())
    assert said([gone]) == [("day", "alert.cleared", "rules_changed")]
    assert gone.verdict.explanation == "the rule is no longer in force"
    assert gone.count == 6
    (back,) = world.put(Adopted(SOME_RULES))
    assert back.revision == 3


def test_series_that_no_rule_watched_before_are_counted_from_the_figures() -> None:
    world = World(
        threshold("day", 5),
        other=[threshold("group", 2, SeriesKind.GROUP, bound=Bound.POSSIBLE), threshold("place", 3, SeriesKind.PLACE)],
    )
    world.put(Count(2, "hts|tip", "north-west/idlib"))
    world.put(Count(1, "gov", "north-west/idlib/saraqib"))
    assert [(alert.rule, alert.series.place, alert.count) for alert in world.put(Adopted())] == [
        ("group", "north-west", 2),
        ("group", "north-west", 2),
        ("place", "north-west/idlib", 3),
    ]


def test_a_closed_day_keeps_the_rules_that_it_closed_under() -> None:
    world = World(threshold("day", 5), other=[threshold("day", 2)])
    world.put(Count(4))
    world.put(Closed())
    assert world.put(Adopted()) == []
    (late,) = world.put(Count(5))
    assert (late.rules, late.verdict.limit, late.late) == (SOME_RULES, 5, True)
    assert len(world.put(Count(2, day="2020-03-12"))) == 1


def test_rules_adopted_and_counted_under_in_one_input_judge_it_once() -> None:
    world = World(threshold("day", 5), other=[threshold("day", 3)])
    assert said(world.put(Count(4), Adopted(), Count(2))) == []
    assert said(world.put(Count(6), Adopted(SOME_RULES), Adopted())) == [("day", "alert.raised", "rules_changed")]


def test_adopting_the_rules_in_force_says_nothing() -> None:
    world = World(threshold("day", 5))
    world.put(Adopted(SOME_RULES))
    world.put(Count(6))
    assert world.put(Adopted(SOME_RULES)) == []


def test_rules_that_are_not_known_are_named_with_what_to_do() -> None:
    log = Log()
    (record,) = log.put(Count(1))
    nothing: dict[str, Rules] = {}
    state = Watch(nothing.__getitem__)
    with pytest.raises(RulesError, match=f"Rules {SOME_RULES} .* read that topic"):
        watch(state, record[1], record[0])


UNUSABLE = [
    (threshold("bad", 5, detector="oracle"), RuleFault.UNKNOWN_DETECTOR),
    (AlertRule(id="bad", series=SeriesKind.THEATRE, settings={"atleast": 3}), RuleFault.UNUSABLE_SETTINGS),
    (AlertRule(id="bad", series=SeriesKind.THEATRE), RuleFault.UNUSABLE_SETTINGS),
    *((threshold("bad", setting), RuleFault.UNUSABLE_SETTINGS) for setting in (-3, 0, "3", 2.5)),
]


class TestARuleThatCannotBeUsed:
    @pytest.mark.parametrize(("rule", "reason"), UNUSABLE)
    def test_is_passed_over_and_told_while_the_others_are_judged(self, rule: AlertRule, reason: RuleFault) -> None:
        world = World(rule, threshold("day", 3))
        notice, alert = world.put(Count(4))
        assert isinstance(notice, AlertRuleNotice)
        assert (notice.type, notice.rule, notice.reason) == (RuleNoticeType.UNUSABLE, "bad", reason)
        assert (notice.rules, notice.detector, notice.theatre) == (SOME_RULES, rule.detector, "*")
        assert said([alert]) == [("day", "alert.raised", "crossed")]
        assert [(one.sequence, one.step, one.steps, one.input) for one in (notice, alert)] == [
            (0, 0, 2, 0),
            (1, 1, 2, 0),
        ]
        assert said(world.put(Count(2))) == [("day", "alert.cleared", "fell_back")]

    def test_is_told_once_whatever_restarts(self) -> None:
        world = World(threshold("bad", 0), other=[threshold("bad", 0), threshold("more", 9)])
        assert kinds(world.put(Count(1))) == [("bad", "alert_rule.unusable")]
        world.restart()
        assert world.put(Count(2)) == []
        assert world.put(Adopted()) == []  # another version with the same mistake

    def test_judges_open_days_once_it_is_corrected(self) -> None:
        world = World(threshold("bad", 0), other=[threshold("bad", 3)])
        world.put(Count(4))
        assert kinds(world.put(Adopted())) == [("bad", "alert_rule.restored"), ("bad", "alert.raised")]
        assert kinds(world.put(Adopted(SOME_RULES))) == [("bad", "alert_rule.unusable"), ("bad", "alert.cleared")]

    def test_that_comes_and_goes_within_one_input_is_not_told(self) -> None:
        world = World(threshold("day", 5), other=[threshold("day", -1)])
        world.put(Count(1))
        assert world.put(Adopted(), Adopted(SOME_RULES)) == []
        assert kinds(world.put(Adopted(), Adopted(SOME_RULES), Adopted())) == [("day", "alert_rule.unusable")]

    def test_travels_as_a_record_of_its_own_contract(self) -> None:
        world = World(threshold("bad", 0), threshold("day", 3))
        records = alert_bytes(world.put(Count(4)))
        assert [dict(headers)["ce_type"] for _, _, headers in records] == [
            b"org.incident-pipeline.alert_rule.unusable",
            b"org.incident-pipeline.alert.raised",
        ]
        assert dict(records[0][2])["ce_dataschema"] == b"urn:incident-pipeline:schema:alert-rule:v1"
        assert [decode_said(value) for _, value, _ in records] == world.alerts
        assert records[0][1] == (
            b'{"cause":"%b","detector":"threshold","input":0,"reason":"unusable_settings",'
            b'"recorded_at":"%b","rule":"bad","rules":"%b","sequence":0,"step":0,"steps":2,'
            b'"theatre":"*","type":"alert_rule.unusable"}'
        ) % (world.alerts[0].cause.encode(), world.alerts[0].recorded_at.encode(), SOME_RULES.encode())

    def test_is_listed_until_every_partition_has_it_again(self) -> None:
        partitions = [World(threshold("bad", 0), other=[threshold("bad", 3)]) for _ in range(2)]
        listed = UnusableRules()

        def put(world: World, step: Step) -> None:
            for one in world.put(step):
                assert isinstance(one, AlertRuleNotice)
                listed.apply(one)

        for world in partitions:
            put(world, Count(1))
        put(partitions[0], Adopted())
        (notice,) = listed.now()
        assert "'bad' judges no day: its detector 'threshold' cannot use its settings" in in_words(notice)
        put(partitions[1], Adopted())
        assert listed.now() == []


def kinds(records: Sequence[Said]) -> list[tuple[str, str]]:
    return [(record.rule, record.type.value) for record in records]


def test_rules_that_can_work_have_nothing_wrong() -> None:
    rules = rules_of(
        threshold("day", 5, theatre="north-*"),
        threshold("there", 1, SeriesKind.GROUP_PLACE, group="h?s", place="sara*", bound=Bound.POSSIBLE),
    )
    assert check_alert_rules(rules) == []


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (AlertRule(id="x", series=SeriesKind.THEATRE, detector="oracle"), "'oracle' is unknown; permitted: threshold"),
        (AlertRule(id="x", series=SeriesKind.THEATRE), "needs the setting 'at_least': a whole number from 1"),
        (threshold("x", 0), "'at_least' is 0; permitted: a whole number from 1"),
        (threshold("x", at_least=True), "'at_least' is True; permitted"),
        (threshold("x", "five"), "'at_least' is 'five'; permitted"),
        (threshold("x", 2.5), "'at_least' is 2.5; permitted"),
        (
            AlertRule(id="x", series=SeriesKind.THEATRE, settings={"at_least": 5, "sigma": 3}),
            "'sigma' is unknown to detector 'threshold'; permitted: at_least",
        ),
        (threshold("x", 5, group="hts"), "'group' means nothing to series 'theatre'; permitted there: group"),
        (threshold("x", 5, place="idlib"), "'place' means nothing to series 'theatre'; permitted there: place"),
        (threshold("x", 5, bound=Bound.POSSIBLE), "'bound' means nothing to series 'theatre'"),
        (threshold("x", 5, theatre="nort-west"), "'nort-west' matches no theatre of the catalogue; it has: north-east"),
        (threshold("x", 5, SeriesKind.PLACE, place="north-west"), "matches no place of the catalogue; it has: hasakah"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_rule_is_said_with_what_is_permitted(rule: AlertRule, message: str) -> None:
    (wrong,) = check_alert_rules(rules_of(rule))
    assert wrong.rule == "x"
    assert message in f"'{wrong.field}' {wrong.problem}"


@dataclasses.dataclass(frozen=True)
class MoreThanAnyDay:
    """A detector with history: more than on any known day of the last `days`."""

    history_days: int

    @classmethod
    def of(cls, settings: Settings) -> MoreThanAnyDay | str:
        days = settings.get("days")
        return cls(days) if isinstance(days, int) else "needs 'days'"

    def verdict(self, history: History, count: int) -> Verdict:
        known = [day for day in history if day is not None]
        limit = max(known) + 1 if known else None
        words = "-".join("?" if day is None else str(day) for day in history)
        return Verdict(abnormal=limit is not None and count >= limit, explanation=f"after {words}", limit=limit)


class TestADetectorWithHistory:
    detectors: ClassVar[dict[str, DetectorOf]] = {**DETECTORS, "more-than-any-day": MoreThanAnyDay.of}

    def world(self, *alerts: AlertRule) -> World:
        world = World(*alerts or (self.rule("more", 3),))
        world.state = Watch(world.rules.__getitem__, self.detectors)
        return world

    def rule(self, rule_id: str, days: int) -> AlertRule:
        return AlertRule(id=rule_id, series=SeriesKind.THEATRE, detector="more-than-any-day", settings={"days": days})

    def test_is_a_detector(self) -> None:
        detector: Detector = MoreThanAnyDay(3)
        assert detector.history_days == 3

    def test_sees_the_days_before_with_unknown_apart_from_zero(self) -> None:
        world = self.world()
        world.put(Count(2, day="2020-03-09"))
        world.put(Calm(day="2020-03-10"))
        (alert,) = world.put(Count(3))
        assert alert.verdict.explanation.endswith("in north-west, after ?-2-0")
        assert alert.verdict.limit == 3

    def test_cannot_fire_where_it_gives_no_limit(self) -> None:
        world = self.world()
        assert world.put(Count(50)) == []

    def test_looks_back_as_far_as_its_own_setting_beside_a_longer_one(self) -> None:
        world = self.world(self.rule("short", 1), self.rule("long", 2))
        world.put(Count(4, day="2020-03-09"))
        world.put(Count(1, day="2020-03-10"))
        assert [(alert.rule, alert.day) for alert in world.put(Count(2))] == [("short", DAY)]

    def test_keeps_its_baseline_when_an_earlier_day_is_corrected_and_over_a_restart(self) -> None:
        world = self.world()
        world.put(Count(2, day="2020-03-10"))
        world.put(Count(1))
        world.put(Count(9, day="2020-03-10"))
        world.state = from_data(to_data(world.state), world.rules.__getitem__, self.detectors)
        (alert,) = world.put(Count(3))
        assert alert.verdict.explanation.endswith("after ?-?-2")

    def test_looks_back_afresh_from_an_open_day_when_other_rules_take_force(self) -> None:
        world = self.world(self.rule("more", 1))
        world.rules[OTHER_RULES] = rules_of(self.rule("more", 3))
        world.put(Count(7, day="2020-03-09"))
        world.put(Count(2, day="2020-03-10"))
        world.put(Count(1))
        world.put(Adopted())
        assert [alert.day for alert in world.put(Count(7))] == []
        (alert,) = world.put(Count(8))
        assert alert.verdict.explanation.endswith("after ?-7-2")

    def test_sees_closed_days_through_the_rules_that_are_in_force_now(self) -> None:
        world = self.world(threshold("place", 99, SeriesKind.PLACE))
        world.rules[OTHER_RULES] = rules_of(self.rule("more", 1))
        world.put(Count(2, day="2020-03-10"))
        world.put(Closed(day="2020-03-10"))
        world.put(Adopted())
        (alert,) = world.put(Count(3))
        assert alert.verdict.explanation.endswith("after 2")


def test_a_snapshot_within_an_input_is_refused_and_damage_is_told() -> None:
    world = World(threshold("day", 5))
    records = world.log.put(Count(6), Count(7))
    watch(world.state, records[0][1], records[0][0])
    assert world.state.settled is False
    with pytest.raises(ValueError, match="between two inputs"):
        to_data(world.state)
    watch(world.state, records[1][1], records[1][0])
    assert to_data(world.state)["sequence"] == 1
    with pytest.raises(msgspec.ValidationError):
        from_data({"days": 3}, world.rules.__getitem__)
