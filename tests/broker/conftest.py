"""What the tests of the running pipeline share: a world of topics and workers of their own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from pipeline_load import sectors_catalogue
from pipeline_world import FOREIGN_BROKERS_SESSION_SECONDS, OWN_BROKERS_SESSION_SECONDS, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from incident_pipeline.broker import Cluster


@pytest.fixture
def world(kafka: Cluster, topic_prefix: str, tmp_path: Path) -> Iterator[World]:
    """Fresh topics on the session's Kafka, under the shipped catalogue."""
    session_seconds = FOREIGN_BROKERS_SESSION_SECONDS if kafka.local is None else OWN_BROKERS_SESSION_SECONDS
    world = World(kafka.bootstrap_servers, topic_prefix, tmp_path, session_seconds=session_seconds)
    asyncio.run(world.make_topics())
    yield world
    world.end()


@pytest.fixture
def sectors(world: World) -> World:
    """A world with a theatre in each partition."""
    world.catalogue = sectors_catalogue(world.directory / "catalogue")
    return world
