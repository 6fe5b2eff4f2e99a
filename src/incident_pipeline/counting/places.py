"""Where it happened: a place is the path of ids from the theatre down, joined by `/` (`nw/idlib/saraqib`).

A path tells what lies above it, so that counting needs no catalogue, and a later catalogue moves no earlier line.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

_MEMO_ENTRIES = 1 << 16


class Place(NamedTuple):
    """A place, taken apart."""

    depth: int
    """0 for the theatre."""
    order: tuple[str, str]
    """Its own id, then its path: the order of the law (ids are unique in a catalogue, not for ever)."""
    ancestry: tuple[str, ...]
    """The place itself and all above it, up to the theatre."""


@lru_cache(_MEMO_ENTRIES)
def place(path: str) -> Place:
    """Take a place apart. ValueError if an id in it is empty."""
    ids = path.split("/")
    if "" in ids:
        msg = f"place {path!r} is not a path of ids from the theatre down, joined by '/'"
        raise ValueError(msg)
    ancestry = tuple("/".join(ids[:length]) for length in range(len(ids), 0, -1))
    return Place(len(ids) - 1, (ids[-1], path), ancestry)


def is_within(path: str, ancestor: str) -> bool:
    """Whether the first lies at or below the second."""
    return path.startswith(ancestor) and (len(path) == len(ancestor) or path[len(ancestor)] == "/")


def deepest(paths: list[str]) -> str:
    """Deepest of places that lie on one way down: the longest path."""
    return max(paths, key=len)
