"""What the bytes of a record say before they are a report: keys that are given twice, and why they are no JSON."""

from __future__ import annotations

import json
from typing import Final

_LEAVE_PACKING: Final = "leave packing to the Kafka client (`compression.type`)"
_FIRST_BYTES: Final = (
    (b"\xef\xbb\xbf", "it begins with a byte order mark (EF BB BF): write UTF-8 without one"),
    (b"\xff\xfe\0\0", "it begins with a byte order mark of UTF-32 (FF FE 00 00): write UTF-8"),
    (b"\0\0\xfe\xff", "it begins with a byte order mark of UTF-32 (00 00 FE FF): write UTF-8"),
    (b"\xff\xfe", "it begins with a byte order mark of UTF-16 (FF FE): write UTF-8"),
    (b"\xfe\xff", "it begins with a byte order mark of UTF-16 (FE FF): write UTF-8"),
    (b"{\0\0\0", "it is written in UTF-32: write UTF-8"),
    (b"\0\0\0{", "it is written in UTF-32: write UTF-8"),
    (b"{\0", "it is written in UTF-16: write UTF-8"),
    (b"\0{", "it is written in UTF-16: write UTF-8"),
    (b"\x1f\x8b", f"it is packed with gzip (1F 8B): {_LEAVE_PACKING}"),
    (b"\x28\xb5\x2f\xfd", f"it is packed with zstd (28 B5 2F FD): {_LEAVE_PACKING}"),
    (b"\x04\x22\x4d\x18", f"it is packed with lz4 (04 22 4D 18): {_LEAVE_PACKING}"),
    (b"\x82SNAPPY\0", f"it is packed with snappy (82 'SNAPPY' 00): {_LEAVE_PACKING}"),
    (b"\xff\x06\0\0sNaPpY", f"it is packed with snappy (FF 06 00 00 'sNaPpY'): {_LEAVE_PACKING}"),
    (b"BZh", f"it is packed with bzip2 ('BZh'): {_LEAVE_PACKING}"),
    (b"\xfd7zXZ\0", f"it is packed with xz (FD '7zXZ' 00): {_LEAVE_PACKING}"),
    (b"PK\x03\x04", f"it is a zip archive ('PK' 03 04): {_LEAVE_PACKING}"),
    (b"x\x01", f"it is packed with zlib (78 01): {_LEAVE_PACKING}"),
    (b"x\x9c", f"it is packed with zlib (78 9C): {_LEAVE_PACKING}"),
    (b"x\xda", f"it is packed with zlib (78 DA): {_LEAVE_PACKING}"),
    (b"Obj\x01", "it is an Avro file ('Obj' 01): write JSON"),
)
_BLANKS: Final = " \t\r\n"
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
    begun_with = _why_by_first_bytes(value)
    if begun_with is not None:
        return begun_with
    try:
        text = value.decode()
    except UnicodeDecodeError as bad:
        return f"not UTF-8 at byte {bad.start}"
    at = "" if "(byte" in str(error) else f" (after {len(value)} bytes)"
    return f"{error}{at}{_what_to_change(text.lstrip(_BLANKS))}"


def what_to_send_instead(value: bytes) -> str:
    """Say of JSON that is no object what to send instead, where that tells what went wrong on the way."""
    begun = value.lstrip()[:1]
    if begun == b"[":
        return ": send each report in a record of its own"
    if begun == b'"':
        return ": where it holds a report, that was encoded twice; send the object itself"
    return ""


def _why_by_first_bytes(value: bytes) -> str | None:
    for first, problem in _FIRST_BYTES:
        if value.startswith(first):
            return problem
    if value[:1] != b"\0":
        return None
    if value[_REGISTRY_BYTES : _REGISTRY_BYTES + 1] in {b"{", b"["}:
        return "it begins with the five bytes of a schema registry (00 and a schema's number): use a plain serializer"
    return "it begins with a zero byte, as records of a schema registry (Avro, Protobuf) do: write JSON"


def _what_to_change(begun: str) -> str:
    """Name the usual ways in which a text is nearly one JSON object."""
    if begun.startswith(("//", "/*", "#")):
        return ": leave out the comment, which JSON has not"
    if not begun.startswith(("{", "[", '"')):
        return ": a report is one JSON object, and begins with `{`"
    end = _end_of_value(begun, strict=False)
    if end is None:
        return ""
    rest = begun[end:].strip(_BLANKS)
    if rest:
        apart = rest.startswith("{")
        return ": send each object in a record of its own" if apart else ": leave out what stands behind the object"
    if _end_of_value(begun, strict=True) is None:
        return ": in a string write a line break as \\n, a tab as \\t"
    return ": a string holds one half of a surrogate pair (\\ud800 to \\udfff); write the character itself"


def _end_of_value(begun: str, *, strict: bool) -> int | None:
    """Return where the JSON value that a text begins with ends; None: it is none."""
    try:
        return json.JSONDecoder(strict=strict, parse_constant=_no_number).raw_decode(begun)[1]
    except (ValueError, RecursionError):
        return None


def _no_number(name: str) -> None:
    raise ValueError(name)
