"""`incident-pipeline send`."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from incident_pipeline.log.kafka import open_log

if TYPE_CHECKING:
    from incident_pipeline.log import LogRecord
    from incident_pipeline.topics import Topics

    from .conftest import Command


def report(number: int, source: str = "sample-observer-a", **given: object) -> bytes:
    whole = {"source": source, "report_id": f"r{number}", "occurred_on": "2020-03-11", "violations": [{"type": "K3"}]}
    return json.dumps({**whole, **given}).encode()


def sent(bootstrap_servers: str, topics: Topics) -> list[LogRecord]:
    async def read() -> list[LogRecord]:
        name = topics.reports.name
        async with open_log(bootstrap_servers) as log:
            return [
                record
                for partition in range(await log.partitions(name))
                async for batch in log.read(name, partition, 0, await log.end_offset(name, partition))
                for record in batch
            ]

    return asyncio.run(read())


def test_a_file_of_reports_is_sent_byte_for_byte_under_its_source(
    on_cluster: Command, bootstrap_servers: str, topics: Topics
) -> None:
    lines = [report(1), report(2, "sample-centre"), report(3)]
    Path("reports.jsonl").write_bytes(b"\n".join(lines))
    ended = on_cluster("send", "reports.jsonl")
    assert (ended.code, ended.out) == (0, "3 accepted, 0 rejected\n")
    records = sent(bootstrap_servers, topics)
    assert sorted(record.value or b"" for record in records) == sorted(lines)
    assert {record.key for record in records} == {b"sample-observer-a", b"sample-centre"}


def test_reports_of_one_source_stay_in_order(on_cluster: Command, bootstrap_servers: str, topics: Topics) -> None:
    lines = [report(number) for number in range(500)]
    assert on_cluster("send", stdin=b"\n".join(lines)).code == 0
    records = sent(bootstrap_servers, topics)
    assert len({record.partition for record in records}) == 1
    assert [record.value for record in records] == lines


def test_bad_lines_are_told_with_number_reason_and_remedy_and_the_others_are_sent(
    on_cluster: Command, bootstrap_servers: str, topics: Topics
) -> None:
    lines = [
        report(1),
        b"{not json",
        b"",
        report(2, occurred_on="2020-30-11"),
        report(3, occurred_on="2999-01-01"),
        json.dumps({"source": "s", "report_id": "4", "violations": [{}]}).encode(),
        report(5, text="x" * 300_000),
        report(6),
    ]
    ended = on_cluster("send", stdin=b"\n".join(lines))
    assert ended.code == 4
    assert ended.out == "2 accepted, 5 rejected\n"
    for told in ("line 2: not_json", "line 4: wrong_shape", "line 5: dated_in_future", "line 6: no_date"):
        assert told in ended.err
    assert "line 7: too_large" in ended.err
    assert "Give `occurred_at`, `occurred_on` or `published_at`." in ended.err
    assert len(sent(bootstrap_servers, topics)) == 2


def test_many_bad_lines_do_not_fill_the_screen(on_cluster: Command, topics: Topics) -> None:
    ended = on_cluster("send", stdin=b"no\n" * 300)
    assert len(ended.err.splitlines()) < 30
    assert "... and 280 more" in ended.err


def test_without_validation_the_pipeline_judges(on_cluster: Command, bootstrap_servers: str, topics: Topics) -> None:
    ended = on_cluster("send", "--no-validate", stdin=b'no json\n{"source": "s"}\n[]\n')
    assert (ended.code, ended.out) == (0, "3 accepted, 0 rejected\n")
    assert {record.key for record in sent(bootstrap_servers, topics)} == {None, b"s"}


def test_what_the_topic_itself_would_refuse_is_rejected_even_without_validation(
    on_cluster: Command, bootstrap_servers: str, topics: Topics
) -> None:
    within = b"x" * (topics.reports.max_message_bytes - 2_000)
    ended = on_cluster("send", "--no-validate", stdin=b"y" * 3_000_000 + b"\n" + within)
    assert ended.code == 4
    assert "line 1: too_large: 3000000 bytes" in ended.err
    assert [record.value for record in sent(bootstrap_servers, topics)] == [within]


def test_nothing_to_send_is_fine(on_cluster: Command, topics: Topics) -> None:
    assert on_cluster("send", stdin=b"").out == "0 accepted, 0 rejected\n"


def test_a_file_that_is_not_there_is_wrong_usage(on_cluster: Command) -> None:
    ended = on_cluster("send", "absent.jsonl")
    assert ended.code == 2
    assert "absent.jsonl" in ended.err


def test_a_missing_topic_is_said(on_cluster: Command) -> None:
    ended = on_cluster("send", stdin=report(1))
    assert ended.code == 1
    assert "incident-pipeline topics apply" in ended.err


def test_lines_of_a_pipe_are_sent_as_they_come(bootstrap_servers: str, topics: Topics, topic_prefix: str) -> None:
    environment = {
        **os.environ,
        "KAFKA_BOOTSTRAP_SERVERS": bootstrap_servers,
        "INCIDENT_PIPELINE_TOPIC_PREFIX": topic_prefix,
    }
    with subprocess.Popen(
        [sys.executable, "-m", "incident_pipeline", "send"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(report(1) + b"\n")
        process.stdin.flush()

        async def arrived() -> None:
            async with open_log(bootstrap_servers) as log, asyncio.timeout(20):
                ends = [0]
                while not any(ends):
                    ends = [await log.end_offset(topics.reports.name, partition) for partition in range(4)]

        asyncio.run(arrived())
        out, _ = process.communicate(report(2))
    assert (process.returncode, out) == (0, b"2 accepted, 0 rejected\n")
