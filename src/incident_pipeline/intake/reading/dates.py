"""Dates in a sentence, relative to a reference day: calendar dates, weekdays, lists, ranges, "the past 24 hours"."""

# ruff: noqa: RUF001 - texts hold dashes and quotation marks of every kind
# ruff: noqa: C901, PLR0911 - a rule is a list of cases, read from the top
# ruff: noqa: PLR0917 - the marks and their bounds always come first, in this order
# ruff: noqa: D210 - a docstring may begin with a quotation

from __future__ import annotations

import datetime as dt
import enum
import re

import msgspec

from incident_pipeline.intake.reading.hours import HOUR_OF_DAY
from incident_pipeline.intake.reading.ordinals import last_day, spelt_days

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)\b\.?"
)
_WEEKDAY = r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_D = r"(?<!\d)(?:3[01]|[12]\d|0?[1-9])(?!\d)(?:st|nd|rd|th)?"
_YEAR = r"(?:,?\s(?P<{}>(?:19|20)\d{{2}})\b)?"
_TO = r"\s?(?:to|until|till|through|and|-|–|—)\s?(?:the\s)?"
_COUNTS = dict(zip(("two", "three", "four", "five", "six", "seven", "ten"), (2, 3, 4, 5, 6, 7, 10), strict=True))
_COUNTS |= {str(number): number for number in _COUNTS.values()}
_FEW = "|".join(_COUNTS)

_DATE = re.compile(
    r"\b(?:"
    r"(?P<iso>(?:19|20)\d{2}(?P<isep>[-/.])\d{1,2}(?P=isep)\d{1,2})\b"
    r"|(?P<short>(?<!at )(?<![\d.,:/])(?:0[1-9]|[12]\d|3[01])(?P<ssep>[./])(?:0[1-9]|1[0-2]))(?![\d%:/]|[.,]\d)"
    r"|(?P<numeric>\d{1,2}(?P<sep>[./-])\d{1,2}(?P=sep)(?:19|20)\d{2})\b"
    rf"|(?P<dl>(?:{_D}(?:, {_D}){{0,8}},? (?:and|"
    rf"or) )?{_D})(?: of)? (?P<dm>{_MONTH})(?P<dto>{_TO}(?P<dt1>{_D})(?: of)? (?P<dt2>{_MONTH}))?{_YEAR.format('dy')}"
    rf"|(?P<r1>{_D})(?: (?P<rm>{_MONTH}))?\s?(?:to|until|till|through|-|–|"
    rf"—)\s?(?:the )?(?P<r2>{_D})(?: of)? (?P<r2m>{_MONTH}){_YEAR.format('ry')}"
    rf"|(?P<mm>{_MONTH}) (?P<md>{_D}(?:(?:, {_D}){{0,8}},? and {_D}(?! \w+ (?:in|on|"
    rf"by)\b))?)(?P<mto>(?: (?:to|until|till|through) |-|"
    rf"–)(?P<mt1m>{_MONTH} )?(?P<mt2>{_D})\b)?{_YEAR.format('my')}"
    rf"|(?P<wd>(?:last |this |past )?{_WEEKDAY})(?P<wto>{_TO}(?P<wd2>{_WEEKDAY}))?\b(?! prayers)"
    r"|(?P<past24>(?:past|last|previous|preceding)?\s?(?:24|twenty[- ]four)[ -]?hours?(?! a day)|(?:past|"
    r"last) day(?:'s)?|(?:during|over|within|in the course of) the day|in the past day|throughout the day|"
    r"(?:past|last) day and night|(?:current|this) reporting period)"
    rf"|(?:past|last|previous|preceding) (?P<few>{_FEW}) days|(?P<week>past (?:week|seven days))|(?:past|"
    rf"last|\bin|\bwithin) (?P<hours>48|72) hours"
    r"|(?P<before>(?:the )?day before yesterday)|(?P<yesterday>yesterday)|(?P<today>today|tonight|"
    r"this (?:morning|afternoon|evening))"
    r"|(?P<previous>(?:a|the|one) day (?:earlier|before)|(?:the|on the) previous day|"
    r"(?:the )?preceding day|previous day(?=:)|the day prior)"
    r"|(?P<next>the day (?:after|later)|a day (?:later|after(?! \w))|(?:on )?the (?:next|following) day|"
    r"the day following|"
    r"the (?:next|following) (?:24|twenty[- ]four) hours|the (?:24|twenty[- ]four) hours that followed)"
    rf"|(?P<ago>{_FEW}) days (?:ago|earlier)"
    r"|(?<=\bon the )(?P<ord>(?:3[01]|[12]\d|[1-9])(?:st|nd|rd|th))"
    r"(?=[,.;:)]|\s(?:\d|one|two|three|four|five|six|seven|eight|nine|ten|there|none|no|and)\b)"
    r"|(?P<same>(?:the|that) same day\b|that day)"
    r")",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    rf"\b(?:since(?! (?:midnight|dawn|noon|this morning|the morning|yesterday|{HOUR_OF_DAY}))"
    r"|so far|to date|in (?:recent|"
    r"previous|past|the last few) \w{3,8}|(?:last|this|past|previous|next) (?:week|weekend|month|year|"
    r"summer|winter|spring|autumn)"
    r"|earlier this (?:week|month|year)|(?:from|since|at) the (?:beginning|start|onset) of|"
    r"previously(?! (?:un)?known)|overall(?![.;):,]| (?:total|number|count|figure))"
    rf"|(?:in|during|throughout) (?:early |mid-?|late |the month of )?(?:{_MONTH})(?: (?:19|20)\d{{2}}\b|"
    rf"(?! ?\d))|(?:in|during|throughout|for|over) (?:the year |"
    rf"all of |(?:the )?(?:whole|entirety|course|rest|first half|second half|beginning) of )?(?:19|20)\d{{2}}\b(?!-)"
    r"|in (?:its|the) (?:first|second|third) (?:week|month|year)|in (?:its )?first (?:day|24 hours)|"
    r"(?:on|in) the (?:very )?(?:first|second|third|opening|last) (?:day|night|weekend|week) of the (?:truce|ceasefire|"
    r"cease-fire|agreement|deal|regime)"
    r"|(?:before|prior to|ahead of) (?:the|this) (?:truce|ceasefire|cease-fire|agreement|deal|accord|protocol|regime)"
    rf"|(?:each of )?(?:the )?(?:{_FEW}) (?:previous|preceding|foregoing) days"
    r"|(?:a|one) day after(?= \w)|(?:weeks?|months?|years?) (?:ago|earlier|before)"
    r"|(?:a|the) (?:week|month|year) (?:ago|earlier|"
    r"before)|daily average|on average|per (?:week|month)|in total since"
    r"|(?:up|down|rising|falling) from|(?:previous|last|preceding) reporting period|than (?:in|on|during|"
    r"the|for)|compared (?:with|to)|(?:as )?against (?=\d|[a-z]{3,5}\b (?:a day|the day|on))|"
    r"earlier(?! in the day| today))\b",
    re.IGNORECASE,
)
_SUPERLATIVE = re.compile(
    r"(?:first|highest|calmest|most|largest|worst|lowest|biggest|deadliest|record|busiest|quietest)\b[^.;]{0,60}$",
    re.IGNORECASE,
)
_SINCE = re.compile(r"\bsince (?:the )?$", re.IGNORECASE)
_RECORD = re.compile(
    r"\b(?:first time|highest|lowest|calmest|quietest|busiest|deadliest|worst|record|largest|biggest)\b[^.;,]{0,30}$",
    re.IGNORECASE,
)
"""What a day is compared with is no period of its own: "for the first time this month", "the highest this year"."""
_REFERENCE = re.compile(
    r"\b(?:since|(?:truce|ceasefire|cease-fire|agreement|deal|accord|protocol|memorandum|regime|talks|summit|"
    r"resolution) (?:of|from|dated)"
    r"|(?:signed|reached|agreed|concluded|introduced|(?<!were )(?<!been )announced|brokered|began|begun|started|"
    r"adopted|"
    r"in force|into force|into effect|effect|effective|(?<!were )(?<!been )(?<!not )established)"
    r"(?: in \w{2,20})?(?: on| as of| from| at midnight on)?|as of|until|before|after|"
    r"by)\s(?:the\s)?(?:night of\s)?$",
    re.IGNORECASE,
)
_AHEAD_OF = re.compile(r"\b(?:ahead of|before|prior to|in the run-up to)\s[^.;:,]{0,60}$", re.IGNORECASE)
_LIKE = re.compile(r"\bas (?:on |in )?(?:the )?$", re.IGNORECASE)
_AGREEMENT = re.compile(
    r"\s(?:agreement|truce|ceasefire|cease-fire|deal|accord|memorandum|protocol|summit)\b", re.IGNORECASE
)
_RECENT_DAYS = 60
_EVENINGS = re.compile(r"\bbetween the evenings? of\s(?:the\s)?$", re.IGNORECASE)
"""A mission whose day ends in the evening tells both dates of one day."""
_UP_TO = re.compile(
    r"\s(?:up to|to|ending|ended)(?: at)?(?: [\d:.]{1,5}(?: ?[ap]\.?m\.?)?)?(?: on)?(?: the)?\s", re.IGNORECASE
)
_BETWEEN = re.compile(r"\bbetween\s(?:the\s)?$", re.IGNORECASE)
_AND_ON = re.compile(r",?\sand (?:on )?(?:the (?:morning|afternoon|evening|night) of )?(?:the )?", re.IGNORECASE)
_OF_THE_DAY = re.compile(r"(?:during|over|within|throughout|in the course of) the day", re.IGNORECASE)
_EACH = re.compile(r"\b(?:each|apiece|a day|daily)\b", re.IGNORECASE)
_NTHS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")
_NTH = re.compile(rf"\bthe (?P<nth>{'|'.join(_NTHS)}|last)(?: day\b(?! of)|(?=\s?[,.;:)]| and\b))", re.IGNORECASE)
_PERIOD = re.compile(
    rf"\b(?P<few>{_FEW}|week) ?(?:days )?(?:to|up to|until|till|ending|ended|through)(?: on)?\s(?:the\s)?$",
    re.IGNORECASE,
)


class When(enum.StrEnum):
    """What a mention of time does to the numbers near it."""

    DAY = "day"
    """They are about this day (or each of these days, or this range)."""
    PAST_DAY = "past_day"
    """They are about the day that the speaker reports on."""
    DAY_BEFORE = "day_before"
    """They are about the day before the one told of last."""
    DAY_AFTER = "day_after"
    """They are about the day after the one told of last."""
    PREVIOUS = "previous"
    """They are about the past day, or the one before where the past day was told of already."""
    SAME = "same"
    """They are about the day told of last."""
    VAGUE = "vague"
    """They are background: a period without a day of its own."""
    UNKNOWN = "unknown"
    """They are about a day that cannot be told: a weekday in a text without a date."""
    ASIDE = "aside"
    """Nothing: the date of an agreement, say."""


class DateMention(msgspec.Struct, frozen=True):
    """`text[start:end]` tells when."""

    start: int
    end: int
    when: When
    days: tuple[dt.date, ...] = ()
    """One day, the listed days, or first and last of a range."""
    is_range: bool = False
    weekday: bool = False


def dates(text: str, reference: dt.date | None) -> list[DateMention]:
    """Mentions of time in the order of the sentence. `reference`: the day of publication."""
    found = [
        _dated(match, text, reference)
        for match in _DATE.finditer(text)
        if not match["short"] or _recent(match["short"], reference)
    ]
    for start, end, nth, month, year in spelt_days(text):
        day = _spelt(nth, month, year, reference)
        if day is not None:
            found = [one for one in found if one.end <= start or end <= one.start]
            found.append(DateMention(start, end, When.DAY, (day,)))
    for match in _VAGUE.finditer(text):
        if match.group().lower() == "since" and _SUPERLATIVE.search(text, max(0, match.start() - 80), match.start()):
            continue
        if match.group().lower().startswith("this ") and _RECORD.search(
            text, max(0, match.start() - 60), match.start()
        ):
            continue
        inside = any(one.start < match.end() and match.start() < one.end for one in found)
        if not inside and not (match.group().lower() == "earlier" and _followed_by_day(found, match.end())):
            found.append(DateMention(match.start(), match.end(), When.VAGUE))
    found = _with_weekdays(sorted(found, key=lambda one: one.start), text)
    found = sorted([*found, *_nth_days(found, text)], key=lambda one: one.start)
    return [_as_agenda(one, text, reference) for one in found] if reference is not None else found


def _as_agenda(one: DateMention, text: str, reference: dt.date) -> DateMention:
    """What is to come is background, and never the day of a number: "talks are due on 20 March"."""
    if one.when is not When.DAY or min(one.days, default=reference) <= reference:
        return one
    aside = _AHEAD_OF.search(text, max(0, one.start - 80), one.start) is not None
    return msgspec.structs.replace(one, when=When.ASIDE if aside else When.VAGUE, days=())


def _with_weekdays(found: list[DateMention], text: str) -> list[DateMention]:
    """ "Wednesday, 3 June", "3 June (Wednesday)": one mention, of the calendar date."""
    merged: list[DateMention] = []
    for one in found:
        last = merged[-1] if merged else None
        single = last is not None and last.when is When.DAY and len(last.days) == 1
        dated = single and one.when is When.DAY and len(one.days) == 1
        if (
            last is not None
            and dated
            and last.weekday != one.weekday
            and text[last.end : one.start].strip() in {"", ",", "("}
        ):
            date = one if last.weekday else last
            merged[-1] = msgspec.structs.replace(date, start=last.start, end=one.end)
        elif last is not None and last.when is When.PAST_DAY and _ends(last, one, text):
            merged[-1] = msgspec.structs.replace(one, start=last.start)
        elif (
            last is not None and dated and _AND_ON.fullmatch(text, last.end, one.start) and _EACH.search(text, one.end)
        ):
            merged[-1] = msgspec.structs.replace(last, end=one.end, days=tuple(sorted(last.days + one.days)))
        elif single and _OF_THE_DAY.fullmatch(text, one.start, one.end):
            merged.append(msgspec.structs.replace(one, when=When.SAME))
        else:
            merged.append(one)
    return merged


def _ends(past: DateMention, one: DateMention, text: str) -> bool:
    """ "The 24 hours to 18:00 on 9 March"."""
    return one.when is When.DAY and _UP_TO.fullmatch(text, past.end, one.start) is not None


def _nth_days(found: list[DateMention], text: str) -> list[DateMention]:
    """ "From 9 to 11 March: two on the first day, three on the second": days of the period told before."""
    period = next((one for one in found if len(one.days) > 1), None)
    if period is None:
        return []
    last = (period.days[-1] - period.days[0]).days
    days = [period.days[0] + dt.timedelta(days=at) for at in range(min(last, 6) + 1)]
    days = days if period.is_range else list(period.days)
    nth = []
    for match in _NTH.finditer(text, period.end):
        at = -1 if match["nth"].lower() == "last" else _NTHS.index(match["nth"].lower())
        if at < len(days):
            nth.append(DateMention(match.start(), match.end(), When.DAY, (days[at],)))
    return nth


def _followed_by_day(found: list[DateMention], end: int) -> bool:
    return any(0 <= one.start - end <= 4 for one in found)


def _dated(match: re.Match[str], text: str, reference: dt.date | None) -> DateMention:
    days, is_range = _days(match, reference)
    start, end = match.span()
    if match["past24"]:
        previous = match["past24"].lower().startswith(("previous", "preceding"))
        return DateMention(start, end, When.PREVIOUS if previous else When.PAST_DAY)
    if match["same"]:
        return DateMention(start, end, When.SAME)
    if match["previous"] and not _LIKE.search(text, max(0, start - 12), start):
        return DateMention(start, end, When.DAY_BEFORE)
    period = _PERIOD.search(text, max(0, start - 40), start)
    if period is not None and len(days) == 1:
        length = _COUNTS.get(period["few"].lower(), 7)
        return DateMention(start, end, When.DAY, (days[0] - dt.timedelta(days=length - 1), days[0]), is_range=True)
    if match["next"]:
        return DateMention(start, end, When.DAY_AFTER)
    if _is_since(days, text, start, reference):
        return DateMention(start, end, When.VAGUE)
    owns = text[end : end + 2] in {"'s", "’s"}
    if not owns and (
        _LIKE.search(text, max(0, start - 12), start) or _REFERENCE.search(text, max(0, start - 60), start)
    ):
        return DateMention(start, end, When.ASIDE)
    if _AGREEMENT.match(text, end):
        return DateMention(start, end, When.ASIDE)
    if not days:
        return DateMention(start, end, When.UNKNOWN, weekday=bool(match["wd"]))
    if len(days) == 2 and _EVENINGS.search(text, max(0, start - 24), start) and (days[1] - days[0]).days == 1:
        return DateMention(start, end, When.DAY, days[1:])
    if len(days) == 2 and _BETWEEN.search(text, max(0, start - 12), start):
        is_range = True
    return DateMention(start, end, When.DAY, days, is_range, bool(match["wd"]))


def _is_since(days: tuple[dt.date, ...], text: str, start: int, reference: dt.date | None) -> bool:
    """ "Since 5 March": a period, unless a day is only compared with it, or it began yesterday."""
    since = _SINCE.search(text, max(0, start - 16), start)
    if since is None or reference is None or not days or (reference - days[0]).days < 2:
        return False
    return _SUPERLATIVE.search(text, max(0, since.start() - 80), since.start()) is None


def _days(match: re.Match[str], reference: dt.date | None) -> tuple[tuple[dt.date, ...], bool]:
    """Days of a mention, and whether they are the ends of a range."""
    if match["iso"] or match["numeric"]:
        return _one(_numeric(match["iso"] or match["numeric"], reference))
    if match["short"]:
        return _one(_recent(match["short"], reference))
    if match["dm"]:
        if match["dto"]:
            days, is_range = _span(match["dl"], match["dm"], match["dt1"], match["dt2"], match["dy"], reference)
            return days, is_range and not match["dto"].strip().lower().startswith("and")
        return _listed(match["dl"], match["dm"], match["dy"], reference)
    if match["r2"]:
        return _span(match["r1"], match["rm"] or match["r2m"], match["r2"], match["r2m"], match["ry"], reference)
    if match["mm"]:
        if match["mto"]:
            return _span(match["md"], match["mm"], match["mt2"], match["mt1m"] or match["mm"], match["my"], reference)
        return _listed(match["md"], match["mm"], match["my"], reference)
    return _relative(match, reference)


def _relative(match: re.Match[str], reference: dt.date | None) -> tuple[tuple[dt.date, ...], bool]:
    if reference is None:
        return (), False
    if match["ord"]:
        return _one(_date(match["ord"], _MONTHS[reference.month - 1], None, reference))
    if match["wd"]:
        first = _weekday(match["wd"].split()[-1], reference)
        if not match["wto"]:
            return (first,), False
        last = _weekday(match["wd2"], reference)
        joined = match["wto"].strip().lower().startswith("and")
        if joined and (first - last).days == 1:
            return (last, first), False
        if last < first:
            first -= dt.timedelta(days=7)
        return (first, last), not joined
    back = {"yesterday": 1, "before": 2, "today": 0}
    for name, days_back in back.items():
        if match[name]:
            return (reference - dt.timedelta(days=days_back),), False
    if match["ago"]:
        return (reference - dt.timedelta(days=_COUNTS[match["ago"].lower()]),), False
    days = (
        7
        if match["week"]
        else int(match["hours"]) // 24
        if match["hours"]
        else _COUNTS[match["few"].lower()]
        if match["few"]
        else 0
    )
    return ((reference - dt.timedelta(days=days - 1), reference), True) if days else ((), False)


def _listed(days: str, month: str, year: str | None, reference: dt.date | None) -> tuple[tuple[dt.date, ...], bool]:
    found = (_date(day, month, year, reference) for day in re.findall(r"\d{1,2}", days))
    return tuple(day for day in found if day is not None), False


def _span(
    day: str, month: str, last_day: str, last_month: str, year: str | None, reference: dt.date | None
) -> tuple[tuple[dt.date, ...], bool]:
    first, last = _date(day, month, year, reference), _date(last_day, last_month, year, reference)
    if first is None or last is None or first > last:
        return (), False
    return (first, last), True


def _date(day: str, month: str, year: str | None, reference: dt.date | None) -> dt.date | None:
    """The date nearest before the reference where no year is told."""
    number = re.match(r"\d{1,2}", day)
    at = _MONTHS.index(month.strip()[:3].lower()) + 1
    if number is None or (year is None and reference is None):
        return None
    guesses = [int(year)] if year else [reference.year + 1, reference.year, reference.year - 1] if reference else []
    for guess in guesses:
        try:
            date = dt.date(guess, at, int(number.group()))
        except ValueError:
            continue
        if year or reference is None or date <= reference + dt.timedelta(days=31):
            return date
    return None


def _spelt(nth: int | None, month: str, year: str | None, reference: dt.date | None) -> dt.date | None:
    if nth is not None:
        return _date(str(nth), month, year, reference)
    first = _date("1", month, year, reference)
    return first.replace(day=last_day(first.year, first.month)) if first is not None else None


def _recent(text: str, reference: dt.date | None) -> dt.date | None:
    """ "11.03": a day without its year, if it was in the last two months."""
    day, month = (int(part) for part in re.split(r"[./]", text))
    dates_near = [_calendar(year, month, day) for year in ((reference.year, reference.year - 1) if reference else ())]
    return next((one for one in dates_near if one and reference and 0 <= (reference - one).days <= _RECENT_DAYS), None)


def _numeric(text: str, reference: dt.date | None) -> dt.date | None:
    """Year first, or else the day; the month first where the day would make it a date to come."""
    first, second, third = (int(part) for part in re.split(r"[-./]", text))
    if first > 31:
        return _calendar(first, second, third)
    date = _calendar(third, second, first)
    if "/" in text and (date is None or (reference is not None and date > reference + dt.timedelta(days=1))):
        swapped = _calendar(third, first, second)
        return date if swapped is None or (reference is not None and swapped > reference) else swapped
    return date


def _calendar(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _one(day: dt.date | None) -> tuple[tuple[dt.date, ...], bool]:
    return ((), False) if day is None else ((day,), False)


def _weekday(name: str, reference: dt.date) -> dt.date:
    """The latest such weekday, the day of publication included."""
    back = (reference.weekday() - _WEEKDAYS.index(name[:3].lower())) % 7
    return reference - dt.timedelta(days=back)
