"""`incident-pipeline dead-letters`: records that could not be used, why, and what their producer can do."""

from __future__ import annotations

import asyncio
import sys

import click

from incident_pipeline.cli.exit_codes import CommandError
from incident_pipeline.cli.output import Listing, write_json
from incident_pipeline.cli.session import Session, pass_session
from incident_pipeline.dead_letter import DeadLetter, Letters, Origin
from incident_pipeline.log.kafka import open_log
from incident_pipeline.visible import visible

__all__ = ["dead_letters", "letters_table", "read_letters"]


class _OriginType(click.ParamType):
    """`topic/partition/offset`, as the list shows it."""

    name = "origin"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Origin:
        """Read an origin."""
        if isinstance(value, Origin):
            return value
        topic, _, rest = str(value).rpartition("/")
        topic, _, partition = topic.rpartition("/")
        if not (topic and partition.isdecimal() and rest.isdecimal()):
            self.fail(f"{value!r} is no origin. `dead-letters list` shows them: reports/2/17.", param, ctx)
        return Origin(topic, int(partition), int(rest))


@click.group(
    name="dead-letters",
    epilog="""\b
Example:
  incident-pipeline dead-letters list""",
)
def dead_letters() -> None:
    """Look at the records that could not be used."""


@dead_letters.command(
    name="list",
    epilog="""\b
Example:
  incident-pipeline dead-letters list --json

Exit codes: 0 done, 1 failed, 2 wrong usage.""",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@pass_session
def list_letters(session: Session, *, as_json: bool) -> None:
    """List dead letters with their reason. The same bytes sent again are one letter, seen twice."""
    letters = asyncio.run(read_letters(session))
    if as_json:
        for sightings in letters.listed():
            write_json(_as_json(sightings))
    elif len(letters):
        session.console.print(letters_table(letters))
    else:
        session.console.print("No dead letters.")


@dead_letters.command(
    epilog="""\b
Examples:
  incident-pipeline dead-letters show reports/2/17
  incident-pipeline dead-letters show reports/2/17 --raw > record.bin

Exit codes: 0 done, 1 failed or not found, 2 wrong usage."""
)
@click.argument("origin", type=_OriginType())
@click.option("--raw", is_flag=True, help="The original bytes alone, unchanged.")
@pass_session
def show(session: Session, origin: Origin, *, raw: bool) -> None:
    """Show the dead letter of ORIGIN (topic/partition/offset), with its original bytes."""
    letter = asyncio.run(read_letters(session)).find(origin)
    if letter is None:
        raise CommandError(f"there is no dead letter of {origin}. `incident-pipeline dead-letters list` shows all.")
    if raw and sys.stdout.isatty():
        raise click.UsageError("--raw gives bytes that would act on this terminal. Send them to a file or a program.")
    if raw:
        sys.stdout.buffer.write(letter.value)
        return
    for name, value in (
        ("origin", str(letter.origin)),
        ("recorded at", letter.recorded_at),
        ("source", letter.source or "not said"),
        ("reason", f"{letter.reason.value}: {letter.detail}"),
        ("remedy", letter.remedy),
        ("size", f"{letter.size_bytes} bytes, SHA-256 {letter.digest}"),
    ):
        click.echo(f"{name:<11}  {visible(value)}")
    click.echo("")
    click.echo(visible(letter.value.decode("utf-8", "backslashreplace"), keep="\n\t"))


async def read_letters(session: Session) -> Letters:
    """Fold the dead letters of the cluster."""
    letters = Letters()
    topic = session.topics.dead_letters.name
    async with open_log(session.connection) as log:
        for partition in range(await log.partitions(topic)):
            first = await log.start_offset(topic, partition)
            end = await log.end_offset(topic, partition)
            async for records in log.read(topic, partition, first, end):
                letters.add(records)
    return letters


def letters_table(letters: Letters) -> Listing:
    """Set dead letters out as a table."""
    table = Listing()
    for column in ("origin", "source", "reason", "seen", "what is wrong"):
        table.add_column(column, no_wrap=column in {"origin", "seen", "reason"}, overflow="fold")
    for sightings in letters.listed():
        letter = sightings[0]
        seen = {1: "once", 2: "twice"}.get(len(sightings), f"{len(sightings)} times")
        table.add(str(letter.origin), letter.source or "", letter.reason.value, seen, letter.detail)
    return table


def _as_json(sightings: tuple[DeadLetter, ...]) -> dict[str, object]:
    letter = sightings[0]
    return {
        "origin": str(letter.origin),
        "source": letter.source,
        "reason": letter.reason.value,
        "detail": letter.detail,
        "remedy": letter.remedy,
        "recorded_at": letter.recorded_at,
        "size_bytes": letter.size_bytes,
        "sha256": letter.digest,
        "seen": len(sightings),
        "origins": [str(one.origin) for one in sightings],
    }
