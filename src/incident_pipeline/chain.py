"""The chain: each record names its predecessor, and a record that does not extend the chain does not count.

This is the public contract of `events` and `alerts` (docs/contract.md), and the pipeline's only lock: whatever else
lands on the topic (a retry, a late copy of a writer that lost its partition) is ignored by every reader alike.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from incident_pipeline.codec import GENESIS

ID = "ce_id"
PREVIOUS = "ce_previous"
Headers = Sequence[tuple[str, bytes]]


class Tail(msgspec.Struct, frozen=True):
    """The end of a chain as somebody knows it: what the next record must name, and where it will stand."""

    last_id: bytes = GENESIS
    sequence: int = 0
    """Sequence of the next record."""
    offset: int = 0
    """Offset after the last record read, of whatever kind: the end of the log so far."""
    last_offset: int = -1
    """Offset of the last record that counts; -1 where there is none."""

    def extended(self, last_id: bytes, records: int, offset: int) -> Tail:
        """The tail after `records` more that count, the last of them just before `offset`."""
        return Tail(last_id, self.sequence + records, offset, offset - 1)


def header(headers: Headers, name: str) -> bytes | None:
    """The first header of that name."""
    for key, value in headers:
        if key == name:
            return value
    return None
