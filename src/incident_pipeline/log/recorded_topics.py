"""Which topics the log itself says that it belongs to: looked up near the end of `lines`, and sought where adopted.

Topics are known here by their roles (`reports`, `lines`, `events`, `alerts`); ids are Kafka's.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Final

import msgspec

from incident_pipeline.line import RecordVoided, TopicIds, TopicsChange

if TYPE_CHECKING:
    from incident_pipeline.log.record import LogReader
    from incident_pipeline.topics import Topics

__all__ = ["adopted_at", "found_topics", "labels_of_reports", "voids"]

_TAIL_RECORDS: Final = 1_000
"""Records at the end of a partition that are looked at: each report and each tick of this version names the topic."""
_CHANGE: Final = b'{"kind":"topics",'
"""How a record that changes topics begins: its kind comes first."""


_VOID: Final = b'{"kind":"void",'


class _Label(msgspec.Struct, frozen=True):
    """As much of any record of `lines` as is asked for here."""

    kind: str
    topic: str | None = None
    topics: TopicIds | None = None


_label = msgspec.json.Decoder(_Label).decode
_change = msgspec.json.Decoder(TopicsChange).decode
_voided = msgspec.json.Decoder(RecordVoided).decode


async def found_topics(log: LogReader, topics: Topics) -> TopicIds:
    """Ask the cluster for the ids of the topics."""
    roles = {"reports": topics.reports, "lines": topics.lines, "events": topics.events, "alerts": topics.alerts}
    layouts = await log.layouts([topic.name for topic in roles.values()])
    return TopicIds(**{role: layouts[topic.name].id for role, topic in roles.items() if topic.name in layouts})


async def labels_of_reports(log: LogReader, lines: str) -> dict[int, str]:
    """Give, for each partition of `lines`, the id of `reports` that its newest record names, where one does."""
    found: dict[int, str] = {}
    for partition in range(await log.partitions(lines)):
        end = await log.end_offset(lines, partition)
        start = max(await log.start_offset(lines, partition), end - _TAIL_RECORDS)
        async for batch in log.read(lines, partition, start, end):
            for record in batch:
                if named := _named(record.value):
                    found[partition] = named
    return found


def _named(value: bytes | None) -> str | None:
    if value is None:
        return None
    try:
        label = _label(value)
    except msgspec.DecodeError:  # not of the pipeline's own; the ledger says so
        return None
    return label.topics.reports if label.topics is not None else label.topic


async def adopted_at(  # noqa: PLR0917 - where, from where, and what
    log: LogReader, lines: str, partition: int, start: int, topics: TopicIds, role: str | None = None
) -> int | None:
    """Give the offset of the newest record from `start` on that adopts just these topics; None where none does.

    With a `role`: by which a person says that this one was made anew.
    """
    at = None
    start = max(start, await log.start_offset(lines, partition))
    async with aclosing(log.read(lines, partition, start, await log.end_offset(lines, partition))) as batches:  # type: ignore[type-var]
        async for batch in batches:
            for record in batch:
                if record.value is not None and record.value.startswith(_CHANGE):
                    change = _change(record.value)
                    is_ours = not change.topics.differing(topics) and (role is None or role in change.anew)
                    at = record.offset if is_ours else at
    return at


async def voids(  # noqa: PLR0917 - where, from where to where, and what
    log: LogReader, lines: str, partition: int, start: int, end: int, event_id: str
) -> bool:
    """Whether a record of `lines` between two offsets voids this event."""
    async with aclosing(log.read(lines, partition, start, end)) as batches:  # type: ignore[type-var]
        async for batch in batches:
            for record in batch:
                value = record.value
                if value is not None and value.startswith(_VOID) and _voided(value).event_id == event_id:
                    return True
    return False
