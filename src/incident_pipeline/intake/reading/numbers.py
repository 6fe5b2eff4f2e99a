"""Numbers in a sentence: digits, words, "twice", "a dozen", "at least five", "5 to 7"."""

# ruff: noqa: RUF001 - texts hold dashes and quotation marks of every kind
# ruff: noqa: PLR0911 - a rule is a list of cases, read from the top

from __future__ import annotations

import re

import msgspec

_UNITS = {
    "zero": 0, "nought": 0, "naught": 0,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_SETS = {"couple": 2, "pair": 2, "trio": 3, "score": 20}
_TIMES = {"once": 1, "twice": 2, "thrice": 3}

_UNIT = "|".join(_UNITS)
_SMALL = rf"(?:(?:{'|'.join(_TENS)})(?:[\s-](?:{'|'.join(list(_UNITS)[3:12])}))?|{_UNIT})"
_ROUND = rf"(?:{_UNIT}|a) (?:hundred|thousand)"
_WORDS = (
    rf"(?:(?:(?:{_UNIT}|a) thousand(?:(?: and|,)? )?)?(?:(?:{_UNIT}|a) hundred(?: and)? ?)?{_SMALL}"
    rf"(?! (?:hundred|thousand))|{_ROUND})"
)
_NO_OCCASION = (
    r" (?:more|again|before|and for all|in a while|upon|a|it|they|the(?! (?:day|same|next|following|previous|other)))\b"
)
"""`Once it was dark`, `once and for all`, as `at once`, `for once`: no occasion is counted."""
_NUMBER = re.compile(
    r"(?P<bound>\b(?:at least|no (?:fewer|less) than|not (?:fewer|less) than|more than|over|up to|at most|"
    r"no more than|not more than|fewer than|less than|upwards of|in excess of|a minimum of|a maximum of)\s+)?"
    rf"(?:(?P<times>\b(?:(?<!at )(?<!for )(?<!this )(?<!every )once(?!{_NO_OCCASION}|-)|twice|thrice)\b)"
    r"|(?P<dozen>\b(?:a (?:couple|pair|trio)(?: of)?|a score(?: of)?(?! \d)|half a dozen|a dozen|"
    r"(?:two|three|four|five|six) dozen)\b)"
    r"|(?<![\w.,])(?:x ?(?P<by>\d{1,3})|(?P<fold>\d{1,3}) ?[x×])(?![\w.,]\w)(?!\w)"
    r"|(?P<digits>(?<![\w.,:/#$€£])(?<!№ )(?<!№)(?:\d{1,3}(?:,\d{3})+|\d{1,6})(?![\w%°])(?![.,:/]\d)(?!-[^\W\d]))"
    r"|(?P<single>(?<!not )\b(?:a|one) (?:single|sole|lone)\b)"
    rf"|(?P<words>(?<!\bnot a single )\b{_WORDS}\b(?:-odd\b)?(?!-[a-z])))"
    r"(?P<repeated>[ -]times?\b)?",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\s?(?:-|–|—|to|or)\s?", re.IGNORECASE)
_DASHED = re.compile(r"[-–—]\s$")
"""`9 March - 2 - 4` is a row of a list."""
_CHANGED = re.compile(
    r"\b(?:rose|risen|rising|grew|grown|climbed|increased|jumped|doubled|tripled|went|fell|fallen|falling|dropped|declined|"
    r"decreased|shrank|down|up|halved|changed)[^.;,]{0,40}\bfrom\s$",
    re.IGNORECASE,
)
"""`Rose from four to eight` is no range."""
_BETWEEN = re.compile(r"\bbetween\s$", re.IGNORECASE)
_AND = re.compile(r"\sand\s", re.IGNORECASE)
_LOW = re.compile(
    r"at least|no (?:fewer|less)|not (?:fewer|less)|more than|over|upwards|in excess|a minimum", re.IGNORECASE
)


class Number(msgspec.Struct, frozen=True):
    """`text[start:end]` says `value`."""

    start: int
    end: int
    value: int
    times: bool = False
    """It counts occasions by itself: "twice", "five times"."""
    low: int | None = None
    high: int | None = None


def numbers(text: str) -> list[Number]:
    """Cardinal numbers in the order of the sentence; ordinals, percentages, decimals and clock times are none."""
    found: list[Number] = []
    for match in _NUMBER.finditer(text):
        value = _value(match)
        if value is None:
            continue
        bound = match["bound"]
        low = value if bound and _LOW.match(bound) else None
        high = value if bound and low is None else None
        times = match["times"] is not None or match["repeated"] is not None
        number = Number(match.start(), match.end(), value, times, low, high)
        if found and found[-1].value < value <= found[-1].value * 3 and _is_range(text, found[-1], number):
            first = found.pop()
            number = Number(first.start, number.end, first.value, times, first.value, value)
        found.append(number)
    return found


def _is_range(text: str, first: Number, last: Number) -> bool:
    if _RANGE.fullmatch(text, first.end, last.start):
        if text[first.end : last.start] in {" - ", " – ", " — "} and _DASHED.search(text, 0, first.start):
            return False
        return _CHANGED.search(text, max(0, first.start - 60), first.start) is None
    between = _AND.fullmatch(text, first.end, last.start)
    return between is not None and _BETWEEN.search(text, max(0, first.start - 8), first.start) is not None


def _value(match: re.Match[str]) -> int | None:
    if match["times"]:
        return _TIMES[match["times"].lower()]
    if match["single"]:
        return 1
    if match["dozen"]:
        first, *rest = match["dozen"].lower().split()
        if rest[0] in _SETS:
            return _SETS[rest[0]]
        return 6 if first == "half" else 12 * _UNITS.get(first, 1)
    if match["by"] or match["fold"]:
        return int(match["by"] or match["fold"])
    if match["digits"]:
        if match["digits"][0] == "0" and len(match["digits"]) > 1:
            return None
        return int(match["digits"].replace(",", ""))
    return _spelt(match["words"].lower().removesuffix("-odd"))


def _spelt(words: str) -> int:
    total = hundreds = 0
    for word in re.split(r"[\s,-]+", words):
        if word == "hundred":
            hundreds *= 100
        elif word == "thousand":
            total, hundreds = total + hundreds * 1_000, 0
        elif word == "a":
            hundreds = 1
        elif word != "and":
            hundreds += _UNITS.get(word, 0) + _TENS.get(word, 0)
    return total + hundreds
