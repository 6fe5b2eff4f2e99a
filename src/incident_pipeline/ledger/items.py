"""Items into incidents: which incident an item tells, and the ids that incidents keep.

The clustering itself is `counting`'s. An incident keeps the id that it got first: where incidents merge, the earlier
one's; where one splits, the part with its first item keeps it.

A retold item that may tell the same as an item of its party's own adds to `raw` and to nothing else; it is in no
incident. Which retold items those are depends on the items in force alone, not on the order in which they came.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import msgspec

from incident_pipeline.catalogue.places import PlaceFlag
from incident_pipeline.counting import THRESHOLD, Item, Regrouping, Retelling, block_of, pair_score
from incident_pipeline.counting.blocks import NOBODY_NEAR
from incident_pipeline.counting.pairing import RULE
from incident_pipeline.event import DecidedBy, EventType, Grouping
from incident_pipeline.ledger.state import Day, Incident, ItemKey
from incident_pipeline.limits import Limits
from incident_pipeline.line import Line, ReportRef, is_unknown

ALONE = DecidedBy(rule="no-item-nearby")
_KNOWN_FLAGS = frozenset({PlaceFlag.NEAR, PlaceFlag.MISPLACED, PlaceFlag.WIDENED})
_RECORDED = EventType.INCIDENT_RECORDED
"""By a name of this module: looking a member up in its enumeration takes a call."""


class Told(msgspec.Struct, frozen=True, gc=False):
    """The incident that an item was found to tell."""

    type: EventType
    incident_id: str
    decided_by: DecidedBy
    groupings: tuple[Grouping, ...] = ()


def origin_id(report: ReportRef, step: int) -> str:
    """The id of an incident that is told first at this step of a report: of its origin, never of an output."""
    origin = f"{report.partition}-{report.offset}-{step}"
    return f"{report.generation}.{origin}" if report.generation else origin


def add(day: Day, key: ItemKey, line: Line, new_id: str) -> Told:
    """Enter an item into its day; `new_id` is the id of the incident, if it tells a new one."""
    item = Item(
        key=key,
        party=line.party,
        attribution=line.attribution,
        place=line.place,
        neighbourhood=line.neighbourhood,
        minute=line.minute,
        type=line.type,
        against=line.against,
        raw_place=None if line.place_name is None or _is_place_of_its_own(line) else line.place_name,
        corroborates=line.corroborates,
    )
    if line.point is not None:
        item = msgspec.structs.replace(item, point=line.point)
    if line.retold:
        own = _own_item(day, item)
        if own is not None:
            _set_aside(day, item)
            decided_by = DecidedBy(rule=RULE, score=pair_score(item, day.book.item(own)))
            return Told(EventType.REPORT_RETOLD, day.incident_of[own].id, decided_by)
        day.hearsay[key] = item
    told = _tell(day, item, new_id)
    return _without_hearsay(day, item, told, new_id) if day.hearsay and not line.retold else told


def is_crowded(day: Day, line: Line, limits: Limits) -> bool:
    """Whether a day has as many items that a new one may be taken for as it may have."""
    return day.book.items_like(line.neighbourhood, line.type) >= limits.items_per_block


def _is_place_of_its_own(line: Line) -> bool:
    """Whether the path of an item tells its place from others, so that the name as written need not."""
    return not _KNOWN_FLAGS.isdisjoint(line.flags) or is_unknown(line.place)


def _tell(day: Day, item: Item, new_id: str) -> Told:
    """Let an item tell its incident."""
    key = item.key
    regrouping = day.book.add_item(item)
    if not regrouping.removed:
        _name(day, new_id, (key,))
        return Told(_RECORDED, new_id, _decided_by(day, regrouping))
    groupings = _rename(day, regrouping, _ids(new_id))
    return Told(_type_of(day, regrouping, item), day.incident_of[key].id, _decided_by(day, regrouping), groupings)


def _own_item(day: Day, retold: Item, leaving: ItemKey | None = None) -> ItemKey | None:
    """The item of the party's own that a retold one says again, if one is in force; the best, then the first."""
    best, best_score = None, 0
    for key, score in day.book.links(retold).items():
        if key == leaving or key in day.hearsay or day.book.item(key).party != retold.party:
            continue
        if score > best_score or best is None or (score == best_score and key < best):
            best, best_score = key, score
    return best


def _set_aside(day: Day, retold: Item) -> None:
    day.repeats[retold.key] = retold
    day.book.add_retelling(Retelling(attribution=retold.attribution, place=retold.place, raw=1))


def _bring_back(day: Day, retold: Item) -> None:
    del day.repeats[retold.key]
    day.book.remove_retelling(Retelling(attribution=retold.attribution, place=retold.place, raw=1))


def _said_again(own: Item, retold: dict[ItemKey, Item]) -> list[Item]:
    """Those retold items that may tell the same as an item of their party's own, in the order of their keys."""
    return [
        item
        for _, item in sorted(retold.items())
        if item.party == own.party and block_of(item) == block_of(own) and pair_score(item, own) >= THRESHOLD
    ]


def _without_hearsay(day: Day, own: Item, told: Told, new_id: str) -> Told:
    """Set aside what stood for the party's own words until they came; their incident keeps its id."""
    near = sorted(key for key in day.book.links(own) if key in day.hearsay)
    again = [item for item in map(day.hearsay.__getitem__, near) if item.party == own.party]
    if not again:
        return told
    changed = {grouping.incident_id: grouping for grouping in told.groupings}
    new_ids = _ids(f"{new_id}.own")
    for item in again:
        for grouping in _rename(day, day.book.remove_item(item.key), new_ids):
            changed[grouping.incident_id] = grouping
        del day.hearsay[item.key]
        _set_aside(day, item)
    incident = day.incident_of[own.key]
    kind = _RECORDED if len(incident.items) == 1 else _joined(day, own)
    return Told(kind, incident.id, told.decided_by, tuple(changed.values()))


def remove(day: Day, keys: Sequence[ItemKey], new_id: str) -> tuple[Grouping, ...]:
    """Take items out of their day; return the incidents that changed, an empty one being gone."""
    changed: dict[str, Grouping] = {}
    new_ids = _ids(new_id)
    for key in keys:
        if key in day.repeats:
            _bring_back(day, day.repeats[key])
            continue
        regroupings = _words_of_others(day, key) if day.repeats and key not in day.hearsay else []
        day.hearsay.pop(key, None)
        for regrouping in (*regroupings, day.book.remove_item(key)):
            for grouping in _rename(day, regrouping, new_ids):
                changed[grouping.incident_id] = grouping
    return tuple(changed.values())


def _words_of_others(day: Day, leaving: ItemKey) -> list[Regrouping]:
    """Let those tell the incident that repeat an own item which goes, and that no other own item says."""
    regroupings = []
    for item in _said_again(day.book.item(leaving), day.repeats):
        if _own_item(day, item, leaving) is None:
            _bring_back(day, item)
            day.hearsay[item.key] = item
            regrouping = day.book.add_item(item)
            if not regrouping.removed:
                regrouping = Regrouping((), (day.book.incident(item.key),), regrouping.decision)
            regroupings.append(regrouping)
    return regroupings


def _ids(new_id: str) -> Iterator[str]:
    """Ids for the new incidents of one decision, as many as it takes."""
    yield new_id
    for number in itertools.count(1):
        yield f"{new_id}.{number}"


def _type_of(day: Day, regrouping: Regrouping, item: Item) -> EventType:
    """What an item did to the incidents that it hangs together with."""
    before, after = len(regrouping.removed), len(regrouping.added)
    if after != before:
        return EventType.INCIDENT_MERGED if after < before else EventType.INCIDENT_SPLIT
    others = [member for member in day.book.incident(item.key).members if member.key != item.key]
    if any(member.party == item.party for member in others):
        return EventType.REPORT_RETOLD
    return _joined(day, item)


def _joined(day: Day, item: Item) -> EventType:
    """What it comes to that a party tells an incident that others tell: only who is known bears another out."""
    told_by = {member.party for member in day.book.incident(item.key).members if member.corroborates}
    is_borne_out = item.corroborates and len(told_by) > 1
    return EventType.INCIDENT_CORROBORATED if is_borne_out else EventType.INCIDENT_TOLD_AGAIN


def _name(day: Day, incident_id: str, keys: tuple[ItemKey, ...]) -> Incident:
    """Enter an incident under an id that its day does not have yet."""
    incident = Incident(incident_id, day.incidents_told, keys)
    day.incidents_told += 1
    for key in keys:
        day.incident_of[key] = incident
    return incident


def _rename(day: Day, regrouping: Regrouping, new_ids: Iterator[str]) -> tuple[Grouping, ...]:
    """Carry the ids of the incidents that went over to those that came; return all that changed."""
    added = [tuple([member.key for member in cluster.members]) for cluster in regrouping.added]
    number_of = {key: number for number, keys in enumerate(added) for key in keys}
    told = {}
    for cluster in regrouping.removed:
        for member in cluster.members:
            incident = day.incident_of.pop(member.key, None)
            if incident is not None:
                told[incident.id] = incident
    old = sorted(told.values(), key=lambda incident: incident.order)
    heirs: dict[int, Incident] = {}
    gone = []
    for incident in old:
        numbers = (number_of.get(key) for key in incident.items)
        number = next((number for number in numbers if number is not None and number not in heirs), None)
        if number is None:
            gone.append(Grouping(incident_id=incident.id, items=()))
        else:
            heirs[number] = incident
    now = [_carry_on(day, heirs.get(number), keys, new_ids) for number, keys in enumerate(added)]
    return (*(Grouping(incident_id=incident.id, items=incident.items) for incident in now), *gone)


def _carry_on(day: Day, before: Incident | None, keys: tuple[ItemKey, ...], new_ids: Iterator[str]) -> Incident:
    """The incident that these items tell from now on: one that goes on, or a new one."""
    if before is None:
        return _name(day, next(new_ids), keys)
    told, told_now = frozenset(before.items), frozenset(keys)
    kept = [key for key in before.items if key in told_now]
    joined = [key for key in keys if key not in told]
    incident = Incident(before.id, before.order, (*kept, *joined))
    for key in keys:
        day.incident_of[key] = incident
    return incident


def _decided_by(day: Day, regrouping: Regrouping) -> DecidedBy:
    """The scoring rule's reason, with the incidents that came into question."""
    if regrouping is NOBODY_NEAR:
        return ALONE
    decision = regrouping.decision
    if decision.score is None and not decision.runners_up:
        return ALONE
    runners_up = tuple((day.incident_of[other.key].id, other.score) for other in decision.runners_up)
    return DecidedBy(rule=RULE, runners_up=runners_up, score=decision.score)
