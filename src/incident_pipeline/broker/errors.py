"""What can go wrong with the local broker, told to a person."""

from __future__ import annotations

__all__ = ["BrokerError"]


class BrokerError(Exception):
    """The broker cannot run. The message says what is wrong, where, and what to do."""
