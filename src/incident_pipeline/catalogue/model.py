"""The rules as data: what the files of a catalogue hold, once validated.

Everything a decision may depend on is here, under one content hash; the same values travel in the `rules` topic.
Ids are lower-case words joined by hyphens. Order in a file means nothing.
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import Annotated

import msgspec
from msgspec import Meta

from incident_pipeline.limits import Limits

Id = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
TimeOfDay = Annotated[str, Meta(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
"""Local, `HH:MM`."""
TypeCode = Annotated[str, Meta(pattern=r"^[A-Z][0-9]$")]


class Level(enum.StrEnum):
    """Levels of the place tree, widest first."""

    THEATRE = "theatre"
    ZONE = "zone"
    PROVINCE = "province"
    DISTRICT = "district"
    TOWN = "town"


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Common to every entry of a catalogue file."""


class UnknownSources(enum.StrEnum):
    """What becomes of the reports of a source that the catalogue does not name."""

    ACCEPT = "accept"
    """They count like any other's."""
    FLAG = "flag"
    """They count, flagged, and corroborate nothing."""
    REFUSE = "refuse"
    """They are dead letters."""


class Mission(_Entry, frozen=True, kw_only=True):
    """Whose days are counted, and when a day ends."""

    name: str
    time_zone: str
    """IANA name; the monitoring day is local to it."""
    day_ends_at: TimeOfDay = "24:00"
    default_theatre: Id
    """Home theatre of a source that the catalogue does not know."""
    country: list[str] = []
    """Names of all of it: a statement about the country is one without a place."""
    unknown_sources: UnknownSources = UnknownSources.FLAG
    revision: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0
    """Number of this version of the catalogue, raised with each change; 0: none. Rules of a lower one do not replace
    those of a higher one."""


class Agreement(_Entry, frozen=True, kw_only=True):
    """The truce of one or more theatres."""

    id: Id
    name: str
    in_force_from: dt.datetime
    """Local date and time, without an offset: it is in the mission's zone."""
    in_force_until: dt.datetime | None = None
    zone: list[Id]
    """Places whose subtrees it covers, theatres included."""
    outside: list[Id] = []
    """Places within the zone that it leaves out."""
    parties: list[str] = []
    guarantors: list[str] = []
    corridors: list[str] = []


class Side(_Entry, frozen=True, kw_only=True):
    """A side of the conflict: all its groups, as one name."""

    id: Id
    name: str
    aliases: list[str] = []


class Group(_Entry, frozen=True, kw_only=True):
    """An armed group."""

    id: Id
    name: str
    aliases: list[str] = []
    side: Id
    guarantor: Id | None = None


class Collective(_Entry, frozen=True, kw_only=True):
    """A name for several groups that is not a side ("moderate opposition", "Turkish-backed groups")."""

    id: Id
    name: str
    aliases: list[str] = []
    groups: list[Id] = []
    side: Id | None = None
    guarantor: Id | None = None


class Place(_Entry, frozen=True, kw_only=True):
    """A node of the place tree."""

    id: Id
    name: str
    level: Level
    parent: Id | None = None
    """None for a theatre only."""
    spellings: list[str] = []
    codes: list[str] = []
    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    lon: Annotated[float, Meta(ge=-180, le=180)] | None = None
    """Where its middle lies; WGS 84, decimal degrees."""
    area: str | None = None
    """Its border, as Well-Known Text: `POLYGON ((lon lat, …))`."""


class Elsewhere(_Entry, frozen=True, kw_only=True):
    """A name that is known to lie outside every theatre: a country, a city abroad."""

    id: Id
    name: str
    spellings: list[str] = []


class Aggregates(enum.StrEnum):
    """How a party's numbers for one day and scope add up."""

    CUMULATIVE = "cumulative"
    INCREMENT = "increment"


class PastDay(enum.StrEnum):
    """Which monitoring day "the past 24 hours" of a party's statement is."""

    PUBLICATION_DAY = "publication_day"
    DAY_BEFORE = "day_before"


class Party(_Entry, frozen=True, kw_only=True):
    """Who registers violations."""

    id: Id
    name: str
    aliases: list[str] = []
    """How texts name it ("the Russian side", "the reconciliation centre")."""
    home_theatre: Id
    default_zone: Id | None = None
    """What "the de-escalation zone" means in its statements."""
    registers: str | None = None
    """Group id, `side:<id>` or collective id that its unattributed lines belong to."""
    aggregates: Aggregates = Aggregates.CUMULATIVE
    past_24_hours: PastDay = PastDay.PUBLICATION_DAY


class Source(_Entry, frozen=True, kw_only=True):
    """Who sends reports. A source that is not listed speaks for itself, as a party of the default theatre.

    Names of sources are compared without case, and without spaces around them (`identity`).
    """

    id: Id
    name: str
    party: Id | None = None
    """The party that it speaks for; None: it registers nothing itself (a news desk)."""
    expected_daily: bool = False
    """Its silence on a monitoring day is told."""
    expected_by: TimeOfDay | None = None
    """From when on, on each monitoring day; None: from the day's end on."""


class ViolationType(_Entry, frozen=True, kw_only=True):
    """A type of the taxonomy, with the words that tell it."""

    code: TypeCode
    name: str
    words: list[str] = []
    counted: bool = True


class ActivityKind(_Entry, frozen=True, kw_only=True):
    """An activity of the truce, with the words that tell it."""

    id: Id
    name: str
    words: list[str] = []


class SeriesKind(enum.StrEnum):
    """What a daily series counts over."""

    THEATRE = "theatre"
    GROUP = "group"
    PLACE = "place"
    GROUP_PLACE = "group_place"


class Basis(enum.StrEnum):
    """What a count stands on (`counting.md`)."""

    RAW = "raw"
    DEDUPLICATED = "deduplicated"
    CORROBORATED = "corroborated"
    HIGH = "high"


class Bound(enum.StrEnum):
    """Which end of a single group's count is meant."""

    CERTAIN = "certain"
    POSSIBLE = "possible"


class AlertRule(_Entry, frozen=True, kw_only=True):
    """When a day is abnormal: a detector over the series that match."""

    id: Id
    series: SeriesKind
    theatre: str = "*"
    group: str = "*"
    place: str = "*"
    """Shell patterns on ids."""
    basis: Basis = Basis.DEDUPLICATED
    bound: Bound = Bound.CERTAIN
    """For series of a group."""
    detector: str = "threshold"
    settings: dict[str, int | float | str] = {}
    """The detector's own: for `threshold`, `at_least`."""
    severity: str = "page"
    summary: str = ""


class Rules(_Entry, frozen=True, kw_only=True):
    """All files of one catalogue."""

    activities: list[ActivityKind] = []
    agreements: list[Agreement]
    alerts: list[AlertRule] = []
    collectives: list[Collective] = []
    elsewhere: list[Elsewhere] = []
    groups: list[Group]
    limits: Limits = Limits()
    mission: Mission
    parties: list[Party]
    places: list[Place]
    sides: list[Side] = []
    sources: list[Source] = []
    types: list[ViolationType]
