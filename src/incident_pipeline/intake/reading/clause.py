"""One clause as the rules see it, and what all of them ask of it: place, type, date, time."""

# ruff: noqa: D210 - a docstring may begin with a quotation

from __future__ import annotations

import msgspec

from incident_pipeline.catalogue.model import Level
from incident_pipeline.intake.reading.attribution import Cluster, Roles
from incident_pipeline.intake.reading.dates import DateMention
from incident_pipeline.intake.reading.found import UNSAID, Found
from incident_pipeline.intake.reading.marks import Kind, Mark
from incident_pipeline.intake.reading.state import State
from incident_pipeline.intake.reading.vocabulary import (
    AREAS,
    HEADS,
    NOT_THE_PLACE,
    REGISTERED,
    WEAPONS,
)
from incident_pipeline.intake.reading.whereabouts import Spot

_OPENERS = frozenset({":", ";", "("})
_TELLING = frozenset({"reported", "heard"})
_BASED = frozenset({"base", "airbase", "based", "headquarters", "office"})


class Clause(msgspec.Struct):
    """Marks `lo` to `hi` - 1 of a sentence, and what the sentence tells of them."""

    row: list[Mark]
    lo: int
    hi: int
    places: list[Spot]
    party: str | None
    about: bool
    voiced: bool
    """Somebody who is no party says it."""
    around: Spot | None = None
    """The place that opens the sentence, where a clause before this one was about it."""

    heard: frozenset[str] | None = None
    """Its words, once they were asked for."""

    @property
    def words(self) -> frozenset[str]:
        """Words of the clause, each by itself."""
        if self.heard is None:
            self.heard = frozenset(word for mark in self.row[self.lo : self.hi] for word in mark.word.split(" "))
        return self.heard


def located(clause: Clause) -> list[Spot]:
    """Places of the clause that may be where a violation was: not where somebody spoke or has a base."""
    kept = []
    for spot in clause.places:
        if not clause.lo <= spot.first < clause.hi:
            continue
        before = _right_before(clause, spot)
        after = clause.row[spot.last].word if spot.last < len(clause.row) else ""
        just_party = (
            any(mark.kind is Kind.PARTY for mark in clause.row[max(clause.lo, spot.first - 2) : spot.first])
            and "by" not in before
        )
        if _governed(before) or after in {"airbase", "base", "time"} or (just_party and "in" in before[-2:]):
            continue
        came_from = before[-1:] == ["from"] and not _is_reported(clause, spot.first - 2)
        if (
            _describes_party(clause, spot)
            or came_from
            or "direction" in before
            or (before[-2:] in (["toward", "the"], ["from", "the"]))
        ):
            continue
        kept.append(spot)
    return kept


def _is_reported(clause: Clause, at: int) -> bool:
    """ "Twelve were reported from X on Friday, eight from Y": where they were, and not whence something came."""
    mark = clause.row[at]
    if mark.word in _TELLING:
        return True
    return (mark.number is not None or mark.date is not None) and not clause.words.isdisjoint(_TELLING)


def _describes_party(clause: Clause, spot: Spot) -> bool:
    """In "X, which has posts in Y, counted three", Y is where a party is, and no violation."""
    for at in range(spot.first - 1, max(clause.lo, spot.first - 12), -1):
        if clause.row[at].word == ",":
            return clause.row[at + 1].word in {"which", "who", "whose"} and clause.row[at - 1].kind is Kind.PARTY
    return False


def _governed(before: list[str]) -> bool:
    """Whether a place is where somebody is based or holds: but "held villages in X" are in X."""
    for at, word in enumerate(before):
        held = word in {"held", "controlled"} and not AREAS.isdisjoint(before[at + 1 :])
        if word in NOT_THE_PLACE and not held:
            return True
    return False


def _right_before(clause: Clause, spot: Spot) -> list[str]:
    """Words before a place, back to one that tells of violations: those beyond do not govern it."""
    near: list[str] = []
    for at in range(spot.first - 1, max(clause.lo, spot.first - 4) - 1, -1):
        mark = clause.row[at]
        if mark.word == "by" and clause.row[at - 1].word in REGISTERED:
            return near if _BASED.intersection(near) else ["by"]
        if mark.kind in {Kind.NUMBER, Kind.TYPE} or mark.word in REGISTERED | HEADS | _OPENERS:
            return near
        near.insert(0, mark.word)
    return near


def blank(value: int | None, clause: Clause, state: State, by: Cluster | None, done: Roles) -> Found:
    """Return a statement with what holds for the whole clause."""
    one = Found(
        count=value,
        voiced=clause.voiced,
        sentence=state.sentence,
        party=clause.party,
        type=type_of(clause),
        against=done.against,
        weapon=weapon(clause),
    )
    if by is not None:
        one.groups, one.group_name = by.groups, by.name
    return one


def put_place(one: Found, places: list[Spot], state: State) -> None:
    """One place is the place; several without numbers of their own are none, but for a zone around them."""
    one.by_place = bool(places)
    if len(places) == 1:
        spot = places[0]
        one.place, one.place_name = spot.place, spot.written
        one.settlement = spot.is_known
        one.flags = (str(spot.flag),) if spot.flag is not None else ()
        return
    zones = [spot for spot in places if spot.level is Level.ZONE]
    if zones:
        one.place = zones[0].place
    elif places:
        tree = state.catalogue.places
        ids = [spot.place for spot in places if spot.place is not None]
        shared = [id_ for id_ in tree.above(ids[0]) if all(tree.is_within(other, id_) for other in ids)] if ids else []
        inner = shared[-1] if shared else None
        one.place = inner if inner is not None and tree.place(inner).level in {Level.PROVINCE, Level.DISTRICT} else None


def type_of(clause: Clause) -> str:
    """Return the one type that a clause, or else its sentence, tells."""
    row = clause.row
    found = codes(row[clause.lo : clause.hi])
    if not found and all(mark.number is None for mark in row[: clause.lo] + row[clause.hi :]):
        found = codes(row)
    return found.pop() if len(found) == 1 else UNSAID


def codes(row: list[Mark]) -> set[str]:
    """Return the type codes that marks tell."""
    return {mark.mention.name for mark in row if mark.kind is Kind.TYPE and mark.mention is not None} - {UNSAID}


def weapon(clause: Clause) -> str | None:
    """Return the weapon that a clause names."""
    return next(
        (word for mark in clause.row[clause.lo : clause.hi] for word in mark.word.split(" ") if word in WEAPONS), None
    )


def minute_of(clause: Clause, numbers: int) -> int | None:
    """Return the time of day of a clause, or of its sentence where that has one number at most."""
    clock = next((mark.clock for mark in clause.row[clause.lo : clause.hi] if mark.clock is not None), None)
    if clock is None and numbers <= 1 and "later" not in clause.words:
        clock = next((mark.clock for mark in clause.row if mark.clock is not None), None)
    return clock.minute if clock is not None else None


def date_of(clause: Clause) -> DateMention | None:
    """The date of a clause without numbers."""
    return next((mark.date for mark in clause.row[clause.lo : clause.hi] if mark.date is not None), None)
