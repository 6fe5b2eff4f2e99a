"""`incident-pipeline send`: reports as JSON lines, looked at as the pipeline will before they are sent."""

from __future__ import annotations

import asyncio
import shlex
import time
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import click
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.cli.exit_codes import CommandError, ExitCode
from incident_pipeline.cli.findings import findings
from incident_pipeline.cli.output import plain_console, say
from incident_pipeline.cli.report_files import ReportFiles, refuse_other_formats
from incident_pipeline.cli.session import Session, pass_session
from incident_pipeline.log import LogError
from incident_pipeline.log.kafka import open_log
from incident_pipeline.preview import Preview, Verdict
from incident_pipeline.rejection import Reason, Rejection
from incident_pipeline.sending import fits, open_sender, source_key
from incident_pipeline.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from incident_pipeline.topics import Topic

__all__ = ["send"]

_SHOWN_REJECTIONS: Final = 20
_BREATHE_LINES: Final = 200
_NO_REPORT_LINES: Final = 1_000
"""After so many lines that are no JSON, and none that is, it is another kind of file."""
_LAST_WORDS_SECONDS: Final = 10.0
"""How long Ctrl-C waits for what is under way, so that it can say where to go on."""


@click.command(
    epilog="""\b
Examples:
  incident-pipeline send reports.jsonl
  incident-pipeline send --check 2020-03/
  tail -f reports.jsonl | incident-pipeline send -

\b
Of a folder every .jsonl and .jsonl.gz is sent, by name. What is wrong with
lines of a pipe is told at the end. Sending again is harmless: the pipeline
knows a report by its source, id and content.
Exit codes: 0 all accepted, 1 failed, 2 wrong usage or no JSON lines, 4 some
lines rejected (the others are sent), 130 Ctrl-C (it says where to go on)."""
)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(exists=True, allow_dash=True))
@click.option("--check", "check_only", is_flag=True, help="Say what there is to say, and send nothing.")
@click.option("--skip-lines", metavar="N", type=click.IntRange(min=0), default=0, help="Leave out the first N lines.")
@click.option(
    "--no-validate",
    is_flag=True,
    help="Send every line as it is; the pipeline answers bad ones with dead letters.",
)
@pass_session
def send(session: Session, paths: tuple[str, ...], *, check_only: bool, skip_lines: int, no_validate: bool) -> None:
    """Send reports, one JSON object a line, from files, folders or (-) standard input.

    Everything is looked at first, as the pipeline will: names that the catalogue does not know, and what will be
    recorded and not counted, are told before anything is sent. What would be a dead letter is not sent, nor are reports
    that use one id for different contents: each is told with its line, what is wrong and what to do.
    """
    if check_only and no_validate:
        raise click.UsageError("--check and --no-validate exclude each other.")
    files = ReportFiles(paths or ("-",))
    topic = session.topics.reports
    outlook = Outlook(files, None if no_validate else _preview(session), topic)
    if check_only:
        _look(files, outlook, skip_lines)
        _tell(files, outlook)
        click.echo(f"{outlook.good} would be sent, {outlook.rejected} rejected")
    else:
        asyncio.run(_reach(session, topic))
        if files.can_be_read_twice and not no_validate:
            _look(files, outlook, skip_lines)
            _tell(files, outlook)
        _send(session, files, outlook, skip_lines)
    if outlook.rejected:
        raise CommandError(
            "some lines were not sent. Mend them and send them again."
            if not check_only
            else "some lines would not be sent.",
            ExitCode.SOME_REJECTED,
        )


@dataclass
class Outlook:
    """What is known of the lines: judged one by one, in order."""

    files: ReportFiles
    preview: Preview | None
    """None: every line is sent as it is."""
    topic: Topic
    good: int = 0
    refused: int = 0
    """Lines that would be dead letters."""
    held: int = 0
    """Lines that use one id for different contents."""
    no_json: int = 0
    shown: list[tuple[int, Rejection]] = field(default_factory=list)
    """The first of them, with their lines."""
    looked_at: bytearray | None = None
    """For each line from 0 whether it is sent, where all were looked at before."""

    @property
    def rejected(self) -> int:
        """Lines that are not sent."""
        return self.refused + self.held

    def judge(self, number: int, value: bytes) -> bool:
        """Whether a line is to be sent."""
        outcome: Rejection | Verdict = Verdict.TAKEN
        if self.preview is not None:
            if not self.files.can_be_read_twice and not self.good and not self.rejected:
                refuse_other_formats("standard input", value)
            outcome = self.preview.take(value, number, round(time.time() * 1000))
        if not isinstance(outcome, Rejection) and not fits(value, self.topic):
            outcome = Rejection(Reason.TOO_LARGE, f"{len(value)} bytes, more than the topic takes")
        if outcome is Verdict.TAKEN:
            self.good += 1
            return True
        if isinstance(outcome, Rejection):
            self._refuse(number, value, outcome)
        else:
            self.held += 1
        return False

    def _refuse(self, number: int, value: bytes, rejection: Rejection) -> None:
        self.refused += 1
        if len(self.shown) < _SHOWN_REJECTIONS:
            self.shown.append((number, rejection))
        self.no_json += not value.lstrip().startswith(b"{")
        if self.no_json == _NO_REPORT_LINES and not self.good and self.refused == self.no_json:
            first, why = self.shown[0]
            raise CommandError(
                f"none of the first {self.no_json} lines is a JSON object (line {first}: {why.detail}). "
                "What is sent is JSON Lines: one report, a JSON object, on each line.\nNothing was sent.",
                ExitCode.WRONG_USAGE,
            )

    def sends(self, number: int, value: bytes) -> bool:
        """Whether a line is to be sent, now that its turn has come."""
        if self.looked_at is not None:
            return number < len(self.looked_at) and bool(self.looked_at[number])
        return value.strip() != b"" and self.judge(number, value)

    def hold_back(self) -> None:
        """Send none of the reports that use one id for different contents: which is right is not ours to say."""
        if self.preview is None or self.looked_at is None:
            return
        for number in self.preview.contradicted:
            if self.looked_at[number]:
                self.looked_at[number] = False
                self.good -= 1
                self.held += 1


def _preview(session: Session) -> Preview:
    catalogue = Catalogue(load_rules(session.config.catalogue or shipped_catalogue()))
    return Preview(catalogue, session.topics.lines.partitions)


async def _reach(session: Session, topic: Topic) -> None:
    """Ask for the topic, before a long look at the files. Raises `LogError`."""
    async with open_log(session.connection) as log:
        await log.partitions(topic.name)


def _look(files: ReportFiles, outlook: Outlook, skip_lines: int) -> None:
    """Judge every line before the first is sent."""
    if files.can_be_read_twice:
        files.refuse_other_formats()
    outlook.looked_at = looked_at = bytearray(1)
    try:
        with _progress("Checking", files) as on_read:
            for number, line in files.lines(on_read):
                looked_at.append(number > skip_lines and line.strip() != b"" and outlook.judge(number, _value(line)))
    except KeyboardInterrupt:
        raise CommandError("stopped while checking; nothing was sent.", ExitCode.INTERRUPTED) from None
    outlook.hold_back()


def _tell(files: ReportFiles, outlook: Outlook) -> None:
    """Say what there is to say, in a bounded number of lines."""
    for number, rejection in outlook.shown:
        told = f"{files.where(number)}: {rejection.reason.value}: {rejection.detail}. {rejection.remedy}"
        say(visible(told), err=True)
    if (more := outlook.refused - len(outlook.shown)) > 0:
        say(f"... and {more} more", err=True)
    if outlook.preview is not None:
        for line in findings(outlook.preview, files.where):
            say(visible(line), err=True)


def _send(session: Session, files: ReportFiles, outlook: Outlook, skip_lines: int) -> None:
    """Send what is to be sent, and say how much that was."""
    way = _Way(skip_lines)
    try:
        with _progress("Sending", files) as on_read:
            asyncio.run(_send_all(session, files, outlook, way, on_read))
    except KeyboardInterrupt:  # before the first was sent, or a second time
        way.interrupted = True
    except LogError as error:
        raise CommandError(f"{error}\n{_where_to_go_on(files, way)}") from error
    if outlook.looked_at is None:
        _tell(files, outlook)
    if way.interrupted:
        raise CommandError(f"stopped: {way.accepted} accepted.\n{_where_to_go_on(files, way)}", ExitCode.INTERRUPTED)
    click.echo(f"{way.accepted} accepted, {outlook.rejected} rejected")


@dataclass
class _Way:
    """How far the sending is."""

    done_lines: int
    """Lines from the first of which nothing is left to do: Kafka has what of them is to be sent."""
    accepted: int = 0
    interrupted: bool = False


def _where_to_go_on(files: ReportFiles, way: _Way) -> str:
    if files.is_standard_input:
        return f"{way.done_lines} lines are done: go on with --skip-lines {way.done_lines}, or send all again."
    paths = " ".join(map(shlex.quote, files.paths))
    done = f"All is done up to {files.where(way.done_lines)}. " if way.done_lines else ""
    return f"{done}Go on with: incident-pipeline send --skip-lines {way.done_lines} {paths}"


async def _send_all(
    session: Session, files: ReportFiles, outlook: Outlook, way: _Way, on_read: Callable[[int], None]
) -> None:
    async with open_sender(session.connection, session.topics.reports) as sender:
        number = way.done_lines
        try:
            async for number, line in files.stream(on_read):
                if number <= way.done_lines or not outlook.sends(number, value := _value(line)):
                    continue
                await sender.send(source_key(value), value)
                if not sender.waits:
                    way.done_lines, way.accepted = number, sender.acknowledged
                if number % _BREATHE_LINES == 0:
                    await asyncio.sleep(0)
        except asyncio.CancelledError:
            way.interrupted = True
        with suppress(TimeoutError) if way.interrupted else nullcontext():
            async with asyncio.timeout(_LAST_WORDS_SECONDS if way.interrupted else None):
                await sender.flush()
        way.done_lines, way.accepted = number, sender.acknowledged


def _value(line: bytes) -> bytes:
    return line.rstrip(b"\r\n")


@contextmanager
def _progress(title: str, files: ReportFiles) -> Iterator[Callable[[int], None]]:
    """Give a function that is told how many bytes were read; they move a bar, where somebody sees it."""
    console = plain_console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task(title, total=files.size_bytes)
        yield lambda read_bytes: progress.update(task, completed=read_bytes)
