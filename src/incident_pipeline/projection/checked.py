"""Whether the log of events agrees with itself: each record that counts is applied again, and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from incident_pipeline.ledger.stage import LedgerStage
from incident_pipeline.owner import Owner, RecordRefusedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from incident_pipeline.ledger.settings import RuleBook
    from incident_pipeline.log import LogReader
    from incident_pipeline.owner import RulesSource
    from incident_pipeline.topics import Topics

__all__ = ["fold_checked", "refused_records"]

S = TypeVar("S", bound=LedgerStage)

_AT_MOST: Final = 10
"""Refused records of a partition that are looked for: each costs a fold of all of it."""


async def refused_records(
    log: LogReader, topics: Topics, rules: RulesSource, book: RuleBook
) -> list[RecordRefusedError]:
    """Give the records of `events` that count and do not agree with those before them, and that nobody has voided."""
    return [
        refused async for _, found in fold_checked(log, topics, rules, lambda: LedgerStage(book)) for refused in found
    ]


async def fold_checked(
    log: LogReader, topics: Topics, rules: RulesSource, new_stage: Callable[[], S]
) -> AsyncIterator[tuple[S | None, list[RecordRefusedError]]]:
    """Fold each partition of `events` to its end; yield its state, and the records that it does not agree with.

    Those are passed over, as if a person had voided them. None in the place of a state: there are too many.
    """
    for partition in range(min(topics.events.partitions, await log.partitions(topics.events.name))):
        refused: dict[str, RecordRefusedError] = {}
        folded: S | None = None
        while folded is None and len(refused) < _AT_MOST:
            stage = new_stage()
            names = (topics.lines.name, topics.events.name)
            owner = Owner(stage, log, names, partition, rules, voided=frozenset(refused))
            try:
                await owner.catch_up()
            except RecordRefusedError as error:
                refused[error.event_id] = error
            else:
                folded = stage
                refused = {event_id: error for event_id, error in refused.items() if event_id in stage.ledger.refused}
        yield folded, list(refused.values())
