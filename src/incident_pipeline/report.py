"""The contract of the `reports` topic: what a producer sends.

`schemas/report/v1.schema.json` is generated from these types (`python -m schemas.generate`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from incident_pipeline.limits import Limits
from incident_pipeline.rejection import Reason, Rejection

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Count = Annotated[int, Meta(ge=0, le=10_000)]


class Range(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True):
    """A number with bounds: `best` counts."""

    best: Count
    max: Count | None = None
    min: Count | None = None


class Casualties(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True):
    """Killed and injured, with bounds."""

    best: Count | None = None
    high: Count | None = None
    low: Count | None = None


class Coordinates(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """WGS 84, decimal degrees."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]


Groups = Name | Annotated[list[Name], Meta(min_length=1, max_length=20)]
Place = Name | Coordinates
DaysOccurred = dt.date | tuple[dt.date, dt.date]
AwareTime = Annotated[dt.datetime, Meta(tz=True)]


class Violation(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """One violation line that a report states; what is left out is unspecified."""

    against: Groups | None = None
    casualties: Casualties | None = None
    count: Count | Range = 1
    group: Groups | None = None
    """One name, or several: any of them."""
    occurred_at: AwareTime | None = None
    occurred_on: DaysOccurred | None = None
    place: Place | None = None
    """Name, code, or coordinates."""
    registered_by: Name | None = None
    type: Name | None = None
    """Taxonomy code (`K3`), or a word for it (`mortar`)."""
    weapon: Name | None = None
    where_precision: Annotated[int, Meta(ge=1, le=7)] | None = None


class QuietStatement(
    msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True, kw_only=True
):
    """Said to have done nothing; without a group: nobody did anything."""

    group: Groups | None = None
    occurred_on: DaysOccurred | None = None
    place: Place | None = None
    registered_by: Name | None = None


class ActivityStatement(
    msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True, kw_only=True
):
    """An activity of the truce, with its number where it is told."""

    count: Count | None = None
    kind: Name
    occurred_on: DaysOccurred | None = None
    place: Place | None = None


class Report(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A report, version 1. At least one of text, violations, quiet, activities and retracts must be given."""

    activities: list[ActivityStatement] = []
    date_precision: Annotated[int, Meta(ge=1, le=5)] | None = None
    language: Annotated[str, Meta(min_length=2, max_length=35)] | None = None
    observer_mode: Name | None = None
    occurred_at: AwareTime | None = None
    occurred_on: DaysOccurred | None = None
    origin_source: Name | None = None
    """Whom this source repeats: a party of the catalogue, or another source."""
    published_at: AwareTime | None = None
    quiet: list[QuietStatement] = []
    reason: Annotated[str, Meta(max_length=2_000)] | None = None
    report_id: Name
    retracts: Name | None = None
    revision: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    schema: Literal["report/v1"] | None = None
    source: Name
    supersedes: Name | None = None
    text: str | None = None
    url: Annotated[str, Meta(max_length=2_000)] | None = None
    violations: list[Violation] = []


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
_PATH = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_GIVEN_VALUE = re.compile(r"(?P<what>Invalid enum value|Object contains unknown field(?: `\w{1,40}`)?).*", re.DOTALL)


def decode_report(value: bytes | None, limits: Limits) -> Report | Rejection:
    """Return the report that a record holds, or why it holds none. Details carry no text of the report."""
    if value is None:
        return Rejection(Reason.NOT_JSON, "the record has no value")
    if len(value) > limits.report_bytes:
        return Rejection(Reason.TOO_LARGE, f"{len(value)} bytes; permitted are {limits.report_bytes}")
    try:
        report = _DECODE(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _undecodable(value, error)
    return _beyond_bounds(report, limits) or report


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
        return Rejection(Reason.WRONG_SHAPE, _explain(str(error)))
    if isinstance(error, RecursionError):
        return Rejection(Reason.WRONG_SHAPE, "nested too deeply")
    try:
        value.decode()
    except UnicodeDecodeError as bad:
        return Rejection(Reason.NOT_JSON, f"not UTF-8 at byte {bad.start}")
    at = "" if "(byte" in str(error) else f" (after {len(value)} bytes)"
    return Rejection(Reason.NOT_JSON, f"{error}{at}")


def digest(report: Report | UsualReport) -> str:
    """Return the hex SHA-256 of the report's canonical JSON: equal for one content, however it was written down."""
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
            what += f"; permitted: {', '.join(field.name for field in msgspec.structs.fields(inner))}"
    elif what == "Invalid enum value":
        what += "; permitted: report/v1"
    return f"`{path}`: {what}" if path else what
