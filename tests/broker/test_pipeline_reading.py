"""What a worker reads of its topics, and what it says of what it cannot: transactions, deletion, new partitions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from aiokafka.admin import RecordsToDelete
from aiokafka.structs import TopicPartition
from confluent_kafka import Producer
from prometheus_client.parser import text_string_to_metric_families

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
    assert await events_of(world) == 4  # two before, and the two that are left


async def events_of(world: World) -> int:
    async with world.log() as log:
        return sum([await log.end_offset(world.topics.events.name, number) for number in range(4)]) - 1
