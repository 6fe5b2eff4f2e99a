"""SIGTERM before a worker has begun: importing what it consists of takes a second, and seconds on a busy machine.

Imported before everything else, so it imports nothing but what an interpreter has loaded already.
"""

from __future__ import annotations

import os
import signal
import sys

__all__ = ["end_when_told"]


def end_when_told() -> None:
    """Let SIGTERM and SIGINT end a worker with 0 that has not begun, as they will end it later (`worker_stop`)."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))


if "worker" in sys.argv[1:]:
    end_when_told()
