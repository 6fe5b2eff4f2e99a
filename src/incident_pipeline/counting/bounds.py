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

    __slots__ = ("above", "certain_need", "certain_sum", "group", "place", "possible_need", "possible_sum")

    def __init__(self, group: str, path: str, above: tuple[_Node, ...]) -> None:
        self.group = group
        self.place = path
        self.above = above
        """The nodes above it, up to the theatre."""
        self.certain_sum = self.possible_sum = 0
        """Incidents here, and totals of the places just below."""
        self.certain_need = self.possible_need = 0
        """Largest number stated for exactly this place."""

    def bound(self) -> tuple[int, int]:
        """(certain, possible)."""
        return max(self.certain_need, self.certain_sum), max(self.possible_need, self.possible_sum)


class _Walk:
    """One way up from a place, and what it changed: most lines take just one."""

    __slots__ = ("certain", "chain", "possible")

    def __init__(self, chain: tuple[_Node, ...]) -> None:
        self.chain = chain
        self.certain: list[tuple[int, int]] = []
        self.possible: list[tuple[int, int]] = []

    def go(self, certain: int, possible: int) -> None:
        """Bring units to the first node, all of which reach those above it: no number is stated on the way."""
        chain = self.chain
        self.certain = [(was := node.certain_sum, was + certain) for node in chain]
        self.possible = [(was := node.possible_sum, was + possible) for node in chain]
        for node in chain:
            node.certain_sum += certain
            node.possible_sum += possible

    def go_past_numbers(self, chain: tuple[_Node, ...], certain: int, possible: int) -> None:
        """Bring units up a chain on which numbers are stated: each lets through only what changes its bound."""
        for node in chain:
            before = node.bound()
            node.certain_sum += certain
            node.possible_sum += possible
            self.note(before, after := node.bound())
            certain, possible = after[0] - before[0], after[1] - before[1]
            if not certain and not possible:
                return

    def note(self, before: tuple[int, int], after: tuple[int, int]) -> None:
        """Note what the next node changed, if it did: where it did not, those above do not either."""
        if before != after:
            self.certain.append((before[0], after[0]))
            self.possible.append((before[1], after[1]))

    def nodes(self) -> Iterator[tuple[_Node, tuple[int, int]]]:
        """The nodes that changed, each with what it was before."""
        for node, certain, possible in zip(self.chain, self.certain, self.possible, strict=False):
            yield node, (certain[0], possible[0])


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

    __slots__ = ("_has_needs", "_nodes", "_walks")

    def __init__(self) -> None:
        self._nodes: dict[tuple[str, str], _Node] = {}
        self._walks: list[_Walk] = []
        self._has_needs = False
        """Whether a number was ever stated."""

    def tell(self, group: str, path: str, certain: int, possible: int) -> None:
        """Units of a group came to a place, or went (negative)."""
        node = self._nodes.get((group, path)) or self._node(group, path)
        chain = (node, *node.above)
        walk = _Walk(chain)
        self._walks.append(walk)
        if self._has_needs:
            walk.go_past_numbers(chain, certain, possible)
        else:
            walk.go(certain, possible)

    def need(self, group: str, path: str, certain: int, possible: int) -> None:
        """Largest numbers stated for a group at a place: by that group's name alone, and with others."""
        node = self._nodes.get((group, path)) or self._node(group, path)
        before = node.bound()
        node.certain_need, node.possible_need = certain, possible
        self._has_needs = True
        after = node.bound()
        if before == after:
            return
        walk = _Walk((node, *node.above))
        self._walks.append(walk)
        walk.note(before, after)
        walk.go_past_numbers(node.above, after[0] - before[0], after[1] - before[1])

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
        start = walk.chain[0]
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
        """The node of a place that has none yet, made with those above it as far as they are missing."""
        nodes = self._nodes
        missing = []
        above: tuple[_Node, ...] = ()
        for step in place(path).ancestry:
            known = nodes.get((group, step))
            if known is not None:
                above = (known, *known.above)
                break
            missing.append(step)
        for step in reversed(missing):
            node = nodes[group, step] = _Node(group, step, above)
            above = (node, *above)
        return above[0]


def _changes_of(walks: list[_Walk]) -> tuple[BoundChange, ...]:
    """What several ways up changed together; each node is told once, those of one way as one."""
    before: dict[_Node, tuple[int, int]] = {}
    for walk in walks:
        for node, was in walk.nodes():
            before.setdefault(node, was)
    changed = {node: was for node, was in before.items() if node.bound() != was}
    found = []
    for start in sorted(changed, key=lambda node: (node.group, -len(node.above), node.place)):
        certain, possible = [], []
        for node in (start, *start.above):
            if node not in changed:
                break
            was, now = changed.pop(node), node.bound()
            certain.append((was[0], now[0]))
            possible.append((was[1], now[1]))
        if certain:
            found.append(BoundChange(start.group, start.place, tuple(certain), tuple(possible)))
    return tuple(found)
