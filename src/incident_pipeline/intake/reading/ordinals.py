"""Days of a month told in words: "the first of March", "the last day of February", "March the eleventh"."""

from __future__ import annotations

import calendar
import re

_UNITS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_TEENS = (
    "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth",
    "nineteenth",
)  # fmt: skip
_NTHS = {word: day for day, word in enumerate((*_UNITS, *_TEENS, "twentieth"), 1)} | {"thirtieth": 30}
_NTHS |= {f"{tens}{gap}{unit}": base + day for tens, base in (("twenty", 20), ("thirty", 30))
          for day, unit in enumerate(_UNITS, 1) if base + day <= 31 for gap in "- "}  # fmt: skip
_NTH = "|".join(sorted(_NTHS, key=len, reverse=True))
_MONTH = "january|february|march|april|may|june|july|august|september|october|november|december"
_SPELT = re.compile(
    rf"\b(?:(?:the )?(?:(?P<nth>{_NTH})|(?P<last>last))(?: day)? of (?P<month>{_MONTH})"
    rf"|(?<!\d )(?<!\bof )(?<!\dth )(?P<before>{_MONTH}) the (?P<after>{_NTH}))(?:,? (?P<year>(?:19|20)\d\d))?\b",
    re.IGNORECASE,
)


def spelt_days(text: str) -> list[tuple[int, int, int | None, str, str | None]]:
    """Start, end, day (None: the last of the month), month and year of each."""
    if " of " not in text and " the " not in text:
        return []
    return [
        (
            one.start(),
            one.end(),
            None if one["last"] else _NTHS[(one["nth"] or one["after"]).lower()],
            one["month"] or one["before"],
            one["year"],
        )
        for one in _SPELT.finditer(text)
    ]


def is_nth(word: str) -> bool:
    """Whether a word tells which one of a series: "fifth", "21st"."""
    return word in _NTHS or (word[:1].isdigit() and word.endswith(("st", "nd", "rd", "th")))


def last_day(year: int, month: int) -> int:
    """The number of a month's last day."""
    return calendar.monthrange(year, month)[1]
