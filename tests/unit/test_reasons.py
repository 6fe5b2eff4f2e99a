"""Reasons in words."""

from __future__ import annotations

from incident_pipeline.line import NotCounted
from incident_pipeline.projection.reasons import REASONS, why_not_counted


def test_every_reason_why_a_line_is_in_no_count_has_words() -> None:
    assert {reason.value for reason in NotCounted} <= REASONS.keys()


def test_one_that_is_not_known_yet_is_readable() -> None:
    assert why_not_counted("some_new_reason") == "some new reason"
