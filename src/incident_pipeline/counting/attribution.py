"""Who did it: one group, several ("A or B"), a side (all its groups), or anybody.

An attribution travels as text, sorted group ids joined by `|`, so that it can be a key and a word on the wire.
What is worked out from the text is kept in bounded memos; they change the time it takes, never the answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

UNATTRIBUTED = "unattributed"
"""Any group: it contains every attribution and is larger than any set."""

ANY_SIZE = 1 << 30
_MEMO_ENTRIES = 1 << 16


class Attribution(NamedTuple):
    """An attribution, taken apart."""

    size: int
    """Number of groups; `ANY_SIZE` for `unattributed`."""
    groups: tuple[str, ...]
    """Sorted; empty for `unattributed`. (size, groups) is the order of the law."""


@lru_cache(_MEMO_ENTRIES)
def attribution(text: str) -> Attribution:
    """Take an attribution apart. ValueError if it is not in canonical form."""
    if text == UNATTRIBUTED:
        return Attribution(ANY_SIZE, ())
    groups = tuple(text.split("|"))
    if "" in groups or UNATTRIBUTED in groups or list(groups) != sorted(set(groups)):
        msg = f"attribution {text!r} is not canonical: write distinct group ids, sorted and joined by '|'"
        raise ValueError(msg)
    return Attribution(len(groups), groups)


def join_groups(groups: Iterable[str]) -> str:
    """Write a set of group ids in canonical form; no group at all means anybody."""
    return "|".join(sorted(set(groups))) or UNATTRIBUTED


@lru_cache(_MEMO_ENTRIES)
def meet(one: str, other: str) -> str | None:
    """Groups that are possible under both; None if there are none. `one` lies in `other` if it is their meet."""
    if other in {one, UNATTRIBUTED}:
        return one
    if one == UNATTRIBUTED:
        return other
    shared = set(attribution(one).groups) & set(attribution(other).groups)
    return join_groups(shared) if shared else None
