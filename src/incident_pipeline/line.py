"""What intake understood of a report: the records of the `lines` topic.

A line is self-contained: its ids are resolved, its place carries the way from the theatre down, and its flags say
what was done to it. So the ledger needs no catalogue, and a later catalogue changes no earlier line.
Fields are declared in alphabetical order: encoding in order of declaration then is canonical JSON.
"""

from __future__ import annotations

import enum

import msgspec

UNATTRIBUTED = "unattributed"
"""The attribution that means any group."""
NOT_KNOWN = "unknown:"
"""Begins the id of a place that no catalogue has: what follows is its name in normal form."""
AT_POINT = "point:"
"""Begins the id of a place of which only the point is known, to a kilometre."""

UNSPECIFIED = "U0"
"""Taxonomy code of a violation of which no more is told."""


def is_unknown(path: str) -> bool:
    """Whether a place, as lines carry it, is one that no catalogue has."""
    return path[path.rfind("/") + 1 :].startswith((NOT_KNOWN, AT_POINT))


class LineKind(enum.StrEnum):
    """What a line states."""

    ITEM = "item"
    AGGREGATE = "aggregate"


class NotCounted(enum.StrEnum):
    """Why a line that was understood is in no count."""

    BEFORE_AGREEMENT = "before_agreement"
    AFTER_AGREEMENT = "after_agreement"
    OUTSIDE_ZONE = "outside_zone"
    TYPE_NOT_COUNTED = "type_not_counted"
    DATE_NOT_EXACT = "date_not_exact"
    """Known to several days at best, so that no day has it."""
    DAYS_WITHOUT_NUMBERS = "days_without_numbers"
    GROUP_UNKNOWN = "group_unknown"
    """A none of a group that nobody knows covers nothing; so for the next ones."""
    PLACE_UNKNOWN = "place_unknown"
    TYPE_UNKNOWN = "type_unknown"
    ONE_TYPE_ONLY = "one_type_only"
    """No mortar fire is not yet no violations: so is a none of one type."""
    NUMBER_NOT_STATED = "number_not_stated"
    NUMBER_BEYOND_LIMIT = "number_beyond_limit"
    CHECK_ONLY = "check_only"
    TOO_LATE = "too_late"
    TOO_MANY_ITEMS = "too_many_items"
    TOO_MANY_SCOPES = "too_many_scopes"
    SUPERSEDED = "superseded"
    RETRACTED = "retracted"


class Unread(enum.StrEnum):
    """Why a person should look at a text: a flag of its record and of its event."""

    DECLARED = "text_in_another_language"
    """Its source says that it is not English."""
    LANGUAGE = "language_not_read"
    """It is not English, or no language at all, though its source does not say so."""
    VIOLATIONS = "violations_not_read"
    """It speaks of violations, and none of it was understood."""


class Line(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """One violation line: (type, attribution, place, day, count), as understood.

    `attribution` is sorted group ids joined by `|`, or `unattributed`. `place` is the path of place ids from the
    theatre down, joined by `/` (`north-west/idlib-zone/idlib/saraqib`); its last id is the place.
    """

    against: str | None = None
    attribution: str
    casualties: tuple[int | None, int | None, int | None] | None = None
    corroborates: bool = True
    """False where nobody known says it: it counts, and bears out nothing that another party says."""
    count: int
    """What the line states (`best` of a range)."""
    count_high: int | None = None
    count_low: int | None = None
    day: str
    """Monitoring day, ISO 8601."""
    days: tuple[str, str] | None = None
    """First and last day of a statement about several days."""
    flags: tuple[str, ...] = ()
    group_name: str | None = None
    """The group as it was written, where it is not known."""
    increment: bool = False
    """The party's aggregates add up rather than replace each other."""
    index: int
    """Place of the line in its report, from 0."""
    kind: LineKind
    minute: int | None = None
    """Minute of the local day, 0..1439, where the time of day is told."""
    neighbourhood: str = ""
    """Place id within which an item may tell the same incident as another."""
    not_counted: NotCounted | None = None
    party: str
    """Who registered it."""
    place: str
    place_name: str | None = None
    """The place as it was written, where it is not known or not exact."""
    point: tuple[float, float] | None = None
    """Latitude and longitude, where they are told as exact; WGS 84, decimal degrees."""
    raw: int
    """What the line adds to the `raw` basis: its count, or for a total its surplus over its parts."""
    retold: bool = False
    """The report's source repeats the party's words."""
    type: str
    """Taxonomy code; `U0` where none is told."""
    weapon: str | None = None


class Quiet(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """A statement that somebody did nothing: the day is covered, with zero."""

    attribution: str
    corroborates: bool = True
    """As of a line."""
    day: str
    flags: tuple[str, ...] = ()
    group_name: str | None = None
    """The group as it was written, where it is not known."""
    index: int
    not_counted: NotCounted | None = None
    party: str
    place: str
    place_name: str | None = None
    """The place as it was written, where it is not known or not exact."""
    retold: bool = False


class Activity(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """An activity of the truce (convoys, patrols, posts, aid); never a violation."""

    count: int | None = None
    day: str
    flags: tuple[str, ...] = ()
    index: int
    kind: str
    party: str
    place: str
    place_name: str | None = None
    """The place as it was written, where it is not known or not exact."""
    retold: bool = False


class Identity(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """What the names in a report are compared by."""

    id: str
    retracts: str | None = None
    source: str
    supersedes: str | None = None


class ReportRef(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """Which report: as its source names it, and where it stands in the `reports` topic."""

    digest: str
    """SHA-256 of the report's content in one form, hex: tells a repetition from a conflict."""
    digest_written: str | None = None
    """First digits of that of the report as it is written, where it differs: what versions before took for it."""
    generation: int = 0
    """How often `reports` had been made anew before: with it, partition and offset mean one record for good."""
    id: str
    identity: Identity | None = None
    """What its names are compared by, where one of them is not written so."""
    observer_mode: str | None = None
    offset: int
    partition: int
    published_at_ms: int
    """When its source published it; the append time where it does not say."""
    reason: str | None = None
    retracts: str | None = None
    revision: int = 0
    source: str
    supersedes: str | None = None
    url: str | None = None


class Understood(
    msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True, tag_field="kind", tag="report"
):
    """All that one report says about the theatres of one partition."""

    activities: tuple[Activity, ...] = ()
    flags: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    quiet: tuple[Quiet, ...] = ()
    recorded_at_ms: int
    """The broker's append time of the report."""
    report: ReportRef
    rules: str
    """Hash of the rules under which intake resolved it."""
    theatre: str
    """Theatre of the record's key: that of its first line, or the party's home theatre."""
    topic: str | None = None
    """Id of the `reports` topic that it was read from; None from versions that knew none."""


class Tick(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True, tag_field="kind", tag="tick"):
    """Time passes: appended by the owner of the partition, so that it has its place in the order."""

    now_ms: int
    topic: str | None = None
    """Id of the `reports` topic in force here, so that it stands near the end of a quiet partition as well."""


class RulesChange(
    msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True, tag_field="kind", tag="rules"
):
    """From here on the partition decides under these rules, unless newer ones are in force."""

    forced: bool = False
    """They take force also where those of a higher revision of the catalogue are."""
    now_ms: int
    rules: str


class TopicIds(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """Kafka's ids of the topics that a partition's state hangs on. None: not known (yet)."""

    alerts: str | None = None
    events: str | None = None
    lines: str | None = None
    reports: str | None = None

    def differing(self, found: TopicIds) -> tuple[str, ...]:
        """Roles whose topic is another one than these: those that either does not know are left out."""
        return tuple(
            role
            for role in self.__struct_fields__
            if (ours := getattr(self, role)) and (theirs := getattr(found, role)) and ours != theirs
        )

    def merged(self, newer: TopicIds) -> TopicIds:
        """These, with what `newer` knows in their place."""
        return TopicIds(**{role: getattr(newer, role) or getattr(self, role) for role in self.__struct_fields__})


class TopicsChange(
    msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True, tag_field="kind", tag="topics"
):
    """From here on these are the topics: recorded at first by the owner, later by a person (`topics adopt`)."""

    anew: tuple[str, ...] = ()
    """Roles whose offsets mean other records from here on, as a person says: also under the same id."""
    now_ms: int
    topics: TopicIds


class RecordVoided(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag_field="kind", tag="void"):
    """A person says that a record of `events` which the ledger refuses says nothing (`void`)."""

    event_id: str
    """Its `ce_id`."""
    now_ms: int


LinesRecord = Understood | Tick | RulesChange | TopicsChange | RecordVoided
