"""Places in a sentence: known and unknown names, and the place that each was said to lie in."""

# ruff: noqa: RUF001 - texts hold dashes and quotation marks of every kind
# ruff: noqa: D210 - a docstring may begin with a quotation
# ruff: noqa: PLR0911 - a rule is a list of cases, read from the top

from __future__ import annotations

import msgspec

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.model import Level
from incident_pipeline.catalogue.names import MentionKind
from incident_pipeline.catalogue.places import PlaceFlag
from incident_pipeline.intake.reading.marks import Kind, Mark
from incident_pipeline.intake.reading.vocabulary import ATTACKED, HEADS, KIND_WORDS, SETTLEMENT, SPEECH

_LISTED = frozenset({",", "and", "or", "&", ";", "(", ")", "…", "...", "both"})
_CONTAINING = frozenset({"in", "of", "within", "inside", "across", ",", "from", "s"})
_LINK_MARKS = 8
NEVER_PLACES = frozenset({"syria", "syrian", "russian", "turkish", "russia", "turkey", "damascus time"})


class Spot(msgspec.Struct):
    """A place in a sentence: marks `first` to `last` - 1, words such as "province" around it included."""

    first: int
    last: int
    place: str | None
    """Nearest known place; None: none was named."""
    written: str | None
    """The name as written, where it is not known or not there."""
    level: Level | None
    raw: str
    contained: bool = False
    """Another place was named around it."""
    flag: PlaceFlag | None = None
    """What was done to a name that is not exactly a known one."""

    @property
    def is_settlement(self) -> bool:
        """Told below the province, whether known or not."""
        return self.level in {Level.TOWN, Level.DISTRICT} or self.place is None or self.written is not None

    @property
    def is_known(self) -> bool:
        """Known, and below the province."""
        known = {None, PlaceFlag.NEAR, PlaceFlag.MISPLACED}
        return self.level in {Level.TOWN, Level.DISTRICT} and self.flag in known


def spots(row: list[Mark], text: str, catalogue: Catalogue) -> list[Spot]:
    """Places of a sentence in order, each put into the province that was named with it."""
    found = _named(row, text, catalogue)
    kept: list[Spot] = []
    for spot in found:
        before = kept[-1] if kept else None
        if before is not None and _is_container(row, before, spot, catalogue):
            _contain(kept, spot, catalogue)
            if all(mark.number is None for mark in row[before.last : spot.first]):
                before.last = spot.last
        else:
            kept.append(spot)
    _lead(kept, row, catalogue)
    return kept


def _named(row: list[Mark], text: str, catalogue: Catalogue) -> list[Spot]:
    found: list[Spot] = []
    for at, mark in enumerate(row):
        if mark.kind is Kind.PLACE and mark.mention is not None:
            id_ = _zone(row, at, catalogue) or mark.mention.name
            level = catalogue.places.place(id_).level
            found.append(Spot(_start(row, at), _end(row, at), id_, None, level, text[mark.start : mark.end]))
        elif mark.kind is Kind.NAME and mark.word.lower() not in NEVER_PLACES and _is_settlement_name(row, at, found):
            name = text[mark.start : mark.end]
            found.append(Spot(_start(row, at), _end(row, at), None, name, None, name))
    return found


def _zone(row: list[Mark], at: int, catalogue: Catalogue) -> str | None:
    """ "The X zone" is the zone that is named after X, not X itself."""
    if at + 1 >= len(row) or row[at + 1].word != "zone":
        return None
    return next(
        (
            one.name
            for one in catalogue.names.find(f"{row[at].word.title()} de-escalation zone")
            if one.kind is MentionKind.PLACE and catalogue.places.place(one.name).level is Level.ZONE
        ),
        None,
    )


def _start(row: list[Mark], at: int) -> int:
    """First of the words before a name that belong to it ("the settlement of X")."""
    while at > 0 and row[at - 1].kind is Kind.WORD and row[at - 1].word in KIND_WORDS and row[at - 1].word != "and":
        at -= 1
    return at


def _end(row: list[Mark], at: int) -> int:
    at += 1
    while (
        at < len(row)
        and row[at].kind is Kind.WORD
        and row[at].word in KIND_WORDS
        and row[at].word not in {"and", "of", "the", "a", "several", "some"}
    ):
        at += 1
    return at


def _is_settlement_name(row: list[Mark], at: int, found: list[Spot]) -> bool:
    """An unknown name is a place beside a word such as "village", after an attack, or in a list of such."""
    start, end = _start(row, at), _end(row, at)
    around = {mark.word for mark in row[start:at]} | {mark.word for mark in row[at + 1 : end]}
    if around & SETTLEMENT:
        return True
    if end < len(row) - 2 and row[end].word == "(" and row[end + 1].number is not None:
        return True
    before = row[start - 1] if start else None
    if before is None or (end < len(row) and row[end].word in SPEECH):
        return False
    if before.kind in {Kind.WORD, Kind.TYPE} and before.word in ATTACKED:
        return True
    if (
        before.word in {"on", "in", "near", "at", "against", "of"}
        and start > 1
        and row[start - 2].word.rsplit(" ", 1)[-1] in HEADS | ATTACKED
    ):
        return before.word != "of" or row[start - 2].word != "fire"
    return (
        bool(found)
        and found[-1].is_settlement
        and start - found[-1].last <= 6
        and all(
            mark.word in _LISTED or mark.number is not None or mark.word in {"as", "well", "also"}
            for mark in row[found[-1].last : start]
        )
    )


def _is_container(row: list[Mark], inner: Spot, outer: Spot, catalogue: Catalogue) -> bool:
    """Whether only "in", "in the province of" and such stand between two places, the second wider."""
    if outer.place is None or outer.level is None or outer.level is Level.TOWN:
        return False
    gap = row[inner.last : outer.first]
    if any(mark.number is not None and not (mark.number.times or gap[0].word == "(") for mark in gap):
        return False
    between = [mark.word for mark in gap if mark.number is None]
    if ")" in between and "," in between:
        return False
    if (
        len(between) > _LINK_MARKS
        or not _CONTAINING.intersection(between)
        or not all(word in _CONTAINING or word in {"(", ")", "the", "s", "’", "'"} for word in between)
    ):
        return False
    if between == [","] and not (inner.is_settlement and _is_alone(row, outer)):
        return False
    if any(word in {"(", ")"} for word in between) and not inner.is_settlement:
        return False
    if outer.last < len(row) - 1 and row[outer.last].word == "(" and row[outer.last + 1].number is not None:
        return False
    if inner.place is not None and inner.is_known and _is_numbered(row, outer):
        return catalogue.places.is_within(inner.place, outer.place)
    if inner.place is None or inner.is_settlement:
        return True
    return catalogue.places.is_within(inner.place, outer.place)


def _is_numbered(row: list[Mark], outer: Spot) -> bool:
    """ "Two in X, Y province four": the wider place has a number of its own."""
    at = outer.last + (outer.last < len(row) and row[outer.last].word in {"(", ":", "–", "-", "—"})
    return at < len(row) and row[at].number is not None


def _is_alone(row: list[Mark], outer: Spot) -> bool:
    """ "X, Idlib province": a comma contains only where a word for the outer place follows, or the sentence ends."""
    named = {mark.word for mark in row[outer.first : outer.last]}
    return bool(named & {"province", "governorate", "district", "countryside", "region"}) or outer.last >= len(row) - 1


def _contain(kept: list[Spot], outer: Spot, catalogue: Catalogue) -> None:
    """Put the last place, and those listed with it, into the place named around them."""
    for spot in reversed(kept):
        if spot.contained or not (spot.is_settlement or spot is kept[-1]):
            break
        _put(spot, outer.place, catalogue)


def _put(spot: Spot, outer: str | None, catalogue: Catalogue) -> None:
    spot.contained = True
    if (
        spot.place is not None
        and outer is not None
        and (catalogue.places.is_within(spot.place, outer) or not spot.is_settlement)
    ):
        return
    match = catalogue.place(spot.raw, outer)
    spot.place = match.id
    spot.written = spot.raw if match.flag is not None else None
    spot.flag = match.flag
    spot.level = catalogue.places.place(match.id).level if match.id is not None else None


def _lead(kept: list[Spot], row: list[Mark], catalogue: Catalogue) -> None:
    """An unknown place without one around it lies in the wider place named before it, if any was."""
    around: str | None = None
    for spot in kept:
        if spot.place is None and not spot.contained:
            _put(spot, around, catalogue)
        elif spot.level in {Level.PROVINCE, Level.ZONE, Level.THEATRE}:
            numbered = (
                spot.last + 1 < len(row) and row[spot.last + 1].number is not None and row[spot.last].kind is Kind.PUNCT
            )
            around = None if numbered else spot.place
