"""`incident-pipeline void`: pass over a record of `events` that does not agree with the log."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import click

from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.cli.exit_codes import CommandError
from incident_pipeline.cli.output import say
from incident_pipeline.cli.session import Session, pass_session
from incident_pipeline.codec import encode
from incident_pipeline.line import RecordVoided
from incident_pipeline.log.kafka import open_log
from incident_pipeline.projection.checked import refused_records
from incident_pipeline.sending import open_sender

if TYPE_CHECKING:
    from collections.abc import Iterable

    from incident_pipeline.log import LogReader
    from incident_pipeline.owner import RecordRefusedError

__all__ = ["refused_of", "tell_refused", "void", "warn_of_refused"]

_KEY = b"*"
"""The record is about all theatres of its partition."""


@click.command(
    epilog="""\b
Example:
  incident-pipeline void 5a0c...e1

Keep a copy of the record first: it is evidence of a fault, or of somebody who may write to events and should not.
Exit codes: 0 done, 1 failed, or there is no such record."""
)
@click.argument("event_id")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_session
def void(session: Session, event_id: str, *, yes: bool) -> None:
    """Pass over the record EVENT_ID of events, which continues the chain and does not agree with it.

    Only a record that the ledger refuses can be voided. It stays where it is; an event says that it is void, and
    takes back what readers have taken from it.
    """
    asyncio.run(_void(session, event_id, yes=yes))


async def _void(session: Session, event_id: str, *, yes: bool) -> None:
    topics = session.topics
    async with open_log(session.connection) as log:
        refused = {one.event_id: one for one in await refused_of(session, log)}
    found = refused.get(event_id)
    if found is None:
        others = "".join(f"\n  {one}" for one in refused.values()) or " None is refused."
        raise CommandError(f"the record {event_id} is not among those that do not agree with the log.{others}")
    say(str(found))
    if not yes:
        click.confirm("Pass over it?", abort=True)
    record = RecordVoided(event_id=event_id, now_ms=time.time_ns() // 1_000_000)
    async with open_sender(session.connection, topics.lines) as sender:
        await sender.send(_KEY, encode(record), partition=found.record.partition)
    say("Voided. Workers that hold the partition go on within seconds.")


async def refused_of(session: Session, log: LogReader) -> list[RecordRefusedError]:
    """Give the records of `events` that do not agree with the log."""
    from streams.rules_store import RulesStore  # the one reader of published rules

    rules = RulesStore(log, session.topics.rules.name, load_rules(shipped_catalogue()))
    return await refused_records(log, session.topics, rules, rules)


async def warn_of_refused(session: Session, log: LogReader) -> None:
    """Name on standard error the records that should not be believed."""
    tell_refused(await refused_of(session, log), "What is shown takes it for true.")


def tell_refused(found: Iterable[RecordRefusedError], meaning: str) -> None:
    """Name records that do not agree with the log on standard error, and what that means for what is shown."""
    for refused in found:
        say(
            f"Warning: {refused} {meaning} The way on: incident-pipeline void "
            f"{refused.event_id} (docs/operator.md, Held).",
            err=True,
        )
