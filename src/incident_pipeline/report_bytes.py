"""What the bytes of a record say before they are a report: keys that are given twice, and why they are no JSON."""

from __future__ import annotations

import json
from typing import Final

_FIRST_BYTES: Final = (
    (b"\xef\xbb\xbf", "it begins with a byte order mark (EF BB BF): write UTF-8 without one"),
    (b"\xff\xfe", "it begins with a byte order mark of UTF-16 (FF FE): write UTF-8"),
    (b"\xfe\xff", "it begins with a byte order mark of UTF-16 (FE FF): write UTF-8"),
    (b"\x1f\x8b", "it is packed with gzip (1F 8B): leave packing to the Kafka client (`compression.type`)"),
    (
        b"\x28\xb5\x2f\xfd",
        "it is packed with zstd (28 B5 2F FD): leave packing to the Kafka client (`compression.type`)",
    ),
    (
        b"\x04\x22\x4d\x18",
        "it is packed with lz4 (04 22 4D 18): leave packing to the Kafka client (`compression.type`)",
    ),
)
_REGISTRY_BYTES: Final = 5
NOTHING: Final = "the record has no value: a report is one JSON object"


class _TwiceError(Exception):
    """A key that an object gives twice."""


def key_given_twice(value: bytes) -> str | None:
    """Return a key that one object of a JSON text gives twice, at whatever depth; None: there is none."""
    try:
        json.loads(value, object_pairs_hook=_keys, strict=False)
    except _TwiceError as found:
        return str(found)
    except ValueError:  # not for this to judge
        return None
    return None


def _keys(pairs: list[tuple[str, object]]) -> None:
    if len(dict(pairs)) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _TwiceError(name)
            seen.add(name)


def surely_no_key_twice(value: bytes, canonical: bytes, *, count_is_default: bool) -> bool:
    """Tell cheaply that no key is given twice; False: it may be.

    A key that was dropped had two quotation marks, and no other mark is lost on the way to the canonical JSON, unless
    a string holds one: then there is a backslash before it. `count_is_default`: a `count` may be given and left out.
    """
    more = value.count(34) - canonical.count(34)
    if more == 2 and count_is_default:
        more -= 2 * (b'"count":' in value)
    return not more and 92 not in canonical


def why_not_json(value: bytes, error: Exception) -> str:
    """Say what is wrong with bytes that are no JSON, by what they begin with where that tells."""
    if not value.strip():
        return NOTHING
    for first, problem in _FIRST_BYTES:
        if value.startswith(first):
            return problem
    if value[:1] == b"\0" and value[_REGISTRY_BYTES : _REGISTRY_BYTES + 1] in {b"{", b"["}:
        return "it begins with the five bytes of a schema registry (00 and a schema's number): use a plain serializer"
    if value[:1] == b"\0":
        return "it begins with a zero byte, as records of a schema registry (Avro, Protobuf) do: write JSON"
    try:
        value.decode()
    except UnicodeDecodeError as bad:
        return f"not UTF-8 at byte {bad.start}"
    at = "" if "(byte" in str(error) else f" (after {len(value)} bytes)"
    return f"{error}{at}"
