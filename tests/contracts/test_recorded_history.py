"""What earlier versions published: this one decides it alike, goes on from it, and reads the rules of then."""

from __future__ import annotations

import pytest
from recorded_history import RECORDED, History, as_read

from incident_pipeline.alert import AlertType
from incident_pipeline.chain import Tail
from incident_pipeline.cloudevents import TYPE_PREFIX
from incident_pipeline.event import EventType
from incident_pipeline.ledger.encoding import decode_event
from incident_pipeline.log import LogRecord, follow_chain
from incident_pipeline.topics import load_topics

VERSIONS = sorted(path.name for path in RECORDED.iterdir())


@pytest.fixture(params=VERSIONS)
def recorded(request: pytest.FixtureRequest) -> History:
    return History.load(request.param)


def test_a_history_of_before_is_decided_again_byte_for_byte(recorded: History) -> None:
    assert recorded.decided() == recorded


def test_its_events_and_alerts_extend_their_chains(recorded: History) -> None:
    for records in (recorded.events, recorded.alerts):
        counting, tail = follow_chain(as_read(records), Tail())
        assert len(counting) == tail.sequence == len(records)


def test_its_events_fold_to_the_state_that_its_lines_leave(recorded: History) -> None:
    decided, folded = recorded.ledger(), recorded.ledger()
    decided.decide(as_read(recorded.lines), Tail())
    topic = load_topics().events.name
    for each in as_read(recorded.events):
        folded.fold(LogRecord(topic, 0, each.offset, each.timestamp, None, each.value, each.headers))
    assert folded.save() == decided.save()


def test_its_rules_are_read_and_known_by_their_bytes(recorded: History) -> None:
    assert list(recorded.rules_by_hash) == [each.key for each in recorded.rules]
    named = {decode_event(each.value.encode()).rules for each in recorded.events}
    assert named == recorded.rules_by_hash.keys()


def test_it_holds_what_the_project_is_about(recorded: History) -> None:
    decided = {dict(each.headers)["ce_type"].removeprefix(TYPE_PREFIX) for each in recorded.events}
    rare = {EventType.REPORT_NOTED, EventType.INCIDENT_MERGED, EventType.INCIDENT_SPLIT, EventType.INCIDENT_TOLD_AGAIN}
    since = {EventType.TOPICS_ADOPTED, EventType.EVENT_VOIDED}
    assert decided >= set(EventType) - rare - since
    said = {dict(each.headers)["ce_type"].removeprefix(TYPE_PREFIX) for each in recorded.alerts}
    assert said >= {AlertType.RAISED, AlertType.CLEARED}
