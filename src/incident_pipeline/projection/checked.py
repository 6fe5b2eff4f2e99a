"""Whether the log of events agrees with itself: each record that counts is applied again, and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from incident_pipeline.ledger.stage import LedgerStage
from incident_pipeline.owner import Owner, RecordRefusedError

if TYPE_CHECKING:
    from incident_pipeline.ledger.settings import RuleBook
    from incident_pipeline.log import LogReader
    from incident_pipeline.owner import RulesSource
    from incident_pipeline.topics import Topics

__all__ = ["refused_records"]

_AT_MOST: Final = 10
"""Refused records of a partition that are looked for: each costs a fold of all of it."""


async def refused_records(
    log: LogReader, topics: Topics, rules: RulesSource, book: RuleBook
) -> list[RecordRefusedError]:
    """Give the records of `events` that count and do not agree with those before them, and that nobody has voided."""
    found: list[RecordRefusedError] = []
    for partition in range(min(topics.events.partitions, await log.partitions(topics.events.name))):
        refused: dict[str, RecordRefusedError] = {}
        while len(refused) < _AT_MOST:
            stage = LedgerStage(book)
            names = (topics.lines.name, topics.events.name)
            owner = Owner(stage, log, names, partition, rules, voided=frozenset(refused))
            try:
                await owner.catch_up()
            except RecordRefusedError as error:
                refused[error.event_id] = error
            else:
                refused = {event_id: error for event_id, error in refused.items() if event_id in stage.ledger.refused}
                break
        found += refused.values()
    return found
