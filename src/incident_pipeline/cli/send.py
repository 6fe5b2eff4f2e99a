"""`incident-pipeline send`: reports as JSON lines, checked before they are sent."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import BinaryIO, Final

import click
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.cli.exit_codes import CommandError, ExitCode
from incident_pipeline.cli.output import plain_console, say
from incident_pipeline.cli.session import Session, pass_session
from incident_pipeline.intake.take import take
from incident_pipeline.intake.understand import Coordinates
from incident_pipeline.rejection import Reason, Rejection
from incident_pipeline.sending import Sender, open_sender, source_key

__all__ = ["send"]

_SHOWN_REJECTIONS: Final = 20
_BREATHE_LINES: Final = 200
_LINE_BYTES: Final = 64 << 20

Check = Callable[[bytes], Rejection | None]


@click.command(
    epilog="""\b
Examples:
  incident-pipeline send reports.jsonl
  zcat 2020-03.jsonl.gz | incident-pipeline send -

Exit codes: 0 all accepted, 1 failed, 2 wrong usage, 4 some lines rejected (the others are sent)."""
)
@click.argument("path", type=click.Path(exists=True, dir_okay=False, allow_dash=True), default="-")
@click.option(
    "--no-validate",
    is_flag=True,
    help="Send every line as it is; the pipeline answers bad ones with dead letters.",
)
@pass_session
def send(session: Session, path: str, *, no_validate: bool) -> None:
    """Send reports, one JSON object a line, from PATH or (-) standard input.

    Each line is read as the pipeline would read it: what it would answer with a dead letter is not sent, and told
    with its line number, what is wrong and what to do.
    """
    check = _accept_all if no_validate else _reader(session)
    with _progress() as progress:
        total = None if path == "-" else Path(path).stat().st_size
        task = progress.add_task("Sending", total=total)
        accepted, rejected = asyncio.run(
            _send_all(session, path, check, lambda read_bytes: progress.update(task, completed=read_bytes))
        )
    for number, rejection in rejected[:_SHOWN_REJECTIONS]:
        say(f"line {number}: {rejection.reason.value}: {rejection.detail}. {rejection.remedy}", err=True)
    if len(rejected) > _SHOWN_REJECTIONS:
        click.echo(f"... and {len(rejected) - _SHOWN_REJECTIONS} more", err=True)
    click.echo(f"{accepted} accepted, {len(rejected)} rejected")
    if rejected:
        raise CommandError("some lines were not sent. Mend them and send them again.", ExitCode.SOME_REJECTED)


def _accept_all(_value: bytes) -> None:
    """Leave the judgement to the pipeline."""


def _reader(session: Session) -> Check:
    """Judge a line as intake would, were it appended now."""
    catalogue = Catalogue(load_rules(session.config.catalogue or shipped_catalogue()))
    partitions = session.topics.lines.partitions

    def check(value: bytes) -> Rejection | None:
        now_ms = round(time.time() * 1000)
        outcome = take(value, Coordinates(0, 0), catalogue, recorded_at_ms=now_ms, partitions=partitions)
        return outcome if isinstance(outcome, Rejection) else None

    return check


async def _send_all(
    session: Session, path: str, check: Check, tell: Callable[[int], None]
) -> tuple[int, list[tuple[int, Rejection]]]:
    rejected: list[tuple[int, Rejection]] = []
    read_bytes = number = 0
    async with open_sender(session.connection, session.topics.reports) as sender:
        async for line in _lines(path):
            number += 1
            read_bytes += len(line)
            value = line.rstrip(b"\r\n")
            if value.strip() and (rejection := await _send_one(sender, value, check)) is not None:
                rejected.append((number, rejection))
            if number % _BREATHE_LINES == 0:
                tell(read_bytes)
                await asyncio.sleep(0)
        await sender.flush()
        tell(read_bytes)
        return sender.acknowledged, rejected


async def _send_one(sender: Sender, value: bytes, check: Check) -> Rejection | None:
    rejection = check(value)
    if rejection is None and not sender.fits(value):
        rejection = Rejection(Reason.TOO_LARGE, f"{len(value)} bytes, more than the topic takes")
    if rejection is None:
        await sender.send(source_key(value), value)
    return rejection


async def _lines(path: str) -> AsyncIterator[bytes]:
    """Yield lines; those of a pipe as they come, so that `tail -f` may stand before it."""
    if path == "-" and _is_pipe(sys.stdin.buffer):
        reader = asyncio.StreamReader(limit=_LINE_BYTES)
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer
        )
        while line := await reader.readline():
            yield line
        return
    with click.open_file(path, "rb") as file:
        for line in file:
            yield line


def _is_pipe(file: BinaryIO) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(file.fileno()).st_mode)
    except (OSError, ValueError, AttributeError):
        return False


def _progress() -> Progress:
    console = plain_console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
