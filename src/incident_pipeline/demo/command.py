"""The demo from start to end: broker, topics, worker, sample history, and what became of it."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from incident_pipeline.broker import BOOTSTRAP_VARIABLE, BrokerError, broker_for
from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.demo.history import history
from incident_pipeline.demo.outcome import Outcome, read_outcome
from incident_pipeline.demo.show import show_outcome
from incident_pipeline.demo.worker_process import WorkerProcess, worker_for
from incident_pipeline.log.admin import apply_topics
from incident_pipeline.log.connection import connect
from incident_pipeline.log.kafka import open_log
from incident_pipeline.log.lag import lag_of_group
from incident_pipeline.sending import open_sender
from incident_pipeline.topics import load_topics

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.console import Console

    from incident_pipeline.config import Config

__all__ = ["Running", "pipeline_for", "run_demo"]

_FOREIGN_PREFIX: Final = "demo-"
_PROCESSED_SECONDS: Final = 120.0
_POLL_SECONDS: Final = 0.25
_OWN_REPORT: Final = msgspec.json.encode(
    {
        "source": "me",
        "report_id": "1",
        "occurred_on": "2020-03-11",
        "violations": [{"type": "K3", "place": "Saraqib"}],
    }
).decode()


@dataclass(frozen=True, slots=True)
class Running:
    """A broker and a worker that run."""

    config: Config
    worker: WorkerProcess
    broker_is_ours: bool


@contextmanager
def pipeline_for(directory: Path, config: Config, console: Console, *, port: int | None = None) -> Iterator[Running]:
    """Run a broker (or use the cluster that was named), its topics and a worker, all data under `directory`.

    `port`: of a broker that is started here. Raises `BrokerError`, `LogError` or `WorkerError`; whatever was started is
    stopped.
    """
    if config.security_protocol != "PLAINTEXT" and not os.environ.get(BOOTSTRAP_VARIABLE, "").strip():
        raise BrokerError(
            f"security_protocol is {config.security_protocol}, and the broker that is started here has neither TLS "
            f"nor users. Name your cluster by {BOOTSTRAP_VARIABLE}, or leave security_protocol out."
        )
    console.print("Starting Kafka ...", style="dim")
    with broker_for(directory / "kafka", port=port) as cluster:
        config = msgspec.structs.replace(config, bootstrap_servers=cluster.bootstrap_servers)
        asyncio.run(apply_topics(connect(config), load_topics(config.topic_prefix), config.replication_factor))
        console.print(f"Kafka serves at {config.bootstrap_servers}. Starting a worker ...", style="dim")
        with worker_for(config, directory / "worker.log") as worker:
            yield Running(config, worker, cluster.local is not None)


def run_demo(directory: Path, config: Config, console: Console) -> None:
    """Run the sample history through a real broker and a worker, and print what became of it."""
    catalogue_directory = shipped_catalogue()
    catalogue = Catalogue(load_rules(catalogue_directory))
    config = msgspec.structs.replace(
        config,
        catalogue=catalogue_directory,
        log_format="json",
        metrics_port=0,
        state_directory=directory.absolute() / "state",
        topic_prefix=_prefix(config),
    )
    with pipeline_for(directory, config, console) as running:
        before, after = asyncio.run(_feed(running, catalogue.rules.limits.report_bytes, console))
        show_outcome(console, after, catalogue)
        _say_whether_anything_changed(console, before, after)
        _say_what_next(console, directory, running)


def _prefix(config: Config) -> str:
    """On a cluster of the user's own the demo keeps to topics of its own."""
    named = os.environ.get(BOOTSTRAP_VARIABLE, "").strip()
    return config.topic_prefix + (_FOREIGN_PREFIX if named else "")


async def _feed(running: Running, max_report_bytes: int, console: Console) -> tuple[Outcome, Outcome]:
    """Send the history, wait until all of it is decided, and read what was there before and is there after."""
    config = running.config
    topics = load_topics(config.topic_prefix)
    async with open_log(connect(config)) as log:
        before = await read_outcome(log, topics)
        sent = 0
        async with open_sender(connect(config), topics.reports) as sender:
            for record in history(max_report_bytes):
                await sender.send(record.key, record.value)
                sent += 1
        console.print(f"{sent} records of the sample history are sent. Waiting for the worker ...", style="dim")
        await _wait_until_processed(running)
        return before, await read_outcome(log, topics)


async def _wait_until_processed(running: Running) -> None:
    """Wait until every stage has finished what it was given. Raises `WorkerError` when that takes too long."""
    config = running.config
    topics = load_topics(config.topic_prefix)
    stages = [topics.reports.name, topics.lines.name, topics.events.name]
    deadline = time.monotonic() + _PROCESSED_SECONDS
    async with open_log(connect(config)) as log:
        while True:
            running.worker.check()
            lag = await lag_of_group(connect(config), log, config.topic_prefix + config.app_id, stages)
            if not any(lag.values()):
                return
            if time.monotonic() > deadline:
                left = ", ".join(f"{count} of {topic}" for topic, count in lag.items() if count)
                raise running.worker.failure(
                    f"After {_PROCESSED_SECONDS:.0f} s the worker has not finished: {left} are left."
                )
            await asyncio.sleep(_POLL_SECONDS)


def _say_whether_anything_changed(console: Console, before: Outcome, after: Outcome) -> None:
    if not before.counts.reports:
        return
    same_counts = before.rows() == after.rows()
    same_alerts = before.verdicts() == after.verdicts()
    if same_counts and same_alerts:
        console.print("The history had been sent before: no count and no alert has changed.")
    else:
        changed = " and ".join(what for what, same in (("counts", same_counts), ("alerts", same_alerts)) if not same)
        console.print(f"Other reports were here before: {changed} have changed.")


def _say_what_next(console: Console, directory: Path, running: Running) -> None:
    config = running.config
    console.print()
    console.print("Try next:", style="bold")
    if running.broker_is_ours:
        commands = [
            f"incident-pipeline run --directory {directory}   # broker and worker stay up; then, in another terminal:",
            f"export {BOOTSTRAP_VARIABLE}={config.bootstrap_servers}",
        ]
    else:
        commands = [f"export INCIDENT_PIPELINE_TOPIC_PREFIX={config.topic_prefix}"]
    commands += [
        "incident-pipeline counts --by group,place --from 2020-03-09 --to 2020-03-11",
        "incident-pipeline alerts --history",
        "incident-pipeline dead-letters list",
        f"echo '{_OWN_REPORT}' | incident-pipeline send",
    ]
    for command in commands:
        console.print(f"  {command}", soft_wrap=True)
