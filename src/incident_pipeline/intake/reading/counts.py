"""Numbers of a clause, and what each counts."""

# ruff: noqa: RUF001 - texts hold dashes and quotation marks of every kind
# ruff: noqa: SIM905 - a list of words reads best as words
# ruff: noqa: D210 - a docstring may begin with a quotation
# ruff: noqa: C901, PLR0911, PLR0912 - a rule is a list of cases, read from the top

from __future__ import annotations

import itertools

import msgspec

from incident_pipeline.intake.reading.marks import Kind, Mark
from incident_pipeline.intake.reading.vocabulary import (
    ABOUT_VIOLATIONS,
    AREAS,
    ATTACKED,
    BARE_FOLLOWERS,
    BROKEN,
    HEADS,
    MEASURES,
    PLAIN_MODIFIERS,
    PREPOSITIONS,
    REGISTERED,
    SOFT_HEADS,
    STOP_NOUNS,
    TRUCES,
)
from incident_pipeline.intake.reading.whereabouts import Spot

VIOLATIONS = "violations"
OTHER = "other"
MEASURE = "measure"
AREA = "area"
"""A number of places: they are what it is about, and no violation is tied to them."""
_PHRASE_MARKS = 9
_QUIET_WORDS = frozenset(
    "more further additional such new others of which them these those another extra \" “ ” ' ‘ ’ [ ] * syrian".split()
)


_COMPARED = frozenset("more fewer less higher lower".split())
_PRONOUNS = frozenset("it they he she we".split())
_SIDES = frozenset(
    "sides parties countries guarantors capitals groups factions organisations organizations suspects".split()
)
"""Their number says nothing of those behind it."""
_OF_WHOM = frozenset("them which whom".split())
"""Behind "of", these complete a number: what follows is no noun of its own."""
_AUXILIARIES = frozenset("is was are were has had".split())
_EACH = frozenset({"each", "apiece", "daily"})
_A_DAY = frozenset({("a", "day"), ("per", "day"), ("every", "day")})


class Count(msgspec.Struct):
    """One number of a clause."""

    at: int
    """Its mark."""
    end: int
    """First mark after the phrase that says what it counts."""
    value: int
    topic: str | None
    """VIOLATIONS, OTHER, the id of an activity, or None: the words do not say."""
    bare: bool
    low: int | None = None
    high: int | None = None
    type: str | None = None
    spots: list[Spot] = []
    date_at: int | None = None
    """The date's mark."""
    each: bool = False
    """The number holds for each of the days or places."""
    tied: bool = False
    """The place stands right before it: `X (5)`, `X: 5`."""


def counts(row: list[Mark], lo: int, hi: int, *, about: bool) -> list[Count]:
    """Numbers of marks `lo` to `hi` - 1. `about`: the words around are about violations."""
    found: list[Count] = []
    skip = -1
    for at in range(lo, hi):
        number = row[at].number
        if number is None or at == skip:
            continue
        topic, end, code = topic_of(row, at, hi, about=about)
        if _repeats_in_digits(row, at, hi):
            skip = at + 2
        if number.times:
            topic, bare = (VIOLATIONS if topic in {None, OTHER} else topic), True
            end = at + 1
        else:
            bare = topic is None
        found.append(
            Count(at, end, number.value, topic, bare, number.low, number.high, code, each=is_each(row, at, end, hi))
        )
    return found


def topic_of(row: list[Mark], at: int, hi: int, *, about: bool) -> tuple[str | None, int, str | None]:
    """What the number (or article) at a mark counts, where that phrase ends, and the type it tells."""
    if 0 < at < hi - 1 and row[at - 1].word == "(" and row[at + 1].word == ")":
        return None, at + 1, None
    more = [mark.word.split(" ", 1)[0] for mark in row[at + 1 : min(at + 5, hi)]]
    if more and more[0] in _COMPARED and "than" in more:
        return MEASURE, at + 1 + more.index("than"), None
    code: str | None = None
    only_quiet, whole = True, False
    start = at + 3 if _repeats_in_digits(row, at, hi) else at + 1
    start += start < hi and row[start].word == ")"
    for here in range(start, min(at + _PHRASE_MARKS, hi)):
        mark = row[here]
        last = mark.word.rsplit(" ", 1)[-1]
        if mark.kind is Kind.ACTIVITY and mark.mention is not None:
            return mark.mention.name, here + 1, None
        if last in _OF_WHOM and row[here - 1].word == "of" and here > start:
            whole = True
        if last in _QUIET_WORDS or (last in {"province", "governorate"} and row[here - 1].kind is Kind.PLACE):
            continue
        if mark.kind in {Kind.NUMBER, Kind.DATE, Kind.CLOCK} or (mark.kind is Kind.PUNCT):
            return (None, start, code) if only_quiet else (OTHER, here, code)
        if last in AREAS:
            return AREA, here + 1, None
        if last in MEASURES or last in _SIDES:
            return MEASURE, here + 1, None
        if last in STOP_NOUNS and not (mark.kind is Kind.TYPE and last in HEADS):
            return OTHER, here + 1, None
        if mark.kind is Kind.TYPE and mark.mention is not None and mark.mention.name != "U0":
            code = code or mark.mention.name
        if _is_head(mark):
            if here + 1 < hi and _goes_on(row[here + 1]):
                only_quiet = False
                continue
            return VIOLATIONS, here + 1, code or _type_after(row, here + 1, hi)
        if last in BROKEN and not TRUCES.isdisjoint(one.word for one in row[here + 1 : min(here + 5, hi)]):
            return VIOLATIONS, here + 1, code
        if last in SOFT_HEADS and mark.kind in {Kind.WORD, Kind.TYPE}:
            return _soft(row, here + 1, hi, about=about or not only_quiet)
        if mark.kind is Kind.TYPE and last.endswith("s"):
            return VIOLATIONS, here + 1, code
        if only_quiet and _begins_again(row, here, start):
            return None, here, code
        if mark.kind is Kind.WORD:
            if only_quiet and (last in ATTACKED or last in _PRONOUNS or (last in REGISTERED and last.endswith("ed"))):
                return None, here, code
            if last in BARE_FOLLOWERS or last in PREPOSITIONS:
                return (None, start, code) if only_quiet else (OTHER, here, code)
            if last.endswith("s") and not last.endswith("ss") and last not in PLAIN_MODIFIERS and not whole:
                return OTHER, here + 1, None
        only_quiet = only_quiet and (mark.kind is Kind.PLACE or whole)
    return (None if only_quiet else OTHER), min(at + 1, hi), code


def _begins_again(row: list[Mark], here: int, start: int) -> bool:
    """ "Five the A", "six of them the B", "for five A is to blame": no noun of the number before it follows."""
    named = row[here].kind is Kind.GROUP and here + 1 < len(row) and row[here + 1].word in _AUXILIARIES
    return (named or row[here].word == "the") and (here == start or row[here - 1].word in _OF_WHOM)


def _is_head(mark: Mark) -> bool:
    if mark.kind is Kind.TYPE:
        return any(word in HEADS for word in mark.word.split(" "))
    return mark.kind in {Kind.WORD, Kind.NAME} and mark.word.rsplit(" ", 1)[-1].lower() in HEADS


def _goes_on(mark: Mark) -> bool:
    """Whether a noun only describes the next one: "shelling incidents", "attack helicopters"."""
    last = mark.word.rsplit(" ", 1)[-1]
    return last in HEADS or last in SOFT_HEADS or last in STOP_NOUNS


def _soft(row: list[Mark], end: int, hi: int, *, about: bool) -> tuple[str | None, int, str | None]:
    """ "Cases", "instances", "facts": of violations where the next words, or the words around, say so."""
    if end < hi and row[end].word in {"of", "where", "when", "in"}:
        for here in range(end + 1, min(end + 7, hi)):
            mark = row[here]
            if mark.kind is Kind.TYPE or any(word in ABOUT_VIOLATIONS for word in mark.word.split(" ")):
                code = _type_after(row, end, hi)
                return VIOLATIONS, here + 1, code
            if mark.kind in {Kind.PLACE, Kind.NUMBER, Kind.PUNCT}:
                break
        if row[end].word == "of":
            return OTHER, end, None
    return (VIOLATIONS if about else OTHER), end, None


def _type_after(row: list[Mark], end: int, hi: int) -> str | None:
    if end < hi and row[end].word == "of":
        for mark in row[end + 1 : min(end + 5, hi)]:
            if mark.kind is Kind.TYPE and mark.mention is not None and mark.mention.name != "U0":
                return mark.mention.name
    return None


def _repeats_in_digits(row: list[Mark], at: int, hi: int) -> bool:
    """ "Two (2) violations"."""
    number, again = row[at].number, row[at + 2].number if at + 3 < hi and row[at + 1].word == "(" else None
    return number is not None and again is not None and number.value == again.value and row[at + 3].word == ")"


def _both_places(row: list[Mark], at: int) -> bool:
    """ "Both X and Y recorded two"."""
    start = next((here for here in range(at - 1, max(-1, at - 9), -1) if row[here].word == "both"), None)
    if start is None or row[start + 1].kind is not Kind.PLACE:
        return False
    between = row[start + 1 : at]
    return all(mark.number is None for mark in between) and any(mark.word == "and" for mark in between)


def is_each(row: list[Mark], at: int, end: int, hi: int) -> bool:
    """Whether a number holds for each of several days or places: "two each", "two a day", "both X and Y had two"."""
    start = at - 2 if at > 1 and row[at - 2].word == "each" else at - 1
    near = [mark.word for mark in row[max(0, start) : min(end + 4, hi)]]
    return (
        not _EACH.isdisjoint(near)
        or any(pair in _A_DAY for pair in itertools.pairwise(near))
        or ("both" in near and any(mark.date for mark in row[at:hi]))
        or _both_places(row, at)
    )
