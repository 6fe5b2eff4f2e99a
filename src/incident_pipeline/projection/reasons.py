"""Why something that was said is in no count, in words for people."""

from __future__ import annotations

from typing import Final

__all__ = ["REASONS", "why_not_counted"]

REASONS: Final = {
    "before_agreement": "before the truce was in force",
    "outside_zone": "outside the zone of the truce",
    "after_agreement": "after the truce was in force",
    "type_not_counted": "of a type that is not counted",
    "days_without_numbers": "several days, and no number for each",
    "date_not_exact": "its day is not known exactly",
    "group_unknown": "nobody knows the group",
    "place_unknown": "nobody knows the place",
    "type_unknown": "nobody knows the type",
    "one_type_only": "none of one type, which says nothing of the others",
    "number_not_stated": "no number stated",
    "number_beyond_limit": "a number beyond belief",
    "check_only": "a check of other numbers",
    "too_late": "its day is sealed",
    "too_many_items": "its day and neighbourhood have as many incidents as they may",
    "too_many_scopes": "its day has as many scopes as it may",
    "superseded": "superseded by its source",
    "retracted": "retracted by its source",
    "duplicate": "the same report again",
    "conflict": "same report and revision, other content",
}
"""Value of `NotCounted`, or what became of a whole report → in words."""


def why_not_counted(reason: str) -> str:
    """Give a reason in words."""
    return REASONS.get(reason, reason.replace("_", " "))
