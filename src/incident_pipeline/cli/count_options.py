"""What `counts` is asked for: words out of a few, and names as the catalogue knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from incident_pipeline.catalogue.model import Level
from incident_pipeline.catalogue.places import PlaceFlag
from incident_pipeline.known_names import KnownNames, NameKind, Reading
from incident_pipeline.line import UNATTRIBUTED
from incident_pipeline.projection.part import Part
from incident_pipeline.projection.table import Selection

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from incident_pipeline.catalogue.catalogue import Catalogue

__all__ = ["LEVELS", "ListOf", "select", "select_part"]

LEVELS = tuple(level.value for level in Level if level is not Level.THEATRE)


UNNAMED = "source:"
"""Begins the name of a party that no catalogue names: a source that speaks for itself."""


class ListOf(click.ParamType):
    """Words joined by commas, out of a few."""

    name = "list"

    def __init__(self, *words: str) -> None:
        self.words = words

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Read the words; the order of the permitted ones is kept."""
        if isinstance(value, tuple):
            return value
        given = [word.strip() for word in str(value).split(",") if word.strip()]
        for word in given:
            if word not in self.words:
                self.fail(
                    f"{word!r} is not permitted. Permitted, joined by commas: {', '.join(self.words)}.", param, ctx
                )
        return tuple(word for word in self.words if word in given)


def select(
    catalogue: Catalogue,
    first: dt.date | None,
    last: dt.date | None,
    *,
    theatre: str | None,
    place: str | None,
    group: str | None,
) -> Selection:
    """Look names up as a report's are. Raises `click.UsageError` with the nearest name where one is not known."""
    return Selection(
        first=first,
        last=last,
        theatre=None if theatre is None else _theatre(catalogue, theatre),
        place=None if place is None else _place(catalogue, place),
        group=None if group is None else _group(catalogue, group),
    )


def select_part(catalogue: Catalogue, types: Iterable[str], parties: Iterable[str]) -> Part | None:
    """Look types and parties up as a report's are; None: all lines. Raises `click.UsageError` as `select` does."""
    part = Part(
        types=frozenset(_type(catalogue, name) for name in types),
        parties=frozenset(_party(catalogue, name) for name in parties),
    )
    return part if part.types or part.parties else None


def _type(catalogue: Catalogue, name: str) -> str:
    found = catalogue.violation_type(name)
    if found is None:
        raise _unknown(catalogue, NameKind.TYPE, name)
    return found


def _party(catalogue: Catalogue, name: str) -> str:
    if name.startswith(UNNAMED):
        return catalogue.voice(name.removeprefix(UNNAMED)).party
    found = catalogue.party(name)
    if found is not None:
        return found
    voice = catalogue.voice(name)
    if not voice.is_known:
        also = f" Of a source that the catalogue does not name: {UNNAMED}NAME."
        raise _unknown(catalogue, NameKind.PARTY, name, also)
    return voice.party


def _theatre(catalogue: Catalogue, name: str) -> str:
    theatres = [place.id for place in catalogue.rules.places if place.level is Level.THEATRE]
    if catalogue.place(name).id not in theatres:
        raise click.UsageError(f"--theatre {name!r} is no theatre. There are: {', '.join(theatres)}.")
    return _place(catalogue, name)


def _place(catalogue: Catalogue, name: str) -> str:
    found = catalogue.place(name)
    if found.id is None or found.flag in {PlaceFlag.UNKNOWN, PlaceFlag.ELSEWHERE}:
        raise _unknown(catalogue, NameKind.PLACE, name)
    return found.id


def _group(catalogue: Catalogue, name: str) -> str:
    if name == UNATTRIBUTED:
        return name
    found = catalogue.attribution(name)
    if found.unknown:
        raise _unknown(catalogue, NameKind.GROUP, name)
    if len(found.groups) != 1:
        raise click.UsageError(f"--group {name!r} is not one group. Ask for one of: {', '.join(found.groups)}.")
    return found.groups[0]


def _unknown(catalogue: Catalogue, kind: NameKind, name: str, also: str = "") -> click.UsageError:
    nearest = KnownNames(catalogue).nearest(Reading(kind, name, None))
    question = "" if nearest is None else f" Did you mean {nearest!r}?"
    return click.UsageError(f"--{kind.value} {name!r} is not in the catalogue.{question}{also}")
