"""What may be on the wire: the topic catalogue, and a JSON Schema with examples for each record."""

from __future__ import annotations
