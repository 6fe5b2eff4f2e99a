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
import time
from typing import TYPE_CHECKING, Any, Final, TextIO

import structlog

from incident_pipeline.visible import visible, visible_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from structlog.typing import EventDict, ExcInfo, Processor

__all__ = ["Repetitions", "get_logger", "set_up_logs"]

_REPEATED_SECONDS: Final = 60.0
_COMPLAINTS_AT_MOST: Final = 1_000
_LIBRARIES: Final = ("aiokafka", "faust", "mode", "asyncio")
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
    handler.addFilter(Repetitions())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _LIBRARIES:
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


class Repetitions(logging.Filter):
    """Lets what a library complains of through once a minute, with how often it was said meanwhile."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._said: dict[tuple[str, str], tuple[float, int]] = {}
        """By logger and message without its values: when it was let through, and how often it was not since."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is let through."""
        library = record.name.partition(".")[0] in _LIBRARIES
        if not library or record.levelno < logging.WARNING or record.exc_info:
            return True
        key, now_seconds = (record.name, str(record.msg)), self._clock()
        said_at_seconds, hidden = self._said.get(key, (-_REPEATED_SECONDS, 0))
        if now_seconds - said_at_seconds < _REPEATED_SECONDS:
            self._said[key] = said_at_seconds, hidden + 1
            return False
        if len(self._said) >= _COMPLAINTS_AT_MOST:
            self._said.clear()
        self._said[key] = now_seconds, 0
        if hidden:
            record.msg = f"{record.getMessage()} (and {hidden} like it in {now_seconds - said_at_seconds:.0f} s)"
            record.args = ()
        return True


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
