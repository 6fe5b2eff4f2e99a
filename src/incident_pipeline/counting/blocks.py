"""A day's items, kept clustered: a line regroups only the items that hang together with it."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from incident_pipeline.counting.clustering import Incident, components, incident_of, partition
from incident_pipeline.counting.facts import Item, LineKey
from incident_pipeline.counting.pairing import THRESHOLD, Veto, block_of, pair_score
from incident_pipeline.counting.shelves import Block

RUNNERS_UP = 3
"""How many of the items that it was not joined with a decision names."""

_NONE: Final[Mapping[LineKey, int]] = {}


class RunnerUp(msgspec.Struct, frozen=True, gc=False):
    """An item that was weighed and not joined."""

    key: LineKey
    score: int
    """0 where there was a veto."""
    reason: str
    """`below_threshold`, `better_elsewhere`, or the veto: `time`, `type`, `attribution`, ..."""


class Decision(msgspec.Struct, frozen=True, gc=False):
    """Why an item stands in its incident."""

    score: int | None
    """Best score with another item of its incident; None if it is alone."""
    matched: LineKey | None
    """The item of that score."""
    runners_up: tuple[RunnerUp, ...]
    """The best of the others that were near, best first."""


ALONE = Decision(None, None, ())


class Regrouping(msgspec.Struct, frozen=True, gc=False):
    """Incidents that a line took away and brought. An item that joins no other brings its own, and none is told."""

    removed: tuple[Incident, ...]
    added: tuple[Incident, ...]
    decision: Decision
    """About the added item; `ALONE` where one was removed."""


NOBODY_NEAR = Regrouping((), (), ALONE)
"""What most items come to: nothing is built for them."""


class Clusters:
    """Items of one theatre and day, and the incidents that they tell."""

    __slots__ = ("_blocks", "_incidents", "_items", "_links")

    def __init__(self) -> None:
        self._items: dict[LineKey, Item] = {}
        self._blocks: dict[tuple[str, str], Block] = {}
        self._links: dict[LineKey, dict[LineKey, int]] = {}
        """Of the items that have any, or once had."""
        self._incidents: dict[LineKey, Incident] = {}
        """Of the items that are not alone."""

    def item(self, key: LineKey) -> Item:
        """One item. KeyError if it is not here."""
        return self._items[key]

    def items(self) -> list[Item]:
        """All items, in the order of their keys."""
        return [self._items[key] for key in sorted(self._items)]

    def incident(self, key: LineKey) -> Incident:
        """Incident that the item tells. KeyError if it is not here."""
        return self._incidents.get(key) or incident_of((self._items[key],))

    def incidents(self) -> list[Incident]:
        """All incidents, in the order of their first members."""
        told = [(key, self.incident(key)) for key in sorted(self._items)]
        return [incident for key, incident in told if incident.members[0].key == key]

    def alone(self) -> list[Item]:
        """Items that are in an incident with no other."""
        joint = self._incidents
        return [item for key, item in self._items.items() if key not in joint]

    def joint(self) -> list[Incident]:
        """Incidents of two or more items."""
        return [incident for key, incident in self._incidents.items() if incident.members[0].key == key]

    def items_of(self, block: tuple[str, str]) -> int:
        """How many items a block has."""
        found = self._blocks.get(block)
        return 0 if found is None else found.size

    def links(self, item: Item) -> dict[LineKey, int]:
        """Scores of the items here that may tell the same incident as one that need not be here."""
        block = self._blocks.get(block_of(item))
        return _weigh(item, block.near(item))[0] if block else {}

    def add(self, item: Item) -> Regrouping:
        """Take an item in. ValueError if its key is here."""
        key = item.key
        if key in self._items:
            msg = f"item {key} is in force already: remove it before it is added again"
            raise ValueError(msg)
        self._items[key] = item
        block_key = block_of(item)
        block = self._blocks.get(block_key)
        if block is None:
            block = self._blocks[block_key] = Block()
        near = block.put(item)
        if not near:
            return NOBODY_NEAR
        links, others = _weigh(item, near)
        if not links:
            return Regrouping((), (), _decision(links, others, None))
        self._links[key] = links
        for other, score in links.items():
            self._links.setdefault(other, {})[key] = score
        hanging = self._hanging_together(key)
        before = [self.incident(other) for other in hanging if other != key]
        removed, added = self._regroup(before, [[self._items[other] for other in hanging]])
        return Regrouping(removed, added if removed else (), _decision(links, others, self._incidents.get(key)))

    def remove(self, key: LineKey) -> Regrouping:
        """Take an item away. KeyError if it is not here."""
        item = self._items[key]
        self._blocks[block_of(item)].take(item)
        hanging = self._hanging_together(key)
        before = [self.incident(other) for other in hanging]
        for other in self._links.pop(key, ()):
            del self._links[other][key]
        del self._items[key]
        self._incidents.pop(key, None)
        left = components([self._items[other] for other in hanging if other != key], self._links)
        removed, added = self._regroup(before, left)
        return Regrouping(removed, added, ALONE)

    def _hanging_together(self, start: LineKey) -> list[LineKey]:
        """Keys of the component of an item, sorted."""
        links = self._links
        seen = {start}
        reached = [start]
        for key in reached:
            further = links.get(key, _NONE).keys() - seen
            seen |= further
            reached += further
        reached.sort()
        return reached

    def _regroup(
        self, before: Sequence[Incident], hanging: Sequence[Sequence[Item]]
    ) -> tuple[tuple[Incident, ...], tuple[Incident, ...]]:
        """Group items anew, given by component, whose incidents were `before`. What stays is not told."""
        old = {incident.members[0].key: incident for incident in before}
        added = []
        for component in hanging:
            for group in partition(component, self._links):
                first = group[0].key
                was = old.get(first)
                if was is not None and was.members == tuple(group):
                    del old[first]
                    continue
                incident = incident_of(group)
                added.append(incident)
                if len(group) == 1:
                    self._incidents.pop(first, None)
                    continue
                for member in group:
                    self._incidents[member.key] = incident
        if len(added) > 1:
            added.sort(key=lambda incident: incident.members[0].key)
        return tuple(old.values()), tuple(added)


def _weigh(item: Item, near: Sequence[Item]) -> tuple[dict[LineKey, int], list[tuple[int, LineKey]]]:
    """Scores of those near that an item may tell the same incident as, and (minus score, key) of the others."""
    links: dict[LineKey, int] = {}
    others: list[tuple[int, LineKey]] = []
    for other in near:
        score = pair_score(item, other)
        if score >= THRESHOLD:
            links[other.key] = score
        else:
            others.append((-score, other.key))
    return links, others


def _decision(links: dict[LineKey, int], others: list[tuple[int, LineKey]], incident: Incident | None) -> Decision:
    """Why an item tells an incident, None if it is alone; `links` and `others` are what was weighed."""
    together = {member.key for member in incident.members} if incident else ()
    matched = [(-score, key) for key, score in links.items() if key in together]
    weighed = others + [(-score, key) for key, score in links.items() if key not in together]
    runners_up = tuple([_runner_up(-minus, key) for minus, key in heapq.nsmallest(RUNNERS_UP, weighed)])
    if not matched:
        return Decision(None, None, runners_up)
    minus, key = min(matched)
    return Decision(-minus, key, runners_up)


_REASONS = {veto.value: veto.name.lower() for veto in Veto}


def _runner_up(score: int, key: LineKey) -> RunnerUp:
    if score < 0:
        return RunnerUp(key, 0, _REASONS[score])
    return RunnerUp(key, score, "better_elsewhere" if score >= THRESHOLD else "below_threshold")
