"""What the consumer notices of its input, told to people: in the log, in the metrics, in readiness."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incident_pipeline.health import Obstacle
from incident_pipeline.logs import get_logger
from streams.record_batch import NoObserver

if TYPE_CHECKING:
    from incident_pipeline.metrics import WorkerMetrics

__all__ = ["ReadingObserver"]

_log = get_logger(__name__)


class ReadingObserver(NoObserver):
    """Where the consumer's observations go."""

    def __init__(self, metrics: WorkerMetrics) -> None:
        self._metrics = metrics

    def records_deleted(self, topic: str, partition: int, first: int, end: int) -> None:
        """Name the offsets that nobody will read any more."""
        self._metrics.deleted_unread[topic] += end - first
        message = (
            f"{topic}, partition {partition}, begins at offset {end}: the offsets {first} to {end - 1} were deleted "
            "before they were read. What stood there is in no count. Let its sources send it again, and see who "
            "deletes (retention.ms must be -1: incident-pipeline topics diff)."
        )
        _log.error(
            "records.deleted_unread",
            topic=topic,
            partition=partition,
            first_offset=first,
            last_offset=end - 1,
            message=message,
        )

    def position_gone(self, topic: str, partition: int, position: int, begin: int) -> None:
        """Hold the partition: what was read up to is not there, so it is not the log that was read."""
        message = (
            f"{topic}, partition {partition}, was read up to offset {position}, and ends before it; it begins at "
            f"{begin}. It was made anew, or lost its end with a broker. Nothing of it is read until that is decided: "
            "docs/operator.md, position_gone."
        )
        _log.error("position.gone", topic=topic, partition=partition, position=position, message=message)
        self._metrics.progress.hold(Obstacle.POSITION_GONE, message, topic, partition)
