"""The contract of the `reports` topic: what a producer sends.

`schemas/report/v1.schema.json` is generated from these types (`python -m schemas.generate`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import re
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from incident_pipeline.identity import identity
from incident_pipeline.limits import Limits
from incident_pipeline.rejection import Reason, Rejection
from incident_pipeline.report_bytes import (
    NOTHING,
    key_given_twice,
    surely_no_key_twice,
    what_to_send_instead,
    why_not_json,
)

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Count = Annotated[int, Meta(ge=0, le=10_000)]


class Range(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True):
    """A number with bounds: `best` counts."""

    best: Count
    """The number that counts."""
    max: Count | None = None
    """Kept beside it, and flagged: it is in no figure."""
    min: Count | None = None
    """Kept beside it, and flagged: it is in no figure."""


class Casualties(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True):
    """Killed and injured, with bounds."""

    best: Count | None = None
    """Kept in the event, as the next two."""
    high: Count | None = None
    """At most."""
    low: Count | None = None
    """At least."""


class Coordinates(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """WGS 84, decimal degrees."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    """Latitude, north of the equator above 0."""
    lon: Annotated[float, Meta(ge=-180, le=180)]
    """Longitude, east of Greenwich above 0."""


Groups = Name | Annotated[list[Name], Meta(min_length=1, max_length=20)]
Place = Name | Coordinates
DaysOccurred = dt.date | tuple[dt.date, dt.date]
AwareTime = Annotated[dt.datetime, Meta(tz=True)]


class Violation(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """One violation line that a report states; what is left out is unspecified."""

    against: Groups | None = None
    """Whom it was done to. Two items that name others are two incidents."""
    casualties: Casualties | None = None
    """Kept in the event; counts nothing."""
    count: Count | Range = 1
    """How many; of one day, group and place it is what is known so far, and a later number replaces it."""
    group: Groups | None = None
    """Who did it: one name, or several (any of them). Not given, or not known: anybody."""
    occurred_at: AwareTime | None = None
    """When, with its time; else `occurred_on`, else the report's."""
    occurred_on: DaysOccurred | None = None
    """The day; [first, last] without a number for each is recorded and not counted."""
    place: Place | None = None
    """Name, code, or coordinates. Not given: the theatre."""
    registered_by: Name | None = None
    """The party whose count it is, if not the source's own."""
    type: Name | None = None
    """Taxonomy code (`K3`), or a word for it (`mortar`). Some types are recorded and not counted."""
    weapon: Name | None = None
    """Kept in the event; counts nothing."""
    where_precision: Annotated[int, Meta(ge=1, le=7)] | None = None
    """UCDP's: 1 exact, 2 and 3 to the district, 4 to the province, 5 to the zone, 6 to the theatre; 7 is outside."""


class QuietStatement(
    msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True, kw_only=True
):
    """Said to have done nothing; without a group: nobody did anything."""

    group: Groups | None = None
    """Who did nothing; a name that is not known covers nothing."""
    occurred_on: DaysOccurred | None = None
    """The day, or each day from the first to the last, up to a month of them."""
    place: Place | None = None
    """Where nothing happened; a place that is not known covers nothing."""
    registered_by: Name | None = None
    """The party that says so, if not the source's own."""


class ActivityStatement(
    msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True, kw_only=True
):
    """An activity of the truce, with its number where it is told."""

    count: Count | None = None
    """How many; never counted as violations."""
    kind: Name
    """Id or word of the catalogue's activities; another is kept as it is."""
    occurred_on: DaysOccurred | None = None
    """The day; of several the last."""
    place: Place | None = None
    """Kept in the event."""


class Report(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A report, version 1. At least one of text, violations, quiet, activities and retracts must be given."""

    activities: list[ActivityStatement] = []
    """Convoys, patrols, aid: recorded. They stand in for those that the text tells."""
    date_precision: Annotated[int, Meta(ge=1, le=5)] | None = None
    """UCDP's: 1 is the day. 2 to 5, several days up to a year: recorded, and counted for no day."""
    language: Annotated[str, Meta(min_length=2, max_length=35)] | None = None
    """Of the text (BCP 47). A text in another than English is kept and not read."""
    observer_mode: Name | None = None
    """How it was observed: kept in the event; counts nothing."""
    occurred_at: AwareTime | None = None
    """When, for statements that do not say it themselves."""
    occurred_on: DaysOccurred | None = None
    """The day or days, for statements that do not say it themselves."""
    origin_source: Name | None = None
    """Whom this source repeats, a party of the catalogue or another source: whose word it then is."""
    published_at: AwareTime | None = None
    """When the source published it; the later of two numbers holds. Without `occurred_…` its day is the day."""
    quiet: list[QuietStatement] = []
    """Nones. They add to those that the text tells."""
    reason: Annotated[str, Meta(max_length=2_000)] | None = None
    """Why it is corrected or withdrawn: kept in the event."""
    report_id: Name
    """Its name at the source; again with other content it needs a higher `revision`."""
    retracts: Name | None = None
    """Id of a report of this source that was false: it is taken out of every count."""
    revision: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    """A higher one replaces the report of this id."""
    schema: Literal["report/v1"] | None = None
    """Nothing else than this version; another is refused."""
    source: Name
    """Who sends it, and the record's key."""
    supersedes: Name | None = None
    """Id of a report of this source that this one replaces."""
    text: str | None = None
    """In English: numbers, groups, places and days are read from it, unless `violations` are given."""
    url: Annotated[str, Meta(max_length=2_000)] | None = None
    """Where it was published: kept in the event; counts nothing."""
    violations: list[Violation] = []
    """Incidents and numbers. Where they are given, the text is not read."""


class UsualViolation(
    msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True, kw_only=True
):
    """The fields of `Violation` that nearly all have, with the types that they nearly always are of."""

    casualties: Casualties | None = None
    count: Count = 1
    group: Groups | None = None
    occurred_at: AwareTime | None = None
    occurred_on: dt.date | None = None
    place: Name
    registered_by: Name | None = None
    type: Name | None = None
    weapon: Name | None = None
    where_precision: Annotated[int, Meta(ge=1, le=7)] | None = None


class UsualReport(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """The fields of `Report` that an observer's item has: decoded and encoded again in four fifths of the time.

    Whatever is a `UsualReport` is a `Report` too, of the same canonical JSON.
    """

    date_precision: Annotated[int, Meta(ge=1, le=5)] | None = None
    language: Annotated[str, Meta(min_length=2, max_length=35)] | None = None
    observer_mode: Name | None = None
    occurred_on: dt.date | None = None
    origin_source: Name | None = None
    published_at: AwareTime | None = None
    report_id: Name
    schema: Literal["report/v1"] | None = None
    source: Name
    url: Annotated[str, Meta(max_length=2_000)] | None = None
    violations: Annotated[list[UsualViolation], Meta(min_length=1, max_length=1)]


_DECODE: Final = msgspec.json.Decoder(Report).decode
_DECODE_USUAL: Final = msgspec.json.Decoder(UsualReport).decode
_ENCODE: Final = msgspec.json.Encoder().encode
_MEMBERS: Final[dict[str, type[msgspec.Struct]]] = {
    "violations": Violation,
    "quiet": QuietStatement,
    "activities": ActivityStatement,
}
_TIME_EXAMPLE: Final = (
    "write a time with its seconds and its offset, like 2020-03-11T10:15:00+02:00 or 2020-03-11T08:15:00Z; "
    "midnight is 00:00:00 of the day that begins"
)
_DATE_EXAMPLE: Final = "write a date like 2020-03-11, and a time of day in `occurred_at`"
_PATH = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_GIVEN_VALUE = re.compile(r"(?P<what>Invalid enum value|Object contains unknown field(?: `\w{1,40}`)?).*", re.DOTALL)


def decode_report(value: bytes | None, limits: Limits) -> Report | Rejection:
    """Return the report that a record holds, or why it holds none. Details carry no text of the report."""
    if value is None:
        return Rejection(Reason.NOT_JSON, NOTHING)
    if len(value) > limits.report_bytes:
        return Rejection(Reason.TOO_LARGE, f"{len(value)} bytes; permitted are {limits.report_bytes}")
    try:
        report = _DECODE(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _undecodable(value, error)
    return _beyond_bounds(report, limits) or _contradiction(report) or _key_twice(value, report) or report


def digest_of_usual(value: bytes, report: UsualReport) -> str | None:
    """Return the digest of a usual report as it is written, if its bytes give no key twice; None for any other."""
    canonical = _ENCODE(report)
    one_by_default = report.violations[0].count == 1
    if not surely_no_key_twice(value, canonical, count_is_default=one_by_default) and key_given_twice(value):
        return None
    return hashlib.sha256(canonical).hexdigest()


def decode_usual(value: bytes | None, limits: Limits) -> UsualReport | None:
    """Return the usual report that a record holds; None for any other, to be decoded by `decode_report`."""
    if value is None or len(value) > limits.report_bytes or limits.lines_per_report < 1:
        return None
    try:
        return _DECODE_USUAL(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _undecodable(value: bytes, error: Exception) -> Rejection:
    if isinstance(error, msgspec.ValidationError):
        return Rejection(Reason.WRONG_SHAPE, _explain(str(error)) + what_to_send_instead(value))
    if isinstance(error, RecursionError):
        return Rejection(Reason.WRONG_SHAPE, "nested too deeply")
    return Rejection(Reason.NOT_JSON, why_not_json(value, error))


def _key_twice(value: bytes, report: Report) -> Rejection | None:
    if surely_no_key_twice(value, _ENCODE(report), count_is_default=False):
        return None
    name = key_given_twice(value)
    return None if name is None else Rejection(Reason.KEY_TWICE, f"one object gives the key `{name}` twice")


def _contradiction(report: Report) -> Rejection | None:
    """Return what cannot hold of a report whoever sends it: bounds the wrong way round, two dates for one thing."""
    problem = _names_itself(report) or _two_dates(report.occurred_at, report.occurred_on)
    for index, one in enumerate(report.violations):
        if problem is not None:
            break
        at = f"violations[{index}]"
        if isinstance(one.count, Range):
            problem = _upside_down(f"{at}.count", min=one.count.min, best=one.count.best, max=one.count.max)
        if one.casualties is not None:
            hurt = one.casualties
            problem = problem or _upside_down(f"{at}.casualties", low=hurt.low, best=hurt.best, high=hurt.high)
        problem = problem or _two_dates(one.occurred_at, one.occurred_on, f"{at}.")
    return None if problem is None else Rejection(Reason.CONTRADICTORY, problem)


def _names_itself(report: Report) -> str | None:
    """Say what is wrong with a report that takes itself back: it would be in conflict with what it means to undo."""
    own = identity(report.report_id)
    states = bool(report.violations or report.quiet or report.activities)
    if report.retracts is not None and identity(report.retracts) == own and (states or not report.revision):
        return "`retracts` is the report's own `report_id`: give the retraction another, or a higher `revision`"
    if report.supersedes is not None and identity(report.supersedes) == own and not report.revision:
        return "`supersedes` is the report's own `report_id`: give it another, or a higher `revision`"
    return None


def _upside_down(path: str, **bounds: int | None) -> str | None:
    given = [(name, number) for name, number in bounds.items() if number is not None]
    for (name, number), (above, larger) in itertools.pairwise(given):
        if number > larger:
            return f"`{path}`: {name} {number} is more than {above} {larger}"
    return None


def _two_dates(at: dt.datetime | None, on: DaysOccurred | None, path: str = "") -> str | None:
    """A day's difference may be one of zones."""
    if at is None or on is None:
        return None
    first, last = (min(on), max(on)) if isinstance(on, tuple) else (on, on)
    if abs((at.date() - max(first, min(last, at.date()))).days) <= 1:
        return None
    return f"`{path}occurred_at` is on {at.date().isoformat()}, which is not within `{path}occurred_on`"


def has_order(hurt: Casualties) -> bool:
    """Tell whether bounds are the right way round."""
    return _upside_down("", low=hurt.low, best=hurt.best, high=hurt.high) is None


def is_language_read(language: str | None) -> bool:
    """Tell whether texts of a declared language are read: English ones, and those of none."""
    return language is None or language.lower().startswith("en")


def digest(report: Report | UsualReport) -> str:
    """Return the hex SHA-256 of the report's canonical JSON."""
    return hashlib.sha256(_ENCODE(report)).hexdigest()


def _beyond_bounds(report: Report, limits: Limits) -> Rejection | None:
    stated = len(report.violations) + len(report.quiet) + len(report.activities)
    text = report.text
    if stated > limits.lines_per_report:
        return Rejection(Reason.TOO_MANY_LINES, f"{stated} statements; permitted are {limits.lines_per_report}")
    if text is not None and len(text) > limits.text_chars:
        return Rejection(Reason.TEXT_TOO_LONG, f"{len(text)} characters; permitted are {limits.text_chars}")
    if not stated and report.retracts is None and (text is None or not text.strip()):
        return Rejection(
            Reason.NOTHING_STATED, "none of `text`, `violations`, `quiet`, `activities`, `retracts` is given"
        )
    return None


def _explain(problem: str) -> str:
    """Turn a message of the decoder into: where, what is wrong, what is permitted; without what was given."""
    at = _PATH.search(problem)
    path = at["path"] if at else ""
    what = _GIVEN_VALUE.sub(r"\g<what>", _PATH.sub("", problem))
    if what.startswith("Object contains unknown field"):
        inner = _MEMBERS.get(path.split("[")[0], Report)
        if path.count(".") == 0 and (not path or path.endswith("]")):
            what += f"; permitted: {', '.join(inner.__struct_fields__)}"
    elif what == "Invalid enum value":
        what += "; permitted: report/v1"
    elif "encoded date" in what or "timezone" in what or what.startswith("Expected `date"):
        is_time = "encoded datetime" in what or "`datetime" in what
        what += f"; {_TIME_EXAMPLE if is_time else _DATE_EXAMPLE}"
    return f"`{path}`: {what}" if path else what
