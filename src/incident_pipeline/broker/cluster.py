"""Which Kafka to use: the cluster that the user named, or a local broker for the time of a block."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from incident_pipeline.broker.local import DEFAULT_DIRECTORY, LocalBroker
from incident_pipeline.broker.progress import fetch_progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["BOOTSTRAP_VARIABLE", "Cluster", "broker_for"]

BOOTSTRAP_VARIABLE: Final = "KAFKA_BOOTSTRAP_SERVERS"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Kafka that serves. `local` is the broker behind it, where this process started one."""

    bootstrap_servers: str
    local: LocalBroker | None


@contextmanager
def broker_for(
    directory: Path = DEFAULT_DIRECTORY,
    *,
    port: int | None = None,
    environ: Mapping[str, str] | None = None,
    quiet: bool = False,
) -> Iterator[Cluster]:
    """
    Give the cluster named by `KAFKA_BOOTSTRAP_SERVERS`, or start a local broker and stop it afterwards.

    Unless `quiet`, a display on standard error shows how the first fetch of the broker's jars goes. Raises
    `BrokerError`.
    """
    environ = os.environ if environ is None else environ
    if servers := environ.get(BOOTSTRAP_VARIABLE, "").strip():
        yield Cluster(servers, None)
        return
    with fetch_progress(quiet=quiet) as on_fetched:
        broker = LocalBroker(directory, port=port, on_fetched=on_fetched)
        broker.start()
    with broker:
        yield Cluster(broker.bootstrap_servers, broker)
