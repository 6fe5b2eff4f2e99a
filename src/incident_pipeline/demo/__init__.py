"""The demo: a broker, a worker and the sample history, and what becomes of it."""

from __future__ import annotations
