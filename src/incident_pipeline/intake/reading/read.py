"""Reading a text from top to bottom: sentences, marks, clauses, statements, and all of them gathered once."""

# ruff: noqa: RUF001 - texts hold dashes and quotation marks of every kind
# ruff: noqa: SIM905 - a list of words reads best as words
# ruff: noqa: D210 - a docstring may begin with a quotation

from __future__ import annotations

import datetime as dt
import itertools
import re

import msgspec

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.names import Mention, MentionKind
from incident_pipeline.intake.reading.attribution import Cluster, is_attribution_only, names_only, party_of, roles
from incident_pipeline.intake.reading.clause import Clause, codes, put_place
from incident_pipeline.intake.reading.clauses import clauses
from incident_pipeline.intake.reading.dates import When, dates
from incident_pipeline.intake.reading.found import UNSAID, Found
from incident_pipeline.intake.reading.gather import gather, gather_activities
from incident_pipeline.intake.reading.marks import Kind, Mark, marks
from incident_pipeline.intake.reading.numbers import numbers
from incident_pipeline.intake.reading.sentences import Sentence, sentences
from incident_pipeline.intake.reading.state import State
from incident_pipeline.intake.reading.statements import read_clause
from incident_pipeline.intake.reading.vocabulary import (
    ABOUT_VIOLATIONS,
    ATTACKED,
    CASUALTY,
    COMMITTED,
    HEADS,
    KIND_WORDS,
    REGISTERED,
    SPEECH,
)
from incident_pipeline.intake.reading.whereabouts import Spot, spots
from incident_pipeline.intake.told import Telling
from incident_pipeline.report import Report

_SPEECH_REACH = 7
_HEADER_MARKS = 4
_TITLE_MARKS = 14
_DATA = frozenset({"data", "figures", "'s data"})
_LOCATING = frozenset(
    "both all they were was near in around at by with took place occurred happened "
    "registered recorded them these , .".split()
)
_STATEMENTS_MAX = 1_000
"""Beyond this a text is refused for its number of lines anyway; merging them must stay cheap."""
_COMPOUND = re.compile(r"\b([A-Z][a-z]{2,20})-([A-Z][a-z]{2,20})\b")
_TITLE = re.compile(r"\b(?:bulletin|briefing|summary|statement|report|sitrep)\b", re.IGNORECASE)
_ORDER = ("former", "latter")
_VOICES = frozenset("said says told claimed claims announced stated spokesman spokesperson spokeswoman".split())
_POINTING = frozenset({"that", "this", "these", "they", "it", "those"})


def read(report: Report, catalogue: Catalogue) -> Telling:
    """Statements and activities that the text of a report tells; none where it has no text or tells none."""
    if not report.text:
        return Telling()
    told = sentences(report.text)
    body = [sentence for at, sentence in enumerate(told) if not sentence.heading or _is_dated_title(sentence, at)]
    telling = _read(body, report, catalogue)
    if telling.statements or telling.activities or len(body) == len(told):
        return telling
    return _read(told, report, catalogue)


def _read(told: list[Sentence], report: Report, catalogue: Catalogue) -> Telling:
    voice = catalogue.voice(report.source)
    state = State(
        catalogue=catalogue,
        reference=_reference(report, catalogue),
        told_day=report.occurred_on is not None or report.occurred_at is not None,
        own_party=voice.party,
        speaks_itself=voice.registers_itself or report.origin_source is not None,
    )
    rows = [marks(sentence.text, catalogue.names, state.reference) for sentence in told]
    state.about = any(word in ABOUT_VIOLATIONS for row in rows for mark in row for word in mark.word.split(" "))
    state.sides = _two_sides(told, rows, catalogue)
    registers = bool(catalogue.registered_against(voice.party))
    state.about = state.about or registers
    state.anchored = any(
        mark.date is not None and mark.date.when in {When.PAST_DAY, When.PREVIOUS} for row in rows for mark in row
    )
    for row in rows:
        if state.anchor is None:
            state.anchor = _spoken_on(row)
    for sentence, row in zip(told, rows, strict=True):
        if len(state.found) > _STATEMENTS_MAX:
            break
        _read_sentence(sentence, row, state)
    return Telling(activities=gather_activities(state.activities), statements=gather(state))


def _two_sides(told: list[Sentence], rows: list[list[Mark]], catalogue: Catalogue) -> list[str]:
    """The halves of the "X-Y commission" that a text names, or else the two parties that it names."""
    for sentence in told:
        for pair in _COMPOUND.finditer(sentence.text):
            halves = [one for half in pair.groups() for one in catalogue.names.find(f"{half} side")]
            if len(halves) == 2 and all(one.kind is MentionKind.PARTY for one in halves):
                return [one.name for one in halves]
    named = dict.fromkeys(mark.mention.name for row in rows for mark in row if mark.kind is Kind.PARTY and mark.mention)
    return list(named) if len(named) == 2 else []


def _reference(report: Report, catalogue: Catalogue) -> dt.date | None:
    """The local day from which "yesterday" and "Monday" are counted."""
    if report.published_at is not None:
        return catalogue.days.local(report.published_at.timestamp())[0]
    if report.occurred_at is not None:
        return catalogue.days.local(report.occurred_at.timestamp())[0]
    if isinstance(report.occurred_on, tuple):
        return report.occurred_on[1]
    return report.occurred_on


def _read_sentence(sentence: Sentence, row: list[Mark], state: State) -> None:
    state.sentence += 1
    _point_back(row, state)
    if sentence.first:
        state.new_paragraph()
    spoken = _spoken_on(row)
    if spoken is not None:
        state.anchor, state.day, state.headed = spoken, None, False
    _header(row, state)
    before = state.party
    spans = clauses(row)
    parties = [party_of(row, lo, hi) for lo, hi in spans]
    named = party_of(row, 0, len(row))
    opening = _first_party(row, spans, parties)
    if named is not None and _names_speaker(row, state):
        state.party = named
        if state.first_party is None and (_tells_nothing(row) or any(mark.word in SPEECH for mark in row)):
            state.first_party = opening
    places = spots(row, sentence.text, state.catalogue)
    about = any(word in ABOUT_VIOLATIONS for mark in row for word in mark.word.split(" ")) or state.topic is not None
    inherited = opening or before
    voiced = _is_voiced(row)
    if voiced:
        inherited = None
    _date_back(row, state)
    for (lo, hi), party in zip(spans, parties, strict=True):
        if _attributes_only(row[lo:hi], row, state) or _locates_only(row[lo:hi], places, state):
            continue
        inherited = party or inherited
        if lo == 0 and hi < len(row):
            _lead_day(row[lo:hi], state)
            if _is_long_ago(row[lo:hi]):
                break
        around = _around(row, lo, places) if party is not None else None
        read_clause(Clause(row, lo, hi, places, inherited, about, voiced, around), state)


def _point_back(row: list[Mark], state: State) -> None:
    """ "The former counted nine, the latter three": the two parties of the text, where nobody else is named."""
    if len(state.sides) != 2:
        return
    for at in range(1, len(row)):
        if row[at].word in _ORDER and row[at - 1].word == "the" and not _followed_by_noun(row, at):
            name = state.sides[_ORDER.index(row[at].word)]
            named = Mention(row[at].start, row[at].end, MentionKind.PARTY, name, ())
            row[at] = msgspec.structs.replace(row[at], kind=Kind.PARTY, mention=named)


def _followed_by_noun(row: list[Mark], at: int) -> bool:
    """ "The former chief": describes somebody else."""
    after = row[at + 1] if at + 1 < len(row) else None
    if after is None or after.number is not None or after.kind is Kind.PUNCT:
        return False
    return after.word not in REGISTERED | SPEECH | {"had", "has", "of", "only"}


def _around(row: list[Mark], lo: int, places: list[Spot]) -> Spot | None:
    """ "In X the one side registered three and the other two": the place that opens the sentence is that of both."""
    opening = places[0] if places else None
    if not lo or opening is None or row[lo].word == ";" or opening.first > 1 or row[0].word not in {"in", "near"}:
        return None
    return opening if all(mark.word != ";" for mark in row[:lo]) else None


def _first_party(row: list[Mark], spans: list[tuple[int, int]], parties: list[str | None]) -> str | None:
    """Who speaks from the sentence's start: "…, the ministry said" at its end; not one that has a number of its own."""
    for (lo, hi), party in zip(spans, parties, strict=True):
        if party is not None:
            alone = lo == 0 or not any(mark.number is not None for mark in row[lo:hi])
            return party if alone or _speaks_last(row) else None
    return None


def _speaks_last(row: list[Mark]) -> bool:
    """Whether a party speaks at the very end: "…, the ministry said in its bulletin"."""
    for at in range(len(row) - 1, max(0, len(row) - 10), -1):
        if row[at].number is not None:
            return False
        if row[at].kind is Kind.PARTY:
            return any(mark.word in SPEECH for mark in row[at + 1 : at + 3])
    return False


def _ends_in_day(row: list[Mark]) -> bool:
    """A line without a verb that ends in a day: "Team 4, daily log, 11 March."."""
    last = next((mark for mark in reversed(row) if mark.kind is not Kind.PUNCT), None)
    if last is None or last.date is None or last.date.when is not When.DAY or len(last.date.days) != 1:
        return False
    words = {word for mark in row for word in mark.word.split(" ")}
    return words.isdisjoint(REGISTERED | ATTACKED | HEADS | COMMITTED)


def _lead_day(opening: list[Mark], state: State) -> None:
    """ "On the night of 9 March, the centre…": the day of an opening clause without numbers is the sentence's."""
    told = [mark.date for mark in opening if mark.date is not None]
    if len(told) == 1 and not any(mark.number is not None for mark in opening):
        only = told[0]
        if only.when is When.DAY and len(only.days) == 1:
            state.day = only.days[0]


def _is_long_ago(opening: list[Mark]) -> bool:
    """ "Eight years ago, …": all of the sentence is background."""
    vague = any(mark.date is not None and mark.date.when is When.VAGUE for mark in opening)
    short = len(opening) <= _HEADER_MARKS + 2 and not any(
        mark.kind is Kind.TYPE or mark.word in HEADS for mark in opening
    )
    return vague and short and opening[-1].word == ","


def _header(row: list[Mark], state: State) -> None:
    """A day at the head of a line ("9 March:", "On 9 March, "), or at the end of a title, is that of what follows."""
    if state.sentence == 1 and len(row) <= _TITLE_MARKS and _ends_in_day(row):
        state.day, state.headed = next(mark.date.days[0] for mark in reversed(row) if mark.date is not None), True
    for mark in row[:_HEADER_MARKS]:
        if mark.date is not None:
            if mark.date.when is When.DAY and len(mark.date.days) == 1:
                at = row.index(mark)
                alone = at + 1 >= len(row) or row[at + 1].word in {":", ".", "–", "—", "-"}
                if alone or not mark.date.weekday or not state.anchored:
                    state.day = mark.date.days[0]
                    state.headed = state.headed or alone
            return
        if mark.kind not in {Kind.WORD, Kind.PUNCT, Kind.PLACE, Kind.NAME}:
            return


def _spoken_on(row: list[Mark]) -> dt.date | None:
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


def _is_dated_title(sentence: Sentence, at: int) -> bool:
    """The first line of a bulletin tells who speaks and of which day."""
    if at or not _TITLE.search(sentence.text):
        return False
    told = dates(sentence.text, None)
    return bool(told) and all(
        any(one.start <= number.start < one.end for one in told) for number in numbers(sentence.text)
    )


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


def _is_voiced(row: list[Mark]) -> bool:
    """A group speaks ("a spokesman of X said"): what it counted, no party registered."""
    for at, mark in enumerate(row):
        if mark.kind is Kind.GROUP:
            ahead = {
                one.word for one in itertools.takewhile(lambda one: one.kind is not Kind.PARTY, row[at + 1 : at + 4])
            }
            if ahead & _VOICES and not ahead & {"been", "was", "were"}:
                return True
    return False


def _date_back(row: list[Mark], state: State) -> None:
    """ "That is how many were registered on 11 March": the day of the sentence before."""
    if not row or row[0].word not in _POINTING or any(mark.number is not None for mark in row):
        return
    days = {mark.date.days for mark in row if mark.date is not None and mark.date.when is When.DAY}
    if len(days) != 1 or len(only := days.pop()) != 1:
        return
    state.day = only[0]
    for one in state.found:
        if one.sentence == state.sentence - 1 and one.day is None:
            one.day = only[0]


def _tells_nothing(row: list[Mark]) -> bool:
    return all(mark.number is None for mark in row)


def _names_speaker(row: list[Mark], state: State) -> bool:
    """A party that is named only on a patrol, or for its data, does not speak from here on."""
    if any(mark.kind is Kind.ACTIVITY for mark in row) and not any(mark.word in SPEECH for mark in row):
        return False
    spoken = (at for at, mark in enumerate(row) if mark.kind is Kind.PARTY)
    if state.party is not None:
        spoken = (at for at in spoken if all(mark.word != "according" for mark in row[max(0, at - 3) : at]))
    return any({mark.word for mark in row[max(0, at - 4) : at + 4]}.isdisjoint(_DATA) for at in spoken)


def _has_numbers(row: list[Mark]) -> bool:
    """Whether a number is told, other than how often or on how many days ("all three days", "both times")."""
    numbers = [at for at, mark in enumerate(row) if mark.number is not None]
    return (
        any(at == 0 or row[at - 1].word not in {"all", "these", "those", "the", "each"} for at in numbers)
        or len(numbers) > 1
    )


def _attributes_only(row: list[Mark], sentence: list[Mark], state: State) -> bool:
    """ "They were committed by A or B": belongs to what was told before."""
    words = {mark.word for mark in row}
    denied = bool(words & {"no", "none", "not"}) and "whether" not in words
    if not state.found or denied or words & CASUALTY or _has_numbers(row):
        return False
    if not is_attribution_only(row) and not (len(row) == len(sentence) and names_only(row)):
        return False
    named = [one for one in roles(row, 0, len(row), state.catalogue, state.same).perpetrators if one.groups or one.name]
    if not named or any(mark.kind in {Kind.PLACE, Kind.CLOCK} for mark in row):
        return False
    opening = sentence[: sentence.index(row[0])]
    _attribute(named[0], opening + row if len(opening) <= _TITLE_MARKS else row, state)
    return True


def _locates_only(row: list[Mark], places: list[Spot], state: State) -> bool:
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
