"""Whether a broker serves: asked as a client would, without a client."""

from __future__ import annotations

import asyncio
import socket
import struct
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from incident_pipeline.log.connection import Connection

__all__ = ["answers", "answers_securely"]

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


def answers_securely(connection: Connection) -> bool:
    """Tell the same of a broker that answers nobody whom it does not know."""
    if not _listens(connection):
        return False
    with ThreadPoolExecutor(1) as thread:  # where an event loop may run already, which ours must not meet
        return thread.submit(asyncio.run, _names_a_broker(connection)).result()


def _listens(connection: Connection) -> bool:
    host, _, port = connection.bootstrap_servers.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=_TIMEOUT_SECONDS):
            return True
    except OSError:
        return False


async def _names_a_broker(connection: Connection) -> bool:
    from incident_pipeline.log import LogError
    from incident_pipeline.log.kafka import open_admin

    try:
        async with open_admin(connection) as admin:
            return bool((await admin.describe_cluster())["brokers"])
    except LogError:
        return False
