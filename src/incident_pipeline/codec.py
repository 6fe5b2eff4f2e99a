"""Canonical bytes and the ids that hang on them.

Canonical JSON here: UTF-8, keys sorted, no white space, absent rather than null, no floats. The structs of our own
records declare their fields in alphabetical order, so that encoding in order of declaration is already sorted.
"""

from __future__ import annotations

import datetime as dt
import hashlib

import msgspec
import orjson

_encoder = msgspec.json.Encoder()
encode = _encoder.encode
"""One of our structs (fields declared in alphabetical order) to canonical JSON."""

GENESIS = bytes(32)
"""The predecessor of the first record of a chain."""


def canonical(value: object) -> bytes:
    """Plain data (dicts, lists, strings, integers, booleans) to canonical JSON."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def content_hash(value: bytes) -> str:
    """SHA-256 of canonical bytes, in hex."""
    return hashlib.sha256(value).hexdigest()


def link(previous: bytes, value: bytes) -> bytes:
    """Id of a record: SHA-256 of its predecessor's id (32 bytes) followed by its canonical value; 32 bytes."""
    return hashlib.sha256(previous + value).digest()


_time_text: tuple[int, str] = (-1, "")


def time_text(epoch_ms: int) -> str:
    """Milliseconds since 1970 to RFC 3339 in UTC with milliseconds (`2020-03-11T18:00:00.000Z`).

    The last answer is kept: all records of one appended batch have the same time.
    """
    global _time_text  # noqa: PLW0603 - a one-entry cache of a pure function
    known, text = _time_text
    if known != epoch_ms:
        moment = dt.datetime.fromtimestamp(epoch_ms // 1000, dt.UTC)
        text = f"{moment:%Y-%m-%dT%H:%M:%S}.{epoch_ms % 1000:03d}Z"
        _time_text = (epoch_ms, text)
    return text


def time_ms(text: str) -> int:
    """RFC 3339 text to milliseconds since 1970."""
    return round(dt.datetime.fromisoformat(text).timestamp() * 1000)
