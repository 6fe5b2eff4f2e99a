"""`incident-pipeline dead-letters requeue`: the records of dead letters again, after a fix."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from incident_pipeline.cli.exit_codes import CommandError, ExitCode
from incident_pipeline.cli.letter_selection import selecting
from incident_pipeline.cli.output import Listing, say
from incident_pipeline.cli.session import Session, pass_session
from incident_pipeline.log.kafka import open_log
from incident_pipeline.log.lag import finished_by_group
from incident_pipeline.origins import Origins
from incident_pipeline.requeue import Requeue, Selection, sent_again
from incident_pipeline.sending import open_sender

if TYPE_CHECKING:
    from incident_pipeline.log import LogReader

__all__ = ["requeue"]

_SHOWN_GROUPS = 20


@click.command(
    epilog="""\b
Examples:
  incident-pipeline dead-letters requeue --source sample-desk --dry-run
  incident-pipeline dead-letters requeue --reason no_date --from 2020-03-11
  incident-pipeline dead-letters requeue --id reports/2/17 --force

Each record is sent as it was, key and value, to the partition that it came from, with a header that names
the letter. It may be broken off and run again: what was sent is known from the log.
Exit codes: 0 done, 1 failed, 2 wrong usage, 4 some records are too large to be sent again."""
)
@selecting
@click.option("--all", "everything", is_flag=True, help="All letters.")
@click.option("--dry-run", is_flag=True, help="Send nothing; show what would be sent.")
@click.option("--force", is_flag=True, help="Send again also what was sent again before.")
@pass_session
def requeue(session: Session, selection: Selection, *, everything: bool, dry_run: bool, force: bool) -> None:
    """Send the records of dead letters through `reports` again, each once.

    Records that cannot be used this time either become letters of their own, which can be sent again.
    """
    if selection.is_everything != everything:
        raise click.UsageError(
            "--all and a selection exclude each other."
            if everything
            else "Say which letters: by --reason, --source, --from, --to or --id, or --all."
        )
    run: list[Requeue] = []
    try:
        asyncio.run(_requeue(session, selection, run, dry_run=dry_run, force=force))
    except KeyboardInterrupt:
        sent = run[0].sent if run else 0
        say(f"Broken off: up to {sent:,} sent. Run it again to go on: what was sent is known from the log.", err=True)
        raise
    (done,) = run
    _tell(session, done, selection, dry_run=dry_run)
    if done.left_too_large:
        raise CommandError(
            f"{done.left_too_large:,} not sent: the record of {done.first_too_large} and those like it are too large. "
            "They stay in the reports, whole; ask their producers for smaller ones.",
            ExitCode.SOME_REJECTED,
        )


async def _requeue(session: Session, selection: Selection, run: list[Requeue], *, dry_run: bool, force: bool) -> None:
    topics = session.topics
    async with open_log(session.connection) as log:
        run.append(Requeue(selection, topics, Origins() if force else await _known(session, log)))
        if dry_run:
            await run[0].run(log, None)
            return
        async with open_sender(session.connection, topics.reports) as sender:
            await run[0].run(log, sender)


async def _known(session: Session, log: LogReader) -> Origins:
    """What was sent again before: answered by intake, or not yet."""
    config, topics = session.config, session.topics
    group = config.topic_prefix + config.app_id
    finished = await finished_by_group(session.connection, group, topics.reports.name)
    return await sent_again(log, topics, finished)


def _tell(session: Session, done: Requeue, selection: Selection, *, dry_run: bool) -> None:
    if not (done.sent or done.left_sent_earlier or done.left_too_large):
        if selection.origins:
            raise CommandError("there is no such dead letter. `incident-pipeline dead-letters list --each` shows them.")
        say("No dead letters to send again.")
        return
    groups = done.groups.by_number()
    if groups:
        table = Listing()
        table.add_column("source")
        table.add_column("reason")
        table.add_column("to be sent" if dry_run else "sent", justify="right")
        for group in groups[:_SHOWN_GROUPS]:
            table.add("not said" if group.source is None else group.source, group.reason.value, f"{group.letters:,}")
        session.console.print(table)
        if len(groups) > _SHOWN_GROUPS:
            say(f"and {len(groups) - _SHOWN_GROUPS:,} more sources and reasons")
    say(f"{done.sent:,} {'would be sent' if dry_run else 'sent again'}")
    if done.left_sent_earlier:
        say(f"{done.left_sent_earlier:,} left: they were sent again before (--force sends them once more)")
