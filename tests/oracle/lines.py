"""Random lines of one theatre and day, small enough for the oracle and dense enough for everything to touch."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import msgspec
from hypothesis import strategies as st

from incident_pipeline.counting import Aggregate, Item, Retelling

if TYPE_CHECKING:
    from collections.abc import Sequence

THEATRE = "nw"
NEIGHBOURHOODS = {
    "nw": "nw",
    "nw/idlib": "nw/idlib",
    "nw/idlib/saraqib": "nw/idlib/saraqib",
    "nw/idlib/saraqib/afis": "nw/idlib/saraqib",
    "nw/idlib/saraqib/nayrab": "nw/idlib/saraqib",
    "nw/aleppo": "nw/aleppo",
    "nw/hama": "nw/hama",
}
PLACES = tuple(NEIGHBOURHOODS)
TOWNS = ("nw/idlib/saraqib/afis", "nw/idlib/saraqib/nayrab", "nw/aleppo", "nw/hama")
DEEP_PLACES = (
    "nw",
    *(f"nw/p{province}" for province in range(2)),
    *(f"nw/p{province}/d{district}" for province in range(2) for district in range(2)),
    *(f"nw/p{province}/d{district}/t{town}" for province in range(2) for district in range(2) for town in range(2)),
)
POINTS = ((35.86, 36.80), (35.87, 36.81), (35.89, 36.80), (35.86, 36.85), (36.20, 37.16))
"""Neighbours within 2 km and beyond 3 km of each other, and one far away."""
PARTIES = ("centre", "ministry", "observer", "turkish")

SINGLE = ("hts", "tip", "gov", "unattributed")
NESTED = (*SINGLE, "hts|tip")
CROSSING = (*NESTED, "gov|hts", "gov|tip")


def items(
    attributions: Sequence[str] = CROSSING, places: Sequence[str] = PLACES, max_size: int = 6, source: str = "s"
) -> st.SearchStrategy[list[Item]]:
    """Items that often tell the same: few hours, few types, parties that report more than once."""
    fields: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
        {
            "party": st.sampled_from(PARTIES),
            "report": st.integers(0, 3),
            "attribution": st.sampled_from(attributions),
            "place": st.sampled_from(places),
            "minute": st.sampled_from([600, 600, 605, 625, 655, 700, None]),
            "type": st.sampled_from(["K3", "K3", "K2", "K1", "K7", "U0", "P1"]),
            "against": st.sampled_from([None, None, "gov", "hts|tip"]),
            "raw_place": st.sampled_from([None, None, None, None, "Abu Duhur", "abu-duhur"]),
            "point": st.sampled_from([None, None, None, None, *POINTS]),
        }
    )
    return st.lists(fields, max_size=max_size).map(
        lambda told: [item(index, source=source, **each) for index, each in enumerate(told)]
    )


def items_apart(max_size: int = 6, source: str = "s") -> st.SearchStrategy[list[Item]]:
    """Items in towns that may tell the same only if they name the same place and groups."""
    hours = {attribution: 100 + 200 * number for number, attribution in enumerate(SINGLE)}
    fields: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
        {
            "party": st.sampled_from(PARTIES),
            "report": st.integers(0, 3),
            "attribution": st.sampled_from(SINGLE),
            "place": st.sampled_from(TOWNS),
            "minute": st.sampled_from([0, 0, 5, 20]),
            "type": st.sampled_from(["K3", "K2", "K1", "K7"]),
        }
    )
    return st.lists(fields, max_size=max_size).map(
        lambda told: [
            item(index, source=source, **{**each, "minute": each["minute"] + hours[each["attribution"]]})
            for index, each in enumerate(told)
        ]
    )


def aggregates(
    attributions: Sequence[str] = CROSSING, max_size: int = 4, source: str = "s"
) -> st.SearchStrategy[list[Aggregate]]:
    """Numbers for scopes at any level."""
    fields: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
        {
            "party": st.sampled_from(PARTIES),
            "attribution": st.sampled_from(attributions),
            "place": st.sampled_from(PLACES),
            "n": st.integers(0, 4),
            "raw": st.integers(0, 4),
        }
    )
    return st.lists(fields, max_size=max_size).map(
        lambda stated: [Aggregate(key=(source, "numbers", index), **each) for index, each in enumerate(stated)]
    )


def retellings(max_size: int = 2) -> st.SearchStrategy[list[Retelling]]:
    """Retold numbers."""
    return st.lists(
        st.builds(
            Retelling,
            attribution=st.sampled_from(CROSSING),
            place=st.sampled_from(PLACES),
            raw=st.integers(1, 4),
        ),
        max_size=max_size,
    )


def doubted(lines: st.SearchStrategy[list[Any]]) -> st.SearchStrategy[list[Any]]:
    """The same lines, some of which corroborate nothing; something may be left of a number without those."""

    def doubt(drawn: tuple[list[Any], list[tuple[bool, int | None]]]) -> list[Any]:
        return [
            line
            if sure or isinstance(line, Retelling)
            else msgspec.structs.replace(
                line, corroborates=False, **({"n_corroborating": left} if isinstance(line, Aggregate) else {})
            )
            for line, (sure, left) in zip(*drawn, strict=False)
        ]

    chances = st.tuples(st.booleans(), st.sampled_from([None, 0, 1, 3]))
    return st.tuples(lines, st.lists(chances, min_size=20, max_size=20)).map(doubt)


def item(
    index: int = 0,
    *,
    party: str = "observer",
    report: int | str = 0,
    source: str = "s",
    attribution: str = "hts",
    place: str = "nw/idlib/saraqib/afis",
    **more: Any,
) -> Item:
    """One item; what is not named is ordinary."""
    return Item(
        key=(f"{source}-{party}", f"report-{report}", index),
        party=party,
        attribution=attribution,
        place=place,
        neighbourhood=NEIGHBOURHOODS[place],
        **{"minute": 600, "type": "K3", **more},
    )


def number(party: str, n: int, attribution: str, place: str, index: int = 0) -> Aggregate:
    """One aggregate."""
    return Aggregate(
        key=(party, f"{attribution}@{place}", index), party=party, attribution=attribution, place=place, n=n, raw=n
    )


def crowded(seed: int) -> list[Item | Aggregate]:
    """Lines of a crowded day in random order: scopes within and across each other that find some units in part only.

    Incidents are hours apart; some are told by several parties, in words that differ.
    """
    chance = random.Random(seed)
    lines: list[Item | Aggregate] = []
    for hour in range(chance.randrange(9)):
        town = chance.choice(TOWNS)
        joint = chance.choice(["hts", "tip", "gov"])
        wider = [text for text in CROSSING if text == "unattributed" or joint in text.split("|")]
        lines += [
            item(
                hour,
                party=party,
                report=hour,
                attribution=chance.choice(wider),
                place=chance.choice([town, town, town.removesuffix("/afis")]),
                minute=hour * 150,
            )
            for party in chance.sample(PARTIES, chance.choice([1, 1, 1, 2, 3]))
        ]
    for index in range(chance.randrange(7)):
        who, where = chance.choice(CROSSING), chance.choice(PLACES)
        lines.append(number(chance.choice(PARTIES), chance.randrange(1, 7), who, where, index))
    chance.shuffle(lines)
    return lines


def thronged(seed: int) -> list[Item | Aggregate]:
    """Lines of a day with tens of scopes, at places within each other, by sets of groups that are nested or cross."""
    chance = random.Random(seed)
    places = chance.sample(DEEP_PLACES, chance.choice([4, 8, len(DEEP_PLACES)]))
    wide = ["unattributed", "a", "b", "a|b", "c|d"]
    if chance.random() < 0.5:
        wide += ["|".join(sorted(chance.sample("abcdefgh", chance.randint(2, 4)))) for _ in range(8)]
    largest = chance.choice([3, 8, 30])
    lines: list[Item | Aggregate] = []
    for index in range(chance.choice([12, 40])):
        party, who, where = chance.choice(PARTIES), chance.choice(wide), chance.choice(places)
        if chance.random() < 0.5:
            lines.append(number(party, chance.choice([0, chance.randint(1, largest)]), who, where, index))
            continue
        told = Item(
            key=(chance.choice("xyz"), f"report-{index}", 0),
            party=party,
            attribution=who,
            place=where,
            neighbourhood="/".join(where.split("/")[:3]),
            minute=chance.choice([None, 600, 605, 700]),
            type=chance.choice(["K1", "K3", "P1"]),
        )
        lines.append(told)
    return lines
