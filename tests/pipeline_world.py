"""A pipeline to test on a real broker: workers as users start them, reports sent by a plain client, and its logs.

`World.audit` is the judge of most tests: it decides everything again with the pure functions alone, in the order that
the log records, and compares byte for byte.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import defaultdict
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from confluent_kafka import Producer

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.chain import Tail
from incident_pipeline.dead_letter import Letters, Origin
from incident_pipeline.demo.outcome import Outcome, read_outcome
from incident_pipeline.intake.take import take
from incident_pipeline.intake.understand import Coordinates
from incident_pipeline.ledger.stage import LedgerStage
from incident_pipeline.line import LinesRecord, Understood
from incident_pipeline.log import LogRecord, follow_chain
from incident_pipeline.log.admin import apply_topics
from incident_pipeline.log.kafka import open_log
from incident_pipeline.log.lag import lag_of_group
from incident_pipeline.rejection import Rejection
from incident_pipeline.surveillance.stage import SurveillanceStage
from incident_pipeline.topics import load_topics
from streams.rules_store import RulesStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable
    from pathlib import Path

    from incident_pipeline.log.kafka import KafkaLog
    from incident_pipeline.topics import Topic

_PATIENCE_SECONDS = 60.0
_SHOWN_LINES = 25
_decode_line = msgspec.json.Decoder(LinesRecord).decode

OWN_BROKERS_SESSION_SECONDS = 2
FOREIGN_BROKERS_SESSION_SECONDS = 6
"""What a broker takes at least, unless it is told otherwise."""


class Worker:
    """One worker process, started by the command line."""

    def __init__(self, command: list[str], environment: dict[str, str], log_path: Path) -> None:
        self.log_path = log_path
        self.may_end = False
        """Whether a test expects it to end; else a wait for anything fails when it does."""
        with log_path.open("wb") as log:
            self.process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=log_path.parent
            )

    def kill(self) -> None:
        """End it as the kernel ends a process that is out of memory."""
        self.may_end = True
        self.process.kill()
        self.process.wait()

    def pause(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    async def stop(self, seconds: float = 20.0) -> int:
        """Ask it to end, and give its exit code."""
        self.may_end = True
        self.process.terminate()
        return await self.ended(seconds)

    async def ended(self, seconds: float = 30.0) -> int:
        """Give its exit code, once it has ended by itself."""
        try:
            return await asyncio.to_thread(self.process.wait, seconds)
        except subprocess.TimeoutExpired:
            pytest.fail(f"the worker did not end within {seconds:g} s\n{self.tail()}")

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def logged(self, event: str) -> list[dict[str, Any]]:
        """Give the lines of its log about an event."""
        lines = [json.loads(line) for line in self.log_path.read_text().splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == event]

    def tail(self) -> str:
        lines = self.log_path.read_text().splitlines()[-_SHOWN_LINES:]
        return f"--- {self.log_path.name}\n" + "\n".join(line[:600] for line in lines)

    def get(self, path: str) -> tuple[int, str]:
        """Ask its endpoint; status 0 where nothing answers."""
        served = self.logged("endpoint.served")
        if not served:
            return 0, ""
        url = f"http://{served[0]['host']}:{served[0]['port']}{path}"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.read().decode()
        except OSError:
            return 0, ""


@dataclasses.dataclass(frozen=True)
class Audit:
    """What the logs hold, once it was found to be what the pure functions decide."""

    outcome: Outcome
    events: dict[int, list[LogRecord]]
    """Records that count, by partition."""
    alerts: dict[int, list[LogRecord]]
    ignored: int
    """Records of `events` and `alerts` that do not count."""

    @property
    def values(self) -> dict[str, list[bytes]]:
        """The chains as bytes: equal for two audits between which nothing was decided."""
        chains = {"events": self.events, "alerts": self.alerts}
        return {
            f"{name}-{number}": [record.value or b"" for record in records]
            for name, chain in chains.items()
            for number, records in chain.items()
        }

    @property
    def counts(self) -> dict[tuple[str, str], int]:
        """Violations, each counted once, by theatre and day; days without any are left out."""
        days = self.outcome.counts.days
        return {key: day.total.deduplicated for key, day in days.items() if day.total.deduplicated}


class World:
    """Topics of their own on a broker, and the workers of one group on them."""

    def __init__(self, bootstrap_servers: str, prefix: str, directory: Path, *, session_seconds: int) -> None:
        self.bootstrap_servers = bootstrap_servers
        self.prefix = prefix
        self.directory = directory
        self.session_seconds = session_seconds
        self.topics = load_topics(prefix)
        self.group = f"{prefix}incident-pipeline"
        self.catalogue = shipped_catalogue()
        self.workers: list[Worker] = []

    async def make_topics(self) -> None:
        await apply_topics(self.bootstrap_servers, self.topics)

    @property
    def state(self) -> Path:
        return self.directory / "state"

    def environment(self, **settings: object) -> dict[str, str]:
        """Give the environment of a worker or command: this world's settings and no others."""
        ours = {
            "catalogue": self.catalogue,
            "log_format": "json",
            "metrics_port": 0,
            "session_timeout_seconds": self.session_seconds,
            "snapshot_every_records": 1_000,
            "state_directory": self.state,
            "topic_prefix": self.prefix,
            **settings,
        }
        environment = {name: value for name, value in os.environ.items() if not name.startswith("INCIDENT_PIPELINE_")}
        environment |= {f"INCIDENT_PIPELINE_{name.upper()}": str(value) for name, value in ours.items()}
        return environment | {"KAFKA_BOOTSTRAP_SERVERS": self.bootstrap_servers}

    def start_worker(self, *command: str, **settings: object) -> Worker:
        """Start a worker; with a `command`, by that one rather than `incident-pipeline worker`."""
        log_path = self.directory / f"worker-{len(self.workers)}.log"
        line = list(command) or [sys.executable, "-m", "incident_pipeline.cli", "worker"]
        worker = Worker(line, self.environment(**settings), log_path)
        self.workers.append(worker)
        return worker

    def end(self) -> None:
        for worker in self.workers:
            worker.kill()

    def send(self, records: Iterable[tuple[bytes | None, bytes | None]], topic: Topic | None = None) -> int:
        """Send (key, value) records to `reports` (or another topic) as any Kafka client does; return how many."""
        name = (topic or self.topics.reports).name
        producer = Producer({"bootstrap.servers": self.bootstrap_servers, "partitioner": "murmur2", "linger.ms": 5})
        sent = 0
        for key, value in records:
            while True:
                try:
                    producer.produce(name, value, key)
                    break
                except BufferError:
                    producer.poll(0.1)
            sent += 1
        assert producer.flush(30) == 0
        return sent

    @asynccontextmanager
    async def log(self) -> AsyncIterator[KafkaLog]:
        async with open_log(self.bootstrap_servers) as log:
            yield log

    # Waiting

    async def until(self, holds: Callable[[], bool], what: str, seconds: float = _PATIENCE_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            self.check_deadline(deadline, what)
            await asyncio.sleep(0.05)

    async def lag(self, topic: Topic) -> int:
        async with self.log() as log:
            return (await lag_of_group(self.bootstrap_servers, log, self.group, [topic.name]))[topic.name]

    async def dead_letters(self) -> list[LogRecord]:
        async with self.log() as log:
            return (await _read_all(log, self.topics.dead_letters.name))[0]

    async def rules_published(self) -> list[tuple[bytes, bytes]]:
        async with self.log() as log:
            return [(r.key or b"", r.value or b"") for r in (await _read_all(log, self.topics.rules.name))[0]]

    async def events_written(self) -> int:
        async with self.log() as log:
            return await _records_in(log, self.topics.events.name)

    async def until_decided(self, events: int) -> None:
        """Wait until `events` holds so many records, looking often."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        async with self.log() as log:
            while (written := await _records_in(log, self.topics.events.name)) < events:
                self.check_deadline(deadline, f"{events} events; there are {written}")
                await asyncio.sleep(0.005)

    async def until_finished(self, seconds: float = _PATIENCE_SECONDS) -> None:
        """Wait until the group has acknowledged all that there is in every stage's input."""
        topics = [self.topics.reports.name, self.topics.lines.name, self.topics.events.name]
        deadline = time.monotonic() + seconds
        async with self.log() as log:
            while any((lag := await lag_of_group(self.bootstrap_servers, log, self.group, topics)).values()):
                self.check_deadline(deadline, f"everything finished, lag {lag}")
                await asyncio.sleep(0.1)

    async def ended_or_finished(self, worker: Worker) -> bool:
        """Wait until the group has finished, or the worker has ended by itself; say whether it ended."""
        finishing = asyncio.create_task(self.until_finished())
        while not finishing.done():
            if not worker.is_running:
                finishing.cancel()
                return True
            await asyncio.sleep(0.1)
        await finishing
        return False

    def check_deadline(self, deadline: float, what: str) -> None:
        ended = [worker for worker in self.workers if not worker.is_running and not worker.may_end]
        if ended or time.monotonic() > deadline:
            why = "a worker ended" if ended else "not in time"
            tails = "\n".join(worker.tail() for worker in ended or self.workers[-3:])
            pytest.fail(f"{why}, waiting for {what}\n{tails}")

    # Judging

    async def audit(self) -> Audit:
        """Check that the log is what the pure functions decide, each report once and none left out."""
        async with self.log() as log:
            rules = RulesStore(log, self.topics.rules.name, load_rules(self.catalogue))
            reports, lines, events, alerts = [
                await _read_all(log, topic.name)
                for topic in (self.topics.reports, self.topics.lines, self.topics.events, self.topics.alerts)
            ]
            outcome = await read_outcome(log, self.topics)
            chain_of_events, ignored = _chains(events)
            chain_of_alerts, ignored_alerts = _chains(alerts)
            await _check_decisions(lines, chain_of_events, rules)
            _check_alerts(chain_of_events, chain_of_alerts, rules)
            layouts = await log.layouts([self.topics.reports.name])
            _check_intake(self, reports, lines, outcome.letters, rules, layouts[self.topics.reports.name].id)
            _check_each_once(lines, chain_of_events)
        return Audit(outcome, chain_of_events, chain_of_alerts, ignored + ignored_alerts)


async def _records_in(log: KafkaLog, topic: str) -> int:
    return sum([await log.end_offset(topic, number) for number in range(await log.partitions(topic))])


async def _read_all(log: KafkaLog, topic: str) -> dict[int, list[LogRecord]]:
    found: dict[int, list[LogRecord]] = {}
    for number in range(await log.partitions(topic)):
        found[number] = []
        async for batch in log.read(topic, number, 0, await log.end_offset(topic, number)):
            found[number] += batch
    return found


def _chains(records: dict[int, list[LogRecord]]) -> tuple[dict[int, list[LogRecord]], int]:
    chains = {number: follow_chain(partition, Tail())[0] for number, partition in records.items()}
    return chains, sum(len(records[number]) - len(chains[number]) for number in records)


async def _check_decisions(
    lines: dict[int, list[LogRecord]], chains: dict[int, list[LogRecord]], rules: RulesStore
) -> None:
    """Deciding the records of `lines` in their order gives the events, byte for byte, headers and times with them."""
    named = {line.rules for records in lines.values() for line in map(_line, records) if hasattr(line, "rules")}
    await rules.ensure(named)
    for number, records in lines.items():
        _check_chain(LedgerStage(rules).decide(_as_input(records), Tail()).groups, chains[number])


def _check_alerts(events: dict[int, list[LogRecord]], chains: dict[int, list[LogRecord]], rules: RulesStore) -> None:
    for number, records in events.items():
        _check_chain(SurveillanceStage(rules.rules).decide(_as_input(records), Tail()).groups, chains[number])


def _check_chain(groups: list[list[Any]], chain: list[LogRecord]) -> None:
    decided = [record for group in groups for record in group]
    for ours, theirs in zip(decided, chain, strict=False):
        assert ours.value == theirs.value
        assert ours.key == theirs.key
        assert list(ours.headers) == list(theirs.headers)
        assert ours.timestamp_ms == theirs.timestamp_ms
    assert len(decided) == len(chain)


def _check_intake(
    world: World,
    reports: dict[int, list[LogRecord]],
    lines: dict[int, list[LogRecord]],
    letters: Letters,
    rules: RulesStore,
    topic: str | None,
) -> None:
    """Each report is in `lines` as it is understood, or in the dead letters; what was written again is the same."""
    written: dict[tuple[int, int], dict[int, set[bytes]]] = defaultdict(lambda: defaultdict(set))
    under: dict[tuple[int, int], set[str]] = defaultdict(set)
    for target, records in lines.items():
        for record in records:
            line = _line(record)
            if isinstance(line, Understood):
                origin = (line.report.partition, line.report.offset)
                under[origin].add(line.rules)
                written[origin][target].add(record.value or b"")
    catalogues = {known: Catalogue(rules.rules(known)) for known in rules}
    rejected = set()
    for record in (record for records in reports.values() for record in records):
        origin = (record.partition, record.offset)
        expected: dict[int, set[bytes]] = defaultdict(set)
        for known in under.get(origin) or {rules.own_hash}:
            catalogue = catalogues.get(known) or Catalogue(rules.own)
            taken = take(
                record.value,
                Coordinates(*origin, topic),
                catalogue,
                recorded_at_ms=record.timestamp_ms,
                partitions=world.topics.lines.partitions,
            )
            if isinstance(taken, Rejection):
                rejected.add(Origin(record.topic, *origin, record.timestamp_ms))
                continue
            for target, understood in taken:
                expected[target].add(msgspec.json.encode(understood))
        assert written.get(origin, {}) == expected, origin
    assert letters.origins == rejected


def _check_each_once(lines: dict[int, list[LogRecord]], events: dict[int, list[LogRecord]]) -> None:
    """A report has events of one input in each partition that it is in, and these are whole."""
    for number, records in events.items():
        inputs: dict[tuple[int, int], set[int]] = defaultdict(set)
        steps: dict[int, list[int]] = defaultdict(list)
        for record in records:
            event = msgspec.json.decode(record.value or b"")
            steps[event["input"]].append(event["step"])
            assert event["step"] < event["steps"]
            if event.get("report"):
                inputs[event["report"]["partition"], event["report"]["offset"]].add(event["input"])
        assert all(len(found) == 1 for found in inputs.values())
        assert all(found == list(range(len(found))) for found in steps.values())
        told = {
            (line.report.partition, line.report.offset)
            for line in map(_line, lines[number])
            if isinstance(line, Understood)
        }
        assert inputs.keys() == told


def _as_input(records: list[LogRecord]) -> Any:
    """Records as a stage takes them: all that it may look at but the timestamp, and no decision looks at that."""
    return records


def _line(record: LogRecord) -> Any:
    return _decode_line(record.value or b"")
