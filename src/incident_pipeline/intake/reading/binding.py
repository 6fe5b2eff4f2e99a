"""Which place each number of a clause is tied to."""

# ruff: noqa: RUF001, RUF002 - texts hold dashes and quotation marks of every kind
# ruff: noqa: SIM905 - a list of words reads best as words

from __future__ import annotations

from incident_pipeline.intake.reading.counts import AREA, MEASURE, OTHER, Count
from incident_pipeline.intake.reading.marks import Kind, Mark
from incident_pipeline.intake.reading.tied import base_of, is_apposed
from incident_pipeline.intake.reading.vocabulary import ATTACKED, ORDINALS, PLACE_LINKS
from incident_pipeline.intake.reading.whereabouts import Spot

REACH_MARKS = 14
_LIST_WORDS = frozenset(
    {",", "and", "or", "&", "as", "well", "in", "the", "both", "province", "provinces", "also", "…", "..."}
)
_DELIMITERS = frozenset({",", "+", "/", ";", ".", ")", "and", "”", '"', "…", "..."})
_WITH = frozenset("from with using of".split())
TIE_OFF = frozenset({",", "–", "-", "—", "("})
"""Behind these a number only says again, in figures, what stands before it."""
_IN_ALL = frozenset("altogether overall all total".split())
_PARTLY = frozenset("quarter quarters third thirds most majority bulk some half many several part".split())
_INSERTED = frozenset("in near all both of them these".split())
_BUT = frozenset({"but", "except"})
WHOLLY = frozenset("all both".split())
TIE = frozenset({"(", "–", "-", "—", ":", "with", "="})


def bind_spots(found: list[Count], places: list[Spot], row: list[Mark], lo: int, hi: int) -> list[Spot]:
    """Tie places to the numbers that are about violations; what stays free is returned."""
    by_first = {spot.first: number for number, spot in enumerate(places)}
    found = [count for count in found if count.topic not in {OTHER, MEASURE}]
    if any(count.topic == AREA for count in found) and len(found) == 1 and found[0].value == len(places):
        return places
    free = dict(enumerate(places))
    _bind_dated(found, free, row)
    _bind_alternating(found, free, row)
    _bind_items(found, free, row)
    for count in _open(found):
        _bind_bracketed(count, free, row)
    for count in _open(found):
        _bind_before(count, free, row, tied=True)
    listed = any(mark.word == "respectively" for mark in row[lo:hi])
    for count in _open(found):
        if count.bare and not listed:
            _bind_touching(count, free, row)
    for count in _open(found):
        _bind_apposed(count, free, row, hi)
    for count in _open(found):
        _bind_after(count, free, by_first, row, hi)
    for count in _open(found):
        if count.bare and not listed:
            _bind_before(count, free, row, tied=False)
    _bind_inserted(found, free, row)
    _bind_leading(found, free, row, lo)
    _bind_all(found, row)
    return list(free.values())


def _open(found: list[Count]) -> list[Count]:
    """Numbers that have no place yet."""
    return [count for count in found if not count.spots]


def _bind_all(found: list[Count], row: list[Mark]) -> None:
    """`Three on Monday and one on Tuesday, all in X`; `most of the nine were in X` tells no place of the nine."""
    for count in found:
        opening = [mark.word for mark in row[max(0, count.at - 4) : count.at]]
        opening = [] if not TIE_OFF.isdisjoint(opening) else opening
        if "of" in opening and not (_PARTLY.isdisjoint(opening) and _BUT.isdisjoint(opening)):
            count.spots = []
    last = found[-1] if found else None
    if last is not None and len(last.spots) == 1:
        before = {mark.word for mark in row[last.end : last.spots[0].first]}
        if not WHOLLY.isdisjoint(before):
            for count in found:
                count.spots = count.spots or last.spots
    _bind_occasions(found, row)


def _bind_occasions(found: list[Count], row: list[Mark]) -> None:
    """`Twice on Monday and once on Tuesday the truce was broken in X`."""
    last = found[-1] if len(found) > 1 else None
    if last is None or not last.spots or any(one.spots for one in found[:-1]):
        return
    times = all((number := row[one.at].number) is not None and number.times for one in found)
    stops = [one.at for one in found[1:]]
    if times and all(
        any(mark.date is not None for mark in row[one.end : stop]) for one, stop in zip(found, stops, strict=False)
    ):
        for one in found:
            one.spots = last.spots


def _bind_before(count: Count, free: dict[int, Spot], row: list[Mark], *, tied: bool) -> None:
    """`X (5)`, `X – 5`, `X: 5`; or, where not `tied`, `X 5` and `in X, 5`."""
    for number, spot in free.items():
        between = [mark.word for mark in row[spot.last : count.at]] if spot.last <= count.at <= spot.last + 2 else None
        if between is None:
            continue
        if tied:
            listed = count.end + 1 < len(row) and row[count.end].word == "," and row[count.end + 1].number is not None
            placed = between[:1] in ([":"], ["("]) and any(
                other.first in {count.end + 1, count.end + 2} for other in free.values()
            )
            placed = placed and count.end < len(row) and row[count.end].word in {"in", "near", "on", "at"}
            summed = sums_up(count, row)
            untied = summed or (between[:1] == [":"] and not count.bare)
            matches = len(between) == 1 and between[0] in TIE and not (untied or listed or placed)
        else:
            follows = row[count.end].word if count.end < len(row) else "."
            matches = not between or (between == [","] and follows in _DELIMITERS)
        if matches:
            count.spots = [free.pop(number)]
            count.tied = True
            if count.each:
                _bind_listed_before(count, number, free, row)
            return


def _bind_listed_before(count: Count, number: int, free: dict[int, Spot], row: list[Mark]) -> None:
    """`X and Y provinces: 1 each`."""
    first = count.spots[0].first
    while (spot := free.get(number - 1)) is not None:
        between = [mark.word for mark in row[spot.last : first]]
        if len(between) > 4 or not between or not all(word in _LIST_WORDS for word in between):
            return
        number -= 1
        first = spot.first
        count.spots.insert(0, free.pop(number))


def _bind_bracketed(count: Count, free: dict[int, Spot], row: list[Mark]) -> None:
    """`6 (X), 3 (Y)`, `6/X, 3/Y`, `six, X; three, Y`."""
    if any(spot.last in {count.at, count.at - 1} for spot in free.values()):
        return
    for number, spot in free.items():
        if spot.first != count.end + 1:
            continue
        opens, closes = row[count.end].word, row[spot.last].word if spot.last < len(row) else "."
        if (opens, closes) == ("(", ")") or (count.bare and (opens == "/" or (opens == "," and closes in {";", "."}))):
            count.spots, count.tied = [free.pop(number)], True
            return


def _bind_dated(found: list[Count], free: dict[int, Spot], row: list[Mark]) -> None:
    """`Two on 9 March (X) and eight on 11 March (Y)`: each number has the day and the place in brackets beside it."""
    pairs = [(at, number) for number, spot in free.items() if (at := _dated_by(spot, row)) is not None]
    if len(pairs) < 2 or len(found) < len(pairs):
        return
    bounds = [0, *(free[number].last for _, number in pairs)]
    stops = [*(at for at, _ in pairs[1:]), len(row)]
    before = [_last(found, lo, at) for lo, (at, _) in zip(bounds, pairs, strict=False)]
    behind = [_first(found, lo, hi) for lo, hi in zip(bounds[1:], stops, strict=True)]
    for count, (at, number) in zip(behind if all(behind) else before, pairs, strict=True):
        if count is not None:
            count.spots, count.tied, count.date_at = [free.pop(number)], True, at


def _bind_items(found: list[Count], free: dict[int, Spot], row: list[Mark]) -> None:
    """`The first, on X, at 10:00; the second hit Y`: the place told next."""
    items = [count for count in found if count.value == 1 and row[count.at].word in ORDINALS]
    for count, end in zip(items, [*(count.at for count in items[1:]), len(row)], strict=False):
        number = next((number for number, spot in free.items() if count.at < spot.first < end), None)
        if number is not None:
            count.spots = [free.pop(number)]


def _bind_alternating(found: list[Count], free: dict[int, Spot], row: list[Mark]) -> None:
    """`Fire was opened on X three times and on Y twice`: each place right before how often it was."""
    often = [count for count in found if (number := row[count.at].number) is not None and number.times]
    often = often[:-1] if len(often) > 1 and sums_up(often[-1], row) else often
    places = list(free)[-len(often) :]
    if len(often) < 2 or len(places) < len(often) or len(often) < len(found) - 1:
        return
    ends = [*(free[place].first for place in places[1:]), len(row)]
    for count, place, end in zip(often, places, ends, strict=True):
        if not free[place].last <= count.at < end:
            return
    if row[free[places[0]].first - 1].word == "in" and row[free[places[-1]].first - 1].word != "in":
        return
    for count, place in zip(often, places, strict=True):
        count.spots = [free.pop(place)]


def _dated_by(spot: Spot, row: list[Mark]) -> int | None:
    """The date right before a place in brackets."""
    opens = next((at for at in range(spot.first - 1, max(0, spot.first - 3), -1) if row[at].word == "("), None)
    closed = spot.last < len(row) and row[spot.last].word == ")"
    return opens - 1 if opens is not None and closed and row[opens - 1].date is not None else None


def _last(found: list[Count], lo: int, hi: int) -> Count | None:
    return next((count for count in reversed(found) if lo <= count.at < hi), None)


def _first(found: list[Count], lo: int, hi: int) -> Count | None:
    return next((count for count in found if lo <= count.at < hi), None)


def sums_up(count: Count, row: list[Mark]) -> bool:
    """`Ten in total`, `a total of ten`."""
    behind = {mark.word for mark in row[count.end : count.end + 2]}
    return not _IN_ALL.isdisjoint(behind) or [mark.word for mark in row[max(0, count.at - 2) : count.at]] == [
        "total",
        "of",
    ]


def _bind_touching(count: Count, free: dict[int, Spot], row: list[Mark]) -> None:
    """`in X province 4, in Y province 3`: an opening "in X" has the bare number right behind it."""
    for number, spot in free.items():
        opens = row[spot.first - 1].word in {"in", "near"} and (
            spot.first == 1 or row[spot.first - 2].word in {":", ",", ";", "and", "(", "–", "—"}
        )
        touches = spot.last == count.at or (spot.last == count.at - 1 and row[spot.last].word == "on")
        if touches and opens and spot.first:
            count.spots = [free.pop(number)]
            return


def _bind_after(count: Count, free: dict[int, Spot], by_first: dict[int, int], row: list[Mark], hi: int) -> None:
    """`5 in X`, `5 violations by A or B in X`, `5 in X, Y and Z` (one number for all of them)."""
    linked = False
    here = count.end
    while here < min(count.end + REACH_MARKS, hi):
        number = by_first.get(here)
        if number is not None and number in free:
            if row[here - 1].word == "in" and _has_own(free[number], row, hi):
                return
            if (
                linked
                or row[here].word in {"of", "there"}
                or (here == count.end and count.bare and not _stands_behind(count, row))
            ):
                count.spots = [free.pop(number)]
                _bind_listed(count, number, free, row)
            return
        mark = row[here]
        if (
            mark.kind is Kind.NUMBER
            or (mark.word in _PARTLY and here + 1 < hi and row[here + 1].word == "of")
            or mark.word in {";", ":", "(", "/", "while", "but"}
            or (mark.word == "," and not _resumes(row, here))
        ):
            return
        linked = linked or mark.word in PLACE_LINKS or mark.word in ATTACKED
        here += 1


def _bind_apposed(count: Count, free: dict[int, Spot], row: list[Mark], hi: int) -> None:
    """`Most violations, six, were in X, and two in Y`: the place behind the apposition."""
    if not is_apposed(count, row) or count.end >= hi or row[count.end].word not in TIE_OFF | {")"}:
        return
    for number, spot in free.items():
        if count.end < spot.first <= count.end + REACH_MARKS:
            if all(mark.number is None and mark.word != "," for mark in row[count.end + 1 : spot.first]):
                count.spots = [free.pop(number)]
            return


def _has_own(spot: Spot, row: list[Mark], hi: int) -> bool:
    """`…, in Y to four`: a place with a number of its own behind it."""
    if spot.last < hi and row[spot.last].number is not None and row[spot.first - 1].word == "in":
        return True
    return any(
        row[at].word == "to" and row[at + 1].number is not None for at in range(spot.last, min(spot.last + 3, hi - 1))
    )


def _stands_behind(count: Count, row: list[Mark]) -> bool:
    """`X 5, Y 3`: a number right behind a place is that place's."""
    return row[count.at - 1].kind in {Kind.PLACE, Kind.NAME}


def _resumes(row: list[Mark], comma: int) -> bool:
    """A comma before "in the provinces of" and such does not end the phrase."""
    at = comma + 1 + (comma + 1 < len(row) and row[comma + 1].word in WHOLLY)
    return at < len(row) and row[at].word in {"in", "including", "within", "across"}


def _bind_listed(count: Count, number: int, free: dict[int, Spot], row: list[Mark]) -> None:
    last = count.spots[-1].last
    while (spot := free.get(number + 1)) is not None:
        between = [mark.word for mark in row[last : spot.first]]
        behind = spot.last + (spot.last < len(row) and row[spot.last].word in TIE)
        numbered = behind < len(row) and row[behind].number is not None
        if numbered or len(between) > 4 or not between or not all(word in _LIST_WORDS for word in between):
            return
        number += 1
        last = spot.last
        count.spots.append(free.pop(number))


def _bind_inserted(found: list[Count], free: dict[int, Spot], row: list[Mark]) -> None:
    """`In X province two cases (the village of Y)`: the place in brackets is where the number before it is."""
    for number, spot in list(free.items()):
        opens = spot.first - 1
        while opens > 0 and row[opens].word in _INSERTED:
            opens -= 1
        if row[opens].word != "(" or spot.last >= len(row) or row[spot.last].word != ")":
            continue
        before = [count for count in found if count.at < spot.first]
        if before and (spot.is_settlement or (opens < spot.first - 1 and not before[-1].spots)):
            before[-1].spots = [free.pop(number)]
            before[-1].tied = True


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
                and base_of(before, row) != count.at
                and not sums_up(count, row)
                and before.spots[0].last <= before.at
                and not before.tied
                and (not count.bare or any(mark.word == "respectively" for mark in row[count.end : count.end + 3]))
            ):
                count.spots = before.spots
        start, before = count.end, count
    for one, after in zip(reversed(found[:-1]), reversed(found[1:]), strict=True):
        joined = {mark.word for mark in row[one.end : after.at] if mark.kind is not Kind.TYPE} - _WITH
        alone = not one.spots and not one.bare and not after.bare and len(after.spots) == 1 and not after.tied
        if alone and joined and joined <= {",", "and", "as", "well"}:
            one.spots = after.spots
        by_each = (
            "by" in joined
            and bool(joined & {",", "and"})
            and "by" in {mark.word for mark in row[after.end : after.spots[0].first if after.spots else after.end]}
        )
        if by_each and not one.spots and len(after.spots) == 1:
            one.spots = after.spots
    parted = found[0].end if found else 0
    if any(mark.word in _PARTLY for mark in row[parted:]):
        return
    if len(found) == 1 and not found[0].spots and free:
        found[0].spots = [free.pop(number) for number in list(free)]
