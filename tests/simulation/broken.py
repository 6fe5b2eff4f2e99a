"""The pipeline's parts with one rule left out each: what the simulation must find."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from incident_pipeline.chain import ID, PREVIOUS, Tail
from incident_pipeline.codec import GENESIS, link
from incident_pipeline.ledger.stage import LedgerStage
from incident_pipeline.log import LogRecord, MemoryLog
from incident_pipeline.owner import Decided, InputRecord, Landing, Owner


class Trusting(Owner):
    """An owner that takes its acknowledged records to count, wherever they landed."""

    async def landed(self, decided: Decided, base_offset: int, end_offset: int) -> Landing:  # noqa: ARG002
        """It does not read the gap."""
        self.end = self.end.extended(decided.last_id, decided.records, end_offset)
        if self.is_settled:
            self.ahead = self.end
        return Landing.COUNTS


class _Blank(dict[int, int]):
    def get(self, key: int, default: Any = None) -> Any:  # noqa: ARG002
        return default


class Forgetful(LedgerStage):
    """A ledger that keeps no mark of the reports that it has decided."""

    def decide(self, records: Sequence[InputRecord], end: Tail) -> Decided:
        """As ever, but for the mark."""
        self.ledger.decided = _Blank()
        return super().decide(records, end)


class Unchained:
    """A reader to whom every record counts: each is shown as if it extended the chain."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log
        self.partitions = log.partitions
        self.start_offset = log.start_offset
        self.end_offset = log.end_offset

    async def read(self, topic: str, partition: int, start: int, end: int) -> AsyncIterator[Sequence[LogRecord]]:
        """See `LogReader`."""
        last_id, shown = GENESIS, []
        async for batch in self._log.read(topic, partition, 0, end):
            for record in batch:
                previous, last_id = last_id, link(last_id, record.value or b"")
                if record.offset >= start:
                    names = [(PREVIOUS, previous.hex().encode()), (ID, last_id.hex().encode())]
                    others = [(name, value) for name, value in record.headers if name not in {PREVIOUS, ID}]
                    shown.append(LogRecord(*_fields(record)[:-1], [*others, *names]))
        if shown:
            yield shown


def _fields(record: LogRecord) -> tuple[Any, ...]:
    return tuple(getattr(record, name) for name in record.__struct_fields__)
