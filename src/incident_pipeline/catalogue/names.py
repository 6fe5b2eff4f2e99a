"""Finding the catalogue's names in running text, in one pass."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Final, NamedTuple

from incident_pipeline.catalogue.model import Rules
from incident_pipeline.catalogue.spelling import Word, form, words


class MentionKind(enum.StrEnum):
    """What a name in a text names; where two claim one name, the first of this list has it."""

    PARTY = "party"
    GROUP = "group"
    SIDE = "side"
    COLLECTIVE = "collective"
    PLACE = "place"
    ACTIVITY = "activity"
    TYPE = "type"


class Mention(NamedTuple):
    """A name found: `text[start:end]`."""

    start: int
    end: int
    kind: MentionKind
    name: str
    """Id of the entry; the code of a type."""
    ids: tuple[str, ...]
    """Group ids for a group, a side or a collective; else the one id."""


class _Node:
    """A node of the tree of words."""

    __slots__ = ("entry", "needs_capitals", "next")

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.entry: tuple[MentionKind, str, tuple[str, ...]] | None = None
        self.needs_capitals = False


_RANK: Final = {kind: rank for rank, kind in enumerate(MentionKind)}
_ACRONYM_LETTERS = 5


class Names:
    """All names of the catalogue as one tree of normal forms: the longest name at a word wins."""

    def __init__(self, rules: Rules, groups_of: dict[str, tuple[str, ...]]) -> None:
        """`groups_of`: group ids of each side and collective, by id."""
        self._root = _Node()
        for party in rules.parties:
            self._add(MentionKind.PARTY, party.id, (party.id,), (party.name, *party.aliases))
        for group in rules.groups:
            self._add(MentionKind.GROUP, group.id, (group.id,), (group.name, *group.aliases))
        for side in rules.sides:
            self._add(MentionKind.SIDE, side.id, groups_of[side.id], (side.name, *side.aliases))
        for collective in rules.collectives:
            ids = groups_of[collective.id]
            self._add(MentionKind.COLLECTIVE, collective.id, ids, (collective.name, *collective.aliases))
        for place in rules.places:
            self._add(MentionKind.PLACE, place.id, (place.id,), (place.name, *place.spellings))
        for activity in rules.activities:
            self._add(MentionKind.ACTIVITY, activity.id, (activity.id,), activity.words, plural=True)
        for violation in rules.types:
            self._add(MentionKind.TYPE, violation.code, (violation.code,), violation.words, plural=True)

    def _add(
        self, kind: MentionKind, name: str, ids: tuple[str, ...], spellings: Iterable[str], *, plural: bool = False
    ) -> None:
        for spelling in spellings:
            forms = [word.form for word in words(spelling)]
            if not forms:
                continue
            acronym = len(forms) == 1 and len(spelling) <= _ACRONYM_LETTERS and spelling.isupper()
            self._put(forms, (kind, name, ids), acronym=acronym)
            if plural:
                self._put([*forms[:-1], form(forms[-1] + "s")], (kind, name, ids), acronym=False)

    def _put(self, forms: list[str], entry: tuple[MentionKind, str, tuple[str, ...]], *, acronym: bool) -> None:
        node = self._root
        for one in forms:
            node = node.next.setdefault(one, _Node())
        if node.entry is None or _RANK[entry[0]] < _RANK[node.entry[0]]:
            node.entry, node.needs_capitals = entry, acronym
        elif node.entry == entry:
            node.needs_capitals = node.needs_capitals and acronym

    def find(self, text: str) -> list[Mention]:
        """Return the mentions in a text, in order, none overlapping; time is linear in the text's length."""
        found: list[Mention] = []
        text_words = words(text)
        small_letters = text.islower()
        at = 0
        while at < len(text_words):
            mention, length = self._longest(text, text_words, at, small_letters=small_letters)
            if mention is not None:
                found.append(mention)
            at += length
        return found

    def _longest(
        self, text: str, text_words: list[Word], at: int, *, small_letters: bool
    ) -> tuple[Mention | None, int]:
        """Return the longest name that starts at a word, and how many words to go on by."""
        best: Mention | None = None
        length = 1
        node: _Node | None = self._root
        start = text_words[at].start
        for here in range(at, len(text_words)):
            word = text_words[here]
            if here > at and not word.joined:
                break
            node = node.next.get(word.form) if node is not None else None
            if node is None:
                break
            if node.entry is not None and _written_as_a_name(text[start : word.end], node, small_letters=small_letters):
                best = Mention(start, word.end, *node.entry)
                length = here - at + 1
            ended = node.next.get(word.tail) if word.tail else None
            if ended is not None and ended.entry is not None:
                written = text[start : word.tail_end]
                if _written_as_a_name(written, ended, small_letters=small_letters):
                    best = Mention(start, word.tail_end, *ended.entry)
                    length = here - at + 1
        return best, length


def _written_as_a_name(written: str, node: _Node, *, small_letters: bool) -> bool:
    """An acronym or a place in small letters is an ordinary word (tip, habit), unless the text has no others."""
    if node.needs_capitals:
        return written.isupper()
    is_place = node.entry is not None and node.entry[0] is MentionKind.PLACE
    return small_letters or not is_place or not written.islower()
