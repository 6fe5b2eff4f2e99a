"""What a process and those it started cost: processor time and peak memory, read from /proc."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import msgspec

__all__ = ["TICK_SECONDS", "Usage", "descendants", "usage_of"]

TICK_SECONDS: Final = 1 / os.sysconf("SC_CLK_TCK")
"""What processor time is counted in."""
_PROC: Final = Path("/proc")


class Usage(msgspec.Struct, frozen=True):
    """Processor seconds (user and system) and the largest resident memory so far."""

    user_seconds: float
    system_seconds: float
    peak_bytes: int

    @property
    def seconds(self) -> float:
        """All processor seconds."""
        return self.user_seconds + self.system_seconds


def usage_of(pids: list[int]) -> Usage:
    """Give the usage of processes that live; those that have ended count nothing."""
    user = system = peak = 0
    for pid in pids:
        try:
            stat = (_PROC / str(pid) / "stat").read_text()
            status = (_PROC / str(pid) / "status").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        fields = stat.rpartition(")")[2].split()
        user += int(fields[11])
        system += int(fields[12])
        peak += next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)
    return Usage(user * TICK_SECONDS, system * TICK_SECONDS, peak * 1024)


def descendants(pid: int) -> list[int]:
    """Give the process and all that it started, directly or not."""
    parents: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    found = [pid]
    for one in found:
        found.extend(parents.get(one, ()))
    return found
