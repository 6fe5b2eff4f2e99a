"""How the catalogue takes a name that somebody wrote, and which name was perhaps meant: for messages to people."""

from __future__ import annotations

import difflib
import enum
from typing import TYPE_CHECKING, Final, NamedTuple

from incident_pipeline.catalogue.places import PlaceFlag
from incident_pipeline.catalogue.spelling import key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from incident_pipeline.catalogue.catalogue import Catalogue
    from incident_pipeline.catalogue.model import Collective, Group, Side

__all__ = ["KnownNames", "NameKind", "Reading"]

_LIKENESS: Final = 0.7
"""Share of letters that a suggestion has in common with the name: below it, it is another word."""


class NameKind(enum.StrEnum):
    """What a name is to name."""

    TYPE = "type"
    GROUP = "group"
    PLACE = "place"
    ACTIVITY = "activity"
    PARTY = "party"
    SOURCE = "source"


class Reading(NamedTuple):
    """A name that is not plainly one of the catalogue's."""

    kind: NameKind
    written: str
    taken_for: str | None
    """Id or code of the entry that it is taken for; None: it is not known."""


class KnownNames:
    """The names of a catalogue, as people may write them."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        rules = catalogue.rules
        named: list[Group | Side | Collective] = [*rules.groups, *rules.sides, *rules.collectives]
        self._names: dict[NameKind, dict[str, str]] = {
            NameKind.TYPE: _by_key(name for one in rules.types for name in (one.name, *one.words, one.code)),
            NameKind.GROUP: _by_key(name for one in named for name in (one.name, *one.aliases, one.id)),
            NameKind.PLACE: _by_key(name for one in rules.places for name in (one.name, *one.spellings, one.id)),
            NameKind.ACTIVITY: _by_key(name for one in rules.activities for name in (one.name, *one.words, one.id)),
            NameKind.SOURCE: _by_key(name for one in rules.sources for name in (one.id, one.name)),
            NameKind.PARTY: _by_key(name for one in rules.parties for name in (one.name, *one.aliases, one.id)),
        }
        self._type_words = {
            _letters(name) for one in rules.types for name in (one.name, *one.words, one.code, f"{one.code} {one.name}")
        }

    def reading(self, kind: NameKind, written: str) -> Reading | None:
        """Tell how a name is taken; None where it is plainly known."""
        catalogue = self._catalogue
        taken_for: str | None = None
        if kind is NameKind.TYPE:
            taken_for = catalogue.violation_type(written)
            known = taken_for is not None and _is_among(self._type_words, written)
        elif kind is NameKind.PLACE:
            taken_for, flag, _ = catalogue.place(written)
            known = flag is None
            if flag is PlaceFlag.UNKNOWN:
                taken_for = None
        elif kind is NameKind.GROUP:
            known = not catalogue.attribution(written).unknown
        elif kind is NameKind.ACTIVITY:
            known = catalogue.activity(written) is not None
        elif kind is NameKind.SOURCE:
            known = catalogue.voice(written).is_known
        else:
            known = catalogue.party(written) is not None or catalogue.voice(written).is_known
        return None if known else Reading(kind, written, taken_for)

    def nearest(self, name: Reading) -> str | None:
        """Give the known name that is most like a written one, as the catalogue writes it; None where none is."""
        names = self._names[name.kind]
        found = difflib.get_close_matches(key(name.written), names, n=1, cutoff=_LIKENESS)
        return names[found[0]] if found else None


def _by_key(names: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(key(name), name)
    return found


def _letters(word: str) -> str:
    return "".join(sign for sign in word.casefold() if sign.isalnum())


def _is_among(words: set[str], word: str) -> bool:
    letters = _letters(word)
    return letters in words or letters.removesuffix("s") in words
