"""One producer that is broken, among others that are not: whatever it sends, the others are counted."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from confluent_kafka import Producer

from incident_pipeline.dead_letter import read_dead_letter
from incident_pipeline.demo.outcome import read_outcome
from incident_pipeline.limits import DEAD_LETTER_BYTES, UNUSABLE_PER_SOURCE_MINUTE
from incident_pipeline.rejection import Reason

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline_world import World

pytestmark = pytest.mark.broker

BROKEN = b"sample-broken-feed"
FLOOD = 3_000
SOURCES = [f"sample-desk-{number}" for number in range(8)]
"""So many that each partition has some."""


TOWNS = ("Saraqib", "Ariha", "Binnish", "Sarmin", "Taftanaz", "Jisr ash-Shughur")


def report(source: str, number: int, *, towns: int = 1) -> tuple[bytes, bytes]:
    """A report of one violation in each of some towns, on a day that the source tells of nowhere else."""
    day = dt.date(2020, 3, 7) + dt.timedelta(days=number % 1_000)
    places = [TOWNS[number // 1_000 + 3 * town] for town in range(towns)]
    value = {"source": source, "report_id": str(number), "occurred_on": day.isoformat()}
    return source.encode(), json.dumps({**value, "violations": [{"place": place} for place in places]}).encode()


def strict(world: World) -> Path:
    """The shipped catalogue, but for a report of two lines, which is one too many."""
    directory = world.directory / "strict"
    directory.mkdir()
    for file in world.catalogue.iterdir():
        (directory / file.name).write_bytes(file.read_bytes())
    (directory / "limits.toml").write_text("[limits]\nlines_per_report = 1\n", "utf-8")
    return directory


def flood() -> list[tuple[bytes, bytes]]:
    """Reports that the strict catalogue does not take."""
    return [report(BROKEN.decode(), number, towns=2) for number in range(FLOOD)]


def good_reports() -> list[tuple[bytes, bytes]]:
    return [report(source, number) for number in range(0, FLOOD, 100) for source in SOURCES]


def mixed(bad: list[tuple[bytes, bytes]], good: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The good ones spread evenly among the bad ones."""
    each = len(bad) // len(good)
    return [record for n, one in enumerate(good) for record in (*bad[n * each : (n + 1) * each], one)] + bad[
        len(good) * each :
    ]


async def raw_count(world: World) -> int:
    async with world.log() as log:
        return (await read_outcome(log, world.topics)).raw


async def test_a_flood_becomes_dead_letters_and_the_reports_of_others_are_counted(world: World) -> None:
    world.catalogue = strict(world)
    worker = world.start_worker()
    bad, good = flood(), good_reports()
    world.send(mixed(bad, good))
    await world.until_finished()

    assert (await world.audit()).outcome.raw == len(good)
    letters = await world.dead_letters()
    assert [(letter.key, letter.value) for letter in letters] == bad  # each once, in their order
    await world.until(lambda: worker.get("/readyz")[0] == 200, "the worker being ready")
    shown = [line for line in worker.get("/metrics")[1].splitlines() if line.startswith("incident_pipeline_parked")]
    assert shown == [
        f'incident_pipeline_parked_records{{reason="too_many_lines",source="{BROKEN.decode()}"}} {FLOOD}.0'
    ]
    (told,) = worker.logged("source.parked")
    assert (told["source"], told["reason"]) == (BROKEN.decode(), "too_many_lines")
    assert len(worker.logged("report.rejected")) == UNUSABLE_PER_SOURCE_MINUTE
    assert await worker.stop() == 0


async def requeue(world: World, *options: str) -> str:
    """Run the command as an operator does."""
    ran = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "incident_pipeline.cli", "dead-letters", "requeue", *options],
        env=world.environment(),
        cwd=world.directory,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


async def test_a_flood_that_is_sent_again_after_a_fix_is_counted_once(world: World) -> None:
    lenient, world.catalogue = world.catalogue, strict(world)
    worker = world.start_worker()
    bad, good = flood()[::2], good_reports()
    world.send(mixed(bad, good))
    await world.until_finished()
    assert f"{len(bad):,} would be sent" in await requeue(world, "--all", "--dry-run")
    assert f"{len(bad):,} sent again" in await requeue(world, "--source", BROKEN.decode())  # not mended yet
    await world.until_finished()
    assert len(await world.dead_letters()) == 2 * len(bad)
    assert await raw_count(world) == len(good)
    assert await worker.stop() == 0

    world.catalogue = lenient
    assert f"{len(bad):,} sent again" in await requeue(world, "--all")
    assert "0 sent again" in await requeue(world, "--all")  # while nobody has read them yet
    worker = world.start_worker()
    await world.until_finished()
    assert await raw_count(world) == len(good) + 2 * len(bad)
    assert "0 sent again" in await requeue(world, "--all")  # known from what intake answered
    forced = await requeue(world, "--id", f"{world.topics.reports.name}/{await origin_of(world, bad[0])}", "--force")
    assert "1 sent again" in forced
    await world.until_finished()
    assert await raw_count(world) == len(good) + 2 * len(bad)  # the same report again is known
    assert await worker.stop() == 0


async def origin_of(world: World, record: tuple[bytes, bytes]) -> str:
    """Where the first letter of a record came from: partition/offset."""
    letters = map(read_dead_letter, await world.dead_letters())
    origin = next(letter.origin for letter in letters if letter is not None and letter.value == record[1])
    return f"{origin.partition}/{origin.offset}"


async def test_a_record_larger_than_its_letter_may_be_is_kept_as_far_as_it_fits(world: World) -> None:
    worker = world.start_worker()
    large = b'{"text": "' + b"x" * 12_000_000
    producer = Producer(
        {
            "bootstrap.servers": world.bootstrap_servers,
            "compression.type": "gzip",  # what the topic takes is measured after that
            "message.max.bytes": 20_000_000,
        }
    )
    producer.produce(world.topics.reports.name, large, b"sample-desk")
    producer.produce(world.topics.reports.name, b"{}", b"k" * 5_000_000)
    assert producer.flush(30) == 0
    world.send([report("sample-desk", 1)])
    await world.until_finished()

    assert (await world.audit()).outcome.raw == 1
    records = {len(record.key or b""): record for record in await world.dead_letters()}
    cut, of_long_key = (read_dead_letter(records[size]) for size in (len(b"sample-desk"), 100_000))
    assert cut is not None
    assert of_long_key is not None
    assert cut.reason is Reason.TOO_LARGE
    assert large.startswith(cut.value)
    assert DEAD_LETTER_BYTES - 20_000 < len(cut.value) < DEAD_LETTER_BYTES
    assert (cut.size_bytes, cut.digest) == (len(large), hashlib.sha256(large).hexdigest())
    assert not cut.is_whole
    assert (of_long_key.value, of_long_key.is_whole) == (b"{}", False)
    async with world.log() as log:  # the whole of it is where the letter says
        at = cut.origin
        async for (record,) in log.read(at.topic, at.partition, at.offset, at.offset + 1):
            assert record.value == large
    assert await worker.stop() == 0
