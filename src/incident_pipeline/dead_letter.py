"""Dead letters: records that could not be used. The value is the original bytes, the headers say why and whence.

Intake may write a letter again after a crash, so readers know a repeat by its origin. The same bytes that were sent
once more are another origin: one letter, seen twice.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
from msgspec import Meta

from incident_pipeline.codec import time_text
from incident_pipeline.rejection import Reason, Rejection

if TYPE_CHECKING:
    from collections.abc import Iterable

    from incident_pipeline.log.record import LogRecord

__all__ = ["DeadLetter", "DeadLetterHeaders", "Letters", "Origin", "dead_letter_headers", "read_dead_letter"]

_PREFIX: Final = "dl_"
_SOURCE_BYTES: Final = 1_000
"""More than a source's name of `name_chars` takes."""
_Whole = Annotated[str, Meta(pattern=r"^(0|[1-9][0-9]{0,18})$")]


class DeadLetterHeaders(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename=lambda name: _PREFIX + name
):
    """The headers of a dead letter, all of them text."""

    detail: str
    """What is wrong and where; no report text."""
    origin_offset: _Whole
    origin_partition: _Whole
    origin_topic: Annotated[str, Meta(min_length=1)]
    reason: Reason
    recorded_at: str
    """When the broker appended the record, RFC 3339 in UTC."""
    remedy: str
    """What its producer can do about it."""
    size_bytes: _Whole
    source: str | None = None
    """The record's key, where it is text: by contract, the source."""


class Origin(msgspec.Struct, frozen=True, order=True):
    """Where the record stands that could not be used."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        """As the command line writes it: `reports/2/17`."""
        return f"{self.topic}/{self.partition}/{self.offset}"


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """One dead letter, read."""

    detail: str
    digest: str
    """SHA-256 of the original bytes, hex."""
    origin: Origin
    reason: Reason
    recorded_at: str
    remedy: str
    size_bytes: int
    source: str | None
    value: bytes


def dead_letter_headers(rejection: Rejection, record: LogRecord) -> list[tuple[str, bytes]]:
    """Give the headers of the dead letter of `record`; its key and value stay what they were."""
    source = _source(record.key)
    headers = [
        (_PREFIX + "reason", rejection.reason.value.encode()),
        (_PREFIX + "detail", rejection.detail.encode("utf-8", "replace")),
        (_PREFIX + "remedy", rejection.remedy.encode()),
        (_PREFIX + "origin_topic", record.topic.encode()),
        (_PREFIX + "origin_partition", b"%d" % record.partition),
        (_PREFIX + "origin_offset", b"%d" % record.offset),
        (_PREFIX + "recorded_at", time_text(record.timestamp_ms).encode()),
        (_PREFIX + "size_bytes", b"%d" % len(record.value or b"")),
    ]
    if source is not None:
        headers.append((_PREFIX + "source", source.encode()))
    return headers


def read_dead_letter(record: LogRecord) -> DeadLetter | None:
    """Read a record of the topic; None where it is no dead letter of ours (somebody else wrote there)."""
    given = {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers}
    try:
        headers = msgspec.convert(given, DeadLetterHeaders)
    except msgspec.ValidationError:
        return None
    value = record.value or b""
    return DeadLetter(
        detail=headers.detail,
        digest=hashlib.sha256(value).hexdigest(),
        origin=Origin(headers.origin_topic, int(headers.origin_partition), int(headers.origin_offset)),
        reason=headers.reason,
        recorded_at=headers.recorded_at,
        remedy=headers.remedy,
        size_bytes=int(headers.size_bytes),
        source=headers.source,
        value=value,
    )


class Letters:
    """Dead letters, folded: a repeat of an origin is passed over, the same bytes of another origin are one letter."""

    def __init__(self) -> None:
        self._origins: set[Origin] = set()
        self._by_digest: dict[tuple[str, str | None], list[DeadLetter]] = {}

    def add(self, records: Iterable[LogRecord]) -> None:
        """Take records of the topic, in order."""
        for record in records:
            letter = read_dead_letter(record)
            if letter is not None and letter.origin not in self._origins:
                self._origins.add(letter.origin)
                self._by_digest.setdefault((letter.digest, letter.source), []).append(letter)

    def __len__(self) -> int:
        """Count the letters, each once however often it was sent."""
        return len(self._by_digest)

    @property
    def origins(self) -> frozenset[Origin]:
        """Every record that became a dead letter."""
        return frozenset(self._origins)

    def listed(self) -> list[tuple[DeadLetter, ...]]:
        """Give each letter with all its sightings, in order of arrival."""
        return [tuple(sightings) for sightings in self._by_digest.values()]

    def find(self, origin: Origin) -> DeadLetter | None:
        """Give the letter of one origin."""
        for sightings in self._by_digest.values():
            for letter in sightings:
                if letter.origin == origin:
                    return letter
        return None


def _source(key: bytes | None) -> str | None:
    """The source that a key names; a longer one names none, and would weigh twice."""
    try:
        return None if key is None or len(key) > _SOURCE_BYTES else key.decode()
    except UnicodeDecodeError:
        return None
