"""Whether the alert rules of a catalogue can work, told before anything runs under them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

from incident_pipeline.catalogue.model import AlertRule, Bound, Level, Rules, SeriesKind
from incident_pipeline.surveillance.detectors import DETECTORS, DetectorOf, NoDetector, detector_of

OF_GROUP = (SeriesKind.GROUP, SeriesKind.GROUP_PLACE)
OF_PLACE = (SeriesKind.PLACE, SeriesKind.GROUP_PLACE)
_SHOWN = 8


class AlertRuleFault(NamedTuple):
    """One thing that is wrong with an alert rule."""

    rule: str
    field: str
    problem: str
    """What is wrong, and what is permitted."""
    relies_on: str = ""
    """The section of the catalogue that this follows from."""


def check_alert_rules(rules: Rules, detectors: Mapping[str, DetectorOf] = DETECTORS) -> list[AlertRuleFault]:
    """Everything that is wrong with the alert rules; a series that could not be read is false, and told already."""
    known = {
        "theatre": sorted(place.id for place in rules.places if place.level is Level.THEATRE),
        "group": sorted(group.id for group in rules.groups),
        "place": sorted(place.id for place in rules.places if place.level is not Level.THEATRE),
    }
    theatre_of = _theatres_of_places(rules)
    faults: list[AlertRuleFault] = []
    for rule in rules.alerts:
        faults += _wrong_with(rule, detectors)
        faults += _matching_nothing(rule, known, theatre_of)
    return faults


def _wrong_with(rule: AlertRule, detectors: Mapping[str, DetectorOf]) -> Iterator[AlertRuleFault]:
    detector = detector_of(rule.detector, rule.settings, detectors)
    if isinstance(detector, NoDetector):
        field = "settings" if rule.detector in detectors else "detector"
        yield AlertRuleFault(rule.id, field, detector.message)
    if rule.series:
        yield from _meaningless(rule)


def _matching_nothing(
    rule: AlertRule, known: Mapping[str, list[str]], theatre_of: Mapping[str, str]
) -> Iterator[AlertRuleFault]:
    """Patterns that no id of the catalogue fits, each by itself, then place and theatre together."""
    unmatched = False
    for field, section in (("theatre", "places"), ("group", "groups"), ("place", "places")):
        pattern, ids = getattr(rule, field), known[field]
        if pattern != "*" and not any(fnmatchcase(known_id, pattern) for known_id in ids):
            shown = ", ".join(ids[:_SHOWN]) + (", …" if len(ids) > _SHOWN else "")
            problem = f"'{pattern}' matches no {field} of the catalogue; it has: {shown or 'none'}"
            yield AlertRuleFault(rule.id, field, problem, section)
            unmatched = True
    if not unmatched and not any(
        fnmatchcase(place, rule.place) and fnmatchcase(theatre, rule.theatre) for place, theatre in theatre_of.items()
    ):
        problem = f"'{rule.place}' matches no place in a theatre that matches '{rule.theatre}'"
        yield AlertRuleFault(rule.id, "place", problem, "places")


def _theatres_of_places(rules: Rules) -> dict[str, str]:
    """The theatre of each place, as far as the way up can be read; a theatre is its own."""
    parents = {place.id: place.parent for place in rules.places}
    theatre_of = {}
    for place in parents:
        at = place
        for _ in Level:
            at = parents.get(at) or at
        theatre_of[place] = at
    return theatre_of


def _meaningless(rule: AlertRule) -> Iterator[AlertRuleFault]:
    """What is set and would change nothing."""
    for field, is_set, kinds in (
        ("group", rule.group != "*", OF_GROUP),
        ("place", rule.place != "*", OF_PLACE),
        ("bound", rule.bound is not Bound.CERTAIN, OF_GROUP),
    ):
        if is_set and rule.series not in kinds:
            problem = f"means nothing to series '{rule.series.value}'; permitted there: {_kinds(kinds)}"
            yield AlertRuleFault(rule.id, field, problem)


def _kinds(kinds: Iterable[SeriesKind]) -> str:
    return ", ".join(kind.value for kind in kinds)
