"""Dead letters by source and reason: however many there are, so much can be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from incident_pipeline.dead_letter import Origin
from incident_pipeline.rejection import Reason

if TYPE_CHECKING:
    from incident_pipeline.dead_letter import DeadLetter

__all__ = ["OTHER_SOURCES", "LetterGroup", "LetterGroups"]

OTHER_SOURCES: Final = "other sources"
_GROUPS_AT_MOST: Final = 10_000
_DETAIL_CHARS: Final = 300


class LetterGroup(msgspec.Struct, kw_only=True):
    """The letters of one source that have one reason."""

    source: str | None
    """None: the records have no key, or one that is no text."""
    reason: Reason
    letters: int = 0
    sent_again: int = 0
    first_at: str = ""
    """Append time of the first record, RFC 3339 in UTC."""
    last_at: str = ""
    last_origin: Origin | None = None
    last_detail: str = ""


class LetterGroups:
    """Letters, folded by source and reason. Sources beyond a bound are one."""

    def __init__(self, at_most: int = _GROUPS_AT_MOST) -> None:
        self._at_most = at_most
        self._groups: dict[tuple[str | None, Reason], LetterGroup] = {}

    def add(self, letter: DeadLetter, *, sent_again: bool = False) -> None:
        """Count a letter."""
        key = (letter.source, letter.reason)
        group = self._groups.get(key)
        if group is None:
            if len(self._groups) >= self._at_most:
                key = (OTHER_SOURCES, letter.reason)
            group = self._groups.setdefault(key, LetterGroup(source=key[0], reason=key[1], first_at=letter.recorded_at))
        group.letters += 1
        group.sent_again += sent_again
        group.first_at = min(group.first_at, letter.recorded_at)
        group.last_at = max(group.last_at, letter.recorded_at)
        group.last_origin = letter.origin
        group.last_detail = letter.detail[:_DETAIL_CHARS]

    @property
    def letters(self) -> int:
        """Letters in all."""
        return sum(group.letters for group in self._groups.values())

    def by_number(self) -> list[LetterGroup]:
        """Give the groups, those with most letters first."""
        return sorted(self._groups.values(), key=lambda group: (-group.letters, group.source or "", group.reason))
