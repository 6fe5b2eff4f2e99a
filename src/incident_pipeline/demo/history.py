"""The sample history: raw records as producers of all kinds send them, in the order in which they were published.

`history.jsonl` holds one record a line. Four of its lines are bad on purpose: one is no JSON, one has the wrong shape,
one has no date and one is dated in the future. A fifth bad record, larger than the limit, is made here.
The facts are those that were reported of the truce of 6 March 2020; the texts, and every source whose name begins
with `sample-`, were made up for this history.
"""

from __future__ import annotations

import importlib.resources
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

BAD_RECORDS: Final = 5
"""Records that become dead letters."""
UNUSABLE_KEY: Final = b"sample-broken-feed"


class RawRecord(NamedTuple):
    """A record for the `reports` topic."""

    key: bytes
    """Its source, as the topic's contract wants it."""
    value: bytes


class _Source(msgspec.Struct, frozen=True):
    source: str


def history(max_report_bytes: int) -> Iterator[RawRecord]:
    """Give the records in order, the same bytes each time. `max_report_bytes`: the limit that the last one exceeds."""
    file = importlib.resources.files("incident_pipeline.demo").joinpath("history.jsonl")
    for line in file.read_bytes().splitlines():
        yield RawRecord(_key(line), line)
    yield RawRecord(b"sample-pasted-archive", _too_large(max_report_bytes))


def _key(line: bytes) -> bytes:
    try:
        return msgspec.json.decode(line, type=_Source).source.encode()
    except msgspec.DecodeError:
        return UNUSABLE_KEY


def _too_large(max_report_bytes: int) -> bytes:
    """A whole archive pasted into one report."""
    text = "An archive of old bulletins. " * (max_report_bytes // 29 + 1)
    return msgspec.json.encode(
        {
            "source": "sample-pasted-archive",
            "report_id": "archive-1",
            "published_at": "2020-03-12T09:00:00+02:00",
            "text": text,
        }
    )
