"""Totals and their parts, and lists that are told `respectively`."""

# ruff: noqa: RUF001 - texts hold dashes and quotation marks of every kind
# ruff: noqa: D210 - a docstring may begin with a quotation
# ruff: noqa: C901, PLR0911, PLR0912 - a rule is a list of cases, read from the top

from __future__ import annotations

from collections.abc import Callable

import msgspec

from incident_pipeline.intake.reading.counts import Count
from incident_pipeline.intake.reading.found import UNSAID, Found
from incident_pipeline.intake.reading.marks import Mark
from incident_pipeline.intake.reading.state import State, every_day

_OPENS_PARTS = frozenset(
    {":", "namely", "including", "(", "–", "—", "which", "them", "whom", "broken", "as", "follows"}
)


def split_respectively(told: list[Count], row: list[Mark]) -> list[Count]:
    """`Two, two and eight on 9, 10 and 11 March`: as many numbers as days (or places) that follow them."""
    for start in range(len(told) - 1):
        run = [told[start]]
        for one in told[start + 1 :]:
            between = {mark.word for mark in row[run[-1].end : one.at]}
            if not between or not between <= {",", "and", "-", "–", "+"}:
                break
            run.append(one)
        if len(run) > 1 and (
            _zip(run, row) or _zip_first(run) or _zip_back(told[start - 1] if start else None, run, row)
        ):
            return told
    return told


def _zip_first(run: list[Count]) -> bool:
    """`The figures for X, Y and Z were three, two and one`."""
    spots = run[0].spots
    if len(spots) != len(run) or spots[-1].last > run[0].at or any(one.spots for one in run[1:]):
        return False
    for count, spot in zip(run, list(spots), strict=True):
        count.spots = [spot]
    return True


def _zip_back(total: Count | None, run: list[Count], row: list[Mark]) -> bool:
    """`Eight in X, Y and Z (three, three and two respectively)`."""
    if total is None or not any(mark.word == "respectively" for mark in row[run[-1].end :]):
        return False
    places = total.spots + run[0].spots
    if len(places) != len(run):
        return False
    total.spots = []
    for count, spot in zip(run, places, strict=True):
        count.spots = [spot]
    return True


def _zip(run: list[Count], row: list[Mark]) -> bool:
    last = run[-1]
    if len(last.spots) == len(run):
        for count, spot in zip(run, list(last.spots), strict=True):
            count.spots = [spot]
        return True
    at = last.date_at
    mention = row[at].date if at is not None else None
    if at is None or mention is None:
        return False
    days = every_day(mention.days[0], mention.days[-1]) if mention.is_range else list(mention.days)
    if len(days) != len(run):
        return False
    for count, day in zip(run, days, strict=True):
        one = msgspec.structs.replace(mention, days=(day,), is_range=False)
        count.date_at = len(row)
        row.append(msgspec.structs.replace(row[at], date=one))
    return True


def number_enumeration(found: list[tuple[Count, list[Found]]], row: list[Mark], state: State) -> None:
    """Mark the first number as the total of those after it, where it is: by its words, or by the sum."""
    found = [(count, made) for count, made in found if made and made[0].party == found[0][1][0].party] if found else []
    found = _without_nested(found, row, state)
    if len(found) < 2:
        return
    last, sums = found[-1]
    if (
        len(sums) == 1
        and not last.bare
        and not sums[0].by_place
        and all(count.bare and made[0].by_place for count, made in found[:-1] if made)
    ):
        if sum(made[0].count or 0 for _, made in found[:-1]) == sums[0].count:
            _mark(sums[0], [made[0] for _, made in found[:-1]], state)
        return
    before = [one for _, made in found[:-1] for one in made]
    if len(sums) == 1 and len(before) > 1 and sums[0].summing and len({one.day for one in before}) > 1:
        sums[0].count = None if sum(one.count or 0 for one in before) == sums[0].count else sums[0].count
        found = found[:-1]
    (first, totals), rest = found[0], found[1:]
    if _is_spread(first, totals, rest):
        return
    rest = [(count, [part]) for count, parts in rest for part in parts]
    if (
        len(totals) != 1
        or (first.tied and not _heads(first, rest, totals[0], row, state))
        or any(len(parts) != 1 for _, parts in rest)
    ):
        return
    total, parts = totals[0], [made[0] for _, made in rest]
    for (count, _), part in zip(rest, parts, strict=True):
        if count.date_at is None:
            part.day, part.last_day = total.day, total.last_day
    if any(part.day != total.day for part in parts):
        _across_days(first, total, parts)
        return
    between = {mark.word for mark in row[first.end : rest[0][0].at]}
    if ":" in between and _are_kinds(total, parts):
        return
    typed = total.type == UNSAID and len({part.type for part in parts} - {UNSAID}) == len(parts) > 1
    whole = sum(part.count or 0 for part in parts) == total.count and any(part.groups for part in parts)
    named = [part for part in parts if part.by_place or part.groups != total.groups or typed or whole]
    if len(named) != len(parts):
        return
    if total.place_name is not None:
        return
    if total.groups and any(not set(part.groups) <= set(total.groups) for part in parts):
        return
    inside = _contains(total, parts, state)
    marked = bool(between & _OPENS_PARTS)
    summed = sum(part.count or 0 for part in parts) == total.count and (inside or (len(parts) > 1 and marked))
    fits = sum(part.count or 0 for part in parts) <= (total.count or 0)
    opened = marked or (fits and all(count.bare for count, _ in rest))
    if not (summed or (opened and not total.by_place) or (opened and inside)):
        return
    if not inside:
        total.place = total.place_name = None
    _mark(total, parts, state)


def _without_nested(
    found: list[tuple[Count, list[Found]]], row: list[Mark], state: State
) -> list[tuple[Count, list[Found]]]:
    """ "Idlib: 4 (X 2, Y 2)": numbers in brackets are parts of the placed number before them, and of no other."""
    nested: set[int] = set()
    for at, (_, made) in enumerate(found):
        if len(made) != 1 or at in nested:
            continue
        if made[0].place is None:
            apart = _told_apart(at, found)
            if apart:
                _mark(made[0], [one for number in apart for one in found[number][1]], state)
                nested.update(apart)
            continue
        inside = _in_brackets(at, found, row) or _summing_up(at, found, state) or _opened_up(at, found, state)
        parts = [one for number in inside for one in found[number][1]]
        summed = sum(part.count or 0 for part in parts) <= (made[0].count or 0)
        by_group = all(part.groups and not part.by_place for part in parts)
        if parts and summed and (by_group or all(part.by_place and _is_inside(part, made[0], state) for part in parts)):
            for part in parts if by_group else ():
                part.place, part.by_place = made[0].place, True
            for number in inside:
                if found[number][0].date_at is None:
                    for part in found[number][1]:
                        part.day, part.last_day = made[0].day, made[0].last_day
            _mark(made[0], parts, state)
            nested.update(inside)
    return [one for at, one in enumerate(found) if at not in nested]


def _in_brackets(at: int, found: list[tuple[Count, list[Found]]], row: list[Mark]) -> list[int]:
    """Numbers in the brackets that open behind a number, or behind its place."""
    count = found[at][0]
    ends = [count.end, *(spot.last for spot in count.spots if spot.first > count.at)]
    opens = next((end for end in ends if end < len(row) and row[end].word == "("), None)
    if opens is None:
        return []
    close = next((here for here in range(opens, len(row)) if row[here].word == ")"), len(row))
    return [number for number in range(at + 1, len(found)) if opens < found[number][0].at < close]


def _summing_up(at: int, found: list[tuple[Count, list[Found]]], state: State) -> list[int]:
    """ "Six in X province, namely four in Y and two in Z, and five in …": the next ones, if they make it up."""
    whole = found[at][1][0]
    parts = _making_up(at, found, lambda part: part.by_place and _is_inside(part, whole, state))
    return parts if len(parts) > 1 else []


def _opened_up(at: int, found: list[tuple[Count, list[Found]]], state: State) -> list[int]:
    """ "Idlib province: 3, among them 2 in X": the next ones, said to be some of it."""
    whole, inside = found[at][1][0], []
    for number in range(at + 1, len(found)):
        parts = found[number][1]
        if not all(part.partial and part.by_place and _is_inside(part, whole, state) for part in parts):
            break
        inside.append(number)
    return inside


def _told_apart(at: int, found: list[tuple[Count, list[Found]]]) -> list[int]:
    """ "A four, of these three in X and one in Y": places of a part, where they make it up."""
    whole = found[at][1][0]
    if not at or not whole.groups or at + 1 == len(found) or not all(part.partial for part in found[at + 1][1]):
        return []
    return _making_up(at, found, lambda part: part.by_place and part.groups in {(), whole.groups})


def _making_up(at: int, found: list[tuple[Count, list[Found]]], belongs: Callable[[Found], bool]) -> list[int]:
    """The next numbers that belong to one, up to where they come to it; none where they pass it or fall short."""
    left = found[at][1][0].count or 0
    for number in range(at + 1, len(found)):
        parts = found[number][1]
        if not all(belongs(part) for part in parts):
            return []
        left -= sum(part.count or 0 for part in parts)
        if left <= 0:
            return [] if left else list(range(at + 1, number + 1))
    return []


def _heads(first: Count, rest: list[tuple[Count, list[Found]]], total: Found, row: list[Mark], state: State) -> bool:
    """ "X province (5): Y - 2, Z - 3"."""
    behind = [mark.word for mark in row[first.end : first.end + 2]]
    opened = behind == [")", ":"] or behind[:1] == [":"]
    return opened and all(_is_inside(part, total, state) for _, parts in rest for part in parts)


def _is_inside(part: Found, whole: Found, state: State) -> bool:
    inner, outer = part.place, whole.place
    if inner is None or outer is None:
        return False
    return (inner != outer or part.place_name is not None) and state.catalogue.places.is_within(inner, outer)


def _is_spread(first: Count, totals: list[Found], rest: list[tuple[Count, list[Found]]]) -> bool:
    """ "Twelve: two each on 9 and 10 March, eight on 11 March": the first number is no day's."""
    if len(totals) != 1 or all(len(parts) == 1 for _, parts in rest):
        return False
    _across_days(first, totals[0], [part for _, parts in rest for part in parts])
    return totals[0].count is None


def _are_kinds(total: Found, parts: list[Found]) -> bool:
    """ "Seven, all in X: four explosions and three bursts": by kinds that are not all known; the total stands alone."""
    if not total.by_place or len(parts) < 2 or sum(part.count or 0 for part in parts) != total.count:
        return False
    if any(part.by_place or part.groups != total.groups for part in parts):
        return False
    for part in parts:
        part.count = None
    return True


def _mark(total: Found, parts: list[Found], state: State) -> None:
    number = state.enumeration()
    total.total_of = number
    for part in parts:
        part.part_of = number


def _contains(total: Found, parts: list[Found], state: State) -> bool:
    tree = state.catalogue.places
    return total.place is None or all(
        part.place is None
        or (part.place != total.place and tree.is_within(part.place, total.place))
        or (part.place == total.place and (part.groups != total.groups or part.type != total.type))
        or (part.place == total.place and not part.groups and any(other.groups for other in parts))
        for part in parts
    )


def _across_days(first: Count, total: Found, parts: list[Found]) -> None:
    """ "Twelve: two on Monday, ten on Tuesday": the sum of several days is no day's number."""
    days = [part.day for part in parts if part.day is not None]
    if (
        first.date_at is None
        and len(days) == len(parts)
        and len(set(days)) > 1
        and sum(part.count or 0 for part in parts) == total.count
    ):
        total.count = None
