"""Whether a broker serves: asked as a client would, without a client."""

from __future__ import annotations

import socket
import struct

__all__ = ["answers"]

_TIMEOUT_SECONDS = 2.0
_METADATA, _VERSION, _CORRELATION, _NO_TOPICS = 3, 1, 1, 0


def answers(host: str, port: int) -> bool:
    """
    Ask for the cluster's metadata and tell whether a broker is in it.

    An open port is not enough: a broker that is still fenced accepts connections and names no broker.
    Wire format: <https://kafka.apache.org/protocol>, request header 1, Metadata request 1.
    """
    request = struct.pack(">hhih", _METADATA, _VERSION, _CORRELATION, -1) + struct.pack(">i", _NO_TOPICS)
    try:
        with socket.create_connection((host, port), timeout=_TIMEOUT_SECONDS) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            # Size, correlation id, and the number of brokers: the first three numbers of the response.
            head = connection.recv(12, socket.MSG_WAITALL)
    except OSError:
        return False
    return len(head) == 12 and struct.unpack(">iii", head)[1:] >= (_CORRELATION, 1)
