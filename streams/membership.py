"""Joining the consumer group: what refuses it ends the worker with a message, at the first join as at any later one.

The client keeps what refuses a join for the next call that reads records, and goes on only when somebody has seen it.
Before the first join nobody reads: the worker would live, and do nothing, for ever.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

from aiokafka.errors import (
    GroupAuthorizationFailedError,
    InconsistentGroupProtocolError,
    InvalidGroupIdError,
    InvalidSessionTimeoutError,
    KafkaError,
    TopicAuthorizationFailedError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiokafka.consumer.group_coordinator import GroupCoordinator

__all__ = ["JOIN_SECONDS", "JoinRefusedError", "watch_membership"]

JOIN_SECONDS: Final = 60.0
"""How long a join is tried again that was refused for what may pass: longer than a coordinator takes to move."""
_EVERY_SECONDS: Final = 0.5

_FINAL: Final = {
    InconsistentGroupProtocolError: (
        "a member is in it that shares partitions in another way than workers do. End that consumer "
        "(kafka-consumer-groups --describe --members names it), or give the workers a group of their own (`app_id`)."
    ),
    InvalidSessionTimeoutError: (
        "the broker does not permit this `session_timeout_seconds`: it must lie between its "
        "group.min.session.timeout.ms and group.max.session.timeout.ms."
    ),
    InvalidGroupIdError: "its name is not permitted. Change `app_id`, or `topic_prefix`.",
    GroupAuthorizationFailedError: "this user may not read as it. See `incident-pipeline topics acls`.",
    TopicAuthorizationFailedError: "this user may not read its topics. See `incident-pipeline topics acls`.",
}
"""What no second try mends, with what a person can do."""


class JoinRefusedError(Exception):
    """Kafka does not let this worker into its group."""


async def watch_membership(coordinator: GroupCoordinator, refused: Callable[[JoinRefusedError], None]) -> None:
    """Look for what refuses a join, on the client's event loop; call `refused` where it is final, or lasts."""
    loop = asyncio.get_running_loop()
    since_seconds: float | None = None
    while True:
        await asyncio.sleep(_EVERY_SECONDS)
        error = _refusal(coordinator)
        if error is None:
            if _has_joined(coordinator):
                since_seconds = None
            continue
        since_seconds = loop.time() if since_seconds is None else since_seconds
        final = type(error) in _FINAL or coordinator._coordination_task.done()  # noqa: SLF001 - a broker test leans on it
        if final or loop.time() - since_seconds > JOIN_SECONDS:
            refused(JoinRefusedError(_message(coordinator.group_id, error)))
            return
        if not _has_joined(coordinator):  # else whoever reads sees it
            _let_try_again(coordinator)


def _refusal(coordinator: GroupCoordinator) -> BaseException | None:
    task = coordinator._coordination_task  # noqa: SLF001 - as above
    if task.done():
        return None if task.cancelled() else task.exception()
    pending: BaseException | None = coordinator._pending_exception  # noqa: SLF001 - as above
    return pending


def _has_joined(coordinator: GroupCoordinator) -> bool:
    subscription = coordinator._subscription.subscription  # noqa: SLF001 - as above
    return subscription is not None and subscription.assignment is not None


def _let_try_again(coordinator: GroupCoordinator) -> None:
    with contextlib.suppress(KafkaError):
        coordinator.check_errors()


def _message(group: str, error: BaseException) -> str:
    known = _FINAL.get(type(error))
    if known is None:
        return f"Kafka has not let this worker into the group {group} for {JOIN_SECONDS:.0f} s: {error!r}"
    return f"Kafka does not let this worker into the group {group} ({type(error).__name__}): {known}"
