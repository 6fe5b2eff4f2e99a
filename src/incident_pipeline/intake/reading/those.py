"""Clauses that add who, or where, to one of several numbers: "those of the second day all in X", "the latter by A"."""

# ruff: noqa: RUF001 - texts hold quotation marks of every kind
# ruff: noqa: SIM905 - a list of words reads best as words
# ruff: noqa: PLR0911 - a rule is a list of cases, read from the top

from __future__ import annotations

import datetime as dt

from incident_pipeline.intake.reading.attribution import roles
from incident_pipeline.intake.reading.clause import Clause, located, put_place
from incident_pipeline.intake.reading.found import Found
from incident_pipeline.intake.reading.marks import Mark
from incident_pipeline.intake.reading.state import State
from incident_pipeline.intake.reading.vocabulary import HEADS, NEGATIONS, NOT_SO, ORDINALS
from incident_pipeline.intake.reading.whereabouts import Spot

_LEADING = frozenset({",", ";", "and", "while", "(", "–", "—", "all", "of", "with", "but"})
_ON = frozenset("of on from for".split())
_TWO = 2
_DENYING = NEGATIONS | NOT_SO


def adds_to_those(row: list[Mark], lo: int, hi: int, places: list[Spot], state: State) -> bool:
    """Give one of the numbers told just before its place, or whom it is laid to."""
    meant = _meant(row, lo, hi, state) if len(state.found) >= _TWO else []
    if not meant or any(mark.word in _DENYING for mark in row[lo:hi]):
        return False
    if any(mark.number is not None and not _is_again(row, at, meant) for at, mark in enumerate(row[lo:hi], lo)):
        return False
    clause = Clause(row, lo, hi, places, None, about=True, voiced=False)
    where = located(clause)
    named = [one for one in roles(row, lo, hi, state.catalogue, state.same).perpetrators if one.groups or one.name]
    if len(named) > 1 or not (where or named):
        return False
    for one in meant:
        if where and not one.by_place:
            put_place(one, where, state)
        if named and not one.groups and one.group_name is None:
            one.groups, one.group_name = named[0].groups, named[0].name
    return True


def _is_again(row: list[Mark], at: int, meant: list[Found]) -> bool:
    """The six of "the six of Tuesday"."""
    number = row[at].number
    return row[at - 1].word == "the" and [one.count for one in meant] == [number.value if number is not None else None]


def opens_those(row: list[Mark], at: int) -> bool:
    """Whether "those of Tuesday", "the latter", "Tuesday's" opens a clause without a number of its own."""
    if _reference(row, at, len(row)) is None or sum(mark.number is not None for mark in row[:at]) < _TWO:
        return False
    stop = next((here for here in range(at + 1, len(row)) if row[here].word in {",", ";", "."}), len(row))
    return all(mark.number is None or row[here - 1].word == "the" for here, mark in enumerate(row[at:stop], at))


def _meant(row: list[Mark], lo: int, hi: int, state: State) -> list[Found]:
    """The numbers of the sentence before, or of this one, that are pointed at."""
    at = lo
    while at < hi and row[at].word in _LEADING:
        at += 1
    pointed = _reference(row, at, hi)
    if pointed is None:
        return []
    last = max((one.sentence for one in state.found if one.count), default=-1)
    told = [one for one in state.found if one.count and one.sentence == last and one.total_of is None]
    if len(told) < _TWO:
        return []
    if isinstance(pointed, dt.date):
        return [one for one in told if one.day == pointed]
    if row[at + 1].word in {"latter", "former"}:
        return [told[pointed]] if len(told) == _TWO else []
    days = sorted({one.day for one in told if one.day is not None})
    known = all(one.day is not None and one.last_day is None for one in told) and -1 <= pointed < len(days)
    return [one for one in told if one.day == days[pointed]] if known and len(days) > 1 else []


def _reference(row: list[Mark], at: int, hi: int) -> dt.date | int | None:
    """The day, or which of the days or numbers, that opens a clause; None: it opens otherwise."""
    if at >= hi or (row[at].word not in {"the", "those"} and row[at].date is None):
        return None
    words = [mark.word for mark in row[at : min(at + 6, hi)]]
    if words[:1] == ["the"] and words[1:2] in (["latter"], ["former"]):
        return None if words[2:3] and words[2].rsplit(" ", 1)[-1] in {"party", "side"} else -(words[1] == "latter")
    owner = _day(row, at, hi)
    if owner is not None and words[1:2] in (["'"], ["’"]) and words[2:3] == ["s"]:
        return owner if words[3:4] in (["all"], ["were"], ["in"], ["by"], ["was"]) else None
    if words[:1] == ["the"] and words[1:2] and words[2:3] == ["day's"]:
        return _nth(words[1])
    counted = at + 1 < hi and (row[at + 1].number is not None or row[at + 1].word in HEADS)
    skip = 1 if words[:1] == ["those"] else 2 if words[:1] == ["the"] and counted else None
    if skip is None or words[skip : skip + 1] == [] or words[skip] not in _ON:
        return None
    day = _day(row, at + skip + 1, hi)
    if day is not None:
        return day
    nth = words[skip + 1 : skip + 4]
    return _nth(nth[1]) if len(nth) > _TWO and (nth[0], nth[2]) == ("the", "day") else None


def _nth(word: str) -> int | None:
    return -1 if word == "last" else ORDINALS.index(word) if word in ORDINALS else None


def _day(row: list[Mark], at: int, hi: int) -> dt.date | None:
    mention = row[at].date if at < hi else None
    return mention.days[0] if mention is not None and len(mention.days) == 1 else None
