"""Snapshots: caches of a partition's state. Deleting all of them changes nothing but the time of a start.

A snapshot is used only if the log still holds, at the place that it names, the record that it ends with: so one of
another cluster, of topics that were made anew, or of a writer whose records did not count, is passed over.
"""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import msgspec
import structlog

from incident_pipeline.chain import ID, Tail, header
from incident_pipeline.line import TopicIds
from incident_pipeline.log import LogReader

_log = structlog.get_logger(__name__)

FORMAT = 2
"""Raised whenever the bytes of a state change their meaning: older snapshots are then passed over."""
_DIGEST_BYTES = 32
_PAUSE_SECONDS = 60
"""Between two tries to save, where one has failed: each batch would else have its own."""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The state of one stage for one partition, between two inputs, up to an acknowledged position."""

    format: int = FORMAT
    stage: str
    partition: int
    rules: str | None
    """Hash of the rules in force."""
    ends: dict[str, Tail]
    """Topic -> the end of its chain at that moment."""
    position: int
    """Offset of the next input."""
    topics: TopicIds = TopicIds()
    """The topics that it is of."""
    saved_at_seconds: float
    """Seconds since 1970, for the age that the metrics show; nothing is decided by it."""
    state: bytes


class SnapshotStore:
    """Snapshots as files of one directory: the newest for each stage and partition."""

    def __init__(self, directory: Path, prefix: str) -> None:
        self._directory = directory
        self._prefix = prefix
        self._not_before_seconds = 0.0

    def _path(self, stage: str, partition: int) -> Path:
        return self._directory / f"{self._prefix}{stage}-{partition}.snapshot"

    def prepare(self) -> None:
        """Make the directory, and see that files can be made there.

        Raises OSError with a message for a person. A full disk is no reason not to start: snapshots only save time.
        """
        probe = self._directory / f".{self._prefix}{os.getpid()}.probe"
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            probe.touch()
            probe.unlink()
        except OSError as error:
            if error.errno == errno.ENOSPC:
                return
            raise OSError(
                f"The state directory {self._directory} cannot be used: {error.strerror}. "
                "Set state_directory (--state-directory) to a directory that this user may make and write to."
            ) from error

    def save(self, snapshot: Snapshot) -> bool:
        """Replace the newest snapshot, and tell whether it is saved; a crash leaves the old or the new one.

        One that cannot be saved costs only time: that is said, and a minute passes before the next is tried.
        """
        if snapshot.saved_at_seconds < self._not_before_seconds:
            return False
        try:
            self._replace(snapshot)
        except OSError as error:
            self._not_before_seconds = snapshot.saved_at_seconds + _PAUSE_SECONDS
            _log.warning(
                "snapshot.not_saved",
                directory=str(self._directory),
                stage=snapshot.stage,
                partition=snapshot.partition,
                error=error.strerror or str(error),
                next_try_seconds=_PAUSE_SECONDS,
            )
            return False
        return True

    def _replace(self, snapshot: Snapshot) -> None:
        path = self._path(snapshot.stage, snapshot.partition)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}.tmp")
        content = msgspec.msgpack.encode(snapshot)
        try:
            with draft.open("wb") as file:
                file.write(hashlib.sha256(content).digest())
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError:
            draft.unlink(missing_ok=True)  # half of one is of no use, and the disk may be full
            raise

    def load(self, stage: str, partition: int) -> Snapshot | None:
        """The newest snapshot, if there is one that this version can read."""
        path = self._path(stage, partition)
        try:
            snapshot = msgspec.msgpack.decode(_proven(path.read_bytes()), type=Snapshot)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            _log.warning("snapshot.unreadable", path=path.name, error=str(error))
            return None
        fits = (snapshot.format, snapshot.stage, snapshot.partition) == (FORMAT, stage, partition)
        return snapshot if fits else None


def _proven(saved: bytes) -> bytes:
    """The content, if it is what was saved: a flipped bit would decode, and count wrongly from then on.

    Raises:
        ValueError: it is not.
    """
    digest, content = saved[:_DIGEST_BYTES], saved[_DIGEST_BYTES:]
    if hashlib.sha256(content).digest() != digest:
        raise ValueError("its content is not what was saved")
    return content


async def is_in_log(snapshot: Snapshot, log: LogReader) -> bool:
    """Whether each chain still holds the record that the snapshot ends with."""
    for topic, tail in snapshot.ends.items():
        if tail.last_offset < 0:
            continue
        if await log.end_offset(topic, snapshot.partition) <= tail.last_offset:
            return False
        if await log.start_offset(topic, snapshot.partition) > tail.last_offset:
            return False
        there = None
        async for batch in log.read(topic, snapshot.partition, tail.last_offset, tail.last_offset + 1):
            there = header(batch[0].headers, ID)
        if there != tail.last_id.hex().encode():
            return False
    return True
