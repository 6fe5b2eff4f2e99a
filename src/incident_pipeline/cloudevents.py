"""CloudEvents 1.0 in Kafka binary mode: the headers of `events` and `alerts`. The value is the data, canonical JSON.

| header | what it holds |
|---|---|
| `ce_specversion` | `1.0` |
| `ce_id` | id of the record: SHA-256 of its predecessor's id and its value, hex |
| `ce_previous` | id of its predecessor in the chain, hex; 64 zeros for the first |
| `ce_sequence` | position in the chain, 20 digits, so that it sorts as text |
| `ce_source` | who decided: `/incident-pipeline/ledger` or `/incident-pipeline/surveillance` |
| `ce_type` | `org.incident-pipeline.` and the record's own `type` |
| `ce_time`, `ce_recordedtime` | `recorded_at`: when the cause was appended. The day it is about stands in the value |
| `ce_subject` | what it is about: incident, else report, else day, else theatre; of an alert (rule) its id |
| `ce_dataschema` | the contract of the value |
| `ce_correlationid` | the report at the root of it, `source/id`; where time or rules are, the cause |
| `ce_causationid` | of an event `lines/<offset>` in the partition of the same number; of an alert the event's id |
| `ce_partitionkey` | theatre: the key of the record |
| `content-type` | `application/json` |

All of it follows from the record and its predecessor, so a record written twice has the same headers twice.
"""

from __future__ import annotations

from binascii import hexlify
from functools import lru_cache

from incident_pipeline.alert import Alert, AlertType, RuleNoticeType, Said
from incident_pipeline.event import Event, EventType

Header = tuple[str, bytes]

TYPE_PREFIX = "org.incident-pipeline."
EVENT_SOURCE = "/incident-pipeline/ledger"
ALERT_SOURCE = "/incident-pipeline/surveillance"
EVENT_SCHEMA = "urn:incident-pipeline:schema:event:v1"
ALERT_SCHEMA = "urn:incident-pipeline:schema:alert:v1"
RULE_NOTICE_SCHEMA = "urn:incident-pipeline:schema:alert-rule:v1"

_CONTENT_TYPE: Header = ("content-type", b"application/json")
_SPEC_VERSION: Header = ("ce_specversion", b"1.0")


def _constant(source: str, schema: str) -> tuple[Header, Header, Header, Header]:
    return _SPEC_VERSION, ("ce_source", source.encode()), ("ce_dataschema", schema.encode()), _CONTENT_TYPE


_OF_EVENT = _constant(EVENT_SOURCE, EVENT_SCHEMA)
_OF_ALERT = _constant(ALERT_SOURCE, ALERT_SCHEMA)
_OF_RULE_NOTICE = _constant(ALERT_SOURCE, RULE_NOTICE_SCHEMA)
_TYPES: dict[EventType | AlertType | RuleNoticeType, Header] = {
    kind: ("ce_type", (TYPE_PREFIX + kind.value).encode()) for kind in (*EventType, *AlertType, *RuleNoticeType)
}


@lru_cache(maxsize=64)
def _times(recorded_at: str) -> tuple[Header, Header]:
    """All records of one input, and most of one batch, share them."""
    moment = recorded_at.encode()
    return ("ce_time", moment), ("ce_recordedtime", moment)


@lru_cache(maxsize=1_024)
def partition_key(theatre: str) -> Header:
    """The header that repeats the record's key; its value is that key."""
    return ("ce_partitionkey", theatre.encode())


def event_headers(event: Event, record_id: bytes, previous: bytes) -> list[Header]:
    """Headers of a record of `events`; ids as 32 bytes."""
    report = event.report
    cause = b"lines/%d" % event.input
    if report is None:
        root, name = cause, event.day or event.theatre
    else:
        name = f"{report.source}/{report.id}"
        root = name.encode()
    time, recorded = _times(event.recorded_at)
    version, source, schema, content = _OF_EVENT
    return [
        ("ce_id", hexlify(record_id)),
        ("ce_previous", hexlify(previous)),
        ("ce_sequence", b"%020d" % event.sequence),
        version,
        source,
        _TYPES[event.type],
        time,
        recorded,
        ("ce_subject", (event.incident_id or name).encode()),
        schema,
        ("ce_correlationid", root),
        ("ce_causationid", cause),
        partition_key(event.theatre),
        content,
    ]


def alert_headers(alert: Said, record_id: bytes, previous: bytes) -> list[Header]:
    """Headers of a record of `alerts`; ids as 32 bytes."""
    time, recorded = _times(alert.recorded_at)
    if isinstance(alert, Alert):
        subject, root = alert.alert_id, alert.report or alert.cause
        version, source, schema, content = _OF_ALERT
    else:
        subject, root = alert.rule, alert.cause
        version, source, schema, content = _OF_RULE_NOTICE
    return [
        ("ce_id", hexlify(record_id)),
        ("ce_previous", hexlify(previous)),
        ("ce_sequence", b"%020d" % alert.sequence),
        version,
        source,
        _TYPES[alert.type],
        time,
        recorded,
        ("ce_subject", subject.encode()),
        schema,
        ("ce_correlationid", root.encode()),
        ("ce_causationid", alert.cause.encode()),
        partition_key(alert.theatre),
        content,
    ]
