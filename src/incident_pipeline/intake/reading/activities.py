"""Activities of the truce: convoys escorted, joint patrols, posts, aid; with their number, never as violations."""

# ruff: noqa: SIM905 - a list of words reads best as words
# ruff: noqa: D210 - a docstring may begin with a quotation
# ruff: noqa: PLR0917 - the marks and their bounds always come first, in this order

from __future__ import annotations

import datetime as dt

from incident_pipeline.intake.reading.counts import Count
from incident_pipeline.intake.reading.marks import Kind, Mark
from incident_pipeline.intake.reading.ordinals import is_nth
from incident_pipeline.intake.reading.state import State
from incident_pipeline.intake.told import ToldActivity

_VICTIM = frozenset(
    "to on against at targeting targeted hit near shelled attacked into blocked obstructed obstruction".split()
)
_ATTACKED = frozenset("attacked shelled hit struck targeted ambushed bombed fire".split())
_DONE = frozenset(
    "escorted escorts escorting conducted carried held took delivered established set provided organised organized "
    "performed patrolled began completed accompanied".split()
)
_MOVED = frozenset(
    "moved drove travelled traveled went ran proceeded followed covered passed crossed rolled advanced headed set left "
    "departed started finished ended lasted returned reached made used toured inspected stopped met there".split()
)
"""What those who patrol did, right behind their name."""
_YET = frozenset("will would should not never cancelled canceled postponed planned due supposed meant to if".split())
_SUBJECT_MARKS = 9
_OWNED = frozenset("has have had maintains operates keeps its their".split())
"""What a state has, it did not do that day."""
_ONE = frozenset("a an one another single".split())


def activities(
    numbers: list[Count], row: list[Mark], lo: int, hi: int, party: str | None, state: State
) -> list[ToldActivity]:
    """Activities told in marks `lo` to `hi` - 1."""
    kinds = {at: row[at].mention for at in range(lo, hi) if row[at].kind is Kind.ACTIVITY}
    told: list[ToldActivity] = []
    known = {kind.id for kind in state.catalogue.rules.activities}
    here = {mention.name for mention in kinds.values() if mention is not None}
    numbered = [
        count
        for count in numbers
        if count.topic in known and (count.topic in here or count.date_at is not None or _was_done(row, lo, hi))
    ]
    by_order = _in_order(numbered, state)
    for count in numbered:
        mention = row[count.date_at].date if count.date_at is not None else None
        place = count.spots[0].place if len(count.spots) == 1 else None
        days = [(by_order[count.at], None)] if count.at in by_order else state.days(mention, party) or []
        if count.at > lo and row[count.at - 1].word in _OWNED:
            continue
        for day, _ in days:
            told.append(ToldActivity(count=count.value, day=day, kind=count.topic or "", party=party, place=place))
    done = {count.topic for count in numbered}
    for at, named in kinds.items():
        if (
            named is None
            or named.name in done
            or _is_victim(row, at, lo, hi)
            or not (_was_done(row, lo, hi) or _moved(row, at, hi))
        ):
            continue
        done.add(named.name)
        date = next((mark.date for mark in row[lo:hi] if mark.date is not None), None)
        one = any(_is_one(mark) for mark in row[max(lo, at - 3) : at]) and not row[at].word.endswith("s")
        for day, _ in (state.days(date, party) or [])[:1]:
            told.append(ToldActivity(count=1 if one else None, day=day, kind=named.name, party=party))
    return told


def _in_order(numbered: list[Count], state: State) -> dict[int, dt.date]:
    """ "Convoys: 13, four and seven" after three days were told of: a number for each of them, by its mark."""
    days = sorted({one.day for one in state.found if one.day is not None and one.last_day is None})
    same = len({count.topic for count in numbered}) == 1 and all(count.date_at is None for count in numbered)
    if len(numbered) < 2 or len(days) != len(numbered) or not same:
        return {}
    return {count.at: day for count, day in zip(numbered, days, strict=True)}


def _was_done(row: list[Mark], lo: int, hi: int) -> bool:
    return any(
        word in _DONE and (at == lo or row[at - 1].word not in {"not", "never", "be"})
        for at in range(lo, hi)
        for word in row[at].word.split(" ")
    )


def _moved(row: list[Mark], at: int, hi: int) -> bool:
    """ "The joint patrol of the two armies drove along the M4": it took place."""
    for mark in row[at + 1 : min(at + _SUBJECT_MARKS, hi)]:
        if mark.word in _MOVED:
            return True
        if mark.word in _YET or mark.kind is Kind.ACTIVITY:
            return False
    return False


def _is_one(mark: Mark) -> bool:
    """ "A patrol", "the fifth patrol", "the 12th"."""
    return mark.word in _ONE or is_nth(mark.word)


def _is_victim(row: list[Mark], at: int, lo: int, hi: int) -> bool:
    near = row[max(lo, at - 3) : at]
    dated = next((here for here in range(len(near), 0, -1) if near[here - 1].date is not None), 0)
    before = {mark.word for mark in near[dated:]}
    around = {mark.word for mark in row[lo:hi]}
    return bool(before & (_VICTIM | {"no", "not", "without"})) or bool(around & _ATTACKED)
