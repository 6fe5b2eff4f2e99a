"""Waiting for a Kafka that is started at the same time as we are."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from incident_pipeline.log.errors import UnreachableError
from incident_pipeline.log.kafka import open_admin

if TYPE_CHECKING:
    from collections.abc import Callable

    from incident_pipeline.log.connection import Connection

__all__ = ["await_cluster"]

_PAUSE_SECONDS: Final = 1.0


async def await_cluster(connection: Connection, wait_seconds: float, tell: Callable[[str], None]) -> None:
    """Return when a cluster answers; `tell` once what is waited for.

    Raises `LogError`: where none has answered after `wait_seconds`, and at once where one does not serve us.
    """
    loop = asyncio.get_running_loop()
    began_seconds = loop.time()
    told = False
    while True:
        try:
            async with open_admin(connection):
                return
        except UnreachableError as error:
            if loop.time() - began_seconds >= wait_seconds:
                waited = f"\nWaited {wait_seconds:g} s for one (start_wait_seconds)." if told else ""
                raise UnreachableError(f"{error}{waited}") from error
            if not told:
                tell(str(error))
            told = True
        await asyncio.sleep(min(_PAUSE_SECONDS, max(0.0, began_seconds + wait_seconds - loop.time())))
