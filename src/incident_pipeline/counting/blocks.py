"""One block's items, kept clustered: a line regroups only the items that hang together with it."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence

import msgspec

from incident_pipeline.counting.clustering import Incident, Links, components, incident_of, partition
from incident_pipeline.counting.facts import Item, LineKey
from incident_pipeline.counting.pairing import THRESHOLD, TIME_WINDOW_MINUTES, Veto, pair_score
from incident_pipeline.counting.places import is_within, place

RUNNERS_UP = 3
"""How many of the items that it was not joined with a decision names."""

_UNTIMED = -10
"""Hour of items without a time of day: far from every hour's."""

Weighed = list[tuple[int, LineKey]]
"""(score, key) of items that were near."""

_NO_LINKS: dict[LineKey, int] = {}


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
    """Without the incident of an added item that tells one alone."""
    decision: Decision
    """About the added item; `ALONE` where one was removed."""


NOBODY_NEAR = Regrouping((), (), ALONE)
"""An item that was added tells an incident alone, and nothing came into question: what most do."""


class Standing(msgspec.Struct, gc=False):
    """An item in force: what it may be joined with, and the incident that it tells."""

    item: Item
    hour: int
    links: dict[LineKey, int]
    """Scores of the items that may tell the same incident; shared as long as there are none."""
    joined: Incident | None
    """The incident that it tells with others."""

    @property
    def incident(self) -> Incident:
        """The incident that it tells."""
        return self.joined or incident_of((self.item,))

    def is_near(self, hour: int) -> bool:
        """Whether an item of that hour may be near it in time."""
        return -1 <= self.hour - hour <= 1 or _UNTIMED in {hour, self.hour}


class Block:
    """Items of one (neighbourhood, class of type) and the incidents that they tell.

    `standings` are those of a whole day: blocks share them, so that an item is kept once.
    """

    __slots__ = ("_depth", "_shelves", "_standings")

    def __init__(self, standings: dict[LineKey, Standing]) -> None:
        self._standings = standings
        self._shelves: dict[str, list[Standing]] = {}
        """By place."""
        self._depth = 0
        """Steps below the theatre that all places with a shelf are; negative where they differ, or once did."""

    @property
    def is_empty(self) -> bool:
        """Whether it holds no item."""
        return not self._shelves

    def add(self, item: Item) -> Regrouping:
        """Take an item in, whose key is not here yet."""
        path, minute = item.place, item.minute
        hour = _UNTIMED if minute is None else minute // TIME_WINDOW_MINUTES
        standing = self._standings[item.key] = Standing(item, hour, _NO_LINKS, None)
        shelf = self._shelves.get(path)
        if shelf is None and self._is_far(path):
            self._shelves[path] = [standing]
            return NOBODY_NEAR
        links, others = self._weigh(item, hour)
        if shelf is None:
            self._shelves[path] = [standing]
        else:
            shelf.append(standing)
        if not links:
            return Regrouping((), (), self._decision(standing, others)) if others else NOBODY_NEAR
        hanging = self._hanging_together_with(links)
        old = self._told_by(hanging)
        self._link(item.key, links)
        hanging.append(item.key)
        hanging.sort()
        component = [self._standings[key].item for key in hanging]
        removed, added = self._regroup(old, [component], self._links_of(hanging))
        return Regrouping(removed, added if removed else (), self._decision(standing, others))

    def remove(self, key: LineKey) -> Regrouping:
        """Take an item away. KeyError if it is not here."""
        standing = self._standings[key]
        if not standing.links:
            del self._standings[key]
            self._close_shelf(standing)
            return Regrouping((incident_of((standing.item,)),), (), ALONE)
        hanging = self._hanging_together_with([key])
        old = self._told_by(hanging)
        for other in standing.links:
            del self._standings[other].links[key]
        del self._standings[key]
        self._close_shelf(standing)
        links = self._links_of(hanging)
        left = [self._standings[other].item for other in hanging if other != key]
        removed, added = self._regroup(old, components(left, links), links)
        return Regrouping(removed, added, ALONE)

    def links(self, item: Item) -> dict[LineKey, int]:
        """Scores of the items here that may tell the same incident as one that need not be here."""
        return self._weigh(item, _UNTIMED if item.minute is None else item.minute // TIME_WINDOW_MINUTES)[0]

    def _close_shelf(self, standing: Standing) -> None:
        shelf = self._shelves[standing.item.place]
        shelf.remove(standing)
        if not shelf:
            del self._shelves[standing.item.place]

    def _weigh(self, item: Item, hour: int) -> tuple[dict[LineKey, int], Weighed]:
        """Links of a new item, and (score, key) of the near items that it has no link with."""
        links: dict[LineKey, int] = {}
        others: Weighed = []
        for shelf in self._shelves_around(item.place):
            for other in shelf:
                if not other.is_near(hour):
                    continue
                score = pair_score(item, other.item)
                if score >= THRESHOLD:
                    links[other.item.key] = score
                else:
                    others.append((score, other.item.key))
        return links, others

    def _shelves_around(self, path: str) -> Sequence[list[Standing]]:
        """Shelves of the place, of what lies above it and of what lies below."""
        shelves = self._shelves
        if not shelves or self._depth == path.count("/"):
            return (shelves[path],) if path in shelves else ()
        around = [shelves[above] for above in place(path).ancestry if above in shelves]
        below = [shelves[other] for other in shelves if other != path and is_within(other, path)]
        return around + below

    def _is_far(self, path: str) -> bool:
        """Whether no place with a shelf lies at, above or below one that has none yet; its depth is noted."""
        depth = path.count("/")
        if not self._shelves:
            self._depth = depth
        elif depth != self._depth:
            self._depth = -1
        return self._depth >= 0

    def _link(self, key: LineKey, links: dict[LineKey, int]) -> None:
        """Note the links of a new item on both sides."""
        self._standings[key].links = links
        for other, score in links.items():
            standing = self._standings[other]
            if standing.links:
                standing.links[key] = score
            else:
                standing.links = {key: score}

    def _hanging_together_with(self, keys: Iterable[LineKey]) -> list[LineKey]:
        """These items and all that hang together with them by links, in the order of their keys."""
        reached = list(keys)
        seen = set(reached)
        for key in reached:
            for linked in self._standings[key].links:
                if linked not in seen:
                    seen.add(linked)
                    reached.append(linked)
        reached.sort()
        return reached

    def _links_of(self, keys: Sequence[LineKey]) -> dict[LineKey, dict[LineKey, int]]:
        return {key: standing.links for key in keys if (standing := self._standings.get(key)) is not None}

    def _told_by(self, keys: Sequence[LineKey]) -> dict[LineKey, Incident]:
        """The incidents that items tell now, by the keys of their first members."""
        incidents = [self._standings[key].incident for key in keys]
        return {incident.members[0].key: incident for incident in incidents}

    def _regroup(
        self, old: dict[LineKey, Incident], parts: Sequence[Sequence[Item]], links: Links
    ) -> tuple[tuple[Incident, ...], tuple[Incident, ...]]:
        """Group connected items anew, which told the `old` incidents. What stays is not told."""
        added = []
        for part in parts:
            for group in partition(part, links):
                was = old.get(group[0].key)
                if was is not None and list(was.members) == group:
                    del old[group[0].key]
                    continue
                incident = incident_of(group)
                added.append(incident)
                for member in group:
                    self._standings[member.key].joined = incident if len(group) > 1 else None
        added.sort(key=lambda incident: incident.members[0].key)
        return tuple(old.values()), tuple(added)

    def _decision(self, standing: Standing, others: Weighed) -> Decision:
        links = standing.links
        matched: LineKey | None = None
        weighed = [(-score, key) for score, key in others]
        if links:
            together = {member.key for member in standing.incident.members}
            matched = min((key for key in links if key in together), key=lambda key: (-links[key], key), default=None)
            weighed += [(-score, key) for key, score in links.items() if key not in together]
        runners_up = tuple([_runner_up(-minus, key) for minus, key in heapq.nsmallest(RUNNERS_UP, weighed)])
        return Decision(links[matched] if matched else None, matched, runners_up)


def _runner_up(score: int, key: LineKey) -> RunnerUp:
    if score < 0:
        return RunnerUp(key, 0, Veto(score).name.lower())
    return RunnerUp(key, score, "better_elsewhere" if score >= THRESHOLD else "below_threshold")
