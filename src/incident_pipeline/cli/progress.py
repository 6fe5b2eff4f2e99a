"""How far a long read is: a bar on standard error, where that is a terminal."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from incident_pipeline.cli.output import plain_console

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from incident_pipeline.log.kafka import KafkaLog

__all__ = ["progress", "records_of"]

_TOLD_EVERY_EVENTS: Final = 2_000


async def records_of(log: KafkaLog, topic: str) -> int:
    """How many records there are at most."""
    partitions = range(await log.partitions(topic))
    return sum([await log.end_offset(topic, at) - await log.start_offset(topic, at) for at in partitions])


@contextmanager
def progress(total: int) -> Iterator[Callable[[], None]]:
    """Give what is to be called for each event that was read."""
    console = plain_console(stderr=True)
    if not console.is_terminal:
        yield lambda: None
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task("Reading events", total=total)
        done = 0

        def read() -> None:
            nonlocal done
            done += 1
            if done % _TOLD_EVERY_EVENTS == 0:
                shown.update(task, completed=done)

        yield read
