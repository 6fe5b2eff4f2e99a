"""Counts reported truce violations once each, and keeps the evidence for every number."""

from __future__ import annotations

__version__ = "0.1.0"
