"""`incident-pipeline send`."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import re
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from incident_pipeline.log.kafka import open_log

if TYPE_CHECKING:
    from incident_pipeline.log import LogRecord
    from incident_pipeline.topics import Topics

    from .conftest import Command


def report(number: int, source: str = "sample-observer-north", **given: object) -> bytes:
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
    assert {record.key for record in records} == {b"sample-observer-north", b"sample-centre"}


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


class TestWhatIsSaidBeforehand:
    """Names that nobody knows, what will not count, ids used twice."""

    def test_unknown_names_are_told_once_each_with_a_suggestion(self, command: Command) -> None:
        statement = {"type": "morter", "group": "HTSX", "place": "Xyzzy", "registered_by": "Nobody"}
        quiet = {"group": ["HTS", "Martians"], "place": "Saraqb"}
        lines = [report(n, violations=[statement], quiet=[quiet], activities=[{"kind": "dancing"}]) for n in range(50)]
        ended = command("send", "--check", stdin=b"\n".join(lines))
        assert (ended.code, ended.out) == (0, "50 would be sent, 0 rejected\n")
        for told in (
            'type "morter" 50 times, first in line 1. Did you mean "mortar"?',
            'group "HTSX" 50 times, first in line 1. Did you mean "HTS"?',
            'group "Martians" 50 times',
            'place "Xyzzy" 50 times',
            'activity "dancing" 50 times',
            'party "Nobody" 50 times',
            'place "Saraqb" 50 times, first in line 1; taken for saraqib',
        ):
            assert told in ended.err
        assert "50 statements: nobody knows the group" in ended.err
        assert len(ended.err.splitlines()) <= 11

    def test_a_misspelt_type_is_told_even_where_it_is_understood(self, command: Command) -> None:
        ended = command("send", "--check", stdin=report(1, violations=[{"type": "mortarr"}]))
        assert 'type "mortarr" once in line 1; taken for K3' in ended.err

    def test_names_as_the_catalogue_has_them_are_not_mentioned(self, command: Command) -> None:
        statement = {"type": "Mortars", "group": "hts", "place": "saraqib", "registered_by": "ru-reconciliation-centre"}
        ended = command("send", "--check", stdin=report(1, violations=[statement]))
        assert (ended.code, ended.err) == (0, "")

    def test_a_source_that_is_not_known_is_told_and_its_other_spellings_are_the_same(self, command: Command) -> None:
        lines = [report(1, "sample-observer-nort"), report(2, "Sample-Observer-North ")]
        ended = command("send", "--check", stdin=b"\n".join(lines))
        assert 'source "sample-observer-nort" once in line 1. Did you mean "sample-observer-north"?' in ended.err
        assert "line 2" not in ended.err

    def test_very_many_different_names_stay_a_few_lines(self, command: Command) -> None:
        lines = [report(n, violations=[{"type": "K3", "group": f"Zzz {n}"}]) for n in range(1_500)]
        told = command("send", "--check", stdin=b"\n".join(lines)).err.splitlines()
        assert len(told) < 20
        assert "  ... and 990 others" in told
        assert "... and 500 more findings of other names, reasons or ids" in told

    def test_what_will_be_recorded_and_not_counted_is_told_with_the_reason(self, command: Command) -> None:
        lines = [
            report(1, occurred_on=["2020-03-10", "2020-03-11"], violations=[{"type": "K3", "count": 2}]),
            report(2, occurred_on="2020-01-11"),
            report(3, occurred_on=["2020-01-11", "2020-01-12"], violations=[], quiet=[{}]),
            json.dumps(
                {"source": "s", "report_id": "t", "published_at": "2020-03-11T12:00:00Z", "text": "A fine day."}
            ).encode(),
        ]
        ended = command("send", "--check", stdin=b"\n".join(lines))
        assert "1 statement: several days, and no number for each; first in line 1" in ended.err
        assert "3 statements: before the truce was in force; first in line 2" in ended.err
        assert "1 report: nothing to count is found in the text; first in line 4" in ended.err

    def test_it_is_said_before_anything_is_sent(self, command: Command) -> None:
        ended = command("--bootstrap-servers", "127.0.0.1:9", "send", "--check", stdin=report(1))
        assert ended.code == 0

    def test_one_id_for_different_reports_is_told_and_none_of_them_is_sent(
        self, on_cluster: Command, bootstrap_servers: str, topics: Topics
    ) -> None:
        alike = [report(1, occurred_on=f"2020-03-1{day}") for day in (0, 1, 2)]
        other = [report(2), report(2), report(1, "another-source"), report(1, revision=1)]
        Path("reports.jsonl").write_bytes(b"\n".join(alike + other))
        ended = on_cluster("send", "reports.jsonl")
        assert (ended.code, ended.out) == (4, "4 accepted, 3 rejected\n")
        assert "Not sent: one report_id for different reports" in ended.err
        assert "  sample-observer-north/r1: line 1, line 2, line 3" in ended.err
        assert sorted(record.value or b"" for record in sent(bootstrap_servers, topics)) == sorted(other)

    def test_the_same_content_written_otherwise_is_no_other_report(self, command: Command) -> None:
        spaced = json.dumps(json.loads(report(1)), indent=None, separators=(" , ", " : ")).encode()
        ended = command("send", "--check", stdin=report(1) + b"\n" + spaced)
        assert (ended.code, ended.err) == (0, "")


class TestFiles:
    """Where reports lie."""

    def test_a_folder_is_sent_by_name_also_compressed(
        self, on_cluster: Command, bootstrap_servers: str, topics: Topics
    ) -> None:
        Path("in/2020-03").mkdir(parents=True)
        Path("in/2020-03/02.jsonl.gz").write_bytes(gzip.compress(report(3) + b"\n" + report(4)))
        Path("in/2020-03/01.jsonl").write_bytes(report(1) + b"\n\n" + report(2) + b"\n{no")
        Path("in/notes.txt").write_text("not a report", "utf-8")
        ended = on_cluster("send", "in")
        assert (ended.code, ended.out) == (4, "4 accepted, 1 rejected\n")
        assert "in/2020-03/01.jsonl line 4: not_json" in ended.err
        assert [record.value for record in sent(bootstrap_servers, topics)] == [report(n) for n in (1, 2, 3, 4)]

    def test_a_damaged_file_sends_nothing(self, on_cluster: Command, bootstrap_servers: str, topics: Topics) -> None:
        whole = gzip.compress(b"\n".join(report(number) for number in range(2_000)))
        Path("cut.jsonl.gz").write_bytes(whole[: len(whole) // 2])
        ended = on_cluster("send", "cut.jsonl.gz")
        assert ended.code == 1
        assert "cut.jsonl.gz is damaged after line" in ended.err
        assert sent(bootstrap_servers, topics) == []

    @pytest.mark.parametrize("kept_bytes", [2, 12, 40])
    def test_a_file_that_is_cut_off_in_its_first_line_is_named(self, command: Command, kept_bytes: int) -> None:
        Path("cut.jsonl.gz").write_bytes(gzip.compress(report(1))[:kept_bytes])
        ended = command("send", "--check", "cut.jsonl.gz")
        assert ended.code == 1
        assert "cut.jsonl.gz is damaged at its beginning" in ended.err

    def test_what_follows_a_whole_file_is_damage_too(self, command: Command) -> None:
        Path("more.jsonl.gz").write_bytes(gzip.compress(report(1)) + b"more")
        ended = command("send", "--check", "more.jsonl.gz")
        assert (ended.code, "more.jsonl.gz is damaged at its beginning" in ended.err) == (1, True)

    @pytest.mark.parametrize(("module", "name"), [("lzma", "xz"), ("bz2", "bzip2")])
    def test_what_is_packed_otherwise_than_with_gzip_gets_one_message(
        self, command: Command, module: str, name: str
    ) -> None:
        Path("packed.jsonl").write_bytes(import_module(module).compress(b"\n".join(report(n) for n in range(500))))
        ended = command("send", "--check", "packed.jsonl")
        assert ended.code == 2
        assert f"packed.jsonl is packed with {name}." in ended.err
        assert "line 1" not in ended.err

    def test_an_empty_folder_is_wrong_usage(self, command: Command) -> None:
        Path("empty").mkdir()
        ended = command("send", "--check", "empty")
        assert ended.code == 2
        assert "there is no file of reports in empty" in ended.err

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            (b"source,report_id\n" + b"a,b\n" * 3_000, "a table with commas"),
            (b"source;report_id\na;b\n", "a table with semicolons"),
            (b"\xef\xbb\xbfsource\treport_id\n", "a table with tabs"),
            (b"[\n" + report(1) + b",\n" + report(2) + b"\n]\n", "a JSON array"),
            (b"  [" + report(1) + b"]", "a JSON array"),
            (json.dumps(json.loads(report(1)), indent=2).encode(), "JSON that is spread over lines"),
            (b"PK\x03\x04rest", "a ZIP archive or an Excel workbook"),
            ("{}".encode("utf-16"), "UTF-16 text"),
            (b"<?xml version='1.0'?>\n", "XML or HTML"),
            (b"2020-03-11 a log line\n" * 1_200, "none of the first 1000 lines is a JSON object"),
        ],
    )
    @pytest.mark.parametrize("way", ["file", "standard input"])
    def test_another_format_is_one_message(self, command: Command, content: bytes, told: str, way: str) -> None:
        Path("given").write_bytes(content)
        ended = command("send", "--check", *(["given"] if way == "file" else []), stdin=content)
        assert ended.code == 2
        assert told in ended.err
        assert "JSON Lines" in ended.err
        assert len(ended.err.splitlines()) <= 3

    def test_a_report_that_is_no_object_is_one_rejected_line(self, command: Command) -> None:
        ended = command("send", "--check", stdin=report(1) + b"\n[1]\n")
        assert (ended.code, ended.out) == (4, "1 would be sent, 1 rejected\n")


def test_after_ctrl_c_it_says_where_to_go_on_and_nothing_is_missing_then(
    bootstrap_servers: str, topics: Topics, topic_prefix: str, tmp_path: Path
) -> None:
    lines = [report(number, f"s{number % 7}") for number in range(60_000)]
    file = tmp_path / "reports.jsonl"
    file.write_bytes(b"\n".join(lines))
    environment = {
        **os.environ,
        "KAFKA_BOOTSTRAP_SERVERS": bootstrap_servers,
        "INCIDENT_PIPELINE_TOPIC_PREFIX": topic_prefix,
    }
    send = [sys.executable, "-m", "incident_pipeline", "send"]

    async def begun() -> None:
        async with open_log(bootstrap_servers) as log, asyncio.timeout(60):
            ends = [0]
            while not any(ends):
                ends = [await log.end_offset(topics.reports.name, partition) for partition in range(4)]

    with subprocess.Popen([*send, str(file)], stderr=subprocess.PIPE, env=environment, text=True) as process:
        asyncio.run(begun())
        process.send_signal(signal.SIGINT)
        _, told = process.communicate()
    assert process.returncode == 130
    found = re.search(r"stopped: (\d+) accepted.*send --skip-lines (\d+) ", told, re.DOTALL)
    assert found is not None, told
    accepted, done = map(int, found.groups())
    assert 0 < accepted == done < len(lines)
    subprocess.run([*send, "--skip-lines", str(done), str(file)], check=True, capture_output=True, env=environment)
    assert sorted(record.value or b"" for record in sent(bootstrap_servers, topics)) == sorted(lines)
