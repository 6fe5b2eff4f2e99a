"""Looking at the worker's own positions every few seconds: what readiness and the lag metrics are made of."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from incident_pipeline.log import LogError
from incident_pipeline.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streams.pipeline import Pipeline
    from streams.record_batches import BatchTransport
    from streams.stage_runner import StageRunner

__all__ = ["ProgressWatcher"]

_log = get_logger(__name__)
_EVERY_SECONDS = 2.0


class ProgressWatcher:
    """Tells the metrics where each partition stands."""

    def __init__(self, pipeline: Pipeline, transport: BatchTransport, runners: Iterable[StageRunner]) -> None:
        self._pipeline = pipeline
        self._transport = transport
        self._runners = {runner.input_name: runner for runner in runners}

    async def run(self) -> None:
        """Look for ever, often enough that contact is never in doubt between two looks (`metrics.contact`)."""
        every_seconds = min(_EVERY_SECONDS, self._pipeline.config.session_timeout_seconds / 5)
        while True:
            try:
                await self.look()
            except LogError as error:  # the broker is away: readiness tells it, and writers end the worker in time
                _log.warning("progress.not_observed", error=str(error))
            await asyncio.sleep(every_seconds)

    async def look(self) -> None:
        """Take the numbers of every assigned partition; one that is being recovered shows none.

        The end is asked of the broker: a consumer that has stopped fetching would believe that there is none left.
        """
        metrics = self._pipeline.metrics
        for numbers in self._transport.partition_numbers():
            end = await self._pipeline.log.end_offset(numbers.topic, numbers.partition)
            if metrics.contact is not None:  # each answer is one: recovering, or a look at many, may take its time
                metrics.contact.seen(metrics.monotonic())
            if numbers.held:
                continue
            position = numbers.position or 0 if numbers.finished is None else numbers.finished
            metrics.progress.observe(
                numbers.topic,
                numbers.partition,
                position=position,
                end=max(end, position),
                committed=numbers.committed,
                now_seconds=time.monotonic(),
            )
            metrics.uncommitted[numbers.topic, numbers.partition] = max(0, (numbers.highwater or 0) - end)
            self._look_into(numbers.topic, numbers.partition)

    def _look_into(self, topic: str, partition: int) -> None:
        """Show what the stage of a partition knows for the gauges."""
        runner = self._runners.get(topic)
        owner = None if runner is None else runner.owner(partition)
        if runner is None or owner is None:
            return
        metrics = self._pipeline.metrics
        if owner.stage.rules is not None:
            metrics.rules_in_force[topic, partition] = owner.stage.rules
        if owner.ignored:
            metrics.ignored(runner.output_name, partition, owner.ignored)
            owner.ignored = 0
