"""Bytes of a report to lines: decoding, structured fields or text, and what they mean under the rules."""

from __future__ import annotations
