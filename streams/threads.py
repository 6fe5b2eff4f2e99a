"""How the two threads of a worker share the interpreter: the agents' event loop, and the Kafka consumer's."""

from __future__ import annotations

import sys

__all__ = ["share_interpreter"]

SWITCH_SECONDS = 0.02
"""How long the consumer's thread waits for a busy event loop; Python's own 5 ms would change threads, and lose what
is in the processor's caches, many times in a batch: that costs 3 % of the processor time. Heartbeats have seconds."""


def share_interpreter() -> None:
    """Change threads less often than Python would by itself."""
    sys.setswitchinterval(SWITCH_SECONDS)
