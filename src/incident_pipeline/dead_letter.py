"""Dead letters: records that could not be used. The value is the original bytes, the headers say why and whence.

Intake may write a letter again after a crash, so readers know a repeat by its origin and its append time: a topic that
was made anew has the same offsets once more. The same bytes that were sent once more are another origin: one letter,
seen twice.

A record that is sent through `reports` again for a letter names that letter in a header (`REQUEUE_OF`). What intake
answers is in the same topic: another letter that names the first, or, where it can be used now, a `Requeued` mark.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

import msgspec
from msgspec import Meta

from incident_pipeline.chain import header
from incident_pipeline.codec import time_ms, time_text
from incident_pipeline.limits import DEAD_LETTER_BYTES
from incident_pipeline.rejection import Reason, Rejection

if TYPE_CHECKING:
    from collections.abc import Iterable

    from incident_pipeline.chain import Headers
    from incident_pipeline.log.record import LogRecord

__all__ = [
    "REQUEUE_OF",
    "DeadLetter",
    "DeadLetterHeaders",
    "Letters",
    "Origin",
    "Requeued",
    "RequeuedHeaders",
    "dead_letter",
    "dead_letter_headers",
    "read_dead_letter",
    "read_requeued",
    "requeue_of",
    "requeued_headers",
    "sent_again_for",
    "source_of_key",
]

REQUEUE_OF: Final = "requeue_of"
"""The header of a record of `reports` that was sent again: the origin of the letter that it was sent for."""

_PREFIX: Final = "dl_"
_SOURCE_BYTES: Final = 1_000
"""More than a source's name of `name_chars` takes."""
_KEY_BYTES: Final = 100_000
_HEADER_BYTES: Final = 10_000
"""More than the headers take: a detail names a field and a position, and no text of a report."""
_OFFSET_DIGITS: Final = 18
Read = TypeVar("Read", bound=msgspec.Struct)
_Whole = Annotated[str, Meta(pattern=r"^(0|[1-9][0-9]{0,18})$")]
_Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
_Place = Annotated[str, Meta(pattern=r"^.+/(0|[1-9][0-9]{0,8})/(0|[1-9][0-9]{0,17})(@[0-9]{1,18})?$")]


class DeadLetterHeaders(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename=lambda name: _PREFIX + name
):
    """The headers of a dead letter, all of them text."""

    detail: str
    """What is wrong and where; no report text."""
    key_sha256: _Digest | None = None
    """SHA-256 of the record's whole key, where the letter has only the beginning of it."""
    origin_offset: _Whole
    origin_partition: _Whole
    origin_topic: Annotated[str, Meta(min_length=1)]
    reason: Reason
    recorded_at: str
    """When the broker appended the record, RFC 3339 in UTC."""
    remedy: str
    """What its producer can do about it."""
    requeue_of: _Place | None = None
    """Origin of the earlier letter that this record was sent again for."""
    sha256: _Digest | None = None
    """SHA-256 of the record's whole value, where the letter has only the beginning of it; the record stays at its
    origin."""
    size_bytes: _Whole
    """Of the record's value, whole."""
    source: str | None = None
    """The record's key, where it is text: by contract, the source."""


class RequeuedHeaders(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename=lambda name: _PREFIX + name
):
    """The headers of a mark: the record of a dead letter was sent again, and could be used."""

    origin_offset: _Whole
    """Where the record stands that was sent again."""
    origin_partition: _Whole
    origin_topic: Annotated[str, Meta(min_length=1)]
    recorded_at: str
    """When the broker appended it, RFC 3339 in UTC."""
    requeue_of: _Place
    """Origin of the letter that it was sent for."""


class Origin(msgspec.Struct, frozen=True, order=True):
    """Where the record stands that could not be used, and when it came to stand there."""

    topic: str
    partition: int
    offset: int
    recorded_ms: int = 0
    """Its append time; 0 where that is not said. A topic that was made anew has another record at the same offset."""

    def __str__(self) -> str:
        """As the command line writes it: `reports/2/17`."""
        return f"{self.topic}/{self.partition}/{self.offset}"

    @property
    def reference(self) -> str:
        """As headers name it, for good: `reports/2/17@1583935800000`."""
        return f"{self}@{self.recorded_ms}" if self.recorded_ms else str(self)

    def is_meant_by(self, named: Origin) -> bool:
        """Whether `named`, which may leave the time away, names this one."""
        return self == (named if named.recorded_ms else msgspec.structs.replace(named, recorded_ms=self.recorded_ms))

    @classmethod
    def of(cls, text: str) -> Origin | None:
        """Read what `str` or `reference` writes; None where it is none."""
        place, at, recorded_ms = text.rpartition("@")
        topic, _, offset = (place if at else text).rpartition("/")
        topic, _, partition = topic.rpartition("/")
        numbers = [partition, offset, recorded_ms if at else "0"]
        if not topic or not all(one.isascii() and one.isdecimal() and len(one) <= _OFFSET_DIGITS for one in numbers):
            return None
        return cls(topic, *map(int, numbers))


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """One dead letter, read."""

    detail: str
    origin: Origin
    reason: Reason
    recorded_at: str
    remedy: str
    requeue_of: Origin | None
    """Origin of the earlier letter that the record was sent again for."""
    size_bytes: int
    """Of the original, whole."""
    source: str | None
    value: bytes
    """The original bytes, or as much of their beginning as fits."""
    key_is_whole: bool = True
    sha256_of_whole: str | None = None
    """Where the value is cut, hex."""

    @property
    def digest(self) -> str:
        """SHA-256 of the original bytes, hex."""
        return self.sha256_of_whole or hashlib.sha256(self.value).hexdigest()

    @property
    def is_whole(self) -> bool:
        """Whether the letter has all of the original's key and value."""
        return self.key_is_whole and len(self.value) == self.size_bytes


class Requeued(msgspec.Struct, frozen=True, kw_only=True):
    """A letter's record was sent again, and could be used."""

    origin: Origin
    """Where it stands now."""
    requeue_of: Origin
    recorded_at: str


def dead_letter(rejection: Rejection, record: LogRecord) -> LogRecord:
    """Give the letter of a record: its key and value, of a very large one as much as fits, and the headers.

    The record itself stays at its origin, whole.
    """
    key, value = record.key, record.value
    if len(key or b"") + len(value or b"") <= DEAD_LETTER_BYTES - _HEADER_BYTES:
        return msgspec.structs.replace(record, headers=dead_letter_headers(rejection, record))
    headers = dead_letter_headers(rejection, record)
    if key is not None and len(key) > _KEY_BYTES:
        headers.append((_PREFIX + "key_sha256", hashlib.sha256(key).hexdigest().encode()))
        key = key[:_KEY_BYTES]
    room_bytes = DEAD_LETTER_BYTES - _HEADER_BYTES - len(key or b"")
    if value is not None and len(value) > room_bytes:
        headers.append((_PREFIX + "sha256", hashlib.sha256(value).hexdigest().encode()))
        value = value[:room_bytes]
    return msgspec.structs.replace(record, key=key, value=value, headers=headers)


def dead_letter_headers(rejection: Rejection, record: LogRecord) -> list[tuple[str, bytes]]:
    """Give the headers of the dead letter of `record`, whose key and value stay what they were."""
    source = source_of_key(record.key)
    first = requeue_of(record.headers, record.topic) if record.headers else None
    headers = [
        (_PREFIX + "reason", rejection.reason.value.encode()),
        (_PREFIX + "detail", rejection.detail.encode("utf-8", "replace")),
        (_PREFIX + "remedy", rejection.remedy.encode()),
        *_origin_headers(record),
        (_PREFIX + "recorded_at", time_text(record.timestamp_ms).encode()),
        (_PREFIX + "size_bytes", b"%d" % len(record.value or b"")),
    ]
    if source is not None:
        headers.append((_PREFIX + "source", source.encode()))
    if first is not None:
        headers.append((_PREFIX + "requeue_of", first.reference.encode()))
    return headers


def requeued_headers(record: LogRecord, first: Origin) -> list[tuple[str, bytes]]:
    """Give the headers of the mark that `record`, sent again for the letter of `first`, can be used."""
    return [
        (_PREFIX + "requeue_of", first.reference.encode()),
        *_origin_headers(record),
        (_PREFIX + "recorded_at", time_text(record.timestamp_ms).encode()),
    ]


def requeue_of(headers: Headers, topic: str) -> Origin | None:
    """Give the origin of the letter that a record of `topic` was sent again for; None for any other record.

    Producers may write what they like: a header that names no origin of that topic is none.
    """
    named = header(headers, REQUEUE_OF)
    origin = None if named is None or len(named) > _SOURCE_BYTES else Origin.of(named.decode("utf-8", "replace"))
    return origin if origin is not None and origin.topic == topic else None


def sent_again_for(record: LogRecord) -> Origin | None:
    """Give the origin of the letter that a record of `dead-letters`, a later letter or a mark, answers again."""
    named = header(record.headers, _PREFIX + "requeue_of")
    return None if named is None else Origin.of(named.decode("utf-8", "replace"))


def _origin_headers(record: LogRecord) -> list[tuple[str, bytes]]:
    return [
        (_PREFIX + "origin_topic", record.topic.encode()),
        (_PREFIX + "origin_partition", b"%d" % record.partition),
        (_PREFIX + "origin_offset", b"%d" % record.offset),
    ]


def read_dead_letter(record: LogRecord) -> DeadLetter | None:
    """Read a record of the topic; None where it is no dead letter of ours (a mark, or somebody else wrote there)."""
    headers = _read(record, DeadLetterHeaders)
    if headers is None:
        return None
    return DeadLetter(
        detail=headers.detail,
        origin=_origin(headers),
        reason=headers.reason,
        recorded_at=headers.recorded_at,
        remedy=headers.remedy,
        requeue_of=None if headers.requeue_of is None else Origin.of(headers.requeue_of),
        size_bytes=int(headers.size_bytes),
        source=headers.source,
        value=record.value or b"",
        key_is_whole=headers.key_sha256 is None,
        sha256_of_whole=headers.sha256,
    )


def read_requeued(record: LogRecord) -> Requeued | None:
    """Read a record of the topic as a mark; None where it is none."""
    headers = None if record.value is not None else _read(record, RequeuedHeaders)
    first = None if headers is None else Origin.of(headers.requeue_of)
    if headers is None or first is None or any(name == _PREFIX + "reason" for name, _ in record.headers):
        return None
    return Requeued(
        origin=_origin(headers),
        requeue_of=first,
        recorded_at=headers.recorded_at,
    )


def _origin(headers: DeadLetterHeaders | RequeuedHeaders) -> Origin:
    try:
        recorded_ms = time_ms(headers.recorded_at)
    except (ValueError, OverflowError):  # somebody else wrote it
        recorded_ms = 0
    return Origin(headers.origin_topic, int(headers.origin_partition), int(headers.origin_offset), recorded_ms)


def _read(record: LogRecord, kind: type[Read]) -> Read | None:
    given = {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers}
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError:
        return None


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
                if letter.origin.is_meant_by(origin):
                    return letter
        return None


def source_of_key(key: bytes | None) -> str | None:
    """The source that a key names; a longer one names none, and would weigh twice."""
    try:
        return None if key is None or len(key) > _SOURCE_BYTES else key.decode()
    except UnicodeDecodeError:
        return None
