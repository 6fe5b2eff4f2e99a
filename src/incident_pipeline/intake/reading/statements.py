"""One clause to statements: numbers of violations, explicit nones, attacks without a number, activities."""

from __future__ import annotations

import msgspec

from incident_pipeline.catalogue.model import Level
from incident_pipeline.intake.reading.activities import activities
from incident_pipeline.intake.reading.attribution import Cluster, Roles, roles
from incident_pipeline.intake.reading.counts import (
    AREA,
    MEASURE,
    OTHER,
    VIOLATIONS,
    Count,
    bind_dates,
    bind_spots,
    counts,
    topic_of,
)
from incident_pipeline.intake.reading.dates import DateMention
from incident_pipeline.intake.reading.enumerations import number_enumeration, split_respectively
from incident_pipeline.intake.reading.found import UNSAID, Found
from incident_pipeline.intake.reading.marks import Kind, Mark
from incident_pipeline.intake.reading.negation import is_none
from incident_pipeline.intake.reading.state import State
from incident_pipeline.intake.reading.vocabulary import (
    ATTACKED,
    CASUALTY,
    COMMITTED,
    HEADS,
    NOT_SO,
    NOT_THE_PLACE,
    NUMBERED,
    REGISTERED,
    TOTALLED,
    VAGUE_COUNTS,
    WEAKLY_ATTACKED,
    WEAPONS,
)
from incident_pipeline.intake.reading.whereabouts import Spot

_TIE = frozenset({"(", ":", "–", "-", "—"})
_COUNT_MAX = 10_000
_FREQUENT = frozenset("often frequently regularly repeatedly routinely continue continues continued".split())


class Clause(msgspec.Struct):
    """Marks `lo` to `hi` - 1 of a sentence, and what the sentence tells of them."""

    row: list[Mark]
    lo: int
    hi: int
    places: list[Spot]
    party: str | None
    about: bool
    voiced: bool
    """Somebody who is no party says it."""

    @property
    def words(self) -> set[str]:
        """Words of the clause, each by itself."""
        return {word for mark in self.row[self.lo : self.hi] for word in mark.word.split(" ")}


def read_clause(clause: Clause, state: State) -> None:
    """Add what a clause states to `state.found` and `state.activities`."""
    words = clause.words
    if words & NOT_SO:
        return
    done = roles(clause.row, clause.lo, clause.hi, state.catalogue, state.same)
    if is_none(clause.row, clause.lo, clause.hi, topic=state.topic):
        _none(clause, done, state)
        return
    numbers = _numbers(clause, state)
    free = bind_spots(numbers, _located(clause), clause.row, clause.lo, clause.hi)
    bind_dates(numbers, clause.row, clause.lo, clause.hi)
    told = [count for count in numbers if count.topic == VIOLATIONS and _is_told(count, clause, state)]
    found = _counted(told, done, clause, state)
    if not told or any(count.tied and count.bare for count in told):
        found += _attacks(free, numbers, done, clause, state, words)
    state.activities += activities(numbers, clause.row, clause.lo, clause.hi, clause.party, state)
    state.topic = _topic_left(numbers, clause) or state.topic
    state.found += found
    clusters = [one for one in done.perpetrators if one.groups]
    if found and clusters:
        state.same = max((one.groups for one in clusters), key=len) if len(clusters) > 1 else clusters[0].groups


def _topic_left(numbers: list[Count], clause: Clause) -> str | None:
    """What a bare number in the next sentence would count."""
    if any(count.topic == VIOLATIONS for count in numbers) or clause.words & HEADS:
        return VIOLATIONS
    mentions = [mark.mention for mark in clause.row[clause.lo : clause.hi] if mark.kind is Kind.ACTIVITY]
    return mentions[-1].name if mentions and mentions[-1] is not None else None


def _located(clause: Clause) -> list[Spot]:
    """Places of the clause that may be where a violation was: not where somebody spoke or has a base."""
    kept = []
    for spot in clause.places:
        if not clause.lo <= spot.first < clause.hi:
            continue
        before = [mark.word for mark in clause.row[max(clause.lo, spot.first - 4) : spot.first]]
        after = clause.row[spot.last].word if spot.last < len(clause.row) else ""
        just_party = any(mark.kind is Kind.PARTY for mark in clause.row[max(clause.lo, spot.first - 2) : spot.first])
        if set(before) & NOT_THE_PLACE or after in {"airbase", "base", "time"} or (just_party and "in" in before[-2:]):
            continue
        if before[-1:] == ["from"] or (before[-2:] in (["toward", "the"], ["from", "the"])):
            continue
        kept.append(spot)
    return kept


def _numbers(clause: Clause, state: State) -> list[Count]:
    """Numbers of the clause; one that does not say what it counts takes it from its neighbours."""
    row = clause.row
    registered = any(mark.kind is Kind.PARTY for mark in row[clause.lo : clause.hi]) and bool(clause.words & REGISTERED)
    found = [
        count
        for count in counts(row, clause.lo, clause.hi, about=clause.about or registered)
        if count.value <= _COUNT_MAX and not (count.topic is None and 1900 <= count.value <= 2100)
    ]
    for count in found:
        if count.topic in {None, VIOLATIONS} and count.at > clause.lo and row[count.at - 1].word in NUMBERED:
            count.topic = OTHER
    for one, after in zip(reversed(found[:-1]), reversed(found[1:]), strict=True):
        between = {mark.word for mark in row[one.end : after.at]}
        if one.topic is None and between and between <= {",", "and"} and not after.bare:
            one.topic, one.bare = after.topic, False
    for count in found:
        if count.topic is None and row[count.at - 1].word in {":", "–", "-", "—"}:
            near = next(
                (mark for mark in reversed(row[max(clause.lo, count.at - 5) : count.at]) if mark.kind is Kind.ACTIVITY),
                None,
            )
            count.topic = near.mention.name if near is not None and near.mention is not None else None
        elif (
            row[count.at - 1].word in {"its", "their", "the"}
            and row[count.at - 2].word == "of"
            and count.topic != VIOLATIONS
        ):
            count.topic = OTHER
    chain = _opening_topic(clause, found, state)
    for count in found:
        count.topic = count.topic or chain
        chain = chain if count.topic == MEASURE else count.topic
    return found


def _opening_topic(clause: Clause, found: list[Count], state: State) -> str | None:
    """What the first numbers of a clause count where they do not say so themselves."""
    if not found or found[0].topic is not None:
        return None
    row, first = clause.row, found[0]
    for at in range(clause.lo, first.at):
        if row[at].word in {"number", "count", "total", "tally"} and at + 1 < first.at and row[at + 1].word == "of":
            return topic_of(row, at + 1, first.at, about=clause.about)[0]
    before = {word for mark in row[clause.lo : first.at] for word in mark.word.split(" ")}
    if (
        before & HEADS
        or (before & REGISTERED and state.about)
        or any(mark.kind is Kind.TYPE for mark in row[clause.lo : first.at])
    ):
        return VIOLATIONS
    return state.topic or (VIOLATIONS if clause.about or state.about else None)


def _is_told(count: Count, clause: Clause, state: State) -> bool:
    """Whether a number surely is one of violations: a bare one must be tied to a place, a day, or who registered it."""
    row = clause.row
    after = [mark.word for mark in row[count.end : count.end + 3]]
    if "average" in clause.words:
        return False
    if not count.bare:
        return True
    if row[count.at].number is not None and row[count.at].number.times:
        return bool(clause.words & (ATTACKED | COMMITTED | HEADS)) or bool(count.spots)
    if count.spots and (count.tied or count.spots[0].first > count.at or count.spots[0].last >= count.at - 6):
        return True
    if count.date_at is not None and abs(count.date_at - count.at) <= 5 and state.about:
        return True
    before = row[max(clause.lo, count.at - 6) : count.at]
    words = {mark.word for mark in before}
    if row[count.at - 1].kind in {Kind.PARTY, Kind.GROUP} or "respectively" in clause.words:
        return True
    if row[count.at - 1].word in _TIE and count.at >= 2 and row[count.at - 2].kind is Kind.GROUP:
        return True
    if any(mark.kind is Kind.GROUP for mark in row[count.end : count.end + 6]) and ("by" in after or count.at - 1 >= 0):
        return "by" in after
    if row[count.at - 1].word in {":", "–", "-", "—", "("} and (
        any(mark.word.rsplit(" ", 1)[-1] in HEADS or mark.kind in {Kind.GROUP, Kind.PARTY} for mark in before)
    ):
        return True
    if words & TOTALLED and any(mark.word.rsplit(" ", 1)[-1] in HEADS for mark in row[clause.lo : count.at]):
        return True
    return bool(words & REGISTERED) or (bool(before) and before[-1].word in {"committed", "launched", "carried"})


def _counted(told: list[Count], done: Roles, clause: Clause, state: State) -> list[Found]:
    found: list[tuple[Count, list[Found]]] = []
    for count in split_respectively(told, clause.row):
        mention = clause.row[count.date_at].date if count.date_at is not None else None
        days = state.days(mention, clause.party, each=count.each)
        if days is None:
            continue
        by = _by(count, told, done, clause)
        made = []
        for day, last_day in days:
            one = _found(count.value, clause, state, by, done)
            one.party = _registered_by(count, told, clause)
            one.day, one.last_day = day, last_day
            one.low, one.high = count.low, count.high
            one.type = count.type or _type_of(count, told, clause)
            _place(one, count.spots, state)
            one.minute = _minute(clause, len(told)) if count.value == 1 else None
            made.append(one)
        found.append((count, made))
    number_enumeration(found, clause.row, state)
    return [one for _, made in found for one in made if one.count is not None]


def _found(value: int | None, clause: Clause, state: State, by: Cluster | None, done: Roles) -> Found:
    one = Found(
        count=value,
        voiced=clause.voiced,
        sentence=state.sentence,
        party=clause.party,
        type=_type(clause),
        against=done.against,
        weapon=_weapon(clause),
    )
    if by is not None:
        one.groups, one.group_name = by.groups, by.name
    return one


def _by(count: Count, told: list[Count], done: Roles, clause: Clause) -> Cluster | None:
    """Who did what a number counts: named right before it, or after it and before the next, or for all of them."""
    clusters = done.perpetrators
    if len(clusters) <= 1:
        return clusters[0] if clusters else None
    stop = min((other.at for other in told if other.at > count.at), default=clause.hi)
    start = max((other.end for other in told if other.end <= count.at), default=clause.lo)
    for one in clusters:
        if one.last == count.at or (one.last == count.at - 1 and clause.row[one.last].word in _TIE):
            return one
    inside = [one for one in clusters if count.at < one.first < stop]
    leading = [one for one in clusters if start <= one.first < count.at]
    return (
        inside[0]
        if inside
        else leading[-1]
        if leading
        else clusters[-1]
        if clusters[-1].first > told[-1].at
        else clusters[0]
    )


def _registered_by(count: Count, told: list[Count], clause: Clause) -> str | None:
    """ "Six by the one side and three by the other": the party told right after its own number."""
    row = clause.row
    named = [
        (at, mark.mention.name)
        for at, mark in enumerate(row[clause.lo : clause.hi], clause.lo)
        if mark.kind is Kind.PARTY and mark.mention is not None
    ]
    if len({party for _, party in named}) < 2:
        return clause.party
    if "respectively" in clause.words and len(named) == len(told) and named[-1][0] < told[0].at:
        return named[told.index(count)][1]
    stop = min((other.at for other in told if other.at > count.at), default=clause.hi)
    by = (party for at, party in named if count.at < at < stop and "by" in {row[at - 1].word, row[at - 2].word})
    return next(by, clause.party)


def _place(one: Found, places: list[Spot], state: State) -> None:
    """One place is the place; several without numbers of their own are none, but for a zone around them."""
    one.by_place = bool(places)
    if len(places) == 1:
        spot = places[0]
        one.place, one.place_name = spot.place, spot.written
        one.settlement = spot.is_known
        one.flags = (str(spot.flag),) if spot.flag is not None else ()
        return
    zones = [spot for spot in places if spot.level is Level.ZONE]
    if zones:
        one.place = zones[0].place
    elif places:
        tree = state.catalogue.places
        ids = [spot.place for spot in places if spot.place is not None]
        shared = [id_ for id_ in tree.above(ids[0]) if all(tree.is_within(other, id_) for other in ids)] if ids else []
        inner = shared[-1] if shared else None
        one.place = inner if inner is not None and tree.place(inner).level in {Level.PROVINCE, Level.DISTRICT} else None


def _type(clause: Clause) -> str:
    codes = _codes(clause.row[clause.lo : clause.hi]) or _codes(clause.row)
    return codes.pop() if len(codes) == 1 else UNSAID


def _codes(row: list[Mark]) -> set[str]:
    return {mark.mention.name for mark in row if mark.kind is Kind.TYPE and mark.mention is not None} - {UNSAID}


def _type_of(count: Count, told: list[Count], clause: Clause) -> str:
    """The type told with one of several numbers: in its own words, or before all of them."""
    if len(told) == 1:
        return _type(clause)
    stop = min((other.at for other in told if other.at > count.at), default=clause.hi)
    for codes in (_codes(clause.row[count.at : stop]), _codes(clause.row[clause.lo : told[0].at])):
        if len(codes) == 1:
            return codes.pop()
    return UNSAID


def _weapon(clause: Clause) -> str | None:
    return next(
        (word for mark in clause.row[clause.lo : clause.hi] for word in mark.word.split(" ") if word in WEAPONS), None
    )


def _minute(clause: Clause, numbers: int) -> int | None:
    clock = next((mark.clock for mark in clause.row[clause.lo : clause.hi] if mark.clock is not None), None)
    if clock is None and numbers <= 1:
        clock = next((mark.clock for mark in clause.row if mark.clock is not None), None)
    return clock.minute if clock is not None else None


def _mention(clause: Clause) -> DateMention | None:
    """The date of a clause without numbers."""
    return next((mark.date for mark in clause.row[clause.lo : clause.hi] if mark.date is not None), None)


def _none(clause: Clause, done: Roles, state: State) -> None:
    days = state.days(_mention(clause), clause.party, each=True)
    places = _located(clause)
    clusters = done.perpetrators or [None]
    text = " ".join(mark.word for mark in clause.row[clause.lo : clause.hi])
    for day, _ in days or []:
        for by in clusters:
            one = Found(count=0, sentence=state.sentence, day=day, party=clause.party)
            if by is not None:
                one.groups, one.group_name = by.groups, by.name
            _place(one, places, state)
            one.all_days = any(
                phrase in text
                for phrase in (
                    "of the three days",
                    "of the days",
                    "on all",
                    "on any of",
                    "on each of",
                    "of these days",
                    "of those days",
                    "throughout",
                )
            )
            state.found.append(one)


def _is_attack(words: set[str], done: Roles, clause: Clause) -> bool:
    verbs = words & ATTACKED
    return bool(verbs) and (not verbs <= WEAKLY_ATTACKED or bool(done.perpetrators) or _type(clause) != UNSAID)


def _attacks(
    free: list[Spot], numbers: list[Count], done: Roles, clause: Clause, state: State, words: set[str]
) -> list[Found]:
    """Attacks told without a number: one for each settlement; elsewhere, how many is not told."""
    row = clause.row
    happened = (
        _is_attack(words, done, clause)
        or ("came" in words and "under" in words)
        or (bool(words & HEADS) and bool(words & (REGISTERED | COMMITTED)))
    )
    typed = bool(_codes(clause.row[clause.lo : clause.hi]))
    minute = _minute(clause, 0)
    settlements = [spot for spot in free if spot.is_settlement]
    if not happened and not (typed and (minute is not None or settlements)):
        return []
    if any(mark.kind is Kind.ACTIVITY for mark in row[clause.lo : clause.hi]) and not words & ATTACKED:
        return []
    if any(count.topic == AREA for count in numbers) or (not free and not typed and not words & HEADS):
        return []
    if not free and any(one.sentence == state.sentence for one in state.found):
        return []
    mention = _mention(clause)
    days = state.days(mention, clause.party)
    if days is None:
        return []
    day, last_day = days[0]
    by = done.perpetrators[0] if done.perpetrators else None
    clocks = [mark.clock for mark in row[clause.lo : clause.hi] if mark.clock is not None]
    vague = bool(words & (VAGUE_COUNTS | _FREQUENT)) or last_day is not None
    chosen: list[list[Spot]] = [[spot] for spot in settlements] or ([free] if free else [[]])
    found = []
    for at, places in enumerate(chosen):
        one = _found(1, clause, state, by, done)
        if len(clocks) == len(chosen) > 1:
            minute = clocks[at].minute
        one.day, one.last_day, one.minute, one.implicit = day, last_day, minute, True
        _place(one, places, state)
        told = (one.minute is not None) + one.settlement + (one.type != UNSAID)
        if vague or not (settlements or (told >= 2 and len(places) <= 1)):
            if not (words & (HEADS | ATTACKED)) or words & CASUALTY:
                continue
            one.count = None
        found.append(one)
    return found
