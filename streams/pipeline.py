"""What the agents of one worker share: configuration, topics, the log, the writers, the rules, the metrics."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from incident_pipeline.acls import Role, acls_of
from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.codecs import check_codecs
from incident_pipeline.limits import GROUP_BYTES, PRODUCE_BATCH_BYTES
from incident_pipeline.log.access import refuse_if_denied
from incident_pipeline.log.admin import refuse_if_topics_differ
from incident_pipeline.log.awaiting import await_cluster
from incident_pipeline.log.connection import connect
from incident_pipeline.log.kafka import open_log
from incident_pipeline.logs import get_logger
from incident_pipeline.metrics import WorkerMetrics
from incident_pipeline.metrics.contact import Contact
from incident_pipeline.snapshot import SnapshotStore
from incident_pipeline.topics import load_topics
from streams.partition_writer import LogProducer, PartitionWriter
from streams.rules_store import RulesStore
from streams.topic_watch import TopicWatch

if TYPE_CHECKING:
    import faust

    from incident_pipeline.catalogue.model import Rules
    from incident_pipeline.config import Config
    from incident_pipeline.log import LogReader

__all__ = ["Pipeline", "now_ms", "refuse_what_cannot_serve"]

_log = get_logger(__name__)


def now_ms() -> int:
    """The wall clock, in milliseconds since 1970: for ticks and latencies, never for a decision."""
    return time.time_ns() // 1_000_000


async def refuse_what_cannot_serve(config: Config) -> None:
    """Look at all that a worker needs from outside: its packages, its directory, Kafka, its permissions, its topics.

    A Kafka that does not answer yet is waited for.

    Raises:
        CodecError: a compression cannot be read.
        LogError: no Kafka serves us, a permission is missing, or the topics differ.
        OSError: the state directory cannot be used.
    """
    check_codecs()
    _snapshots(config).prepare()
    topics, connection = load_topics(config.topic_prefix), connect(config)
    group = config.topic_prefix + config.app_id
    await await_cluster(connection, config.start_wait_seconds, lambda why: _log.warning("kafka.awaited", why=why))
    await refuse_if_denied(connection, acls_of(topics, group, {Role.WORKER: connection.who}))
    await refuse_if_topics_differ(connection, topics)


def _snapshots(config: Config) -> SnapshotStore:
    return SnapshotStore(config.state_directory, f"{config.topic_prefix}{config.app_id}-")


class Pipeline:
    """One worker's parts. Those that need Kafka are there once `start` has returned."""

    log: LogReader
    producer: LogProducer
    rules: RulesStore

    def __init__(self, config: Config, rules: Rules) -> None:
        self.config = config
        self.topics = load_topics(config.topic_prefix)
        self.catalogue = Catalogue(rules)
        self.metrics = WorkerMetrics(contact=Contact(config.session_timeout_seconds))
        self.metrics.use_rules(rules)
        for topic in (self.topics.reports, self.topics.lines, self.topics.events):
            self.metrics.deleted_unread[topic.name] = 0
        for topic in (self.topics.events, self.topics.alerts):
            for partition in range(topic.partitions):
                self.metrics.ignored(topic.name, partition, 0)  # so that the first ones are an increase
        self.snapshots = _snapshots(config)
        self.topic_watch = TopicWatch(self.topics, self.metrics)
        self._lines_writers: dict[int, PartitionWriter] = {}

    async def start(self, app: faust.App) -> None:
        """Connect, and publish the rules that this worker runs under."""
        connection = connect(self.config)
        self.log = await app.add_async_context(open_log(connection))
        self.producer = await app.add_async_context(
            LogProducer(connection, max_batch_bytes=PRODUCE_BATCH_BYTES, max_group_bytes=GROUP_BYTES)
        )
        await self.topic_watch.start(self.log)
        self.rules = RulesStore(self.log, self.topics.rules.name, self.catalogue.rules)
        await self.rules.publish(self.producer, now_ms())

    def lines_writer(self, partition: int) -> PartitionWriter:
        """The one writer of a `lines` partition in this worker: intake, ticks and rules records share it."""
        writer = self._lines_writers.get(partition)
        if writer is None:
            writer = PartitionWriter(self.producer, self.topics.lines.name, partition)
            self._lines_writers[partition] = writer
        return writer
