"""Violations told by their place in a row: "the first in X, the second in Y", "two in X, a third in Y"."""

# ruff: noqa: RUF001 - texts hold dashes of every kind
# ruff: noqa: SIM905 - a list of words reads best as words
# ruff: noqa: D210 - a docstring may begin with a quotation

from __future__ import annotations

from incident_pipeline.intake.reading.clause import Clause
from incident_pipeline.intake.reading.counts import VIOLATIONS, Count, topic_of
from incident_pipeline.intake.reading.marks import Kind, Mark
from incident_pipeline.intake.reading.state import State
from incident_pipeline.intake.reading.vocabulary import ATTACKED, BARE_FOLLOWERS, HEADS, ORDINALS, REGISTERED

_LAST = frozenset("last final latest".split())
_OTHERS = frozenset("first other previous preceding earlier remaining".split())
_OPENS = frozenset({",", "and", ";", ":", "–", "—", "-", "(", "with", "while", "but", "then"})


def items(clause: Clause, state: State) -> list[Count]:
    """ "Two violations: the first in X, the second in Y": one each, if there are as many as were told."""
    row = clause.row
    places = [
        at
        for at in range(1, len(row) - 1)
        if row[at].word in ORDINALS and row[at - 1].word == "the" and _is_item(row, at)
    ]
    if len(places) < 2 or [ORDINALS.index(row[at].word) for at in places] != list(range(len(places))):
        return []
    numbers = [mark.number.value for mark in row[: places[0]] if mark.number is not None]
    whole = numbers[-1] if numbers else next((one.count for one in reversed(state.found) if one.count), None)
    if whole != len(places) or any(mark.number is not None for mark in row[places[0] :]):
        return []
    return [Count(at, at + 1, 1, VIOLATIONS, bare=False) for at in places if clause.lo <= at < clause.hi]


def _is_item(row: list[Mark], at: int) -> bool:
    """Whether "the second" is told for a place of its own, and describes no noun."""
    behind = row[at + 1 : at + 5]
    if behind[0].kind is Kind.WORD and behind[0].word not in BARE_FOLLOWERS | ATTACKED | {"one"}:
        return False
    return any(mark.kind in {Kind.PLACE, Kind.NAME} for mark in behind)


def one_more(clause: Clause, found: list[Count], state: State) -> list[Count]:
    """ "Two in X, a third in Y", "the third and last in X; the first two in Y": where the numbers beside it agree."""
    row = clause.row
    added: list[Count] = []
    for at in range(clause.lo + 1, clause.hi - 1):
        if row[at].word not in ORDINALS[1:] or row[at - 1].word not in {"a", "the"} or not _opens(row, at - 1, clause):
            continue
        paired = row[at + 1].word == "and" and at + 2 < clause.hi and row[at + 2].word in {*_LAST, *ORDINALS}
        end = at + 3 if paired else at + 1
        topic, stop, code = topic_of(row, end - 1, clause.hi, about=clause.about)
        told = any(count.at <= at < count.end or count.at == at - 1 for count in found)
        noun = topic == VIOLATIONS and row[stop - 1].word.rsplit(" ", 1)[-1] in HEADS
        if not told and (noun or _is_bare(row, end)) and _agrees(row, at, clause.lo, found + added, state):
            many = 2 if paired and row[at + 2].word in ORDINALS else 1
            added.append(Count(at, stop if noun else end, many, VIOLATIONS, bare=False, type=code))
    return added


def _opens(row: list[Mark], at: int, clause: Clause) -> bool:
    """Not "for the third time", "this was the third"."""
    return at == clause.lo or row[at - 1].word in _OPENS | REGISTERED or row[at - 1].date is not None


def _is_bare(row: list[Mark], end: int) -> bool:
    """Whether it stands for a violation of its own place or day; not so "a third of them", "the third village"."""
    if end >= len(row) or row[end].word == "of":
        return False
    fits = row[end].word in BARE_FOLLOWERS | ATTACKED or row[end].date is not None
    return fits and any(mark.kind in {Kind.PLACE, Kind.DATE} for mark in row[end : end + 5])


def _agrees(row: list[Mark], at: int, lo: int, found: list[Count], state: State) -> bool:
    """Whether one less was told beside it: before it, or "the first two" behind it."""
    less = ORDINALS.index(row[at].word)
    before = [count.value for count in found if count.at < at and count.topic in {None, VIOLATIONS}]
    if not before and all(mark.number is None for mark in row[lo:at]):
        last = state.found[-1].sentence if state.found else None
        before = [one.count for one in state.found if one.count and one.sentence == last]
    if before and less in {before[-1], sum(before)}:
        return True
    behind = (here for here in range(at + 1, len(row)) if row[here].number is not None)
    return any(
        (number := row[here].number) and number.value == less and row[here - 1].word in _OTHERS for here in behind
    )
