"""Attacks told without a number: one for each settlement; elsewhere, how many is not told."""

# ruff: noqa: SIM905 - a list of words reads best as words
# ruff: noqa: PLR0917 - the marks and their bounds always come first, in this order
# ruff: noqa: D210 - a docstring may begin with a quotation
# ruff: noqa: C901 - a rule is a list of cases, read from the top

from __future__ import annotations

import itertools

from incident_pipeline.intake.reading.attribution import Roles
from incident_pipeline.intake.reading.clause import (
    Clause,
    blank,
    codes,
    date_of,
    minute_of,
    put_place,
    type_of,
    weapon,
)
from incident_pipeline.intake.reading.clocks import Clock
from incident_pipeline.intake.reading.counts import AREA, Count
from incident_pipeline.intake.reading.found import UNSAID, Found
from incident_pipeline.intake.reading.marks import Kind
from incident_pipeline.intake.reading.state import State
from incident_pipeline.intake.reading.vocabulary import (
    ATTACKED,
    CASUALTY,
    COMMITTED,
    HEADS,
    MUNITIONS,
    REGISTERED,
    VAGUE_COUNTS,
    WEAKLY_ATTACKED,
)
from incident_pipeline.intake.reading.whereabouts import Spot

_FIRED = frozenset("drone drones uav rocket rockets missile missiles mortar mortars grenade".split())
_FREQUENT = frozenset("often frequently regularly repeatedly routinely continue continues continued".split())
_MANY = VAGUE_COUNTS | _FREQUENT


def _is_attack(words: frozenset[str], done: Roles, clause: Clause) -> bool:
    verbs = words & ATTACKED - ({"shot"} if "down" in words else set())
    return bool(verbs) and (
        not verbs <= WEAKLY_ATTACKED or bool(done.perpetrators) or type_of(clause) != UNSAID or _lands(clause)
    )


def _is_vague(clause: Clause) -> bool:
    """ "Several attacks"; but several shells are one attack."""
    told = itertools.pairwise([*clause.row[clause.lo : clause.hi], None])
    return any(
        mark is not None
        and not _MANY.isdisjoint(mark.word.split(" "))
        and (after is None or after.word.rsplit(" ", 1)[-1] not in MUNITIONS)
        for mark, after in told
    )


def _lands(clause: Clause) -> bool:
    """ "A drone struck a car in X": something that is fired, and no accident."""
    return weapon(clause) in _FIRED and clause.words.isdisjoint({"crashed", "planted"})


def _own_type(settlements: list[Spot], spot: Spot, clause: Clause) -> str | None:
    """ "X was hit by rockets and Y by a drone": the type told between a settlement and the next."""
    after = min((other.first for other in settlements if other.first > spot.first), default=clause.hi)
    between = clause.row[spot.last : after]
    own = codes(between)
    return own.pop() if len(own) == 1 and ATTACKED.isdisjoint(mark.word for mark in between) else None


def _own_clocks(settlements: list[Spot], spot: Spot, clause: Clause) -> list[Clock]:
    """ "X (08:15 and 19:30), Y (10:00)": the times told between a settlement and the next."""
    after = min((other.first for other in settlements if other.first > spot.first), default=clause.hi)
    return [mark.clock for mark in clause.row[spot.last : after] if mark.clock is not None]


def attacks(
    free: list[Spot], numbers: list[Count], done: Roles, clause: Clause, state: State, words: frozenset[str]
) -> list[Found]:
    """Attacks told without a number: one for each settlement; elsewhere, how many is not told."""
    row = clause.row
    happened = (
        _is_attack(words, done, clause)
        or ("came" in words and "under" in words)
        or (bool(words & HEADS) and bool(words & (REGISTERED | COMMITTED)))
    )
    typed = bool(codes(clause.row[clause.lo : clause.hi]))
    minute = minute_of(clause, 0)
    settlements = [spot for spot in free if spot.is_settlement]
    if not happened and ("counted" in words or not (typed and (minute is not None or settlements))):
        return []
    if any(mark.kind is Kind.ACTIVITY for mark in row[clause.lo : clause.hi]) and not words & ATTACKED:
        return []
    areas = [count.value for count in numbers if count.topic == AREA]
    if (areas and sum(areas) != len(settlements)) or (not free and not typed and not words & HEADS):
        return []
    if not free and any(one.sentence == state.sentence for one in state.found):
        return []
    mention = date_of(clause)
    days = state.days(mention, clause.party)
    if days is None:
        return []
    day, last_day = days[0]
    by = done.perpetrators[0] if done.perpetrators else None
    clocks = [mark.clock for mark in row[clause.lo : clause.hi] if mark.clock is not None]
    vague = _is_vague(clause) or last_day is not None
    chosen: list[list[Spot]] = [[spot] for spot in settlements] or ([free] if free else [[]])
    if len(chosen) == 1 and settlements and len(clocks) > 1:
        chosen *= len(clocks)
    told_each = [_own_clocks(settlements, spot, clause) for spot in settlements]
    if len(settlements) > 1 and all(told_each):
        chosen = [[spot] for spot, own in zip(settlements, told_each, strict=True) for _ in own]
        clocks = [clock for own in told_each for clock in own]
    found = []
    for at, places in enumerate(chosen):
        one = blank(1, clause, state, by, done)
        if len(clocks) == len(chosen) > 1:
            minute = clocks[at].minute
        one.day, one.last_day, one.minute, one.implicit = day, last_day, minute, True
        if len(settlements) > 1:
            one.type = _own_type(settlements, places[0], clause) or one.type
        put_place(one, places, state)
        told = (one.minute is not None) + one.settlement + (one.type != UNSAID)
        if vague or not (settlements or (told >= 2 and len(places) <= 1)):
            if not (words & (HEADS | ATTACKED)) or words & CASUALTY:
                continue
            one.count = None
        found.append(one)
    return found
