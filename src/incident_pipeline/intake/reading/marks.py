"""One sentence as a row of marks: numbers, dates, the catalogue's names, other names, words and punctuation."""

# ruff: noqa: RUF001 - texts hold dashes and quotation marks of every kind
# ruff: noqa: SIM905 - a list of words reads best as words
# ruff: noqa: D210 - a docstring may begin with a quotation

from __future__ import annotations

import datetime as dt
import enum
import re

import msgspec

from incident_pipeline.catalogue.names import Mention, MentionKind, Names
from incident_pipeline.intake.reading.clocks import Clock, clocks
from incident_pipeline.intake.reading.dates import DateMention, When, dates
from incident_pipeline.intake.reading.numbers import Number, numbers
from incident_pipeline.intake.reading.sides import sides
from incident_pipeline.intake.reading.vocabulary import HEADS, KIND_WORDS, SOFT_HEADS, STOP_NOUNS


class Kind(enum.IntEnum):
    """What a mark is."""

    WORD = 0
    PUNCT = 1
    NUMBER = 2
    DATE = 3
    CLOCK = 4
    PARTY = 5
    GROUP = 6
    """A group, a side, or a collective."""
    PLACE = 7
    TYPE = 8
    ACTIVITY = 9
    NAME = 10
    """Capitalised, and unknown to the catalogue."""


class Mark(msgspec.Struct, frozen=True):
    """`text[start:end]` of a sentence; the payload is that of its kind."""

    kind: Kind
    start: int
    end: int
    word: str
    """As written, in lower case (a name: as written)."""
    number: Number | None = None
    date: DateMention | None = None
    clock: Clock | None = None
    mention: Mention | None = None


_COMPARES = frozenset("compared than up down versus against".split())


def is_comparing(mark: Mark) -> bool:
    """ "Compared with", "than in", "up from": what follows is told of another time than what went before."""
    return mark.date is not None and mark.date.when is When.VAGUE and mark.word.split(" ", 1)[0] in _COMPARES


_KINDS = {
    MentionKind.PARTY: Kind.PARTY,
    MentionKind.GROUP: Kind.GROUP,
    MentionKind.SIDE: Kind.GROUP,
    MentionKind.COLLECTIVE: Kind.GROUP,
    MentionKind.PLACE: Kind.PLACE,
    MentionKind.TYPE: Kind.TYPE,
    MentionKind.ACTIVITY: Kind.ACTIVITY,
}
_TOKEN = re.compile(r"[^\W\d_]+(?:['’`.-][^\W\d_]+)*(?:['’]s?)?|\d[\w.,:/-]*|\.{2,}|[^\w\s]")
_ARTICLED = re.compile(r"(?:al|el|ar|as|ash|at|an|ad|az|us|ul)-[^\W\d_a-z]")
_ORDINARY = HEADS | SOFT_HEADS | STOP_NOUNS | KIND_WORDS
_NAME_JOIN = 2
_POSSESSIVE = re.compile(r"['’]s\b")


def marks(text: str, names: Names, reference: dt.date | None) -> list[Mark]:
    """Marks of a sentence, in order, none overlapping. Dates win over names, and names over numbers."""
    known = [_dated(one, text) for one in dates(text, reference)]
    known = _with(known, [Mark(Kind.CLOCK, one.start, one.end, "", clock=one) for one in clocks(text)])
    known = _with(
        known,
        [
            Mark(Kind.PARTY, one.start, one.end, text[one.start : one.end].lower(), mention=one)
            for one in sides(text, names)
        ],
    )
    known = _with(
        known,
        [_named(one, text) for one in names.find(text) if not _is_half(one, text)],
    )
    if "'s" in text or "’s" in text:
        owners = names.find(_POSSESSIVE.sub("  ", text))
        known = _with(known, [_named(one, text) for one in owners if one.kind is not MentionKind.PARTY])
    known = _with(
        known,
        [Mark(Kind.NUMBER, one.start, one.end, text[one.start : one.end].lower(), number=one) for one in numbers(text)],
    )
    row: list[Mark] = []
    at = 0
    for mark in known:
        _words(text, at, mark.start, row)
        row.append(mark)
        at = mark.end
    _words(text, at, len(text), row)
    return row


def _named(one: Mention, text: str) -> Mark:
    return Mark(_KINDS[one.kind], one.start, one.end, text[one.start : one.end].lower(), mention=one)


def _dated(one: DateMention, text: str) -> Mark:
    """The date of an agreement is no date of what is told, and no number either."""
    written = text[one.start : one.end].lower()
    if one.when is When.ASIDE:
        return Mark(Kind.WORD, one.start, one.end, written)
    return Mark(Kind.DATE, one.start, one.end, written, date=one)


def _is_half(mention: Mention, text: str) -> bool:
    """The second half of a compound ("Russian-Turkish commission") is nobody by itself."""
    return (
        mention.kind is MentionKind.PARTY
        and mention.start > 1
        and text[mention.start - 1] in "-–"
        and text[mention.start - 2].isalpha()
    )


def _with(first: list[Mark], second: list[Mark]) -> list[Mark]:
    """Both rows as one, without those of the second that overlap one of the first."""
    merged: list[Mark] = []
    at = 0
    for mark in second:
        while at < len(first) and first[at].end <= mark.start:
            merged.append(first[at])
            at += 1
        if at == len(first) or first[at].start >= mark.end:
            merged.append(mark)
    merged.extend(first[at:])
    return merged


def _words(text: str, start: int, end: int, row: list[Mark]) -> None:
    for token in _TOKEN.finditer(text, start, end):
        written = token.group()
        lower = written.lower()
        first = token.start()
        if not written[0].isalpha():
            row.append(Mark(Kind.PUNCT, first, token.end(), written))
        elif (
            (written[0].isupper() or _ARTICLED.match(written))
            and lower not in _ORDINARY
            and (first > 1 or _ARTICLED.match(written))
        ):
            last = row[-1] if row else None
            named = next((mark for mark in reversed(row[-3:]) if mark.kind is Kind.NAME), None)
            if named is not None and named is not last and text[named.end : first] in {" of ", " of the "}:
                del row[row.index(named) :]
                row.append(Mark(Kind.NAME, named.start, token.end(), text[named.start : token.end()]))
            elif (
                last is not None
                and last.kind is Kind.NAME
                and first - last.end < _NAME_JOIN
                and text[last.end : first].strip() in {"", "-"}
            ):
                row[-1] = Mark(Kind.NAME, last.start, token.end(), text[last.start : token.end()])
            else:
                row.append(Mark(Kind.NAME, first, token.end(), written))
        else:
            row.append(Mark(Kind.WORD, first, token.end(), lower))
