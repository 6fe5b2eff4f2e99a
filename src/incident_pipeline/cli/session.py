"""What every command is given: the configuration, read when it is first asked for, and where to write."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import click

from incident_pipeline.cli.output import plain_console
from incident_pipeline.config import Config, load_config, unread_variables
from incident_pipeline.log.connection import Connection, connect
from incident_pipeline.topics import Topics, load_topics

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rich.console import Console

__all__ = ["Session", "pass_session"]


@dataclass
class Session:
    """One run of the command line."""

    config_file: Path | None = None
    overrides: dict[str, str] = field(default_factory=dict)
    debug: bool = False
    warn: Callable[[str], None] = lambda text: click.echo(f"Warning: {text}", err=True)
    """Tells what is no error and should be known: on standard error, unless a command has a log for it."""

    @cached_property
    def config(self) -> Config:
        """The configuration; raises `ConfigError`."""
        return load_config(self.config_file, overrides=self.overrides)

    @cached_property
    def connection(self) -> Connection:
        """How Kafka is reached."""
        self.tell_what_is_not_read()
        return connect(self.config)

    def tell_what_is_not_read(self) -> None:
        """Name the variables of a cluster's operator that nobody reads: whoever set them believes otherwise."""
        for said in unread_variables():
            self.warn(said)

    @property
    def topics(self) -> Topics:
        """The topics under the configured prefix."""
        return load_topics(self.config.topic_prefix)

    @cached_property
    def console(self) -> Console:
        """Where results go: standard output, without colours and as wide as needed where it is not a terminal."""
        console = plain_console()
        return console if console.is_terminal else plain_console(width=max(console.width, 120))


pass_session = click.make_pass_decorator(Session, ensure=True)
