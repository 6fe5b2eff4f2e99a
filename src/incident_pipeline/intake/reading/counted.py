"""Numbers of violations in a clause: which numbers are, of what, of whom, where and when."""

# ruff: noqa: RUF001 - texts hold dashes and quotation marks of every kind
# ruff: noqa: SIM905 - a list of words reads best as words
# ruff: noqa: D210 - a docstring may begin with a quotation
# ruff: noqa: C901, PLR0911, PLR0912 - a rule is a list of cases, read from the top

from __future__ import annotations

import itertools

from incident_pipeline.intake.reading.attribution import Cluster, Roles, is_aside, together
from incident_pipeline.intake.reading.clause import (
    Clause,
    blank,
    codes,
    minute_of,
    put_place,
    type_of,
)
from incident_pipeline.intake.reading.counts import AREA, MEASURE, OTHER, VIOLATIONS, Count, counts, topic_of
from incident_pipeline.intake.reading.enumerations import number_enumeration, split_respectively
from incident_pipeline.intake.reading.found import UNSAID, Found
from incident_pipeline.intake.reading.marks import Kind, Mark
from incident_pipeline.intake.reading.state import State
from incident_pipeline.intake.reading.vocabulary import (
    ATTACKED,
    COMMITTED,
    HEADS,
    NUMBERED,
    REGISTERED,
    TALLIES,
    TOTALLED,
)

_TIE = frozenset({"(", ":", "–", "-", "—"})
_BLAMED = frozenset("blamed attributed blame committed perpetrated".split())
_OWNING = frozenset(
    "data figures count tally list side 's ' - – — : ( = has had registered recorded reported counted".split()
)
_SUMS = frozenset({("in", "all"), ("in", "total"), ("all", "told"), ("total", "of"), ("total", ":")})
_SUMMED = frozenset({"altogether"})
_PARTS = frozenset(
    {("of", word) for word in ("these", "them", "those", "which")} | {("among", "them"), ("among", "these")}
)
_REMAINING = frozenset("remaining other rest others".split())
_COUNT_MAX = 10_000


def numbers_of(clause: Clause, state: State) -> list[Count]:
    """Numbers of the clause; one that does not say what it counts takes it from its neighbours."""
    row = clause.row
    registered = any(mark.kind is Kind.PARTY for mark in row[clause.lo : clause.hi]) and bool(clause.words & REGISTERED)
    found = [
        count
        for count in counts(row, clause.lo, clause.hi, about=clause.about or registered)
        if count.value <= _COUNT_MAX and not (count.topic is None and 1900 <= count.value <= 2100)
    ]
    if any(count.topic == VIOLATIONS for count in found):
        found = sorted(found + _single(clause), key=lambda count: count.at)
    for count in found:
        if count.topic in {None, VIOLATIONS} and count.at > clause.lo and _is_numbered(row, count.at):
            count.topic = OTHER
    for one, after in zip(reversed(found[:-1]), reversed(found[1:]), strict=True):
        between = {mark.word for mark in row[one.end : after.at]}
        if one.topic is None and between and between <= {",", "and"} and not after.bare:
            one.topic, one.bare = after.topic, False
    for count in found:
        if count.topic is None and count.at > clause.lo and row[count.at - 1].kind is Kind.ACTIVITY:
            named = row[count.at - 1].mention
            count.topic = named.name if named is not None else None
        elif count.topic is None and row[count.at - 1].word in {":", "–", "-", "—"}:
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
        listed = count.topic == AREA and any(mark.word == ":" for mark in row[count.end : clause.hi])
        chain = chain if count.topic == MEASURE or listed else count.topic
    return found


def _is_numbered(row: list[Mark], at: int) -> bool:
    """Whether a number is a label: "sector 4", "Bulletin No. 67"."""
    before = row[at - 1].word
    return before in NUMBERED or (before == "." and at > 1 and row[at - 2].word.lower() in {"no", "nr"})


def _is_former(count: Count, clause: Clause) -> bool:
    """ "Rose from two to eight": the first number is one of another day, untold."""
    row = clause.row
    if row[count.at - 1].word != "from" or (count.date_at is not None and count.date_at > count.at):
        return False
    after = row[count.end : min(count.end + 2, clause.hi)]
    return len(after) == 2 and after[0].word == "to" and after[1].number is not None


def _is_somebody(mark: Mark) -> bool:
    return mark.kind in {Kind.GROUP, Kind.PARTY} or mark.word in {"group", "groups"}


def _is_owned(row: list[Mark], at: int) -> bool:
    """ "X's data - 8": the number of a party."""
    for back in range(at - 1, max(-1, at - 5), -1):
        if row[back].kind is Kind.PARTY:
            return True
        if row[back].word not in _OWNING:
            return False
    return False


def _single(clause: Clause) -> list[Count]:
    """ "… and a drone attack on X": one more, in a list of numbers."""
    found = []
    for at in range(clause.lo + 1, clause.hi - 1):
        if clause.row[at].word in {"a", "an", "another"} and clause.row[at - 1].word in {
            "and",
            ",",
            "as",
            "with",
            "plus",
        }:
            if clause.row[at - 1].word == "," and _is_apposed(clause, at):
                continue
            topic, end, code = topic_of(clause.row, at, clause.hi, about=clause.about)
            if topic == VIOLATIONS and not clause.row[end - 1].word.endswith("s"):
                found.append(Count(at, end, 1, topic, bare=False, type=code))
    return found


def _is_apposed(clause: Clause, at: int) -> bool:
    """ "One violation, a mortar attack on X": only said again."""
    before = [mark.number for mark in clause.row[clause.lo : at] if mark.number is not None]
    return len(before) == 1 and before[0].value == 1


def _opening_topic(clause: Clause, found: list[Count], state: State) -> str | None:
    """What the first numbers of a clause count where they do not say so themselves.

    "In two provinces: eight in X": the number of places says nothing of those behind the colon.
    """
    row = clause.row
    listed = any(mark.word == ":" for mark in row[clause.lo : clause.hi])
    first = next((one for one in found if one.topic != MEASURE and not (one.topic == AREA and listed)), None)
    if first is None or first.topic is not None:
        return None
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


def is_told(count: Count, clause: Clause, state: State) -> bool:
    """Whether a number surely is one of violations: a bare one must be tied to a place, a day, or who registered it."""
    row = clause.row
    after = [mark.word for mark in row[count.end : count.end + 3]]
    if "average" in clause.words or _is_former(count, clause):
        return False
    if not count.bare:
        return True
    number = row[count.at].number
    if number is not None and number.times:
        named = row[count.at - 1].kind in {Kind.PARTY, Kind.GROUP}
        verb = row[count.at - 1].word
        if verb.endswith("ed") and verb not in ATTACKED | COMMITTED | REGISTERED:
            return False
        return named or bool(clause.words & (ATTACKED | COMMITTED | HEADS)) or bool(count.spots)
    if count.spots and (count.tied or count.spots[0].first > count.at or count.spots[0].last >= count.at - 6):
        return True
    if count.date_at is not None and abs(count.date_at - count.at) <= 5 and state.about:
        return True
    before = row[max(clause.lo, count.at - 6) : count.at]
    words = {mark.word for mark in before}
    if row[count.at - 1].word == "with" and state.topic == VIOLATIONS and count.date_at is not None:
        return True
    if "according" in after or _is_owned(row, count.at):
        return True
    if row[count.at - 1].word in {"another", "further"} and clause.words & HEADS:
        return True
    if row[count.at - 1].kind in {Kind.PARTY, Kind.GROUP} or "respectively" in clause.words:
        return True
    if row[count.at - 1].word in {"were", "was", "are"} and row[count.at - 2].word == "there":
        return True
    if row[count.at - 1].word in _TIE and count.at >= 2 and row[count.at - 2].kind is Kind.GROUP:
        return True
    somebody = next((at for at in range(count.end, min(count.end + 6, clause.hi)) if _is_somebody(row[at])), None)
    if somebody is not None:
        between = {mark.word for mark in row[count.end : somebody]}
        if "by" in between or after[:1] == ["("] or not _BLAMED.isdisjoint(clause.words):
            return True
    if row[count.at - 1].word.rsplit(" ", 1)[-1] in HEADS and state.about:
        return True
    if row[count.at - 1].word in {":", "–", "-", "—", "("} and (
        any(mark.word.rsplit(" ", 1)[-1] in HEADS or mark.kind in {Kind.GROUP, Kind.PARTY} for mark in before)
    ):
        return True
    opening = {mark.word.rsplit(" ", 1)[-1] for mark in row[clause.lo : count.at]}
    if words & TOTALLED and not opening.isdisjoint(HEADS | TALLIES):
        return True
    if row[count.at - 1].word in {":", "–", "-", "—"} and not opening.isdisjoint(TALLIES) and state.about:
        return True
    return bool(words & REGISTERED) or (bool(before) and before[-1].word in {"committed", "launched", "carried"})


def counted(told: list[Count], done: Roles, clause: Clause, state: State) -> list[Found]:
    """Return a statement for each number, with its day, place, party and perpetrator."""
    found: list[tuple[Count, list[Found]]] = []
    for count in split_respectively(told, clause.row):
        mention = clause.row[count.date_at].date if count.date_at is not None else None
        days = state.days(mention, clause.party, each=count.each)
        if days is None:
            continue
        by = _by(count, told, done, clause)
        made = []
        if count.each and len(count.spots) > 1 and len(days) == 1:
            spots_each = [[spot] for spot in count.spots]
        else:
            spots_each = [count.spots]
        parties: list[str | None] = [*together(clause.row, clause.lo, clause.hi)] or [
            _registered_by(count, told, clause)
        ]
        for party, (day, last_day), where in itertools.product(parties, days, spots_each):
            one = blank(count.value, clause, state, by, done)
            one.party = party
            one.day, one.last_day = day, last_day
            one.low, one.high = count.low, count.high
            one.type = count.type or _type_of(count, told, clause)
            one.summing, one.partial = _is_sum(count, clause), _is_partial(count, clause)
            put_place(one, where, state)
            one.minute = minute_of(clause, len(told)) if count.value == 1 else None
            made.append(one)
        found.append((count, made))
    number_enumeration(found, clause.row, state)
    return [one for _, made in found for one in made if one.count is not None]


def _by(count: Count, told: list[Count], done: Roles, clause: Clause) -> Cluster | None:
    """Who did what a number counts: named right before it, or after it and before the next, or for all of them."""
    clusters = done.perpetrators
    if len(clusters) <= 1:
        return clusters[0] if clusters else None
    stop = min((other.at for other in told if other.at > count.at), default=clause.hi)
    start = max((other.end for other in told if other.end <= count.at), default=clause.lo)
    if (
        count is told[0]
        and count.at < clusters[0].first
        and stop < clusters[0].first
        and len(clusters) >= len(told) - 1
    ):
        return None
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
    respectively = "respectively" in clause.words
    if not named and respectively:
        named = [
            (at, one.mention.name) for at, one in enumerate(row[: clause.lo]) if one.kind is Kind.PARTY and one.mention
        ]
    stop = min((other.at for other in told if other.at > count.at), default=clause.hi)
    for at, party in named:
        alone = all(mark.number is None for mark in row[count.end : at])
        if count.at < at and alone and is_aside(row, clause.lo, at):
            return party
    if len({party for _, party in named}) < 2:
        return clause.party
    if respectively and len(named) == len(told) and named[-1][0] < told[0].at:
        return named[told.index(count)][1]
    for at, party in named:
        if at < count.at <= at + 4 and _OWNING.issuperset(mark.word for mark in row[at + 1 : count.at]):
            return party
    by = (party for at, party in named if count.at < at < stop and "by" in {row[at - 1].word, row[at - 2].word})
    return next(by, clause.party)


def _is_sum(count: Count, clause: Clause) -> bool:
    """ "Six in all", "a total of six"."""
    row = clause.row
    before = [mark.word for mark in row[max(clause.lo, count.at - 3) : count.at]]
    after = [mark.word for mark in row[count.end : min(count.end + 5, clause.hi)]]
    phrases = set(itertools.pairwise(before)) | set(itertools.pairwise(after))
    return not _SUMS.isdisjoint(phrases) or not _SUMMED.isdisjoint(before + after)


def _is_partial(count: Count, clause: Clause) -> bool:
    """ "Of these, four", "four of them", "the remaining two"."""
    row = clause.row
    start = max((at + 1 for at in range(max(0, count.at - 6), count.at) if row[at].number is not None), default=0)
    before = [mark.word for mark in row[max(start, count.at - 6) : count.at]]
    after = [mark.word for mark in row[count.at + 1 : count.end + 3]]
    pairs = set(itertools.pairwise(before)) | set(itertools.pairwise(after[:4]))
    if not _REMAINING.isdisjoint(before[-1:]) or not _PARTS.isdisjoint(pairs):
        return True
    opening = next((at for at in range(max(clause.lo, count.at - 6), count.at) if row[at].number is not None), None)
    return opening is not None and {"of", "the"} <= {mark.word for mark in row[max(clause.lo, opening - 2) : opening]}


def _is_label(row: list[Mark], at: int) -> bool:
    """ "Shellings - 6, drone attacks - 4": the type stands before its number."""
    return row[at - 1].word in _TIE and at > 1 and bool(codes(row[at - 2 : at]))


def _type_of(count: Count, told: list[Count], clause: Clause) -> str:
    """The type told with one of several numbers: in its own words, or before all of them."""
    if len(told) == 1:
        return type_of(clause)
    row = clause.row
    stop = min((other.at for other in told if other.at > count.at), default=clause.hi)
    if stop < clause.hi and _is_label(row, stop):
        stop -= 2
    if _is_label(row, count.at):
        return codes(row[count.at - 2 : count.at]).pop()
    for found in (codes(clause.row[count.at : stop]), codes(clause.row[clause.lo : told[0].at])):
        if len(found) == 1:
            return found.pop()
    return UNSAID
