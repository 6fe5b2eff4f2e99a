"""What must hold between the entries of a catalogue, beyond the shape of each.

The catalogue may be one of which not all could be read, so that all of its faults can be told at once: what a field
holds that could not be read is `msgspec.UNSET` (which is false), and is told already.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from typing import Final, NamedTuple

import msgspec

from incident_pipeline.catalogue.explain import meant, shown
from incident_pipeline.catalogue.model import Level, Place, Rules
from incident_pipeline.catalogue.spelling import key
from incident_pipeline.days import load_zone
from incident_pipeline.geometry import rings_of

_WIDEST_FIRST: Final = list(Level)


class Found(NamedTuple):
    """A breach of a rule between entries."""

    section: str
    id: str
    field: str
    problem: str
    relies_on: str = ""
    """The section that must be complete for this to be a fault: of what could not be read nothing is known."""


def check(rules: Rules) -> Iterator[Found]:
    """Yield every breach of the rules between entries; none for a catalogue that can be used."""
    yield from _duplicate_ids(rules)
    yield from check_mission(rules)
    if _is_read(rules.mission):
        yield from _theatre(rules, "mission", "mission", "default_theatre", rules.mission.default_theatre)
    yield from _place_tree(rules.places)
    yield from _whereabouts(rules.places)
    yield from _groups(rules)
    yield from _collectives(rules)
    yield from _agreements(rules)
    yield from _parties(rules)
    yield from _claimed_twice(rules)


def _is_read(value: object) -> bool:
    return value is not msgspec.UNSET


def check_mission(rules: Rules) -> Iterator[Found]:
    """Yield what keeps the mission from having days."""
    mission = rules.mission
    if not _is_read(mission):
        return
    if _is_read(mission.time_zone):
        try:
            load_zone(mission.time_zone)
        except ValueError as error:
            yield Found("mission", "mission", "time_zone", str(error))
    if mission.day_ends_at == "00:00":
        problem = "'00:00' is not permitted; a day that ends at midnight is '24:00'"
        yield Found("mission", "mission", "day_ends_at", problem)


def _duplicate_ids(rules: Rules) -> Iterator[Found]:
    several = (("sides", rules.sides), ("groups", rules.groups), ("collectives", rules.collectives))
    yield from _twice((section, one.id) for section, entries in several for one in entries)
    yield from _twice(("places", one.id) for one in rules.places)
    yield from _twice(("elsewhere", one.id) for one in rules.elsewhere)
    yield from _twice(("parties", one.id) for one in rules.parties)
    yield from _twice(("sources", one.id) for one in rules.sources)
    yield from _twice(("agreements", one.id) for one in rules.agreements)
    yield from _twice(("alerts", one.id) for one in rules.alerts)
    yield from _twice(("activities", one.id) for one in rules.activities)
    yield from _twice(("types", one.code) for one in rules.types)


def _twice(entries: Iterable[tuple[str, str]]) -> Iterator[Found]:
    seen: dict[str, str] = {}
    for section, id_ in entries:
        if id_ in seen:
            yield Found(section, id_, "id", f"{id_!r} is already an entry of `{seen[id_]}`; ids must differ")
        seen[id_] = section


def _theatre(rules: Rules, section: str, id_: str, field: str, theatre: str) -> Iterator[Found]:
    # A place whose level could not be read may be one.
    theatres = [place.id for place in rules.places if place.level is Level.THEATRE or not place.level]
    if theatre not in theatres:
        problem = f"{shown(theatre)} is not a theatre; permitted: {', '.join(sorted(theatres))}"
        yield Found(section, id_, field, problem, "places")


def _unknown_place(section: str, id_: str, field: str, place: str, places: Collection[str]) -> Iterator[Found]:
    if place not in places:
        problem = f"{shown(place)} is not the id of a place{meant(place, places, listed=False)}"
        yield Found(section, id_, field, problem, "places")


def _unknown_side(section: str, id_: str, side: str, rules: Rules) -> Iterator[Found]:
    sides = sorted(one.id for one in rules.sides)
    if side not in sides:
        yield Found(section, id_, "side", f"{shown(side)} is not a side; permitted: {', '.join(sides)}", "sides")


def _place_tree(places: list[Place]) -> Iterator[Found]:
    known = {place.id: place for place in places}
    for place in places:
        if place.parent is None:
            if place.level and place.level is not Level.THEATRE:
                yield Found("places", place.id, "parent", "is missing; only a theatre has none")
        elif place.level is Level.THEATRE:
            yield Found("places", place.id, "parent", "a theatre has no parent")
        elif place.parent not in known:
            yield from _unknown_place("places", place.id, "parent", place.parent, known)
        else:
            yield from _order(place, known[place.parent])


def _whereabouts(places: list[Place]) -> Iterator[Found]:
    for place in places:
        if (place.lat is None) != (place.lon is None):
            yield Found("places", place.id, "lat", "and `lon` go together: give both, or neither")
        if place.area is not None:
            try:
                rings_of(place.area)
            except ValueError as error:
                yield Found("places", place.id, "area", str(error))


def _order(place: Place, above: Place) -> Iterator[Found]:
    """Every step up the tree is a wider level; so there can be no cycle either."""
    if not place.level or not above.level:
        return
    if _WIDEST_FIRST.index(above.level) >= _WIDEST_FIRST.index(place.level):
        problem = (
            f"a {place.level} cannot lie in the {above.level} {above.id!r}; widest first: {', '.join(_WIDEST_FIRST)}"
        )
        yield Found("places", place.id, "parent", problem)


def _groups(rules: Rules) -> Iterator[Found]:
    for group in rules.groups:
        yield from _unknown_side("groups", group.id, group.side, rules)
    told = {group.side for group in rules.groups}
    for side in rules.sides:
        if side.id not in told and all(told):
            problem = "has no group: a count by this side could never be told from no count"
            yield Found("sides", side.id, "", problem, "groups")


def _collectives(rules: Rules) -> Iterator[Found]:
    groups = {group.id for group in rules.groups}
    guarantors = sorted({group.guarantor for group in rules.groups if group.guarantor is not None})
    for one in rules.collectives:
        for group_id in one.groups:
            if group_id not in groups:
                problem = f"{shown(group_id)} is not the id of a group{meant(group_id, groups, listed=False)}"
                yield Found("collectives", one.id, "groups", problem, "groups")
        if one.side is not None:
            yield from _unknown_side("collectives", one.id, one.side, rules)
        if one.guarantor is not None and one.guarantor not in guarantors:
            problem = f"{shown(one.guarantor)} guarantees no group; permitted: {', '.join(guarantors)}"
            yield Found("collectives", one.id, "guarantor", problem, "groups")
        if not one.groups and one.side is None and one.guarantor is None:
            yield Found("collectives", one.id, "groups", "names no group; give `groups`, `side` or `guarantor`")


def _agreements(rules: Rules) -> Iterator[Found]:
    places = {place.id for place in rules.places}
    for agreement in rules.agreements:
        for field, ids in (("zone", agreement.zone), ("outside", agreement.outside)):
            for place in ids or ():
                yield from _unknown_place("agreements", agreement.id, field, place, places)
        if not agreement.zone:
            yield Found("agreements", agreement.id, "zone", "names no place; it would hold nowhere")
        since, until = agreement.in_force_from, agreement.in_force_until
        for field, moment in (("in_force_from", since), ("in_force_until", until)):
            if isinstance(moment, dt.datetime) and moment.tzinfo is not None:
                problem = f"{moment.isoformat()} has an offset; write local time of the mission's zone without one"
                yield Found("agreements", agreement.id, field, problem)
        if until and _is_read(since) and until.replace(tzinfo=None) <= since.replace(tzinfo=None):
            problem = f"{until.isoformat()} is not after `in_force_from`"
            yield Found("agreements", agreement.id, "in_force_until", problem)


def _parties(rules: Rules) -> Iterator[Found]:
    places = {place.id for place in rules.places}
    groups = {group.id for group in rules.groups} | {one.id for one in rules.collectives}
    sides = {f"side:{side.id}" for side in rules.sides}
    parties = {party.id for party in rules.parties}
    for party in rules.parties:
        yield from _theatre(rules, "parties", party.id, "home_theatre", party.home_theatre)
        if party.default_zone is not None:
            yield from _unknown_place("parties", party.id, "default_zone", party.default_zone, places)
        if party.registers is not None and party.registers not in groups | sides:
            permitted = f"{', '.join(sorted(sides))}, or the id of a group or collective"
            problem = f"{shown(party.registers)} is unknown; permitted: {permitted}"
            section = "sides" if party.registers.startswith("side:") else "groups"
            yield Found("parties", party.id, "registers", problem, section)
    for source in rules.sources:
        if source.party is not None and source.party not in parties:
            problem = f"{shown(source.party)} is not a party; permitted: {', '.join(sorted(parties))}"
            yield Found("sources", source.id, "party", problem, "parties")


def _claimed_twice(rules: Rules) -> Iterator[Found]:
    """Two entries may not claim one name: a text could mean either."""
    yield from _names(
        (section, one.id, (one.id, one.name, *one.aliases))
        for section, entries in (("sides", rules.sides), ("groups", rules.groups), ("collectives", rules.collectives))
        for one in entries
    )
    yield from _names(
        [
            *(("places", one.id, (one.id, one.name, *one.spellings)) for one in rules.places),
            *(("elsewhere", one.id, (one.name, *one.spellings)) for one in rules.elsewhere),
        ]
    )
    yield from _names(("parties", one.id, (one.id, one.name, *one.aliases)) for one in rules.parties)
    yield from _names(("types", one.code, (one.code, one.name, *one.words)) for one in rules.types)
    yield from _names(("activities", one.id, (one.id, one.name, *one.words)) for one in rules.activities)
    codes: dict[str, str] = {}
    for place in rules.places:
        for code in place.codes:
            other = codes.setdefault(code.casefold(), place.id)
            if other != place.id:
                yield Found("places", place.id, "codes", f"{code!r} is already the code of {other!r}")


def _names(entries: Iterable[tuple[str, str, tuple[str, ...]]]) -> Iterator[Found]:
    claimed: dict[str, tuple[str, str]] = {}
    for section, id_, names in entries:
        for name in filter(None, names):
            normal = key(name)
            if not normal:
                yield Found(section, id_, "name", f"{name!r} has no letter or digit")
                continue
            other_section, other = claimed.setdefault(normal, (section, id_))
            if (other_section, other) != (section, id_):
                problem = f"{name!r} is also a name of {other!r} in `{other_section}` (both read as {normal!r})"
                yield Found(section, id_, "name", problem)
