"""Alerts to records of the `alerts` topic."""

from __future__ import annotations

from collections.abc import Sequence

from incident_pipeline.alert import Said
from incident_pipeline.chain import Tail
from incident_pipeline.cloudevents import Header, alert_headers
from incident_pipeline.codec import encode, link

Record = tuple[bytes, bytes, list[Header]]
"""(id, value, headers)"""


def encode_alerts(alerts: Sequence[Said], tail: Tail) -> list[Record]:
    """The records that extend the chain of alerts after `tail` by these, which travel in one record batch.

    Raises:
        ValueError: the first is not the one that comes after `tail`: what the log holds already was not left out.
    """
    if alerts and alerts[0].sequence != tail.sequence:
        raise ValueError(f"The chain of alerts goes on at {tail.sequence}, not at {alerts[0].sequence}.")
    previous = tail.last_id
    records = []
    for alert in alerts:
        value = encode(alert)
        record_id = link(previous, value)
        records.append((record_id, value, alert_headers(alert, record_id, previous)))
        previous = record_id
    return records
