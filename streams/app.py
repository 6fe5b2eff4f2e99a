"""The Faust app: three agents over record batches, ticks, and the endpoint. `faust -A streams.app worker` runs it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from typing import TYPE_CHECKING, Any, NoReturn

import faust
from faust.app import BootStrategy
from mode.utils.logging import level_number
from yarl import URL

from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.config import Config, load_config
from incident_pipeline.ledger.stage import LedgerStage
from incident_pipeline.limits import BATCH_RECORDS, IN_FLIGHT_RECORDS, METADATA_SECONDS
from incident_pipeline.log import LogError
from incident_pipeline.log.connection import connect
from incident_pipeline.logs import get_logger, set_up_logs
from incident_pipeline.surveillance.stage import SurveillanceStage
from streams.credentials import faust_credentials
from streams.endpoint import Endpoint
from streams.garbage import tame_collector
from streams.intake import Intake
from streams.lanes import Lanes
from streams.pipeline import Pipeline, refuse_what_cannot_serve
from streams.reading_observer import ReadingObserver
from streams.record_batches import BatchLimits, RecordBatches, use_record_batches
from streams.service_logger import SERVICE_LOGGER
from streams.stage_runner import StageRunner
from streams.threads import share_interpreter
from streams.ticks import Ticker
from streams.watch_progress import ProgressWatcher
from streams.worker_end import ends_worker
from streams.worker_stop import is_told_to_stop, stop_when_told

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from incident_pipeline.catalogue.model import Rules
    from incident_pipeline.metrics import WorkerMetrics
    from incident_pipeline.owner import Owner
    from streams.lanes import Lane
    from streams.record_batches import TP, Assignment, BatchTransport

__all__ = ["PipelineApp", "configured_rules", "create_app", "run_worker"]

_log = get_logger(__name__)


class _Joined:
    """Tells the metrics that the worker is a member of its group, be it without a partition."""

    def __init__(self, metrics: WorkerMetrics) -> None:
        self._metrics = metrics

    def partitions_revoked(self, partitions: frozenset[TP]) -> None:
        """Show no more of them, before another worker may: the runners release what they served later."""
        for tp in partitions:
            self._metrics.hide(tp.topic, tp.partition)

    def partitions_assigned(self, _assignment: Assignment) -> None:
        """Joined."""
        self._metrics.progress.joined()
        if self._metrics.contact is not None:
            self._metrics.contact.assigned(self._metrics.monotonic())


class _WithoutWeb(BootStrategy):
    """What an app starts, but for Faust's web server: `faust worker` switches that on whatever the settings say."""

    enable_web = False


class PipelineApp(faust.App):
    """Faust's app, with the pipeline's parts connected before its agents start."""

    BootStrategy = _WithoutWeb
    logger = SERVICE_LOGGER
    pipeline: Pipeline
    prepare: Callable[[], Awaitable[None]]
    finish: Callable[[], Awaitable[None]]
    is_checked = False
    """Whether `run_worker` has looked already; `faust worker` starts without it."""
    start_error: Exception | None = None
    """What is outside and keeps the worker from starting: its message is for a person, its stack is for nobody."""

    def on_agent_failed(self, agent: str, what: str) -> None:
        """Be ready no more, while the worker ends."""
        self.pipeline.metrics.progress.agent_failed(agent, what)

    async def on_first_start(self) -> None:
        """See that what is outside is as it must be, before Faust starts anything."""
        if not self.is_checked:
            await refuse_what_cannot_serve(self.pipeline.config)
        await super().on_first_start()

    async def on_start(self) -> None:
        """Connect, then start."""
        try:
            await self.prepare()
        except (LogError, OSError) as error:
            self.start_error = error
            raise
        config = self.pipeline.config
        rules = self.pipeline.rules.own_hash
        _log.info("worker.started", servers=config.bootstrap_servers, group=self.conf.id, rules=rules)
        await super().on_start()

    async def on_stop(self) -> None:
        """Stop reading, then save what is settled."""
        _log.info("worker.stopping")
        await super().on_stop()
        await self.finish()


class PipelineWorker(faust.Worker):
    """Faust's worker, logging as the project does: one line for each event, wherever it runs."""

    def __init__(self, app: faust.App, *services: Any, **options: Any) -> None:  # noqa: ANN401 - Faust's own
        super().__init__(app, *services, **options)
        self.spinner = None  # it writes to a log file as to a terminal

    def install_signal_handlers(self) -> None:
        """Stop when told, in a bounded time."""
        stop_when_told(self._begin_stop)

    def _begin_stop(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the end is near
            self.loop.call_soon_threadsafe(self._schedule_shutdown, signal.SIGTERM)

    def _setup_logging(self) -> None:
        """Leave the logs as `logs.set_up_logs` has set them up; `faust worker --loglevel` may ask for more."""
        if self.loglevel:
            root = logging.getLogger()
            root.setLevel(min(root.level, level_number(self.loglevel)))


def create_app(config: Config, rules: Rules) -> PipelineApp:
    """The worker's app. Nothing is connected before it starts."""
    app = _faust_app(config)
    pipeline = app.pipeline = Pipeline(config, rules)
    transport = use_record_batches(
        app,
        limits=BatchLimits(batch_records=BATCH_RECORDS, records_in_flight=IN_FLIGHT_RECORDS),
        observer=ReadingObserver(pipeline.metrics),
    )
    transport.listeners.append(_Joined(pipeline.metrics))
    ledger, surveillance = _stages(app, transport, pipeline)
    intake = Intake(app, pipeline)
    _add_agent(app, transport, pipeline.topics.reports.name, "intake", intake.serve, owned=False)
    _add_agent(app, transport, pipeline.topics.lines.name, "ledger", ledger.serve, owned=True)
    _add_agent(app, transport, pipeline.topics.events.name, "surveillance", surveillance.serve, owned=True)
    _add_companions(app, transport, pipeline, ledger, surveillance)
    return app


def _faust_app(config: Config) -> PipelineApp:
    """Faust as it is used here: no tables, no web server, no topics of its own making."""
    return PipelineApp(
        config.topic_prefix + config.app_id,
        broker_credentials=faust_credentials(connect(config)),
        broker=[URL(f"kafka://{server}") for server in config.bootstrap_servers.split(",")],
        Worker=PipelineWorker,
        store="memory://",
        datadir=str(config.state_directory / "faust"),
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=8 << 20,
        consumer_metadata_max_age_ms=METADATA_SECONDS * 1_000,
        broker_commit_interval=1.0,
        broker_session_timeout=float(config.session_timeout_seconds),
        broker_heartbeat_interval=config.session_timeout_seconds / 5,
        broker_rebalance_timeout=30.0,
    )


def _add_agent(
    app: PipelineApp,
    transport: BatchTransport,
    topic: str,
    name: str,
    serve: Callable[[Lane], Awaitable[None]],
    *,
    owned: bool,
) -> None:
    """Declare an agent that serves each of its partitions in a task of its own."""
    lanes = Lanes(app, transport, topic, serve)

    async def run(stream: Any) -> None:  # noqa: ANN401 - Faust's streams are untyped
        await lanes.run(stream)

    run.__name__ = name
    app.agent(app.topic(topic, schema=RecordBatches(positioned_by_owner=owned)), name=name)(ends_worker(app)(run))


def _stages(app: PipelineApp, transport: BatchTransport, pipeline: Pipeline) -> tuple[StageRunner, StageRunner]:
    """The two stages that keep state: the ledger, and surveillance."""
    topics, metrics = pipeline.topics, pipeline.metrics
    ledger = StageRunner(
        app, transport, pipeline, (topics.lines, topics.events), lambda: LedgerStage(pipeline.rules), metrics.ledger
    )
    surveillance = StageRunner(
        app,
        transport,
        pipeline,
        (topics.events, topics.alerts),
        lambda: SurveillanceStage(pipeline.rules.rules),
        metrics.surveillance,
    )
    ledger.on_decided = metrics.decided
    ledger.on_conflicts = metrics.conflicted
    surveillance.on_decided = metrics.alerted
    return ledger, surveillance


def _add_companions(
    app: PipelineApp,
    transport: BatchTransport,
    pipeline: Pipeline,
    ledger: StageRunner,
    surveillance: StageRunner,
) -> None:
    """What runs beside the agents: the endpoint, the ticks, the look at one's own progress."""
    metrics = pipeline.metrics
    ticker = Ticker(pipeline, ledger)
    watcher = ProgressWatcher(pipeline, transport, (ledger, surveillance))

    async def open_ledger(partition: int, owner: Owner) -> None:
        if isinstance(owner.stage, LedgerStage):
            metrics.today[ledger.input_name, partition] = owner.stage.today
            metrics.heard[ledger.input_name, partition] = owner.stage.heard
            ticker.tell_theatres_that_are_gone(partition, owner.stage.theatres())
        await ticker.bring_rules(partition, owner)
        await ticker.bring_topics(partition, owner)

    async def open_surveillance(partition: int, owner: Owner) -> None:
        if isinstance(owner.stage, SurveillanceStage):
            at, stage = (surveillance.input_name, partition), owner.stage
            metrics.watching[at] = stage
            metrics.unusable_rules[at] = lambda: stage.unusable_rules

    async def prepare() -> None:
        tame_collector()
        share_interpreter()
        await pipeline.start(app)
        host, port = pipeline.config.metrics_host, pipeline.config.metrics_port
        await app.add_runtime_dependency(Endpoint(metrics, host=host, port=port, loop=app.loop, beacon=app.beacon))

    async def finish() -> None:
        await ledger.save_all()
        await surveillance.save_all()

    ledger.on_open = open_ledger
    ledger.on_unnamed = ticker.bring_topics
    surveillance.on_open = open_surveillance
    app.prepare, app.finish = prepare, finish
    app.task(ends_worker(app)(ticker.run))
    app.task(ends_worker(app)(watcher.run))
    app.task(ends_worker(app, name="topic watch")(pipeline.topic_watch.run))


def configured_rules(config: Config) -> Rules:
    """The rules of the configured catalogue, or of the one that is shipped."""
    return load_rules(config.catalogue or shipped_catalogue())


def run_worker(config: Config) -> NoReturn:
    """Run a worker until it is told to stop; ends the process.

    Raises:
        LogError: no Kafka serves us, a permission is missing, or the topics differ.
        OSError: the endpoint's address cannot be had, or the state directory not be used.
    """
    asyncio.run(refuse_what_cannot_serve(config))
    app = create_app(config, configured_rules(config))
    app.is_checked = True
    worker = PipelineWorker(app, redirect_stdouts=False, quiet=True)
    logging.getLogger("faust.worker").addFilter(lambda record: not _tells(record, app.start_error))
    try:
        worker.execute_from_commandline()
    except BaseException:
        if is_told_to_stop():
            raise SystemExit(0) from None
        if app.start_error is not None:
            raise app.start_error from None
        raise
    raise SystemExit(0)


def _tells(record: logging.LogRecord, error: Exception | None) -> bool:
    """Whether Faust logs this error, with its stack; whoever called `run_worker` tells it better."""
    return error is not None and record.exc_info is not None and record.exc_info[1] is error


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the module's one lazy name
    """`app`, for `faust -A streams.app`: configured when it is asked for, so that importing needs no file."""
    if name != "app":
        raise AttributeError(name)
    config = load_config()
    set_up_logs(config.log_format, config.log_level)
    globals()["app"] = app = create_app(config, configured_rules(config))
    return app
