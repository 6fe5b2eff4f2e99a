"""The command line: one module for each command (docs/cli.md)."""

from __future__ import annotations

from incident_pipeline.cli.app import main

__all__ = ["main"]
