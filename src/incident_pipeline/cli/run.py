"""`incident-pipeline run`: a broker and a worker that stay until Ctrl-C."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import NoReturn

import click
import msgspec

from incident_pipeline.broker import BOOTSTRAP_VARIABLE
from incident_pipeline.broker.ports import free_port
from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.cli.session import Session, pass_session

__all__ = ["run"]

_LOOK_SECONDS = 3600.0


@click.command(
    epilog="""\b
Examples:
  incident-pipeline run --directory .run/demo
  incident-pipeline run --port 9092 --metrics-port 0 --catalogue my-mission

Exit codes: 0 stopped by Ctrl-C or SIGTERM, 1 failed, 2 wrong configuration."""
)
@click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".run"),
    show_default=True,
    help="Where the broker's data, the worker's state and their logs are kept.",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="Port that Kafka serves on. Default: the one of last time, or a free one.",
)
@click.option("--metrics-port", metavar="PORT", help="Port of metrics and health; 0: any free one.")
@click.option("--catalogue", metavar="DIRECTORY", help="Catalogue: parties, groups, places, thresholds.")
@pass_session
def run(session: Session, /, directory: Path, port: int | None, **options: str | None) -> None:
    """Start a broker and a worker and stay. Uses the cluster of KAFKA_BOOTSTRAP_SERVERS where that is set."""
    from incident_pipeline.demo.command import pipeline_for

    if port is not None and (cluster := os.environ.get(BOOTSTRAP_VARIABLE, "").strip()):
        raise click.UsageError(f"{BOOTSTRAP_VARIABLE} is set to {cluster}: that cluster is used, and has its own port.")
    session.overrides.update({name: value for name, value in options.items() if value is not None})
    config = msgspec.structs.replace(
        session.config,
        state_directory=directory.absolute() / "state",
        metrics_port=session.config.metrics_port or free_port(),  # chosen here, so that it can be shown
    )
    load_rules(config.catalogue or shipped_catalogue())
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with pipeline_for(directory, config, session.console, port=port) as running:
            servers = running.config.bootstrap_servers
            host = f"http://{config.metrics_host}:{config.metrics_port}"
            click.echo(
                f"The pipeline runs.\n"
                f"  Kafka    {servers}\n"
                f"  metrics  {host}/metrics\n"
                f"  health   {host}/readyz\n"
                f"  log      {running.worker.log_path}\n"
                "In another terminal:\n"
                f"  export KAFKA_BOOTSTRAP_SERVERS={servers}\n"
                "  incident-pipeline send reports.jsonl\n"
                "  incident-pipeline counts --by group,place\n"
                "Ctrl-C stops it; every record is kept."
            )
            while True:
                running.worker.wait(_LOOK_SECONDS)
    except KeyboardInterrupt:
        click.echo("Stopped; every record is kept.", err=True)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt
