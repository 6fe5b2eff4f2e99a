"""`incident-pipeline`: the group of commands, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from importlib import import_module, metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import click

from incident_pipeline.cli.exit_codes import ExitCode
from incident_pipeline.cli.output import Commands, say
from incident_pipeline.cli.session import Session
from incident_pipeline.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["cli", "main", "run"]

_COMMANDS: Final = {
    "demo": "incident_pipeline.cli.demo:demo",
    "run": "incident_pipeline.cli.run:run",
    "broker": "incident_pipeline.cli.broker:broker",
    "worker": "incident_pipeline.cli.worker:worker",
    "catalogue": "incident_pipeline.cli.catalogue:catalogue",
    "topics": "incident_pipeline.cli.topics:topics",
    "send": "incident_pipeline.cli.send:send",
    "counts": "incident_pipeline.cli.counts:counts",
    "alerts": "incident_pipeline.cli.alerts:alerts",
    "void": "incident_pipeline.cli.void:void",
    "dead-letters": "incident_pipeline.cli.dead_letters:dead_letters",
}


class _Commands(Commands):
    """Commands in the order of a first day with them; each is imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.command(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Example:
  incident-pipeline demo

Every command explains itself: incident-pipeline COMMAND --help. Exit codes: docs/cli.md.""",
)
@click.option(
    "--config",
    "config_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Configuration file (TOML). Default: incident-pipeline.toml, where there is one.",
)
@click.option("--bootstrap-servers", metavar="HOST:PORT", help="Kafka cluster, before any other configuration.")
@click.option("--debug", is_flag=True, help="Show where an error comes from, with its stack trace.")
@click.version_option(metadata.version("incident-pipeline"), prog_name="incident-pipeline")
@click.pass_obj
def cli(session: Session, config_file: Path | None, bootstrap_servers: str | None, *, debug: bool) -> None:
    """Count reported truce violations once each: per day, group and place, with the evidence for every number."""
    session.config_file = config_file
    session.debug = debug
    if bootstrap_servers is not None:
        session.overrides["bootstrap_servers"] = bootstrap_servers


def main() -> NoReturn:
    """Run the command line of this process."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; an error is one message on standard error, never a stack trace."""
    session = Session()
    logging.getLogger().addHandler(logging.NullHandler())  # libraries complain to nobody, unless logs are set up
    try:
        cli.main(list(arguments), prog_name="incident-pipeline", standalone_mode=False, obj=session)
    except (click.Abort, KeyboardInterrupt) as error:
        if isinstance(error.__cause__ or error.__context__, EOFError):  # asked where nobody is to answer
            say("Error: nothing was done, since nobody is here to answer. --yes answers beforehand.", err=True)
            return int(ExitCode.WRONG_USAGE)
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has gone (`| head`); nor may Python try to flush it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.DONE)
    except Exception as error:  # noqa: BLE001 - the one edge where every error becomes a message
        if session.debug:
            say(traceback.format_exc(), err=True)
        return _tell(error)
    return int(ExitCode.DONE)


def _tell(error: Exception) -> int:
    if isinstance(error, click.ClickException):
        error.message = visible(error.message, keep="\n")
        error.show()
        return error.exit_code
    code = _code_of(error)
    if code is None:
        text = f"{type(error).__name__}: {error}. This is a fault of the program; --debug shows where."
        say(f"Error: {text}", err=True)
        return int(ExitCode.FAILED)
    say(f"Error: {error}", err=True)
    return int(code)


def _code_of(error: Exception) -> ExitCode | None:
    """Give the exit code of errors whose message is meant for a person."""
    from incident_pipeline.broker import BrokerError
    from incident_pipeline.catalogue.errors import CatalogueError
    from incident_pipeline.codecs import CodecError
    from incident_pipeline.config import ConfigError
    from incident_pipeline.demo.worker_process import WorkerError
    from incident_pipeline.log import LogError
    from incident_pipeline.log.admin import TopicsDifferError

    if isinstance(error, TopicsDifferError):
        return ExitCode.TOPICS_DIFFER
    if isinstance(error, ConfigError | CatalogueError):
        return ExitCode.WRONG_USAGE
    if isinstance(error, LogError | BrokerError | WorkerError | CodecError | OSError):
        return ExitCode.FAILED
    return None
