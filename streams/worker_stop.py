"""Being told to stop: by SIGTERM or SIGINT at any moment, within a bounded time, and at once when told twice.

An orderly stop (batches in hand finished, positions committed, the group left, snapshots saved) only spares others a
wait: all that counts is in Kafka before it is acknowledged. So whatever keeps it waiting, a rebalance, a broker that
went away, a call that never returns, it is given up after `STOP_SECONDS`, and the process ends as it was told to.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Final, NoReturn

from incident_pipeline.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

__all__ = ["STOP_SECONDS", "is_told_to_stop", "stop_when_told"]

STOP_SECONDS: Final = 8.0
"""Below the 10 s after which container platforms and service managers commonly kill."""

_log = get_logger(__name__)
_told = threading.Event()


def stop_when_told(stop: Callable[[], None]) -> None:
    """Let SIGTERM and SIGINT call `stop`, which begins an orderly stop and returns; the second ends the process.

    Before this they end it at once: there is nothing yet to stop in order (`cli.early_stop`).
    """

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        if _told.is_set():
            _end()
        _told.set()
        deadline = threading.Timer(STOP_SECONDS, _give_up, (time.monotonic(),))
        deadline.daemon = True
        deadline.start()
        stop()

    # Not the event loop's own: one that computes, or is closed already, would hear nothing.
    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)


def is_told_to_stop() -> bool:
    """Whether a stop was asked for: what fails from then on is no fault, but the end of what it works with."""
    return _told.is_set()


def _give_up(told_at_seconds: float) -> NoReturn:
    _log.warning("worker.stop_given_up", seconds=round(time.monotonic() - told_at_seconds, 1))
    _end()


def _end() -> NoReturn:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)
