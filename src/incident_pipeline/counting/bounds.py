"""Bounds of single groups: how many violations are certainly, and how many possibly, a group's.

All lines that a bound runs over share the group, so the absorbing steps come down to one rule up the tree of places:
total(P) = max(largest number stated for P, incidents at P + sum of total(C) over the places C just below P).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from incident_pipeline.counting.attribution import attribution
from incident_pipeline.counting.facts import BoundChange, Item
from incident_pipeline.counting.places import deepest, place

Told = tuple[str, str, int, int]
"""(group, place, certain, possible): a unit that an incident gives to the bounds."""


class _Node:
    """A group at a place, with all below it."""

    __slots__ = (
        "certain_need",
        "certain_sum",
        "depth",
        "group",
        "needed",
        "parent",
        "place",
        "possible_need",
        "possible_sum",
    )

    def __init__(self, group: str, path: str, parent: _Node | None) -> None:
        self.group = group
        self.place = path
        self.parent = parent
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.certain_sum = self.possible_sum = 0
        """Incidents here, and totals of the places just below."""
        self.certain_need = self.possible_need = 0
        """Largest number stated for exactly this place."""
        self.needed = False
        """Whether any is."""

    def bound(self) -> tuple[int, int]:
        """(certain, possible)."""
        if self.needed:
            return max(self.certain_need, self.certain_sum), max(self.possible_need, self.possible_sum)
        return self.certain_sum, self.possible_sum


class _Walk:
    """One way up from a place, and what it changed: most lines take just one."""

    __slots__ = ("certain", "possible", "start")

    def __init__(self, start: _Node) -> None:
        self.start = start
        self.certain: list[tuple[int, int]] = []
        self.possible: list[tuple[int, int]] = []

    def go(self, node: _Node | None, certain: int, possible: int) -> None:
        """Bring units to a node, and what that changes to those above it; note each [before, after]."""
        all_certain, all_possible = self.certain, self.possible
        while node is not None:
            if node.needed:
                before = node.bound()
                node.certain_sum += certain
                node.possible_sum += possible
                after = node.bound()
                certain, possible = after[0] - before[0], after[1] - before[1]
                if not certain and not possible:
                    return
                all_certain.append((before[0], after[0]))
                all_possible.append((before[1], after[1]))
            else:
                was = node.certain_sum
                node.certain_sum = now = was + certain
                all_certain.append((was, now))
                was = node.possible_sum
                node.possible_sum = now = was + possible
                all_possible.append((was, now))
            node = node.parent

    def nodes(self) -> Iterator[tuple[_Node, tuple[int, int]]]:
        """The nodes that changed, each with what it was before."""
        node: _Node | None = self.start
        for certain, possible in zip(self.certain, self.possible, strict=True):
            if node is not None:
                yield node, (certain[0], possible[0])
                node = node.parent


def told_by(members: Sequence[Item]) -> list[Told]:
    """Units that an incident of two or more items gives to each group that one of them names."""
    named = [(attribution(member.attribution).groups, member) for member in members]
    told: list[Told] = []
    for group in sorted({group for groups, _ in named for group in groups}):
        told.append((group, deepest([member.place for groups, member in named if group in groups]), 0, 1))
        exact = [member.place for groups, member in named if groups == (group,)]
        if exact:
            told.append((group, deepest(exact), 1, 0))
    return told


class Bounds:
    """Bounds of all groups of a theatre-day, kept up line by line."""

    __slots__ = ("_nodes", "_walks")

    def __init__(self) -> None:
        self._nodes: dict[tuple[str, str], _Node] = {}
        self._walks: list[_Walk] = []

    def tell(self, group: str, path: str, certain: int, possible: int) -> None:
        """Units of a group came to a place, or went (negative)."""
        node = self._nodes.get((group, path)) or self._node(group, path)
        walk = _Walk(node)
        self._walks.append(walk)
        walk.go(node, certain, possible)

    def need(self, group: str, path: str, certain: int, possible: int) -> None:
        """Largest numbers stated for a group at a place: by that group's name alone, and with others."""
        node = self._nodes.get((group, path)) or self._node(group, path)
        before = node.bound()
        node.certain_need, node.possible_need = certain, possible
        node.needed = bool(certain or possible)
        after = node.bound()
        certain, possible = after[0] - before[0], after[1] - before[1]
        if not certain and not possible:
            return
        walk = _Walk(node)
        self._walks.append(walk)
        walk.certain.append((before[0], after[0]))
        walk.possible.append((before[1], after[1]))
        walk.go(node.parent, certain, possible)

    def changes(self) -> tuple[BoundChange, ...]:
        """Bounds that are no longer what they were when this was last asked."""
        walks = self._walks
        if not walks:
            return ()
        self._walks = []
        if len(walks) > 1:
            return _changes_of(walks)
        walk = walks[0]
        if not walk.certain:
            return ()
        start = walk.start
        return (BoundChange(start.group, start.place, tuple(walk.certain), tuple(walk.possible)),)

    def bound(self, group: str, path: str) -> tuple[int, int]:
        """(certain, possible) of a group at a place with all below it."""
        node = self._nodes.get((group, path))
        return node.bound() if node else (0, 0)

    def all(self) -> dict[tuple[str, str], tuple[int, int]]:
        """All bounds that are not zero, by (group, place)."""
        bounds = {key: node.bound() for key, node in self._nodes.items()}
        return {key: bound for key, bound in bounds.items() if bound != (0, 0)}

    def _node(self, group: str, path: str) -> _Node:
        """The node of a place that has none yet, with those above it as far as they are missing."""
        nodes = self._nodes
        missing = []
        parent: _Node | None = None
        for above in place(path).ancestry:
            parent = nodes.get((group, above))
            if parent is not None:
                break
            missing.append(above)
        node = parent
        for above in reversed(missing):
            node = nodes[group, above] = _Node(group, above, node)
        if node is None:
            msg = f"place {path!r} is empty"
            raise ValueError(msg)
        return node


def _changes_of(walks: list[_Walk]) -> tuple[BoundChange, ...]:
    """What several ways up changed together; each node is told once, those of one way as one."""
    before: dict[_Node, tuple[int, int]] = {}
    for walk in walks:
        for node, was in walk.nodes():
            before.setdefault(node, was)
    changed = {node: was for node, was in before.items() if node.bound() != was}
    found = []
    for start in sorted(changed, key=lambda node: (node.group, -node.depth, node.place)):
        certain, possible = [], []
        up: _Node | None = start
        while up is not None and (was := changed.pop(up, None)) is not None:
            now = up.bound()
            certain.append((was[0], now[0]))
            possible.append((was[1], now[1]))
            up = up.parent
        if certain:
            found.append(BoundChange(start.group, start.place, tuple(certain), tuple(possible)))
    return tuple(found)
