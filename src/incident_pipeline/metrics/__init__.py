"""What a worker tells Prometheus: `names` lists it, `worker` counts it, `exposition` renders it.

An agent needs `WorkerMetrics` alone; the endpoint calls `render` and `WorkerMetrics.readiness`.
"""

from __future__ import annotations

from incident_pipeline.metrics.exposition import Rendered, render
from incident_pipeline.metrics.names import METRICS, Agent, Skip
from incident_pipeline.metrics.worker import StageMetrics, WorkerMetrics

__all__ = ["METRICS", "Agent", "Rendered", "Skip", "StageMetrics", "WorkerMetrics", "render"]
