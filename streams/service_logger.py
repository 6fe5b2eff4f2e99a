"""Where mode's services say that they start and stop: beside the library's own words, not beside ours."""

from __future__ import annotations

import logging
from typing import Final

__all__ = ["SERVICE_LOGGER"]

SERVICE_LOGGER: Final = logging.getLogger("mode.service")
"""mode would name a logger after the module of each subclass; `logs` keeps those of `mode` to warnings."""
