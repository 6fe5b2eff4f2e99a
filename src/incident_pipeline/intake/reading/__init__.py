"""Text to statements: English bulletins and news articles, by deterministic rules.

`read` goes from a report's text to a `Telling`; each module beside it knows one thing about such texts.
"""

from __future__ import annotations

from incident_pipeline.intake.reading.read import read

__all__ = ["read"]
