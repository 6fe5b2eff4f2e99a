"""Do two items tell the same incident? The first scoring rule: a sum of weights, or a veto.

Every weight and veto is about one pair. What a set of items must fulfil together is in `clustering`.
"""

from __future__ import annotations

import enum

from incident_pipeline.counting.attribution import meet
from incident_pipeline.counting.facts import Item
from incident_pipeline.counting.places import is_within
from incident_pipeline.geometry import distance_km

RULE = "pair-score-1"
"""Name of the rule, as events record it."""

THRESHOLD = 5
"""Two of the three strong signs (place, time, type) and nothing against it; see docs/decisions/counting-choices.md."""

TIME_WINDOW_MINUTES = 60

POINTS_APART_KM = 3.0
"""Beyond it two points are two incidents: observers place one explosion within a kilometre or two of each other."""

_NEIGHBOURING_TYPES = frozenset({("K1", "K2"), ("K1", "K6"), ("K2", "K3"), ("K2", "K6")})
"""Types that observers at different distances give to the same fire; sorted pairs."""

_VAGUE_TYPES = frozenset({"K7", "U0"})


class Veto(enum.IntEnum):
    """Why two items cannot be one incident, as a score below any other."""

    SAME_REPORT = -1
    SAME_PARTY = -2
    PLACE = -3
    PLACE_NAME = -4
    TIME = -5
    TYPE = -6
    ATTRIBUTION = -7
    AGAINST = -8
    POINT = -9


def block_of(item: Item) -> tuple[str, str]:
    """(neighbourhood, class of type): only items of one block may tell the same incident."""
    return block_named(item.neighbourhood, item.type)


def block_named(neighbourhood: str, code: str) -> tuple[str, str]:
    """The block of items of a neighbourhood and a type."""
    type_class = code[0]
    return neighbourhood, "K" if type_class == "U" else type_class


def pair_score(one: Item, other: Item) -> int:
    """Score of two items, 0..9, or a `Veto` (negative). It does not matter which comes first.

    The cheapest and most frequent veto comes first.
    """
    if one.key[0] == other.key[0] and (veto := _speakers(one, other)):
        return veto
    time = _times(one.minute, other.minute)
    if time < 0:
        return time
    place = _places(one, other)
    if place < 0:
        return place
    kind = 2 if one.type == other.type else _types(one.type, other.type)
    if kind < 0:
        return kind
    who = _attributions(one, other)
    return time + place + kind + who if who >= 0 else who


def _speakers(one: Item, other: Item) -> int:
    """A party that knows of two incidents tells two; in another report it may say the very same again.

    Through different sources one of the two repeats the party, in words of its own: that is no veto.
    """
    if one.key[1] == other.key[1]:
        return Veto.SAME_REPORT
    if one.party != other.party:
        return 0
    says_it_again = (
        one.minute is not None
        and one.minute == other.minute
        and one.place == other.place
        and one.type == other.type
        and one.attribution == other.attribution
    )
    return 0 if says_it_again else Veto.SAME_PARTY


def _times(one: int | None, other: int | None) -> int:
    if one is None or other is None:
        return 0
    apart = abs(one - other)
    if apart <= 10:
        return 3
    if apart <= 30:
        return 2
    return 1 if apart <= TIME_WINDOW_MINUTES else Veto.TIME


def _places(one: Item, other: Item) -> int:
    if one.point is not None and other.point is not None:
        if distance_km(one.point, other.point) > POINTS_APART_KM:
            return Veto.POINT
    elif (one.raw_place or other.raw_place) and plain_name(one.raw_place) != plain_name(other.raw_place):
        return Veto.PLACE_NAME
    if one.place == other.place:
        return 3
    return 1 if is_within(one.place, other.place) or is_within(other.place, one.place) else Veto.PLACE


def _types(one: str, other: str) -> int:
    if one in _VAGUE_TYPES or other in _VAGUE_TYPES:
        return 1
    pair = (one, other) if one < other else (other, one)
    return 1 if pair in _NEIGHBOURING_TYPES else Veto.TYPE


def _attributions(one: Item, other: Item) -> int:
    is_same = one.attribution == other.attribution
    if not is_same and meet(one.attribution, other.attribution) is None:
        return Veto.ATTRIBUTION
    if one.against is not None and other.against is not None and meet(one.against, other.against) is None:
        return Veto.AGAINST
    return 1 if is_same else 0


def plain_name(name: str | None) -> str:
    """A written name without case, spaces and signs: spellings that differ by a hyphen meet."""
    return "".join(sign for sign in name.casefold() if sign.isalnum()) if name else ""
