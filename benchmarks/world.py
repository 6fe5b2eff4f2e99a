"""A mission large enough to measure: eight theatres with a place tree five levels deep, parties, sources and groups."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Final

import msgspec

from incident_pipeline.catalogue.model import (
    Agreement,
    AlertRule,
    Basis,
    Group,
    Level,
    Mission,
    Party,
    Place,
    Rules,
    SeriesKind,
    Side,
    Source,
    ViolationType,
)

__all__ = ["ALERT_RULE", "SIDES", "TYPES", "UTC_OFFSET", "Province", "Theatre", "World", "build_world"]

TIME_ZONE: Final = "Asia/Baghdad"
UTC_OFFSET: Final = "+03:00"
"""All the year."""
ALERT_RULE: Final = "theatre-day"
THEATRES: Final = (
    "northern-plain", "upper-valley", "salt-coast", "western-hills", "old-frontier", "river-delta", "high-steppe",
    "south-gate",
)  # fmt: skip
"""Two to each of the four partitions."""
PROVINCES: Final = 3
DISTRICTS: Final = 4
TOWNS: Final = 8
OBSERVER_PARTIES: Final = 6
SOURCES_PER_PARTY: Final = 3
GROUPS_PER_SIDE: Final = 5
SIDES: Final = ("amber", "blue")
TYPES: Final = (
    ("K1", "small_arms", ("small arms fire", "shooting", "sniper fire")),
    ("K3", "indirect_fire", ("mortar shelling", "artillery fire", "rocket attack")),
    ("K4", "air_strike", ("air strike", "drone strike", "air raid")),
    ("K5", "explosive_device", ("roadside bomb", "mine explosion", "car bomb")),
)
_ONSETS: Final = ("b", "d", "f", "g", "k", "l", "m", "n", "r", "t", "z", "br", "dr", "kr", "tr")
_NUCLEI: Final = ("a", "e", "i", "o", "u")


class Province(msgspec.Struct, frozen=True):
    """A province and its towns, each by the spellings that sources use."""

    id: str
    name: str
    towns: list[tuple[str, ...]]


class Theatre(msgspec.Struct, frozen=True):
    """A theatre with those who report from it. `observers`: (source, party); `tellers`: who states numbers."""

    id: str
    provinces: list[Province]
    observers: list[tuple[str, str]]
    tellers: tuple[str, str, str]
    """Sources of the commission against the first side, against the second, and of the ministry."""


class World(msgspec.Struct, frozen=True):
    """All of it."""

    theatres: list[Theatre]
    groups: dict[str, list[str]]
    """Side → names of its groups."""
    rules: Rules

    def write(self, directory: Path) -> Path:
        """Write the catalogue, as a user would keep it, and return its folder."""
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "catalogue.json").write_bytes(msgspec.json.format(msgspec.json.encode(self.rules)))
        return directory


class _Names:
    """Names that no two places share, made of syllables."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._used: set[str] = set()

    def __call__(self, syllables: int) -> str:
        while True:
            parts = [self._rng.choice(_ONSETS) + self._rng.choice(_NUCLEI) for _ in range(syllables)]
            name = "".join(parts).capitalize()
            if name not in self._used:
                self._used.add(name)
                return name


def build_world(seed: int, *, alert_at: int) -> World:
    """Build the mission; a theatre's day is abnormal from `alert_at` violations on."""
    rng = random.Random(seed)
    names = _Names(rng)
    groups = {side: [f"{names(3)} Brigade" for _ in range(GROUPS_PER_SIDE)] for side in SIDES}
    places: list[Place] = []
    theatres = [_theatre(id_, names, places) for id_ in THEATRES]
    rules = Rules(
        agreements=[
            Agreement(
                id="truce",
                name="Truce",
                in_force_from=_TRUCE_FROM,
                zone=[f"{theatre.id}-zone" for theatre in theatres],
            )
        ],
        alerts=[
            AlertRule(
                id=ALERT_RULE, series=SeriesKind.THEATRE, basis=Basis.DEDUPLICATED, settings={"at_least": alert_at}
            ),
            AlertRule(id="group-day", series=SeriesKind.GROUP, settings={"at_least": max(2, alert_at // 5)}),
        ],
        groups=[
            Group(id=f"{side}-{number}", name=name, side=side)
            for side, members in groups.items()
            for number, name in enumerate(members)
        ],
        mission=Mission(name="Benchmark", time_zone=TIME_ZONE, default_theatre=THEATRES[0]),
        parties=[party for theatre in theatres for party in _parties(theatre)],
        places=places,
        sides=[Side(id=side, name=f"{side} side") for side in SIDES],
        sources=[source for theatre in theatres for source in _sources(theatre)],
        types=[ViolationType(code=code, name=name, words=list(words)) for code, name, words in TYPES],
    )
    return World(theatres, groups, rules)


_TRUCE_FROM: Final = dt.datetime(2020, 3, 6, 0, 1)  # noqa: DTZ001 - local to the mission, as catalogues have it


def _theatre(id_: str, names: _Names, places: list[Place]) -> Theatre:
    title = id_.replace("-", " ").title()
    zone = f"{id_}-zone"
    places.append(Place(id=id_, name=title, level=Level.THEATRE))
    places.append(Place(id=zone, name=f"{title} zone", level=Level.ZONE, parent=id_))
    provinces = []
    for _ in range(PROVINCES):
        name = names(2)
        province = Province(name.lower(), f"{name} province", [])
        places.append(Place(id=province.id, name=province.name, level=Level.PROVINCE, parent=zone))
        for _ in range(DISTRICTS):
            _district(province, names, places)
        provinces.append(province)
    observers = [
        (f"{id_}-observer-{party}-{number}", f"{id_}-observers-{party}")
        for party in range(OBSERVER_PARTIES)
        for number in range(SOURCES_PER_PARTY)
    ]
    return Theatre(id_, provinces, observers, (f"{id_}-commission-amber", f"{id_}-commission-blue", f"{id_}-ministry"))


def _district(province: Province, names: _Names, places: list[Place]) -> None:
    name = names(2)
    district = name.lower()
    places.append(Place(id=district, name=f"{name} district", level=Level.DISTRICT, parent=province.id))
    for _ in range(TOWNS):
        town = names(3)
        spellings = [f"Al-{town}", f"{town}ah"]
        places.append(Place(id=town.lower(), name=town, level=Level.TOWN, parent=district, spellings=spellings))
        province.towns.append((town, *spellings))


def _parties(theatre: Theatre) -> list[Party]:
    observers = dict.fromkeys(party for _, party in theatre.observers)
    amber, blue, ministry = theatre.tellers
    return [
        *(Party(id=party, name=party, home_theatre=theatre.id) for party in observers),
        Party(id=amber, name=amber, home_theatre=theatre.id, registers="side:amber"),
        Party(id=blue, name=blue, home_theatre=theatre.id, registers="side:blue"),
        Party(id=ministry, name=ministry, home_theatre=theatre.id),
    ]


def _sources(theatre: Theatre) -> list[Source]:
    return [
        *(Source(id=source, name=source, party=party) for source, party in theatre.observers),
        *(Source(id=teller, name=teller, party=teller) for teller in theatre.tellers),
    ]
