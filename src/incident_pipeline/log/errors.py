"""What can go wrong with the log, told to a person."""

from __future__ import annotations

__all__ = ["LogError", "LogTruncatedError"]


class LogError(Exception):
    """The log cannot be read. The message says what is wrong, where, and what to do."""


class LogTruncatedError(LogError):
    """Records that were asked for are no longer there: retention has deleted the beginning of the log."""

    def __init__(self, topic: str, partition: int, wanted_offset: int, start_offset: int) -> None:
        super().__init__(
            f"{topic}, partition {partition}, begins at offset {start_offset}; {wanted_offset} was deleted. "
            "A log without its beginning cannot be folded: restore it, and set retention.ms to -1 "
            "(incident-pipeline topics diff)."
        )
