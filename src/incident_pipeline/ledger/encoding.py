"""Events to records of the `events` topic, and back."""

from __future__ import annotations

import msgspec

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
