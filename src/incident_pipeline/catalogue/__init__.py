"""The rules of a mission: files in, one hash, compiled indexes out."""

from __future__ import annotations
