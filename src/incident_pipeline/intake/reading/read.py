"""Reading a text from top to bottom: sentences, marks, clauses, statements, and all of them gathered once."""


# ruff: noqa: D210 - a docstring may begin with a quotation

# ruff: noqa: C901 - a rule is a list of cases, and texts hold dashes of every kind

from __future__ import annotations

import datetime as dt

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.spelling import as_seen
from incident_pipeline.intake.reading.attribution import party_of
from incident_pipeline.intake.reading.clause import Clause
from incident_pipeline.intake.reading.clauses import clauses
from incident_pipeline.intake.reading.dates import When
from incident_pipeline.intake.reading.gather import gather, gather_activities
from incident_pipeline.intake.reading.headers import (
    asks,
    date_aside,
    date_back,
    header,
    is_dated_title,
    is_entry,
    is_list,
    is_long_ago,
    lead_day,
    opens_period,
)
from incident_pipeline.intake.reading.marks import Kind, Mark, marks
from incident_pipeline.intake.reading.pointing import with_pointed
from incident_pipeline.intake.reading.referring import attributes_only, locates_only
from incident_pipeline.intake.reading.sentences import Sentence, sentences
from incident_pipeline.intake.reading.speakers import (
    credit_back,
    first_party,
    is_voiced,
    names_speaker,
    number_nones,
    point_back,
    point_back_to_groups,
    spoken_on,
    tells_nothing,
    two_sides,
)
from incident_pipeline.intake.reading.state import State
from incident_pipeline.intake.reading.statements import read_clause
from incident_pipeline.intake.reading.those import adds_to_those
from incident_pipeline.intake.reading.vocabulary import (
    ABOUT_VIOLATIONS,
    ATTACKED,
    HEADS,
    SPEECH,
)
from incident_pipeline.intake.reading.whereabouts import Spot, spots
from incident_pipeline.intake.told import Telling
from incident_pipeline.report import Report

_PLACE_NOUNS = (["village"], ["town"], ["city"], ["settlement"], ["province"], ["area"])
_STATEMENTS_MAX = 1_000
"""Beyond this a text is refused for its number of lines anyway; merging them must stay cheap."""


def read(report: Report, catalogue: Catalogue) -> Telling:
    """Statements and activities that the text of a report tells; none where it has no text or tells none."""
    if not report.text:
        return Telling()
    told = sentences(as_seen(report.text))
    body = [sentence for at, sentence in enumerate(told) if not sentence.heading or is_dated_title(sentence, at)]
    if body and is_list(told):
        body = told if is_entry(told[0]) else told[1:]
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
    state.sides = two_sides(told, rows, catalogue)
    registers = bool(catalogue.registered_against(voice.party))
    state.registrar = registers
    state.about = state.about or registers
    state.anchored = any(
        mark.date is not None and mark.date.when in {When.PAST_DAY, When.PREVIOUS} for row in rows for mark in row
    )
    state.feed = sum(sentence.first and _opens_with_clock(row) for sentence, row in zip(told, rows, strict=True)) > 1
    for row in rows:
        if state.anchor is None:
            state.anchor = spoken_on(row)
    for sentence, row in zip(told, rows, strict=True):
        if len(state.found) > _STATEMENTS_MAX:
            break
        _read_sentence(sentence, row, state)
    return Telling(activities=gather_activities(state.activities), statements=gather(state))


def _reference(report: Report, catalogue: Catalogue) -> dt.date | None:
    """The local day from which "yesterday" and "Monday" are counted; None where no year lies on both sides of it."""
    day = _spoken_on(report, catalogue)
    return day if day is not None and dt.MINYEAR + 1 < day.year < dt.MAXYEAR - 1 else None


def _spoken_on(report: Report, catalogue: Catalogue) -> dt.date | None:
    if report.published_at is not None:
        return catalogue.days.local(report.published_at.timestamp())[0]
    if report.occurred_at is not None:
        return catalogue.days.local(report.occurred_at.timestamp())[0]
    if isinstance(report.occurred_on, tuple):
        return report.occurred_on[1]
    return report.occurred_on


def _read_sentence(sentence: Sentence, row: list[Mark], state: State) -> None:
    state.sentence += 1
    point_back(row, state)
    credit_back(row, state)
    point_back_to_groups(row, state)
    number_nones(row)
    if sentence.first:
        state.new_paragraph()
    spoken = spoken_on(row)
    if spoken is not None:
        state.anchor, state.day, state.headed = spoken, None, False
    header(row, state)
    if asks(row, state):
        return
    alone = (
        state.feed and sentence.first and _opens_with_clock(row) and all(mark.kind is not Kind.PARTY for mark in row)
    )
    if alone:
        state.party = None
    before = state.party
    spans = clauses(row)
    parties = [party_of(row, lo, hi) for lo, hi in spans]
    named = party_of(row, 0, len(row))
    opening = first_party(row, spans, parties)
    if named is not None and names_speaker(row, state):
        state.party = named
        if state.first_party is None and (tells_nothing(row) or any(mark.word in SPEECH for mark in row)):
            state.first_party = opening
    places = with_pointed(row, spots(row, sentence.text, state.catalogue), state)
    about = any(word in ABOUT_VIOLATIONS for mark in row for word in mark.word.split(" ")) or state.topic is not None
    inherited = opening or before
    voiced = is_voiced(row) or (alone and not state.speaks_itself)
    inherited = None if voiced else inherited
    date_back(row, state)
    date_aside(row, state)
    for (lo, hi), party in zip(spans, parties, strict=True):
        if adds_to_those(row, lo, hi, places, state):
            continue
        if attributes_only(row[lo:hi], row, state) or locates_only(row[lo:hi], places, state):
            continue
        inherited = party or inherited
        if lo == 0 and hi < len(row):
            lead_day(row[lo:hi], state)
            if is_long_ago(row[lo:hi]):
                break
            if opens_period(row[lo:hi]):
                state.period = state.sentence
        around = _around(row, lo, places) if party is not None else _there(row, lo, hi, places)
        read_clause(Clause(row, lo, hi, places, inherited, about, voiced, around), state)


def _there(row: list[Mark], lo: int, hi: int, places: list[Spot]) -> Spot | None:
    """ "X saw most: it was shelled six times": the place before."""
    before = [spot for spot in places if spot.first < lo]
    if (
        not lo
        or len(before) != 1
        or any(lo <= spot.first < hi for spot in places)
        or row[lo].word not in {";", ",", ":"}
    ):
        return None
    words = [mark.word for mark in row[lo:hi]]
    opening = words[1:4]
    on_it = opening[:1] in (["on"], ["at"], ["against"]) and opening[1:2] == ["it"]
    it = (
        opening[:1] == ["it"]
        or on_it
        or (opening[:1] in (["this"], ["that"], ["the"]) and opening[1:2] in _PLACE_NOUNS)
    )
    return (
        before[0] if it and not (ATTACKED | HEADS).isdisjoint(word.rsplit(" ", 1)[-1] for word in words[2:8]) else None
    )


def _opens_with_clock(row: list[Mark]) -> bool:
    return any(mark.clock is not None for mark in row[:2])


def _around(row: list[Mark], lo: int, places: list[Spot]) -> Spot | None:
    """ "In X the one side registered three and the other two": the place that opens the sentence is that of both."""
    opening = places[0] if places else None
    if not lo or opening is None or row[lo].word == ";" or opening.first > 1 or row[0].word not in {"in", "near"}:
        return None
    return opening if all(mark.word != ";" for mark in row[:lo]) else None
