"""`incident-pipeline dead-letters`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from incident_pipeline.dead_letter import Origin, dead_letter_headers, requeued_headers
from incident_pipeline.log import LogRecord, read_all
from incident_pipeline.log.kafka import open_log
from incident_pipeline.rejection import REMEDY, Reason, Rejection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incident_pipeline.topics import Topics

    from .conftest import Command, Record


Reading = Callable[[str], list[LogRecord]]


@pytest.fixture
def read(bootstrap_servers: str) -> Reading:
    """Read a whole topic."""

    async def records(topic: str) -> list[LogRecord]:
        async with open_log(bootstrap_servers) as log:
            return [record async for batch in read_all(log, topic) for record in batch]

    return lambda topic: asyncio.run(records(topic))


def letter(offset: int, value: bytes, reason: Reason, detail: str) -> Record:
    original = LogRecord("reports", 2, offset, 1_583_971_200_000, b"sample-feed", value)
    return (original.key, value, dead_letter_headers(Rejection(reason, detail), original))


@pytest.fixture
def letters(append: Callable[[str, Sequence[Record]], None], topics: Topics) -> None:
    """Two letters: one was written twice by a re-run, the other's bytes were sent twice."""
    append(
        topics.dead_letters.name,
        [
            letter(3, b"{not json \x1b[31m", Reason.NOT_JSON, "broken at byte 1"),
            letter(3, b"{not json \x1b[31m", Reason.NOT_JSON, "broken at byte 1"),
            letter(4, b"{}", Reason.WRONG_SHAPE, "no `source`"),
            letter(9, b"{}", Reason.WRONG_SHAPE, "no `source`"),
        ],
    )


@pytest.mark.usefixtures("letters")
def test_the_list_counts_by_source_and_reason_and_names_the_newest(on_cluster: Command) -> None:
    ended = on_cluster("dead-letters", "list")
    assert ended.code == 0
    _, first, second = ended.out.splitlines()
    assert first.split()[:4] == ["sample-feed", "wrong_shape", "2", "2020-03-12T00:00:00.000Z"]
    assert first.split()[4] == "reports/2/9"
    assert second.split()[:3] == ["sample-feed", "not_json", "1"]


@pytest.mark.usefixtures("letters")
def test_the_list_shows_each_where_that_is_asked_for(on_cluster: Command) -> None:
    _, *rows = on_cluster("dead-letters", "list", "--each").out.splitlines()
    assert [row.split()[:3] for row in rows] == [
        ["reports/2/3", "sample-feed", "not_json"],
        ["reports/2/4", "sample-feed", "wrong_shape"],
        ["reports/2/9", "sample-feed", "wrong_shape"],
    ]


@pytest.mark.usefixtures("letters")
def test_the_list_as_json(on_cluster: Command) -> None:
    found = [json.loads(line) for line in on_cluster("dead-letters", "list", "--json").out.splitlines()]
    assert [(one["reason"], one["origin"], one["sent_again"]) for one in found] == [
        ("not_json", "reports/2/3", False),
        ("wrong_shape", "reports/2/4", False),
        ("wrong_shape", "reports/2/9", False),
    ]


@pytest.mark.usefixtures("letters")
def test_the_list_is_of_those_that_are_meant(on_cluster: Command) -> None:
    ended = on_cluster("dead-letters", "list", "--json", "--reason", "wrong_shape", "--to", "2020-03-13")
    assert [json.loads(line)["origin"] for line in ended.out.splitlines()] == ["reports/2/4", "reports/2/9"]
    assert on_cluster("dead-letters", "list", "--source", "nobody").out.startswith("No dead letters to which")


def test_a_flood_is_listed_in_few_lines(
    on_cluster: Command, append: Callable[[str, Sequence[Record]], None], topics: Topics
) -> None:
    flood = []
    for n in range(600):
        original = LogRecord("reports", 2, n, 1_583_971_200_000, f"desk-{n % 60}".encode(), b"{")
        flood.append((original.key, b"{", dead_letter_headers(Rejection(Reason.NOT_JSON, "broken"), original)))
    append(topics.dead_letters.name, flood)
    lines = on_cluster("dead-letters", "list").out.splitlines()
    assert len(lines) == 52
    assert lines[-1].startswith("and 10 more sources and reasons")
    lines = on_cluster("dead-letters", "list", "--each").out.splitlines()
    assert len(lines) == 102
    assert lines[-1].startswith("and 500 before them.")


@pytest.mark.usefixtures("letters")
def test_one_is_shown_with_its_remedy_and_nothing_in_it_steers_the_terminal(on_cluster: Command) -> None:
    ended = on_cluster("dead-letters", "show", "reports/2/3")
    assert ended.code == 0
    assert "not_json: broken at byte 1" in ended.out
    assert REMEDY[Reason.NOT_JSON] in ended.out
    assert "{not json \\x1b[31m" in ended.out
    assert "\x1b" not in ended.out


@pytest.mark.usefixtures("letters")
def test_the_original_bytes_come_out_as_they_went_in(on_cluster: Command) -> None:
    assert on_cluster("dead-letters", "show", "reports/2/3", "--raw").out == "{not json \x1b[31m"


@pytest.mark.usefixtures("letters")
def test_one_that_is_not_there_is_said(on_cluster: Command) -> None:
    ended = on_cluster("dead-letters", "show", "reports/2/99")
    assert ended.code == 1
    assert "there is no dead letter of reports/2/99" in ended.err


def test_no_dead_letters_is_said_in_words(on_cluster: Command, topics: Topics) -> None:
    assert on_cluster("dead-letters", "list").out == "No dead letters.\n"


@pytest.mark.usefixtures("letters")
def test_letters_of_another_topic_are_not_sent_again(on_cluster: Command, topics: Topics, read: Reading) -> None:
    assert on_cluster("dead-letters", "requeue", "--all").out == "No dead letters to send again.\n"
    assert read(topics.reports.name) == []


def own_letter(topics: Topics, offset: int, value: bytes) -> Record:
    original = LogRecord(topics.reports.name, 2, offset, 1_583_971_200_000, b"sample-feed", value)
    return (original.key, value, dead_letter_headers(Rejection(Reason.NOT_JSON, "broken"), original))


@pytest.fixture
def own_letters(append: Callable[[str, Sequence[Record]], None], topics: Topics) -> None:
    append(topics.dead_letters.name, [own_letter(topics, 3, b"\xff{"), own_letter(topics, 4, b"{}")])


@pytest.mark.usefixtures("own_letters")
def test_a_requeue_sends_each_record_once_as_it_was_and_tells_how_many(
    on_cluster: Command, topics: Topics, read: Reading
) -> None:
    dry = on_cluster("dead-letters", "requeue", "--all", "--dry-run")
    assert dry.out.splitlines()[-1] == "2 would be sent"
    assert read(topics.reports.name) == []

    ended = on_cluster("dead-letters", "requeue", "--source", "sample-feed")
    assert (ended.code, ended.out.splitlines()[-1]) == (0, "2 sent again")
    sent = read(topics.reports.name)
    assert [(record.partition, record.key, record.value) for record in sent] == [
        (2, b"sample-feed", b"\xff{"),
        (2, b"sample-feed", b"{}"),
    ]
    assert [dict(record.headers) for record in sent] == [
        {"requeue_of": f"{topics.reports.name}/2/{offset}@1583971200000".encode()} for offset in (3, 4)
    ]

    again = on_cluster("dead-letters", "requeue", "--all")  # no worker has answered yet: it is seen in `reports`
    assert again.out.splitlines() == [
        "0 sent again",
        "2 left: they were sent again before (--force sends them once more)",
    ]
    assert len(read(topics.reports.name)) == 2
    forced = on_cluster("dead-letters", "requeue", "--id", f"{topics.reports.name}/2/3", "--force")
    assert forced.out.splitlines()[-1] == "1 sent again"
    assert len(read(topics.reports.name)) == 3


@pytest.mark.usefixtures("own_letters")
def test_what_became_of_a_second_attempt_is_shown_with_the_first(
    on_cluster: Command, append: Callable[[str, Sequence[Record]], None], topics: Topics
) -> None:
    name, key = topics.reports.name, b"sample-feed"
    headers = [("requeue_of", f"{name}/2/3".encode())]
    refused, used = (LogRecord(name, 2, offset, 1_583_971_300_000, key, b"\xff{", headers) for offset in (20, 21))
    rejection = Rejection(Reason.NOT_JSON, "broken")
    first = Origin(name, 2, 3)
    append(
        topics.dead_letters.name,
        [(key, b"\xff{", dead_letter_headers(rejection, refused)), (key, None, requeued_headers(used, first))],
    )
    out = on_cluster("dead-letters", "show", f"{name}/2/3").out
    assert f"sent again   as {name}/2/20, in vain: not_json" in out
    assert f"sent again   as {name}/2/21, and used" in out
    assert f"sent for     the letter of {name}/2/3, again" in on_cluster("dead-letters", "show", f"{name}/2/20").out
    found = [json.loads(line) for line in on_cluster("dead-letters", "list", "--json").out.splitlines()]
    assert [(one["origin"], one["sent_again"], one["requeue_of"]) for one in found] == [
        (f"{name}/2/3", True, None),
        (f"{name}/2/4", False, None),
        (f"{name}/2/20", False, f"{name}/2/3"),
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Say which letters"),
        (["--all", "--source", "desk"], "--all and a selection exclude each other"),
        (["--from", "2020-03-12", "--to", "2020-03-12"], "nothing lies between them"),
        (["--from", "yesterday"], "2020-03-11T14:20:00Z"),
        (["--reason", "no_reason"], "no_reason"),
        (["--id", "reports/2"], "is no origin"),
    ],
)
def test_a_requeue_that_says_nothing_or_too_much_is_wrong_usage(
    command: Command, arguments: list[str], message: str
) -> None:
    ended = command("dead-letters", "requeue", *arguments)
    assert ended.code == 2
    assert message in ended.err


@pytest.mark.usefixtures("own_letters")
def test_a_letter_that_is_not_there_is_not_sent(on_cluster: Command) -> None:
    ended = on_cluster("dead-letters", "requeue", "--id", "reports/2/99")
    assert ended.code == 1
    assert "there is no such dead letter" in ended.err
