"""Words that stand for a place named before: "three there", "two in the same province"."""

# ruff: noqa: D210 - a docstring may begin with a quotation
# ruff: noqa: SIM905 - a list of words reads best as words

from __future__ import annotations

import msgspec

from incident_pipeline.catalogue.model import Level
from incident_pipeline.intake.reading.clause import Clause, located
from incident_pipeline.intake.reading.marks import Kind, Mark
from incident_pipeline.intake.reading.state import State
from incident_pipeline.intake.reading.vocabulary import HAPPENED
from incident_pipeline.intake.reading.whereabouts import Spot

_BEING = frozenset("is are was were has have had been be being will would may might can".split())
_COUNTED = frozenset("any no nor neither not none a an several further more also only still even again in on".split())
_SAME = frozenset("same that this".split())
_POINTING = _SAME | {"there"}
_NOUNS = {"province": True, "governorate": True, "village": False, "town": False, "settlement": False, "city": False}
"""Whether the noun is that of a province."""


def with_pointed(row: list[Mark], places: list[Spot], state: State) -> list[Spot]:
    """Places of a sentence, with those that it only points back to; one of several is not guessed."""
    before, state.scene = state.scene, (row, places)
    pointing = [at for at, mark in enumerate(row) if mark.word in _POINTING]
    if not pointing:
        return places
    told, last = _open(row, places), _open(*before)
    pointed: list[Spot] = []
    for at in pointing:
        noun = _noun(row, at) if row[at].word in _SAME else None
        if noun is None and (row[at].word != "there" or _exists(row, at)):
            continue
        named = _one([spot for spot in told if spot.first < at] or last)
        if named is not None and (noun is None or _NOUNS[noun] == (named.level is Level.PROVINCE)):
            pointed.append(msgspec.structs.replace(named, first=at, last=at + (1 if noun is None else 2)))
    if pointed:
        places = sorted([*places, *pointed], key=lambda spot: spot.first)
        state.scene = (row, places)
    return places


def _noun(row: list[Mark], at: int) -> str | None:
    """The noun of "that province", where no name follows."""
    if at + 1 >= len(row) or row[at + 1].word not in _NOUNS:
        return None
    behind = row[at + 2] if at + 2 < len(row) else None
    named = behind is not None and (behind.word == "of" or behind.kind in {Kind.PLACE, Kind.NAME})
    return None if named else row[at + 1].word


def _exists(row: list[Mark], at: int) -> bool:
    """ "There were", "were there any": said of no place."""
    before = row[at - 1].word if at else ""
    behind = row[at + 1] if at + 1 < len(row) else None
    if behind is None:
        return False
    asked = before in _BEING and (behind.number is not None or behind.word in _COUNTED)
    return behind.word in _BEING | HAPPENED or asked


def _open(row: list[Mark], places: list[Spot]) -> list[Spot]:
    """Places where something may have happened: not where somebody spoke."""
    return located(Clause(row, 0, len(row), places, None, about=False, voiced=False))


def _one(places: list[Spot]) -> Spot | None:
    return places[0] if len({(spot.place, spot.written) for spot in places}) == 1 else None
