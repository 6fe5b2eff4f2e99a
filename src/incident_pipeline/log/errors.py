"""What can go wrong with the log, told to a person."""

from __future__ import annotations

__all__ = ["DeniedError", "LogError", "LogTruncatedError", "RefusedError", "UnreachableError"]


class LogError(Exception):
    """The log cannot be read. The message says what is wrong, where, and what to do."""


class UnreachableError(LogError):
    """No Kafka answers: it may come later."""


class RefusedError(LogError):
    """A Kafka answers and does not serve us: a certificate, a password, a protocol. Waiting does not help."""


class DeniedError(LogError):
    """Kafka knows us, and we may not do that: a permission is missing."""


class LogTruncatedError(LogError):
    """Records that were asked for are no longer there: retention has deleted the beginning of the log."""

    def __init__(self, topic: str, partition: int, wanted_offset: int, start_offset: int) -> None:
        super().__init__(
            f"{topic}, partition {partition}, begins at offset {start_offset}; {wanted_offset} was deleted. "
            "A log without its beginning cannot be folded: restore it, and set retention.ms to -1 "
            "(incident-pipeline topics diff)."
        )
