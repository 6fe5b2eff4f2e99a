"""What is to be said at the end of an input: the transitions of verdicts, as alerts.

|  | becomes abnormal | becomes normal |
|---|---|---|
| open day | `raised`, crossed | `cleared`, fell_back |
| day that is over, nothing said of it before | `raised`, crossed, late | |
| day that is over, something said of it before | `restated`, corrected, late | `restated`, corrected, late |

A day is over once it is closed, and from the start where it was first spoken of too late (`late_after_seconds`). A day
that closes while its alert is active: `cleared`, day_closed (its verdict stands). Where other rules changed the verdict
of a day that is not closed yet, the reason is rules_changed.
"""

from __future__ import annotations

import dataclasses

from incident_pipeline.alert import (
    Alert,
    AlertReason,
    AlertRuleNotice,
    AlertType,
    RuleNoticeType,
    Said,
    Series,
    Verdict,
)
from incident_pipeline.catalogue.model import Bound
from incident_pipeline.event import ALL_THEATRES
from incident_pipeline.surveillance.state import Cause, Day, SeriesDay, Standing, Watch
from incident_pipeline.surveillance.view import Circumstances, decode_circumstances
from incident_pipeline.surveillance.watchlist import NEVER, Ruled, Unusable

Transition = tuple[AlertType, AlertReason]


@dataclasses.dataclass(frozen=True, slots=True)
class Statement:
    """One alert before it is numbered."""

    day: Day
    ruled: Ruled
    series: Series
    count: int
    transition: Transition
    verdict: Verdict
    cause: Cause
    late: bool
    revision: int

    @property
    def order(self) -> tuple[str, str, str]:
        """Alerts of one input stand by day, rule and series."""
        return self.day.date, self.ruled.rule.id, self.series.text


def settle(state: Watch, value: bytes) -> list[Said]:
    """Judge what an input has touched, drop the days that it sealed, and number what is said.

    `value` is its last event's.
    """
    notices = _changed_rules(state)
    statements = _of_orphans(state)
    touched = dict(state.pending)
    for day, cause in state.closing.items():
        for (_, series), standing in day.standings.items():
            watched = day.watchlist.watch(series)
            if standing.active and watched is not None:
                touched.setdefault(state.series_day(day, watched), (day, cause))
    for series_day, (day, cause) in touched.items():
        statements += _judge(state, day, series_day, cause)
    for key in state.sealing:
        state.days.pop(key, None)
    adopted = state.adopted
    state.pending, state.closing, state.sealing, state.orphans, state.adopted = {}, {}, [], [], None
    statements.sort(key=lambda statement: statement.order)
    event, steps = decode_circumstances(value), len(notices) + len(statements)
    said: list[Said] = []
    if adopted is not None:
        said += _numbered_notices(state, notices, adopted.cause, event, steps)
    said += _numbered(state, statements, event, steps)
    state.sequence += steps
    return said


def _changed_rules(state: Watch) -> list[tuple[str, Unusable | None]]:
    """Alert rules that cannot be used since this input, each with why, and those that no longer stand in the way."""
    if state.adopted is None or state.in_force is None:
        return []
    before, now = state.adopted.unusable_before, state.in_force.unusable
    return [(rule, now.get(rule)) for rule in sorted({*before, *now}) if (rule in now) != (rule in before)]


def _numbered_notices(
    state: Watch, notices: list[tuple[str, Unusable | None]], cause: Cause, event: Circumstances, steps: int
) -> list[AlertRuleNotice]:
    return [
        AlertRuleNotice(
            cause=cause.event_id,
            detector=None if unusable is None else unusable.rule.detector,
            input=event.sequence,
            reason=None if unusable is None else unusable.why.fault,
            recorded_at=event.recorded_at,
            rule=rule,
            rules="" if state.in_force is None else state.in_force.rules_hash,
            sequence=state.sequence + step,
            step=step,
            steps=steps,
            theatre=ALL_THEATRES,
            type=RuleNoticeType.RESTORED if unusable is None else RuleNoticeType.UNUSABLE,
        )
        for step, (rule, unusable) in enumerate(notices)
    ]


def _of_orphans(state: Watch) -> list[Statement]:
    """Alerts whose rule has gone are cleared, or on a day that is over restated."""
    statements = []
    for orphan in state.orphans:
        day, ruled, series = orphan.day, orphan.ruled, orphan.series
        standing = day.standings[ruled.rule.id, series]
        stands = standing.active or (day.backfilled and standing.abnormal)
        if not stands or day.watchlist.holds(ruled.rule.id, series):
            continue
        _restand(standing, abnormal=False, active=False)
        statements.append(
            Statement(
                day,
                ruled,
                series,
                day.count_of(series, orphan.judged_by),
                (AlertType.RESTATED if day.backfilled else AlertType.CLEARED, AlertReason.RULES_CHANGED),
                Verdict(abnormal=False, explanation="the rule is no longer in force"),
                orphan.cause,
                late=day.backfilled,
                revision=standing.revision,
            )
        )
    return statements


def _judge(state: Watch, day: Day, series_day: SeriesDay, cause: Cause) -> list[Statement]:
    """What each rule of a series has to say of the day."""
    statements = []
    series = series_day.watched.series
    for ruled, limit in zip(series_day.watched.rules, series_day.limits, strict=True):
        standing = day.standings.get((ruled.rule.id, series))
        abnormal = series_day.count >= limit
        transition = _transition(standing, cause, abnormal=abnormal, over=day.over)
        if transition is None:
            continue
        if standing is None:
            standing = day.standings[ruled.rule.id, series] = Standing()
        _restand(standing, abnormal=abnormal, active=transition[0] is AlertType.RAISED and not day.over)
        statements.append(
            Statement(
                day,
                ruled,
                series,
                series_day.count,
                transition,
                _verdict(state, day, series_day, ruled, limit),
                cause,
                late=day.over and transition[0] is not AlertType.CLEARED,
                revision=standing.revision,
            )
        )
    series_day.bracket(day.standings)
    return statements


def _transition(standing: Standing | None, cause: Cause, *, abnormal: bool, over: bool) -> Transition | None:
    """What a verdict comes to, after what was said last; None where there is nothing to say."""
    if standing is not None and standing.active and over:
        return AlertType.CLEARED, AlertReason.DAY_CLOSED if abnormal else AlertReason.FELL_BACK
    if abnormal == (standing is not None and standing.abnormal):
        return None
    if over and standing is not None:
        return AlertType.RESTATED, AlertReason.RULES_CHANGED if cause.by_rules else AlertReason.CORRECTED
    if abnormal:
        return AlertType.RAISED, AlertReason.RULES_CHANGED if cause.by_rules else AlertReason.CROSSED
    return AlertType.CLEARED, AlertReason.RULES_CHANGED if cause.by_rules else AlertReason.FELL_BACK


def _restand(standing: Standing, *, abnormal: bool, active: bool) -> None:
    standing.revision += 1
    standing.abnormal = abnormal
    standing.active = active


def _verdict(state: Watch, day: Day, series_day: SeriesDay, ruled: Ruled, limit: int) -> Verdict:
    """The detector's verdict, with the sentence that it ends."""
    count, watched = series_day.count, series_day.watched
    said = ruled.detector.verdict(state.history(day, watched, ruled), count)
    return Verdict(
        abnormal=count >= limit,
        explanation=f"{sentence(count, watched.series, day.date)}, {said.explanation}",
        limit=None if limit == NEVER else limit,
    )


def sentence(count: int, series: Series, date: str) -> str:
    """A count in words: "8 deduplicated violations on 2020-03-11 by hts (certain) in idlib"."""
    violations = "violation" if count == 1 else "violations"
    who = ""
    if series.group is not None and series.bound is not None:
        who = f" by {series.group} ({'certain' if series.bound is Bound.CERTAIN else 'possible'})"
    place = series.place.rpartition("/")[2]
    return f"{count} {series.basis.value} {violations} on {date}{who} in {place}"


def _numbered(state: Watch, statements: list[Statement], event: Circumstances, steps: int) -> list[Alert]:
    """The alerts, as the last of the steps."""
    alerts = []
    for step, said in enumerate(statements, steps - len(statements)):
        rule = said.ruled.rule
        alert_type, reason = said.transition
        alerts.append(
            Alert(
                alert_id=f"{rule.id}:{said.series.text}:{said.day.date}:{said.revision}",
                backfilled=said.day.backfilled,
                cause=said.cause.event_id,
                count=said.count,
                day=said.day.date,
                detector=rule.detector,
                input=event.sequence,
                late=said.late,
                reason=reason,
                recorded_at=event.recorded_at,
                report=said.cause.report,
                revision=said.revision,
                rule=rule.id,
                rules=said.day.watchlist.rules_hash,
                sequence=state.sequence + step,
                series=said.series,
                severity=rule.severity,
                step=step,
                steps=steps,
                theatre=said.day.theatre,
                type=alert_type,
                verdict=said.verdict,
            )
        )
    return alerts
