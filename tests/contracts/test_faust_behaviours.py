"""Each behaviour of Faust and aiokafka that streams/ leans on, or guards against. A new version must pass here first.

No broker: what needs one is in tests/broker/test_record_batches.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import inspect
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import faust
import pytest
from aiokafka.consumer.fetcher import FetchResult
from aiokafka.producer.message_accumulator import BatchBuilder
from faust.transport.consumer import Consumer as BaseConsumer
from faust.transport.drivers import aiokafka as driver
from mode import Service
from raw_records import raw_records

from streams.batch_consumer import BatchConsumer, BatchMessage
from streams.light_records import Span
from streams.record_batch import NoObserver
from streams.record_batches import TP, BatchLimits, Delivery, RecordBatches, deliveries, use_record_batches

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

TOPIC = "input"
LINE = TP(TOPIC, 0)


class Read:
    """What the client's thread says of one partition."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.position: int | None = 0

    def read_spans(self, _tp: TP) -> list[Span]:
        spans, self.spans = self.spans, []
        return spans

    def client_position(self, _tp: TP) -> int | None:
        return self.position


class ConsumerWithoutBroker(BatchConsumer):
    """The real consumer; only its calls to the broker are answered here."""

    broker_takes_commits = True
    read: Read

    def assignment(self) -> set[TP]:
        return {LINE}

    async def _commit(self, _offsets: Mapping[TP, int]) -> bool:
        return self.broker_takes_commits


@pytest.fixture
async def app(tmp_path: Any) -> AsyncIterator[faust.App]:
    app = faust.App("contracts", broker="kafka://127.0.0.1:1", store="memory://", datadir=tmp_path, web_enabled=False)
    transport = use_record_batches(app, limits=BatchLimits(batch_records=3))
    transport.Consumer = ConsumerWithoutBroker
    yield app
    if app._consumer is not None:
        app._consumer._thread.thread_loop.close()  # its thread never ran


@pytest.fixture
async def consumer(app: faust.App) -> Any:
    """A consumer with one assigned record-batch partition, read from offset 0, in a settled group."""
    topic = app.topic(TOPIC, schema=RecordBatches())
    app.topics.add(topic)
    app.topics._acking_topics.add(TOPIC)
    app.consumer._topics[TOPIC] = False
    app.consumer._begin_assignment({LINE}, generation=1)
    app.consumer_generation_id = 1
    app.rebalancing = False
    app.flow_control.resume()
    app.consumer._partitions[LINE].commits.begin(1, 0)
    app.consumer._partitions[LINE].seek_due = False
    read = app.consumer.read = Read()
    app.consumer._thread.read_spans = read.read_spans
    app.consumer._thread.client_position = read.client_position
    return app.consumer


def messages(consumer: BatchConsumer, *offsets: int) -> list[BatchMessage]:
    """Cut records into batches of three, as a fetch does, and make Faust's messages of them."""
    consumer.read.spans = [Span(offsets[0], offsets[-1] + 1)]
    cuts = consumer._cut(LINE, raw_records(*offsets), consumer.epoch(LINE))
    return [consumer._to_message(LINE, cut) for cut in cuts]


async def stream_of(app: faust.App, *messages: BatchMessage) -> Any:
    """Return a stream with these messages in its queue."""
    channel = app.channel(value_type=bytes)
    stream = app.stream(channel)
    for message in messages:
        await channel.put(event_of(app, message))
    return stream


def event_of(app: faust.App, message: BatchMessage) -> Any:
    message.incref()
    return app.create_event(None, message.value, None, message)


def finished(consumer: BatchConsumer) -> int | None:
    return consumer._partitions[LINE].commits.finished


class Heard(NoObserver):
    """What the consumer says of its input."""

    def __init__(self) -> None:
        self.said: list[tuple[object, ...]] = []

    def records_deleted(self, topic: str, partition: int, first: int, end: int) -> None:
        self.said.append(("deleted", topic, partition, first, end))

    def position_gone(self, topic: str, partition: int, position: int, begin: int) -> None:
        self.said.append(("gone", topic, partition, position, begin))


# What was read: offsets, with or without records


async def test_a_hole_at_the_end_of_a_fetch_is_committed_with_its_last_batch(
    app: faust.App, consumer: ConsumerWithoutBroker
) -> None:
    consumer.read.spans = [Span(0, 6)]  # two records, and behind them what compaction took away or a marker
    (cut,) = consumer._cut(LINE, raw_records(0, 1), consumer.epoch(LINE))
    assert finished(consumer) == 0
    async for delivery in deliveries(await stream_of(app, consumer._to_message(LINE, cut))):
        delivery.acknowledge()
        break
    assert finished(consumer) == consumer._new_offset(LINE) == 6


async def test_a_fetch_of_nothing_but_holes_moves_the_position(consumer: ConsumerWithoutBroker) -> None:
    consumer.read.spans = [Span(0, 2), Span(2, 3)]
    assert consumer._cut(LINE, (), consumer.epoch(LINE)) == []
    assert finished(consumer) == 3


async def test_a_fetch_that_begins_further_on_says_which_offsets_were_deleted_unread(
    app: faust.App, consumer: ConsumerWithoutBroker
) -> None:
    heard = app.transport.observer = Heard()
    consumer._partitions[LINE].commits.begin(2, 2)
    consumer.read.position = 4  # nothing is left to fetch: the client has reset itself to the beginning
    assert consumer._cut(LINE, (), consumer.epoch(LINE)) == []
    consumer.read.spans = [Span(4, 6)]
    assert len(consumer._cut(LINE, raw_records(0, 1), consumer.epoch(LINE))) == 1
    assert heard.said == [("deleted", TOPIC, 0, 2, 4)]


async def test_a_fetch_that_begins_before_the_position_is_of_another_log_and_held(
    app: faust.App, consumer: ConsumerWithoutBroker
) -> None:
    heard = app.transport.observer = Heard()
    consumer._partitions[LINE].commits.begin(2, 5)
    consumer.read.spans = [Span(0, 2)]
    assert consumer._cut(LINE, raw_records(0, 1), consumer.epoch(LINE)) == ()
    assert heard.said == [("gone", TOPIC, 0, 5, 0)]
    assert consumer._partitions[LINE].held
    assert finished(consumer) == 5


# Versions


def test_the_versions_are_those_that_this_was_checked_with() -> None:
    assert version("faust-streaming") == "0.15.3"
    assert version("mode-streaming") == "0.7.1"
    assert version("aiokafka").startswith("0.14.")


# Names and signatures that are overridden or called


@pytest.mark.parametrize(
    ("owner", "name", "parameters"),
    [
        (BaseConsumer, "on_partitions_revoked", "self, revoked"),
        (BaseConsumer, "on_partitions_assigned", "self, assigned, generation_id"),
        (BaseConsumer, "perform_seek", "self"),
        (BaseConsumer, "_filter_tps_with_pending_acks", "self, topics"),
        (BaseConsumer, "_new_offset", "self, tp"),
        (BaseConsumer, "_add_gap", "self, tp, offset_from, offset_to"),
        (BaseConsumer, "_commit_offsets", "self, offsets, start_new_transaction"),
        (driver.Consumer, "subscribe", "self, topics"),
        (driver.Consumer, "_getmany", "self, active_partitions, timeout"),
        (driver.Consumer, "_to_message", "self, tp, record"),
        (driver.Consumer, "_new_consumer_thread", "self"),
        (driver.AIOKafkaConsumerThread, "on_start", "self"),
        (driver.AIOKafkaConsumerThread, "call_thread", "self, fun, args, kwargs"),
        (driver.AIOKafkaConsumerThread, "_ensure_consumer", "self"),
        (FetchResult, "getall", "self, max_records"),
        (faust.Schema, "compile", "self, app, on_key_decode_error, on_value_decode_error, default_propagate"),
    ],
)
def test_what_is_overridden_has_the_name_and_parameters_that_it_had(owner: type, name: str, parameters: str) -> None:
    assert ", ".join(inspect.signature(getattr(owner, name)).parameters) == parameters


def test_the_loop_that_delivers_uses_what_the_consumer_replaces() -> None:
    source = inspect.getsource(BaseConsumer._drain_messages)
    assert "callback = self.callback" in source
    assert "set_read_offset = self._read_offset.__setitem__" in source
    assert "self._add_gap(tp" in source
    assert "read_offset.update(" in inspect.getsource(BaseConsumer.perform_seek)


def test_no_read_offset_is_kept_of_a_batched_partition_however_faust_sets_it(consumer: ConsumerWithoutBroker) -> None:
    plain = TP("plain", 0)
    consumer._read_offset[LINE] = 7
    consumer._read_offset.update({LINE: 7, plain: 7})
    assert consumer._read_offset[LINE] is None  # else what lies before the group's position would never arrive
    assert consumer._read_offset[plain] == 7


def test_faust_seeks_with_the_clients_own_thread_elsewhere_so_ours_goes_through_it() -> None:
    assert not inspect.iscoroutinefunction(driver.AIOKafkaConsumerThread.seek)
    assert "call_thread" not in inspect.getsource(driver.AIOKafkaConsumerThread.seek)


# Acknowledging


async def test_faust_acknowledges_an_event_whose_agent_raises_and_nothing_is_committed_by_that(
    app: faust.App, consumer: ConsumerWithoutBroker
) -> None:
    (message,) = messages(consumer, 0, 1)
    stream = await stream_of(app, message)
    with pytest.raises(ValueError, match="the agent's"):
        await raising_agent(stream)
    gc.collect()
    await asyncio.sleep(0.01)  # the loop closes the abandoned iterator
    assert message.acked
    assert finished(consumer) == 0


async def raising_agent(stream: Any) -> None:
    async for _ in stream.events():
        raise ValueError("the agent's")


async def test_without_noack_faust_acknowledges_by_itself_and_with_it_the_agent_does(
    app: faust.App, consumer: ConsumerWithoutBroker
) -> None:
    for noack in (False, True):
        consumer._partitions[LINE].commits.begin(2 + noack, 0)
        first, second = messages(consumer, 0, 1, 2, 3)
        stream = await stream_of(app, first, second)
        events = (stream.noack() if noack else stream).events()
        await anext(events)
        await anext(events)
        assert first.acked is not noack
        await stream.stop()


async def test_only_the_deliverys_own_acknowledgement_counts(app: faust.App, consumer: ConsumerWithoutBroker) -> None:
    (message,) = messages(consumer, 0, 1)
    event = event_of(app, message)
    event.ack()
    assert message.acked
    assert finished(consumer) == 0
    assert consumer._new_offset(LINE) == 0
    Delivery(event).acknowledge()
    assert consumer._new_offset(LINE) == 2


async def test_plain_faust_would_commit_past_a_batch_that_is_not_acknowledged(app: faust.App) -> None:
    plain = driver.Consumer(
        app.transport,
        callback=app.topics.on_message,
        on_partitions_revoked=app._on_partitions_revoked,
        on_partitions_assigned=app._on_partitions_assigned,
    )
    plain._committed_offset[LINE] = None  # a partition that was never committed
    plain._acked[LINE] = [11, 12]  # 10 is in hand still
    assert plain._new_offset(LINE) == 13
    plain._thread.thread_loop.close()


async def test_a_rebalance_waits_for_batches_in_hand_by_default(
    app: faust.App, consumer: ConsumerWithoutBroker
) -> None:
    assert app.conf.stream_wait_empty
    (message,) = messages(consumer, 0, 1)
    stream = await stream_of(app, message)
    delivery = await anext(aiter(deliveries(stream)))
    assert message in consumer.unacked
    delivery.acknowledge()
    assert message not in consumer.unacked
    await stream.stop()


async def test_a_batch_of_another_generation_never_reaches_the_agent(
    app: faust.App, consumer: ConsumerWithoutBroker
) -> None:
    old, new = messages(consumer, 0, 1, 2, 3)
    old.generation_id = 0
    consumer.take(old)
    stream = await stream_of(app, old, new)
    delivery = await anext(aiter(deliveries(stream)))
    assert delivery.batch.first == new.value.first
    assert finished(consumer) == 0
    await stream.stop()


# Committing


async def test_faust_takes_a_failed_commit_for_done_and_the_consumer_does_not(
    app: faust.App, consumer: ConsumerWithoutBroker
) -> None:
    consumer.broker_takes_commits = False
    (message,) = messages(consumer, 0, 1)
    consumer.finish(message)
    assert not await consumer.force_commit()
    assert consumer._committed_offset[LINE] is None
    consumer.broker_takes_commits = True
    assert await consumer.force_commit()
    assert consumer._committed_offset[LINE] == 2
    assert consumer.partition_numbers()[0].committed == 2


# Aiokafka


async def test_a_fetch_is_taken_whole_and_nothing_is_read_in_transactions(app: faust.App) -> None:
    assert app.conf.broker_max_poll_records is None
    assert not app.in_transaction


def test_a_full_batch_builder_says_so_takes_any_first_record_and_wants_a_list_of_headers() -> None:
    compiled = BatchBuilder(1_000, 0)._builder
    assert compiled.append(0, 1, None, b"x" * 5_000, []) is not None
    assert compiled.size() > 5_000
    assert compiled.append(1, 1, None, b"x", []) is None
    with pytest.raises(TypeError):
        BatchBuilder(1_000, 0)._builder.append(0, 1, None, b"x", (("h", b"x"),))


def test_a_batch_filled_through_the_compiled_builder_is_that_of_the_public_one() -> None:
    public, filled = BatchBuilder(1_000, 0), BatchBuilder(1_000, 0)
    for index in range(3):
        public.append(timestamp=index, key=b"k", value=b"v", headers=[("h", b"x")])
        filled._builder.append(index, index, b"k", b"v", [("h", b"x")])
    filled._relative_offset = 3
    assert (filled.size(), filled.record_count()) == (public.size(), public.record_count())
    assert filled._build() == public._build()


# Settings and services


async def test_fausts_own_producer_is_not_idempotent_outside_transactions(app: faust.App) -> None:
    assert app.producer._settings_extra() == {}


async def test_an_agent_that_raises_would_be_started_again(app: faust.App) -> None:
    assert app.conf.agent_supervisor.__name__ == "OneForOneSupervisor"


async def test_the_assignor_that_keeps_partitions_where_they_are_is_used_by_default(app: faust.App) -> None:
    assert app.conf.table_standby_replicas > 0
    assert "if self.app.conf.table_standby_replicas > 0" in inspect.getsource(
        driver.AIOKafkaConsumerThread._create_worker_consumer
    )


async def test_an_async_context_of_a_service_ends_after_its_children() -> None:
    ended: list[str] = []

    class Child(Service):
        async def on_stop(self) -> None:
            ended.append("child")

    class Context(contextlib.AbstractAsyncContextManager[None]):
        async def __aexit__(self, *_: object) -> None:
            ended.append("context")

    class Parent(Service):
        async def on_start(self) -> None:
            await self.add_async_context(Context())
            await self.add_runtime_dependency(Child())

    parent = Parent()
    await parent.start()
    await parent.stop()
    assert ended == ["child", "context"]


def test_record_batches_after_the_first_topic_come_too_late(tmp_path: Any) -> None:
    app = faust.App("late", broker="kafka://127.0.0.1:1", datadir=tmp_path)
    assert app._transport is None
    _ = app.topics
    with pytest.raises(RuntimeError, match="too late"):
        use_record_batches(app)
