"""The command line: one module for each command (docs/cli.md)."""

from __future__ import annotations

from incident_pipeline.cli import early_stop as _early_stop  # noqa: F401 - before what takes long to import
from incident_pipeline.cli.app import main

__all__ = ["main"]
