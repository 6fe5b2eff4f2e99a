"""Which place and which day each number of a clause is tied to."""

# ruff: noqa: RUF001, RUF002 - texts hold dashes and quotation marks of every kind
# ruff: noqa: SIM905 - a list of words reads best as words

from __future__ import annotations

import itertools

from incident_pipeline.intake.reading.attribution import SAME_NOUNS
from incident_pipeline.intake.reading.counts import AREA, MEASURE, OTHER, Count
from incident_pipeline.intake.reading.dates import When
from incident_pipeline.intake.reading.marks import Kind, Mark, is_comparing
from incident_pipeline.intake.reading.tied import base_of
from incident_pipeline.intake.reading.vocabulary import ATTACKED, PLACE_LINKS
from incident_pipeline.intake.reading.whereabouts import Spot

_REACH_MARKS = 14
_LIST_WORDS = frozenset(
    {",", "and", "or", "&", "as", "well", "in", "the", "both", "province", "provinces", "also", "…", "..."}
)
_DELIMITERS = frozenset({",", "+", "/", ";", ".", ")", "and", "”", '"', "…", "..."})
_COMPARING = frozenset("same as than like compared".split())
_LEADING = frozenset("another a an further some about only just".split())
_AGAINST = frozenset("from against than to more fewer compared (".split())
_WITH = frozenset("from with using of".split())
_IN_ALL = frozenset("altogether overall all total".split())
_PARTLY = frozenset("quarter quarters third thirds most majority bulk some half many several part".split())
_WHOLLY = frozenset("all both".split())
_STEPS = frozenset({When.DAY_BEFORE, When.DAY_AFTER, When.PREVIOUS})
_TIE = frozenset({"(", "–", "-", "—", ":", "with", "="})


def bind_spots(found: list[Count], places: list[Spot], row: list[Mark], lo: int, hi: int) -> list[Spot]:
    """Tie places to the numbers that are about violations; what stays free is returned."""
    by_first = {spot.first: number for number, spot in enumerate(places)}
    found = [count for count in found if count.topic not in {OTHER, MEASURE}]
    if any(count.topic == AREA for count in found) and len(found) == 1 and found[0].value == len(places):
        return places
    free = dict(enumerate(places))
    _bind_dated(found, free, row)
    for count in _open(found):
        _bind_bracketed(count, free, row)
    for count in _open(found):
        _bind_before(count, free, row, tied=True)
    for count in _open(found):
        if count.bare:
            _bind_touching(count, free, row)
    for count in _open(found):
        _bind_after(count, free, by_first, row, hi)
    for count in _open(found):
        if count.bare:
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
        if "of" in opening and not _PARTLY.isdisjoint(opening):
            count.spots = []
    last = found[-1] if found else None
    if last is not None and len(last.spots) == 1:
        before = {mark.word for mark in row[last.end : last.spots[0].first]}
        if not _WHOLLY.isdisjoint(before):
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
            summed = _sums_up(count, row)
            untied = summed or (between[:1] == [":"] and not count.bare)
            matches = len(between) == 1 and between[0] in _TIE and not (untied or listed or placed)
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


def _dated_by(spot: Spot, row: list[Mark]) -> int | None:
    """The date right before a place in brackets."""
    opens = next((at for at in range(spot.first - 1, max(0, spot.first - 3), -1) if row[at].word == "("), None)
    closed = spot.last < len(row) and row[spot.last].word == ")"
    return opens - 1 if opens is not None and closed and row[opens - 1].date is not None else None


def _last(found: list[Count], lo: int, hi: int) -> Count | None:
    return next((count for count in reversed(found) if lo <= count.at < hi), None)


def _first(found: list[Count], lo: int, hi: int) -> Count | None:
    return next((count for count in found if lo <= count.at < hi), None)


def _sums_up(count: Count, row: list[Mark]) -> bool:
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
    while here < min(count.end + _REACH_MARKS, hi):
        number = by_first.get(here)
        if number is not None and number in free:
            if row[here - 1].word == "in" and _has_own(free[number], row, hi):
                return
            if (
                linked
                or row[here].word == "of"
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
    at = comma + 1 + (comma + 1 < len(row) and row[comma + 1].word in _WHOLLY)
    return at < len(row) and row[at].word in {"in", "including", "within", "across"}


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


def _bind_inserted(found: list[Count], free: dict[int, Spot], row: list[Mark]) -> None:
    """`In X province two cases (the village of Y)`: the place in brackets is where the number before it is."""
    for number, spot in list(free.items()):
        if row[spot.first - 1].word != "(" or spot.last >= len(row) or row[spot.last].word != ")":
            continue
        before = [count for count in found if count.at < spot.first]
        if before and spot.is_settlement:
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
                and not _sums_up(count, row)
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


def bind_dates(found: list[Count], row: list[Mark], lo: int, hi: int) -> None:
    """Tie dates to numbers: `9 March – 2`, `two on 9 March`, `on 9 March two`, and one date after all of them."""
    taken = {at for at in range(lo + 1, hi) if row[at].date is not None and row[at - 1].word == "than"}
    taken |= {count.date_at for count in found if count.date_at is not None}
    found = [count for count in found if count.topic != MEASURE]
    for count in found:
        if count.date_at is None and count.at >= lo + 2 and row[count.at - 1].word in _TIE and _opens_entry(row, count.at - 2, lo):
            count.date_at = count.at - 2
            taken.add(count.at - 2)
    _bind_dates_after(found, row, taken, hi)
    _bind_dates_before(found, row, taken, lo)
    for before, count in itertools.pairwise(found):
        same_place = count.bare and not count.spots and len(before.spots) == 1 and not before.tied
        if same_place and count.date_at != before.date_at:
            count.spots = before.spots
    for count in found:
        at = count.date_at
        if at is not None and any(mark.word in {"each", "both", "every"} for mark in row[max(lo, at - 3) : at]):
            count.each = True
    _share_last_date(found, row)
    _take_later_date([count for count in found if count.topic != OTHER], row, hi)


def _bind_dates_after(found: list[Count], row: list[Mark], taken: set[int], hi: int) -> None:
    stops = [*(count.at for count in found[1:]), hi][: len(found)]
    for count, stop in zip(found, stops, strict=True):
        if count.date_at is not None:
            continue
        for here in range(count.end, min(count.end + _REACH_MARKS, stop)):
            labelled = row[here].word == "(" and here + 2 < hi and row[here + 2].word == ":"
            if (
                labelled
                or row[here].word in {";", ":", "than"}
                or (
                    row[here].word == ","
                    and row[here - 1].kind is not Kind.GROUP
                    and (here + 1 >= hi or row[here + 1].word not in _WHOLLY)
                )
                or (is_comparing(row[here]) and any(other.at > here for other in found))
            ):
                break
            if row[here].date is not None and here not in taken and not _opens_next(row, here, stop, hi):
                count.date_at = here
                taken.add(here)
                break


def _bind_dates_before(found: list[Count], row: list[Mark], taken: set[int], lo: int) -> None:
    leading: int | None = None
    start = lo
    for count in found:
        for here in range(start, count.at):
            if row[here].word == ":" and leading is not None and is_comparing(row[leading]):
                leading = None
            if row[here].date is not None and here not in taken and not _compares_sides(row, here, count):
                leading = here
        if count.date_at is None:
            count.date_at = leading
        start = count.at


def _compares_sides(row: list[Mark], here: int, count: Count) -> bool:
    """`Compared with three reported by the other side`: of the same time."""
    behind = row[count.end : count.end + 5]
    return is_comparing(row[here]) and any(mark.kind is Kind.PARTY for mark in behind)


def _take_later_date(found: list[Count], row: list[Mark], hi: int) -> None:
    if not found or any(count.date_at is not None for count in found):
        return
    later = next((here for here in range(found[-1].end, hi) if row[here].date is not None), None)
    if later is None or is_comparing(row[later]):
        return
    between = [mark.word for mark in row[found[-1].end : later]]
    again = any(pair[0] == "same" and pair[1] in SAME_NOUNS for pair in itertools.pairwise(between))
    if not (_COMPARING - ({"same"} if again else set())).isdisjoint(between):
        return
    for count in found:
        count.date_at = later


def _opens_entry(row: list[Mark], at: int, lo: int) -> bool:
    """Whether a date opens an entry of a list: `9 March – 2, 10 March – 4`."""
    date = row[at].date
    if date is None or date.when is not When.DAY:
        return False
    before = at - 1 if at > lo and row[at - 1].word in {"on", "for"} else at
    return before == lo or row[before - 1].word in {",", ";", "and", ":", '"', "“"}


def _share_last_date(found: list[Count], row: list[Mark]) -> None:
    """`Two in X and one in Y on 9 March`: the only date, after the last number, is that of all."""
    if len(found) > 2 and found[-1].date_at is None and _sums_up(found[-1], row):
        _share_last_date(found[:-1], row)
        dated = {count.date_at for count in found[:-1]}
        found[-1].date_at = dated.pop() if len(dated) == 1 else None
        return
    if len(found) < 2 or any(count.date_at is not None for count in found[:-1]):
        return
    at = found[-1].date_at
    joined = {mark.word for mark in row[found[0].end : found[-1].at]}
    if any(is_comparing(mark) for mark in row[found[0].end : found[-1].at]):
        return
    told = row[at].date if at is not None else None
    if told is not None and told.when in _STEPS:
        return
    done = any(mark.kind is Kind.GROUP for mark in row[found[0].end : found[-1].at]) and "and" in joined
    behind = done or joined == {"and"} or not joined.isdisjoint({"by", "behind"})
    if not found[-1].spots and not (behind and _are_alike(found, joined, row)):
        return
    if at is not None and at > found[-1].at:
        for count in found[:-1]:
            count.date_at = at


def _are_alike(found: list[Count], joined: set[str], row: list[Mark]) -> bool:
    """Whether the last number is no other day's, told only to compare: "against four", "two more than", "(five)"."""
    bracketed = row[found[0].at - 1].word == "(" == row[found[-1].at - 1].word
    led = {mark.word for mark in row[max(0, found[-1].at - 2) : found[-1].at]} & _AGAINST
    return not (joined & {"than", "more", "fewer", "compared"}) and (not led or (bracketed and led == {"("}))


def _opens_next(row: list[Mark], here: int, stop: int, hi: int) -> bool:
    """Whether a date belongs to the number after it: `…, on 10 March two`, `…, Tuesday four`."""
    if stop >= hi:
        return False
    lead = here - 1 if row[here - 1].word == "on" else here
    near = all(mark.word in _LEADING for mark in row[here + 1 : stop])
    return near and stop - here <= 3 and row[lead - 1].word in {",", "and", ";"}
