"""What a worker reads of its topics, and what it says of what it cannot: transactions, deletion, new partitions."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import msgspec
import pytest
from aiokafka.admin import NewPartitions, RecordsToDelete
from aiokafka.structs import TopicPartition
from confluent_kafka import Producer
from prometheus_client.parser import text_string_to_metric_families

from incident_pipeline.demo.outcome import Outcome, read_outcome
from incident_pipeline.event import EventType
from incident_pipeline.ledger.encoding import decode_event, encode_event
from incident_pipeline.log import read_chain
from incident_pipeline.log.admin import delete_topics
from incident_pipeline.log.kafka import open_admin

if TYPE_CHECKING:
    from pipeline_world import Worker, World

pytestmark = pytest.mark.broker

SOURCE = b"sample-centre"
DAY = "2020-05-05"


def report(number: int) -> bytes:
    """One violation, at a place that no other report of these tests has at that minute."""
    violation = {"type": "mortar", "group": "HTS", "place": "Saraqib", "count": 1}
    at = f"{DAY}T{number:02d}:00:00Z"
    return json.dumps(
        {"source": SOURCE.decode(), "report_id": f"r{number}", "occurred_at": at, "violations": [violation]}
    ).encode()


def transaction(world: World, name: str, numbers: range) -> Producer:
    """Send reports in a transaction, and leave it open."""
    producer = Producer(
        {
            "bootstrap.servers": world.bootstrap_servers,
            "transactional.id": world.prefix + name,
            "partitioner": "murmur2",
        }
    )
    producer.init_transactions(20)
    producer.begin_transaction()
    for number in numbers:
        producer.produce(world.topics.reports.name, report(number), SOURCE)
    assert producer.flush(20) == 0
    return producer


def samples(worker: Worker, name: str, **labels: str) -> list[float]:
    """The values that the worker exposes under these labels."""
    return [
        one.value
        for family in text_string_to_metric_families(worker.get("/metrics")[1])
        for one in family.samples
        if one.name == f"incident_pipeline_{name}" and labels.items() <= one.labels.items()
    ]


async def counted(world: World) -> dict[tuple[str, str], int]:
    audit = await world.audit()
    return audit.counts


async def test_only_committed_transactions_count_and_their_markers_leave_no_lag(world: World) -> None:
    worker = world.start_worker(tick_seconds=1)
    await world.until(lambda: worker.get("/readyz")[0] == 200, "the worker being ready")
    transaction(world, "committed", range(2)).commit_transaction(20)
    transaction(world, "aborted", range(2, 5)).abort_transaction(20)
    await world.until_finished()
    still_open = transaction(world, "open", range(5, 7))
    world.send([(SOURCE, report(7))])  # behind the open one: it waits with it
    await world.until_finished()
    assert await counted(world) == {("north-west", DAY): 2}
    assert worker.get("/readyz")[0] == 200
    waiting = {"topic": world.topics.reports.name}
    await world.until(lambda: 3 in samples(worker, "partition_uncommitted_records", **waiting), "what waits being told")
    still_open.commit_transaction(20)
    await world.until_finished()
    assert await counted(world) == {("north-west", DAY): 5}
    transaction(world, "last", range(8, 9)).abort_transaction(20)  # the partition ends with records that never count
    await world.until_finished()
    assert await worker.stop() == 0

    again = world.start_worker(tick_seconds=1)  # a marker at the end is passed after a restart as well
    await world.until(lambda: again.get("/readyz")[0] == 200, "the worker being ready again")
    await world.until_finished()
    lags = samples(again, "partition_lag_records")
    assert lags
    assert not any(lags)
    assert samples(again, "deleted_unread_offsets_total", topic=world.topics.reports.name) == [0]
    assert await counted(world) == {("north-west", DAY): 5}


async def test_reports_deleted_before_they_were_read_are_named_counted_and_the_others_read(world: World) -> None:
    worker = world.start_worker()
    world.send([(SOURCE, report(0)), (SOURCE, report(1))])
    await world.until(lambda: worker.get("/readyz")[0] == 200, "the worker being ready")
    await world.until_finished()
    assert await worker.stop() == 0
    world.send([(SOURCE, report(number)) for number in range(2, 6)])
    name = world.topics.reports.name
    async with world.log() as log, open_admin(world.bootstrap_servers) as admin:
        (partition,) = [number for number in range(4) if await log.end_offset(name, number)]
        await admin.delete_records({TopicPartition(name, partition): RecordsToDelete(4)})

    again = world.start_worker()
    await world.until_finished()
    (said,) = again.logged("records.deleted_unread")
    assert (said["level"], said["topic"], said["partition"]) == ("error", name, partition)
    assert (said["first_offset"], said["last_offset"]) == (2, 3)
    await world.until(lambda: again.get("/readyz")[0] == 200, "the worker being ready again")
    assert samples(again, "deleted_unread_offsets_total", topic=name) == [2]
    assert (await outcome_of(world)).deduplicated == 4  # two before, and the two that are left


async def outcome_of(world: World) -> Outcome:
    async with world.log() as log:
        return await read_outcome(log, world.topics)


async def make_anew(world: World, *names: str) -> None:
    """Delete topics with all that is in them, and make them again."""
    await delete_topics(world.bootstrap_servers, names)
    async with world.log() as log:
        while await log.layouts(names):  # noqa: ASYNC110 - Kafka tells nobody when it is done
            await asyncio.sleep(0.1)
    await world.make_topics()


async def adopt(world: World) -> subprocess.CompletedProcess[str]:
    return await command(world, "topics", "adopt", "--yes")


def reasons(worker: Worker) -> set[str]:
    status, body = worker.get("/readyz")
    return {reason["reason"] for reason in json.loads(body)["reasons"]} if status == 503 else set()


async def test_reports_made_anew_are_held_until_they_are_adopted_and_then_all_counted(world: World) -> None:
    worker = world.start_worker()
    world.send([(SOURCE, report(number)) for number in range(3)])
    await world.until(lambda: worker.get("/readyz")[0] == 200, "the worker being ready")
    await world.until_finished()
    assert await worker.stop() == 0
    await make_anew(world, world.topics.reports.name)
    world.send([(SOURCE, report(number)) for number in range(2, 8)])  # one is sent again

    held = world.start_worker()
    await world.until(lambda: "topic_replaced" in reasons(held), "the worker saying what it holds")
    said = [one["detail"] for one in json.loads(held.get("/readyz")[1])["reasons"] if one["reason"] == "topic_replaced"]
    assert all("reports (was " in detail and "incident-pipeline topics adopt" in detail for detail in said)
    refused = await adopt(world)
    assert refused.returncode == 1
    assert "Stop all of them" in refused.stderr
    assert (await outcome_of(world)).deduplicated == 3  # nothing is decided
    assert await held.stop() == 0

    adopted = await adopt(world)
    assert adopted.returncode == 0, adopted.stderr
    assert "made anew" in adopted.stdout
    again = world.start_worker()
    await world.until(lambda: again.get("/readyz")[0] == 200, "the worker being ready again")
    await world.until_finished()
    outcome = await outcome_of(world)
    assert outcome.deduplicated == 8
    assert outcome.happened(EventType.REPORT_DUPLICATED) == 1
    assert await again.stop() == 0


async def test_a_topic_that_is_made_anew_under_a_running_worker_stops_it_deciding(world: World) -> None:
    worker = world.start_worker()
    world.send([(SOURCE, report(number)) for number in range(3)])
    await world.until(lambda: worker.get("/readyz")[0] == 200, "the worker being ready")
    await world.until_finished()
    await make_anew(world, world.topics.reports.name)
    await world.until(lambda: "topic_replaced" in reasons(worker), "the worker saying what it holds")
    world.send([(SOURCE, report(number)) for number in range(3, 5)])
    assert await worker.stop() == 0
    assert (await adopt(world)).returncode == 0
    again = world.start_worker()
    await world.until(lambda: again.get("/readyz")[0] == 200, "the worker being ready again")
    await world.until_finished()
    assert (await outcome_of(world)).deduplicated == 5


async def test_logs_made_anew_under_an_old_snapshot_are_held_and_written_again_once_adopted(world: World) -> None:
    worker = world.start_worker()
    sent = world.send([(SOURCE, report(number)) for number in range(8)])
    await world.until(lambda: worker.get("/readyz")[0] == 200, "the worker being ready")
    await world.until_finished()
    assert await worker.stop() == 0
    for names in ((world.topics.lines.name,), (world.topics.events.name, world.topics.alerts.name)):
        await make_anew(world, *names)
        sent += world.send([(SOURCE, report(sent))])
        held = world.start_worker()
        await world.until(lambda held=held: "topic_replaced" in reasons(held), f"{names} being held")  # type: ignore[misc]
        assert await held.stop() == 0
        assert (await adopt(world)).returncode == 0
        again = world.start_worker()
        await world.until(lambda again=again: again.get("/readyz")[0] == 200, "the worker being ready")  # type: ignore[misc]
        await world.until_finished()
        outcome = await outcome_of(world)
        assert outcome.deduplicated == sent
        assert outcome.holding()
        assert await again.stop() == 0


async def grow(world: World, name: str, partitions: int) -> None:
    async with open_admin(world.bootstrap_servers) as admin:
        await admin.create_partitions({name: NewPartitions(partitions)})


async def test_partitions_added_to_reports_are_read_within_a_minute_and_those_of_lines_are_told(world: World) -> None:
    worker = world.start_worker()
    reports = world.topics.reports.name
    await world.until(lambda: worker.get("/readyz")[0] == 200, "the worker being ready")
    await grow(world, reports, 6)
    numbers = range(12)
    producer = Producer({"bootstrap.servers": world.bootstrap_servers})
    for number in numbers:
        producer.produce(reports, report(number), SOURCE, partition=number % 6)
    assert producer.flush(20) == 0
    began = time.monotonic()
    await world.until(
        lambda: samples(worker, "partition_position", topic=reports) == [2] * 6, "the new partitions being read", 60
    )
    assert time.monotonic() - began < 60
    await world.until_finished()
    assert await counted(world) == {("north-west", DAY): len(numbers)}
    await world.until(lambda: worker.get("/readyz")[0] == 200, "the worker being ready again")
    another = world.start_worker()
    await world.until(lambda: another.get("/readyz")[0] == 200, "another worker being ready")
    assert await another.stop() == 0

    await grow(world, world.topics.lines.name, 5)
    await world.until(lambda: "partitions_added" in reasons(worker), "the worker telling of partitions of lines")
    assert "incident-pipeline topics adopt" in worker.get("/readyz")[1]
    world.send([(SOURCE, report(12))])  # what may go on goes on
    await world.until_finished()
    assert (await outcome_of(world)).deduplicated == len(numbers) + 1
    assert await worker.stop() == 0


async def forge(world: World) -> str:
    """Continue the chain as anybody can who may write to `events`: forty violations more. Return the record's id."""
    name = world.topics.events.name
    async with world.log() as log:
        for partition in range(4):
            async for records, tail in read_chain(log, name, partition):
                events = [decode_event(record.value or b"") for record in records]
                end, where = tail, partition
    counted = [event for event in events if event.changes][-1]
    more = [(each, each.deduplicated[1]) for each in counted.changes]
    changes = tuple(msgspec.structs.replace(each, deduplicated=(now, now + 40)) for each, now in more)
    event = msgspec.structs.replace(counted, sequence=end.sequence, input=events[-1].input, changes=changes)
    record_id, value, headers = encode_event(event, end.last_id)
    producer = Producer({"bootstrap.servers": world.bootstrap_servers})
    producer.produce(name, value, b"north-west", partition=where, headers=list(headers))
    assert producer.flush(20) == 0
    return record_id.hex()


async def command(world: World, *words: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "incident_pipeline.cli", *words]
    return await asyncio.to_thread(
        subprocess.run, line, env=world.environment(), capture_output=True, check=False, cwd=world.directory, text=True
    )


async def test_a_record_that_continues_the_chain_wrongly_is_named_by_all_and_can_be_voided(world: World) -> None:
    worker = world.start_worker()
    world.send([(SOURCE, report(number)) for number in range(3)])
    await world.until(lambda: worker.get("/readyz")[0] == 200, "the worker being ready")
    await world.until_finished()
    assert await worker.stop() == 0
    record_id = await forge(world)

    again = world.start_worker()
    await world.until(lambda: "record_refused" in reasons(again), "the worker naming the record")
    assert f"incident-pipeline void {record_id}" in again.get("/readyz")[1]
    for reader in ("counts", "alerts"):
        shown = await command(world, reader)
        assert shown.returncode == 0
        assert "Warning: " in shown.stderr
        assert record_id in shown.stderr
    assert "43" in (await command(world, "counts")).stdout
    assert (await command(world, "void", "0" * 64, "--yes")).returncode == 1

    voided = await command(world, "void", record_id, "--yes")
    assert voided.returncode == 0, voided.stderr
    world.send([(SOURCE, report(3))])
    await world.until(lambda: again.get("/readyz")[0] == 200, "the worker going on")
    await world.until_finished()
    counts = await command(world, "counts", "--json")
    assert counts.stderr == ""
    assert [json.loads(line)["deduplicated"] for line in counts.stdout.splitlines()] == [4]
    assert await again.stop() == 0
