"""One clause to statements: numbers of violations, explicit nones, attacks without a number, activities."""

# ruff: noqa: D210 - a docstring may begin with a quotation

from __future__ import annotations

import itertools
import re

import msgspec

from incident_pipeline.catalogue.model import Level
from incident_pipeline.catalogue.places import PlaceMatch
from incident_pipeline.intake.reading.activities import activities
from incident_pipeline.intake.reading.attacks import attacks
from incident_pipeline.intake.reading.attribution import Cluster, Roles, roles, together
from incident_pipeline.intake.reading.binding import bind_spots
from incident_pipeline.intake.reading.clause import Clause, date_of, located, put_place
from incident_pipeline.intake.reading.counted import counted
from incident_pipeline.intake.reading.counts import VIOLATIONS, Count, topic_of
from incident_pipeline.intake.reading.dated import bind_dates
from incident_pipeline.intake.reading.found import UNSAID, Found
from incident_pipeline.intake.reading.marks import Kind, Mark
from incident_pipeline.intake.reading.negation import none_at
from incident_pipeline.intake.reading.numbered import numbers_of
from incident_pipeline.intake.reading.sports import is_match
from incident_pipeline.intake.reading.state import State
from incident_pipeline.intake.reading.strangers import abroad, unknown_doers, unknown_place
from incident_pipeline.intake.reading.tied import is_told
from incident_pipeline.intake.reading.vocabulary import (
    AREAS,
    ELSEWHERE,
    HEADS,
    LAWS,
    NOT_SO,
    OTHER_LAWS,
    TRUCES,
)

_ALL_DAYS = (
    "of the three days",
    "of the days",
    "on all",
    "on any of",
    "on either",
    "on both",
    "on each of",
    "of these days",
    "of those days",
    "throughout",
)


_ABOUT = ("as for", "as to", "as regards", "with regard", "with respect", "regarding", "concerning")
_CUT_MARKS = 200
"""A longer clause is no sentence that somebody wrote; cutting it again and again would take too long."""


def read_clause(clause: Clause, state: State) -> None:
    """Add what a clause states to `state.found` and `state.activities`."""
    words = clause.words
    if words & NOT_SO or _is_elsewhere(clause, state):
        return
    done = roles(clause.row, clause.lo, clause.hi, state.catalogue, state.same)
    if not done.perpetrators and clause.lo and _is_about(clause):
        done = roles(clause.row, 0, clause.hi, state.catalogue, state.same)
    denied = none_at(clause.row, clause.lo, clause.hi, topic=state.topic)
    if denied is not None:
        cut = _cut(clause, denied)
        if cut is None:
            _none_of(clause, denied, state)
            _none(clause, done, state)
            return
        read_clause(_half(clause, clause.lo, cut), state)
        read_clause(_half(clause, cut, clause.hi), state)
        return
    numbers = numbers_of(clause, state)
    free = bind_spots(numbers, located(clause), clause.row, clause.lo, clause.hi)
    bind_dates(numbers, clause.row, clause.lo, clause.hi)
    told = _told(numbers, clause, state)
    found = counted(told, done, clause, state)
    if clause.around is not None and not any(one.by_place for one in found):
        for one in found:
            put_place(one, [clause.around], state)
    outside = abroad(clause.row, clause.lo, clause.hi, clause.places, state.catalogue)
    for one in found:
        _put_unknown(one, outside)
    refused = any(count.topic == VIOLATIONS and not count.bare and count not in told for count in numbers)
    if (not told and not refused) or (free and any(count.tied and count.bare for count in told)):
        found += attacks(free, numbers, done, clause, state, words)
    state.activities += activities(numbers, clause.row, clause.lo, clause.hi, clause.party, state)
    state.topic = _topic_left(numbers, clause) or state.topic
    state.found += found
    clusters = [one for one in done.perpetrators if one.groups]
    if found and clusters:
        state.same = max((one.groups for one in clusters), key=len) if len(clusters) > 1 else clusters[0].groups


def _told(numbers: list[Count], clause: Clause, state: State) -> list[Count]:
    """The numbers that surely are of violations; one alone that is told `respectively` is nobody's."""
    told: list[Count] = []
    for count in numbers:
        listed = bool(told) and count.bare and _is_listed(told[-1], count, clause)
        if count.topic == VIOLATIONS and (listed or is_told(count, clause, state)):
            told.append(count)
    if len(told) > 1 and _opens_with_more(told[0], clause):
        told = told[1:]
    lone = len(told) == 1 and "respectively" in clause.words and len(told[0].spots) < 2
    return [] if lone else told


def _opens_with_more(count: Count, clause: Clause) -> bool:
    """ "With two more in the evening, the day's total came to six": the total holds them."""
    opening = [mark.word for mark in clause.row[clause.lo : count.at + 2]]
    return opening[:1] in (["with"], ["after"]) and len(opening) == 3 and opening[-1] in {"more", "further", "others"}


def _is_listed(before: Count, count: Count, clause: Clause) -> bool:
    """ "3, 2 and 1": a number that only goes on with those before it."""
    between = {mark.word for mark in clause.row[before.end : count.at]}
    return bool(between) and between <= {",", "and"} and before.bare


def _who_denies(clause: Clause, done: Roles, state: State) -> str | None:
    """A party that registers against one side is not carried over to a none of the other side."""
    own = state.own_party if state.speaks_itself else state.first_party
    named = {group for one in done.perpetrators for group in one.groups}
    if not named or clause.party in {None, own} or any(one.kind is Kind.PARTY for one in clause.row):
        return clause.party
    mine, theirs = (state.catalogue.registered_against(party or "") for party in (own, clause.party))
    return None if theirs and named.isdisjoint(theirs) and not named.isdisjoint(mine) else clause.party


def _cut(clause: Clause, denied: int) -> int | None:
    """Where a clause that tells a number too is cut, so that the none is by itself: at the comma between them."""
    row = clause.row
    if clause.hi - clause.lo > _CUT_MARKS:
        return None
    told = [
        at
        for at in range(clause.lo, clause.hi)
        if (number := row[at].number) is not None and number.value and row[at + 1 : at + 2]
        if row[at + 1].word not in AREAS
    ]
    commas = [at for at in range(clause.lo + 1, clause.hi - 1) if row[at].word in {",", "and"} or _there_were(row, at)]
    before = [at for at in commas if at < denied and told and told[0] < at]
    after = [at for at in commas if at > denied and told and told[-1] > at]
    return before[-1] if before else after[0] if after else None


def _there_were(row: list[Mark], at: int) -> bool:
    """ "After three on Monday there were none on Tuesday"."""
    return row[at].word == "there" and row[at + 1].word in {"was", "were", "had"}


def _half(clause: Clause, lo: int, hi: int) -> Clause:
    """A part of a clause, and the party that it names for itself: "none by the one side, and five by the other"."""
    named = {mark.mention.name for mark in clause.row[lo:hi] if mark.kind is Kind.PARTY and mark.mention is not None}
    party = named.pop() if len(named) == 1 else clause.party
    return msgspec.structs.replace(clause, lo=lo, hi=hi, party=party, heard=None)


def _is_about(clause: Clause) -> bool:
    """ "As for X, no breaches on its part were seen": the sentence opens with whom it is about."""
    return " ".join(mark.word for mark in clause.row[:2]).startswith(_ABOUT)


def _is_elsewhere(clause: Clause, state: State) -> bool:
    """Whether a sentence is about another law, or another war that the text speaks of."""
    row = clause.row
    words = {word.lower() for mark in row if mark.kind is not Kind.PARTY for word in mark.word.split(" ")}
    if words & OTHER_LAWS and words.isdisjoint({"ceasefire", "cease-fire", "truce"}):
        return True
    if _is_of_another_law(row) or is_match(row, words):
        return True
    if any(mark.kind is Kind.PLACE for mark in row):
        state.elsewhere = False
    elif not ELSEWHERE.isdisjoint(
        part for word in words for part in (word, *(re.split(r"\W+s?\b", word) if word[:1].isalnum() else ()))
    ):
        state.elsewhere = True
    elif any(mark.kind is Kind.PARTY for mark in row):
        state.elsewhere = False
    return state.elsewhere


def _is_of_another_law(row: list[Mark]) -> bool:
    """ "Violations of building rules": a law is named, and it is no truce."""
    for at in range(len(row) - 1):
        if row[at].word.rsplit(" ", 1)[-1] in HEADS and row[at + 1].word == "of":
            words = {word for mark in row[at + 2 : at + 9] for word in mark.word.split(" ")}
            if not words.isdisjoint(LAWS) and words.isdisjoint(TRUCES):
                return True
    return False


def _topic_left(numbers: list[Count], clause: Clause) -> str | None:
    """What a bare number in the next sentence would count."""
    if any(count.topic == VIOLATIONS for count in numbers) or clause.words & HEADS:
        return VIOLATIONS
    mentions = [mark.mention for mark in clause.row[clause.lo : clause.hi] if mark.kind is Kind.ACTIVITY]
    return mentions[-1].name if mentions and mentions[-1] is not None else None


def _carried(clause: Clause, state: State) -> Cluster:
    """ "Three by X on Monday and none on Tuesday": a none of X, where it is no more than that."""
    last = state.found[-1] if state.found else None
    behind = clause.row[clause.lo + 1 : clause.lo + 3]
    short = clause.row[clause.lo].word == "and" and [mark.word for mark in behind] in (["none", "on"], ["none", "in"])
    if last is None or not short or last.sentence != state.sentence:
        return Cluster(0, 0, ())
    return Cluster(0, 0, last.groups, last.group_name)


def _none_of(clause: Clause, denied: int, state: State) -> None:
    """ "None of the eight violations was committed by X": eight there were."""
    row = clause.row
    at = next((here for here in range(denied + 1, min(denied + 5, clause.hi)) if row[here].number is not None), None)
    if at is None or row[at - 1].word not in {"the", "all"} or row[at - 2].word != "of":
        return
    number = row[at].number
    topic, _, code = topic_of(row, at, clause.hi, about=clause.about)
    days = state.days(date_of(clause), clause.party)
    if number is None or not number.value or topic != VIOLATIONS or not days:
        return
    one = Found(count=number.value, sentence=state.sentence, day=days[0][0], party=clause.party, type=code or UNSAID)
    state.found.append(one)


def _none(clause: Clause, done: Roles, state: State) -> None:
    """An explicit none holds for each of its days, groups and places."""
    places = located(clause)
    zoned = any(spot.level is Level.ZONE for spot in places)
    text = " ".join(mark.word for mark in clause.row[clause.lo : clause.hi])
    state.topic = VIOLATIONS
    days = state.days(date_of(clause), clause.party, each=True) or []
    parties: list[str | None] = [*together(clause.row, clause.lo, clause.hi, state.sides)] or [
        _who_denies(clause, done, state)
    ]
    strangers = unknown_doers(clause.row, clause.lo, clause.hi)
    doers = [*done.perpetrators, *(Cluster(0, 0, (), name) for name in strangers)] or [_carried(clause, state)]
    unknown = None if places else unknown_place(clause.row, clause.lo, clause.hi, clause.places, state.catalogue)
    for party, (day, _) in itertools.product(parties, days):
        for by in doers:
            for where in [[spot] for spot in places] if len(places) > 1 and not zoned else [places]:
                one = Found(count=0, sentence=state.sentence, day=day, party=party)
                one.groups, one.group_name = by.groups, by.name
                one.all_days = any(phrase in text for phrase in _ALL_DAYS)
                put_place(one, where, state)
                _put_unknown(one, unknown)
                state.found.append(one)


def _put_unknown(one: Found, match: PlaceMatch | None) -> None:
    """Put a statement without a place where no known place is."""
    if match is not None and match.flag is not None and not one.by_place:
        one.place_name, one.flags = match.written, (match.flag.value,)
