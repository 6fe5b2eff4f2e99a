"""Bounds of single groups: how many violations are certainly, and how many possibly, a group's.

All lines that a bound runs over share the group, so the absorbing steps come down to one rule up the tree of places:
total(P) = max(largest number stated for P, incidents at P + sum of total(C) over the places C just below P).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from incident_pipeline.counting.attribution import attribution
from incident_pipeline.counting.facts import Item
from incident_pipeline.counting.places import deepest
from incident_pipeline.event import BoundsChange

Told = tuple[str, str, int, int]
"""(group, place, certain, possible): a unit that an incident gives to the bounds."""


class Node:
    """A group at a place, with all below it."""

    __slots__ = ("certain_need", "certain_sum", "depth", "group", "parent", "place", "possible_need", "possible_sum")

    def __init__(self, group: str, path: str, parent: Node | None) -> None:
        self.group = group
        self.place = path
        self.parent = parent
        """The node above it; None for the theatre's."""
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.certain_sum = self.possible_sum = 0
        """Incidents here, and totals of the places just below."""
        self.certain_need = self.possible_need = 0
        """Largest number stated for exactly this place."""

    def bound(self) -> tuple[int, int]:
        """(certain, possible)."""
        return max(self.certain_need, self.certain_sum), max(self.possible_need, self.possible_sum)


class _Walk(msgspec.Struct, gc=False):
    """One way up from a place, and what it changed: most lines take just one."""

    start: Node
    certain: list[tuple[int, int]]
    """[before, after] of the first nodes on the way: where one did not change, those above do not either."""
    possible: list[tuple[int, int]]

    def go_past_numbers(self, node: Node | None, certain: int, possible: int) -> None:
        """Bring units up from a node where numbers are stated: each lets through only what changes its bound."""
        while node is not None and (certain or possible):
            before = node.bound()
            node.certain_sum += certain
            node.possible_sum += possible
            self.note(before, after := node.bound())
            certain, possible = after[0] - before[0], after[1] - before[1]
            node = node.parent

    def note(self, before: tuple[int, int], after: tuple[int, int]) -> None:
        """Note what the next node changed, if it did."""
        if before != after:
            self.certain.append((before[0], after[0]))
            self.possible.append((before[1], after[1]))

    def change(self, date: str) -> BoundsChange:
        """What it changed, if no other way leads past its nodes."""
        start = self.start
        return BoundsChange(tuple(self.certain), date, start.group, start.place, tuple(self.possible))

    def nodes(self) -> Iterator[tuple[Node, tuple[int, int]]]:
        """The nodes that changed, each with what it was before."""
        node: Node | None = self.start
        for certain, possible in zip(self.certain, self.possible, strict=True):
            if node is not None:
                yield node, (certain[0], possible[0])
                node = node.parent


def told_by(members: Sequence[Item]) -> list[Told]:
    """Units that an incident gives to each group that one of its items names."""
    named = [(attribution(member.attribution).groups, member.place) for member in members]
    if all(groups == named[0][0] for groups, _ in named):
        groups, path = named[0][0], deepest([path for _, path in named])
        return [(group, path, int(len(groups) == 1), 1) for group in groups]
    told: list[Told] = []
    for group in sorted({group for groups, _ in named for group in groups}):
        told.append((group, deepest([path for groups, path in named if group in groups]), 0, 1))
        exact = [path for groups, path in named if groups == (group,)]
        if exact:
            told.append((group, deepest(exact), 1, 0))
    return told


class Bounds:
    """Bounds of all groups of a theatre-day, kept up line by line."""

    __slots__ = ("_has_needs", "_nodes", "_walks")

    def __init__(self) -> None:
        self._nodes: dict[tuple[str, str], Node] = {}
        self._walks: list[_Walk] = []
        self._has_needs = False
        """Whether a number was ever stated."""

    def tell(self, node: Node, certain: int, possible: int) -> None:
        """Units of a group came to a place, or went (negative)."""
        certain_pairs: list[tuple[int, int]] = []
        possible_pairs: list[tuple[int, int]] = []
        walk = _Walk(node, certain_pairs, possible_pairs)
        self._walks.append(walk)
        if self._has_needs:
            walk.go_past_numbers(node, certain, possible)
            return
        at: Node | None = node
        while at is not None:
            certain_was, possible_was = at.certain_sum, at.possible_sum
            at.certain_sum = certain_now = certain_was + certain
            at.possible_sum = possible_now = possible_was + possible
            certain_pairs.append((certain_was, certain_now))
            possible_pairs.append((possible_was, possible_now))
            at = at.parent

    def need(self, group: str, path: str, certain: int, possible: int) -> None:
        """Largest numbers stated for a group at a place: by that group's name alone, and with others."""
        node = self.node(group, path)
        before = node.bound()
        node.certain_need, node.possible_need = certain, possible
        self._has_needs = True
        after = node.bound()
        if before == after:
            return
        walk = _Walk(node, [], [])
        self._walks.append(walk)
        walk.note(before, after)
        walk.go_past_numbers(node.parent, after[0] - before[0], after[1] - before[1])

    def changes(self, date: str) -> tuple[BoundsChange, ...]:
        """Bounds that are no longer what they were when this was last asked, as events of that day tell it."""
        walks = self._walks
        if not walks:
            return ()
        self._walks = []
        if len(walks) > 1:
            walks.sort(key=_group_of)
            groups = [walk.start.group for walk in walks]
            if len(set(groups)) < len(groups):
                return _changes_of(walks, date)
        return tuple([walk.change(date) for walk in walks if walk.certain])

    def bound(self, group: str, path: str) -> tuple[int, int]:
        """(certain, possible) of a group at a place with all below it."""
        node = self._nodes.get((group, path))
        return node.bound() if node else (0, 0)

    def all(self) -> dict[tuple[str, str], tuple[int, int]]:
        """All bounds that are not zero, by (group, place)."""
        bounds = {key: node.bound() for key, node in self._nodes.items()}
        return {key: bound for key, bound in bounds.items() if bound != (0, 0)}

    def node(self, group: str, path: str) -> Node:
        """The node of a group at a place, made with those above it as far as they are missing."""
        node = self._nodes.get((group, path))
        return self._new_node(group, path) if node is None else node

    def _new_node(self, group: str, path: str) -> Node:
        above = path.rpartition("/")[0]
        node = self._nodes[group, path] = Node(group, path, self.node(group, above) if above else None)
        return node


def _group_of(walk: _Walk) -> str:
    return walk.start.group


def _changes_of(walks: list[_Walk], date: str) -> tuple[BoundsChange, ...]:
    """What several ways up changed together; each node is told once, those of one way as one."""
    before: dict[Node, tuple[int, int]] = {}
    for walk in walks:
        for node, was in walk.nodes():
            before.setdefault(node, was)
    changed = {node: was for node, was in before.items() if node.bound() != was}
    found = []
    for start in sorted(changed, key=lambda node: (node.group, -node.depth, node.place)):
        certain, possible = [], []
        at: Node | None = start
        while at is not None and at in changed:
            was, now = changed.pop(at), at.bound()
            certain.append((was[0], now[0]))
            possible.append((was[1], now[1]))
            at = at.parent
        if certain:
            found.append(BoundsChange(tuple(certain), date, start.group, start.place, tuple(possible)))
    return tuple(found)
