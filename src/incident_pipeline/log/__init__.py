"""The one small seam through which logs are read: by position, without a group, from Kafka or from memory."""

from __future__ import annotations

from incident_pipeline.log.errors import LogError, LogTruncatedError
from incident_pipeline.log.follow import follow_chain, follow_ids, read_chain
from incident_pipeline.log.layout import TopicLayout
from incident_pipeline.log.memory import MemoryLog, NewRecord
from incident_pipeline.log.record import LogReader, LogRecord, read_all

__all__ = [
    "LogError",
    "LogReader",
    "LogRecord",
    "LogTruncatedError",
    "MemoryLog",
    "NewRecord",
    "TopicLayout",
    "follow_chain",
    "follow_ids",
    "read_all",
    "read_chain",
]
