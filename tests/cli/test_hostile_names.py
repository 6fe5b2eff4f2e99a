"""What others write is text: no name, key or id acts on the terminal, ends a command or forges a line."""

from __future__ import annotations

import asyncio
import io
import json
from typing import TYPE_CHECKING

import msgspec
import pytest

from incident_pipeline.alert import AlertReason, AlertType
from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.cli.output import plain_console
from incident_pipeline.dead_letter import dead_letter_headers
from incident_pipeline.demo.outcome import Outcome, read_outcome
from incident_pipeline.demo.show import WIDTH, show_outcome
from incident_pipeline.event import Event
from incident_pipeline.log import LogRecord
from incident_pipeline.log.kafka import open_log
from incident_pipeline.rejection import Reason, Rejection

from .test_alerts import alert
from .test_counts import aggregate
from .test_usage import every_command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from incident_pipeline.topics import Topics

    from .conftest import Command, Record

HOSTILE = (
    "[/bold][red]:smile:",  # markup of the library that draws tables
    "\x1b[31mred\x1b]0;title\x07",  # colours and titles
    "\x9b2J\x7f\x08",  # one-byte controls, rubbing out
    "a\r\n2020-03-09  forged",  # another line
    "\u202ereversed\u2028",  # directions, separators
)
EVERYTHING = "".join(HOSTILE)
SHOWN = ("bold][red]:smile:", r"\x1b[31mred\x1b]0;title\x07", r"\x9b2J\x7f\x08", r"a\r\n2020", r"\u202ereversed")

SHOWING = {
    ("counts",): [[], ["--by", "group,place"], ["--by", "group,place", "--csv"], ["--by", "group,place", "--json"]],
    ("alerts",): [[], ["--history"], ["--history", "--json"]],
    ("dead-letters", "list"): [[], ["--each"], ["--json"]],
    ("dead-letters", "requeue"): [["--all", "--dry-run"]],
    ("dead-letters", "show"): [[f"{EVERYTHING}/2/3"], ["reports/2/4"]],
}
"""Commands that show what others wrote, each with the ways of asking."""
OF_OWN_WORDS = {
    (),
    ("alerts",),
    ("broker",),
    ("catalogue",),
    ("catalogue", "check"),
    ("dead-letters",),
    ("demo",),
    ("run",),
    ("send",),
    ("topics",),
    ("topics", "acls"),
    ("topics", "adopt"),
    ("topics", "apply"),
    ("topics", "diff"),
    ("void",),
    ("worker",),
}
"""Commands that show nothing of others, or that the tests below are about."""


def hostile_event() -> Event:
    """The sample aggregate, with a hostile theatre, place, group, party and report id."""
    text = msgspec.json.encode(aggregate(0, "2020-03-09", 2)).decode()
    for name in ("north-west", "idlib-zone", "sample-centre", "hts", "b0"):
        text = text.replace(name, json.dumps(EVERYTHING)[1:-1])
    return msgspec.json.decode(text, type=Event)


def hostile_letter(offset: int, topic: str) -> Record:
    key = EVERYTHING.encode()
    original = LogRecord(topic, 2, offset, 1_583_971_200_000, key, key)
    return key, original.value, dead_letter_headers(Rejection(Reason.NOT_JSON, EVERYTHING), original)


@pytest.fixture
def hostile_logs(
    append: Callable[[str, Sequence[Record]], None],
    append_events: Callable[..., None],
    append_alerts: Callable[..., None],
    topics: Topics,
) -> None:
    append_events(hostile_event())
    raised = alert(0, AlertType.RAISED, AlertReason.CROSSED, "2020-03-09")
    verdict = msgspec.structs.replace(raised.verdict, explanation=EVERYTHING)
    named = dict.fromkeys(("rule", "severity", "report", "theatre"), EVERYTHING)
    append_alerts(msgspec.structs.replace(raised, verdict=verdict, **named))
    append(
        topics.dead_letters.name,
        [hostile_letter(3, EVERYTHING), hostile_letter(4, "reports"), hostile_letter(5, topics.reports.name)],
    )


def strings_of(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from strings_of([*value.values()])
    elif isinstance(value, list):
        for inner in value:
            yield from strings_of(inner)
    elif isinstance(value, str):
        yield value


def is_harmless(text: str) -> bool:
    return all(character.isprintable() for character in text.replace("\n", ""))


@pytest.mark.parametrize("path", SHOWING, ids=" ".join)
@pytest.mark.usefixtures("hostile_logs")
def test_hostile_names_are_shown_and_never_obeyed(
    on_cluster: Command, monkeypatch: pytest.MonkeyPatch, path: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", "2000")
    for options in SHOWING[path]:
        ended = on_cluster(*path, *options)
        out = ended.out.replace("\r\n", "\n")  # as comma-separated values end their lines
        assert ended.code == 0, (options, ended.err)
        assert is_harmless(out + ended.err), options
        assert not [line for line in out.splitlines() if "forged" in line.partition("2020")[0]]
        if "--json" in options:
            assert any(EVERYTHING in text for line in out.splitlines() for text in strings_of(json.loads(line)))
        else:
            assert all(shown in out for shown in SHOWN), (options, out)


@pytest.mark.parametrize("columns", ["20", "80"])
@pytest.mark.usefixtures("hostile_logs")
def test_a_narrow_terminal_shows_them_too(on_cluster: Command, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    for path, ways in SHOWING.items():
        assert on_cluster(*path, *ways[0]).code == 0


def test_every_command_is_looked_at() -> None:
    """A new command belongs into one of the two lists."""
    assert set(every_command()) == SHOWING.keys() | OF_OWN_WORDS


@pytest.mark.usefixtures("hostile_logs")
def test_the_demo_shows_them_in_every_table(on_cluster: Command, bootstrap_servers: str, topics: Topics) -> None:
    async def read() -> Outcome:
        async with open_log(bootstrap_servers) as log:
            return await read_outcome(log, topics)

    out = io.StringIO()
    console = plain_console(width=WIDTH)
    console.file = out
    show_outcome(console, asyncio.run(read()), Catalogue(load_rules(shipped_catalogue())))
    assert is_harmless(out.getvalue())


def test_a_message_shows_them_too(command: Command) -> None:
    ended = command("dead-letters", "show", EVERYTHING)
    assert ended.code == 2
    assert is_harmless(ended.err)


def test_what_is_said_of_reports_shows_them_too(command: Command) -> None:
    statement = {"type": EVERYTHING, "group": EVERYTHING, "place": EVERYTHING, "registered_by": EVERYTHING}
    report = {"source": EVERYTHING, "report_id": EVERYTHING, "violations": [statement]}
    days = ("2020-03-10", "2020-03-11")
    lines = [json.dumps({**report, "occurred_on": day}).encode() for day in days]
    ended = command("send", "--check", stdin=b"\n".join([*lines, json.dumps({EVERYTHING: 1}).encode()]))
    assert (ended.code, ended.out) == (4, "0 would be sent, 3 rejected\n")
    assert is_harmless(ended.err)
    assert ended.err.count(r"\x1b[31mred") >= 4
    assert not [line for line in ended.err.splitlines() if line.startswith("2020-03-09  forged")]


@pytest.mark.usefixtures("hostile_logs")
def test_raw_bytes_are_not_given_to_a_terminal(on_cluster: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    assert on_cluster("dead-letters", "show", "reports/2/4", "--raw").out == EVERYTHING
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    ended = on_cluster("dead-letters", "show", "reports/2/4", "--raw")
    assert (ended.code, ended.out) == (2, "")
    assert "Send them to a file" in ended.err
