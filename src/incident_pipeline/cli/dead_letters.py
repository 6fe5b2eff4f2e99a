"""`incident-pipeline dead-letters`: records that could not be used, why, and what their producer can do."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from typing import TYPE_CHECKING, Final

import click
import msgspec

from incident_pipeline.cli.exit_codes import CommandError
from incident_pipeline.cli.letter_selection import OriginType, selecting
from incident_pipeline.cli.output import Commands, Listing, say, write_json
from incident_pipeline.cli.requeue import requeue
from incident_pipeline.cli.session import Session, pass_session
from incident_pipeline.dead_letter import DeadLetter, Letters, Origin, read_dead_letter, read_requeued
from incident_pipeline.log import read_all
from incident_pipeline.log.kafka import open_log
from incident_pipeline.projection.letter_groups import LetterGroups
from incident_pipeline.requeue import Selection, answered, read_letters
from incident_pipeline.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["dead_letters", "groups_table", "sightings_table"]

SHOWN_GROUPS: Final = 50
SHOWN_LETTERS: Final = 100
_NO_SOURCE: Final = "not said"


@click.group(
    cls=Commands,
    name="dead-letters",
    epilog="""\b
Example:
  incident-pipeline dead-letters list""",
)
def dead_letters() -> None:
    """Look at the records that could not be used, and send them again after a fix."""


dead_letters.add_command(requeue)


@dead_letters.command(
    name="list",
    epilog="""\b
Examples:
  incident-pipeline dead-letters list
  incident-pipeline dead-letters list --source sample-desk --each
  incident-pipeline dead-letters list --json > letters.jsonl

Exit codes: 0 done, 1 failed, 2 wrong usage.""",
)
@selecting
@click.option("--each", is_flag=True, help=f"A row for each letter; the newest {SHOWN_LETTERS}.")
@click.option("--json", "as_json", is_flag=True, help="Each letter, all of them, as one JSON object a line.")
@pass_session
def list_letters(session: Session, selection: Selection, *, each: bool, as_json: bool) -> None:
    """List dead letters by source and reason, with how many of them were sent again."""
    if each and as_json:
        raise click.UsageError("--json shows each letter already: leave --each away.")
    if as_json:
        asyncio.run(_read(session, selection, lambda letter, again: write_json(_as_json(letter, sent_again=again))))
        return
    groups = LetterGroups()
    newest: deque[tuple[DeadLetter, bool]] = deque(maxlen=SHOWN_LETTERS)

    def keep(letter: DeadLetter, again: bool) -> None:
        groups.add(letter, sent_again=again)
        newest.append((msgspec.structs.replace(letter, value=b""), again))

    asyncio.run(_read(session, selection, keep))
    if not newest:
        say("No dead letters." if selection.is_everything else "No dead letters to which all of that applies.")
    elif each:
        session.console.print(_each_table(newest))
        if groups.letters > len(newest):
            say(f"and {groups.letters - len(newest):,} before them. --json gives all, and --from and --to some.")
    else:
        session.console.print(groups_table(groups))
        if (hidden := len(groups.by_number()) - SHOWN_GROUPS) > 0:
            say(f"and {hidden:,} more sources and reasons with fewer letters. --json gives all letters.")


@dead_letters.command(
    epilog="""\b
Examples:
  incident-pipeline dead-letters show reports/2/17
  incident-pipeline dead-letters show reports/2/17 --raw > record.bin

Exit codes: 0 done, 1 failed or not found, 2 wrong usage."""
)
@click.argument("origin", type=OriginType())
@click.option("--raw", is_flag=True, help="The original bytes alone, unchanged.")
@pass_session
def show(session: Session, origin: Origin, *, raw: bool) -> None:
    """Show the dead letter of ORIGIN (topic/partition/offset), with its original bytes."""
    letter, attempts = asyncio.run(_find(session, origin))
    if letter is None:
        raise CommandError(
            f"there is no dead letter of {origin}. `incident-pipeline dead-letters list --each` shows which there are."
        )
    if raw and sys.stdout.isatty():
        raise click.UsageError("--raw gives bytes that would act on this terminal. Send them to a file or a program.")
    if raw:
        sys.stdout.buffer.write(letter.value)
        return
    size = f"{letter.size_bytes} bytes, SHA-256 {letter.digest}"
    if not letter.is_whole:
        size += f"; the letter has the first {len(letter.value)}, the record is whole where its origin says"
    fields = [
        ("origin", str(letter.origin)),
        ("recorded at", letter.recorded_at),
        ("source", _NO_SOURCE if letter.source is None else letter.source),
        ("reason", f"{letter.reason.value}: {letter.detail}"),
        ("remedy", letter.remedy),
        ("size", size),
    ]
    if letter.requeue_of is not None:
        fields.append(("sent for", f"the letter of {letter.requeue_of}, again"))
    fields += [("sent again", attempt) for attempt in attempts]
    for name, value in fields:
        click.echo(f"{name:<11}  {visible(value)}")
    click.echo("")
    click.echo(visible(letter.value.decode("utf-8", "backslashreplace"), keep="\n\t"))


async def _read(session: Session, selection: Selection, take: Callable[[DeadLetter, bool], None]) -> None:
    """Give each letter that is meant to `take`, with whether its record was sent again and answered."""
    topic = session.topics.dead_letters.name
    async with open_log(session.connection) as log:
        again = await answered(log, topic)
        async for _, letter in read_letters(log, topic):
            if selection.takes(letter):
                take(letter, letter.origin in again)


async def _find(session: Session, origin: Origin) -> tuple[DeadLetter | None, list[str]]:
    """Find the newest letter of an origin, and what became of its record where that was sent again."""
    found: DeadLetter | None = None
    attempts: list[tuple[Origin, str]] = []
    async with open_log(session.connection) as log:
        async for records in read_all(log, session.topics.dead_letters.name):
            for record in records:
                letter, mark = read_dead_letter(record), read_requeued(record)
                if letter is not None and letter.origin.is_meant_by(origin):
                    found = letter
                elif letter is not None and letter.requeue_of is not None:
                    attempts.append((letter.requeue_of, f"as {letter.origin}, in vain: {letter.reason.value}"))
                elif mark is not None:
                    attempts.append((mark.requeue_of, f"as {mark.origin}, and used"))
    return found, list(dict.fromkeys(said for first, said in attempts if found and found.origin.is_meant_by(first)))


def groups_table(groups: LetterGroups) -> Listing:
    """Set dead letters out by source and reason, the groups with most of them."""
    table = Listing()
    for column in ("source", "reason", "letters", "sent again", "newest", "of record", "what is wrong there"):
        right = column in {"letters", "sent again"}
        table.add_column(column, justify="right" if right else "left", no_wrap=right or column in {"reason", "newest"})
    for group in groups.by_number()[:SHOWN_GROUPS]:
        source = _NO_SOURCE if group.source is None else group.source
        again = f"{group.sent_again:,}" if group.sent_again else ""
        table.add(
            *(source, group.reason.value, f"{group.letters:,}", again),
            *(group.last_at, str(group.last_origin), group.last_detail),
        )
    return table


def _each_table(letters: deque[tuple[DeadLetter, bool]]) -> Listing:
    table = Listing()
    for column in ("origin", "source", "reason", "sent again", "what is wrong"):
        table.add_column(column, no_wrap=column in {"origin", "reason"}, overflow="fold")
    for letter, again in letters:
        cells = (str(letter.origin), letter.source or "", letter.reason.value, "yes" if again else "", letter.detail)
        table.add(*cells)
    return table


def sightings_table(letters: Letters) -> Listing:
    """Set a few dead letters out, with how often each was seen."""
    table = Listing()
    for column in ("origin", "source", "reason", "seen", "what is wrong"):
        table.add_column(column, no_wrap=column in {"origin", "seen", "reason"}, overflow="fold")
    for sightings in letters.listed():
        letter = sightings[0]
        seen = {1: "once", 2: "twice"}.get(len(sightings), f"{len(sightings)} times")
        table.add(str(letter.origin), letter.source or "", letter.reason.value, seen, letter.detail)
    return table


def _as_json(letter: DeadLetter, *, sent_again: bool) -> dict[str, object]:
    return {
        "origin": str(letter.origin),
        "source": letter.source,
        "reason": letter.reason.value,
        "detail": letter.detail,
        "remedy": letter.remedy,
        "recorded_at": letter.recorded_at,
        "size_bytes": letter.size_bytes,
        "sha256": letter.digest,
        "whole": letter.is_whole,
        "requeue_of": None if letter.requeue_of is None else str(letter.requeue_of),
        "sent_again": sent_again,
    }
