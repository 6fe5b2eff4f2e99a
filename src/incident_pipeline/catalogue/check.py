"""What must hold between the entries of a catalogue, beyond the shape of each."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator
from typing import Final

from incident_pipeline.catalogue.model import Level, Place, Rules
from incident_pipeline.catalogue.spelling import key
from incident_pipeline.days import load_zone

_WIDEST_FIRST: Final = list(Level)
Found = tuple[str, str, str, str]
"""Section, id of the entry, field, problem."""


def check(rules: Rules) -> list[Found]:
    """Return every breach of the rules between entries; an empty list for a catalogue that can be used."""
    found = [*_duplicate_ids(rules), *_mission(rules)]
    if found:
        return found
    found = [
        *_place_tree(rules.places),
        *_groups(rules),
        *_collectives(rules),
        *_agreements(rules),
        *_parties(rules),
        *_alerts(rules),
    ]
    return found or list(_claimed_twice(rules))


def _duplicate_ids(rules: Rules) -> Iterator[Found]:
    several = (("sides", rules.sides), ("groups", rules.groups), ("collectives", rules.collectives))
    yield from _twice((section, one.id) for section, entries in several for one in entries)
    yield from _twice(("places", one.id) for one in rules.places)
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
            yield section, id_, "id", f"{id_!r} is already an entry of `{seen[id_]}`; ids must differ"
        seen[id_] = section


def _mission(rules: Rules) -> Iterator[Found]:
    mission = rules.mission
    try:
        load_zone(mission.time_zone)
    except ValueError as error:
        yield "mission", "mission", "time_zone", str(error)
    if mission.day_ends_at == "00:00":
        yield "mission", "mission", "day_ends_at", "'00:00' is not permitted; a day that ends at midnight is '24:00'"
    yield from _theatre(rules, "mission", "mission", "default_theatre", mission.default_theatre)


def _theatre(rules: Rules, section: str, id_: str, field: str, theatre: str) -> Iterator[Found]:
    theatres = sorted(place.id for place in rules.places if place.level is Level.THEATRE)
    if theatre not in theatres:
        yield section, id_, field, f"{theatre!r} is not a theatre; permitted: {', '.join(theatres)}"


def _place_tree(places: list[Place]) -> Iterator[Found]:
    known = {place.id: place for place in places}
    for place in places:
        if (place.parent is None) != (place.level is Level.THEATRE):
            rule = "a theatre has no parent" if place.parent is not None else "is missing; only a theatre has none"
            yield "places", place.id, "parent", rule
        elif place.parent is not None and place.parent not in known:
            yield "places", place.id, "parent", f"{place.parent!r} is not the id of a place"
        elif place.parent is not None:
            yield from _order(place, known)


def _order(place: Place, known: dict[str, Place]) -> Iterator[Found]:
    """Every step up the tree is a wider level; so there can be no cycle either."""
    above = known[place.parent or ""]
    if _WIDEST_FIRST.index(above.level) >= _WIDEST_FIRST.index(place.level):
        yield (
            "places",
            place.id,
            "parent",
            f"a {place.level} cannot lie in the {above.level} {above.id!r}; widest first: {', '.join(_WIDEST_FIRST)}",
        )


def _groups(rules: Rules) -> Iterator[Found]:
    sides = sorted(side.id for side in rules.sides)
    for group in rules.groups:
        if group.side not in sides:
            yield "groups", group.id, "side", f"{group.side!r} is not a side; permitted: {', '.join(sides)}"
    for side in sides:
        if not any(group.side == side for group in rules.groups):
            yield "sides", side, "", "has no group: a count by this side could never be told from no count"


def _collectives(rules: Rules) -> Iterator[Found]:
    sides = sorted(side.id for side in rules.sides)
    groups = {group.id for group in rules.groups}
    guarantors = sorted({group.guarantor for group in rules.groups if group.guarantor is not None})
    for one in rules.collectives:
        for group_id in one.groups:
            if group_id not in groups:
                yield "collectives", one.id, "groups", f"{group_id!r} is not the id of a group"
        if one.side is not None and one.side not in sides:
            yield "collectives", one.id, "side", f"{one.side!r} is not a side; permitted: {', '.join(sides)}"
        if one.guarantor is not None and one.guarantor not in guarantors:
            permitted = ", ".join(guarantors)
            yield "collectives", one.id, "guarantor", f"{one.guarantor!r} guarantees no group; permitted: {permitted}"
        if not one.groups and one.side is None and one.guarantor is None:
            yield "collectives", one.id, "groups", "names no group; give `groups`, `side` or `guarantor`"


def _agreements(rules: Rules) -> Iterator[Found]:
    places = {place.id for place in rules.places}
    for agreement in rules.agreements:
        for field, ids in (("zone", agreement.zone), ("outside", agreement.outside)):
            for place in ids:
                if place not in places:
                    yield "agreements", agreement.id, field, f"{place!r} is not the id of a place"
        if not agreement.zone:
            yield "agreements", agreement.id, "zone", "names no place; it would hold nowhere"
        for field, moment in (("in_force_from", agreement.in_force_from), ("in_force_until", agreement.in_force_until)):
            if moment is not None and moment.tzinfo is not None:
                problem = f"{moment.isoformat()} has an offset; write local time of the mission's zone without one"
                yield "agreements", agreement.id, field, problem
        if agreement.in_force_until is not None and agreement.in_force_until.replace(
            tzinfo=None
        ) <= agreement.in_force_from.replace(tzinfo=None):
            until = agreement.in_force_until.isoformat()
            yield "agreements", agreement.id, "in_force_until", f"{until} is not after `in_force_from`"


def _parties(rules: Rules) -> Iterator[Found]:
    places = {place.id for place in rules.places}
    groups = {group.id for group in rules.groups} | {one.id for one in rules.collectives}
    sides = {f"side:{side.id}" for side in rules.sides}
    parties = {party.id for party in rules.parties}
    for party in rules.parties:
        yield from _theatre(rules, "parties", party.id, "home_theatre", party.home_theatre)
        if party.default_zone is not None and party.default_zone not in places:
            yield "parties", party.id, "default_zone", f"{party.default_zone!r} is not the id of a place"
        if party.registers is not None and party.registers not in groups | sides:
            permitted = f"{', '.join(sorted(sides))}, or the id of a group or collective"
            yield "parties", party.id, "registers", f"{party.registers!r} is unknown; permitted: {permitted}"
    for source in rules.sources:
        if source.party is not None and source.party not in parties:
            permitted = ", ".join(sorted(parties))
            yield "sources", source.id, "party", f"{source.party!r} is not a party; permitted: {permitted}"


def _alerts(rules: Rules) -> Iterator[Found]:
    theatres = [place.id for place in rules.places if place.level is Level.THEATRE]
    for alert in rules.alerts:
        if not fnmatch.filter(theatres, alert.theatre):
            problem = f"{alert.theatre!r} matches no theatre; permitted: {', '.join(theatres)}, or a pattern"
            yield "alerts", alert.id, "theatre", problem


def _claimed_twice(rules: Rules) -> Iterator[Found]:
    """Two entries may not claim one name: a text could mean either."""
    yield from _names(
        (section, one.id, (one.id, one.name, *one.aliases))
        for section, entries in (("sides", rules.sides), ("groups", rules.groups), ("collectives", rules.collectives))
        for one in entries
    )
    yield from _names(("places", one.id, (one.id, one.name, *one.spellings)) for one in rules.places)
    yield from _names(("parties", one.id, (one.id, one.name, *one.aliases)) for one in rules.parties)
    yield from _names(("types", one.code, (one.code, one.name, *one.words)) for one in rules.types)
    yield from _names(("activities", one.id, (one.id, one.name, *one.words)) for one in rules.activities)
    codes: dict[str, str] = {}
    for place in rules.places:
        for code in place.codes:
            other = codes.setdefault(code.casefold(), place.id)
            if other != place.id:
                yield "places", place.id, "codes", f"{code!r} is already the code of {other!r}"


def _names(entries: Iterable[tuple[str, str, tuple[str, ...]]]) -> Iterator[Found]:
    claimed: dict[str, tuple[str, str]] = {}
    for section, id_, names in entries:
        for name in names:
            normal = key(name)
            if not normal:
                yield section, id_, "name", f"{name!r} has no letter or digit"
                continue
            other_section, other = claimed.setdefault(normal, (section, id_))
            if (other_section, other) != (section, id_):
                problem = f"{name!r} is also a name of {other!r} in `{other_section}` (both read as {normal!r})"
                yield section, id_, "name", problem
