"""Whether workers run, asked before topics are adopted."""

from __future__ import annotations

from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING

from aiokafka.errors import GroupCoordinatorNotAvailableError

from incident_pipeline import adoption
from incident_pipeline.log.connection import Connection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest


class YoungCluster:
    """Has no coordinator for a group when it is first asked for one."""

    def __init__(self) -> None:
        self.asked = 0

    async def describe_consumer_groups(self, groups: list[str]) -> list[SimpleNamespace]:
        self.asked += 1
        if self.asked == 1:
            raise GroupCoordinatorNotAvailableError(groups[0])
        return [SimpleNamespace(to_object=lambda: {"groups": [{"members": ["one", "two"]}]})]


async def test_a_young_cluster_is_asked_again_for_the_members_of_a_group(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = YoungCluster()

    @asynccontextmanager
    async def opened(_connection: Connection) -> AsyncIterator[YoungCluster]:
        yield cluster

    monkeypatch.setattr(adoption, "open_admin", opened)
    assert await adoption.members_of_group(Connection("127.0.0.1:1"), "incident-pipeline") == 2
    assert cluster.asked == 2
