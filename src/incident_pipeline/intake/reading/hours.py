"""Times of day in words: "quarter past nine", "half past six in the evening", "at nine on Monday morning"."""

# ruff: noqa: RUF001 - texts hold quotation marks of every kind
# ruff: noqa: D210 - a docstring may begin with a quotation

from __future__ import annotations

import re

_HOURS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_MINUTES = {"quarter": 15, "half": 30, "five": 5, "ten": 10, "twenty-five": 25, "twenty": 20}
_PART = r"(?:early |late )?(?:morning|afternoon|evening|night)"
_WHEN = (
    r"(?:(?:on |last |in |during |of )?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|the same|that|yesterday|the|this)"
    rf" {_PART}|at (?:dawn|night)|tonight|last night)\b"
)
_DIRECT = r"(?:in the (?:morning|afternoon|evening)|at night|[ap]\.?m\b\.?)"
_HOUR = rf"(?P<hour>{'|'.join(_HOURS)}|1[0-2]|[1-9])"
_CLOCKED = r"(?P<clocked> o['’]clock)?"
_PAST = re.compile(
    rf"\b(?:a )?(?P<minute>{'|'.join(_MINUTES)})(?: minutes)?[ -](?P<way>past|after|to) {_HOUR}\b{_CLOCKED}"
    rf"(?! (?:days|hours))(?:,? ?{_DIRECT})?",
    re.IGNORECASE,
)
_FULL = re.compile(
    rf"\b(?:at|around|about|towards|by|before|after|since|from|until|till|to|as of|(?P<between>between)) "
    rf"{_HOUR}\b(?![.:]\d){_CLOCKED}"
    rf"(?:,? ?{_DIRECT})?",
    re.IGNORECASE,
)
HOUR_OF_DAY = (
    rf"(?:\d{{1,2}}|{'|'.join(_HOURS)})"
    r"(?:[:.]\d\d\b| ?[ap]\.?m\b| ?o['’]clock| in the (?:morning|afternoon|evening)| at night| this )"
)
_AND = re.compile(rf" and {_HOUR}\b ?{_DIRECT}", re.IGNORECASE)
"""The end of "between six in the morning and nine in the evening"."""
_INSIDE = re.compile(rf",? ?{_DIRECT}$", re.IGNORECASE)
_BEHIND = re.compile(rf",? ?(?:{_DIRECT}|{_WHEN})", re.IGNORECASE)
_AHEAD = re.compile(
    rf"\b{_PART}(?: of [^,.;]{{3,25}})?,?(?: (?:shortly|just|at|around|about|before|after)){{1,3}}(?: an?)?\s$",
    re.IGNORECASE,
)
_AT = re.compile(r"\b(?:at|around|about|by|towards|before|after|since|until) (?:a )?$", re.IGNORECASE)
_NOON = 12
_MOVED = re.compile(
    r"\b(?:rose|risen|rises|fell|fallen|grew|went|increased|dropped|declined|(?:up|down) from)\b[^.;]{0,40}$"
)
"""`Rose from two in the morning to five in the evening` tells no time."""


def worded(text: str) -> list[tuple[int, int, int | None]]:
    """Start, end and minute of the day of each; None where the text does not say which half of the day."""
    past = [(one.start(), one.end(), _minute(one)) for one in _PAST.finditer(text) if _is_clock(one)]
    full: list[tuple[int, int, int | None]] = []
    for one in _FULL.finditer(text):
        then = _AND.match(text, one.end()) if one["between"] else None
        if then is not None:
            full.append((one.start("hour"), then.end(), None))
        elif _is_hour(one):
            full.append((one.start("hour"), one.end(), _minute(one)))
    return sorted(past + [one for one in full if all(one[1] <= other[0] or other[1] <= one[0] for other in past)])


def half_of(text: str, start: int, end: int) -> str:
    """The words that say of which half of the day a time is, inside it, right behind or right before: "" for none."""
    told = _INSIDE.search(text, start, end) or _BEHIND.match(text, end)
    told = told or _AHEAD.search(text, max(0, start - 60), start)
    return told.group().lower().strip(" ,") if told is not None else ""


def minute_in(hour: int, minutes: int, half: str) -> int:
    """The minute of the day, of an hour up to twelve in the half of the day that the words tell."""
    late = half.startswith("p") or "afternoon" in half or "evening" in half
    late = late or ("night" in half and hour % _NOON > 5)
    return ((hour % _NOON + _NOON * late) * 60 + minutes) % 1_440


def _is_clock(match: re.Match[str]) -> bool:
    """ "Ten to twelve shellings" tells no time."""
    if match["clocked"] or _INSIDE.search(match.group()) or match["minute"].lower() in {"quarter", "half"}:
        return True
    led = _AT.search(match.string, max(0, match.start() - 12), match.start())
    return led is not None and half_of(match.string, *match.span()) != ""


def _is_hour(match: re.Match[str]) -> bool:
    """ "At nine" is a time only where more says so: "at nine places" is none."""
    if match["clocked"]:
        return True
    if _MOVED.search(match.string, max(0, match.start() - 60), match.start("hour")) is not None:
        return False
    if _INSIDE.search(match.group()):
        return True
    return _BEHIND.match(match.string, match.end()) is not None


def _minute(match: re.Match[str]) -> int | None:
    told = match.groupdict()
    half = half_of(match.string, match.start("hour"), match.end()) or half_of(match.string, *match.span())
    if not half:
        return None
    written = told["hour"].lower()
    hour = int(written) if written.isdigit() else _HOURS.index(written) + 1
    minutes = _MINUTES.get((told.get("minute") or "").lower(), 0)
    return minute_in(hour, -minutes if told.get("way") == "to" else minutes, half)
