"""Bounds of single groups: how many violations are certainly, and how many possibly, a group's.

All lines that a bound runs over share the group, so the absorbing steps come down to one rule up the tree of places:
total(P) = max(largest number stated for P, incidents at P + sum of total(C) over the places C just below P).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from incident_pipeline.counting.attribution import attribution
from incident_pipeline.counting.facts import Item
from incident_pipeline.counting.places import deepest, place
from incident_pipeline.event import BoundsChange, Pair

Told = tuple[str, str, int, int]
"""(group, place, certain, possible): units that an incident gives to the bounds."""


def told_by(members: Sequence[Item]) -> list[Told]:
    """Units that an incident gives to each group that one of its items names."""
    named = [(attribution(member.attribution).groups, member) for member in members]
    told: list[Told] = []
    for group in sorted({group for groups, _ in named for group in groups}):
        told.append((group, deepest([member.place for groups, member in named if group in groups]), 0, 1))
        exact = [member.place for groups, member in named if groups == (group,)]
        if exact:
            told.append((group, deepest(exact), 1, 0))
    return told


class _Number:
    """What is stated for a group at exactly one place, and what else is known there and below."""

    __slots__ = ("certain_need", "certain_sum", "possible_need", "possible_sum")

    def __init__(self, certain_sum: int, possible_sum: int) -> None:
        self.certain_need = self.possible_need = 0
        """Largest number stated: by that group's name alone, and with others."""
        self.certain_sum = certain_sum
        self.possible_sum = possible_sum
        """Incidents here, and totals of the places just below."""

    def bound(self) -> Pair:
        return max(self.certain_need, self.certain_sum), max(self.possible_need, self.possible_sum)


class _Node:
    """A group at a place, with all below it."""

    __slots__ = ("above", "certain", "group", "number", "place", "possible")

    def __init__(self, group: str, path: str, above: _Node | None) -> None:
        self.group = group
        self.place = path
        self.above = above
        self.certain = self.possible = 0
        """Its bounds."""
        self.number: _Number | None = None
        """None while no number was ever stated: the bounds then are plain sums."""

    def bound(self) -> Pair:
        """(certain, possible)."""
        return self.certain, self.possible

    def way_up(self) -> Iterator[_Node]:
        """The node and all above it in turn."""
        node: _Node | None = self
        while node is not None:
            yield node
            node = node.above


_Units = tuple[_Node, int, int]
"""(node, certain, possible): how many came to it, or went (negative)."""

_Walk = tuple[_Node, list[Pair], list[Pair]]
"""A way up from a place: the bounds before and after, (certain, possible), of that node and of those above in turn."""


def _walk(start: _Node, certain: int, possible: int) -> _Walk:
    """Bring units to a node and to those above it. A number lets through only what changes its bound."""
    certains: list[Pair] = []
    possibles: list[Pair] = []
    node: _Node | None = start
    while node is not None:
        certain_was, possible_was = node.certain, node.possible
        number = node.number
        if number is not None:
            number.certain_sum += certain
            number.possible_sum += possible
            certain_is, possible_is = number.bound()
            certain, possible = certain_is - certain_was, possible_is - possible_was
            if not certain and not possible:
                break
        node.certain = certain_is = certain_was + certain
        node.possible = possible_is = possible_was + possible
        certains.append((certain_was, certain_is))
        possibles.append((possible_was, possible_is))
        node = node.above
    return start, certains, possibles


class Bounds:
    """Bounds of all groups of a theatre-day, kept up line by line."""

    __slots__ = ("_date", "_nodes", "_told", "_walks")

    def __init__(self, date: str) -> None:
        self._date = date
        self._nodes: dict[str, dict[str, _Node]] = {}
        """By group, then by place."""
        self._told: list[_Units] = []
        """Units that were not brought up yet: where lines regroup, most of them cancel out."""
        self._walks: list[_Walk] = []
        """Since changes were last asked for."""

    def tell(self, words: str, path: str, change: int) -> None:
        """An incident came (1) to a place or went (-1), of which all tellers say in the same words who did it."""
        groups = attribution(words).groups
        certain = change if len(groups) == 1 else 0
        for group in groups:
            self._told.append((self._node(group, path), certain, change))

    def tell_apart(self, members: Sequence[Item], change: int) -> None:
        """An incident came (1) or went (-1), of which the tellers may say in different words who did it."""
        for group, path, certain, possible in told_by(members):
            self._told.append((self._node(group, path), change * certain, change * possible))

    def need(self, group: str, path: str, certain: int, possible: int) -> None:
        """Largest numbers stated for a group at a place: by that group's name alone, and with others."""
        node = self._node(group, path)
        number = node.number
        if number is None:
            number = node.number = _Number(node.certain, node.possible)
        number.certain_need, number.possible_need = certain, possible
        self._walks.append(_walk(node, 0, 0))

    def changes(self) -> tuple[BoundsChange, ...]:
        """Bounds that are no longer what they were when this was last asked.

        By group, then from the deepest place up, then by place; each place of a group is told once.
        """
        self._settle()
        walks = self._walks
        if not walks:
            return ()
        self._walks = []
        if len(walks) > 1:
            walks = _together(walks)
        changes = []
        for start, certains, possibles in walks:
            if certains:
                changes.append(BoundsChange(tuple(certains), self._date, start.group, start.place, tuple(possibles)))
        return tuple(changes)

    def bound(self, group: str, path: str) -> Pair:
        """(certain, possible) of a group at a place with all below it."""
        self._settle()
        node = self._nodes.get(group, {}).get(path)
        return node.bound() if node else (0, 0)

    def all(self) -> dict[tuple[str, str], Pair]:
        """All bounds that are not zero, by (group, place)."""
        self._settle()
        nodes = [node for nodes in self._nodes.values() for node in nodes.values()]
        return {(node.group, node.place): node.bound() for node in nodes if any(node.bound())}

    def _settle(self) -> None:
        """Bring up the units that were told."""
        told = self._told
        if not told:
            return
        self._told = []
        if len(told) > 1:
            told = _net(told)
        for node, certain, possible in told:
            self._walks.append(_walk(node, certain, possible))

    def _node(self, group: str, path: str) -> _Node:
        nodes = self._nodes.get(group)
        if nodes is None:
            nodes = self._nodes[group] = {}
        node = nodes.get(path)
        if node is None:
            ancestry = place(path).ancestry
            node = nodes[path] = _Node(group, path, self._node(group, ancestry[1]) if len(ancestry) > 1 else None)
        return node


def _group_of(walk: _Walk) -> str:
    return walk[0].group


def _net(told: Sequence[_Units]) -> list[_Units]:
    """What several units come to for each node; those that cancel out are left out."""
    net: dict[_Node, Pair] = {}
    for node, certain, possible in told:
        known = net.get(node)
        net[node] = (certain, possible) if known is None else (known[0] + certain, known[1] + possible)
    return [(node, certain, possible) for node, (certain, possible) in net.items() if certain or possible]


def _together(walks: Sequence[_Walk]) -> list[_Walk]:
    """What several ways up changed together: each node once, those of one way as one."""
    if len({start.group for start, _, _ in walks}) == len(walks):  # those of different groups never meet
        return sorted(walks, key=_group_of)
    before: dict[_Node, Pair] = {}
    for start, certains, possibles in walks:
        for node, certain, possible in zip(start.way_up(), certains, possibles, strict=False):
            before.setdefault(node, (certain[0], possible[0]))
    changed = {node: was for node, was in before.items() if node.bound() != was}
    found = []
    for start in sorted(changed, key=lambda node: (node.group, -node.place.count("/"), node.place)):
        certains, possibles = [], []
        for node in start.way_up():
            if node not in changed:
                break
            was = changed.pop(node)
            certains.append((was[0], node.certain))
            possibles.append((was[1], node.possible))
        found.append((start, certains, possibles))
    return found
