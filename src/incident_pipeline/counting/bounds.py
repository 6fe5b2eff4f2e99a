"""Bounds of single groups: how many violations are certainly, and how many possibly, a group's.

All lines that a bound runs over share the group, so the absorbing steps come down to one rule up the tree of places:
total(P) = max(largest number stated for P, incidents at P + sum of total(C) over the places C just below P).
"""

from __future__ import annotations

from collections.abc import Sequence

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
        "reported",
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
        self.reported = (0, 0)

    def certain(self) -> int:
        return max(self.certain_need, self.certain_sum)

    def possible(self) -> int:
        return max(self.possible_need, self.possible_sum)


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

    __slots__ = ("_nodes", "_touched", "_walks")

    def __init__(self) -> None:
        self._nodes: dict[tuple[str, str], _Node] = {}
        self._touched: list[_Node] = []
        self._walks = 0

    def tell(self, group: str, path: str, certain: int, possible: int) -> None:
        """Units of a group came to a place, or went (negative)."""
        start = self._nodes.get((group, path)) or self._node(group, path)
        self._walks += 1
        self._touched.append(start)
        node: _Node | None = start
        while node is not None:
            if node.needed:
                was_certain, was_possible = node.certain(), node.possible()
                node.certain_sum += certain
                node.possible_sum += possible
                certain, possible = node.certain() - was_certain, node.possible() - was_possible
                if not certain and not possible:
                    return
            else:
                node.certain_sum += certain
                node.possible_sum += possible
            node = node.parent

    def need(self, group: str, path: str, certain: int, possible: int) -> None:
        """Largest numbers stated for a group at a place: by that group's name alone, and with others."""
        node = self._nodes.get((group, path)) or self._node(group, path)
        was_certain, was_possible = node.certain(), node.possible()
        node.certain_need, node.possible_need = certain, possible
        node.needed = bool(certain or possible)
        self._touched.append(node)
        self._walks += 1
        certain, possible = node.certain() - was_certain, node.possible() - was_possible
        if node.parent is not None and (certain or possible):
            self.tell(group, node.parent.place, certain, possible)

    def changes(self) -> tuple[BoundChange, ...]:
        """Bounds that are no longer what they were when this was last asked."""
        touched = self._touched
        if not touched:
            return ()
        if self._walks > 1:
            # One walk goes from the deepest place up already.
            touched.sort(key=lambda node: (node.group, -node.depth, node.place))
        found = []
        for start in touched:
            node: _Node | None = start
            certain, possible = [], []
            while node is not None:
                was = node.reported
                now = (node.certain(), node.possible()) if node.needed else (node.certain_sum, node.possible_sum)
                if now == was:
                    break
                node.reported = now
                certain.append((was[0], now[0]))
                possible.append((was[1], now[1]))
                node = node.parent
            if certain:
                found.append(BoundChange(start.group, start.place, tuple(certain), tuple(possible)))
        touched.clear()
        self._walks = 0
        return tuple(found)

    def bound(self, group: str, path: str) -> tuple[int, int]:
        """(certain, possible) of a group at a place with all below it."""
        node = self._nodes.get((group, path))
        return (node.certain(), node.possible()) if node else (0, 0)

    def all(self) -> dict[tuple[str, str], tuple[int, int]]:
        """All bounds that are not zero, by (group, place)."""
        bounds = {key: (node.certain(), node.possible()) for key, node in self._nodes.items()}
        return {key: bound for key, bound in bounds.items() if bound != (0, 0)}

    def _node(self, group: str, path: str) -> _Node:
        parent: _Node | None = None
        for above in reversed(place(path).ancestry):
            node = self._nodes.get((group, above))
            if node is None:
                node = self._nodes[group, above] = _Node(group, above, parent)
            parent = node
        if parent is None:
            msg = f"place {path!r} is empty"
            raise ValueError(msg)
        return parent
