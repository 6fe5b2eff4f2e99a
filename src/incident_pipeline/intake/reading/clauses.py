"""A sentence's clauses: where one statement ends and another begins."""

# ruff: noqa: RUF001 - texts hold dashes and quotation marks of every kind
# ruff: noqa: PLR0911 - a rule is a list of cases, read from the top
# ruff: noqa: SIM905 - a list of words reads best as words

from __future__ import annotations

import itertools

from incident_pipeline.intake.reading.marks import Kind, Mark
from incident_pipeline.intake.reading.those import opens_those
from incident_pipeline.intake.reading.vocabulary import BREAKS, COMMITTED, REGISTERED, SPEECH

_AHEAD = 8
_CONCLUSION = 14
CONCLUDING = frozenset("so thus hence thereby therefore i.e making totalling totaling".split())
_SO_DID = frozenset("did do does has had was were is far on".split())
_OPENING = 10
"""An opening "On the first two days, 9 and 10 March," is of the clause behind it."""
_DAY_KINDS = frozenset({Kind.WORD, Kind.NUMBER, Kind.DATE, Kind.PUNCT})
_OWN_COUNT = frozenset("count data figures tally".split())
_NAMED = frozenset({Kind.DATE, Kind.PLACE, Kind.PARTY, Kind.GROUP})
_ENTRY_WORDS = frozenset("and on in the province side - – — : ( ) 's of".split())
_INSISTED = frozenset("insisted insists maintained maintains spoke speaks put puts cited cites gave gives".split())
_SUBJECT_WORDS = frozenset("the a no none there not it they both".split())


def clauses(row: list[Mark]) -> list[tuple[int, int]]:
    """Spans of marks, in order, that cover the sentence."""
    cuts = [0]
    depth = 0
    for at, mark in enumerate(row):
        if mark.kind is Kind.PUNCT:
            depth = max(0, depth + (mark.word in "([") - (mark.word in ")]"))
        lists_days = cuts[-1] == 0 and at <= _OPENING and any(one.date and len(one.date.days) > 1 for one in row[:at])
        if lists_days and all(one.kind in _DAY_KINDS for one in row[:at]) and mark.word != ";":
            continue
        if at and depth == 0 and at - cuts[-1] > 1 and _breaks(row, at) and not _is_value(row, cuts[-1], at):
            cuts.append(at)
    cuts.append(len(row))
    return [(lo, hi) for lo, hi in itertools.pairwise(cuts) if hi > lo]


def _opens_item(row: list[Mark], at: int) -> bool:
    """In "Two incidents: at 10:00 rockets landed", what happened at a time is told behind the colon."""
    clock = next((here for here in range(at, min(at + 2, len(row))) if row[here].clock is not None), None)
    return clock is not None and clock + 1 < len(row) and row[clock + 1].kind not in {Kind.PUNCT, Kind.CLOCK}


def _is_value(row: list[Mark], lo: int, at: int) -> bool:
    """In "; today, none" the none is what an entry tells, and opens no clause of its own."""
    if row[at].word not in {"none", "nil"}:
        return False
    before = [mark for mark in row[lo:at] if mark.kind is not Kind.PUNCT]
    named = any(mark.kind in _NAMED for mark in before)
    return named and all(mark.kind in _NAMED or mark.word in _ENTRY_WORDS | BREAKS for mark in before)


def _breaks(row: list[Mark], at: int) -> bool:
    mark = row[at]
    if mark.word == ";" or (mark.word == ":" and _opens_item(row, at + 1)):
        return True
    if mark.word in {"which", "who"} and row[at - 1].word == "," and row[at - 2].kind is Kind.PARTY:
        return _registers(row, at)
    if mark.word in BREAKS or (mark.word == "with" and at + 1 < len(row) and row[at + 1].word in {"no", "none"}):
        return True
    comma = row[at - 1].word in {",", "–", "—"}
    if comma and mark.word == "according" and any(one.kind is Kind.PARTY for one in row[at + 1 : at + 4]):
        return True
    if (comma or row[at - 1].word == "and") and is_concluding(row, at) and _draws_one(row, at):
        return True
    if row[at - 1].word in {",", "–", "—", "and"} and opens_those(row, at):
        return True
    listed = mark.word == "and" and at > 1 and row[at - 1].kind is Kind.PLACE and row[at - 2].word in {",", ":", ";"}
    joined = row[at - 1].word == "and" and at > 2 and row[at - 2].kind is Kind.PLACE and row[at - 3].word in {",", ":"}
    if listed or joined:
        return False
    if (comma or row[at - 1].word in {"and", "("} or mark.word == "and") and _opens_none(row, at):
        return True
    if mark.word == "and":
        return _opens_subject(row, at + 1, comma=comma)
    return comma and (
        mark.word in {"up", "down", "compared", "against", "taking"}
        or (mark.word in {"no", "none", "nor"})
        or _opens_subject(row, at, comma=True)
    )


def is_concluding(row: list[Mark], at: int) -> bool:
    """`So`, `thus`, `making`: what follows is drawn from what was told; not so `B did so twice`, `and so did B`."""
    if row[at].word != "so":
        return row[at].word in CONCLUDING
    opens = at > 0 and row[at - 1].word in {",", "and", "–", "—", ";", "("}
    return opens and at + 1 < len(row) and row[at + 1].word not in _SO_DID


def _draws_one(row: list[Mark], at: int) -> bool:
    """Whether ", so that the day ends with ten" draws one number from those before it."""
    told = [mark.number is not None for mark in row[at : at + _CONCLUSION]]
    return sum(told) == 1 and any(mark.number is not None for mark in row[:at])


def _opens_none(row: list[Mark], at: int) -> bool:
    """Whether an entry of a list tells none: ", 15 March - none", "and in X 0"."""
    named = False
    for mark in row[at : at + 7]:
        if mark.word in {"none", "nil"} or (mark.number is not None and mark.number.value == 0):
            return named
        if mark.number is not None or not (mark.kind in _NAMED or mark.word in _ENTRY_WORDS):
            return False
        named = named or mark.kind in _NAMED
    return False


def _registers(row: list[Mark], at: int) -> bool:
    """In "…, which itself registered nine", what a party is said to have counted is a statement of its own."""
    ahead = row[at + 1 : at + _AHEAD]
    verb = next((here for here, one in enumerate(ahead) if one.word in REGISTERED or one.word in {"has", "had"}), None)
    return verb is not None and any(one.number is not None for one in ahead[verb + 1 : verb + 4])


def _names_only(before: list[Mark]) -> bool:
    """`The one side and the other registered`: one subject."""
    return all(mark.number is None and mark.word not in REGISTERED | SPEECH | COMMITTED for mark in before)


def _tells_its_own(row: list[Mark], at: int, here: int) -> bool:
    """In "the one side spoke of three, the other insisted that there had been nine", each has its own number."""
    before = any(mark.kind is Kind.PARTY for mark in row[:at]) and any(mark.number is not None for mark in row[:at])
    says = any(mark.word in SPEECH | _INSISTED for mark in row[here + 1 : here + 3])
    return before and says and any(mark.number is not None for mark in row[here + 2 : here + _AHEAD + 1])


def _opens_subject(row: list[Mark], at: int, *, comma: bool) -> bool:
    """Whether a new subject with its own verb begins: "and the Turkish side registered", "and no violations"."""
    here = at
    while here < min(at + 3, len(row)) and row[here].word in {
        "the",
        "also",
        "that",
        "by",
        "on",
        "its",
        "their",
        "from",
    }:
        here += 1
    if here >= len(row):
        return False
    mark = row[here]
    if mark.kind is Kind.PARTY and row[at - 1].word == "and" and _names_only(row[: at - 1]):
        return False
    if mark.word in {"no", "none", "neither", "nor"} or (
        mark.word == "not" and here + 1 < len(row) and row[here + 1].word in {"a", "one"}
    ):
        return True
    if mark.kind not in {Kind.PARTY, Kind.GROUP} or (at > 1 and row[at - 2].kind is mark.kind):
        return False
    follows = row[here + 1] if here + 1 < len(row) else None
    if (
        (comma or (mark.kind is Kind.PARTY and row[at - 1].word == "and"))
        and follows is not None
        and (follows.word in _OWN_COUNT or follows.number is not None or follows.word in {"–", "-", "—", ":"})
    ):
        return True
    ahead = {one.word for one in row[here + 1 : here + _AHEAD]}
    if comma and mark.kind is Kind.PARTY and _tells_its_own(row, at, here):
        return True
    verbs = REGISTERED if mark.kind is Kind.PARTY else COMMITTED | {"did", "was", "were", "carried"}
    return (
        bool(ahead & verbs)
        and "or" not in {row[at - 1].word, row[at - 2].word if at > 1 else ""}
        and (comma or mark.kind is Kind.PARTY or bool(ahead & {"did", "committed", "no"}))
    )
