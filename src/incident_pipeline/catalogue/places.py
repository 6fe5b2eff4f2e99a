"""The tree of places, and which of them a written name means."""

from __future__ import annotations

import enum
import re
from typing import Final, NamedTuple

from incident_pipeline.catalogue.model import Elsewhere, Level, Place
from incident_pipeline.catalogue.positions import Positions
from incident_pipeline.catalogue.spelling import NOT_STATED, distance, form, key, skeleton
from incident_pipeline.geometry import Point, point_written
from incident_pipeline.line import NOT_KNOWN


class PlaceFlag(enum.StrEnum):
    """What was done to a written place name that is not exactly a known one."""

    NEAR = "place_near"
    """Another spelling of a known place, by its consonants: a guess."""
    UNKNOWN = "place_unknown"
    """No known place: the nearest known one named with it stands for it, if any."""
    ELSEWHERE = "place_elsewhere"
    """Perhaps known, but not within the place it was said to be in: that place stands for it."""
    MISPLACED = "place_misplaced"
    """Known, and the only one of its name, but not within the place it was said to be in: it stands for itself."""
    OUTSIDE = "place_outside"
    """Known to lie outside every theatre."""
    SWAPPED = "coordinates_swapped"
    """Outside every theatre, and within one if latitude and longitude change places."""
    WIDENED = "place_widened"
    """Told as less precise than its place is: the district, province or theatre around it stands for it."""

    @property
    def is_unplaced(self) -> bool:
        """Whether it happened at a place of its own that the catalogue does not have."""
        return self in _UNPLACED


_UNPLACED: Final = frozenset({PlaceFlag.UNKNOWN, PlaceFlag.ELSEWHERE, PlaceFlag.OUTSIDE, PlaceFlag.SWAPPED})


class PlaceMatch(NamedTuple):
    """The place that a written name means."""

    id: str | None
    """None: not known, and no known place was named with it."""
    flag: PlaceFlag | None
    """None: an exact match."""
    written: str
    """The name as it was written."""


_KIND_WORDS: Final = frozenset(
    map(
        form,
        {
            "province",
            "governorate",
            "district",
            "subdistrict",
            "sub",
            "region",
            "area",
            "countryside",
            "city",
            "town",
            "village",
            "villages",
            "settlement",
            "settlements",
            "hamlet",
            "locality",
            "outskirts",
            "vicinity",
            "rural",
            "northern",
            "southern",
            "eastern",
            "western",
            "north",
            "south",
            "east",
            "west",
            "near",
            "nearby",
            "around",
        },
    )
)
_WITHIN = re.compile(r"^(?P<head>.+?)\s*(?:,|\(|\bin\b|\bof\b)\s*(?P<tail>[^,()]+)\)?\s*$", re.IGNORECASE)
_NOT_STATED: Final = frozenset(map(key, (*NOT_STATED, "unknown location", "unknown place")))
_BETWEEN = re.compile(r"\s*[,/>|;\\\n]\s*|\s*:\s+|\s+[-\u2013\u2014]+\s+")
"""What stands between places that are named one after the other, the widest first or last."""
_SHORTEST_SKELETON = 4
"""Consonants: fewer are shared by too many villages."""
_VOWELS = "aeiouy"
_POLE = 90.0
_NAMED_PARTS = 4
"""Places named within one another in one name: village, district, province, country."""


class PlaceTree:
    """Compiled places: ways, ancestors, and names by normal form and by consonants."""

    def __init__(self, places: list[Place], elsewhere: list[Elsewhere], country: list[str]) -> None:
        """`elsewhere`: names that are known to mean no place of the tree; `country`: names of all of it."""
        self._by_id = {place.id: place for place in places}
        self._above = {place.id: self._climb(place) for place in places}
        self.paths: dict[str, str] = {id_: "/".join(above) for id_, above in self._above.items()}
        """Place id → ids from the theatre down to it, joined by `/`."""
        self.theatres: dict[str, str] = {id_: above[0] for id_, above in self._above.items()}
        """Place id → id of its theatre."""
        self.neighbourhoods: dict[str, str] = {place.id: self._neighbourhood(place.id) for place in places}
        """Place id → its district where it is at or below one, else itself."""
        self.below_province: frozenset[str] = frozenset(
            place.id for place in places if place.level in {Level.DISTRICT, Level.TOWN}
        )
        """Places that say where more precisely than a province does."""
        self.positions = Positions(places, self.theatres)
        self._elsewhere = frozenset(key(name) for one in elsewhere for name in (one.name, *one.spellings))
        self._country = frozenset(key(name) for name in country)
        self._codes = {code.casefold(): place.id for place in places for code in place.codes}
        self._names: dict[str, str] = {}
        self._skeletons: dict[str, list[tuple[str, str]]] = {}
        for place in places:
            for name in (place.name, *place.spellings, place.id):
                normal = key(name)
                if self._names.setdefault(normal, place.id) == place.id:
                    self._skeletons.setdefault(skeleton(normal), []).append((normal, place.id))

    def _climb(self, place: Place) -> tuple[str, ...]:
        above = [place.id]
        while place.parent is not None:
            place = self._by_id[place.parent]
            above.append(place.id)
        return tuple(reversed(above))

    def _neighbourhood(self, id_: str) -> str:
        for above in self._above[id_]:
            if self._by_id[above].level is Level.DISTRICT:
                return above
        return id_

    def place(self, id_: str) -> Place:
        """Return the entry of a known id."""
        return self._by_id[id_]

    def __contains__(self, id_: object) -> bool:
        return id_ in self._by_id

    def above(self, id_: str) -> tuple[str, ...]:
        """Return the ids from the theatre down to a place, itself included."""
        return self._above[id_]

    def is_within(self, id_: str, outer: str) -> bool:
        """Tell whether a place is at or below another."""
        return outer in self._above[id_]

    def match(self, written: str, within: str | None = None) -> PlaceMatch:
        """Return what a name or code means; `within`: id of the place that was named around it.

        Never a guess between two places, and a place outside `within` only where no other has its name.
        """
        point = point_written(written)
        if point is not None:
            return self.at(point)
        code = self._codes.get(written.strip().casefold())
        found = PlaceMatch(code, None, written) if code is not None else self._named(written, within)
        if found is None and key(written) in self._country:
            return PlaceMatch(within, None, written)
        return found or self._nearest_named(written, within)

    def _named(self, written: str, within: str | None) -> PlaceMatch | None:
        """Return the known place that a name means, or that several name in any order."""
        for name, around in self._readings(written, within):
            found = self._one(name, around)
            if found is not None:
                if within is None and name != written and self._names_elsewhere(written):
                    return PlaceMatch(None, PlaceFlag.OUTSIDE, written)
                return PlaceMatch(found[0], found[1], written)
        return self._deepest_named(written) if within is None else None

    def is_not_stated(self, written: str) -> bool:
        """Tell whether a name says that the place is not known: two such places are not one."""
        normal = key(written)
        return (not normal or normal in _NOT_STATED) and normal not in self._names

    def at(self, point: Point) -> PlaceMatch:
        """Return what a point means: a place, or the theatre around it."""
        written = f"{point[0]:.5f}, {point[1]:.5f}"
        positions = self.positions
        id_ = positions.place_at(point)
        if id_ is not None:
            return PlaceMatch(id_, None, written)
        theatre = positions.theatre_around(point)
        if theatre is not None or not positions.are_known:
            return PlaceMatch(theatre, PlaceFlag.UNKNOWN, written)
        lat, lon = point
        is_swapped = abs(lon) <= _POLE and positions.theatre_around((lon, lat)) is not None
        return PlaceMatch(None, PlaceFlag.SWAPPED if is_swapped else PlaceFlag.OUTSIDE, written)

    def widened(self, id_: str, level: Level) -> str:
        """Return the deepest at or above a place that is no more precise than a level."""
        widest_first = list(Level)
        fitting = [
            above
            for above in self._above[id_]
            if widest_first.index(self._by_id[above].level) <= widest_first.index(level)
        ]
        return fitting[-1]

    def id_of_unknown(self, written: str) -> str:
        """Return the id of a place that is not known, by its name without the known ones around it; "" for no name."""
        name = written
        for _ in range(_NAMED_PARTS):
            split = _WITHIN.match(name)
            if split is None or not self._is_around(split["tail"]):
                break
            name = split["head"]
        normal = _without_kind_words(key(name))
        return f"{NOT_KNOWN}{normal.replace(' ', '-')}" if normal else ""

    def _is_around(self, name: str) -> bool:
        return key(name) in self._country or self._is_elsewhere(name) or self._one(name, None) is not None

    def _is_elsewhere(self, name: str) -> bool:
        normal = key(name)
        return normal in self._elsewhere or _without_kind_words(normal) in self._elsewhere

    def _names_elsewhere(self, written: str) -> bool:
        """Whether a name, or one of those named around it, means somewhere else."""
        for _ in range(_NAMED_PARTS):
            split = _WITHIN.match(written)
            if split is None:
                break
            if self._is_elsewhere(split["tail"]):
                return True
            if key(split["tail"]) in self._country:
                return False
            written = split["head"]
        parts = [part for part in _BETWEEN.split(written) if part]
        return self._is_elsewhere(written) or any(map(self._is_elsewhere, parts))

    def _deepest_named(self, written: str) -> PlaceMatch | None:
        """Return the deepest of several known places that are named in any order ("Idlib/Saraqib").

        Not where one beside it is as precise: nobody knows which of the two is meant.
        """
        parts = [part for part in _BETWEEN.split(written) if part and key(part) not in self._country]
        found = [self._one(part, None) for part in parts[: _NAMED_PARTS + 1]]
        known = [one[0] for one in found if one is not None and one[1] is None]
        if not known or len(known) < len(parts):
            return None
        deepest = max(known, key=lambda id_: len(self._above[id_]))
        others = {id_ for id_ in known if not self.is_within(deepest, id_)}
        if not others:
            return PlaceMatch(deepest, None, written)
        if deepest not in self.below_province or not self.below_province.isdisjoint(others):
            return None
        return PlaceMatch(deepest, PlaceFlag.MISPLACED, written)

    def _readings(self, written: str, within: str | None) -> list[tuple[str, str | None]]:
        """Return the name as a whole and, for "X, Y" and "X in Y", X within Y."""
        readings = [(written, within)]
        name, around = written, within
        for _ in range(_NAMED_PARTS):
            split = _WITHIN.match(name)
            if split is None:
                break
            outer = self._one(split["tail"], None)
            if outer is not None and outer[1] is None:
                around = outer[0]
            name = split["head"]
            readings.append((name, around))
        return readings

    def _one(self, name: str, within: str | None) -> tuple[str, PlaceFlag | None] | None:
        normal = key(name)
        for candidate in (normal, _without_kind_words(normal)):
            found = self._names.get(candidate)
            if found is not None and (within is None or self.is_within(found, within)):
                return found, None
        near = self._near(_without_kind_words(normal), within)
        return None if near is None else (near, PlaceFlag.NEAR)

    def _near(self, normal: str, within: str | None) -> str | None:
        """Return the one place with the same consonants whose vowels differ little and whose ending is alike.

        A vowel at the end makes another village of many a name: Mansur and Mansura.
        """
        bones = skeleton(normal)
        if sum(letter not in "a " for letter in bones) < _SHORTEST_SKELETON:
            return None
        allowed = 1 if len(normal) < 7 else 2 if len(normal) < 12 else 3
        found = {
            id_
            for known, id_ in self._skeletons.get(bones, ())
            if distance(normal, known) <= allowed
            and (normal[-1] in _VOWELS) == (known[-1] in _VOWELS)
            and (within is None or self.is_within(id_, within))
        }
        return found.pop() if len(found) == 1 else None

    def _nearest_named(self, written: str, within: str | None) -> PlaceMatch:
        """Return the widest certain thing: the known place that was named around an unknown one."""
        around = within
        elsewhere = False
        for name, outer in self._readings(written, within):
            if around is None and outer is not None:
                around = outer
            alone = self._one(name, None)
            if alone is not None and alone[1] is None and alone[0] in self.below_province:
                return PlaceMatch(alone[0], PlaceFlag.MISPLACED, written)
            elsewhere = elsewhere or alone is not None
        if around is None and self._names_elsewhere(written):
            return PlaceMatch(None, PlaceFlag.OUTSIDE, written)
        flag = PlaceFlag.ELSEWHERE if elsewhere and around is not None else PlaceFlag.UNKNOWN
        return PlaceMatch(around, flag, written)


def _without_kind_words(normal: str) -> str:
    kept = [word for word in normal.split(" ") if word not in _KIND_WORDS]
    return " ".join(kept) or normal
