"""Folding logs from their beginning to their end now, along their chains."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import msgspec

from incident_pipeline.alert import Said, decode_said
from incident_pipeline.event import Event
from incident_pipeline.log import LogReader, read_chain

if TYPE_CHECKING:
    from collections.abc import Callable

    from incident_pipeline.projection.series_now import SeriesNow

__all__ = ["fold_alerts", "fold_events", "fold_series"]

_event = msgspec.json.Decoder(Event)


async def fold_events(reader: LogReader, topic: str, apply: Callable[[Event], None]) -> int:
    """Hand every event that counts to `apply`, partition by partition; return how many there were."""
    return await _fold(reader, topic, lambda value: apply(_event.decode(value)))


async def fold_alerts(reader: LogReader, topic: str, apply: Callable[[Said], None]) -> int:
    """Hand every alert that counts, and what is said of alert rules, to `apply`; return how many records there were."""
    return await _fold(reader, topic, lambda value: apply(decode_said(value)))


async def fold_series(reader: LogReader, topic: str, series: SeriesNow) -> int:
    """Bring counts of series to the end of `events`; return how many there were, none where no day is asked for."""
    return await _fold(reader, topic, series.apply) if series.is_asked else 0


async def _fold(reader: LogReader, topic: str, apply: Callable[[bytes], None]) -> int:
    folded = 0
    for partition in range(await reader.partitions(topic)):
        async for records, _ in read_chain(reader, topic, partition):
            for record in records:
                with contextlib.suppress(msgspec.DecodeError):  # it says nothing; `projection.checked` names it
                    apply(record.value or b"")
            folded += len(records)
    return folded
