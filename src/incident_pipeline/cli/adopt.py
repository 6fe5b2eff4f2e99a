"""`incident-pipeline topics adopt`: go on with topics that were made anew."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import click

from incident_pipeline.adoption import adopt_topics, members_of_group, recorded_topics, roles_made_anew
from incident_pipeline.cli.exit_codes import CommandError
from incident_pipeline.cli.output import Listing
from incident_pipeline.cli.session import Session, pass_session
from incident_pipeline.line import TopicsChange
from incident_pipeline.log.admin import refuse_if_topics_differ
from incident_pipeline.log.kafka import open_log
from incident_pipeline.log.recorded_topics import found_topics

if TYPE_CHECKING:
    from incident_pipeline.line import TopicIds

__all__ = ["adopt"]


@click.command(
    epilog="""\b
Example:
  incident-pipeline topics apply && incident-pipeline topics adopt

Stop all workers first. What was decided stays; what comes is decided from the beginning of the new topics, and what
was sent before is known as a repeat. The adoption is an event of the log.
Exit codes: 0 adopted, 1 failed or workers run, 3 the topics differ in something else."""
)
@click.option(
    "--anew",
    "forced",
    type=click.Choice(["reports", "lines"]),
    multiple=True,
    help="Take it for made anew though its id is the same: its end was lost with a broker.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_session
def adopt(session: Session, forced: tuple[str, ...], *, yes: bool) -> None:
    """Go on with topics that were deleted and made anew, or that another cluster has: record their ids in the log."""
    asyncio.run(_adopt(session, forced, yes=yes))


async def _adopt(session: Session, forced: tuple[str, ...], *, yes: bool) -> None:
    connection, topics = session.connection, session.topics
    await refuse_if_topics_differ(connection, topics)
    group = session.config.topic_prefix + session.config.app_id
    if members := await members_of_group(connection, group):
        raise CommandError(
            f"{members} workers of the group {group} are running, or ended less than a session ago. Stop all of them, "
            "wait for session_timeout_seconds, and try again: a worker that reads on would mix up old and new."
        )
    async with open_log(connection) as log:
        recorded, found = await recorded_topics(log, topics), await found_topics(log, topics)
        anew = {*await roles_made_anew(connection, log, topics, group, recorded, found), *forced}
        session.console.print(_table(recorded, found, anew))
        if not yes:
            click.confirm("Go on with the topics that are there now?", abort=True)
        change = TopicsChange(anew=tuple(sorted(anew)), now_ms=time.time_ns() // 1_000_000, topics=found)
        await adopt_topics(connection, log, topics, group, change)
    session.console.print("Adopted. Start the workers: they read reports from the beginning, and count none twice.")


def _table(recorded: TopicIds, found: TopicIds, anew: set[str]) -> Listing:
    table = Listing()
    for column in ("topic", "recorded", "is now", ""):
        table.add_column(column, no_wrap=True)
    for role in found.__struct_fields__:
        known, now = getattr(recorded, role), getattr(found, role)
        table.add(role, known or "not recorded", now or "unknown", "made anew" if role in anew else "")
    return table
