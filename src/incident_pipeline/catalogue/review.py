"""What a catalogue says that nobody can have meant: told before its rules are published.

Rules that are published already are not held against this: what was decided under them stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from incident_pipeline.catalogue.check import Found
from incident_pipeline.catalogue.common_words import COMMON_WORDS
from incident_pipeline.catalogue.explain import meant, shown
from incident_pipeline.catalogue.model import Agreement, Level, Place, Rules
from incident_pipeline.catalogue.spelling import key
from incident_pipeline.limits import PERMITTED_LIMITS
from incident_pipeline.surveillance.check import check_alert_rules

__all__ = ["SEVERITIES", "review"]

SEVERITIES: Final = ("critical", "page", "warning", "ticket", "info")
"""What alerts are routed by."""
_ACRONYM_LETTERS: Final = 5
"""A name in capitals of so many letters is found in capitals only: `IS` is none of the common words."""
_LARGEST_SETTING: Final = 1_000_000_000


def review(rules: Rules) -> Iterator[Found]:
    """Yield what nobody can have meant; `rules` may lack what could not be read (see `check`)."""
    for agreement in rules.agreements:
        yield from _names_of_agreement(agreement, rules)
        yield from _outside_within_zone(agreement, rules.places)
    if not rules.agreements:
        problem = "holds no agreement: no day would count; write one [[agreements]]"
        yield Found("agreements", "", "", problem, "agreements")
    if not rules.types:
        yield Found("types", "", "", "holds no type of violation; write at least one [[types]]", "types")
    yield from _alert_rules(rules)
    yield from _limits(rules)
    yield from _expectations(rules)
    yield from _common_names(rules)
    yield from _names_of_other_kinds(rules)


def _names_of_agreement(agreement: Agreement, rules: Rules) -> Iterator[Found]:
    """Its parties are sides, groups or collectives; its guarantors stand behind groups or are sides."""
    sides = [side.id for side in rules.sides]
    actors = [*sides, *(one.id for one in rules.groups), *(one.id for one in rules.collectives)]
    guarantors = {*sides, *(group.guarantor for group in rules.groups if group.guarantor)}
    for field, names, known, kind in (
        ("parties", agreement.parties, actors, "the id of a side, group or collective"),
        ("guarantors", agreement.guarantors, guarantors, "a side, nor the guarantor of a group"),
    ):
        for name in names:
            if name not in known:
                problem = f"{shown(name)} is not {kind}{meant(name, known)}"
                yield Found("agreements", agreement.id, field, problem, "groups")
    for name in agreement.corridors:
        if not name.strip():
            yield Found(
                "agreements", agreement.id, "corridors", "a name is empty; write the road's name, or leave it out"
            )


def _outside_within_zone(agreement: Agreement, places: Iterable[Place]) -> Iterator[Found]:
    """To leave out what lies outside anyhow is a slip: of the place, or of the zone."""
    parents = {place.id: place.parent for place in places}
    if not agreement.zone or not parents.keys() >= {*agreement.zone}:
        return
    astray = [place for place in agreement.outside if _lies_apart(place, agreement.zone, parents)]
    if astray:
        problem = f"{', '.join(astray)}: in no place of `zone` ({', '.join(agreement.zone)}), so nothing to leave out"
        yield Found("agreements", agreement.id, "outside", problem, "places")
    for place in agreement.outside:
        if place in agreement.zone:
            yield Found("agreements", agreement.id, "outside", f"{place!r} is in `zone` as well; remove one of the two")


def _lies_apart(place: str, zone: Iterable[str], parents: Mapping[str, str | None]) -> bool:
    """Whether a place lies below none of the zone's for certain: its way up is known to the theatre."""
    at: str | None = place
    for _ in Level:
        if at is None or at in zone or at not in parents:
            break
        at = parents[at]
    return at is None


def _alert_rules(rules: Rules) -> Iterator[Found]:
    for rule in rules.alerts:
        if rule.severity not in SEVERITIES:
            problem = (
                f"{shown(rule.severity)} is no severity that anybody is told by; permitted: {', '.join(SEVERITIES)}"
            )
            yield Found("alerts", rule.id, "severity", problem + meant(rule.severity, SEVERITIES, listed=False))
        for name, value in rule.settings.items():
            if isinstance(value, int | float) and not abs(value) <= _LARGEST_SETTING:
                problem = f"`{name}` is {shown(value)}; permitted: numbers up to {_LARGEST_SETTING:,}"
                yield Found("alerts", rule.id, "settings", problem)
    for fault in check_alert_rules(rules):
        yield Found("alerts", fault.rule, fault.field, fault.problem, fault.relies_on)


def _limits(rules: Rules) -> Iterator[Found]:
    for name, (least, most) in PERMITTED_LIMITS.items():
        value = getattr(rules.limits, name)
        if not least <= value <= most:
            problem = f"{value} is not permitted; write a whole number from {least:,} to {most:,}"
            yield Found("limits", "limits", name, problem)


def _expectations(rules: Rules) -> Iterator[Found]:
    for source in rules.sources:
        if source.expected_by is not None and not source.expected_daily:
            problem = "means nothing without `expected_daily = true`"
            yield Found("sources", source.id, "expected_by", problem)
        if source.expected_by == "00:00":
            yield Found("sources", source.id, "expected_by", "'00:00' is not permitted; the end of the day is '24:00'")


Named = tuple[str, str, str]
"""Section, id, name."""


def _all_names(rules: Rules) -> Iterator[Named]:
    """Every name that is looked for in texts, but for the words of types and activities, which are ordinary words."""
    for section, entries in (
        ("sides", rules.sides),
        ("groups", rules.groups),
        ("collectives", rules.collectives),
        ("parties", rules.parties),
    ):
        for one in entries:
            yield from ((section, one.id, name) for name in (one.name, *one.aliases) if name)
    for place in rules.places:
        yield from (("places", place.id, name) for name in (place.name, *place.spellings) if name)


def _common_names(rules: Rules) -> Iterator[Found]:
    for section, id_, name in _all_names(rules):
        if name.isupper() and len(name) <= _ACRONYM_LETTERS:
            continue
        normal = key(name)
        if normal in COMMON_WORDS:
            problem = f"{name!r} is an ordinary word, which texts use without meaning {id_!r}; write a longer name"
            yield Found(section, id_, _field(section, id_, name, rules), problem)
        elif normal and not any(letter.isalpha() for letter in name):
            problem = f"{name!r} is a number, which texts use without meaning {id_!r}; write a name with letters"
            yield Found(section, id_, _field(section, id_, name, rules), problem)


def _names_of_other_kinds(rules: Rules) -> Iterator[Found]:
    """A name that two kinds claim would go to the first kind, always, and in silence."""
    claimed: dict[str, tuple[str, str]] = {}
    words = [("types", one.code, word) for one in rules.types for word in one.words]
    words += [("activities", one.id, word) for one in rules.activities for word in one.words]
    for section, id_, name in (*_all_names(rules), *words):
        normal = key(name)
        other_section, other = claimed.setdefault(normal, (section, id_))
        if normal and _KIND.get(other_section, other_section) != _KIND.get(section, section):
            problem = (
                f"{name!r} is also a name of {other!r} in `{other_section}`: a text that uses it could mean either"
            )
            yield Found(section, id_, _field(section, id_, name, rules), problem)


_KIND: Final = {"sides": "who", "groups": "who", "collectives": "who"}
"""Sections whose names are held against each other already (`check`)."""


def _field(section: str, id_: str, name: str, rules: Rules) -> str:
    """Where a name stands."""
    if section in {"types", "activities"}:
        return "words"
    if any(one.id == id_ and one.name == name for one in getattr(rules, section)):
        return "name"
    return "spellings" if section == "places" else "aliases"
