"""How a command ends: the one list of exit codes (docs/cli.md), and the error that carries one."""

from __future__ import annotations

import enum

import click

__all__ = ["CommandError", "ExitCode"]


class ExitCode(enum.IntEnum):
    """What the shell is told."""

    DONE = 0
    FAILED = 1
    """Something outside failed: no Kafka, a full disk, a worker that ended. The message says what to do."""
    WRONG_USAGE = 2
    """A wrong option, configuration or catalogue: nothing was started."""
    TOPICS_DIFFER = 3
    """The cluster's topics are not as they must be."""
    SOME_REJECTED = 4
    """Some records were not accepted; the others were sent."""
    AGENT_FAILED = 70
    """A worker met something that it must not go on over. Its last log line says what and where."""
    INTERRUPTED = 130
    """Ctrl-C, as shells number it."""


class CommandError(click.ClickException):
    """A failure with a message for a person and its exit code."""

    def __init__(self, message: str, code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(message)
        self.exit_code = int(code)
