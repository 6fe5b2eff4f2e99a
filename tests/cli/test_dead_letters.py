"""`incident-pipeline dead-letters`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from incident_pipeline.dead_letter import dead_letter_headers
from incident_pipeline.log import LogRecord
from incident_pipeline.rejection import REMEDY, Reason, Rejection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from incident_pipeline.topics import Topics

    from .conftest import Command, Record


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
def test_the_list_tells_reason_and_origin_and_how_often_it_was_seen(on_cluster: Command) -> None:
    ended = on_cluster("dead-letters", "list")
    assert ended.code == 0
    _, first, second = ended.out.splitlines()
    assert first.split()[:4] == ["reports/2/3", "sample-feed", "not_json", "once"]
    assert second.split()[:4] == ["reports/2/4", "sample-feed", "wrong_shape", "twice"]


@pytest.mark.usefixtures("letters")
def test_the_list_as_json(on_cluster: Command) -> None:
    found = [json.loads(line) for line in on_cluster("dead-letters", "list", "--json").out.splitlines()]
    assert [(one["reason"], one["seen"], one["origins"]) for one in found] == [
        ("not_json", 1, ["reports/2/3"]),
        ("wrong_shape", 2, ["reports/2/4", "reports/2/9"]),
    ]


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
