"""One agent's end is the worker's end.

An agent that raises would be restarted by Faust over a hole in its input, and the batch in its hands would
keep the next rebalance waiting for ever. So the worker tries to stop in order, for a bounded time, and exits.
"""

from __future__ import annotations

import asyncio
import functools
import os
import sys
import threading
import warnings
from typing import TYPE_CHECKING

import structlog
from faust.exceptions import AlreadyConfiguredWarning

from streams.worker_stop import is_told_to_stop

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    import faust

__all__ = ["EXIT_AGENT_FAILED", "GRACE_SECONDS", "end_worker", "ends_worker"]

EXIT_AGENT_FAILED = 70  # EX_SOFTWARE
GRACE_SECONDS = 10.0

_log = structlog.get_logger(__name__)
_ending = threading.Event()
_stopping: list[asyncio.Future[None]] = []  # keeps the task from being collected


def ends_worker(
    app: faust.App, *, name: str | None = None, grace_seconds: float = GRACE_SECONDS
) -> Callable[[Callable[..., Awaitable[None]]], Callable[..., Coroutine[None, None, None]]]:
    """Let an exception in the decorated agent or task end the process with `EXIT_AGENT_FAILED`.

        @app.agent(lines)
        @ends_worker(app)
        async def ledger(stream): ...

    The same happens when an agent returns while the app runs: nobody would read its topic. `name`: what the log calls
    it, else the function's own name.
    """

    def decorate(run: Callable[..., Awaitable[None]]) -> Callable[..., Coroutine[None, None, None]]:
        agent = name or run.__name__

        @functools.wraps(run)
        async def guarded(*args: object, **kwargs: object) -> None:
            try:
                await run(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 - whatever it is, the worker ends
                end_worker(app, agent, error, grace_seconds=grace_seconds)
            else:
                if app.should_stop:
                    return
                end_worker(app, agent, None, grace_seconds=grace_seconds)
            await asyncio.Event().wait()  # Faust would start the agent again if this returned

        return guarded

    return decorate


def end_worker(
    app: faust.App, agent: str, error: BaseException | None, *, grace_seconds: float = GRACE_SECONDS
) -> None:
    """Log `agent.failed` and end the process: in order if that takes no longer than `grace_seconds`.

    In order means: what is finished is committed, and the group is left, so that others take over at once.
    Returns at once; call it on the app's event loop. Later calls only log, and so do those after the worker was told
    to stop. The app's `on_agent_failed`, where it has
    one, is told the agent and the error.
    """
    if is_told_to_stop():
        _log.warning("agent.failed_while_stopping", agent=agent, error=repr(error))
        _wait_for_no_batch(app)
        return
    _log.error("agent.failed", agent=agent, error=repr(error), exc_info=error)
    if (on_agent_failed := getattr(app, "on_agent_failed", None)) is not None:
        on_agent_failed(agent, repr(error))
    if _ending.is_set():
        return
    _ending.set()
    deadline = threading.Timer(grace_seconds, _exit)  # a thread: the event loop itself may be stuck
    deadline.daemon = True
    deadline.start()
    _wait_for_no_batch(app)
    stopping = asyncio.ensure_future(app.stop())
    stopping.add_done_callback(lambda _: _exit())
    _stopping.append(stopping)


def _wait_for_no_batch(app: faust.App) -> None:
    """Let the stop pass the batch in the hands of a failed agent, which will never finish it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AlreadyConfiguredWarning)  # Faust looks at it when it stops: not too late
        app.conf.stream_wait_empty = False


def _exit() -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(EXIT_AGENT_FAILED)
