"""Whether the alert rules of a catalogue can work, told before anything runs under them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

from incident_pipeline.catalogue.model import AlertRule, Bound, Level, Rules, SeriesKind
from incident_pipeline.surveillance.detectors import DETECTORS, DetectorOf, NoDetector, detector_of

OF_GROUP = (SeriesKind.GROUP, SeriesKind.GROUP_PLACE)
OF_PLACE = (SeriesKind.PLACE, SeriesKind.GROUP_PLACE)
_SHOWN = 8


def check_alert_rules(rules: Rules, detectors: Mapping[str, DetectorOf] = DETECTORS) -> list[str]:
    """What is wrong with the alert rules, a message each: which rule, what is wrong, what is permitted."""
    known = {
        "theatre": sorted(place.id for place in rules.places if place.level is Level.THEATRE),
        "group": sorted(group.id for group in rules.groups),
        "place": sorted(place.id for place in rules.places if place.level is not Level.THEATRE),
    }
    messages: list[str] = []
    seen: set[str] = set()
    for rule in rules.alerts:
        if rule.id in seen:
            messages.append(f"alert rule '{rule.id}': the id is used twice; each rule needs its own")
        seen.add(rule.id)
        messages += [f"alert rule '{rule.id}': {wrong}" for wrong in _wrong_with(rule, known, detectors)]
    return messages


def _wrong_with(rule: AlertRule, known: Mapping[str, list[str]], detectors: Mapping[str, DetectorOf]) -> Iterator[str]:
    detector = detector_of(rule.detector, rule.settings, detectors)
    if isinstance(detector, NoDetector):
        yield detector.message
    if rule.series not in OF_GROUP and rule.group != "*":
        yield f"'group' means nothing to series '{rule.series.value}'; permitted there: {_kinds(OF_GROUP)}"
    if rule.series not in OF_PLACE and rule.place != "*":
        yield f"'place' means nothing to series '{rule.series.value}'; permitted there: {_kinds(OF_PLACE)}"
    if rule.series not in OF_GROUP and rule.bound is not Bound.CERTAIN:
        yield f"'bound' means nothing to series '{rule.series.value}'; permitted there: {_kinds(OF_GROUP)}"
    for field, pattern in (("theatre", rule.theatre), ("group", rule.group), ("place", rule.place)):
        ids = known[field]
        if pattern != "*" and not any(fnmatchcase(known_id, pattern) for known_id in ids):
            shown = ", ".join(ids[:_SHOWN]) + (", …" if len(ids) > _SHOWN else "")
            yield f"{field} '{pattern}' matches no {field} of the catalogue; it has: {shown or 'none'}"


def _kinds(kinds: Iterable[SeriesKind]) -> str:
    return ", ".join(kind.value for kind in kinds)
