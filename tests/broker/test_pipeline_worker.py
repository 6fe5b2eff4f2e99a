"""A worker from start to end: what its endpoint tells, what becomes of bad input, and how it stops."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import jsonschema
import pytest
from prometheus_client.parser import text_string_to_metric_families

from incident_pipeline.broker.ports import free_port, is_free
from incident_pipeline.catalogue.load import load_rules
from incident_pipeline.event import EventType
from incident_pipeline.limits import Limits
from incident_pipeline.metrics import METRICS
from incident_pipeline.rejection import REMEDY, Reason
from schemas.generate import schema_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline_world import Worker, World

    from incident_pipeline.dead_letter import DeadLetter

pytestmark = pytest.mark.broker

FAUST = Path(sys.executable).with_name("faust")
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def report(source: str, name: str, day: dt.date, *, count: int = 1, group: str | None = None) -> tuple[bytes, bytes]:
    violation: dict[str, Any] = {"place": "Saraqib", "count": count} | ({"group": group} if group else {})
    value = {"source": source, "report_id": name, "occurred_on": day.isoformat(), "violations": [violation]}
    return source.encode(), json.dumps(value).encode()


def scrape(worker: Worker) -> tuple[dict[str, str], Samples]:
    """Give the kinds of the metrics that are exposed, and the samples."""
    status, text = worker.get("/metrics")
    assert status == 200
    samples = {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    return dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE)), samples


def value_of(samples: Samples, name: str, **labels: str) -> float | None:
    return samples.get((f"incident_pipeline_{name}", frozenset(labels.items())))


def labelled(samples: Samples, name: str, label: str) -> dict[str, float]:
    """Give the samples of a metric by the value of one label."""
    return {
        dict(labels)[label]: value for (found, labels), value in samples.items() if found == f"incident_pipeline_{name}"
    }


async def test_a_live_worker_tells_whether_it_is_ready_and_what_it_counts(world: World) -> None:
    zone = ZoneInfo(load_rules(world.catalogue).mission.time_zone)
    today = dt.datetime.now(zone).date()
    yesterday = today - dt.timedelta(days=1)
    worker = world.start_worker()
    answers: list[tuple[int, str]] = []

    def is_ready() -> bool:
        answers.append(worker.get("/readyz"))
        return answers[-1][0] == 200

    await world.until(is_ready, "the worker being ready")
    unread = {"source": "sample-news-desk", "report_id": "5", "text": "Beş ihlal.", "occurred_on": today.isoformat()}
    world.send(
        [
            report("sample-centre", "1", today, count=6, group="Hay'at Tahrir al-Sham"),
            report("sample-centre", "1", today, count=6, group="Hay'at Tahrir al-Sham"),
            report("sample-centre", "2", yesterday, count=2),
            report("sample-broken-feed", "3", dt.date(2099, 1, 1)),
            report("sample-centre", "4", dt.date(2020, 3, 11), count=8),
            report("sample-centre", "2", yesterday, count=3),
            (b"sample-news-desk", json.dumps(unread).encode()),
        ]
    )
    await world.until_finished()
    await world.until(lambda: not any(labelled(scrape(worker)[1], "partition_lag_records", "topic").values()), "no lag")

    reasons = {reason["reason"] for status, body in answers if status == 503 for reason in json.loads(body)["reasons"]}
    assert reasons
    assert reasons <= {"not_joined", "recovering"}
    assert json.loads(answers[-1][1]) == {"ready": True, "partitions": 12}
    assert worker.get("/livez") == (200, "alive\n")
    assert worker.get("/tables")[0] == worker.get("/stats")[0] == 404  # nothing of Faust's own web server

    kinds, samples = scrape(worker)
    assert {metric.name: str(metric.kind) for metric in METRICS}.items() <= kinds.items()
    assert value_of(samples, "ready") == 1
    assert value_of(samples, "reports_total") == 7
    assert value_of(samples, "duplicates_total", kind="same_report") == 1
    assert value_of(samples, "dead_letters_total", reason="dated_in_future") == 1
    assert value_of(samples, "conflicting_reports_total", source="other") == 1
    assert value_of(samples, "unread_texts_total", source="sample-news-desk", reason="language_not_read") == 1
    assert value_of(samples, "chain_ignored_records_total", topic=world.topics.alerts.name, partition="0") == 0
    assert value_of(samples, "alert_records_total", type="alert.raised") == 2
    # Records that name the topics are among them, one for each partition at most.
    assert 6 <= (value_of(samples, "end_to_end_latency_seconds_count", agent="ledger") or 0) <= 6 + 4
    assert_days_are_counted(samples, {today.isoformat(): 6, yesterday.isoformat(): 2})
    alerted = labelled(samples, "alert_violations", "date"), labelled(samples, "alert_limit_violations", "date")
    assert labelled(samples, "active_alerts", "day") == {"today": 1, "backfilled": 1}
    assert alerted == ({today.isoformat(): 6}, {today.isoformat(): 5})

    began = time.monotonic()
    assert await worker.stop() == 0
    assert time.monotonic() - began < 8
    assert len(list(world.state.glob("*.snapshot"))) == 8  # each stage's partitions
    again = world.start_worker()
    await world.until(lambda: len(again.logged("partition.recovered")) == 8, "the partitions being recovered")
    recovered = again.logged("partition.recovered")
    assert all(line["folded"] == 0 for line in recovered)
    assert sum(line["snapshot"] for line in recovered) == 2  # the others have nothing yet to go on from
    await world.until(lambda: again.get("/readyz")[0] == 200, "the worker being ready again")
    samples = scrape(again)[1]
    assert_days_are_counted(samples, {today.isoformat(): 6, yesterday.isoformat(): 2})
    spoken = {"topic": world.topics.events.name, "partition": "2"}
    assert value_of(samples, "snapshot_behind_records", **spoken) == 0
    assert value_of(samples, "snapshot_age_seconds", **spoken) is not None
    assert await again.stop() == 0


async def test_two_workers_never_both_show_a_theatre_though_one_was_stopped_and_does_not_know_of_it(
    world: World,
) -> None:
    today = dt.datetime.now(ZoneInfo(load_rules(world.catalogue).mission.time_zone)).date()
    one = world.start_worker(session_timeout_seconds=6)
    world.send([report("sample-centre", "1", today, count=6)])
    await world.until(lambda: shows(one), "the one showing what it counts")
    one.pause()
    try:
        other = world.start_worker(session_timeout_seconds=6)
        await world.until(lambda: shows(other), "the other taking over")
    finally:
        one.go_on()
    woken = time.monotonic()
    while time.monotonic() - woken < 8:
        before, there, after = shows(one), shows(other), shows(one)
        assert not (before and there and after)
        await asyncio.sleep(0.02)
    await world.until(lambda: shows(one) or shows(other), "one of them showing it after the hand-over")
    assert await one.stop() == 0
    assert await other.stop() == 0


def shows(worker: Worker) -> bool:
    """Whether a worker shows counts or alerts of any day; one that does not serve yet shows none."""
    gauges = ("incident_pipeline_day_violations{", "incident_pipeline_alert_violations{")
    return any(gauge in worker.get("/metrics")[1] for gauge in gauges)


def assert_days_are_counted(samples: Samples, counts: Mapping[str, int]) -> None:
    """By the dates that the metrics themselves give to today and yesterday: it may be midnight."""
    dates = {
        dict(labels)["day"]: dict(labels)["date"]
        for name, labels in samples
        if name == "incident_pipeline_monitoring_day_info"
    }
    assert set(dates) == {"today", "yesterday"}
    assert any(date in counts for date in dates.values())
    for day, date in dates.items():
        for basis in ("raw", "deduplicated", "high"):
            found = value_of(samples, "day_violations", theatre="north-west", day=day, basis=basis)
            assert found == counts.get(date)
        if counts.get(date) == 6:
            group = {"theatre": "north-west", "group": "hts", "day": day}
            assert value_of(samples, "day_group_violations", **group, bound="certain") == 6


def bad_records() -> list[tuple[Reason, bytes | None, bytes | None]]:
    """Records of every kind that cannot be used: reason, key, value."""
    limits = Limits()
    item = {"place": "Saraqib", "occurred_on": "2020-03-09"}

    def value(**fields: object) -> bytes:
        return json.dumps({"source": "s", "report_id": "1", "occurred_on": "2020-03-09", **fields}).encode()

    return [
        (Reason.NOT_JSON, b"k", None),
        (Reason.NOT_JSON, b"k", b""),
        (Reason.NOT_JSON, None, b"violation!"),
        (Reason.NOT_JSON, b"k", b'\xff\xfe{"source": "s"}'),
        (Reason.NOT_JSON, b"k", b'{"source": "\xc3\x28"}'),
        (Reason.NOT_JSON, b"k", value(text="two")[:-3]),
        (Reason.NOT_JSON, b"k", value(text="two") + value(text="two")),
        (Reason.WRONG_SHAPE, b"\xff\x00", b"[" * 100_000 + b"]" * 100_000),
        (Reason.WRONG_SHAPE, b"k", b"null"),
        (Reason.WRONG_SHAPE, b"k", b'"text"'),
        (Reason.WRONG_SHAPE, b"k", value(violations=[item | {"count": -1}])),
        (Reason.WRONG_SHAPE, b"k", value(violations=[item | {"count": 10**30}])),
        (Reason.WRONG_SHAPE, b"k", value(violations=[item | {"colour": "red"}])),
        (Reason.NOT_JSON, b"k", b'{"source": "s", "report_id": "1", "revision": NaN}'),
        (Reason.NOTHING_STATED, b"k", value(text=" \n")),
        (Reason.NOTHING_STATED, b"k", value()),
        (Reason.TEXT_TOO_LONG, b"k", value(text="Two violations. " * (limits.text_chars // 16 + 1))),
        (Reason.TOO_MANY_LINES, b"k", value(violations=[item] * (limits.lines_per_report + 1))),
        (Reason.TOO_MANY_EVENTS, b"k", value(violations=[item | {"group": "armed groups"}] * limits.lines_per_report)),
        (Reason.NO_DATE, b"k", b'{"source": "s", "report_id": "1", "text": "Two violations in Idlib province."}'),
        (Reason.DATED_IN_FUTURE, b"k", value(violations=[item | {"occurred_on": "2101-01-01"}])),
        (Reason.DATED_IN_FUTURE, b"k", value(violations=[item], published_at="2099-01-01T00:00:00Z")),
        (Reason.TOO_LARGE, b"k", value(text="x" * limits.report_bytes)),
    ]


async def test_a_port_that_is_taken_is_said_and_ends_the_worker(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        worker = world.start_worker(metrics_port=taken.getsockname()[1])
        worker.may_end = True
        assert await worker.ended() == 1
    assert worker.tail().splitlines()[-1].startswith("Error: Metrics cannot be served on 127.0.0.1:")


def largest_report(world: World, revision: int) -> tuple[bytes, bytes]:
    """As many lines, groups and days as one report may tell, under the longest names."""
    rules, name = load_rules(world.catalogue), "\N{WHITE FLAG}" * Limits().name_chars
    towns = [place.name for place in rules.places if place.level == "town"]
    groups = [group.name for group in rules.groups]
    violations = [
        {
            "place": towns[(number * 7 + revision) % len(towns)],
            "occurred_on": (dt.date(2020, 5, 1) + dt.timedelta(days=number % 240)).isoformat(),
            "group": [groups[(number + step) % len(groups)] for step in range(4)],
            "count": 2 + number % 50,
        }
        for number in range(rules.limits.lines_per_report)
    ]
    value = {"source": name, "report_id": name, "revision": revision, "violations": violations}
    return name.encode(), json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


async def test_bad_input_of_every_kind_is_kept_with_its_reason_and_the_good_is_counted(world: World) -> None:
    worker = world.start_worker()
    good = [report("sample-centre", str(number), dt.date(2020, 3, 9 + number)) for number in range(5)]
    bad = bad_records()
    large = [largest_report(world, revision) for revision in range(3)]
    world.send([*good[:2], *((key, value) for _, key, value in bad), *large, *good[2:]])
    await world.until_finished()
    audit = await world.audit()
    march = {key: count for key, count in audit.counts.items() if key[1] < "2020-04"}
    assert march == {("north-west", f"2020-03-{9 + number:02d}"): 1 for number in range(5)}
    assert audit.outcome.counts.types[EventType.REPORT_CORRECTED] >= 150  # of most of 100 days, twice

    letters = [letter for sightings in audit.outcome.letters.listed() for letter in sightings]
    assert found(letters) == expected(bad)
    assert all(letter.remedy == REMEDY[letter.reason] and letter.detail for letter in letters)
    validator = jsonschema.Draft202012Validator(json.loads(schema_path("dead-letter").read_text("utf-8")))
    for record in await world.dead_letters():
        validator.validate({name: value.decode() for name, value in record.headers})
    kept = {(record.key, record.value) for record in await world.dead_letters()}
    assert kept == {(key, value) for _, key, value in bad}
    assert worker.is_running
    assert not worker.logged("agent.failed")
    assert await worker.stop() == 0


def found(letters: list[DeadLetter]) -> list[tuple[Reason, bytes]]:
    return sorted((letter.reason, letter.value) for letter in letters)


def expected(bad: list[tuple[Reason, bytes | None, bytes | None]]) -> list[tuple[Reason, bytes]]:
    return sorted((reason, value or b"") for reason, _, value in bad)


async def test_fausts_own_command_refuses_topics_that_differ_too(world: World) -> None:
    worker = world.start_worker(str(FAUST), "-A", "streams.app", "worker", topic_prefix=f"{world.prefix}nowhere-")
    worker.may_end = True
    assert await worker.ended() != 0
    assert f"{world.prefix}nowhere-events is missing" in worker.log_path.read_text()


async def test_fausts_own_command_runs_the_same_worker_without_fausts_web_server(world: World) -> None:
    web_port = free_port()
    worker = world.start_worker(
        *(str(FAUST), "-A", "streams.app", "worker", "--loglevel", "info", "--web-port", str(web_port)),
        log_level="warning",
    )
    world.send([report("sample-centre", "1", dt.date(2020, 3, 9), count=2)])
    await world.until_finished()
    await world.until(lambda: worker.get("/readyz")[0] == 200, "the worker being ready")
    assert (await world.audit()).counts == {("north-west", "2020-03-09"): 2}
    assert is_free(web_port)
    assert len(worker.logged("partition.recovered")) == 8  # told at info, as Faust's own option asks for
    assert await worker.stop() == 0
    assert len(list(world.state.glob("*.snapshot"))) == 8
