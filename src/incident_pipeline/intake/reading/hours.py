"""Times of day in words: "quarter past nine", "half past six in the evening", "at nine in the morning"."""

# ruff: noqa: RUF001 - texts hold quotation marks of every kind
# ruff: noqa: D210 - a docstring may begin with a quotation

from __future__ import annotations

import re

_HOURS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_MINUTES = {"quarter": 15, "half": 30, "five": 5, "ten": 10, "twenty-five": 25, "twenty": 20}
_HALF = (
    r"(?:,? ?(?P<half>in the (?:morning|afternoon|evening)|at night|[ap]\.?m\b\.?|this (?:morning|afternoon|evening)))"
)
_HOUR = rf"(?P<hour>{'|'.join(_HOURS)}|1[0-2]|[1-9])"
_PAST = re.compile(
    rf"\b(?:a )?(?P<minute>{'|'.join(_MINUTES)})(?: minutes)? (?P<way>past|after|to) {_HOUR}\b"
    rf"(?! (?:days|hours)){_HALF}?",
    re.IGNORECASE,
)
_FULL = re.compile(rf"\b(?:at|around|about|towards|by|before|after) {_HOUR}(?: o['’]clock)?\b ?{_HALF}", re.IGNORECASE)


def worded(text: str) -> list[tuple[int, int, int | None]]:
    """Start, end and minute of the day of each; None where the text does not say which half of the day."""
    past = [(one.start(), one.end(), _minute(one)) for one in _PAST.finditer(text) if _is_clock(one)]
    full = [(one.start("hour"), one.end(), _minute(one)) for one in _FULL.finditer(text)]
    return sorted(past + [one for one in full if all(one[1] <= other[0] or other[1] <= one[0] for other in past)])


def _is_clock(match: re.Match[str]) -> bool:
    """ "Ten to twelve shellings" tells no time."""
    return match["half"] is not None or match["minute"].lower() in {"quarter", "half"}


def _minute(match: re.Match[str]) -> int | None:
    told = match.groupdict()
    half = (told["half"] or "").lower()
    if not half:
        return None
    written = told["hour"].lower()
    hour = (int(written) if written.isdigit() else _HOURS.index(written) + 1) % 12
    late = half.startswith("p") or "afternoon" in half or "evening" in half or ("night" in half and hour > 5)
    minutes = _MINUTES.get((told.get("minute") or "").lower(), 0)
    at = (hour + 12 * late) * 60 + (-minutes if told.get("way") == "to" else minutes)
    return at % 1_440
