"""What runs: the Faust app, record-batch topics, and one module per agent. The only code that imports Faust."""

from __future__ import annotations
