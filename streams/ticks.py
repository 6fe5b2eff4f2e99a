"""What the owner of a `lines` partition appends to it: the time, and its rules where others are in force."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from incident_pipeline.catalogue.model import Level
from incident_pipeline.codec import encode
from incident_pipeline.line import RulesChange, Tick, TopicsChange
from incident_pipeline.logs import get_logger
from streams.partition_writer import OutgoingRecord
from streams.pipeline import Pipeline, now_ms

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        self._topics_brought: dict[int, int] = {}
        """The same of the record that names the topics."""

    async def bring_rules(self, partition: int, owner: Owner) -> None:
        """Bring this worker's rules into force where others are; they take force where the record stands.

        A partition without any gets those of its first record.
        """
        rules, in_force = self._pipeline.rules, owner.stage.rules
        if in_force is None or in_force == rules.own_hash:
            self._show_newer(partition, None)
            return
        is_older = not rules[rules.own_hash].may_replace(rules[in_force])
        self._show_newer(partition, in_force if is_older else None)
        forced = is_older and self._pipeline.config.bring_older_rules
        if is_older and not forced:
            return
        now = now_ms()
        change = RulesChange(forced=forced, now_ms=now, rules=rules.own_hash)
        self._brought[partition] = await self._append(partition, encode(change), now)
        _log.info("rules.brought", partition=partition, before=in_force, rules=rules.own_hash, forced=forced)

    def _show_newer(self, partition: int, in_force: str | None) -> None:
        """Show, and say once, that the rules in force are newer than this worker's."""
        newer, at = self._pipeline.metrics.under_newer_rules, (self._ledger.input_name, partition)
        if in_force is None:
            newer.discard(at)
            return
        if at not in newer:
            rules = self._pipeline.rules
            _log.warning(
                "rules.older",
                partition=partition,
                in_force=in_force,
                revision_in_force=rules[in_force].revision,
                rules=rules.own_hash,
                revision=rules[rules.own_hash].revision,
                consequence="It decides under the rules in force, and reads reports by its own, older catalogue.",
                remedy="Deploy the newer catalogue here, or raise `revision` in the one that is to hold.",
            )
        newer.add(at)

    def tell_theatres_that_are_gone(self, partition: int, theatres: Mapping[str, int]) -> None:
        """Say which theatres have an open history and are not in this worker's catalogue: renamed, or removed.

        `theatres`: days of each that still take corrections.
        """
        known = {place.id for place in self._pipeline.catalogue.rules.places if place.level is Level.THEATRE}
        for theatre, days in sorted(theatres.items()):
            if theatre not in known:
                _log.warning(
                    "rules.theatre_gone",
                    partition=partition,
                    theatre=theatre,
                    open_days=days,
                    consequence="Its days stay; a report about them that is sent again counts elsewhere too.",
                    remedy="Keep the old id of the theatre while its history is open, or send none of it again.",
                )

    async def bring_topics(self, partition: int, owner: Owner) -> None:
        """Record the topics where a state lacks some of them; others than those that it knows only a person adopts."""
        found = self._pipeline.topic_watch.ids
        known = owner.stage.topics
        if owner.stage.rules is None or known.differing(found) or known.merged(found) == known:
            return
        if owner.stage.position < self._topics_brought.get(partition, 0):  # it is under way
            return
        now = now_ms()
        self._topics_brought[partition] = await self._append(
            partition, encode(TopicsChange(now_ms=now, topics=found)), now
        )
        _log.info("topics.recorded", partition=partition, **msgspec.structs.asdict(found))

    async def run(self) -> None:
        """Tell the time for ever, and bring the rules again where another worker's came after ours.

        That happens when its record was not decided yet as the partition came here.
        """
        while True:
            await asyncio.sleep(self._pipeline.config.tick_seconds)
            for partition in self._ledger.partitions:
                now = now_ms()
                owner = self._ledger.owner(partition)
                if owner is None or self._pipeline.topic_watch.is_replaced:
                    continue
                await self._append(partition, encode(Tick(now_ms=now, topic=owner.stage.topics.reports)), now)
                if owner.stage.position >= self._brought.get(partition, 0):
                    await self.bring_rules(partition, owner)
                await self.bring_topics(partition, owner)

    async def _append(self, partition: int, value: bytes, timestamp_ms: int) -> int:
        """Append a record, and return the offset after it."""
        record = OutgoingRecord(value, timestamp_ms, _KEY, [])
        written = await (await self._pipeline.lines_writer(partition).send([[record]]))
        return written.end_offset
