"""All that a text states, once: repetitions merged, parts tied to their totals, unknown villages kept in the sum."""

# ruff: noqa: PLR0911 - a rule is a list of cases, read from the top
# ruff: noqa: D210 - a docstring may begin with a quotation

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import msgspec

from incident_pipeline.catalogue.places import PlaceTree
from incident_pipeline.intake.reading.found import UNSAID, Found
from incident_pipeline.intake.reading.state import State, every_day
from incident_pipeline.intake.reading.unlisted import with_unknown_places
from incident_pipeline.intake.told import Told, ToldActivity

GROUP_UNKNOWN = "group_unknown"
_PARTS_MAX = 20


def gather(state: State) -> tuple[Told, ...]:
    """Statements of the whole text, in its order."""
    found = _on_all_days(state.found)
    if not state.speaks_itself:
        for one in found:
            if not one.voiced:
                one.party = one.party or state.first_party
    _carry_back(found)
    found = _without_sums_of_days(found, state)
    _sum_up(found, state)
    found = [one for one in found if not one.checked or one.total_of is not None]
    _sum_down(found, state)
    _complete(found, state)
    _adopt(found, state)
    found = _without_second_splits(found, state)
    found = _merged(found, state)
    _share_groups(found)
    found = _outer_first(_without_lone_totals(found))
    found = with_unknown_places(found, state)
    found = _without_contradiction(found)
    numbered = [one for one in found if one.count is not None]
    return tuple(_told(one) for one in (numbered or _unnumbered(found)))


def gather_activities(told: Iterable[ToldActivity]) -> tuple[ToldActivity, ...]:
    """Each activity of a day once; a number wins over none, and a day told over one left open."""
    kept: dict[tuple[str, dt.date | None, str | None], ToldActivity] = {}
    for one in told:
        key = (one.kind, one.day, one.place)
        if key not in kept or (kept[key].count is None and one.count is not None):
            kept[key] = one
    numbered = {(kind, day) for (kind, day, _), one in kept.items() if one.count is not None}
    dated = {(kind, count) for (kind, day, _), one in kept.items() if day for count in (one.count, None)}
    return tuple(
        one
        for one in kept.values()
        if (one.count is not None or (one.kind, one.day) not in numbered)
        and (one.day is not None or (one.kind, one.count) not in dated)
    )


def _on_all_days(found: list[Found]) -> list[Found]:
    """A none "on each of the three days" is one for every day of which the text told, and for those between."""
    days = sorted({day for one in found for day in (one.day, one.last_day) if day is not None})
    spread: list[Found] = []
    for one in found:
        if one.all_days and one.count == 0 and len(days) > 1:
            spread += [_on(one, day) for day in every_day(days[0], days[-1])]
        else:
            spread.append(one)
    return spread


def _on(one: Found, day: dt.date | None) -> Found:
    return msgspec.structs.replace(one, day=day)


def _carry_back(found: list[Found]) -> None:
    """ "Eleven on Wednesday, two on Tuesday. Seven of them …, four …": parts of the number that can hold them."""
    for at, one in enumerate(found):
        if not (one.partial and one.carried and one.count) or one.total_of:
            continue
        whole = sum(other.count or 0 for other in found[at:] if other.sentence == one.sentence and other.carried)
        before = [other for other in found[:at] if other.sentence < one.sentence and other.count and not other.part_of]
        last = before[-1] if before else None
        if last is None or (last.count or 0) >= whole or last.day != one.day:
            continue
        held = next((other for other in reversed(before) if (other.count or 0) >= whole), None)
        if held is not None and held.party == one.party and held.last_day is None:
            for other in found[at:]:
                if other.sentence == one.sentence and other.carried:
                    other.day, other.partial = held.day, True


def _without_sums_of_days(found: list[Found], state: State) -> list[Found]:
    """ "Two on Monday, eight on Tuesday. Ten in all": the sum of several days is no day's number."""
    kept: list[Found] = []
    for one in found:
        told = [other for other in kept if other.count and other.party == one.party and other.part_of is None]
        days = {state.effective(other.day) for other in told}
        apart = one.summing and one.carried and not one.by_place and len(days) > 1
        if not (apart and sum(other.count or 0 for other in told) == one.count):
            kept.append(one)
    return kept


def _sum_up(found: list[Found], state: State) -> None:
    """ "… Six shellings in all": a number without a place that is the sum of those told before it."""
    for at, total in enumerate(found):
        if not total.count or total.by_place or total.total_of or total.part_of or total.last_day is not None:
            continue
        parts = [
            one
            for one in found[:at]
            if one.count
            and one.part_of is None
            and _same_day(total, one, state)
            and _compatible(total.groups, one.groups)
        ]
        stated = sum(one.count or 0 for one in parts)
        nested = any(one.total_of is not None for one in parts)
        split = not total.groups and len({one.groups for one in parts}) > 1 and all(one.groups for one in parts)
        placed = (split or all(one.by_place for one in parts)) and (not nested or stated == total.count)
        exact = total.summing and stated == total.count and all(one.sentence == total.sentence for one in parts)
        if len(parts) > 1 and (placed or exact) and (stated == total.count or (total.summing and not total.checked)):
            total.total_of = state.enumeration()
            for one in parts:
                one.part_of = total.total_of


def _sum_down(found: list[Found], state: State) -> None:
    """ "Eight in X. Six were in X province and two in Y": parts that make up a total to the last one are its parts."""
    tree = state.catalogue.places
    for at, total in enumerate(found):
        if not total.count or total.total_of or total.part_of or total.last_day is not None:
            continue
        rest = found[at + 1 : at + 1 + _PARTS_MAX]
        parts = [
            one
            for one in rest
            if one.count
            and (one.by_place or _is_narrower(one, total))
            and (one.place != total.place or _is_narrower(one, total))
            and not one.part_of
            and _same_day(total, one, state)
            and (_compatible(total.groups, one.groups) or _is_narrower(one, total))
        ]
        again = [
            one
            for one in rest
            if one.count and one.place == total.place and one.sentence > total.sentence and one.by_place
        ]
        parts += [one for one in again if one not in parts and _same_day(total, one, state) and not one.part_of]
        parts = _whole(total, parts)
        if len(parts) < 2 or (again and not total.by_place):
            continue
        if total.by_place and not again and not all(_holds(total.place, one.place, tree) for one in parts):
            continue
        if any(one.place == total.place for one in parts):
            total.place, total.settlement = None, False
        total.total_of = state.enumeration()
        for one in parts:
            one.part_of = total.total_of


def _whole(total: Found, parts: list[Found]) -> list[Found]:
    """Those that make up a total: all of them, or one of two ways to split it."""
    placed = [one for one in parts if one.by_place]
    by_group = [one for one in parts if one.groups and not one.by_place]
    ways = (parts, placed, by_group) if placed and by_group else (parts,)
    return next((way for way in ways if sum(one.count or 0 for one in way) == total.count), [])


def _is_narrower(one: Found, total: Found) -> bool:
    """Whether a part names its group, where the total names none or "illegal armed groups"."""
    return bool(one.groups) and (not total.groups or set(one.groups) < set(total.groups))


def _complete(found: list[Found], state: State) -> None:
    """ "Five: A - 3, B - 2": what the rest of the sentence adds to a total's parts, where it makes them up."""
    for total in found:
        if total.total_of is None or not total.count:
            continue
        parts = [one for one in found if one.part_of == total.total_of]
        rest = [
            one
            for one in found
            if one.count
            and one.sentence == total.sentence
            and ((one.groups and not total.groups) or (one.by_place and _compatible(total.groups, one.groups)))
            and one is not total
            and not one.part_of
            and _same_day(total, one, state)
        ]
        if rest and sum(one.count or 0 for one in parts + rest) == total.count:
            for one in rest:
                one.part_of = total.total_of


def _adopt(found: list[Found], state: State) -> None:
    """Numbers of places in a later sentence are parts of the total before it, as far as they fit into it."""
    tree = state.catalogue.places
    sums: dict[int, int] = {}
    for at, one in enumerate(found):
        if not one.count or one.part_of or not (one.partial or (one.by_place and one.place)):
            continue
        for total in reversed(found[:at]):
            if not total.count or total.part_of or total.last_day is not None:
                continue
            if not one.partial and total.sentence == one.sentence:
                continue
            fits = _compatible(total.groups, one.groups) or (one.partial and _is_narrower(one, total))
            if not _same_day(total, one, state) or not fits:
                continue
            if not one.partial and not _holds(total.place, one.place, tree):
                continue
            if total.total_of is not None and total.total_of not in sums:
                break
            unplaced = total.by_place and total.place is None and not one.partial
            if sums.get(total.total_of or 0, 0) + one.count <= total.count and not unplaced:
                total.total_of = total.total_of or state.enumeration()
                sums[total.total_of] = sums.get(total.total_of, 0) + one.count
                one.part_of = total.total_of
            break


def _without_second_splits(found: list[Found], state: State) -> list[Found]:
    """ "Twelve: eight in X, four in Y. Nine by A, three by B": a total is split once, or it would count twice."""
    gone: set[int] = set()
    for at, total in enumerate(found):
        parts = [one for one in found if total.total_of is not None and one.part_of == total.total_of]
        if not parts or sum(one.count or 0 for one in parts) != total.count:
            continue
        placed = all(one.by_place for one in parts)
        rest = [
            (number, one)
            for number, one in enumerate(found[at + 1 : at + 1 + _PARTS_MAX], at + 1)
            if one.count and not one.part_of and not one.total_of and _same_day(total, one, state)
            if (one.groups and not one.by_place if placed else one.by_place and all(part.groups for part in parts))
        ]
        whole = sum(one.count or 0 for _, one in rest)
        if whole == total.count or (rest and whole < (total.count or 0) and all(one.partial for _, one in rest)):
            gone.update(number for number, one in rest if one.groups != total.groups or one.by_place)
    return [one for at, one in enumerate(found) if at not in gone]


def _holds(outer: str | None, inner: str | None, tree: PlaceTree) -> bool:
    return outer is None or (inner is not None and outer != inner and tree.is_within(inner, outer))


def _compatible(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return not one or not other or one == other


def _merged(found: list[Found], state: State) -> list[Found]:
    kept: list[Found] = []
    renamed: dict[int, int] = {}
    for one in found:
        if one.part_of is not None:
            one.part_of = renamed.get(one.part_of, one.part_of)
        twin = next((other for other in kept if _is_repeat(other, one, state)), None)
        if twin is None:
            kept.append(one)
            continue
        if one.total_of is not None:
            if twin.total_of is None:
                twin.total_of = one.total_of
            else:
                renamed[one.total_of] = twin.total_of
        _fill(twin, one)
    return [one for one in kept if not (one.part_of is not None and one.part_of == one.total_of)]


def _is_repeat(one: Found, other: Found, state: State) -> bool:
    """Whether a later statement tells the same number of the same day, party, groups and place again."""
    if one.count != other.count or not _same_day(one, other, state):
        return False
    if one.group_name != other.group_name and one.group_name and other.group_name:
        return False
    if one.count == 0:
        return one.groups == other.groups and one.place == other.place
    if one.sentence == other.sentence or not _compatible(one.groups, other.groups):
        return False
    if one.minute is not None and other.minute is not None and one.minute != other.minute:
        return False
    if one.place_name != other.place_name and one.place_name and other.place_name:
        return False
    if one.place == other.place:
        return not (one.part_of and other.total_of) and not (one.total_of and other.part_of)
    if one.part_of or other.part_of or one.implicit != other.implicit:
        return False
    if one.place is None or other.place is None:
        return True
    tree = state.catalogue.places
    return tree.is_within(one.place, other.place) or tree.is_within(other.place, one.place)


def _same_day(one: Found, other: Found, state: State) -> bool:
    days = state.effective(one.day), state.effective(other.day)
    return days[0] == days[1] and (one.last_day, one.party) == (other.last_day, other.party)


def _fill(kept: Found, again: Found) -> None:
    kept.groups = kept.groups or again.groups
    kept.group_name = kept.group_name or again.group_name
    kept.against = kept.against or again.against
    kept.day = kept.day or again.day
    kept.minute = again.minute if kept.minute is None else kept.minute
    kept.implicit = kept.implicit and again.implicit
    kept.weapon = kept.weapon or again.weapon
    if kept.type == UNSAID:
        kept.type = again.type
    narrower = kept.place is None or (again.place is not None and again.settlement and not kept.settlement)
    if narrower and kept.total_of is None and again.place is not None:
        kept.place, kept.place_name, kept.settlement, kept.by_place = (
            again.place,
            again.place_name,
            again.settlement,
            True,
        )
    kept.place_name = kept.place_name or (again.place_name if kept.place == again.place else None)
    kept.flags = kept.flags or (again.flags if kept.place == again.place else ())


def _share_groups(found: list[Found]) -> None:
    """Parts were done by whom the total was done by, and the other way about."""
    for total in found:
        if total.total_of is None:
            continue
        parts = [one for one in found if one.part_of == total.total_of]
        whole = sum(part.count or 0 for part in parts) == total.count
        if not total.groups and parts and whole and all(part.groups == parts[0].groups for part in parts):
            total.groups, total.group_name = parts[0].groups, total.group_name or parts[0].group_name
        for part in parts:
            if not part.groups and part.group_name is None:
                part.groups, part.group_name = total.groups, total.group_name
            if part.type == UNSAID:
                part.type = total.type


def _outer_first(found: list[Found]) -> list[Found]:
    """A total told after its parts stands before those of them that are totals themselves: it is reckoned first."""
    ordered: list[Found] = []
    for one in found:
        at = len(ordered)
        if one.total_of is not None:
            inner = (here for here, other in enumerate(ordered) if other.part_of == one.total_of and other.total_of)
            at = next(inner, at)
        ordered.insert(at, one)
    return ordered


def _without_lone_totals(found: list[Found]) -> list[Found]:
    """A total of one part with the same number is that part, told twice."""
    alone = set()
    for at, total in enumerate(found):
        parts = [one for one in found if total.total_of is not None and one.part_of == total.total_of]
        if len(parts) == 1 and parts[0].count == total.count:
            alone.add(at)
            parts[0].part_of = total.part_of
    return [one for at, one in enumerate(found) if at not in alone]


def _without_contradiction(found: list[Found]) -> list[Found]:
    """A none for everybody and everywhere says nothing beside the same party's number for that day."""
    counted = {(one.day, one.party) for one in found if one.count}
    return [
        one
        for one in found
        if one.count != 0 or one.groups or one.group_name or one.place or (one.day, one.party) not in counted
    ]


def _unnumbered(found: list[Found]) -> list[Found]:
    kept: list[Found] = []
    for one in found:
        if not any((one.day, one.party, one.place) == (other.day, other.party, other.place) for other in kept):
            kept.append(one)
    return kept


def _told(one: Found) -> Told:
    village = one.settlement or (one.place is not None and one.place_name is not None)
    told = (one.minute is not None) + village + (one.type != UNSAID)
    itemised = one.count == 1 and one.total_of is None and told >= 2 and one.last_day is None
    return Told(
        against=one.against,
        count=one.count,
        count_high=one.high,
        count_low=one.low,
        day=one.day,
        flags=(*one.flags, GROUP_UNKNOWN) if one.group_name and not one.groups else one.flags,
        group_name=one.group_name,
        groups=one.groups,
        itemised=itemised,
        last_day=one.last_day,
        minute=one.minute,
        part_of=one.part_of,
        party=one.party,
        place=one.place,
        place_name=one.place_name,
        total_of=one.total_of,
        type=one.type,
        weapon=one.weapon if itemised else None,
    )
