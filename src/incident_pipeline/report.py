"""The contract of the `reports` topic: what a producer sends.

`schemas/report/v1.schema.json` is generated from these types (`python -m schemas.generate`).
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Count = Annotated[int, Meta(ge=0, le=10_000)]


class Range(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A number with bounds: `best` counts."""

    best: Count
    max: Count | None = None
    min: Count | None = None


class Casualties(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Killed and injured, with bounds."""

    best: Count | None = None
    high: Count | None = None
    low: Count | None = None


class Coordinates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """WGS 84, decimal degrees."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]


Groups = Name | Annotated[list[Name], Meta(min_length=1, max_length=20)]
Place = Name | Coordinates
DaysOccurred = dt.date | tuple[dt.date, dt.date]
AwareTime = Annotated[dt.datetime, Meta(tz=True)]


class Violation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
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


class QuietStatement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Said to have done nothing; without a group: nobody did anything."""

    group: Groups | None = None
    occurred_on: DaysOccurred | None = None
    place: Place | None = None
    registered_by: Name | None = None


class ActivityStatement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """An activity of the truce, with its number where it is told."""

    count: Count | None = None
    kind: Name
    occurred_on: DaysOccurred | None = None
    place: Place | None = None


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
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
