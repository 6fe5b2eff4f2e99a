"""How a command writes: whatever comes from outside is text, in tables, messages and JSON alike."""

from __future__ import annotations

import difflib
import json
import sys
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from incident_pipeline.visible import visible, visible_json

__all__ = ["Commands", "Listing", "plain_console", "say", "write_json"]


class Listing(Table):
    """A table without lines whose cells are text: nothing in them is markup, and what does not print is shown."""

    def __init__(self) -> None:
        super().__init__(box=None, padding=(0, 2, 0, 0), header_style="bold")

    def add(self, *cells: str, style: str | None = None) -> None:
        """Add a row."""
        self.add_row(*(Text(visible(cell)) for cell in cells), style=style)


class Commands(click.Group):
    """Commands, of which a mistyped one is answered with the right one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; raises `click.UsageError` with the nearest one."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            nearest = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
            if nearest:
                error.message += f" Did you mean {nearest[0]!r}?"
            raise


def plain_console(*, stderr: bool = False, width: int | None = None) -> Console:
    """Open a console that takes no text for markup."""
    return Console(stderr=stderr, width=width, markup=False, emoji=False, highlight=False)


def say(message: str, *, err: bool = False) -> None:
    """Write a message of one or several lines."""
    click.echo(visible(message, keep="\n"), err=err)


def write_json(value: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
    """Write a value as one line of JSON to standard output."""
    sys.stdout.write(visible_json(json.dumps(value, ensure_ascii=False)) + "\n")
