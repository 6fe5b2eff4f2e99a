"""Topics that are made anew: the ledger records which they are, and takes nothing of one for a repeat of another."""

from __future__ import annotations

import itertools

from ledger_world import NOON_MS, World, item, refold

from incident_pipeline.chain import Tail
from incident_pipeline.codec import encode
from incident_pipeline.event import EventType
from incident_pipeline.ledger import snapshot
from incident_pipeline.ledger.decide import decide, is_of_another_topic
from incident_pipeline.ledger.stage import LedgerStage
from incident_pipeline.line import LinesRecord, TopicIds, TopicsChange, Understood
from incident_pipeline.log import LogRecord
from incident_pipeline.metrics.names import Skip

FIRST, SECOND = "first-topic", "second-topic"


_moments = itertools.count(NOON_MS)


def change(*anew: str, **topics: str) -> TopicsChange:
    return TopicsChange(anew=anew, now_ms=next(_moments), topics=TopicIds(**topics))


def types(world: World) -> list[str]:
    return [event.type.value for event in world.events]


def test_the_first_report_that_names_its_topic_records_it() -> None:
    world = World()
    world.report("a", item("a"))  # by a version that knew no ids
    world.topic = FIRST
    world.report("a", item("a", minute=900))
    world.report("a", item("a", minute=1_000))
    assert types(world) == [
        "rules.adopted", "incident.recorded", "topics.adopted", "incident.recorded", "incident.recorded",
    ]  # fmt: skip
    assert world.events[2].topics == TopicIds(reports=FIRST)
    assert (world.events[2].step, world.events[3].step, world.events[3].steps) == (0, 1, 2)
    assert world.ledger.topics == TopicIds(reports=FIRST)
    assert refold(world) == world.ledger


def test_a_report_that_was_decided_before_records_nothing() -> None:
    world = World()
    world.report("a", item("a"))
    world.make_reports_anew(FIRST)  # intake writes it again after a crash, and knows the topic's id since
    assert world.report("a", item("a")) == []


def test_reports_of_a_topic_that_was_made_anew_are_decided_from_its_beginning_once_it_is_adopted() -> None:
    world = World()
    world.topic = FIRST
    for number in range(3):
        world.report("a", item("a", minute=600 + 60 * number), report_id=f"r{number}")
    world.make_reports_anew(SECOND)
    assert world.report("a", item("a", minute=1_000), report_id="n0") == []  # not adopted yet
    assert is_of_another_topic(world.ledger, world.inputs[-1])  # type: ignore[arg-type]
    world.take(change(reports=SECOND))
    world.make_reports_anew(SECOND)
    world.report("a", item("a", minute=1_000), report_id="n0")
    world.report("a", item("a", minute=600), report_id="r0")  # sent again: known, whatever its topic
    assert types(world)[-3:] == ["topics.adopted", "incident.recorded", "report.duplicated"]
    assert world.total()[0] == 4
    assert refold(world) == world.ledger


def test_incidents_of_two_topics_have_ids_of_their_own() -> None:
    world = World()
    world.topic = FIRST
    world.report("a", item("a", minute=600))
    world.take(change(reports=SECOND))
    world.make_reports_anew(SECOND)
    world.report("a", item("a", minute=900), report_id="n0")
    ids = [event.incident_id for event in world.events if event.type is EventType.INCIDENT_RECORDED]
    assert ids == ["0-0-2", "1.0-0-0"]
    assert world.events[-1].report is not None
    assert world.events[-1].report.generation == 1


def test_a_late_copy_of_the_old_topic_neither_counts_nor_hides_the_new_one() -> None:
    world = World()
    world.topic = FIRST
    world.report("a", item("a", minute=600))
    old = world.inputs[-1]
    assert isinstance(old, Understood)
    world.take(change(reports=SECOND))
    stage = LedgerStage(world.book)
    records = [*world.inputs, old]
    decided = stage.decide([as_read(offset, record) for offset, record in enumerate(records)], Tail())
    assert decided.skipped[Skip.OTHER_TOPIC] == 1
    world.make_reports_anew(SECOND)
    assert [event.type for event in world.report("a", item("a", minute=900), report_id="n0")] == [
        EventType.INCIDENT_RECORDED
    ]


def test_a_lines_topic_that_was_made_anew_goes_on_at_its_own_record() -> None:
    world = World()
    world.topic = FIRST
    for number in range(5):
        world.report("a", item("a", minute=600 + 60 * number))
    world.take(change(lines="old-lines", events="e", alerts="a"))
    assert world.ledger.last_input == 5
    ours = change(lines="new-lines", events="e", alerts="a")
    (event,) = decide(world.ledger, 0, ours, world.book)  # offset 0 of another topic: no repeat
    assert (event.type, event.input) == (EventType.TOPICS_ADOPTED, 0)
    assert world.ledger.last_input == 0
    assert decide(world.ledger, 0, ours, world.book) == []
    world.events.append(event)
    assert refold(world) == world.ledger


def test_topics_that_are_in_force_need_no_decision() -> None:
    world = World()
    assert world.take(change(lines="l")) == []  # nothing is decided yet that could hang on them
    world.topic = FIRST
    world.report("a", item("a"))
    assert len(world.take(change(lines="l", reports=FIRST))) == 1
    assert world.take(change(lines="l")) == []
    assert world.take(change()) == []


def test_a_snapshot_knows_the_topics() -> None:
    world = World()
    world.topic = FIRST
    world.report("a", item("a"))
    world.take(change(reports=SECOND, lines="l"))
    assert snapshot.from_bytes(snapshot.to_bytes(world.ledger)) == world.ledger


def as_read(offset: int, record: LinesRecord) -> LogRecord:
    return LogRecord("lines", 0, offset, NOON_MS, None, encode(record))


def test_reports_that_lost_their_end_are_decided_again_under_the_same_id_where_a_person_says_so() -> None:
    world = World()
    world.topic = FIRST
    for number in range(3):
        world.report("a", item("a", minute=600 + 60 * number), report_id=f"r{number}")
    lost = change("reports", reports=FIRST)
    world.take(lost)
    world.make_reports_anew(FIRST)
    world.report("a", item("a", minute=600), report_id="r0")
    world.report("a", item("a", minute=1_000), report_id="n1")  # at the offset of one that was lost
    assert types(world)[-3:] == ["topics.adopted", "report.duplicated", "incident.recorded"]
    assert world.take(lost) == []  # delivered again
    assert refold(world) == world.ledger


def test_a_lines_topic_that_was_made_anew_is_adopted_also_where_the_old_one_was_not_recorded_yet() -> None:
    world = World()
    world.topic = FIRST
    for number in range(5):
        world.report("a", item("a", minute=600 + 60 * number))
    (event,) = decide(world.ledger, 0, change(lines="new-lines", reports=FIRST), world.book)
    assert (event.type, world.ledger.last_input) == (EventType.TOPICS_ADOPTED, 0)
