"""Names that no catalogue has, where a text says who did nothing and where: what is unknown was not surely quiet."""

# ruff: noqa: SIM905 - a list of words reads best as words

from __future__ import annotations

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.places import PlaceFlag, PlaceMatch
from incident_pipeline.intake.reading.attribution import FILLER
from incident_pipeline.intake.reading.marks import Kind, Mark
from incident_pipeline.intake.reading.sides import NATIONS
from incident_pipeline.intake.reading.vocabulary import COMMITTED, KIND_WORDS, REGISTERED, SPEECH
from incident_pipeline.intake.reading.whereabouts import NEVER_PLACES, Spot

_REACH = 5
_BETWEEN = FILLER | {"of", "forces", "troops", "army", "elements"}
_GUARDED = frozenset("controlled backed supported sponsored guaranteed held occupied".split())
_NATIONS = NEVER_PLACES | set(NATIONS) | {"iran", "iranian"}
"""Who guarantees a truce is named beside groups, and is none of them."""
_INSIDE = frozenset("in at near around within inside outside across".split())
_AUXILIARY = frozenset("did do does has have had was were is are n't".split())
_KEEPING = frozenset("keeping kept keeps held holding respected respecting observing".split())


def unknown_doers(row: list[Mark], lo: int, hi: int) -> list[str]:
    """Return names that a none is said of as whoever might have done it: "by X", "X committed none"."""
    return [
        row[at].word
        for at in range(lo, hi)
        if row[at].kind is Kind.NAME
        and _NATIONS.isdisjoint(row[at].word.lower().split("-"))
        and (_is_after_by(row, at, lo) or _is_subject(row, at, hi))
    ]


def _is_after_by(row: list[Mark], at: int, lo: int) -> bool:
    for here in range(at - 1, max(lo, at - _REACH) - 1, -1):
        if row[here].word == "by":
            return here == lo or row[here - 1].word not in REGISTERED | SPEECH | _GUARDED
        if row[here].word not in _BETWEEN and row[here].kind is not Kind.GROUP:
            return False
    return False


def _is_subject(row: list[Mark], at: int, hi: int) -> bool:
    """Whether the first verb behind a name is of breaking a truce or keeping one, not of telling."""
    for mark in row[at + 1 : min(at + 1 + _REACH, hi)]:
        if mark.word in COMMITTED | _KEEPING:
            return True
        if mark.word not in _AUXILIARY | {"not", "never", "also", "and", "the"} and mark.kind is not Kind.NAME:
            return False
    return False


def unknown_place(row: list[Mark], lo: int, hi: int, places: list[Spot], catalogue: Catalogue) -> PlaceMatch | None:
    """Return the unknown place where marks `lo` to `hi` - 1 say that it was; None: there is none.

    `places`: those that were made out.
    """
    opening = range(1, min(lo, 3)) if row[0].word in _INSIDE else range(0)
    for at in (*opening, *range(max(lo, 1), hi)):
        mark = row[at]
        if mark.kind is not Kind.NAME or any(spot.first <= at < spot.last for spot in places):
            continue
        before = at - 1
        while before > 0 and (row[before].word in KIND_WORDS or row[before].word in {"the", "of"}):
            before -= 1
        behind = {near.word for near in row[at + 1 : at + 3]}
        if (
            row[before].word not in _INSIDE
            or behind & SPEECH
            or mark.word.lower() in NEVER_PLACES
            or row[before - 1].kind is Kind.PARTY
        ):
            continue
        match = catalogue.place(mark.word)
        if match.id is None and match.flag is not None:
            return match
    return None


def abroad(row: list[Mark], lo: int, hi: int, places: list[Spot], catalogue: Catalogue) -> PlaceMatch | None:
    """Return the place told that is known to lie outside every theatre; None: there is none."""
    match = unknown_place(row, lo, hi, places, catalogue)
    return match if match is not None and match.flag is PlaceFlag.OUTSIDE else None
