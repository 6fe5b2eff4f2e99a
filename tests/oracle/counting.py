"""A second count of one theatre and day, for tests only: naive, from the words of the law, sharing no code.

An attribution is the explicit set of groups that it allows; whoever is not named by any line stands for all unnamed
groups, so that `unattributed` is larger than any named set. Each violation is an object in a list. Everything is
tried: incidents are the best of *all* ways to split a block's items.
"""

from __future__ import annotations

import itertools
import math
from typing import Any, NamedTuple

SOMEBODY_UNNAMED = "~somebody"
WEIGHT_OF_MINUTES = ((10, 3), (30, 2), (60, 1))
ALIKE = ({"K1", "K2"}, {"K1", "K6"}, {"K2", "K3"}, {"K2", "K6"})


class Number(NamedTuple):
    """What is left of a party's number without doubtful lines."""

    party: str
    attribution: str
    place: str
    n: int
    raw: int = 0
    corroborates: bool = True


class Oracle:
    def __init__(self, items: Any = (), aggregates: Any = (), retellings: Any = ()) -> None:
        self.items = sorted(items, key=lambda item: item.key)
        self.aggregates = list(aggregates)
        self.retellings = list(retellings)
        texts = [line.attribution for line in (*self.items, *self.aggregates)]
        texts += [item.against for item in self.items if item.against]
        self.everybody = {SOMEBODY_UNNAMED}
        for text in texts:
            if text != "unattributed":
                self.everybody |= set(text.split("|"))
        self.parties = {line.party for line in (*self.items, *self.aggregates)}
        self.incidents = self.cluster()
        self.borne_out = self.without_doubtful_lines()

    def without_doubtful_lines(self) -> Oracle:
        """The same day as if nobody had said anything that corroborates nothing: there `corroborated` is counted."""
        items = [item for item in self.items if item.corroborates]
        numbers = []
        for line in self.aggregates:
            n = line.n if line.corroborates else line.n_corroborating
            if n is not None:
                numbers.append(Number(line.party, line.attribution, line.place, n))
        doubted = any(not line.corroborates for line in (*self.items, *self.aggregates))
        return Oracle(items, numbers) if doubted else self

    # who and where

    def allowed(self, text: str) -> frozenset[str]:
        return frozenset(self.everybody if text == "unattributed" else text.split("|"))

    def text(self, groups: frozenset[str]) -> str:
        return "unattributed" if SOMEBODY_UNNAMED in groups else "|".join(sorted(groups))

    @staticmethod
    def under(place: str, top: str) -> bool:
        return (place.split("/") + [""] * 9)[: len(top.split("/"))] == top.split("/")

    # incidents

    def score(self, a: Any, b: Any) -> int:
        """0 where they cannot be one."""
        parts = [self.by_place(a, b), self.by_time(a, b), self.by_type(a, b), self.by_attribution(a, b)]
        if None in parts or not self.may_speak_of_one(a, b):
            return 0
        return sum(part for part in parts if part)

    def may_speak_of_one(self, a: Any, b: Any) -> bool:
        if a.key[:2] == b.key[:2]:
            return False
        says_the_same = (a.minute, a.place, a.type, a.attribution) == (b.minute, b.place, b.type, b.attribution)
        return a.key[0] != b.key[0] or a.party != b.party or (a.minute is not None and says_the_same)

    def by_place(self, a: Any, b: Any) -> int | None:
        if a.point and b.point:
            if not self.within_an_hours_walk(a.point, b.point):
                return None
        elif self.plain(a.raw_place) != self.plain(b.raw_place):
            return None
        if not (self.under(a.place, b.place) or self.under(b.place, a.place)):
            return None
        return 3 if a.place == b.place else 1

    @staticmethod
    def plain(name: str | None) -> str:
        return "".join(sign for sign in (name or "").lower() if sign.isalnum())

    @staticmethod
    def within_an_hours_walk(a: tuple[float, float], b: tuple[float, float]) -> bool:
        """Three kilometres, along the straight line through the globe."""
        ends = []
        for lat, lon in (a, b):
            north, east = math.radians(lat), math.radians(lon)
            ends.append((math.cos(north) * math.cos(east), math.cos(north) * math.sin(east), math.sin(north)))
        return 6371 * math.dist(*ends) <= 3

    def by_time(self, a: Any, b: Any) -> int | None:
        if a.minute is None or b.minute is None:
            return 0
        fitting = [weight for minutes, weight in WEIGHT_OF_MINUTES if abs(a.minute - b.minute) <= minutes]
        return max(fitting, default=None)

    def by_type(self, a: Any, b: Any) -> int | None:
        if a.type == b.type:
            return 2
        return 1 if {a.type, b.type} & {"K7", "U0"} or {a.type, b.type} in ALIKE else None

    def by_attribution(self, a: Any, b: Any) -> int | None:
        if not self.allowed(a.attribution) & self.allowed(b.attribution):
            return None
        if a.against and b.against and not self.allowed(a.against) & self.allowed(b.against):
            return None
        return int(a.attribution == b.attribution)

    def is_incident(self, group: list[Any]) -> bool:
        jointly = frozenset(self.everybody)
        for item in group:
            jointly &= self.allowed(item.attribution)
        return bool(jointly) and all(self.score(a, b) >= 5 for a, b in itertools.combinations(group, 2))

    def cluster(self) -> list[list[Any]]:
        blocks: dict[Any, list[Any]] = {}
        for item in self.items:
            blocks.setdefault((item.neighbourhood, item.type[0].replace("U", "K")), []).append(item)
        return [group for block in blocks.values() for group in self.best_split(block)]

    def best_split(self, block: list[Any]) -> list[list[Any]]:
        best: tuple[Any, list[list[Any]]] | None = None
        for labels in growth_strings(len(block)):
            groups = [
                [item for item, label in zip(block, labels, strict=True) if label == wanted]
                for wanted in range(max(labels) + 1)
            ]
            if all(self.is_incident(group) for group in groups):
                within = sum(self.score(a, b) for g in groups for a, b in itertools.combinations(g, 2))
                rank = (len(groups), -within, labels)
                if best is None or rank < best[0]:
                    best = (rank, groups)
        assert best is not None
        return best[1]

    # the steps

    def steps(self, lines: Any, numbers: dict[tuple[str, str], int]) -> list[dict[str, Any]]:
        """Units after step 2. `lines` are groups of items; each group with an item in it is one incident."""
        units: list[dict[str, Any]] = []
        for group in lines:
            if group:
                jointly = frozenset(self.everybody)
                for item in group:
                    jointly &= self.allowed(item.attribution)
                where = max((item.place for item in group), key=lambda place: len(place.split("/")))
                units.append({"possible": jointly, "cell": (self.text(jointly), where), "incident": True})
        remaining = dict(numbers)
        while remaining:
            scope = min(
                remaining,
                key=lambda s: (
                    -len(s[1].split("/")),
                    len(self.allowed(s[0])),
                    s[1].split("/")[-1],
                    s[1],
                    sorted(self.allowed(s[0])),
                ),
            )
            number = remaining.pop(scope)
            groups = self.allowed(scope[0])
            below = [unit for unit in units if self.under(unit["cell"][1], scope[1])]
            found = [unit for unit in below if unit["possible"] <= groups]
            while len(found) < number:
                sharing = [u for u in below if u["possible"] & groups and not u["possible"] <= groups]
                if not sharing:
                    added = {"possible": groups, "cell": scope, "incident": False}
                    units.append(added)
                    found.append(added)
                    continue
                first = min(
                    sharing,
                    key=lambda u: (
                        u["cell"][1].split("/")[-1],
                        u["cell"][1],
                        len(u["possible"]),
                        sorted(u["possible"]),
                    ),
                )
                first["possible"] = first["possible"] & groups
                found.append(first)
        return units

    def said(self, party: str) -> dict[tuple[str, str], int]:
        numbers: dict[tuple[str, str], int] = {}
        for line in self.aggregates:
            if line.party == party:
                scope = (line.attribution, line.place)
                numbers[scope] = numbers.get(scope, 0) + line.n
        return numbers

    def largest(self, parties: set[str]) -> dict[tuple[str, str], int]:
        numbers: dict[tuple[str, str], int] = {}
        for party in parties:
            for scope, n in self.said(party).items():
                numbers[scope] = max(n, numbers.get(scope, 0))
        return numbers

    def of(self, parties: set[str]) -> list[list[Any]]:
        return [[item for item in group if item.party in parties] for group in self.incidents]

    def deduplicated_units(self, parties: set[str]) -> list[dict[str, Any]]:
        return self.steps(self.of(parties), self.largest(parties))

    def alone_units(self, party: str) -> list[dict[str, Any]]:
        return self.steps(self.of({party}), self.said(party))

    def corroborated_units(self) -> list[dict[str, Any]]:
        seconds = {}
        for scope in self.largest(self.parties):
            totals = [0, 0]
            for party in self.parties:
                within = [
                    unit
                    for unit in self.alone_units(party)
                    if self.under(unit["cell"][1], scope[1]) and unit["possible"] & self.allowed(scope[0])
                ]
                totals.append(len(within))
            seconds[scope] = sorted(totals)[-2]
        twice = [group for group in self.incidents if len({item.party for item in group}) > 1]
        return self.steps(twice, seconds)

    # the counts

    def raw_cells(self) -> dict[tuple[str, str], int]:
        stated = [(item.attribution, item.place, 1) for item in self.items]
        stated += [(line.attribution, line.place, line.raw) for line in (*self.aggregates, *self.retellings)]
        raw: dict[tuple[str, str], int] = {}
        for who, where, number in stated:
            raw[who, where] = raw.get((who, where), 0) + number
        return raw

    def cells(self) -> dict[tuple[str, str], tuple[int, ...]]:
        raw = self.raw_cells()
        incidents = [unit["cell"] for unit in self.steps(self.incidents, {})]
        deduplicated = [unit["cell"] for unit in self.deduplicated_units(self.parties)]
        corroborated = [unit["cell"] for unit in self.borne_out.corroborated_units()]
        high = incidents + [
            unit["cell"] for party in self.parties for unit in self.alone_units(party) if not unit["incident"]
        ]
        found: dict[tuple[str, str], tuple[int, ...]] = {}
        for cell in {*raw, *deduplicated, *corroborated, *high}:
            figures = (
                raw.get(cell, 0),
                deduplicated.count(cell),
                corroborated.count(cell),
                high.count(cell),
            )
            if any(figures):
                found[cell] = figures
        return found

    def theatre(self) -> tuple[int, ...]:
        cells = self.cells().values()
        deduplicated = len(self.deduplicated_units(self.parties))
        sure = self.borne_out
        left = [len(sure.deduplicated_units(sure.parties - {party})) for party in sure.parties]
        all_sure = len(sure.deduplicated_units(sure.parties))
        corroborated = min([len(sure.corroborated_units()), deduplicated, all_sure, *left])
        return (
            sum(self.raw_cells().values()),
            deduplicated,
            corroborated,
            max(deduplicated, sum(figures[3] for figures in cells)),
        )

    def bounds(self) -> dict[tuple[str, str], tuple[int, int]]:
        found = {}
        lines = (*self.items, *self.aggregates)
        places = {place for line in lines for place in itertools.accumulate(line.place.split("/"), "{}/{}".format)}
        for group in self.everybody - {SOMEBODY_UNNAMED}:
            sure = self.bound_units(lambda text, group=group: text == group)
            maybe = self.bound_units(lambda text, group=group: text != "unattributed" and group in text.split("|"))
            for place in places:
                bound = tuple(sum(self.under(u["cell"][1], place) for u in units) for units in (sure, maybe))
                if any(bound):
                    found[group, place] = (bound[0], bound[1])
        return found

    def bound_units(self, wanted: Any) -> list[dict[str, Any]]:
        numbers = {s: n for s, n in self.largest(self.parties).items() if wanted(s[0])}
        return self.steps([[i for i in group if wanted(i.attribution)] for group in self.incidents], numbers)


def growth_strings(length: int) -> Any:
    """All ways to label `length` things with groups, each new label one more than the largest before."""
    if length == 0:
        yield ()
        return
    for before in growth_strings(length - 1):
        for label in range(max(before, default=-1) + 2):
            yield (*before, label)
