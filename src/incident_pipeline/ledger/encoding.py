"""Events to records of the `events` topic, and back."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from incident_pipeline.chain import Tail
from incident_pipeline.cloudevents import Header, event_headers
from incident_pipeline.codec import encode, link
from incident_pipeline.event import Event

Record = tuple[bytes, bytes, list[Header]]
"""(id, value, headers)"""

decode_event = msgspec.json.Decoder(Event).decode


def encode_event(event: Event, previous: bytes) -> Record:
    """The record that extends a chain, whose last id is `previous`, by this event."""
    value = encode(event)
    record_id = link(previous, value)
    return record_id, value, event_headers(event, record_id, previous)


def encode_events(events: Sequence[Event], tail: Tail) -> list[Record]:
    """The records that extend the chain of events after `tail` by these, which travel in one record batch.

    Raises:
        ValueError: the first is not the one that comes after `tail`.
    """
    if events and events[0].sequence != tail.sequence:
        raise ValueError(f"The chain of events goes on at {tail.sequence}, not at {events[0].sequence}.")
    previous = tail.last_id
    records = []
    for event in events:
        records.append(encode_event(event, previous))
        previous = records[-1][0]
    return records
