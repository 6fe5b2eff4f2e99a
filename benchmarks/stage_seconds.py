"""A worker's own account of its agents, from its metrics."""

from __future__ import annotations

import urllib.request
from typing import Final

import msgspec
from prometheus_client.parser import text_string_to_metric_families

from incident_pipeline.metrics import names

__all__ = ["StageSeconds", "read_stage_seconds"]

_PROCESSING: Final = names.PROCESSING.name
_BATCHES: Final = names.BATCH_SIZES.name


class StageSeconds(msgspec.Struct):
    """Seconds of the clock that an agent spent computing; waiting for Kafka is not in it."""

    agent: str
    processing_seconds: float = 0.0
    batches: int = 0
    records: int = 0


def read_stage_seconds(port: int) -> list[StageSeconds]:
    """Ask a worker's endpoint."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    found: dict[str, StageSeconds] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if "agent" not in sample.labels:
                continue
            agent = sample.labels["agent"]
            stage = found.setdefault(agent, StageSeconds(agent))
            if sample.name == f"{_PROCESSING}_sum":
                stage.processing_seconds = sample.value
            elif sample.name == f"{_PROCESSING}_count":
                stage.batches = int(sample.value)
            elif sample.name == f"{_BATCHES}_sum":
                stage.records = int(sample.value)
    return list(found.values())
