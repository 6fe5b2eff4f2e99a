"""Alerts and events as records: their values, ids and CloudEvents headers."""

from __future__ import annotations

import pytest
from surveillance_world import NW, SOME_RULES, Closed, Count, World, alert_bytes, threshold

from incident_pipeline.alert import Alert, AlertType
from incident_pipeline.chain import Tail
from incident_pipeline.cloudevents import event_headers
from incident_pipeline.codec import GENESIS, canonical
from incident_pipeline.event import DecidedBy, Event, EventType
from incident_pipeline.line import ReportRef
from incident_pipeline.log import LogRecord, follow_chain
from incident_pipeline.surveillance import encode_alerts

REPORT = ReportRef(digest="d" * 64, id="bulletin 3", offset=7, partition=1, published_at_ms=0, source="centre")


def event(
    kind: EventType, report: ReportRef | None = None, day: str | None = None, incident_id: str | None = None
) -> Event:
    return Event(
        day=day,
        decided_by=DecidedBy(rule="test"),
        incident_id=incident_id,
        input=12,
        recorded_at="2020-03-11T18:00:00.000Z",
        report=report,
        rules=SOME_RULES,
        sequence=41,
        step=0,
        steps=1,
        theatre=NW,
        type=kind,
    )


def raised_and_cleared() -> list[Alert]:
    world = World(threshold("day", 5))
    world.put(Count(6))
    world.put(Closed())
    return world.alerts


def test_alerts_are_a_chain_of_their_own_that_every_reader_can_check() -> None:
    tail = Tail()
    for record_id, value, headers in alert_bytes(raised_and_cleared()):
        record = LogRecord("alerts", 0, 0, 0, None, value, headers)
        assert follow_chain([record], tail)[0] == [record]
        tail = tail.extended(record_id, 1, tail.offset + 1)
    assert tail.sequence == 2


def test_an_alert_is_canonical_json() -> None:
    import orjson

    for _, value, _ in alert_bytes(raised_and_cleared()):
        assert canonical(orjson.loads(value)) == value


def test_alerts_that_do_not_follow_the_log_are_refused() -> None:
    _, cleared = raised_and_cleared()
    with pytest.raises(ValueError, match="goes on at 0, not at 1"):
        encode_alerts([cleared], Tail())
    assert encode_alerts([], Tail()) == []


def test_an_alert_carries_cloudevents_headers() -> None:
    alerts = raised_and_cleared()
    (first, _, headers), (second, _, other) = alert_bytes(alerts)
    assert dict(headers) == {
        "ce_causationid": alerts[0].cause.encode(),
        "ce_correlationid": b"centre/r0",
        "ce_dataschema": b"urn:incident-pipeline:schema:alert:v1",
        "ce_id": first.hex().encode(),
        "ce_partitionkey": b"north-west",
        "ce_previous": GENESIS.hex().encode(),
        "ce_recordedtime": b"2020-03-12T00:00:00.000Z",
        "ce_sequence": b"00000000000000000000",
        "ce_source": b"/incident-pipeline/surveillance",
        "ce_specversion": b"1.0",
        "ce_subject": b"day:theatre:north-west:deduplicated:2020-03-11:1",
        "ce_time": b"2020-03-12T00:00:00.000Z",
        "ce_type": b"org.incident-pipeline.alert.raised",
        "content-type": b"application/json",
    }
    assert dict(other)["ce_previous"] == first.hex().encode()
    assert dict(other)["ce_id"] == second.hex().encode()
    assert dict(other)["ce_correlationid"] == alerts[1].cause.encode()


def test_an_event_carries_cloudevents_headers() -> None:
    headers = event_headers(event(EventType.INCIDENT_RECORDED, REPORT, incident_id="1-7-0"), b"\x01" * 32, GENESIS)
    assert dict(headers) == {
        "ce_causationid": b"lines/12",
        "ce_correlationid": b"centre/bulletin 3",
        "ce_dataschema": b"urn:incident-pipeline:schema:event:v1",
        "ce_id": b"01" * 32,
        "ce_partitionkey": b"north-west",
        "ce_previous": b"00" * 32,
        "ce_recordedtime": b"2020-03-11T18:00:00.000Z",
        "ce_sequence": b"00000000000000000041",
        "ce_source": b"/incident-pipeline/ledger",
        "ce_specversion": b"1.0",
        "ce_subject": b"1-7-0",
        "ce_time": b"2020-03-11T18:00:00.000Z",
        "ce_type": b"org.incident-pipeline.incident.recorded",
        "content-type": b"application/json",
    }
    assert len({name for name, _ in headers}) == len(headers)


@pytest.mark.parametrize(
    ("told", "subject", "root"),
    [
        (event(EventType.REPORT_NOTED, REPORT), b"centre/bulletin 3", b"centre/bulletin 3"),
        (event(EventType.DAY_CLOSED, day="2020-03-11"), b"2020-03-11", b"lines/12"),
        (event(EventType.RULES_ADOPTED), b"north-west", b"lines/12"),
    ],
)
def test_an_event_says_what_it_is_about(told: Event, subject: bytes, root: bytes) -> None:
    headers = dict(event_headers(told, b"\x01" * 32, GENESIS))
    assert headers["ce_subject"] == subject
    assert headers["ce_correlationid"] == root


@pytest.mark.parametrize("kind", [*EventType, *AlertType])
def test_every_type_has_its_prefix(kind: EventType | AlertType) -> None:
    from incident_pipeline.cloudevents import _TYPES

    assert _TYPES[kind] == ("ce_type", f"org.incident-pipeline.{kind.value}".encode())
