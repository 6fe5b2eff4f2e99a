"""The one byte form of a set of rules, and its hash: what "decided under these rules" means.

Independent of files, order and comments, so that a catalogue may be rearranged without becoming another one.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import msgspec

from incident_pipeline.catalogue.model import Rules

_LATER_FIELDS: Final = {
    "mission": ("country", "revision", "unknown_sources"),
    "places": ("area", "lat", "lon"),
    "sources": ("expected_by",),
}
"""Fields, by section, that rules have been published without: at their default they are left out, so that the hash of
rules that do not use them stays what it was."""

_LATER_SECTIONS: Final = ("elsewhere",)
"""Sections of the same kind."""


def canonical_rules_json(rules: Rules) -> bytes:
    """Return the rules as canonical JSON: keys and lists sorted, defaults written out but for those of later fields."""
    plain = msgspec.to_builtins(rules)
    _leave_out_defaults(rules, plain, _LATER_SECTIONS)
    for section, names in _LATER_FIELDS.items():
        entries = getattr(rules, section)
        pairs = (
            [(entries, plain[section])] if not isinstance(entries, list) else zip(entries, plain[section], strict=True)
        )
        for entry, written in pairs:
            _leave_out_defaults(entry, written, names)
    return msgspec.json.encode(_sorted(plain), order="sorted")


def rules_hash(rules: Rules) -> str:
    """Return the hex SHA-256 of the canonical JSON."""
    return hashlib.sha256(canonical_rules_json(rules)).hexdigest()


def _leave_out_defaults(entry: msgspec.Struct, written: dict[str, Any], names: tuple[str, ...]) -> None:
    for field in msgspec.structs.fields(entry):
        default = [] if field.default_factory is list else field.default
        if field.name in names and getattr(entry, field.name) == default:
            del written[field.name]


def _sorted(value: Any) -> Any:  # noqa: ANN401  # any JSON
    """Order means nothing in any list of the rules."""
    if isinstance(value, dict):
        return {name: _sorted(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return sorted((_sorted(inner) for inner in value), key=lambda one: msgspec.json.encode(one, order="sorted"))
    return value
