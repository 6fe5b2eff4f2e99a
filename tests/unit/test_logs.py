"""What a log line looks like."""

from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING

import pytest
import structlog

from incident_pipeline.logs import Repetitions, get_logger, set_up_logs

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines_of(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_json_object_that_begins_with_time_level_and_event() -> None:
    stream = io.StringIO()
    set_up_logs("json", "info", stream)
    get_logger("incident_pipeline.worker").info("worker.started", partitions=4)
    (line,) = lines_of(stream)
    assert list(line)[:3] == ["at", "level", "event"]
    assert line["event"] == "worker.started"
    assert line["partitions"] == 4
    assert line["logger"] == "incident_pipeline.worker"


def test_libraries_log_in_the_same_form_and_below_warning_not_at_all() -> None:
    stream = io.StringIO()
    set_up_logs("json", "info", stream)
    logging.getLogger("aiokafka.conn").info("chatter")
    logging.getLogger("faust.worker").warning("lag of %d", 7)
    (line,) = lines_of(stream)
    assert (line["event"], line["level"], line["logger"]) == ("lag of 7", "warning", "faust.worker")


def test_an_exception_stays_within_its_line() -> None:
    stream = io.StringIO()
    set_up_logs("json", "info", stream)
    try:
        int("broken")
    except ValueError:
        get_logger("x").exception("worker.failed")
    (line,) = lines_of(stream)
    assert "broken" in json.dumps(line["exception"])


def test_what_is_below_the_level_is_not_written() -> None:
    stream = io.StringIO()
    set_up_logs("json", "warning", stream)
    get_logger("x").info("quiet.please")
    assert stream.getvalue() == ""


def test_a_stream_that_is_no_terminal_gets_json_unless_told_otherwise() -> None:
    automatic, readable = io.StringIO(), io.StringIO()
    set_up_logs("auto", "info", automatic)
    get_logger("x").info("a.b", n=1)
    set_up_logs("console", "info", readable)
    get_logger("x").info("a.b", n=1)
    assert automatic.getvalue().startswith('{"at"')
    assert "a.b" in readable.getvalue()
    assert "n=1" in readable.getvalue()


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_names_of_others_act_on_nothing_in_any_form(log_format: str) -> None:
    stream = io.StringIO()
    hostile = "[/x]\x1b[31m\x9b2J\u202e\r\nforged"
    set_up_logs(log_format, "info", stream)
    log = get_logger("x")
    log.info("report.rejected", source=hostile, sources=[hostile], error=ValueError(hostile))
    logging.getLogger("faust").warning("of %s", hostile)
    try:
        int(hostile)
    except ValueError:
        log.exception("worker.failed")
    log.error("worker.failed", exc_info=OSError(hostile))
    written = stream.getvalue()
    assert all(character.isprintable() or character in "\n\t" for character in written)
    assert not [line for line in written.splitlines() if line.startswith("forged")]
    if log_format == "json":
        assert lines_of(stream)[0]["source"] == hostile
    else:
        assert r"[/x]\x1b[31m\x9b2J\u202e\r\nforged" in written


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_trace_shows_code_and_no_values(log_format: str) -> None:
    stream = io.StringIO()
    set_up_logs(log_format, "info", stream)

    def fail(password: str) -> None:
        raise ValueError(len(password))

    try:
        fail("open " + "sesame")
    except ValueError:
        get_logger("x").exception("worker.failed")
    assert "in fail" in stream.getvalue() or '"fail"' in stream.getvalue()
    assert "open sesame" not in stream.getvalue()


def test_what_a_library_says_again_and_again_is_said_once_a_minute_with_how_often() -> None:
    stream, now = io.StringIO(), [0.0]
    set_up_logs("json", "info", stream)
    (handler,) = logging.getLogger().handlers
    handler.filters[:] = [Repetitions(lambda: now[0])]
    complain = logging.getLogger("aiokafka.client").error
    for second in range(125):
        now[0] = float(second)
        complain("Unable connect to node with id %s: %s", second, "refused")
        complain("Unable to update metadata")
        get_logger("incident_pipeline.x").warning("report.rejected", offset=second)
    told = [str(line["event"]) for line in lines_of(stream) if line["logger"] == "aiokafka.client"]
    assert told == [
        "Unable connect to node with id 0: refused",
        "Unable to update metadata",
        "Unable connect to node with id 60: refused (and 59 like it in 60 s)",
        "Unable to update metadata (and 59 like it in 60 s)",
        "Unable connect to node with id 120: refused (and 59 like it in 60 s)",
        "Unable to update metadata (and 59 like it in 60 s)",
    ]
    assert stream.getvalue().count("report.rejected") == 125  # what we say ourselves is said as often as we say it
