"""What surveillance reads of the value of a record of `events`. Decoding skips the rest, which is most of it."""

from __future__ import annotations

import msgspec

from incident_pipeline.event import Pair


class CellView(msgspec.Struct, frozen=True, gc=False):
    """A `Change` of an event; the latest is kept as the cell's figures."""

    attribution: str
    corroborated: Pair
    day: str
    deduplicated: Pair
    high: Pair
    place: str
    raw: Pair


class BoundsView(msgspec.Struct, frozen=True, gc=False):
    """A `BoundsChange` of an event; its pairs stay text until somebody asks for them, which is seldom."""

    certain: msgspec.Raw
    day: str
    group: str
    place: str
    possible: msgspec.Raw


class EventView(msgspec.Struct, frozen=True, gc=False):
    """What an `Event` counts. The type stays text: an enum's hash costs more than the rest."""

    step: int
    steps: int
    theatre: str
    type: str
    bounds: tuple[BoundsView, ...] = ()
    changes: tuple[CellView, ...] = ()


class QuietView(msgspec.Struct, frozen=True, gc=False):
    """The day that a quiet statement covers."""

    day: str


class ReportView(msgspec.Struct, frozen=True, gc=False):
    """The report of an event, as its source names it."""

    id: str
    source: str


class Circumstances(msgspec.Struct, frozen=True, gc=False):
    """What an `Event` says beside its counts: looked at where something is to be said or noted, which is seldom."""

    recorded_at: str
    rules: str
    sequence: int
    theatre: str
    type: str
    day: str | None = None
    quiet: QuietView | None = None
    report: ReportView | None = None


decode_pairs = msgspec.json.Decoder(tuple[Pair, ...]).decode
"""The pairs of bounds, from the deepest place up."""
decode_event = msgspec.json.Decoder(EventView).decode
decode_circumstances = msgspec.json.Decoder(Circumstances).decode
