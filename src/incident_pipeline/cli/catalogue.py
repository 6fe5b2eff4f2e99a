"""`incident-pipeline catalogue`: look at a catalogue before anything runs under it."""

from __future__ import annotations

from pathlib import Path

import click

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.load import load_rules, rules_hash, shipped_catalogue
from incident_pipeline.cli.output import Commands, say
from incident_pipeline.cli.session import Session, pass_session

__all__ = ["catalogue"]


@click.group(
    cls=Commands,
    epilog="""\b
Example:
  incident-pipeline catalogue check my-catalogue""",
)
def catalogue() -> None:
    """Look at the catalogue: parties, groups, places, the agreement, thresholds."""


@catalogue.command(
    epilog="""\b
Example:
  incident-pipeline catalogue check my-catalogue

Without DIRECTORY: the configured catalogue, or the one that is shipped. Needs no Kafka and changes nothing.
Exit codes: 0 it can be used, 1 it cannot be read, 2 it has faults (all are listed)."""
)
@click.argument("directory", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@pass_session
def check(session: Session, directory: Path | None) -> None:
    """Tell everything that is wrong with a catalogue at once, and what to write instead."""
    directory = directory or session.config.catalogue or shipped_catalogue()
    rules = load_rules(directory)
    Catalogue(rules)
    holds = (
        (rules.places, "places"),
        (rules.groups, "groups"),
        (rules.parties, "parties"),
        (rules.sources, "sources"),
        (rules.types, "types"),
        (rules.agreements, "agreements"),
        (rules.alerts, "alert rules"),
    )
    revision = str(rules.mission.revision or "none")
    say(f"{directory} can be used: {', '.join(f'{len(entries)} {name}' for entries, name in holds)}.")
    say(f"Revision: {revision}. Hash: {rules_hash(rules)}")
