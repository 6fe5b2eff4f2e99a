"""Sentences that add to what was told before them: who did it, where, with what."""


# ruff: noqa: SIM905 - a list of words reads best as words
# ruff: noqa: D210 - a docstring may begin with a quotation

from __future__ import annotations

from incident_pipeline.intake.reading.attribution import Cluster, roles
from incident_pipeline.intake.reading.blame import is_attribution_only, names_only
from incident_pipeline.intake.reading.clause import codes, put_place
from incident_pipeline.intake.reading.counts import VIOLATIONS, counts
from incident_pipeline.intake.reading.found import UNSAID, Found
from incident_pipeline.intake.reading.marks import Kind, Mark
from incident_pipeline.intake.reading.state import State
from incident_pipeline.intake.reading.vocabulary import (
    CASUALTY,
    KIND_WORDS,
)
from incident_pipeline.intake.reading.whereabouts import Spot

_TITLE_MARKS = 14
_LOCATING = frozenset(
    "both all they were was near in around at by with took place occurred happened "
    "registered recorded them these , .".split()
)


def _tells_new(row: list[Mark], state: State) -> bool:
    """ "The same groups were behind the eight violations of Wednesday": of eight nothing was told yet."""
    told = [one.count for one in state.found if one.count]
    return any(
        count.topic == VIOLATIONS and count.value not in told and count.value != sum(told)
        for count in counts(row, 0, len(row), about=False)
    )


def attributes_only(row: list[Mark], sentence: list[Mark], state: State) -> bool:
    """ "They were committed by A or B": belongs to what was told before."""
    words = {mark.word for mark in row}
    denied = bool(words & {"no", "none", "not"}) and "whether" not in words
    if not state.found or denied or words & CASUALTY or _has_numbers(row) or _tells_new(row, state):
        return False
    if not is_attribution_only(row) and not (len(row) == len(sentence) and names_only(row)):
        return False
    named = [one for one in roles(row, 0, len(row), state.catalogue, state.same).perpetrators if one.groups or one.name]
    placed = any(mark.kind is Kind.PLACE and not mark.word.endswith("base") for mark in row)
    if not named or placed or any(mark.kind is Kind.CLOCK for mark in row):
        return False
    opening = sentence[: sentence.index(row[0])]
    _attribute(named[0], opening + row if len(opening) <= _TITLE_MARKS else row, state)
    return True


def locates_only(row: list[Mark], places: list[Spot], state: State) -> bool:
    """ "Both near X", "all by mortar": where, and with what, those of the sentences before were."""
    last = state.found[-1] if state.found else None
    words = {word for mark in row for word in mark.word.split(" ")}
    if last is None or row[0].word not in {"both", "all", "they"} or not words - KIND_WORDS <= _LOCATING | _names(row):
        return False
    if last.count and last.count > 1 and last.total_of is None and not last.by_place and places:
        put_place(last, places, state)
    elif last.count and last.type == UNSAID and len(found := codes(row)) == 1:
        last.type = found.pop()
    return True


def _names(row: list[Mark]) -> set[str]:
    named = {Kind.PLACE, Kind.NAME, Kind.NUMBER, Kind.TYPE}
    return {word for mark in row if mark.kind in named for word in mark.word.split(" ")}


def _is_open(one: Found, by: Cluster) -> bool:
    """Whether a statement names nobody, or "illegal armed groups" of which those named later are some."""
    return not one.groups or set(by.groups) < set(one.groups)


def _attribute(by: Cluster, row: list[Mark], state: State) -> None:
    """ "They" did what the sentence before told, "the violations" are those of the sentences before, "all" are all."""
    words = {word for mark in row for word in mark.word.split(" ")}
    party = state.found[-1].party
    open_ones = [
        one for one in state.found if one.count and one.group_name is None and one.party == party and _is_open(one, by)
    ]
    last = max((one.sentence for one in state.found if one.count), default=-1)
    first = 0 if words & {"all", "each", "every", "both"} else last
    if row[0].word == "the" and words & {"violations", "attacks", "shellings", "incidents"}:
        while any(one.sentence == first - 1 for one in open_ones):
            first -= 1
    for one in open_ones:
        if one.sentence >= first:
            one.groups, one.group_name = by.groups, by.name
    if by.groups:
        state.same = by.groups


def _has_numbers(row: list[Mark]) -> bool:
    """Whether a number is told, other than how often or on how many days ("all three days", "both times")."""
    numbers = [at for at, mark in enumerate(row) if mark.number is not None]
    return (
        any(at == 0 or row[at - 1].word not in {"all", "these", "those", "the", "each", "every"} for at in numbers)
        or len(numbers) > 1
    )
