"""A worker beside us, in a process of its own that ends when we do."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from incident_pipeline.broker import leash
from incident_pipeline.config import environment_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from incident_pipeline.config import Config

__all__ = ["WorkerError", "WorkerProcess", "worker_for"]

_LEASH: Final = Path(leash.__file__)
_STOP_SECONDS: Final = 30.0
_SHOWN_LINES: Final = 12


class WorkerError(Exception):
    """The worker ended or makes no progress. The message holds the end of its log."""


class WorkerProcess:
    """A running worker; made by `worker_for`."""

    def __init__(self, process: subprocess.Popen[bytes], log_path: Path, log_start_bytes: int) -> None:
        self._process = process
        self.log_path = log_path
        self._log_start_bytes = log_start_bytes

    def check(self) -> None:
        """Raise `WorkerError` if it has ended."""
        code = self._process.poll()
        if code is not None:
            raise self.failure(f"The worker ended by itself (exit code {code}).")

    def wait(self, timeout_seconds: float) -> None:
        """Wait a while; raises `WorkerError` if it ends meanwhile."""
        deadline = time.monotonic() + timeout_seconds
        while (left_seconds := deadline - time.monotonic()) > 0:
            self.check()
            time.sleep(min(left_seconds, 0.2))

    def failure(self, what: str) -> WorkerError:
        """Give an error that shows the last lines of the log."""
        with self.log_path.open("rb") as log:
            log.seek(self._log_start_bytes)
            lines = log.read().decode(errors="replace").splitlines()
        said = "\n".join(f"  {line[:300]}" for line in lines[-_SHOWN_LINES:]) or "  (nothing)"
        return WorkerError(f"{what} The end of its log ({self.log_path}):\n{said}")


@contextmanager
def worker_for(config: Config, log_path: Path) -> Iterator[WorkerProcess]:
    """Run a worker under `config` for the time of a block; it ends in order, and at the latest when we do."""
    log_path.parent.mkdir(parents=True, exist_ok=True)
    held, holding = os.pipe()
    with log_path.open("ab") as log:
        log_start_bytes = log.tell()
        process = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, "-IS", str(_LEASH), str(held), sys.executable, "-m", "incident_pipeline.cli", "worker"],
            env=environment_of(config),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(held,),
            start_new_session=True,  # Ctrl-C reaches us alone, and we end it in order
        )
    os.close(held)
    try:
        yield WorkerProcess(process, log_path, log_start_bytes)
    finally:
        os.close(holding)  # the leash asks it to end, and makes it after a while
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
