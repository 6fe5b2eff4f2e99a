"""The one byte form of a set of rules, and its hash: what "decided under these rules" means.

Independent of files, order and comments, so that a catalogue may be rearranged without becoming another one.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from incident_pipeline.catalogue.model import Rules


def canonical_rules_json(rules: Rules) -> bytes:
    """Return the rules as canonical JSON: keys and lists sorted, defaults written out."""
    plain = msgspec.to_builtins(rules)
    return msgspec.json.encode(_sorted(plain), order="sorted")


def rules_hash(rules: Rules) -> str:
    """Return the hex SHA-256 of the canonical JSON."""
    return hashlib.sha256(canonical_rules_json(rules)).hexdigest()


def _sorted(value: Any) -> Any:  # noqa: ANN401  # any JSON
    """Order means nothing in any list of the rules."""
    if isinstance(value, dict):
        return {name: _sorted(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return sorted((_sorted(inner) for inner in value), key=lambda one: msgspec.json.encode(one, order="sorted"))
    return value
