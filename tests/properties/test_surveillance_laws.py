"""What holds of surveillance on any sequence of events."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from surveillance_world import (
    HASAKAH,
    IDLIB,
    LATAKIA,
    NE,
    NW,
    OTHER_RULES,
    OVER,
    SARAQIB,
    SOME_RULES,
    Adopted,
    Calm,
    Closed,
    Count,
    Log,
    Sealed,
    Step,
    alert_bytes,
    below,
    certain,
    possible,
    rules_of,
    threshold,
)

from incident_pipeline.alert import Alert, AlertReason, AlertRuleNotice, AlertType, Said, Series
from incident_pipeline.catalogue.model import AlertRule, Basis, Bound, SeriesKind
from incident_pipeline.projection.series_now import SeriesNow
from incident_pipeline.projection.unusable_rules import UnusableRules
from incident_pipeline.surveillance import Watch, from_data, to_data, watch

DAYS = ("2020-03-09", "2020-03-10", "2020-03-11")
PLACES = (NW, IDLIB, SARAQIB, LATAKIA, NE, HASAKAH)
GROUPS = ("gov", "hts", "tip")
BASES = {Basis.RAW: 0, Basis.DEDUPLICATED: 1, Basis.CORROBORATED: 2, Basis.HIGH: 3}

rules = st.builds(
    threshold,
    st.just("any"),
    st.integers(1, 8),
    st.sampled_from(SeriesKind),
    basis=st.sampled_from(Basis),
    bound=st.sampled_from(Bound),
    group=st.sampled_from(["*", "hts", "[ht]*"]),
    place=st.sampled_from(["*", "idlib", "*a*"]),
    theatre=st.sampled_from(["*", NW]),
)
rule_sets = st.lists(rules, max_size=4).map(
    lambda found: [
        threshold(
            f"rule-{number}",
            int(rule.settings["at_least"]),
            rule.series,
            basis=rule.basis,
            bound=rule.bound,
            group=rule.group,
            place=rule.place,
            theatre=rule.theatre,
        )
        for number, rule in enumerate(found)
    ]
)
rule_sets_with_mistakes = st.tuples(rule_sets, st.sets(st.integers(0, 3))).map(
    lambda drawn: [
        msgspec.structs.replace(rule, settings={"atleast": 1}) if number in drawn[1] else rule
        for number, rule in enumerate(drawn[0])
    ]
)
days = st.sampled_from(DAYS)
small = st.integers(0, 6)
counts = st.builds(
    Count,
    small,
    st.sampled_from(["unattributed", "hts", "tip", "gov", "hts|tip"]),
    st.sampled_from(PLACES),
    days,
    raw=small,
    corroborated=small,
    high=small,
    cut=st.integers(0, 2),
)
rarer: st.SearchStrategy[Step] = st.one_of(
    st.builds(Closed, days, st.sampled_from([NW, NE])),
    st.builds(Sealed, days, st.sampled_from([NW, NE])),
    st.builds(Calm, days),
    st.builds(Adopted, st.sampled_from([SOME_RULES, OTHER_RULES])),
)
inputs = st.lists(st.one_of(counts, counts, counts, rarer), min_size=1, max_size=4)
histories = st.lists(inputs, max_size=25)


class History:
    """A log of inputs that a ledger could have left, and which day closed or was sealed under which rules."""

    def __init__(self, all_inputs: list[list[Step]]) -> None:
        self.log = Log()
        self.closed_under: dict[tuple[str, str], str] = {}
        self.sealed: set[tuple[str, str]] = set()
        for steps in all_inputs:
            lawful = [step for step in steps if self._may(step)]
            if lawful:
                self.log.put(*lawful)

    def _may(self, step: Step) -> bool:
        """Sealed days stay as they are, and a day closes once."""
        if isinstance(step, Adopted):
            self.rules = step.rules
            return True
        theatre = step.place.partition("/")[0] if isinstance(step, Count) else step.theatre
        key = (theatre, step.day)
        if key in self.sealed or (isinstance(step, Closed) and key in self.closed_under):
            return False
        if isinstance(step, Closed | Sealed):
            self.closed_under.setdefault(key, self.rules)
        if isinstance(step, Sealed):
            self.sealed.add(key)
        return True

    rules = SOME_RULES


def run(history: History, state: Watch) -> list[Alert]:
    return [alert for alert in everything_said(history, state) if isinstance(alert, Alert)]


def everything_said(history: History, state: Watch) -> list[Said]:
    return [said for event_id, value in history.log.records for said in watch(state, value, event_id)]


def all_series() -> Iterator[Series]:
    for basis in Basis:
        for theatre in (NW, NE):
            yield Series(basis=basis, kind=SeriesKind.THEATRE, place=theatre)
        for place in PLACES:
            at_place = "/" in place
            if at_place:
                yield Series(basis=basis, kind=SeriesKind.PLACE, place=place)
            for group in GROUPS:
                for bound in Bound:
                    kind = SeriesKind.GROUP_PLACE if at_place else SeriesKind.GROUP
                    yield Series(basis=basis, bound=bound, group=group, kind=kind, place=place)


def meant(rule: AlertRule, series: Series) -> bool:
    """Whether a rule speaks of a series, for the few patterns that are drawn here."""
    theatre, _, rest = series.place.partition("/")
    place = rest.split("/")[-1]
    return (
        (rule.series, rule.basis) == (series.kind, series.basis)
        and (series.bound is None or series.bound is rule.bound)
        and rule.theatre in {"*", theatre}
        and (series.group is None or {"*": True, "hts": series.group == "hts"}.get(rule.group, series.group != "gov"))
        and (not place or {"*": True, "idlib": place == "idlib"}.get(rule.place, "a" in place))
    )


def count_of(history: History, series: Series, day: str) -> int:
    cells = history.log.figures.get((series.place.partition("/")[0], day), {})
    basis = BASES[series.basis]
    if series.group is None:
        return sum(figures[basis] for (_, place), figures in cells.items() if below(place, series.place))
    counted = certain if series.bound is Bound.CERTAIN else possible
    return counted(cells, series.group, series.place, basis)


@given(rule_sets_with_mistakes, rule_sets_with_mistakes, histories, st.data())
def test_any_split_into_batches_and_any_restart_give_the_same_alert_bytes(
    some: list[AlertRule], other: list[AlertRule], all_inputs: list[list[Step]], data: st.DataObject
) -> None:
    history = History(all_inputs)
    known = {SOME_RULES: rules_of(*some), OTHER_RULES: rules_of(*other)}
    whole = Watch(known.__getitem__)
    alerts = everything_said(history, whole)
    restarts = set(data.draw(st.lists(st.sampled_from(history.log.ends), max_size=4))) if history.log.ends else set()
    resumed = Watch(known.__getitem__)
    again: list[Said] = []
    for position, (event_id, value) in enumerate(history.log.records):
        if position in restarts:
            resumed = from_data(to_data(resumed), known.__getitem__)
        again += watch(resumed, value, event_id)
    assert alert_bytes(again) == alert_bytes(alerts)
    assert to_data(resumed) == to_data(whole)


@given(rule_sets_with_mistakes, rule_sets_with_mistakes, histories)
def test_alert_rules_that_cannot_be_used_change_nothing_of_the_others_and_are_told_while_they_are_in_force(
    some: list[AlertRule], other: list[AlertRule], all_inputs: list[list[Step]]
) -> None:
    history = History(all_inputs)
    state = Watch({SOME_RULES: rules_of(*some), OTHER_RULES: rules_of(*other)}.__getitem__)
    said = everything_said(history, state)
    usable = [[rule for rule in found if "at_least" in rule.settings] for found in (some, other)]
    without = Watch({SOME_RULES: rules_of(*usable[0]), OTHER_RULES: rules_of(*usable[1])}.__getitem__)
    place = {"sequence": 0, "step": 0, "steps": 0}
    assert [msgspec.structs.replace(one, **place) for one in said if isinstance(one, Alert)] == [
        msgspec.structs.replace(one, **place) for one in run(history, without)
    ]
    assert [one.sequence for one in said] == list(range(len(said)))
    told = UnusableRules()
    for one in said:
        if isinstance(one, AlertRuleNotice):
            told.apply(one)
    in_force = {} if state.in_force is None else state.in_force.unusable
    assert {notice.rule for notice in told.now()} == set(in_force)


@given(rule_sets, rule_sets, histories)
def test_the_last_word_on_every_day_in_memory_agrees_with_its_count(
    some: list[AlertRule], other: list[AlertRule], all_inputs: list[list[Step]]
) -> None:
    history = History(all_inputs)
    alert_rules = {SOME_RULES: some, OTHER_RULES: other}
    last = {
        (alert.rule, alert.series, alert.day): alert
        for alert in run(history, Watch({key: rules_of(*found) for key, found in alert_rules.items()}.__getitem__))
    }
    for theatre in (NW, NE):
        for day in DAYS:
            if (theatre, day) in history.sealed:
                continue
            closed_under = history.closed_under.get((theatre, day))
            for series in (series for series in all_series() if series.place.partition("/")[0] == theatre):
                count = count_of(history, series, day)
                for rule in alert_rules[closed_under or history.rules]:
                    if meant(rule, series):
                        alert = last.get((rule.id, series, day))
                        abnormal = alert is not None and alert.verdict.abnormal
                        assert abnormal == (count >= int(rule.settings["at_least"]))


@given(rule_sets, histories)
def test_counts_now_that_a_reader_folds_for_itself_are_those_of_surveillance(
    some: list[AlertRule], all_inputs: list[list[Step]]
) -> None:
    history = History(all_inputs)
    known = rules_of(*some)
    state = Watch({SOME_RULES: known, OTHER_RULES: known}.__getitem__)
    run(history, state)
    now = SeriesNow(state.days)
    for _, value in history.log.records:
        now.apply(value)
    for (_, date), day in state.days.items():
        for series in (series for series in all_series() if series.place.partition("/")[0] == day.theatre):
            if day.watchlist.watch(series) is not None:
                assert now.count(day.theatre, date, series) == day.count_now(series)


@given(rule_sets, rule_sets, histories)
def test_what_is_said_of_a_day_follows_on_what_was_said_before(
    some: list[AlertRule], other: list[AlertRule], all_inputs: list[list[Step]]
) -> None:
    history = History(all_inputs)
    alerts = run(history, Watch({SOME_RULES: rules_of(*some), OTHER_RULES: rules_of(*other)}.__getitem__))
    assert [alert.sequence for alert in alerts] == list(range(len(alerts)))
    assert len({alert.alert_id for alert in alerts}) == len(alerts)
    assert [alert.input for alert in alerts] == sorted(alert.input for alert in alerts)
    before: dict[tuple[str, Series, str], Alert] = {}
    active: set[tuple[str, Series, str]] = set()
    for alert in alerts:
        key = (alert.rule, alert.series, alert.day)
        said = before.get(key)
        was_abnormal = said is not None and said.verdict.abnormal
        assert alert.revision == (said.revision + 1 if said else 1)
        assert alert.backfilled == (alert.day <= OVER)
        assert alert.late or not alert.backfilled
        assert said is None or said.input < alert.input
        if alert.type is AlertType.RAISED:
            assert alert.verdict.abnormal
            assert not was_abnormal
            assert not alert.late or said is None
        elif alert.type is AlertType.CLEARED:
            assert key in active
            assert alert.verdict.abnormal == (alert.reason is AlertReason.DAY_CLOSED)
        else:
            assert said is not None
            assert alert.late
            assert key not in active
            assert alert.verdict.abnormal != was_abnormal
        before[key] = alert
        if alert.type is AlertType.RAISED and not alert.late:
            active.add(key)
        else:
            active.discard(key)


@given(rule_sets, histories)
def test_a_day_that_is_over_has_no_active_alert(some: list[AlertRule], all_inputs: list[list[Step]]) -> None:
    history = History(all_inputs)
    known = rules_of(*some)
    last = {
        (alert.rule, alert.series, alert.day): alert
        for alert in run(history, Watch({SOME_RULES: known, OTHER_RULES: known}.__getitem__))
    }
    for alert in last.values():
        if alert.type is AlertType.RAISED and not alert.late:
            assert alert.day > OVER
            assert (alert.theatre, alert.day) not in history.closed_under
