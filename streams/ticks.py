"""What the owner of a `lines` partition appends to it: the time, and its rules where others are in force."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from incident_pipeline.codec import encode
from incident_pipeline.line import RulesChange, Tick
from incident_pipeline.logs import get_logger
from streams.partition_writer import OutgoingRecord
from streams.pipeline import Pipeline, now_ms

if TYPE_CHECKING:
    from incident_pipeline.owner import Owner
    from streams.stage_runner import StageRunner

__all__ = ["Ticker"]

_log = get_logger(__name__)
_KEY = b"*"
"""The record is about all theatres of its partition."""


class Ticker:
    """Ticks and rules records for the partitions of `lines` that this worker owns."""

    def __init__(self, pipeline: Pipeline, ledger: StageRunner) -> None:
        self._pipeline = pipeline
        self._ledger = ledger
        self._brought: dict[int, int] = {}
        """Partition -> offset after the rules record that this worker appended last."""

    async def bring_rules(self, partition: int, owner: Owner) -> None:
        """Bring this worker's rules into force where others are; they take force where the record stands.

        A partition without any gets those of its first record.
        """
        ours = self._pipeline.rules.own_hash
        in_force = owner.stage.rules
        if in_force is None or in_force == ours:
            return
        now = now_ms()
        self._brought[partition] = await self._append(partition, encode(RulesChange(now_ms=now, rules=ours)), now)
        _log.info("rules.brought", partition=partition, before=in_force, rules=ours)

    async def run(self) -> None:
        """Tell the time for ever, and bring the rules again where another worker's came after ours.

        That happens when its record was not decided yet as the partition came here.
        """
        while True:
            await asyncio.sleep(self._pipeline.config.tick_seconds)
            for partition in self._ledger.partitions:
                now = now_ms()
                await self._append(partition, encode(Tick(now_ms=now)), now)
                owner = self._ledger.owner(partition)
                if owner is not None and owner.stage.position >= self._brought.get(partition, 0):
                    await self.bring_rules(partition, owner)

    async def _append(self, partition: int, value: bytes, timestamp_ms: int) -> int:
        """Append a record, and return the offset after it."""
        record = OutgoingRecord(value, timestamp_ms, _KEY, [])
        written = await (await self._pipeline.lines_writer(partition).send([[record]]))
        return written.end_offset
