"""`incident-pipeline broker`: a real Kafka broker in the foreground."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

import click

from incident_pipeline.broker import BOOTSTRAP_VARIABLE, DEFAULT_DIRECTORY, BrokerError, LocalBroker
from incident_pipeline.broker.progress import fetch_progress

__all__ = ["broker"]

_POLL_SECONDS = 1.0


@click.command(
    epilog="""\b
Example:
  incident-pipeline broker --port 9092 --directory /tmp/kafka

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
def broker(port: int | None, directory: Path) -> None:
    """
    Run Apache Kafka on this machine until Ctrl-C.

    Needs neither Java nor Docker; the first start fetches about 45 MB. Started again on the same directory, it
    is the same cluster with the same records.
    """
    if cluster := os.environ.get(BOOTSTRAP_VARIABLE, "").strip():
        raise click.UsageError(
            f"{BOOTSTRAP_VARIABLE} is set to {cluster}: that cluster is used, and no broker is started. "
            f"Unset it to run one here."
        )
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with fetch_progress() as on_fetched:
            local = LocalBroker(directory, port=port, on_fetched=on_fetched)
            local.start()
        with local:
            _serve(local)
    except BrokerError as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        click.echo("The broker is stopped; its records are kept.", err=True)


def _serve(local: LocalBroker) -> None:
    click.echo(
        f"Kafka serves at {local.bootstrap_servers}\n"
        f"  log   {local.log_path}\n"
        f"  use   export {BOOTSTRAP_VARIABLE}={local.bootstrap_servers}\n"
        "  stop  Ctrl-C"
    )
    sys.stdout.flush()
    while (code := local.wait(_POLL_SECONDS)) is None:
        pass
    raise local.ended(code)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt
