"""Worker processes under measurement: started, watched until they have finished, and stopped."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from benchmarks.process_times import Usage, descendants, usage_of
from incident_pipeline.broker import leash
from incident_pipeline.log.kafka import KafkaLog, open_admin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["POLL_SECONDS", "BenchmarkError", "Finished", "Worker", "until_finished", "until_joined", "worker"]

_LEASH: Final = Path(leash.__file__)
_ROOT: Final = Path(__file__).parents[1]
_STOP_SECONDS: Final = 40.0
POLL_SECONDS: Final = 0.05
_JOIN_SECONDS: Final = 60.0


class BenchmarkError(Exception):
    """The measurement cannot be had, or what was measured was wrong."""


class Finished(msgspec.Struct, frozen=True):
    """What it took to finish."""

    wall_seconds: float
    usage: Usage


class Worker:
    """A process under measurement."""

    def __init__(self, process: subprocess.Popen[bytes], log_path: Path) -> None:
        self._process = process
        self._log_path = log_path
        self.started = time.perf_counter()

    def usage(self) -> Usage:
        """What it has used so far."""
        return usage_of(descendants(self._process.pid)[1:])

    def pids(self) -> list[int]:
        """The processes behind the leash."""
        return descendants(self._process.pid)[1:]

    def check(self) -> None:
        """Raise BenchmarkError if it has ended."""
        if self._process.poll() is not None:
            end = self._log_path.read_text(errors="replace")[-2_000:]
            raise BenchmarkError(f"The worker ended by itself. The end of its log ({self._log_path}):\n{end}")


@contextmanager
def worker(arguments: Sequence[str], environment: Mapping[str, str], log_path: Path) -> Iterator[Worker]:
    """Run `python ARGUMENTS` for the time of a block; it ends with this process at the latest."""
    held, holding = os.pipe()
    with log_path.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, "-IS", str(_LEASH), str(held), sys.executable, *arguments],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (_ROOT, _ROOT / "src"))), **environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(held,),
            start_new_session=True,
        )
    os.close(held)
    try:
        yield Worker(process, log_path)
    finally:
        os.close(holding)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def until_joined(running: Worker, bootstrap_servers: str, group: str) -> Finished:
    """Wait until a worker has its partitions; give what its start took."""
    async with open_admin(bootstrap_servers) as admin:
        while True:
            running.check()
            if await _state(admin, group) == "Stable":
                return Finished(time.perf_counter() - running.started, running.usage())
            if time.perf_counter() - running.started > _JOIN_SECONDS:
                raise BenchmarkError(f"The worker was not in its group {group} within {_JOIN_SECONDS:.0f} s.")
            await asyncio.sleep(POLL_SECONDS)


async def _state(admin: AIOKafkaAdminClient, group: str) -> str:
    """Give the state of a consumer group in Kafka's words; a young cluster may know none yet."""
    try:
        (answer,) = await admin.describe_consumer_groups([group])
    except KafkaError as error:
        if error.retriable:
            return ""
        raise
    return str(answer.groups[0][2])


async def until_finished(
    running: Worker, log: KafkaLog, bootstrap_servers: str, group: str, topics: Sequence[str], *, limit_seconds: float
) -> Finished:
    """Wait until the group has committed all that the topics hold; times are since the worker's start."""
    async with open_admin(bootstrap_servers) as admin:
        while True:
            running.check()
            # Positions before ends: what is written meanwhile is seen as not finished, never the other way round.
            try:
                committed = await admin.list_consumer_group_offsets(group)
            except KafkaError as error:
                if not error.retriable:
                    raise
                committed = {}
            positions = {at: found.offset for at, found in committed.items()}
            if await _all_done(log, positions, topics):
                return Finished(time.perf_counter() - running.started, running.usage())
            if time.perf_counter() - running.started > limit_seconds:
                raise BenchmarkError(f"Not finished after {limit_seconds:.0f} s: {topics} are left.")
            await asyncio.sleep(POLL_SECONDS)


async def _all_done(log: KafkaLog, positions: Mapping[TopicPartition, int], topics: Sequence[str]) -> bool:
    for topic in topics:
        for partition in range(await log.partitions(topic)):
            end = await log.end_offset(topic, partition)
            if positions.get(TopicPartition(topic, partition), 0) < end:
                return False
    return True
