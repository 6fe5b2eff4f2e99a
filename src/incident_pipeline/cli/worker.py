"""`incident-pipeline worker`: check everything that can be checked, then run the agents."""

from __future__ import annotations

import click

from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.cli.session import Session, pass_session
from incident_pipeline.logs import get_logger, set_up_logs

__all__ = ["worker"]


@click.command(
    epilog="""\b
Example:
  incident-pipeline worker --metrics-port 8000

Settings that are no options here stand in incident-pipeline.toml or the environment (docs/cli.md).
Exit codes: 0 stopped, 1 failed, 2 wrong configuration or catalogue, 3 the topics differ."""
)
@click.option("--catalogue", metavar="DIRECTORY", help="Catalogue: parties, groups, places, thresholds.")
@click.option("--state-directory", metavar="DIRECTORY", help="Where snapshots are kept.")
@click.option("--metrics-port", metavar="PORT", help="Port of metrics and health; 0: any free one.")
@click.option("--log-format", metavar="FORMAT", help="auto, json or console.")
@click.option("--log-level", metavar="LEVEL", help="debug, info, warning, error or critical.")
@pass_session
def worker(session: Session, /, **options: str | None) -> None:
    """Run intake, ledger and surveillance until Ctrl-C. Start more workers to share the partitions."""
    session.overrides.update({name: value for name, value in options.items() if value is not None})
    config = session.config
    set_up_logs(config.log_format, config.log_level)
    session.warn = lambda text: get_logger(__name__).warning("config.not_read", what=text)
    load_rules(config.catalogue or shipped_catalogue())
    session.tell_what_is_not_read()

    from streams.app import run_worker  # Faust is imported by none but a worker

    run_worker(config)
