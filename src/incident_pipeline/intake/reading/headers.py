"""Days that head a line, open a sentence, or close a title: those of what follows; and of what went before."""

# ruff: noqa: RUF001 - texts hold dashes and quotation marks of every kind

# ruff: noqa: D210 - a docstring may begin with a quotation

from __future__ import annotations

import itertools
import re

from incident_pipeline.intake.reading.counts import VIOLATIONS
from incident_pipeline.intake.reading.dates import When, dates
from incident_pipeline.intake.reading.marks import Kind, Mark
from incident_pipeline.intake.reading.numbers import numbers
from incident_pipeline.intake.reading.sentences import Sentence
from incident_pipeline.intake.reading.state import State
from incident_pipeline.intake.reading.vocabulary import (
    ATTACKED,
    COMMITTED,
    HEADS,
    REGISTERED,
)

_HEADER_MARKS = 4
_TITLE_MARKS = 14
_TITLE = re.compile(r"\b(?:bulletin|briefing|summary|statement|report|sitrep)\b", re.IGNORECASE)
_STOPS = (".", "!", "?", '."', ".”")
_ENTRY = re.compile(r"[^:.]{2,60}(?::| [–—-])\s?\S")
_POINTING = frozenset({"that", "this", "these", "they", "it", "those"})


def header(row: list[Mark], state: State) -> None:
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
        if mark.kind not in {Kind.WORD, Kind.PUNCT, Kind.PLACE, Kind.NAME, Kind.TYPE}:
            return


def _ends_in_day(row: list[Mark]) -> bool:
    """A line without a verb that ends in a day: "Team 4, daily log, 11 March."."""
    last = next((mark for mark in reversed(row) if mark.kind is not Kind.PUNCT), None)
    if last is None or last.date is None or last.date.when is not When.DAY or len(last.date.days) != 1:
        return False
    words = {word for mark in row for word in mark.word.split(" ")}
    return words.isdisjoint(REGISTERED | ATTACKED | HEADS | COMMITTED)


def lead_day(opening: list[Mark], state: State) -> None:
    """ "On the night of 9 March, the centre…": the day of an opening clause without numbers is the sentence's."""
    told = [mark.date for mark in opening if mark.date is not None]
    if len(told) == 1 and not any(mark.number is not None for mark in opening):
        only = told[0]
        if only.when is When.DAY and len(only.days) == 1:
            state.day = only.days[0]


def is_long_ago(opening: list[Mark]) -> bool:
    """ "Eight years ago, …": all of the sentence is background."""
    vague = any(mark.date is not None and mark.date.when is When.VAGUE for mark in opening)
    short = len(opening) <= _HEADER_MARKS + 2 and not any(
        mark.kind is Kind.TYPE or mark.word in HEADS for mark in opening
    )
    return vague and short and opening[-1].word == ","


def opens_period(opening: list[Mark]) -> bool:
    """ "Since 5 March, when the truce was agreed, …": what the sentence counts is no day's, unless it names one."""
    since = any(mark.word.startswith("since") for mark in opening[:2])
    vague = any(mark.date is not None and mark.date.when is When.VAGUE for mark in opening[:3])
    return since and vague and all(mark.number is None for mark in opening)


def asks(row: list[Mark], state: State) -> bool:
    """Whether a sentence is a question, which states nothing; "how many on Monday?" tells what the answer is about."""
    if not row or row[-1].word != "?":
        return False
    words = [word.lower() for mark in row for word in mark.word.split(" ")]
    many = ("how", "many") in itertools.pairwise(words)
    done = next((mark.mention for mark in row if mark.kind is Kind.ACTIVITY), None)
    if many and done is not None:
        state.topic = done.name
        return True
    if many and (not HEADS.isdisjoint(words) or state.topic == VIOLATIONS):
        state.asked, state.topic = state.sentence, VIOLATIONS
        told = [mark.date for mark in row if mark.date is not None and mark.date.when is When.DAY]
        if len(told) == 1 and len(told[0].days) == 1:
            state.day = told[0].days[0]
    return True


def date_aside(row: list[Mark], state: State) -> None:
    """ "Except for three violations in X, none were recorded on 11 March": the three are of that day, too."""
    if row and row[0].word in {"except", "apart", "aside", "besides", "excepting"}:
        told = [mark.date for mark in row if mark.date is not None]
        if len(told) == 1 and told[0].when is When.DAY and len(told[0].days) == 1:
            state.day = told[0].days[0]


def date_back(row: list[Mark], state: State) -> None:
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


def is_list(told: list[Sentence]) -> bool:
    """Whether a text is a bulletin in lines, "9 March: 2" and "Convoys: 13": none of them ends in a full stop."""
    entries = sum(is_entry(sentence) for sentence in told)
    return 2 * entries > len(told) and all(not sentence.text.rstrip().endswith(_STOPS) for sentence in told)


def is_entry(sentence: Sentence) -> bool:
    """Whether a line is a label and what it tells."""
    return _ENTRY.match(sentence.text) is not None


def is_dated_title(sentence: Sentence, at: int) -> bool:
    """The first line of a bulletin tells who speaks and of which day."""
    if at or not _TITLE.search(sentence.text):
        return False
    told = dates(sentence.text, None)
    return bool(told) and all(
        any(one.start <= number.start < one.end for one in told) for number in numbers(sentence.text)
    )
