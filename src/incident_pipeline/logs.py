"""How the project logs: dotted event names with fields; in a terminal readable, elsewhere one JSON object a line.

No report text at `info` or above: a log is read by more people than the reports are.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Final, TextIO

import structlog

if TYPE_CHECKING:
    from structlog.typing import Processor

__all__ = ["get_logger", "set_up_logs"]

_QUIET_BELOW_WARNING: Final = ("aiokafka", "faust", "mode", "asyncio")
"""Libraries whose `info` is about themselves; their `debug` is shown when ours is."""


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Give the logger of a module; its events are dotted names (`worker.started`)."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def set_up_logs(log_format: str = "auto", log_level: str = "info", stream: TextIO | None = None) -> None:
    """Send every log, ours and the libraries', to `stream` (standard error) in one form.

    `log_format`: `json`, `console`, or `auto`: readable where the stream is a terminal. `log_level`: as `Config`.
    """
    stream = sys.stderr if stream is None else stream
    level = logging.getLevelNamesMapping()[log_level.upper()]
    readable = log_format == "console" or (log_format == "auto" and stream.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.StackInfoRenderer(),
    ]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(stream, readable=readable),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET_BELOW_WARNING:
        logging.getLogger(name).setLevel(max(level, logging.WARNING) if level > logging.DEBUG else level)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def _renderers(stream: TextIO, *, readable: bool) -> list[Processor]:
    if readable:
        return [structlog.dev.ConsoleRenderer(colors=stream.isatty(), timestamp_key="at")]
    return [
        structlog.processors.dict_tracebacks,
        _first_things_first,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]


def _first_things_first(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    head = {name: event.pop(name) for name in ("at", "level", "event") if name in event}
    return {**head, **event}
