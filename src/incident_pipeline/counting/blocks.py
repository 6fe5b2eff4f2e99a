"""One block's items, kept clustered: a line regroups only the items that hang together with it."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence

import msgspec

from incident_pipeline.counting.clustering import Incident, components, incident_of, partition
from incident_pipeline.counting.facts import Item, LineKey
from incident_pipeline.counting.pairing import THRESHOLD, TIME_WINDOW_MINUTES, Veto, pair_score
from incident_pipeline.counting.places import is_within, place

RUNNERS_UP = 3
"""How many of the items that it was not joined with a decision names."""

_UNTIMED = -10
"""Bucket of items without a time of day: far from every hour's."""


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
    """Incidents that a line took away and brought."""

    removed: tuple[Incident, ...]
    added: tuple[Incident, ...]
    decision: Decision
    """About the added item; `ALONE` where one was removed."""


class _Shelf:
    """Items of one place, by hour, so that only those near in time are looked at."""

    __slots__ = ("hours",)

    def __init__(self) -> None:
        self.hours: dict[int, dict[LineKey, Item]] = {}

    def put(self, item: Item) -> None:
        self.hours.setdefault(_hour(item), {})[item.key] = item

    def take(self, item: Item) -> None:
        hour = _hour(item)
        del self.hours[hour][item.key]
        if not self.hours[hour]:
            del self.hours[hour]

    def near(self, item: Item) -> Iterator[Item]:
        hour = _hour(item)
        if hour == _UNTIMED:
            for items in self.hours.values():
                yield from items.values()
            return
        for near in (_UNTIMED, hour - 1, hour, hour + 1):
            items_then = self.hours.get(near)
            if items_then:
                yield from items_then.values()


def _hour(item: Item) -> int:
    return _UNTIMED if item.minute is None else item.minute // TIME_WINDOW_MINUTES


class Block:
    """Items of one (neighbourhood, class of type) and the incidents that they tell."""

    __slots__ = ("_depth", "_incidents", "_items", "_links", "_shelves")

    def __init__(self) -> None:
        self._items: dict[LineKey, Item] = {}
        self._incidents: dict[LineKey, Incident] = {}
        self._links: dict[LineKey, dict[LineKey, int]] = {}
        self._shelves: dict[str, _Shelf] = {}
        self._depth = 0
        """Steps below the theatre that all places with a shelf are; negative where they differ, or once did."""

    def __len__(self) -> int:
        return len(self._items)

    def item(self, key: LineKey) -> Item:
        """One item. KeyError if it is not here."""
        return self._items[key]

    def incident(self, key: LineKey) -> Incident:
        """Incident that the item tells. KeyError if it is not here."""
        return self._incidents[key]

    def add(self, item: Item) -> Regrouping:
        """Take an item in, whose key is not here yet."""
        links, others = self._weigh(item)
        self._items[item.key] = item
        self._links[item.key] = links
        shelf = self._shelves.get(item.place)
        if shelf is None:
            depth = item.place.count("/")
            self._depth = depth if not self._shelves or depth == self._depth else -1
            shelf = self._shelves[item.place] = _Shelf()
        shelf.put(item)
        if not links:
            alone = incident_of((item,))
            self._incidents[item.key] = alone
            return Regrouping((), (alone,), self._decision(item, others) if others else ALONE)
        for key, score in links.items():
            self._links[key][item.key] = score
        hanging = self._hanging_together(item.key)
        removed, added = self._regroup([key for key in hanging if key != item.key], hanging)
        return Regrouping(removed, added, self._decision(item, others))

    def remove(self, key: LineKey) -> Regrouping:
        """Take an item away. KeyError if it is not here."""
        item = self._items[key]
        hanging = self._hanging_together(key)
        for other in self._links.pop(key):
            del self._links[other][key]
        del self._items[key]
        shelf = self._shelves[item.place]
        shelf.take(item)
        if not shelf.hours:
            del self._shelves[item.place]
        removed, added = self._regroup(hanging, [other for other in hanging if other != key])
        del self._incidents[key]
        return Regrouping(removed, added, ALONE)

    def links(self, item: Item) -> dict[LineKey, int]:
        """Scores of the items here that may tell the same incident as one that need not be here."""
        return self._weigh(item)[0]

    def _weigh(self, item: Item) -> tuple[dict[LineKey, int], list[tuple[int, LineKey]]]:
        """Links of a new item, and (score, key) of the near items that it has no link with."""
        links: dict[LineKey, int] = {}
        others: list[tuple[int, LineKey]] = []
        for shelf in self._shelves_around(item.place):
            for other in shelf.near(item):
                score = pair_score(item, other)
                if score >= THRESHOLD:
                    links[other.key] = score
                else:
                    others.append((score, other.key))
        return links, others

    def _shelves_around(self, path: str) -> Sequence[_Shelf]:
        """Shelves of the place, of what lies above it and of what lies below."""
        shelves = self._shelves
        if not shelves or self._depth == path.count("/"):
            return (shelves[path],) if path in shelves else ()
        around = [shelves[above] for above in place(path).ancestry if above in shelves]
        below = sorted(other for other in shelves if other != path and is_within(other, path))
        return around + [shelves[other] for other in below]

    def _hanging_together(self, start: LineKey) -> list[LineKey]:
        """Keys of the component of an item, sorted."""
        seen = {start}
        reached = [start]
        for key in reached:
            for linked in self._links[key]:
                if linked not in seen:
                    seen.add(linked)
                    reached.append(linked)
        reached.sort()
        return reached

    def _regroup(
        self, before: Sequence[LineKey], after: Sequence[LineKey]
    ) -> tuple[tuple[Incident, ...], tuple[Incident, ...]]:
        """Group the items `after` anew, which were grouped as `before`; both sorted. What stays is not told."""
        old = {self._incidents[key].members[0].key: self._incidents[key] for key in before}
        added = []
        for component in components([self._items[key] for key in after], self._links):
            for group in partition(component, self._links):
                was = old.get(group[0].key)
                if was is not None and list(was.members) == group:
                    del old[group[0].key]
                    continue
                incident = incident_of(group)
                added.append(incident)
                for member in group:
                    self._incidents[member.key] = incident
        added.sort(key=lambda incident: incident.members[0].key)
        return tuple(old.values()), tuple(added)

    def _decision(self, item: Item, others: list[tuple[int, LineKey]]) -> Decision:
        together = {member.key for member in self._incidents[item.key].members}
        links = self._links[item.key]
        matched = min((key for key in links if key in together), key=lambda key: (-links[key], key), default=None)
        weighed = [(-score, key) for key, score in links.items() if key not in together]
        weighed += [(-score, key) for score, key in others]
        runners_up = tuple(_runner_up(-minus, key) for minus, key in heapq.nsmallest(RUNNERS_UP, weighed))
        return Decision(links[matched] if matched else None, matched, runners_up)


def _runner_up(score: int, key: LineKey) -> RunnerUp:
    if score < 0:
        return RunnerUp(key, 0, Veto(score).name.lower())
    return RunnerUp(key, score, "better_elsewhere" if score >= THRESHOLD else "below_threshold")
