"""Names that no catalogue has, where a text says who did nothing and where: what is unknown was not surely quiet."""

# ruff: noqa: SIM905 - a list of words reads best as words

from __future__ import annotations

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.places import PlaceFlag, PlaceMatch
from incident_pipeline.intake.reading.attribution import FILLER, SAME_NOUNS
from incident_pipeline.intake.reading.marks import Kind, Mark
from incident_pipeline.intake.reading.negation import REGIMES
from incident_pipeline.intake.reading.sides import NATIONS
from incident_pipeline.intake.reading.vocabulary import COMMITTED, HEADS, KIND_WORDS, REGISTERED, SPEECH
from incident_pipeline.intake.reading.whereabouts import NEVER_PLACES, Spot

_REACH = 5
_BETWEEN = FILLER | {"of", "forces", "troops", "army", "elements"}
_GUARDED = frozenset("controlled backed supported sponsored guaranteed held occupied".split())
_NATIONS = NEVER_PLACES | set(NATIONS) | {"iran", "iranian"}
"""Who guarantees a truce is named beside groups, and is none of them."""
_ANYBODY = (
    FILLER
    | SAME_NOUNS
    | set(
        "they nobody none who which it he she there we soldiers troops forces rebels army everybody no-one one all "
        "some most few many neither".split()
    )
)
_UNNAMED = frozenset({"unknown", "unidentified"})
"""Whoever that is, others may have done something."""
_LABEL_MARKS = 2
_HEADINGS = (
    HEADS
    | SPEECH
    | REGISTERED
    | REGIMES
    | set(
        "total totals today yesterday overnight update summary status result results note outcome night morning "
        "evening afternoon day days bulletin mission daily weekly situation assessment conclusion overall violations "
        "violation ceasefire truce date period time reporting observers observatory centre center ministry commission "
        "monitors monitoring also and but elsewhere otherwise however meanwhile finally good news fact zone area "
        "region front line so thus in of the at for since then hours week month".split()
    )
)
"""Words of headings that say neither who nor where."""
_INSIDE = frozenset("in at near around within inside outside across".split())
_AUXILIARY = frozenset("did do does has have had was were is are n't".split())
_KEEPING = frozenset("keeping kept keeps held holding respected respecting observing".split())


def unknown_doers(row: list[Mark], lo: int, hi: int) -> list[str]:
    """Return names that a none is said of as whoever might have done it: "by X", "X committed none"."""
    return [
        row[at].word
        for at in range(lo, hi)
        if (row[at].kind is Kind.NAME or _may_be_name(row, at) or row[at].word.lower() in _UNNAMED)
        and _NATIONS.isdisjoint(row[at].word.lower().split("-"))
        and (_is_after_by(row, at, lo) or _is_subject(row, at, hi))
    ]


def _may_be_name(row: list[Mark], at: int) -> bool:
    """A sentence begins with a capital, so its first word may be a name: it is one if it did something by itself."""
    mark = row[at]
    return (
        at == 0 and mark.kind is Kind.WORD and len(row) > 1 and row[1].word in COMMITTED and mark.word not in _ANYBODY
    )


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
        if row[at].word.lower() in _UNNAMED:
            continue  # "unknown armed men"
        if mark.word not in _AUXILIARY | {"not", "never", "also", "and", "the"} and mark.kind is not Kind.NAME:
            return False
    return False


def unknown_place(row: list[Mark], lo: int, hi: int, places: list[Spot], catalogue: Catalogue) -> PlaceMatch | None:
    """Return the unknown place where marks `lo` to `hi` - 1 say that it was; None: there is none.

    `places`: those that were made out.
    """
    labelled = _label(row, lo)
    if labelled is not None:
        return PlaceMatch(None, PlaceFlag.UNKNOWN, labelled)
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
        around = row[at + 2] if at + 2 < hi and row[at + 1].word == "," else None
        is_within = around is not None and around.kind in {Kind.NAME, Kind.PARTY}
        match = catalogue.place(f"{mark.word}, {around.word}" if around is not None and is_within else mark.word)
        if match.id is None and match.flag is not None:
            return match
    return None


def _label(row: list[Mark], lo: int) -> str | None:
    """What stands before "X: no violations", no catalogue has and is no ordinary heading: it is who or where."""
    end = next((at for at, mark in enumerate(row[: _LABEL_MARKS + 1]) if mark.word == ":"), 0)
    if lo > end or not end or any(mark.kind not in {Kind.WORD, Kind.NAME} for mark in row[:end]):
        return None
    words = {word for mark in row[:end] for word in mark.word.lower().split(" ")}
    return None if words & _HEADINGS else " ".join(mark.word for mark in row[:end])


def abroad(row: list[Mark], lo: int, hi: int, places: list[Spot], catalogue: Catalogue) -> PlaceMatch | None:
    """Return the place told that is known to lie outside every theatre; None: there is none."""
    match = unknown_place(row, lo, hi, places, catalogue)
    return match if match is not None and match.flag is PlaceFlag.OUTSIDE else None
