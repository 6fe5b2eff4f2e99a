"""Ports on the loopback address."""

from __future__ import annotations

import random
import socket
from typing import Final

from incident_pipeline.broker.errors import BrokerError

__all__ = ["HOST", "free_port", "is_free"]

HOST: Final = "127.0.0.1"
# Below the range that the kernel takes for outgoing connections: a client that keeps trying a broker that is
# down could otherwise be given that very port, and connect to itself.
_FIRST, _LAST = 20_000, 32_000
_TRIES: Final = 200


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as probe:
        # As the broker does: a port whose last connections are still timing out is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port(*, other_than: int = 0) -> int:
    """Choose a port that is free now. Raises `BrokerError` when none is found."""
    choice = random.SystemRandom()
    for _ in range(_TRIES):
        port = choice.randrange(_FIRST, _LAST)
        if port != other_than and is_free(port):
            return port
    raise BrokerError(f"No free port between {_FIRST} and {_LAST} on {HOST}. Name one with --port.")
