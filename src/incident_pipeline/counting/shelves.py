"""One block's items on shelves, by place and time: only those near enough to be weighed are looked at."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from incident_pipeline.counting.facts import Item
from incident_pipeline.counting.pairing import TIME_WINDOW_MINUTES
from incident_pipeline.counting.places import is_within, place

_UNTIMED = -10 * TIME_WINDOW_MINUTES
"""Minute of items without a time of day: before all that is near a minute of the day."""


class _Shelf:
    """Items of one place, in the order of their minutes; once made it stays."""

    __slots__ = ("items", "minutes")

    def __init__(self, first: Item) -> None:
        self.minutes = [_UNTIMED if first.minute is None else first.minute]
        self.items = [first]

    def put(self, item: Item) -> None:
        minute = _UNTIMED if item.minute is None else item.minute
        at = bisect_left(self.minutes, minute)
        self.minutes.insert(at, minute)
        self.items.insert(at, item)

    def take(self, item: Item) -> None:
        at = bisect_left(self.minutes, _UNTIMED if item.minute is None else item.minute)
        while self.items[at].key != item.key:
            at += 1
        del self.minutes[at], self.items[at]

    def near(self, minute: int | None) -> list[Item]:
        """Items of the same hour of the day, of the one before and of the one after, and those without a time."""
        minutes, items = self.minutes, self.items
        if minute is None:
            return items[:]
        hour = minute - minute % TIME_WINDOW_MINUTES
        first = bisect_left(minutes, hour - TIME_WINDOW_MINUTES)
        last = bisect_left(minutes, hour + 2 * TIME_WINDOW_MINUTES, first)
        near = items[first:last]
        return items[: bisect_left(minutes, 0)] + near if minutes and minutes[0] < 0 else near


class Block:
    """Items of one (neighbourhood, class of type)."""

    __slots__ = ("_around", "_depth", "_shelves", "size")

    def __init__(self) -> None:
        self._shelves: dict[str, _Shelf] = {}
        self._around: dict[str, tuple[_Shelf, ...]] = {}
        """Shelves of the places above and below one that has a shelf; kept here, so that no two refer to each other."""
        self._depth = 0
        """Steps below the theatre that all places with a shelf are; negative where they differ."""
        self.size = 0
        """How many items are here."""

    def put(self, item: Item) -> Sequence[Item]:
        """Put an item on its shelf; the items that were near it."""
        self.size += 1
        shelf = self._shelves.get(item.place)
        if shelf is None:
            around = self._make_shelf(item)
            return _near_on(around, item) if around else ()
        near = shelf.near(item.minute)
        if self._around:
            near += _near_on(self._around.get(item.place, ()), item)
        shelf.put(item)
        return near

    def take(self, item: Item) -> None:
        """Take an item away, which is here."""
        self.size -= 1
        self._shelves[item.place].take(item)

    def near(self, item: Item) -> list[Item]:
        """Items near one that need not be here."""
        path = item.place
        shelf = self._shelves.get(path)
        shelves = (shelf, *self._around.get(path, ())) if shelf else self._above_and_below(path)
        return _near_on(shelves, item)

    def _make_shelf(self, first: Item) -> Sequence[_Shelf]:
        """Make the first shelf of a place; those around it, which now have it around them."""
        path = first.place
        depth = path.count("/")
        if not self._shelves:
            self._depth = depth
        shelf = _Shelf(first)
        around: tuple[_Shelf, ...] = ()
        if depth != self._depth:
            self._depth = -1
            near = self._paths_above_and_below(path)
            around = tuple([self._shelves[other] for other in near])
            for other in near:
                self._around[other] = (*self._around.get(other, ()), shelf)
            if around:
                self._around[path] = around
        self._shelves[path] = shelf
        return around

    def _above_and_below(self, path: str) -> list[_Shelf]:
        """Shelves of the places above one that has no shelf, and of those below it."""
        return [self._shelves[other] for other in self._paths_above_and_below(path)]

    def _paths_above_and_below(self, path: str) -> list[str]:
        shelves = self._shelves
        above = [step for step in place(path).ancestry if step in shelves]
        return above + [other for other in shelves if is_within(other, path)]


def _near_on(shelves: Sequence[_Shelf], item: Item) -> list[Item]:
    return [near for shelf in shelves for near in shelf.near(item.minute)]
