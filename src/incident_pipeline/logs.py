"""How the project logs: dotted event names with fields; in a terminal readable, elsewhere one JSON object a line.

No report text at `info` or above: a log is read by more people than the reports are. What is logged of others' names
neither acts on a terminal nor begins a line; a trace shows code, and never the values that it met.
"""

from __future__ import annotations

import io
import json
import logging
import sys
import textwrap
from typing import TYPE_CHECKING, Any, Final, TextIO

import structlog

from incident_pipeline.visible import visible, visible_json

if TYPE_CHECKING:
    from structlog.typing import EventDict, ExcInfo, Processor

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
        console = structlog.dev.ConsoleRenderer(
            colors=stream.isatty(), timestamp_key="at", exception_formatter=_visible_traceback
        )
        return [_all_visible, console]
    return [
        structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
        _first_things_first,
        structlog.processors.JSONRenderer(serializer=_json_text, ensure_ascii=False),
    ]


def _first_things_first(_logger: object, _method: str, event: EventDict) -> EventDict:
    head = {name: event.pop(name) for name in ("at", "level", "event") if name in event}
    return {**head, **event}


def _all_visible(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Show what does not print; values that are no text are written as `repr` writes them, which shows it too."""
    return {name: visible(value) if isinstance(value, str) else value for name, value in event.items()}


def _visible_traceback(stream: TextIO, exc_info: ExcInfo) -> None:
    """Write a trace, indented: a message with newlines in it begins no line of the log either."""
    text = io.StringIO()
    structlog.dev.plain_traceback(text, exc_info)
    stream.write(textwrap.indent(visible(text.getvalue(), keep="\n\t"), "    "))


def _json_text(event: EventDict, **options: Any) -> str:  # noqa: ANN401 - those of `json.dumps`
    return visible_json(json.dumps(event, **options))
