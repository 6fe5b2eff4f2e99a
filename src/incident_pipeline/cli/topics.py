"""`incident-pipeline topics`: compare the cluster's topics with the catalogue of topics, and mend them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from incident_pipeline.cli.exit_codes import CommandError, ExitCode
from incident_pipeline.cli.output import Listing
from incident_pipeline.cli.session import Session, pass_session
from incident_pipeline.log.admin import apply_topics, check_topics
from incident_pipeline.topics import MEND_COMMAND, Difference

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["refuse_if_topics_differ", "topics"]


@click.group(
    epilog="""\b
Example:
  incident-pipeline topics diff"""
)
def topics() -> None:
    """Compare the cluster's topics with what they must be, and create what is missing."""


@topics.command(
    epilog="""\b
Example:
  incident-pipeline topics diff && echo "all as it must be"

Exit codes: 0 no difference, 1 no Kafka answers, 3 the topics differ."""
)
@pass_session
def diff(session: Session) -> None:
    """Show where the cluster's topics differ from schemas/topics.toml. Changes nothing."""
    differences = asyncio.run(check_topics(session.config.bootstrap_servers, session.topics))
    if not differences:
        session.console.print(f"All topics at {session.config.bootstrap_servers} are as they must be.")
        return
    session.console.print(_table(differences))
    for difference in differences:
        if difference.obstacle is not None:
            session.console.print(str(difference))
    raise _differ(differences, listed=True)


@topics.command(
    epilog="""\b
Example:
  incident-pipeline topics apply

Exit codes: 0 all topics are as they must be, 1 no Kafka answers, 3 something is left for a person to mend."""
)
@pass_session
def apply(session: Session) -> None:
    """Create missing topics, and alter settings where no record can be lost by it. Partitions are never changed."""
    config = session.config
    mended, left = asyncio.run(apply_topics(config.bootstrap_servers, session.topics, config.replication_factor))
    for difference in mended:
        done = "created" if difference.is_missing_topic else f"{difference.setting} is now {difference.wanted}"
        session.console.print(f"{difference.topic}: {done}")
    if left:
        raise _differ(left)
    session.console.print(f"All topics at {config.bootstrap_servers} are as they must be.")


def refuse_if_topics_differ(session: Session) -> None:
    """Stop with a message when the cluster's topics are not as they must be: nothing may run on them."""
    differences = asyncio.run(check_topics(session.config.bootstrap_servers, session.topics))
    if differences:
        raise _differ(differences)


def _differ(differences: list[Difference], *, listed: bool = False) -> CommandError:
    lines = "" if listed else "".join(f"\n  {difference}" for difference in differences)
    mendable = any(difference.obstacle is None for difference in differences)
    mend = f"Mend it with: {MEND_COMMAND}" if mendable else "What is left must be mended by a person, as it says."
    return CommandError(f"the topics are not as they must be{lines and ':'}{lines}\n{mend}", ExitCode.TOPICS_DIFFER)


def _table(differences: Iterable[Difference]) -> Listing:
    table = Listing()
    for column in ("topic", "setting", "is", "must be", "`topics apply`"):
        table.add_column(column, no_wrap=column == "topic", overflow="fold")
    for one in differences:
        table.add(
            one.topic, one.setting, one.found or "missing", one.wanted, "leaves it" if one.obstacle else "mends it"
        )
    return table
