"""Which day each number of a clause is tied to."""

# ruff: noqa: RUF001, RUF002 - texts hold dashes and quotation marks of every kind
# ruff: noqa: SIM905 - a list of words reads best as words

from __future__ import annotations

import itertools

from incident_pipeline.intake.reading.attribution import SAME_NOUNS
from incident_pipeline.intake.reading.binding import REACH_MARKS, TIE, WHOLLY, sums_up
from incident_pipeline.intake.reading.counts import MEASURE, OTHER, Count
from incident_pipeline.intake.reading.dates import When
from incident_pipeline.intake.reading.marks import Kind, Mark, is_comparing
from incident_pipeline.intake.reading.vocabulary import TALLIES

_COMPARING = frozenset("same as than like compared".split())
_LEADING = frozenset("another a an further some about only just".split())
_AGAINST = frozenset("from against than to more fewer compared (".split())
_OWNING = TALLIES | frozenset("' ’ s of was were is had daily own".split())
_OWNER_MARKS = 7
_STEPS = frozenset({When.DAY_BEFORE, When.DAY_AFTER, When.PREVIOUS})


def bind_dates(found: list[Count], row: list[Mark], lo: int, hi: int) -> None:
    """Tie dates to numbers: `9 March – 2`, `two on 9 March`, `on 9 March two`, and one date after all of them."""
    taken = {at for at in range(lo + 1, hi) if row[at].date is not None and row[at - 1].word == "than"}
    taken |= {count.date_at for count in found if count.date_at is not None}
    found = [count for count in found if count.topic != MEASURE]
    for count in found:
        owner = _owner_day(count, row, lo)
        if owner is not None and count.date_at is None:
            count.date_at = owner
            taken.add(owner)
        if (
            count.date_at is None
            and count.at >= lo + 2
            and row[count.at - 1].word in TIE
            and _opens_entry(row, count.at - 2, lo)
        ):
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
        for here in range(count.end, min(count.end + REACH_MARKS, stop)):
            labelled = row[here].word == "(" and here + 2 < hi and row[here + 2].word == ":"
            if (
                labelled
                or row[here].word in {";", ":", "than"}
                or (
                    row[here].word == ","
                    and row[here - 1].kind is not Kind.GROUP
                    and (here + 1 >= hi or row[here + 1].word not in WHOLLY)
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


def _owner_day(count: Count, row: list[Mark], lo: int) -> int | None:
    """`Monday's two and Tuesday's figure of four`: the day that owns a number."""
    for at in range(count.at - 1, max(lo, count.at - _OWNER_MARKS) - 1, -1):
        if row[at].date is not None:
            return at if at + 2 <= count.at and row[at + 1].word in {"'", "’"} else None
        if row[at].word not in _OWNING:
            return None
    return None


def _opens_entry(row: list[Mark], at: int, lo: int) -> bool:
    """Whether a date opens an entry of a list: `9 March – 2, 10 March – 4`."""
    date = row[at].date
    if date is None or date.when is not When.DAY:
        return False
    before = at - 1 if at > lo and row[at - 1].word in {"on", "for"} else at
    return before == lo or row[before - 1].word in {",", ";", "and", ":", '"', "“"}


def _share_last_date(found: list[Count], row: list[Mark]) -> None:
    """`Two in X and one in Y on 9 March`: the only date, after the last number, is that of all."""
    if len(found) > 2 and found[-1].date_at is None and sums_up(found[-1], row):
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
