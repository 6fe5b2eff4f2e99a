"""Measurements on the real broker: `python -m benchmarks.whole_path` (docs/performance.md)."""

from __future__ import annotations
