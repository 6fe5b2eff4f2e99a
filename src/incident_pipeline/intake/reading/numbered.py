"""The numbers of a clause, and what each counts where it does not say so itself."""

# ruff: noqa: RUF001 - texts hold dashes and quotation marks of every kind
# ruff: noqa: SIM905 - a list of words reads best as words
# ruff: noqa: D210 - a docstring may begin with a quotation

from __future__ import annotations

import itertools

from incident_pipeline.intake.reading.clause import (
    Clause,
)
from incident_pipeline.intake.reading.counts import AREA, MEASURE, OTHER, VIOLATIONS, Count, counts, is_each, topic_of
from incident_pipeline.intake.reading.marks import Kind, Mark
from incident_pipeline.intake.reading.nth import items, one_more
from incident_pipeline.intake.reading.state import State
from incident_pipeline.intake.reading.tied import TIE, base_of
from incident_pipeline.intake.reading.vocabulary import (
    ATTACKED,
    HAPPENED,
    HEADS,
    MEASURES,
    NUMBERED,
    REGISTERED,
    TALLIES,
)

_JOINING = frozenset({"and", ",", "as", "with", "plus"})
_COUNT_MAX = 10_000
_LASTING = frozenset("hours hour minutes days weeks months years year year-old".split())
_INSTEAD = frozenset("not instead rather".split())


def numbers_of(clause: Clause, state: State) -> list[Count]:
    """Numbers of the clause; one that does not say what it counts takes it from its neighbours."""
    row = clause.row
    registrar = state.speaks_itself or any(mark.kind is Kind.PARTY for mark in row[clause.lo : clause.hi])
    registered = registrar and bool(clause.words & REGISTERED)
    found = [
        count
        for count in counts(row, clause.lo, clause.hi, about=clause.about or registered or state.registrar)
        if count.value <= _COUNT_MAX
        and not (count.topic is None and 1900 <= count.value <= 2100)
        and not (count.value == 1 and row[count.at - 1].word in {"every", "each"})
        and not (row[count.at].word.endswith("single") and _is_under_not(row, count.at, clause.lo))
        and not (
            count.at > 1 and row[count.at - 1].word in {"but", "except"} and row[count.at - 2].word in {"all", "none"}
        )
    ]
    for count in found:
        if _is_the_number(count, clause):
            count.topic, count.bare = VIOLATIONS, False
    found = _with_articles(found, clause, state)
    found = sorted(found + items(clause, state), key=lambda count: count.at)
    found = sorted(found + one_more(clause, found, state), key=lambda count: count.at)
    for count in found:
        if count.topic in {None, VIOLATIONS} and count.at > clause.lo and _is_numbered(row, count.at):
            count.topic = MEASURE if row[count.at - 1].word == "day" else OTHER
    for one, after in zip(reversed(found[:-1]), reversed(found[1:]), strict=True):
        between = {mark.word for mark in row[one.end : after.at]}
        if one.topic is None and between and between <= {",", "and", "+"} and not after.bare:
            one.topic, one.bare = after.topic, False
    for count in found:
        _label(count, clause)
    chain = _opening_topic(clause, found, state)
    before: Count | None = None
    for count in found:
        if count.topic is None and before is not None and _goes_on_measuring(before, count, row):
            count.topic = MEASURE
        before, count.topic = count, count.topic or chain
        listed = count.topic == AREA and any(mark.word == ":" for mark in row[count.end : clause.hi])
        chain = chain if count.topic == MEASURE or listed else count.topic
    _part_of_base(found, row, state)
    _without_ratios(found, row)
    return found


def _without_ratios(found: list[Count], row: list[Mark]) -> None:
    """ "Nine in ten shellings" tells neither how many there were."""
    for one, base in itertools.pairwise(found):
        if row[one.at + 1].word == "in" and base.at == one.at + 2 and one.value < base.value and not base.bare:
            one.topic = base.topic = OTHER


def _part_of_base(found: list[Count], row: list[Mark], state: State) -> None:
    """ "X saw five of the eight": a part, where eight violations were told of before."""
    known = {one.count for one in state.found if one.count}
    for one, base in itertools.pairwise(found):
        if base_of(one, row) == base.at and base.bare and base.value in known and state.topic in {None, VIOLATIONS}:
            one.topic, one.bare, base.topic = VIOLATIONS, True, OTHER
        if base.topic == VIOLATIONS:
            known.add(base.value)
        if one.topic == VIOLATIONS:
            known.add(one.value)


def _goes_on_measuring(before: Count, count: Count, row: list[Mark]) -> bool:
    """ "30 kilometres, and the other side 12", "two hours, not three": a bare number keeps the unit named before it."""
    if before.topic != MEASURE or not count.bare or before.end >= count.at:
        return False
    between = [mark.word for mark in row[before.end : count.at]]
    unit = row[before.end - 1].word.rsplit(" ", 1)[-1]
    if before.bare:
        return not (_INSTEAD | _JOINING).isdisjoint(between)
    if unit in _LASTING:
        return not _INSTEAD.isdisjoint(between)
    if unit not in MEASURES or any(
        mark.kind in {Kind.PLACE, Kind.TYPE} or mark.word in {":", ";"} for mark in row[before.end : count.at]
    ):
        return False
    return HEADS.isdisjoint(between) and REGISTERED.isdisjoint(between)


def _with_articles(found: list[Count], clause: Clause, state: State) -> list[Count]:
    """Add the numbers that no number word tells: "both violations", "a violation took place"."""
    found = sorted(found + _both(clause, state), key=lambda count: count.at)
    for one, base in itertools.pairwise(found):
        if base_of(one, clause.row) == base.at and base.topic == VIOLATIONS:
            one.topic, one.bare = base.topic, True
    listed = any(count.topic == VIOLATIONS for count in found)
    placed = any(spot.is_settlement for spot in clause.places)
    told = clause.words & REGISTERED and not found
    happened = clause.words & HAPPENED and all(count.topic is None for count in found)
    if listed or ((told or happened) and not placed):
        found = sorted(found + _single(clause, listed=listed), key=lambda count: count.at)
    return found


def _label(count: Count, clause: Clause) -> None:
    """Let a number count the activity that stands before it: "convoys: 13"; not so the four of "of its four"."""
    row = clause.row
    before = row[count.at - 1]
    if count.topic is None and count.at > clause.lo and before.kind is Kind.ACTIVITY:
        count.topic = before.mention.name if before.mention is not None else None
    elif count.topic is None and before.word in {":", "–", "-", "—"}:
        near = next(
            (mark for mark in reversed(row[max(clause.lo, count.at - 5) : count.at]) if mark.kind is Kind.ACTIVITY),
            None,
        )
        count.topic = near.mention.name if near is not None and near.mention is not None else None
    elif count.topic is None and before.word == "the" and count.bare and _is_base(row, count.at):
        return
    elif before.word in {"its", "their", "the"} and row[count.at - 2].word == "of" and count.topic != VIOLATIONS:
        count.topic = OTHER


def _is_base(row: list[Mark], at: int) -> bool:
    """The eight in "X saw five of the eight"."""
    return at > 2 and row[at - 2].word == "of" and row[at - 3].number is not None


def _is_under_not(row: list[Mark], at: int, lo: int) -> bool:
    """ "Did not fire a single shot"."""
    return any(mark.word in {"not", "never"} or mark.word.endswith("n't") for mark in row[max(lo, at - 5) : at])


def _is_numbered(row: list[Mark], at: int) -> bool:
    """Whether a number is a label: "sector 4", "Bulletin No. 67"."""
    before = row[at - 1].word.lower()
    if before == "day" and (at == 1 or row[at - 2].kind is Kind.PUNCT):
        return True
    return before in NUMBERED or (before == "." and at > 1 and row[at - 2].word.lower() in {"no", "nr"})


def _happens(row: list[Mark], at: int, hi: int) -> bool:
    """Whether the "violation" of an opening "a violation took place in X" has a verb of its own."""
    return any(mark.word in HAPPENED for mark in row[at + 1 : min(at + 6, hi)])


def _single(clause: Clause, *, listed: bool) -> list[Count]:
    """ "… and a drone attack on X": one more, in a list of numbers; or "a violation was recorded" alone."""
    found: list[Count] = []
    row = clause.row
    for at in range(clause.lo, clause.hi - 1):
        if row[at].word not in {"a", "an", "another"}:
            continue
        before = row[at - 1].word if at > clause.lo else ""
        opens = (not listed or _happens(row, at, clause.hi)) and (
            before == "" or before in REGISTERED or row[at - 1].kind is not Kind.WORD
        )
        if (before not in _JOINING and not opens) or (before == "," and _is_apposed(clause, at)):
            continue
        topic, end, code = topic_of(row, at, clause.hi, about=clause.about)
        if row[at].word == "another" and row[at + 1].word == "in" and (found or listed):
            topic, end, code = VIOLATIONS, at + 1, None
        if topic == VIOLATIONS and not row[end - 1].word.endswith("s"):
            each = is_each(row, at, end, clause.hi)
            found.append(Count(at, end, 1, topic, bare=False, type=code, each=each))
    return found


def _both(clause: Clause, state: State) -> list[Count]:
    """ "Both violations of 10 March": two, where the text has told no number that it could mean."""
    if any(one.count for one in state.found):
        return []
    row = clause.row
    for at in range(clause.lo, min(clause.lo + 6, clause.hi - 1)):
        if row[at].word == "both":
            topic, end, code = topic_of(row, at, clause.hi, about=clause.about)
            plural = row[end - 1].word.endswith("s")
            return [Count(at, end, 2, topic, bare=False, type=code)] if topic == VIOLATIONS and plural else []
    return []


def _is_the_number(count: Count, clause: Clause) -> bool:
    """ "Eight is the number of violations"."""
    row = clause.row
    ahead = row[count.at + 1 : count.at + 4]
    if count.at + 5 >= clause.hi or ahead[0].word not in {"is", "was"} or ahead[1].word != "the":
        return False
    return ahead[2].word in TALLIES and topic_of(row, count.at + 4, clause.hi, about=clause.about)[0] == VIOLATIONS


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
            if at + 2 == first.at or any(mark.date is not None for mark in row[at + 2 : at + 4]):
                continue
            return topic_of(row, at + 1, first.at, about=clause.about)[0]
    before = {word for mark in row[clause.lo : first.at] for word in mark.word.split(" ")}
    done = next((mark.mention for mark in row[clause.lo : first.at] if mark.kind is Kind.ACTIVITY), None)
    if done is not None and before.isdisjoint(HEADS | ATTACKED):
        return done.name
    if (
        before & HEADS
        or (before & REGISTERED and state.about)
        or any(mark.kind is Kind.TYPE for mark in row[clause.lo : first.at])
    ):
        return VIOLATIONS
    if _opens_entry(row, first.at) and any(one.sentence >= state.sentence - 1 for one in state.found):
        return VIOLATIONS
    return state.topic or (VIOLATIONS if clause.about or state.about else None)


def _opens_entry(row: list[Mark], at: int) -> bool:
    """ "10 March: 2": an entry like the one before it, and no more of what that ended with."""
    return at >= 2 and row[0].date is not None and row[at - 2].date is not None and row[at - 1].word in TIE
