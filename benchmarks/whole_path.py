"""The whole path on the real broker, beside the plain way: `python -m benchmarks.whole_path` (docs/performance.md)."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys
import tempfile
import time
import uuid
from contextlib import AbstractContextManager
from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console

from benchmarks.kafka_load import load
from benchmarks.latency import Latency, measure_latency
from benchmarks.one_agent import AGENTS
from benchmarks.process_times import TICK_SECONDS, Usage, descendants, usage_of
from benchmarks.reports import FIRST_DAY, Report, Truth, generate
from benchmarks.stage_seconds import StageSeconds, read_stage_seconds
from benchmarks.table import show
from benchmarks.verify import read_outcome, verify
from benchmarks.workers import POLL_SECONDS, BenchmarkError, Finished, Worker, until_finished, until_joined, worker
from benchmarks.world import World, build_world
from incident_pipeline.broker import BrokerError, broker_for
from incident_pipeline.broker.ports import free_port
from incident_pipeline.log import LogError
from incident_pipeline.log.admin import apply_topics
from incident_pipeline.log.kafka import open_log
from incident_pipeline.topics import Topics, load_topics

__all__ = ["Result", "run"]

REPORTS: Final = 400_000
PLAIN_REPORTS: Final = 40_000
AGENT_REPORTS: Final = 100_000
LATENCY_SECONDS: Final = 20.0
LATENCY_SHARE: Final = 1 / 3
ALERT_AT: Final = 180
_LIMIT_SECONDS: Final = 900.0
_LATENCY_FIRST_DAY: Final = FIRST_DAY.replace(year=FIRST_DAY.year + 1)


class Options(msgspec.Struct, frozen=True):
    """What to measure."""

    reports: int = REPORTS
    plain_reports: int = PLAIN_REPORTS
    agent_reports: int = AGENT_REPORTS
    latency_seconds: float = LATENCY_SECONDS
    seed: int = 1


class Rate(msgspec.Struct, frozen=True):
    """One measured run; start-up is taken off."""

    reports: int
    wall_seconds: float
    processor_seconds: float
    user_seconds: float
    system_seconds: float
    broker_seconds: float | None
    peak_megabytes: float

    @property
    def per_wall_second(self) -> float:
        """Reports per second of the clock."""
        return self.reports / self.wall_seconds

    @property
    def per_processor_second(self) -> float:
        """Reports per second of the worker's processor time."""
        return self.reports / self.processor_seconds


class Result(msgspec.Struct):
    """Everything that was measured."""

    machine: dict[str, str]
    options: Options
    startup: Finished
    whole: Rate | None = None
    stages: list[StageSeconds] = msgspec.field(default_factory=list)
    agents: dict[str, Rate] = msgspec.field(default_factory=dict)
    latency: Latency | None = None
    plain: Rate | None = None
    events: int = 0
    event_bytes: int = 0
    alerts: int = 0

    @property
    def ratio(self) -> float | None:
        """How many times the plain way, per processor second."""
        if self.whole is None or self.plain is None:
            return None
        return self.whole.per_processor_second / self.plain.per_processor_second


class Bench:
    """One run of the benchmark on one cluster."""

    def __init__(
        self, servers: str, directory: Path, options: Options, console: Console, *, broker_is_ours: bool
    ) -> None:
        self.servers = servers
        self.broker_is_ours = broker_is_ours
        self.directory = directory
        self.options = options
        self.console = console
        self.world: World = build_world(options.seed, alert_at=ALERT_AT)
        self.catalogue = self.world.write(directory / "catalogue")
        self.run_id = uuid.uuid4().hex[:8]

    def say(self, what: str) -> None:
        """Tell what is going on."""
        self.console.print(what, style="dim")

    async def run(self) -> Result:
        """Measure everything that the options ask for."""
        options = self.options
        self.say(f"Making {options.reports:,} reports ...")
        reports, truth = generate(self.world, options.reports, options.seed)
        self.say("Starting a worker on empty topics, for the cost of a start ...")
        result = Result(_machine(), options, await self.startup())
        await self.whole_path(result, reports, truth)
        if options.agent_reports:
            await self.single_agents(result, reports[: options.agent_reports])
        if options.plain_reports:
            await self.plain_way(result, reports[: options.plain_reports])
        return result

    # The worker

    def environment(self, prefix: str, port: int) -> dict[str, str]:
        """The worker's whole configuration."""
        kept = {name: "" for name in os.environ if name.startswith("INCIDENT_PIPELINE_")}
        return {
            **kept,
            "KAFKA_BOOTSTRAP_SERVERS": self.servers,
            "INCIDENT_PIPELINE_CATALOGUE": str(self.catalogue),
            "INCIDENT_PIPELINE_STATE_DIRECTORY": str(self.directory / "state"),
            "INCIDENT_PIPELINE_TOPIC_PREFIX": prefix,
            "INCIDENT_PIPELINE_METRICS_PORT": str(port),
            "INCIDENT_PIPELINE_LOG_FORMAT": "json",
        }

    async def prepare(self, name: str) -> Topics:
        """Make fresh topics under a prefix of their own."""
        topics = load_topics(f"bench-{self.run_id}-{name}-")
        await apply_topics(self.servers, topics)
        return topics

    async def load(self, topics: Topics, reports: list[Report]) -> None:
        """Put the reports there before anybody reads them."""
        await load(self.servers, topics.reports.name, topics.reports.partitions, reports)

    async def startup(self) -> Finished:
        """What a worker costs until it is ready, with nothing to do."""
        await self.prepare("startup")
        prefix = f"bench-{self.run_id}-startup-"
        with worker(_WORKER, self.environment(prefix, free_port()), self.directory / "startup.log") as running:
            return await until_joined(running, self.servers, prefix + "incident-pipeline")

    async def whole_path(self, result: Result, reports: list[Report], truth: Truth) -> None:
        """All agents in one worker; then latency on the same one, and whether all of it is right."""
        topics = await self.prepare("whole")
        self.say("Loading them ...")
        await self.load(topics, reports)
        self.say("The whole path ...")
        prefix, port = f"bench-{self.run_id}-whole-", free_port()
        with worker(_WORKER, self.environment(prefix, port), self.directory / "whole.log") as running:
            names = [topics.reports.name, topics.lines.name, topics.events.name]
            result.whole = await self.measured(
                result.startup, running, prefix + "incident-pipeline", names, len(reports)
            )
            result.stages = read_stage_seconds(port)
            self.say("Checking the counts ...")
            async with open_log(self.servers) as log:
                outcome = await read_outcome(log, topics)
            verify(outcome, truth, topics.lines.partitions, ALERT_AT)
            result.events, result.event_bytes = outcome.types.total(), outcome.event_bytes
            result.alerts = outcome.alerts
            if self.options.latency_seconds:
                result.latency = await self.latency(topics, result.whole.per_wall_second * LATENCY_SHARE)

    async def latency(self, topics: Topics, per_second: float) -> Latency:
        """At a part of the top rate, on the worker that is warm by then."""
        self.say("Latency ...")
        count = round(per_second * self.options.latency_seconds)
        reports, _ = generate(self.world, count, self.options.seed + 1, first_day=_LATENCY_FIRST_DAY)
        return await measure_latency(self.servers, topics, reports, per_second)

    async def single_agents(self, result: Result, reports: list[Report]) -> None:
        """Each agent alone in a worker, on what the one before it left."""
        topics = await self.prepare("agents")
        await self.load(topics, reports)
        inputs = (topics.reports.name, topics.lines.name, topics.events.name)
        for agent, name in zip(AGENTS, inputs, strict=True):
            self.say(f"{agent} alone ...")
            prefix = f"bench-{self.run_id}-agents-"
            arguments = ["-m", "benchmarks.one_agent", agent]
            environment = self.environment(prefix, free_port())
            with worker(arguments, environment, self.directory / f"{agent}.log") as running:
                result.agents[agent] = await self.measured(
                    result.startup, running, prefix + "incident-pipeline", [name], len(reports)
                )

    # The plain way

    async def plain_way(self, result: Result, reports: list[Report]) -> None:
        """Faust as its guides have it, on the same reports; its start is measured as that of the worker."""
        self.say("The plain way ...")
        await self.prepare("plain-startup")
        prefix, running_plain = self.plain("plain-startup")
        with running_plain as running:
            start = await until_joined(running, self.servers, prefix + "app")
        topics = await self.prepare("plain")
        await self.load(topics, reports)
        prefix, running_plain = self.plain("plain")
        with running_plain as running:
            result.plain = await self.measured(start, running, prefix + "app", [topics.reports.name], len(reports))

    def plain(self, name: str) -> tuple[str, AbstractContextManager[Worker]]:
        """Give the prefix of its topics, and the process to run."""
        prefix = f"bench-{self.run_id}-{name}-"
        environment = {
            "KAFKA_BOOTSTRAP_SERVERS": self.servers,
            "BENCH_PLAIN_PREFIX": prefix,
            "BENCH_PLAIN_DATA": str(self.directory / name),
        }
        return prefix, worker(_PLAIN, environment, self.directory / f"{name}.log")

    # Measuring

    async def measured(self, start: Finished, running: Worker, group: str, topics: list[str], reports: int) -> Rate:
        """Wait until a worker has finished; give what it took without the start.

        The clock begins when it has joined its group. Its processor time until then is that of another start, on empty
        topics: here it may have begun its work by the time that this is seen.
        """
        before = self.broker_usage()
        joined = await until_joined(running, self.servers, group)
        async with open_log(self.servers) as log:
            finished = await until_finished(running, log, self.servers, group, topics, limit_seconds=_LIMIT_SECONDS)
        after = self.broker_usage()
        used = finished.usage
        return Rate(
            reports=reports,
            wall_seconds=max(finished.wall_seconds - joined.wall_seconds, POLL_SECONDS),
            processor_seconds=max(used.seconds - start.usage.seconds, TICK_SECONDS),
            user_seconds=used.user_seconds - start.usage.user_seconds,
            system_seconds=used.system_seconds - start.usage.system_seconds,
            broker_seconds=None if before is None or after is None else after.seconds - before.seconds,
            peak_megabytes=used.peak_bytes / 1e6,
        )

    def broker_usage(self) -> Usage | None:
        """The local broker's usage; None on a cluster elsewhere."""
        if not self.broker_is_ours:
            return None
        workers = set(self._children_named("worker", "one_agent", "plain_faust"))
        return usage_of([pid for pid in descendants(os.getpid())[1:] if pid not in workers])

    @staticmethod
    def _children_named(*words: str) -> list[int]:
        found = []
        for pid in descendants(os.getpid())[1:]:
            try:
                command = Path(f"/proc/{pid}/cmdline").read_text()
            except OSError:
                continue
            if any(word in command for word in words):
                found.append(pid)
        return found


_WORKER: Final = ("-m", "incident_pipeline.cli", "worker")
_PLAIN: Final = ("-m", "benchmarks.plain_faust", "worker", "-l", "warn")


def _machine() -> dict[str, str]:
    """What it ran on."""
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = next((line.partition(":")[2].strip() for line in info.splitlines() if line.startswith("model name")), "")
    packages = ("faust-streaming", "aiokafka", "msgspec", "orjson")
    return {
        "processor": f"{model}, {os.cpu_count()} cores",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        **{package: version(package) for package in packages},
    }


def run(options: Options, console: Console, directory: Path | None = None) -> Result:
    """Measure on the cluster of `KAFKA_BOOTSTRAP_SERVERS`, or on a broker of the benchmark's own."""
    with tempfile.TemporaryDirectory(prefix="incident-pipeline-bench-", dir=directory) as made:
        place = Path(made)
        with broker_for(place / "kafka") as cluster:
            bench = Bench(cluster.bootstrap_servers, place, options, console, broker_is_ours=cluster.local is not None)
            return asyncio.run(bench.run())


def main() -> None:
    """Measure, print, and fail where what came out is wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.whole_path", description=__doc__)
    parser.add_argument("--reports", type=int, default=REPORTS, help="default: %(default)s")
    parser.add_argument("--plain-reports", type=int, default=PLAIN_REPORTS, help="0: leave the plain way out")
    parser.add_argument("--agent-reports", type=int, default=AGENT_REPORTS, help="0: leave single agents out")
    parser.add_argument("--latency-seconds", type=float, default=LATENCY_SECONDS, help="0: leave latency out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there as well")
    given = parser.parse_args()
    options = Options(
        given.reports,
        min(given.plain_reports, given.reports),
        min(given.agent_reports, given.reports),
        given.latency_seconds,
        given.seed,
    )
    console = Console(stderr=True)
    started = time.perf_counter()
    try:
        result = run(options, console)
    except (BenchmarkError, BrokerError, LogError) as error:
        sys.exit(f"Error: {error}")
    show(result, time.perf_counter() - started)
    if given.json is not None:
        given.json.write_bytes(msgspec.json.format(msgspec.json.encode(result)))


if __name__ == "__main__":
    main()
