"""`incident-pipeline demo`: a broker, a worker, the sample history, and what becomes of it."""

from __future__ import annotations

from pathlib import Path

import click

from incident_pipeline.cli.output import plain_console
from incident_pipeline.cli.session import Session, pass_session

__all__ = ["demo"]

_DIRECTORY = Path(".run/demo")


@click.command(
    epilog="""\b
Example:
  incident-pipeline demo

A second run on the same directory sends the same reports again, and changes no count and no alert.
Exit codes: 0 done, 1 failed, 2 wrong usage."""
)
@click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=_DIRECTORY,
    show_default=True,
    help="Where the broker's data, the worker's state and their logs are kept.",
)
@pass_session
def demo(session: Session, directory: Path) -> None:
    """Run the sample history (March 2020) through a real Kafka and a worker, and show what becomes of it.

    Uses the cluster of KAFKA_BOOTSTRAP_SERVERS where that is set (topics `demo-...`), and starts a broker otherwise.
    """
    from incident_pipeline.demo.command import run_demo
    from incident_pipeline.demo.show import WIDTH

    console = session.console
    if not console.is_terminal:
        console = plain_console(width=WIDTH)
    run_demo(directory, session.config, console)
