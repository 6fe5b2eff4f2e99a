"""Villages that the catalogue does not know: counted in the nearest known place around them."""

from __future__ import annotations

import msgspec

from incident_pipeline.catalogue.places import PlaceTree
from incident_pipeline.intake.reading.found import Found
from incident_pipeline.intake.reading.state import State

_NAME_CHARS = 200


def with_unknown_places(found: list[Found], state: State) -> list[Found]:
    """An unknown village counts in the nearest known place around it, as a total with what is known in it.

    Otherwise its number, told for the province, would absorb those of its known neighbours.
    """
    tree = state.catalogue.places
    gone: set[int] = set()
    added: dict[int, Found] = {}
    for at, one in enumerate(found):
        if one.place_name is None or one.settlement or not one.count or at in gone or one.total_of is not None:
            continue
        total = next((other for other in found if one.part_of is not None and other.total_of == one.part_of), None)
        if total is not None and total.place == one.place:
            total.place_name = ", ".join(filter(None, (total.place_name, one.place_name)))[:_NAME_CHARS]
            total.flags = total.flags or one.flags
            gone.add(at)
            continue
        members = [
            number for number, other in enumerate(found) if number not in gone and _stands_with(one, other, tree)
        ]
        if len(members) == 1:
            continue
        total = msgspec.structs.replace(one)
        total.count = sum(found[number].count or 0 for number in members)
        total.place_name = ", ".join(
            dict.fromkeys(
                name for number in members if not found[number].settlement and (name := found[number].place_name)
            )
        )[:_NAME_CHARS]
        total.minute = None
        known = [number for number in members if found[number].settlement]
        total.total_of = state.enumeration()
        for number in known:
            found[number].part_of = total.total_of
        gone.update(number for number in members if number not in known)
        added[min(members)] = total
    return [
        one
        for at, old in enumerate(found)
        for one in ([added[at]] if at in added else []) + ([] if at in gone else [old])
    ]


def _stands_with(one: Found, other: Found, tree: PlaceTree) -> bool:
    """Whether two statements of a list share all but the settlement, in the same place around it."""
    if not other.count or other.total_of is not None or (other.sentence, other.part_of) != (one.sentence, one.part_of):
        return False
    if (other.day, other.last_day, other.party, other.groups) != (one.day, one.last_day, one.party, one.groups):
        return False
    if other.place_name is not None and not other.settlement:
        return other.place == one.place
    known = other.settlement and one.place is not None and other.place is not None
    return known and tree.is_within(other.place or "", one.place or "")
