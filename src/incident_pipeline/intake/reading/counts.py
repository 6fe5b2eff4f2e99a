"""Numbers of a clause: what each counts, and the place and day that it is tied to."""

from __future__ import annotations

import msgspec

from incident_pipeline.intake.reading.dates import When
from incident_pipeline.intake.reading.marks import Kind, Mark
from incident_pipeline.intake.reading.vocabulary import (
    ABOUT_VIOLATIONS,
    AREAS,
    BARE_FOLLOWERS,
    HEADS,
    MEASURES,
    PLACE_LINKS,
    PLAIN_MODIFIERS,
    PREPOSITIONS,
    SOFT_HEADS,
    STOP_NOUNS,
)
from incident_pipeline.intake.reading.whereabouts import Spot

VIOLATIONS = "violations"
OTHER = "other"
MEASURE = "measure"
AREA = "area"
"""A number of places: they are what it is about, and no violation is tied to them."""
_PHRASE_MARKS = 9
_REACH_MARKS = 14
_QUIET_WORDS = frozenset(
    "more further additional such new others of which them these those another extra \" “ ” ' ‘ ’ [ ] * syrian".split()
)
_LIST_WORDS = frozenset(
    {",", "and", "or", "&", "as", "well", "in", "the", "both", "province", "provinces", "also", "…", "..."}
)
_DELIMITERS = frozenset({",", ";", ".", ")", "and", "”", '"', "…", "..."})
_TIE = frozenset({"(", "–", "-", "—", ":", "with", "="})


class Count(msgspec.Struct):
    """One number of a clause."""

    at: int
    """Its mark."""
    end: int
    """First mark after the phrase that says what it counts."""
    value: int
    topic: str | None
    """VIOLATIONS, OTHER, the id of an activity, or None: the words do not say."""
    bare: bool
    low: int | None = None
    high: int | None = None
    type: str | None = None
    spots: list[Spot] = []
    date_at: int | None = None
    """The date's mark."""
    each: bool = False
    """The number holds for each of the days or places."""
    tied: bool = False
    """The place stands right before it: `X (5)`, `X: 5`."""


def counts(row: list[Mark], lo: int, hi: int, *, about: bool) -> list[Count]:
    """Numbers of marks `lo` to `hi` - 1. `about`: the words around are about violations."""
    found: list[Count] = []
    skip = -1
    for at in range(lo, hi):
        number = row[at].number
        if number is None or at == skip:
            continue
        topic, end, code = topic_of(row, at, hi, about=about)
        if _repeats_in_digits(row, at, hi):
            skip = at + 2
        if number.times:
            topic, bare = (VIOLATIONS if topic in {None, OTHER} else topic), True
            end = at + 1
        else:
            bare = topic is None
        found.append(
            Count(at, end, number.value, topic, bare, number.low, number.high, code, each=_each(row, at, end, hi))
        )
    return found


def topic_of(row: list[Mark], at: int, hi: int, *, about: bool) -> tuple[str | None, int, str | None]:
    """What the number (or article) at a mark counts, where that phrase ends, and the type it tells."""
    if 0 < at < hi - 1 and row[at - 1].word == "(" and row[at + 1].word == ")":
        return None, at + 1, None
    code: str | None = None
    only_quiet = True
    start = at + 3 if _repeats_in_digits(row, at, hi) else at + 1
    start += start < hi and row[start].word == ")"
    for here in range(start, min(at + _PHRASE_MARKS, hi)):
        mark = row[here]
        last = mark.word.rsplit(" ", 1)[-1]
        if mark.kind is Kind.ACTIVITY and mark.mention is not None:
            return mark.mention.name, here + 1, None
        if last in _QUIET_WORDS:
            continue
        if mark.kind in {Kind.NUMBER, Kind.DATE, Kind.CLOCK} or (mark.kind is Kind.PUNCT):
            return (None if only_quiet else OTHER), here, code
        if last in AREAS:
            return AREA, here + 1, None
        if last in MEASURES:
            return MEASURE, here + 1, None
        if last in STOP_NOUNS and not (mark.kind is Kind.TYPE and last in HEADS):
            return OTHER, here + 1, None
        if mark.kind is Kind.TYPE and mark.mention is not None and mark.mention.name != "U0":
            code = code or mark.mention.name
        if _is_head(mark):
            if here + 1 < hi and _goes_on(row[here + 1]):
                only_quiet = False
                continue
            return VIOLATIONS, here + 1, code or _type_after(row, here + 1, hi)
        if last in SOFT_HEADS and mark.kind in {Kind.WORD, Kind.TYPE}:
            return _soft(row, here + 1, hi, about=about or not only_quiet)
        if mark.kind is Kind.TYPE and last.endswith("s"):
            return VIOLATIONS, here + 1, code
        if mark.kind is Kind.WORD:
            if last in BARE_FOLLOWERS or last in PREPOSITIONS:
                return (None if only_quiet else OTHER), here, code
            if last.endswith("s") and not last.endswith("ss") and last not in PLAIN_MODIFIERS:
                return OTHER, here + 1, None
        only_quiet = only_quiet and mark.kind in {Kind.PLACE}
    return (None if only_quiet else OTHER), min(at + 1, hi), code


def _is_head(mark: Mark) -> bool:
    if mark.kind is Kind.TYPE:
        return any(word in HEADS for word in mark.word.split(" "))
    return mark.kind in {Kind.WORD, Kind.NAME} and mark.word.rsplit(" ", 1)[-1].lower() in HEADS


def _goes_on(mark: Mark) -> bool:
    """Whether a noun only describes the next one: "shelling incidents", "attack helicopters"."""
    last = mark.word.rsplit(" ", 1)[-1]
    return last in HEADS or last in SOFT_HEADS or last in STOP_NOUNS


def _soft(row: list[Mark], end: int, hi: int, *, about: bool) -> tuple[str | None, int, str | None]:
    """ "Cases", "instances", "facts": of violations where the next words, or the words around, say so."""
    if end < hi and row[end].word in {"of", "where", "when", "in"}:
        for here in range(end + 1, min(end + 7, hi)):
            mark = row[here]
            if mark.kind is Kind.TYPE or any(word in ABOUT_VIOLATIONS for word in mark.word.split(" ")):
                code = _type_after(row, end, hi)
                return VIOLATIONS, here + 1, code
            if mark.kind in {Kind.PLACE, Kind.NUMBER, Kind.PUNCT}:
                break
        if row[end].word == "of":
            return OTHER, end, None
    return (VIOLATIONS if about else OTHER), end, None


def _type_after(row: list[Mark], end: int, hi: int) -> str | None:
    if end < hi and row[end].word == "of":
        for mark in row[end + 1 : min(end + 5, hi)]:
            if mark.kind is Kind.TYPE and mark.mention is not None and mark.mention.name != "U0":
                return mark.mention.name
    return None


def _repeats_in_digits(row: list[Mark], at: int, hi: int) -> bool:
    """ "Two (2) violations"."""
    number, again = row[at].number, row[at + 2].number if at + 3 < hi and row[at + 1].word == "(" else None
    return number is not None and again is not None and number.value == again.value and row[at + 3].word == ")"


def _each(row: list[Mark], at: int, end: int, hi: int) -> bool:
    near = [mark.word for mark in row[max(0, at - 1) : min(end + 4, hi)]]
    return (
        "each" in near
        or "apiece" in near
        or "daily" in near
        or ("both" in near and any(mark.date for mark in row[at:hi]))
    )


def bind_spots(found: list[Count], places: list[Spot], row: list[Mark], lo: int, hi: int) -> list[Spot]:
    """Tie places to the numbers that are about violations; what stays free is returned."""
    by_first = {spot.first: number for number, spot in enumerate(places)}
    found = [count for count in found if count.topic not in {OTHER, MEASURE}]
    free = dict(enumerate(places))
    for count in found:
        _bind_before(count, free, row, tied=True)
    for count in found:
        if not count.spots:
            _bind_after(count, free, by_first, row, hi)
    for count in found:
        if not count.spots and count.bare:
            _bind_before(count, free, row, tied=False)
    _bind_leading(found, free, row, lo)
    return list(free.values())


def _bind_before(count: Count, free: dict[int, Spot], row: list[Mark], *, tied: bool) -> None:
    """`X (5)`, `X – 5`, `X: 5`; or, where not `tied`, `X 5` and `in X, 5`."""
    for number, spot in free.items():
        between = [mark.word for mark in row[spot.last : count.at]] if spot.last <= count.at <= spot.last + 2 else None
        if between is None:
            continue
        if tied:
            listed = count.end + 1 < len(row) and row[count.end].word == "," and row[count.end + 1].number is not None
            matches = (
                len(between) == 1 and between[0] in _TIE and not (between[0] == ":" and not count.bare) and not listed
            )
        else:
            follows = row[count.end].word if count.end < len(row) else "."
            matches = not between or (between == [","] and follows in _DELIMITERS)
        if matches:
            count.spots = [free.pop(number)]
            count.tied = True
            return


def _bind_after(count: Count, free: dict[int, Spot], by_first: dict[int, int], row: list[Mark], hi: int) -> None:
    """`5 in X`, `5 violations by A or B in X`, `5 in X, Y and Z` (one number for all of them)."""
    linked = False
    here = count.end
    while here < min(count.end + _REACH_MARKS, hi):
        number = by_first.get(here)
        if number is not None and number in free:
            if linked or row[here].word == "of":
                count.spots = [free.pop(number)]
                _bind_listed(count, number, free, row)
            return
        mark = row[here]
        if (
            mark.kind is Kind.NUMBER
            or mark.word in {";", ":", "(", "while", "but"}
            or (mark.word == "," and not _resumes(row, here))
        ):
            return
        linked = linked or mark.word in PLACE_LINKS
        here += 1


def _resumes(row: list[Mark], comma: int) -> bool:
    """A comma before "in the provinces of" and such does not end the phrase."""
    return comma + 1 < len(row) and row[comma + 1].word in {"in", "including", "within", "across"}


def _bind_listed(count: Count, number: int, free: dict[int, Spot], row: list[Mark]) -> None:
    last = count.spots[-1].last
    while (spot := free.get(number + 1)) is not None:
        between = [mark.word for mark in row[last : spot.first]]
        numbered = spot.last + 1 < len(row) and row[spot.last].word in _TIE and row[spot.last + 1].number is not None
        if numbered or len(between) > 4 or not between or not all(word in _LIST_WORDS for word in between):
            return
        number += 1
        last = spot.last
        count.spots.append(free.pop(number))


def _bind_leading(found: list[Count], free: dict[int, Spot], row: list[Mark], lo: int) -> None:
    """`In X, 5 violations were registered, in Y 3`: the nearest free place before a number without one."""
    start = lo
    before: Count | None = None
    for count in found:
        if not count.spots:
            leading = [number for number, spot in free.items() if start <= spot.first < count.at]
            if leading:
                count.spots = [free.pop(number) for number in leading]
            elif (
                before is not None
                and before.spots
                and before.spots[0].last <= before.at
                and not before.tied
                and not count.bare
            ):
                count.spots = before.spots
        start, before = count.end, count
    for one, after in zip(reversed(found[:-1]), reversed(found[1:]), strict=True):
        joined = {mark.word for mark in row[one.end : after.at]}
        alone = not one.spots and not one.bare and len(after.spots) == 1 and not after.tied
        if alone and joined and joined <= {",", "and", "as", "well"}:
            one.spots = after.spots
    if len(found) == 1 and not found[0].spots and free:
        found[0].spots = [free.pop(number) for number in list(free)]


def bind_dates(found: list[Count], row: list[Mark], lo: int, hi: int) -> None:
    """Tie dates to numbers: `two on 9 March`, `9 March – 2`, `on 9 March two`, `9 March: two and a convoy`."""
    taken: set[int] = set()
    for count in found:
        if count.at >= lo + 2 and row[count.at - 1].word in _TIE and _opens_entry(row, count.at - 2, lo):
            count.date_at = count.at - 2
            taken.add(count.at - 2)
    starts = [count.at for count in found]
    for number, count in enumerate(found):
        stop = starts[number + 1] if number + 1 < len(starts) else hi
        if count.date_at is not None:
            continue
        for here in range(count.end, min(count.end + _REACH_MARKS, stop)):
            if row[here].word in {";", ":"} or (
                row[here].word == "," and here > count.end and row[here - 1].kind is not Kind.GROUP
            ):
                break
            if row[here].date is not None and here not in taken and not _opens_next(row, here, stop, hi):
                count.date_at = here
                taken.add(here)
                break
    leading: int | None = None
    start = lo
    for count in found:
        for here in range(start, count.at):
            if row[here].date is not None and here not in taken:
                leading = here
        if count.date_at is None:
            count.date_at = leading
        start = count.at
    for before, count in zip(found, found[1:], strict=False):
        if (
            count.bare
            and not count.spots
            and len(before.spots) == 1
            and not before.tied
            and count.date_at != before.date_at
        ):
            count.spots = before.spots
    for count in found:
        if count.date_at is not None and {mark.word for mark in row[max(lo, count.date_at - 3) : count.date_at]} & {
            "each",
            "both",
            "every",
        }:
            count.each = True
    _share_last_date(found)
    last = found[-1] if found else None
    if last is not None and last.date_at is None:
        later = [here for here in range(last.end, hi) if row[here].date is not None]
        if later and len({count.date_at for count in found}) == 1:
            for count in found:
                count.date_at = later[0]


def _opens_entry(row: list[Mark], at: int, lo: int) -> bool:
    """Whether a date opens an entry of a list: `9 March – 2, 10 March – 4`."""
    date = row[at].date
    if date is None or date.when is not When.DAY:
        return False
    before = at - 1 if at > lo and row[at - 1].word in {"on", "for"} else at
    return before == lo or row[before - 1].word in {",", ";", "and", ":", '"', "“"}


def _share_last_date(found: list[Count]) -> None:
    """`Two in X and one in Y on 9 March`: the only date, after the last number, is that of all."""
    if len(found) < 2 or any(count.date_at is not None for count in found[:-1]) or not found[-1].spots:
        return
    at = found[-1].date_at
    if at is not None and at > found[-1].at:
        for count in found[:-1]:
            count.date_at = at


def _opens_next(row: list[Mark], here: int, stop: int, hi: int) -> bool:
    """Whether a date belongs to the number after it: `…, on 10 March two`."""
    return (
        stop < hi
        and stop - here <= 2
        and here > 1
        and row[here - 2].word in {",", "and"}
        and row[here - 1].word == "on"
    )
