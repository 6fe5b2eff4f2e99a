"""
Runs a command for as long as another process holds a pipe open: `python leash.py FD COMMAND...`.

The pipe's other end is held by whoever started the broker. When it is closed, on purpose or because its
holder was killed, the command is asked to end, and after a while made to. Uses the standard library alone: it
is run as a bare script, so that it is small and quick.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

_GRACE_SECONDS = 20.0


def _end_when_let_go(leash: int, child: subprocess.Popen[bytes]) -> None:
    while os.read(leash, 1):
        pass
    child.terminate()
    try:
        child.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()


def main(arguments: list[str]) -> int:
    """Run the command, and return its exit code (128 + signal when a signal ended it)."""
    leash, command = int(arguments[0]), arguments[1:]
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603  our own broker's command line
    signal.signal(signal.SIGTERM, lambda _number, _frame: child.terminate())
    threading.Thread(target=_end_when_let_go, args=(leash, child), daemon=True).start()
    code = child.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
