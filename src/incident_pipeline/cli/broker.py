"""`incident-pipeline broker`: a real Kafka broker in the foreground."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

import click

from incident_pipeline.broker import BOOTSTRAP_VARIABLE, DEFAULT_DIRECTORY, BrokerError, LocalBroker
from incident_pipeline.broker.progress import fetch_progress
from incident_pipeline.broker.security import USERS, BrokerSecurity
from incident_pipeline.cli.session import Session, pass_session

__all__ = ["broker"]

_POLL_SECONDS = 1.0


@click.command(
    epilog="""\b
Examples:
  incident-pipeline broker --port 9092 --directory /tmp/kafka
  incident-pipeline broker --secure --directory .run/secure-kafka

Exit codes: 0 stopped by Ctrl-C or SIGTERM, 1 the broker could not start or ended by itself, 2 wrong usage."""
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="Port to serve on. Default: the one of last time, or a free one.",
)
@click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT_DIRECTORY,
    show_default=True,
    help="Where data, settings and log are kept.",
)
@click.option(
    "--secure",
    is_flag=True,
    help="With TLS, users and access control, from an authority made for it alone.",
)
@pass_session
def broker(session: Session, port: int | None, directory: Path, *, secure: bool) -> None:
    """
    Run Apache Kafka on this machine until Ctrl-C.

    Needs neither Java nor Docker; the first start fetches about 45 MB. Started again on the same directory, it
    is the same cluster with the same records.

    With --secure it makes certificates, a user for each role with a password, and files of settings for each; nothing
    is then served in the clear, and nobody may do more than `incident-pipeline topics acls` says.
    """
    if cluster := os.environ.get(BOOTSTRAP_VARIABLE, "").strip():
        raise click.UsageError(
            f"{BOOTSTRAP_VARIABLE} is set to {cluster}: that cluster is used, and no broker is started. "
            f"Unset it to run one here."
        )
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with fetch_progress() as on_fetched:
            local = LocalBroker(directory, port=port, on_fetched=on_fetched, secure=secure)
            local.start()
        with local:
            if local.security is not None:
                config = session.config
                group = config.topic_prefix + config.app_id
                asyncio.run(local.security.grant(local.connection, session.topics, group))
            _serve(local)
    except BrokerError as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        click.echo("The broker is stopped; its records are kept.", err=True)


def _serve(local: LocalBroker) -> None:
    click.echo(f"Kafka serves at {local.bootstrap_servers}\n  log   {local.log_path}")
    if local.security is None:
        click.echo(f"  use   export {BOOTSTRAP_VARIABLE}={local.bootstrap_servers}")
    else:
        click.echo(_next_with_users(local.security))
    click.echo("  stop  Ctrl-C")
    sys.stdout.flush()
    while (code := local.wait(_POLL_SECONDS)) is None:
        pass
    raise local.ended(code)


def _next_with_users(security: BrokerSecurity) -> str:
    as_user = {user: f"incident-pipeline --config {security.config_file(user)}" for user in USERS}
    return (
        f"  users {', '.join(USERS)}: settings, passwords and certificates are in {security.directory}\n"
        "  use   (NAME-by-certificate.toml: by certificate; NAME.properties: for Kafka's own tools)\n"
        f"        {as_user['administrator']} topics apply\n"
        f"        {as_user['worker']} worker\n"
        f"        {as_user['producer']} send reports.jsonl\n"
        f"        {as_user['reader']} counts"
    )


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt
