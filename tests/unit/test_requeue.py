"""Which letters are sent again, and how that is known from the log alone."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from incident_pipeline.codec import time_ms
from incident_pipeline.dead_letter import (
    REQUEUE_OF,
    Origin,
    dead_letter,
    read_dead_letter,
    read_requeued,
    requeue_of,
    requeued_headers,
)
from incident_pipeline.log import LogRecord, MemoryLog, NewRecord
from incident_pipeline.origins import Origins
from incident_pipeline.projection.letter_groups import OTHER_SOURCES, LetterGroups
from incident_pipeline.rejection import Reason, Rejection
from incident_pipeline.requeue import Requeue, Selection, sent_again
from incident_pipeline.topics import load_topics

if TYPE_CHECKING:
    from collections.abc import Sequence

TOPICS = load_topics()
NO_DATE = Rejection(Reason.NO_DATE, "no date at $")
MARCH_12_MS = 1_583_971_200_000
DAY_MS = 86_400_000
EVERYTHING = Selection()


def report(offset: int, source: str = "desk", *, day: int = 0, partition: int = 2, again: Origin | None = None) -> Any:
    headers = [] if again is None else [(REQUEUE_OF, again.reference.encode())]
    value = b'{"n": %d}' % offset
    return LogRecord("reports", partition, offset, MARCH_12_MS + day * DAY_MS, source.encode(), value, headers)


class Sent:
    """A sender that keeps what it is given."""

    def __init__(self, most: int = 1 << 30) -> None:
        self.records: list[tuple[Any, ...]] = []
        self.most = most

    def fits(self, value: bytes) -> bool:
        return len(value) <= self.most

    async def send(self, key: Any, value: Any, *, partition: int | None, headers: Sequence[tuple[str, bytes]]) -> None:
        self.records.append((partition, key, value, dict(headers)))


class Cluster:
    """The topics of letters and reports, in memory."""

    def __init__(self) -> None:
        self.log = MemoryLog()
        for topic in TOPICS:
            self.log.create(topic.name, topic.partitions)

    def write(self, record: LogRecord, topic: str = "dead-letters", partition: int = 0) -> None:
        new = NewRecord(record.value, record.key, record.headers, record.timestamp_ms)
        self.log.append(topic, partition, [new])

    def reject(self, record: LogRecord, rejection: Rejection = NO_DATE) -> None:
        self.write(dead_letter(rejection, record))

    def accept(self, record: LogRecord, first: Origin) -> None:
        self.write(LogRecord("", 0, 0, record.timestamp_ms, record.key, None, requeued_headers(record, first)))

    async def requeue(self, selection: Selection = EVERYTHING, *, force: bool = False, **sender: int) -> Any:
        """Send letters again; give the run and what was sent."""
        known = Origins() if force else await sent_again(self.log, TOPICS, {})
        run, sent = Requeue(selection, TOPICS, known), Sent(**sender)
        await run.run(self.log, sent)
        return run, sent.records


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


async def test_a_record_goes_again_as_it_was_where_it_was_with_the_name_of_its_letter(cluster: Cluster) -> None:
    cluster.reject(report(17))
    run, sent = await cluster.requeue()
    assert sent == [(2, b"desk", b'{"n": 17}', {REQUEUE_OF: b"reports/2/17@1583971200000"})]
    assert run.sent == 1


async def test_a_letter_that_was_written_twice_is_sent_once_and_all_in_their_order(cluster: Cluster) -> None:
    for offset in (3, 4, 5, 3, 4, 5, 6):
        cluster.reject(report(offset))
    _, sent = await cluster.requeue(force=True)
    assert [value for _, _, value, _ in sent] == [b'{"n": %d}' % offset for offset in (3, 4, 5, 6)]


@pytest.mark.parametrize("outcome", ["waits in reports", "was used", "was refused again"])
async def test_what_was_sent_again_is_not_sent_a_second_time_unless_forced(cluster: Cluster, outcome: str) -> None:
    first = Origin("reports", 2, 3, MARCH_12_MS)
    cluster.reject(report(3))
    cluster.reject(report(4))
    again = report(520, again=first)
    if outcome == "waits in reports":
        cluster.write(again, "reports", 2)
    elif outcome == "was used":
        cluster.accept(again, first)
    else:
        cluster.reject(again)
    run, sent = await cluster.requeue()
    refused = [b'{"n": 520}'] if outcome == "was refused again" else []  # a letter of its own, to be sent for a second
    assert [value for _, _, value, _ in sent] == [b'{"n": 4}', *refused]
    assert run.left_sent_earlier == 1
    _, forced = await cluster.requeue(force=True)
    assert forced[0][3] == {REQUEUE_OF: b"reports/2/3@1583971200000"}


async def test_a_requeue_that_is_broken_off_goes_on_where_it_was(cluster: Cluster) -> None:
    for offset in range(5):
        cluster.reject(report(offset))

    class BreaksOff(Sent):
        async def send(self, key: Any, value: Any, **options: Any) -> None:
            if len(self.records) == 3:
                raise KeyboardInterrupt
            await super().send(key, value, **options)
            record = LogRecord("", 0, 0, MARCH_12_MS, key, value, options["headers"])
            cluster.write(record, "reports", options["partition"])

    with pytest.raises(KeyboardInterrupt):
        await Requeue(EVERYTHING, TOPICS, await sent_again(cluster.log, TOPICS, {})).run(cluster.log, BreaksOff())
    run, sent = await cluster.requeue()
    assert [value for _, _, value, _ in sent] == [b'{"n": 3}', b'{"n": 4}']
    assert run.left_sent_earlier == 3


async def test_only_what_intake_has_not_answered_is_looked_for_in_reports(cluster: Cluster) -> None:
    cluster.write(report(0, again=Origin("reports", 2, 3)), "reports", 2)
    cluster.write(report(1, again=Origin("reports", 2, 4)), "reports", 2)
    known = await sent_again(cluster.log, TOPICS, {2: 1})
    assert Origin("reports", 2, 3) not in known
    assert Origin("reports", 2, 4) in known


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(), {1, 2, 3, 4}),
        (Selection(sources=frozenset({"desk"})), {1, 2, 3}),
        (Selection(reasons=frozenset({Reason.NOT_JSON})), {2}),
        (Selection(sources=frozenset({"centre"}), reasons=frozenset({Reason.NOT_JSON})), set()),
        (Selection(origins=frozenset({Origin("reports", 2, 3)})), {3}),
        (Selection(recorded_from_ms=MARCH_12_MS + DAY_MS), {3, 4}),
        (Selection(recorded_from_ms=MARCH_12_MS, recorded_before_ms=MARCH_12_MS + DAY_MS), {1, 2}),
    ],
)
async def test_letters_are_chosen_by_source_reason_time_and_origin(
    cluster: Cluster, selection: Selection, expected: set[int]
) -> None:
    cluster.reject(report(1))
    cluster.reject(report(2), Rejection(Reason.NOT_JSON, "broken"))
    cluster.reject(report(3, day=1))
    cluster.reject(report(4, "centre", day=1))
    _, sent = await cluster.requeue(selection)
    assert {int(headers[REQUEUE_OF].rpartition(b"/")[2].partition(b"@")[0]) for _, _, _, headers in sent} == expected


async def test_what_is_too_large_to_be_sent_is_left_and_told(cluster: Cluster) -> None:
    whole = report(7)
    cluster.reject(LogRecord("reports", 2, 6, MARCH_12_MS, b"desk", b"x" * 5_000_000))
    cluster.reject(whole)
    run, sent = await cluster.requeue()
    assert [value for _, _, value, _ in sent] == [whole.value]
    assert (run.left_too_large, run.first_too_large) == (1, Origin("reports", 2, 6, MARCH_12_MS))
    run, sent = await cluster.requeue(most=3, force=True)
    assert (run.left_too_large, sent) == (2, [])


async def test_without_a_sender_nothing_is_sent_and_all_is_counted(cluster: Cluster) -> None:
    cluster.reject(report(1))
    cluster.reject(report(2, "centre"))
    run = Requeue(Selection(), TOPICS, Origins())
    await run.run(cluster.log, None)
    assert run.sent == 2
    assert {(group.source, group.letters) for group in run.groups.by_number()} == {("desk", 1), ("centre", 1)}


async def test_a_letter_of_somebody_else_s_topic_is_left(cluster: Cluster) -> None:
    cluster.reject(LogRecord("elsewhere", 0, 1, MARCH_12_MS, b"desk", b"{}"))
    _, sent = await cluster.requeue()
    assert not sent


@pytest.mark.parametrize("anew_is_sent", [False, True])
async def test_a_topic_made_anew_has_letters_of_its_own_at_the_same_offsets(
    cluster: Cluster, *, anew_is_sent: bool
) -> None:
    old, anew = report(3), report(3, day=1)
    cluster.reject(old)
    cluster.reject(anew)
    cluster.reject(anew)  # written again after a crash
    sent_first = Origin("reports", 2, 3, (anew if anew_is_sent else old).timestamp_ms)
    cluster.accept(report(520, day=2), sent_first)
    run, sent = await cluster.requeue()
    assert [headers[REQUEUE_OF] for _, _, _, headers in sent] == [
        b"reports/2/3@%d" % (old if anew_is_sent else anew).timestamp_ms
    ]
    assert run.left_sent_earlier == 1


async def test_a_letter_that_is_named_without_a_time_is_meant_whenever_it_came(cluster: Cluster) -> None:
    cluster.reject(report(3))
    cluster.write(report(0, again=Origin("reports", 2, 3)), "reports", 2)
    run, sent = await cluster.requeue()
    assert (sent, run.left_sent_earlier) == ([], 1)


def test_a_refused_second_attempt_and_a_used_one_name_the_first() -> None:
    first = Origin("reports", 2, 3, MARCH_12_MS)
    again = report(520, again=first)
    letter = read_dead_letter(dead_letter(NO_DATE, again))
    assert letter is not None
    assert letter.requeue_of == first
    mark = LogRecord("dead-letters", 0, 0, 0, b"desk", None, requeued_headers(again, first))
    read = read_requeued(mark)
    assert read is not None
    assert (read.origin, read.requeue_of) == (Origin("reports", 2, 520, MARCH_12_MS), first)
    assert read_dead_letter(mark) is None
    assert read_requeued(dead_letter(NO_DATE, again)) is None
    assert read_requeued(dead_letter(NO_DATE, LogRecord("reports", 2, 9, 0, None, None, again.headers))) is None


@pytest.mark.parametrize(
    "named",
    [
        *(b"", b"reports/2", b"reports/2/x", b"other/2/17", b"reports//17", b"\xff/2/1"),
        *(b"reports/2/" + b"9" * 400, b"reports/2/17@", b"reports/2/17@x", b"reports/2/17@" + b"9" * 400),
        "reports/2/\N{ARABIC-INDIC DIGIT ONE}".encode(),
    ],
)
def test_a_header_that_names_no_origin_is_a_producer_s_own_affair(named: bytes) -> None:
    assert requeue_of([("trace", b"1"), (REQUEUE_OF, named)], "reports") is None


def test_origins_are_known_in_whatever_order_they_come() -> None:
    origins = Origins()
    assert [origins.add(Origin("reports", 0, offset)) for offset in (5, 9, 7, 5, 7, 1, 10)] == [
        *(True, True, True, False, False, True, True)
    ]
    assert origins.add(Origin("reports", 1, 5))
    assert Origin("reports", 0, 7) in origins
    assert Origin("reports", 0, 8) not in origins
    assert Origin("other", 0, 7) not in origins
    assert len(origins) == 6


def test_a_million_letters_take_a_few_megabytes() -> None:
    """Measured at 100,000, of 1,000 sources, and what it comes to for ten times as many."""
    letters = [read_dead_letter(dead_letter(NO_DATE, report(n, f"desk {n}"))) for n in range(1_000)]
    tracemalloc.start()
    origins, groups = Origins(), LetterGroups()
    for n in range(100_000):
        origins.add(Origin("reports", 2, n))
        letter = letters[n % 1_000]
        assert letter is not None
        groups.add(letter, sent_again=n % 2 == 0)
    taken_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert groups.letters == 100_000
    assert taken_bytes < 2_000_000


def test_groups_are_those_of_source_and_reason_with_the_newest_of_each() -> None:
    groups = LetterGroups()
    for offset, day in ((1, 2), (2, 5), (3, 3)):
        letter = read_dead_letter(dead_letter(NO_DATE, report(offset, day=day)))
        assert letter is not None
        groups.add(letter, sent_again=offset == 1)
    (group,) = groups.by_number()
    assert (group.source, group.reason, group.letters, group.sent_again) == ("desk", Reason.NO_DATE, 3, 1)
    assert (time_ms(group.first_at), time_ms(group.last_at)) == (MARCH_12_MS + 2 * DAY_MS, MARCH_12_MS + 5 * DAY_MS)
    assert str(group.last_origin) == "reports/2/3"


def test_groups_beyond_the_bound_are_one() -> None:
    groups = LetterGroups(at_most=3)
    for n in range(10):
        letter = read_dead_letter(dead_letter(NO_DATE, report(n, f"desk {n}")))
        assert letter is not None
        groups.add(letter)
    first = groups.by_number()[0]
    assert (first.source, first.letters) == (OTHER_SOURCES, 7)
    assert groups.letters == 10
