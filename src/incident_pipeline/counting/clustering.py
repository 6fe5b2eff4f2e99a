"""Items into incidents: the fewest groups of items that may each be one incident.

A group is valid if each pair of its items reaches the threshold and its attributions have a group in common (places
then lie on one way down, since each pair does). Every part of a valid group is valid, so the least number of groups
never falls when an item is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from incident_pipeline.counting.attribution import meet
from incident_pipeline.counting.facts import Item, LineKey
from incident_pipeline.counting.pairing import THRESHOLD, block_of, pair_score
from incident_pipeline.counting.places import deepest

EXACT_ITEMS = 8
"""Connected items up to which the fewest groups are found exactly; 8 items have 4,140 partitions."""

Links = Mapping[LineKey, Mapping[LineKey, int]]
"""Scores of the pairs at or above the threshold, both ways; items without any may be left out."""


class Incident(msgspec.Struct, frozen=True, gc=False):
    """What happened: the items that tell it, and what they say together."""

    members: tuple[Item, ...]
    """In the order of their keys."""
    parties: tuple[str, ...]
    """Sorted, distinct."""
    attribution: str
    """The groups that every teller holds possible."""
    place: str
    """The deepest of the tellers' places."""


def incident_of(members: Sequence[Item]) -> Incident:
    """Incident that the items tell, which must be in the order of their keys and a valid group."""
    first = members[0]
    if len(members) == 1:
        return Incident((first,), (first.party,), first.attribution, first.place)
    parties = tuple(sorted({member.party for member in members}))
    return Incident(tuple(members), parties, *joint_cell(members))


def joint_cell(members: Sequence[Item]) -> tuple[str, str]:
    """(attribution, place) that the items state together: joint groups, deepest place."""
    joint: str | None = members[0].attribution
    for member in members[1:]:
        joint = joint and meet(joint, member.attribution)
    if joint is None:
        msg = f"items {[member.key for member in members]} have no group in common"
        raise ValueError(msg)
    return joint, deepest([member.place for member in members])


def cluster(items: Iterable[Item]) -> list[Incident]:
    """Incidents that a set of items tells, in the order of their first members. All at once: O(items squared)."""
    blocks: dict[tuple[str, str], list[Item]] = {}
    for item in sorted(items, key=lambda item: item.key):
        blocks.setdefault(block_of(item), []).append(item)
    incidents: list[Incident] = []
    for block in blocks.values():
        links = link_all(block)
        for component in components(block, links):
            incidents += [incident_of(group) for group in partition(component, links)]
    return sorted(incidents, key=lambda incident: incident.members[0].key)


def link_all(items: Sequence[Item]) -> dict[LineKey, dict[LineKey, int]]:
    """Scores of all pairs at or above the threshold."""
    links: dict[LineKey, dict[LineKey, int]] = {item.key: {} for item in items}
    for index, one in enumerate(items):
        for other in items[index + 1 :]:
            score = pair_score(one, other)
            if score >= THRESHOLD:
                links[one.key][other.key] = links[other.key][one.key] = score
    return links


def components(items: Sequence[Item], links: Links) -> list[list[Item]]:
    """Items that hang together by links; each component in the order of keys, as `items` must be."""
    by_key = {item.key: item for item in items}
    seen: set[LineKey] = set()
    found = []
    for item in items:
        if item.key in seen:
            continue
        seen.add(item.key)
        reached = [item.key]
        for key in reached:
            for linked in links.get(key, ()):
                if linked not in seen:
                    seen.add(linked)
                    reached.append(linked)
        found.append([by_key[key] for key in sorted(reached)])
    return found


def partition(component: Sequence[Item], links: Links) -> list[list[Item]]:
    """Split connected items, in the order of keys, into valid groups.

    The fewest groups; among those the best sum of scores within groups; among those the first in the order of growth
    (each item to the earliest group it may join). Above `EXACT_ITEMS` items each joins, in the order of keys, the
    group that it scores best with.
    """
    if len(component) <= 2 or _is_valid(component, links):
        return [list(component)]
    if len(component) > EXACT_ITEMS:
        return _partition_greedily(component, links)
    return _Search(component, links).best


def _is_valid(component: Sequence[Item], links: Links) -> bool:
    """Whether all of a component may be one incident. No link leaves it, so that it is enough to count them."""
    others = len(component) - 1
    joint: str | None = component[0].attribution
    for item in component:
        if len(links[item.key]) != others:
            return False
        joint = meet(joint, item.attribution)
        if joint is None:
            return False
    return True


class _Group:
    """A group that is being built."""

    __slots__ = ("joint", "members")

    def __init__(self, item: Item) -> None:
        self.members = [item]
        self.joint = item.attribution

    def gain(self, item: Item, links: Links) -> int | None:
        """Sum of scores that the item would add; None if it may not join."""
        if meet(self.joint, item.attribution) is None:
            return None
        scores = links[item.key]
        gain = 0
        for member in self.members:
            score = scores.get(member.key)
            if score is None:
                return None
            gain += score
        return gain


def _partition_greedily(component: Sequence[Item], links: Links) -> list[list[Item]]:
    groups: list[_Group] = []
    of_item: dict[LineKey, int] = {}
    for item in component:
        best, best_gain = -1, 0
        for index in sorted({of_item[key] for key in links[item.key] if key in of_item}):
            gain = groups[index].gain(item, links)
            if gain is not None and gain > best_gain:
                best, best_gain = index, gain
        if best < 0:
            of_item[item.key] = len(groups)
            groups.append(_Group(item))
            continue
        group = groups[best]
        of_item[item.key] = best
        group.members.append(item)
        group.joint = meet(group.joint, item.attribution) or group.joint
    return [group.members for group in groups]


class _Search:
    """Depth-first search over partitions in the order of growth; the first of the best stands."""

    __slots__ = ("_groups", "_items", "_links", "_reach", "_size", "_total", "best")

    def __init__(self, component: Sequence[Item], links: Links) -> None:
        self._items = component
        self._links = links
        self._groups: list[_Group] = []
        self._size = len(component) + 1
        self._total = -1
        self.best: list[list[Item]] = []
        self._reach = _largest_gains(component, links)
        self._place(0, 0)

    def _place(self, index: int, total: int) -> None:
        groups = self._groups
        if len(groups) > self._size:
            return
        if len(groups) == self._size and total + self._reach[index] <= self._total:
            return
        if index == len(self._items):
            if len(groups) < self._size or total > self._total:
                self._size, self._total = len(groups), total
                self.best = [list(group.members) for group in groups]
            return
        item = self._items[index]
        for group in groups:
            gain = group.gain(item, self._links)
            if gain is None:
                continue
            joint = group.joint
            group.members.append(item)
            group.joint = meet(joint, item.attribution) or joint
            self._place(index + 1, total + gain)
            group.members.pop()
            group.joint = joint
        groups.append(_Group(item))
        self._place(index + 1, total)
        groups.pop()


def _largest_gains(component: Sequence[Item], links: Links) -> list[int]:
    """Tell, for each item and those after it, the most that they may add to the sum of scores; 0 behind the last."""
    gains = [0]
    for index in range(len(component) - 1, -1, -1):
        scores = links[component[index].key]
        gains.append(gains[-1] + sum(scores.get(earlier.key, 0) for earlier in component[:index]))
    return gains[::-1]
