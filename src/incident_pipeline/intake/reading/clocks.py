"""Times of day in a sentence, in local minutes: "14:20", "2 p.m.", "noon", "between 06:00 and 07:30"."""

# ruff: noqa: RUF001 - texts hold dashes and quotation marks of every kind

# ruff: noqa: D210 - a docstring may begin with a quotation

from __future__ import annotations

import re

import msgspec

from incident_pipeline.intake.reading.hours import half_of, minute_in, worded

_CLOCK = re.compile(
    r"(?<![\d.,:])(?:(?P<h>[01]?\d|2[0-3]):(?P<m>[0-5]\d)(?::[0-5]\d)?\s?(?P<ap>[ap]\.?\s?m\b\.?)?|"
    r"(?P<h12>1[0-2]|[1-9])(?:[.:](?P<m12>[0-5]\d))?\s?(?P<ap12>[ap]\.?\s?m\b\.?)"
    r"|(?P<hm>(?:[01]\d|2[0-3])[0-5]\d)\s?(?:hours|hrs|local|h\b)|(?<=at )(?P<hd>[01]?\d|"
    r"2[0-3])\.(?P<md>[0-5]\d)|"
    r"^(?P<hl>[01]\d|2[0-3])\.(?P<ml>[0-5]\d)(?=[.:,]? (?-i:[A-Z–—-]))|\b(?P<noon>noon|midday|midnight)\b)"
    r"(?P<utc>\s?(?:gmt|utc|z)\b)?",
    re.IGNORECASE,
)


_CLOCK_TO = re.compile(r"\s?(?:-|–|—|to|until|till)\s?", re.IGNORECASE)


_BETWEEN = re.compile(r"\bbetween\s(?:the\s)?$", re.IGNORECASE)


class Clock(msgspec.Struct, frozen=True):
    """A time of day, in local minutes; None where it is told in another zone."""

    start: int
    end: int
    minute: int | None


def clocks(text: str) -> list[Clock]:
    """Times of day in the order of the sentence."""
    told = [Clock(match.start(), match.end(), _minute(match)) for match in _CLOCK.finditer(text)]
    taken = [(one.start, one.end) for one in told]
    told = _without_ends(told, text)
    said = [one for one in worded(text) if all(one[1] <= start or end <= one[0] for start, end in taken)]
    return sorted([*told, *(Clock(*one) for one in said)], key=lambda one: one.start) if said else told


def _without_ends(told: list[Clock], text: str) -> list[Clock]:
    """ "Between 06:00 and 07:30", "09:00-11:00": one time, of which no minute is told."""
    kept: list[Clock] = []
    for one in told:
        last = kept[-1] if kept else None
        gap = text[last.end : one.start] if last is not None else ""
        between = gap.strip() == "and" and _BETWEEN.search(text, 0, kept[-1].start) is not None
        if last is not None and (between or _CLOCK_TO.fullmatch(gap)):
            kept[-1] = Clock(last.start, one.end, None)
        else:
            kept.append(one)
    return kept


def _minute(match: re.Match[str]) -> int | None:
    if match["utc"]:
        return None
    if match["noon"]:
        return 0 if match["noon"].lower() == "midnight" else 720
    if match["hm"]:
        return int(match["hm"][:2]) * 60 + int(match["hm"][2:])
    hour = int(match["h"] or match["h12"] or match["hd"] or match["hl"])
    minute = int(match["m"] or match["m12"] or match["md"] or match["ml"] or 0)
    half = (match["ap"] or match["ap12"] or half_of(match.string, *match.span())).lower()
    if half and 0 < hour <= 12 and not match.group().startswith("0"):
        return minute_in(hour, minute, half)
    return hour * 60 + minute
