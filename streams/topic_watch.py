"""Whether the topics are still those that this worker and its logs began with.

A topic that is deleted and made anew keeps its name, and its offsets begin at 0: what is remembered of the old one
would make its records look decided. So the worker stops at that, is not ready, and says what a person can do.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from incident_pipeline.health import Obstacle
from incident_pipeline.line import TopicIds
from incident_pipeline.log import LogError
from incident_pipeline.log.recorded_topics import adopted_at, found_topics, labels_of_reports
from incident_pipeline.logs import get_logger
from incident_pipeline.topics import WHY_FIXED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from incident_pipeline.log import LogReader, TopicLayout
    from incident_pipeline.metrics import WorkerMetrics
    from incident_pipeline.topics import Topic, Topics

__all__ = ["TopicWatch"]

_EVERY_SECONDS: Final = 2.0
_log = get_logger(__name__)


class TopicWatch:
    """Looks at the topics while the worker runs, and holds what must not go on by itself."""

    def __init__(self, topics: Topics, metrics: WorkerMetrics) -> None:
        self.ids = TopicIds()
        """As the worker found them at its start; all that it writes is about these."""
        self.is_replaced = False
        """Whether one of them is another one since: nothing more is decided."""
        self._topics = topics
        self._metrics = metrics
        self._belong_together: bool | None = None
        self._looking = asyncio.Lock()
        self._seen: set[str] = set()
        """Topics of which `look` has found something."""
        self._said: set[str] = set()
        """What was said of other topics: once, not for each partition."""

    async def start(self, log: LogReader) -> None:
        """Take note of the topics."""
        self._log = log
        self.ids = await found_topics(log, self._topics)

    # While the worker runs

    async def run(self) -> None:
        """Look for ever."""
        while True:
            try:
                await self.look()
            except LogError as error:
                _log.debug("topics.not_observed", error=str(error))
            await asyncio.sleep(_EVERY_SECONDS)

    async def look(self) -> None:
        """Hold each topic that is gone, is another one, or has grown though it may not."""
        watched = list(self._watched())
        layouts = await self._log.layouts([topic.name for topic, _ in watched])
        for topic, began_as in watched:
            found = layouts.get(topic.name)
            reason, detail = self._problem(topic, began_as, found)
            if reason is None:
                if topic.name in self._seen:
                    self._seen.remove(topic.name)
                    self._metrics.progress.let_go(topic.name)
                continue
            self._seen.add(topic.name)
            self._hold(reason, detail, topic.name)
            self.is_replaced = self.is_replaced or (reason is Obstacle.TOPIC_REPLACED and found is not None)

    def _watched(self) -> Iterator[tuple[Topic, str | None]]:
        topics, ids = self._topics, self.ids
        yield from ((topics.reports, ids.reports), (topics.lines, ids.lines))
        yield from ((topics.events, ids.events), (topics.alerts, ids.alerts))

    def _problem(self, topic: Topic, began_as: str | None, found: TopicLayout | None) -> tuple[Obstacle | None, str]:
        if found is None:
            what = f"The topic {topic.name} is not there any more."
            return Obstacle.TOPIC_REPLACED, f"{what} If it was deleted on purpose: {_WAY_ON}"
        if began_as is not None and found.id is not None and found.id != began_as:
            what = f"The topic {topic.name} was made anew: its id is {found.id}, and was {began_as}."
            return Obstacle.TOPIC_REPLACED, f"{what} Nothing more is decided. If that was meant: {_WAY_ON}"
        if found.partitions > topic.partitions and not topic.may_grow:
            what = f"{topic.name} has {found.partitions} partitions and must have {topic.partitions}"
            return Obstacle.PARTITIONS_ADDED, f"{what}; those beyond are not served. {WHY_FIXED}"
        return None, ""

    def _hold(self, reason: Obstacle, detail: str, topic: str, partition: int | None = None) -> None:
        if self._metrics.progress.hold(reason, detail, topic, partition):
            _log.error(f"topics.{reason.value}", topic=topic, partition=partition, message=detail)

    # At an assignment

    async def may_take_in(self) -> bool:
        """Whether `reports` and `lines` are those that belong together, or were adopted since.

        Looked up once: what is adopted is adopted while no worker runs.
        """
        async with self._looking:
            if self._belong_together is None:
                self._belong_together = await self._do_belong_together()
        return self._belong_together

    async def _do_belong_together(self) -> bool:
        topics = self._topics
        reports, lines, events = topics.reports.name, topics.lines.name, topics.events.name
        labels = await labels_of_reports(self._log, lines)
        if self._hold_others(TopicIds(reports=next(iter({*labels.values()} - {self.ids.reports}), None)), reports):
            return False
        if await self._is_written(events) and not await self._is_written(lines):  # in this order: others may write
            what = f"{lines} is empty, and {events} was written from it: it was made anew."
            self._hold(Obstacle.TOPIC_REPLACED, f"{what} If that was meant: {_WAY_ON}", lines)
            return False
        return True

    async def _is_written(self, topic: str) -> bool:
        """Whether any partition has, or had, a record."""
        partitions = range(await self._log.partitions(topic))
        return any([await self._log.end_offset(topic, partition) > 0 for partition in partitions])

    async def position(self, partition: int, known: TopicIds, position: int, *, of_lines: bool) -> int | None:
        """Give where the input goes on for a state that knows these topics; None where it must be held.

        `position`: where it would go on in its input, which is `lines` or `events`.
        """
        lines = self._topics.lines.name
        is_beyond = of_lines and position > await self._log.end_offset(lines, partition)
        if not known.differing(self.ids) and not is_beyond:
            return position
        is_other = "lines" in known.differing(self.ids)
        is_anew = is_beyond or is_other
        start = position if of_lines and not is_anew else 0
        at = await adopted_at(
            self._log, lines, partition, start, self.ids, "lines" if is_anew and not is_other else None
        )
        if at is not None:
            return at if of_lines and is_anew else position
        if not self._hold_others(known, lines if of_lines else self._topics.events.name, partition):
            return position  # the consumer finds that its position is gone, and says so
        return None

    def _hold_others(self, known: TopicIds, held: str, partition: int | None = None) -> bool:
        others = known.differing(self.ids)
        if others:
            which = ", ".join(f"{role} (was {getattr(known, role)}, is {getattr(self.ids, role)})" for role in others)
            detail = (
                f"What was decided belongs to other topics than are there now: {which}. They were deleted and made "
                f"anew, or the cluster is another one. Nothing of {held} is decided. If that was meant: {_WAY_ON}"
            )
            self._metrics.progress.hold(Obstacle.TOPIC_REPLACED, detail, held, partition)
            if which not in self._said:
                self._said.add(which)
                _log.error("topics.replaced", topic=held, partition=partition, message=detail)
        return bool(others)


_WAY_ON: Final = (
    "stop all workers, incident-pipeline topics apply, incident-pipeline topics adopt, and start them again "
    "(docs/operator.md, Held)."
)
