"""What a person sees while the broker's jars are fetched."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["fetch_progress"]


@contextmanager
def fetch_progress(*, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Give a function that is told (fetched, to fetch); its first call brings up a bar on standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as progress:
        task = progress.add_task("Fetching Kafka's jars (once)", total=None, visible=False)

        def on_fetched(fetched: int, total: int) -> None:
            progress.update(task, completed=fetched, total=total, visible=True)

        yield on_fetched
