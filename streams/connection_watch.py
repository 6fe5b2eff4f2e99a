"""Saying once that Kafka is away, and once that it is back: the client says so a hundred times a second."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from incident_pipeline.logs import get_logger

if TYPE_CHECKING:
    from aiokafka.client import AIOKafkaClient

__all__ = ["watch_connection"]

_log = get_logger(__name__)
_EVERY_SECONDS: Final = 0.5
_GONE_LOOKS: Final = 4
"""Looks in a row without a connection that are no reconnecting any more."""
_REMINDED_SECONDS: Final = 60.0


async def watch_connection(client: AIOKafkaClient, servers: str) -> None:
    """Look for ever, on the client's event loop, whether it is connected to any broker."""
    loop = asyncio.get_running_loop()
    was_connected = False
    looks, gone_at_seconds, told_at_seconds = 0, 0.0, 0.0
    while True:
        await asyncio.sleep(_EVERY_SECONDS)
        now_seconds = loop.time()
        if any(connection.connected() for connection in client._conns.values()):  # noqa: SLF001 - a broker test leans on it
            if looks >= _GONE_LOOKS:
                _log.warning("kafka.back", servers=servers, away_seconds=round(now_seconds - gone_at_seconds))
            looks, was_connected = 0, True
            continue
        if not was_connected:
            continue
        looks += 1
        if looks == 1:
            gone_at_seconds = now_seconds
        elif looks == _GONE_LOOKS:
            _log.error("kafka.gone", servers=servers, what="Nothing is decided until it is back. Nothing is lost.")
            told_at_seconds = now_seconds
        elif looks > _GONE_LOOKS and now_seconds - told_at_seconds >= _REMINDED_SECONDS:
            _log.error("kafka.still_gone", servers=servers, away_seconds=round(now_seconds - gone_at_seconds))
            told_at_seconds = now_seconds
