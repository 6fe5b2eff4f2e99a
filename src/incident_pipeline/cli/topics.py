"""`incident-pipeline topics`: compare the cluster's topics with the catalogue of topics, and mend them."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

import click

from incident_pipeline.acls import Role, acls_of, commands_of
from incident_pipeline.cli.adopt import adopt
from incident_pipeline.cli.exit_codes import CommandError, ExitCode
from incident_pipeline.cli.output import Commands, Listing
from incident_pipeline.cli.session import Session, pass_session
from incident_pipeline.log.admin import apply_topics, check_topics
from incident_pipeline.topics import Difference, differ_message

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["topics"]


@click.group(
    cls=Commands,
    epilog="""\b
Example:
  incident-pipeline topics diff""",
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
    differences = asyncio.run(check_topics(session.connection, session.topics))
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

Exit codes: 0 all topics are as they must be, 1 no Kafka answers, 3 a person must mend something first."""
)
@pass_session
def apply(session: Session) -> None:
    """Create missing topics, and alter settings where no record can be lost by it. Partitions are never changed.

    All of it, or nothing: where something is left to a person, or Kafka refuses a part, no topic is touched.
    """
    config = session.config
    mended, left = asyncio.run(apply_topics(session.connection, session.topics, config.replication_factor))
    for difference in mended:
        done = "created" if difference.is_missing_topic else f"{difference.setting} is now {difference.wanted}"
        session.console.print(f"{difference.topic}: {done}")
    if left:
        raise _differ(left)
    session.console.print(f"All topics at {config.bootstrap_servers} are as they must be.")


topics.add_command(adopt)


@topics.command(
    epilog="""\b
Examples:
  incident-pipeline topics acls
  incident-pipeline topics acls --worker User:mission-worker --json

Exit codes: 0 done, 2 wrong usage."""
)
@click.option("--producer", default="User:producer", show_default=True, help="Who sends reports.")
@click.option("--worker", default="User:worker", show_default=True, help="Who runs the workers.")
@click.option("--reader", default="User:reader", show_default=True, help="Who asks for counts, alerts, dead letters.")
@click.option("--operator", default="User:operator", show_default=True, help="Who sends dead letters again.")
@click.option("--administrator", default="User:administrator", show_default=True, help="Who runs `topics apply`.")
@click.option("--json", "as_json", is_flag=True, help="One permission a line, as a JSON object.")
@pass_session
def acls(session: Session, /, *, as_json: bool, **principals: str) -> None:
    """Show the least that each role needs on a cluster with access control, as commands that grant it.

    Nothing is asked of the cluster. The names are Kafka's principals: User:NAME, with a client certificate
    User:CN=NAME or what the cluster makes of that.
    """
    for option, principal in principals.items():
        if not principal.partition(":")[2]:
            raise click.UsageError(f"--{option}: {principal!r} is no principal. It is written User:NAME.")
    config = session.config
    found = acls_of(session.topics, config.topic_prefix + config.app_id, {Role(r): p for r, p in principals.items()})
    if as_json:
        for acl in found:
            sys.stdout.write(json.dumps(acl.as_json()) + "\n")
        return
    for role in Role:
        click.echo(f"# {role.value}")
        for command in commands_of([acl for acl in found if acl.role is role], config.bootstrap_servers):
            click.echo(command)


def _differ(differences: list[Difference], *, listed: bool = False) -> CommandError:
    return CommandError(differ_message(differences, listed=listed), ExitCode.TOPICS_DIFFER)


def _table(differences: Iterable[Difference]) -> Listing:
    table = Listing()
    for column in ("topic", "setting", "is", "must be", "`topics apply`"):
        table.add_column(column, no_wrap=column == "topic", overflow="fold")
    for one in differences:
        table.add(
            one.topic, one.setting, one.found or "missing", one.wanted, "leaves it" if one.obstacle else "mends it"
        )
    return table
