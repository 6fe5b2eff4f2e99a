"""Who speaks in a text, and on which day: the party that a sentence names, carries on, or points back to."""


# ruff: noqa: SIM905 - a list of words reads best as words
# ruff: noqa: D210 - a docstring may begin with a quotation

from __future__ import annotations

import datetime as dt
import itertools
import re

import msgspec

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.names import Mention, MentionKind
from incident_pipeline.intake.reading.dates import When
from incident_pipeline.intake.reading.marks import Kind, Mark
from incident_pipeline.intake.reading.numbers import Number
from incident_pipeline.intake.reading.sentences import Sentence
from incident_pipeline.intake.reading.state import State
from incident_pipeline.intake.reading.vocabulary import (
    ATTACKED,
    COMMITTED,
    REGISTERED,
    SPEECH,
)

_SPEECH_REACH = 7
_HEADER_MARKS = 4
_DATA = frozenset({"data", "figures", "'s data"})
_COMPOUND = re.compile(r"\b([A-Z][a-z]{2,20})-([A-Z][a-z]{2,20})\b")
_ORDER = ("former", "latter")
_BANDS = frozenset("group organisation organization faction formation movement militia".split())
_CREDITED = frozenset(
    "this that it these so such figure figures data number numbers information count statistics news announcement "
    "report statement accusation accusations according corresponding relevant".split()
)
"""What opens a sentence that only says who told what went before."""
_CREDITS = SPEECH | frozenset(
    "released provided given come comes came issued disclosed made supplied according".split()
)
_UNSURE = frozenset("not denied denies rejected disputed never no".split())
_CREDIT_REACH = 3
_VOICES = frozenset("said says told claimed claims announced stated spokesman spokesperson spokeswoman".split())


def two_sides(told: list[Sentence], rows: list[list[Mark]], catalogue: Catalogue) -> list[str]:
    """The halves of the "X-Y commission" that a text names, or else the two parties that it names."""
    for sentence in told:
        for pair in _COMPOUND.finditer(sentence.text):
            halves = [one for half in pair.groups() for one in catalogue.names.find(f"{half} side")]
            if len(halves) == 2 and all(one.kind is MentionKind.PARTY for one in halves):
                return [one.name for one in halves]
    named = dict.fromkeys(mark.mention.name for row in rows for mark in row if mark.kind is Kind.PARTY and mark.mention)
    return list(named) if len(named) == 2 else []


def point_back(row: list[Mark], state: State) -> None:
    """ "The former counted nine, the latter three": the two parties of the text, where nobody else is named."""
    if len(state.sides) != 2:
        return
    for at in range(1, len(row)):
        if row[at].word in _ORDER and row[at - 1].word == "the" and not _followed_by_noun(row, at):
            name = state.sides[_ORDER.index(row[at].word)]
            named = Mention(row[at].start, row[at].end, MentionKind.PARTY, name, ())
            row[at] = msgspec.structs.replace(row[at], kind=Kind.PARTY, mention=named)


def point_back_to_groups(row: list[Mark], state: State) -> None:
    """ "The latter group", "the former", "the group": one of the groups that the text named last."""
    here: dict[tuple[str, ...], None] = {}
    for at in range(1, len(row)):
        mark = row[at]
        if row[at - 1].kind is Kind.GROUP and (group := row[at - 1].mention) is not None and group.ids:
            here[group.ids] = None
        pair = tuple(here) if len(here) == 2 else state.pair
        if row[at - 1].word != "the" or mark.kind is not Kind.WORD:
            continue
        band = at + 1 < len(row) and row[at + 1].word in _BANDS
        ids: tuple[str, ...] | None = None
        if mark.word in _ORDER and len(pair) == 2 and (band or (not state.sides and not _followed_by_noun(row, at))):
            ids = pair[_ORDER.index(mark.word)]
        elif mark.word in _BANDS and len(state.bands) == 1 and len(state.same) != 1 and _acts(row, at):
            ids = state.bands[0]
        if ids is not None:
            named = Mention(mark.start, mark.end, MentionKind.GROUP, ids[0], ids)
            row[at] = msgspec.structs.replace(mark, kind=Kind.GROUP, mention=named)
    named_here = dict.fromkeys(
        mark.mention.ids for mark in row if mark.kind is Kind.GROUP and mark.mention is not None and mark.mention.ids
    )
    if named_here:
        state.bands = tuple(named_here)
        state.pair = state.bands if len(state.bands) == 2 else state.pair


def credit_back(row: list[Mark], state: State) -> None:
    """ "This was announced by X", "the figures come from X": X registered what the sentences before told."""
    words = [word for mark in row for word in mark.word.split(" ")]
    parties = {mark.mention.name for mark in row if mark.kind is Kind.PARTY and mark.mention is not None}
    if len(parties) != 1 or not tells_nothing(row) or not _CREDITS.intersection(words) or _UNSURE.intersection(words):
        return
    opening = [word for word in words if word not in {"the", "a", "all", '"', "“"}][:1]
    if not _CREDITED.issuperset(opening) or any(mark.kind in {Kind.GROUP, Kind.TYPE} for mark in row):
        return
    state.party = parties.pop()
    state.first_party = state.first_party or state.party
    for one in state.found:
        if one.party is None and one.sentence >= state.sentence - _CREDIT_REACH:
            one.party, one.voiced = state.party, False


def number_nones(row: list[Mark]) -> None:
    """ "Three and no violations respectively": the none is a number like the other."""
    if all(mark.word != "respectively" for mark in row):
        return
    for at, mark in enumerate(row):
        if mark.word not in {"no", "none"}:
            continue
        near = row[max(0, at - 6) : at] + row[at + 1 : at + 4]
        joined = any(one.word == "and" for one in row[max(0, at - 1) : at] + row[at + 1 : at + 3])
        if joined and any(one.number is not None for one in near):
            nought = Number(mark.start, mark.end, 0)
            row[at] = msgspec.structs.replace(mark, kind=Kind.NUMBER, word="0", number=nought)


def _acts(row: list[Mark], at: int) -> bool:
    """Whether a group did something: "the group attacked", not "the group was attacked"."""
    return at + 1 < len(row) and row[at + 1].word in ATTACKED | COMMITTED


def _followed_by_noun(row: list[Mark], at: int) -> bool:
    """ "The former chief": describes somebody else."""
    after = row[at + 1] if at + 1 < len(row) else None
    if after is None or after.number is not None or after.kind is Kind.PUNCT:
        return False
    return after.word not in REGISTERED | SPEECH | COMMITTED | {"had", "has", "of", "only", "did"}


def first_party(row: list[Mark], spans: list[tuple[int, int]], parties: list[str | None]) -> str | None:
    """Who speaks from the sentence's start: "…, the ministry said" at its end; not one that has a number of its own."""
    for (lo, hi), party in zip(spans, parties, strict=True):
        if party is not None:
            alone = lo == 0 or not any(_tells_number(row, at) for at in range(lo, hi))
            return party if alone or _speaks_last(row) or _speaks_between(row, lo) else None
    return None


def _tells_number(row: list[Mark], at: int) -> bool:
    """Whether a mark is a number, other than a multiple: "four times as many"."""
    number = row[at].number
    if number is None:
        return False
    return not (number.times and at + 1 < len(row) and row[at + 1].word in {"as", "more", "fewer", "higher", "lower"})


def _speaks_last(row: list[Mark]) -> bool:
    """Whether a party speaks at the very end: "…, the ministry said in its bulletin"."""
    for at in range(len(row) - 1, max(0, len(row) - 10), -1):
        if row[at].number is not None:
            return False
        if row[at].kind is Kind.PARTY:
            return any(mark.word in SPEECH for mark in row[at + 1 : at + 3])
    return False


def _speaks_between(row: list[Mark], lo: int) -> bool:
    """ "Twelve were recorded, the ministry said, up from eight": it speaks of what was told before it, too."""
    start = lo + (row[lo].word in {",", "the"})
    at = next((here for here in range(start, min(start + 3, len(row))) if row[here].kind is Kind.PARTY), None)
    if at is None or at + 2 >= len(row) or not lo or row[lo - 1].word != "," or row[at + 1].word not in SPEECH:
        return False
    return any(mark.word == "," and row[at + 2].number is None for mark in row[at + 2 : at + 5])


def spoken_on(row: list[Mark]) -> dt.date | None:
    """The day on which a quoted speaker spoke: "said on Sunday", "in a statement on 9 March"."""
    for at, mark in enumerate(row):
        if mark.date is None or mark.date.when is not When.DAY or len(mark.date.days) != 1:
            continue
        before = row[max(0, at - _SPEECH_REACH) : at]
        for back in reversed(before):
            if back.kind in {Kind.NUMBER, Kind.DATE} or back.word in {";", "for", "of", "that"}:
                break
            if back.word in SPEECH:
                return mark.date.days[0]
        if _is_title(row) or (at < _HEADER_MARKS and _speaks(row[at + 1 : at + 9])):
            return mark.date.days[0]
    return None


def _is_title(row: list[Mark]) -> bool:
    """ "Bulletin of the centre, 9 March 2020": the day of all that follows."""
    return any(
        mark.word in {"bulletin", "briefing", "summary", "statement", "report", "sitrep"} for mark in row[:8]
    ) and not any(mark.number is not None for mark in row)


def _speaks(ahead: list[Mark]) -> bool:
    """ "On Thursday, the ministry said": a party and a word of speech, before any number."""
    heard = False
    for mark in ahead:
        heard = heard or mark.kind is Kind.PARTY
        if mark.number is not None:
            return False
        if heard and mark.word in SPEECH:
            return True
    return False


def is_voiced(row: list[Mark]) -> bool:
    """A group speaks ("a spokesman of X said"): what it counted, no party registered."""
    for at, mark in enumerate(row):
        if mark.kind is Kind.GROUP:
            ahead = {
                one.word for one in itertools.takewhile(lambda one: one.kind is not Kind.PARTY, row[at + 1 : at + 4])
            }
            if ahead & _VOICES and not ahead & {"been", "was", "were"}:
                return True
    return False


def names_speaker(row: list[Mark], state: State) -> bool:
    """A party that is named only on a patrol, or for its data, does not speak from here on."""
    if any(mark.kind is Kind.ACTIVITY for mark in row) and not any(mark.word in SPEECH for mark in row):
        return False
    spoken = (at for at, mark in enumerate(row) if mark.kind is Kind.PARTY)
    if state.party is not None:
        spoken = (at for at in spoken if all(mark.word != "according" for mark in row[max(0, at - 3) : at]))
    return any({mark.word for mark in row[max(0, at - 4) : at + 4]}.isdisjoint(_DATA) for at in spoken)


def tells_nothing(row: list[Mark]) -> bool:
    """Whether a sentence has no number at all."""
    return all(mark.number is None for mark in row)
