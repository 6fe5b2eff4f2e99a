"""Words for tests of reading: a text goes in, short tuples come out."""

from __future__ import annotations

import datetime as dt

import msgspec

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.intake.reading import read
from incident_pipeline.intake.told import Telling
from incident_pipeline.report import Report

CATALOGUE = Catalogue(load_rules(shipped_catalogue()))
THURSDAY = dt.datetime(2020, 3, 12, 16, 0, tzinfo=dt.UTC)
"""Publication of most texts: 12 March 2020, so that Monday is the 9th."""
CENTRE, TURKISH, DESK = "ru-reconciliation-centre", "tr-commission", "sample-news-desk"
EITHER = ("hts", "tip")
MODERATE = CATALOGUE.groups_of["moderate-opposition"]
OPPOSITION = CATALOGUE.groups_of["opposition"]


class Said(msgspec.Struct, frozen=True):
    """What a test looks at first."""

    count: int | None
    place: str | None = None
    day: int | None = None
    """Day of March 2020."""
    party: str | None = None
    groups: tuple[str, ...] = ()


def telling(text: str, *, source: str = DESK, published: dt.datetime | None = THURSDAY, **given: object) -> Telling:
    report = Report(source=source, report_id="r", text=text, published_at=published, **given)  # type: ignore[arg-type]
    return read(report, CATALOGUE)


def said(text: str, **given: object) -> list[Said]:
    """All statements about violations, in order."""
    return [
        Said(one.count, one.place, None if one.day is None else one.day.day, one.party, one.groups)
        for one in telling(text, **given).statements  # type: ignore[arg-type]
    ]


def counts(text: str, **given: object) -> list[tuple[int | None, str | None]]:
    """Numbers and places, in order."""
    return [(one.count, one.place) for one in said(text, **given)]


def days(text: str, **given: object) -> list[tuple[int | None, int | None]]:
    """Numbers and days of March, in order."""
    return [(one.count, one.day) for one in said(text, **given)]


def activities(text: str, **given: object) -> list[tuple[str, int | None, int | None]]:
    """Kinds, numbers, days of March."""
    return [
        (one.kind, one.count, None if one.day is None else one.day.day)
        for one in telling(text, **given).activities  # type: ignore[arg-type]
    ]
