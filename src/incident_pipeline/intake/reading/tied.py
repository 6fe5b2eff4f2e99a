"""Whether a number surely is one of violations, or is so by nothing but its neighbours."""

# ruff: noqa: RUF001 - texts hold dashes and quotation marks of every kind
# ruff: noqa: SIM905 - a list of words reads best as words
# ruff: noqa: D210 - a docstring may begin with a quotation
# ruff: noqa: C901, PLR0911, PLR0912, PLR0915 - a rule is a list of cases, read from the top

from __future__ import annotations

import itertools

from incident_pipeline.intake.reading.clause import Clause
from incident_pipeline.intake.reading.clauses import CONCLUDING, is_concluding
from incident_pipeline.intake.reading.counts import VIOLATIONS, Count
from incident_pipeline.intake.reading.marks import Kind, Mark
from incident_pipeline.intake.reading.shares import is_laid, is_of_people
from incident_pipeline.intake.reading.state import State
from incident_pipeline.intake.reading.vocabulary import (
    ATTACKED,
    COMMITTED,
    HEADS,
    REGISTERED,
    SOFT_HEADS,
    SPEECH,
    STOP_NOUNS,
    TALLIES,
    TOTALLED,
)

TIE = frozenset({"(", ":", "–", "-", "—"})
_SAME_DAYS = frozenset({("same", "days"), ("same", "period"), ("same", "dates")})
_SAME_PERIOD = frozenset({("same", "period")})
_ON_THE_PART_OF = frozenset("from on to at the part side hands of those".split())
_ACCOUNTING = frozenset("accounting accounted accounts account responsible answerable".split())
_REACH_MARKS = 60
_ASIDE = frozenset({",", "–", "-", "—", "("})
MOST = frozenset("most majority bulk".split())
_PUT = frozenset("put puts stood stands those that".split())
_OF_THEM = (["in", "number"], ["of", "them"], ["of", "these"], ["of", "those"], ["of", "which"])
_IN_ALL = (["in", "all"], ["in", "total"], ["all", "told"])
_DEFINING = frozenset("are is be constitute constitutes".split())
_BEING = frozenset("were was are been is".split())
_STAGED = frozenset("behind committed launched carried staged perpetrated conducted mounted".split())
_BLAMED = frozenset("blamed attributed blame committed perpetrated".split())
_COMPARED_NOUNS = frozenset("number rate average amount level size usual figure total count".split())
_COMPARED = frozenset("as more fewer higher lower less the".split())
_MAKING = frozenset("to makes make making it with at i.e".split())
_CONCLUDING_MARKS = 10
_BASE_MARKS = 8
_BEFORE_BASE = TALLIES | frozenset(
    "the all our its their these those that a of day day's days ' ’ s registered recorded overall last first".split()
)
OWNING = frozenset(
    "the joint commission part office representative "
    "data figures figure count tally list side number 's ' - – — : ( = has had was were is at only stood speak speaks "
    "spoke of give gives show shows indicate indicates puts put registered recorded reported counted "
    "entered noted listed logged documented tallied cited cites named gave found down wrote arrived came up to with "
    "members half total commission's for on in itself alone have".split()
)
_CHANGED = frozenset(
    "rose risen rises fell fallen falls grew grown dropped declined decreased increased up down higher lower "
    "went gone climbed shrank".split()
)
_WHEREIN = frozenset("in during after from with on since".split())
_RELATIVE = frozenset("which who whose based".split())
_RELATIVE_MARKS = 20


def is_told(count: Count, clause: Clause, state: State) -> bool:
    """Whether a number surely is one of violations: a bare one must be tied to a place, a day, or who registered it."""
    row = clause.row
    after = [mark.word for mark in row[count.end : count.end + 3]]
    if "average" in clause.words or _is_former(count, clause) or _is_replaced(count, row):
        return False
    if count.value == 1 and row[count.at - 1].word in _DEFINING and row[count.at - 2].word != "there":
        return False
    if is_base(count, row):
        return count.topic == VIOLATIONS and (clause.about or state.about)
    if count.value == 1 and row[count.at - 1].word in _WHEREIN and _is_of(row, count.at + 1):
        return False
    base = base_of(count, row)
    if base is not None and count.value == 1 and row[count.at - 1].word in {"was", "is"}:
        return False
    if base is not None and base + 1 < clause.hi and row[base + 1].word in STOP_NOUNS:
        return False
    if not count.bare:
        counted = row[count.end - 1].word.rsplit(" ", 1)[-1]
        return not (state.found and row[count.at - 1].word in {"all", "these", "those"} and counted in SOFT_HEADS)
    if is_of_people(count, row):
        return False
    before = row[max(clause.lo, count.at - 6) : count.at]
    words = {mark.word for mark in before}
    if (clause.about or state.about) and is_laid(count, row, clause.lo, clause.hi):
        return True
    if is_predicated(count, clause) and state.found:
        return True
    if _sums_up_before(before) and count.topic == VIOLATIONS and (clause.about or state.about):
        return True
    if _is_more(count, clause):
        return count.topic == VIOLATIONS and any(mark.number is not None for mark in row[clause.lo : count.at])
    if is_apposed(count, row):
        return count.topic == VIOLATIONS
    if _is_of_told(before) and count.topic == VIOLATIONS:
        return True
    again = _SAME_DAYS & set(
        itertools.pairwise(mark.word for mark in row[max(clause.lo, count.at - _REACH_MARKS) : count.at])
    )
    if again and (again != _SAME_PERIOD or all(mark.kind is not Kind.PARTY for mark in row[clause.lo : count.at])):
        return False
    number = row[count.at].number
    if number is not None and number.times and after[:1] and after[0] in _COMPARED:
        return after[0] == "the" and _COMPARED_NOUNS.isdisjoint(after[1:2]) and state.about
    if number is not None and number.times:
        named = row[count.at - 1].kind in {Kind.PARTY, Kind.GROUP}
        verb = row[count.at - 1].word
        if verb.endswith("ed") and verb not in ATTACKED | COMMITTED | REGISTERED:
            return False
        return (
            named
            or ("so" in clause.words and not clause.words.isdisjoint({"did", "done"}))
            or ("not" in clause.words and not clause.words.isdisjoint({"observed", "respected"}) and clause.about)
            or bool(clause.words & (ATTACKED | COMMITTED | HEADS))
            or (bool(count.spots) and (count.tied or clause.about))
        )
    if count.spots and (count.tied or count.spots[0].first > count.at or count.spots[0].last >= count.at - 6):
        return True
    if count.date_at is not None and abs(count.date_at - count.at) <= 5 and state.about:
        return True
    if row[count.at - 1].word == "at" and not words.isdisjoint(TALLIES | _PUT) and (clause.about or state.about):
        return True
    if row[count.at - 1].word == "in" and row[count.at - 2].kind is Kind.GROUP and count.topic == VIOLATIONS:
        return True
    if _spells_out(count, clause):
        return count.topic == VIOLATIONS
    if row[count.at - 1].word == "with" and state.topic == VIOLATIONS and count.date_at is not None:
        return True
    if state.asked == state.sentence - 1 and not any(mark.number is not None for mark in row[: count.at]):
        return True
    if [mark.word for mark in before[-2:]] == ["total", "of"] and (clause.about or state.about):
        return True
    if (after[:2] in _IN_ALL or after[:1] in (["altogether"], ["overall"])) and (clause.about or state.about):
        return True
    if count.at >= clause.lo + 2 and row[count.at - 2].kind is Kind.PARTY and row[count.at - 1].word in SPEECH:
        return True
    behind = [mark.word for mark in row[count.at + 1 : count.at + 3]]
    if (after[:2] in _OF_THEM or behind in _OF_THEM) and count.topic == VIOLATIONS:
        return True
    if row[count.at - 1].word in TALLIES and count.at > clause.lo and (clause.about or state.about):
        return True
    if row[count.at - 1].word in _MAKING and is_checked(count, clause):
        return True
    if base_of(count, row) is not None or "according" in after or is_owned(row, count.at):
        return True
    if row[count.at - 1].word in {"another", "further", "other", "remaining"} and clause.words & HEADS:
        return True
    if row[count.at - 1].word in {"for", "with"} and (
        row[count.at - 2].kind is Kind.GROUP or row[count.at - 2].word in _ACCOUNTING
    ):
        return True
    if row[count.at - 1].kind in {Kind.PARTY, Kind.GROUP} or "respectively" in clause.words:
        return True
    if _is_last_word(count, clause) and (clause.about or state.topic == VIOLATIONS):
        return True
    if row[count.at - 1].word in _BEING and "there" in {mark.word for mark in row[max(0, count.at - 3) : count.at]}:
        return True
    if row[count.at - 1].word in TIE and count.at >= 2 and row[count.at - 2].kind is Kind.GROUP:
        return True
    somebody = next((at for at in range(count.end, min(count.end + 6, clause.hi)) if _is_somebody(row[at])), None)
    if somebody is not None:
        between = {mark.word for mark in row[count.end : somebody]}
        if "by" in between or after[:1] == ["("] or not _BLAMED.isdisjoint(clause.words):
            return True
        if between and between <= _ON_THE_PART_OF and not HEADS.isdisjoint(clause.words):
            return True
    if row[count.at - 1].word.rsplit(" ", 1)[-1] in HEADS and state.about:
        return True
    if row[count.at - 1].word in {":", "–", "-", "—", "("} and (
        any(mark.word.rsplit(" ", 1)[-1] in HEADS or mark.kind in {Kind.GROUP, Kind.PARTY} for mark in before)
    ):
        return True
    opening = {mark.word.rsplit(" ", 1)[-1] for mark in row[max(clause.lo, count.at - _REACH_MARKS) : count.at]}
    if words & TOTALLED and not opening.isdisjoint(HEADS | TALLIES):
        return True
    if row[count.at - 1].word in {":", "–", "-", "—"} and not opening.isdisjoint(TALLIES) and state.about:
        return True
    return bool(words & REGISTERED) or (bool(before) and before[-1].word in _STAGED)


def is_predicated(count: Count, clause: Clause) -> bool:
    """ "Six were shellings": a bare number, told what kind it is."""
    ahead = clause.row[count.end : min(count.end + 4, clause.hi)]
    kinds = any(mark.kind is Kind.TYPE and mark.word.endswith("s") for mark in ahead[1:])
    return count.bare and count.end == count.at + 1 and kinds and ahead[0].word in {"were", "are"}


def _is_more(count: Count, clause: Clause) -> bool:
    """ "…, with two more in the evening"."""
    behind = clause.row[count.at + 1 : min(count.at + 2, clause.hi)]
    led = clause.row[count.at - 1].word in {"with", "and", ",", "plus"} if count.at > clause.lo else False
    return led and [mark.word for mark in behind] == ["more"] and not count.spots


def is_apposed(count: Count, row: list[Mark]) -> bool:
    """ "Most of them, six, were in X", "the majority (six)"."""
    at = count.at
    if not count.bare or at < 2 or row[at - 1].word not in _ASIDE:
        return False
    before = [mark.word for mark in row[max(0, at - 6) : at - 1]]
    start = max((here for here, word in enumerate(before) if word in MOST), default=None)
    return start is not None and _ASIDE.isdisjoint(before[start:])


def _sums_up_before(before: list[Mark]) -> bool:
    """ "…, in sum, eight"."""
    told = [mark.word for mark in before if mark.word not in {",", ":"}]
    return told[-2:] in ([*_IN_ALL, ["in", "sum"]]) or told[-1:] in (["altogether"], ["overall"])


def _is_of_told(before: list[Mark]) -> bool:
    """ "Of these, four": the number stands right behind."""
    told = [mark.word for mark in before if mark.word != ","][-2:]
    return told[:1] == ["of"] and told[1:] in (["these"], ["them"], ["those"], ["which"])


def is_checked(count: Count, clause: Clause) -> bool:
    """ "Bringing the day's total to ten", "that makes ten": a total if it is the sum of what was told before it."""
    before = {mark.word for mark in clause.row[max(clause.lo, count.at - 6) : count.at]}
    brought = not before.isdisjoint({"bringing", "brings", "taking", "takes", "raising"}) and not before.isdisjoint(
        TALLIES
    )
    return (
        brought
        or (clause.row[count.at - 1].word in {"makes", "make"} and not before.isdisjoint({"that", "which", "this"}))
        or _concludes(count, clause.row)
    )


def _concludes(count: Count, row: list[Mark]) -> bool:
    """ "…, so that the day ends with ten", "…, making it ten": drawn from the numbers of its sentence."""
    if count.date_at is not None or (count.spots and count.spots[-1].first > count.at):
        return False
    for at in range(count.at - 1, max(0, count.at - _CONCLUDING_MARKS), -1):
        mark = row[at]
        if mark.kind is Kind.PLACE or mark.kind is Kind.NUMBER or mark.word == ";":
            return False
        if mark.word in CONCLUDING and is_concluding(row, at):
            return any(before.number is not None for before in row[:at])
    return False


def _is_last_word(count: Count, clause: Clause) -> bool:
    """ "The one side reported none; the other side, eight."."""
    row, at = clause.row, count.at
    ends = count.end >= clause.hi or row[count.end].word in {".", ";"}
    return ends and at - 2 >= clause.lo and row[at - 1].word == "," and row[at - 2].kind is Kind.PARTY


def base_of(count: Count, row: list[Mark]) -> int | None:
    """The mark of the 31 in "26 of the 31 attacks", "26 out of today's 31", "26 attacks out of 31"."""
    at = count.at + 1
    if row[at : at + 1] and row[at].word not in {"of", "out"}:
        at = count.end
    at += at + 1 < len(row) and row[at].word == "out" and row[at + 1].word == "of"
    if at >= len(row) or row[at].word != "of" or (at > count.at + 1 and row[at - 1].word != "out"):
        return None
    for here in range(at + 1, min(at + 1 + _BASE_MARKS, len(row))):
        if row[here].number is not None:
            return here
        if row[here].date is None and row[here].word not in _BEFORE_BASE:
            return None
    return None


def is_base(count: Count, row: list[Mark]) -> bool:
    """The 14 in "9 violations out of 14"."""
    return count.bare and count.at > 1 and [row[count.at - 2].word, row[count.at - 1].word] == ["out", "of"]


def _is_former(count: Count, clause: Clause) -> bool:
    """ "Rose from two to eight": the first number is one of another day, untold."""
    row = clause.row
    if row[count.at - 1].word == "by" and row[count.at - 2].word in _CHANGED:
        return True
    if row[count.at - 1].word != "from" or (count.date_at is not None and count.date_at > count.at):
        return False
    after = row[count.end : min(count.end + 2, clause.hi)]
    return len(after) == 2 and after[0].word == "to" and after[1].number is not None


def _is_of(row: list[Mark], at: int) -> bool:
    """ "Hurt in one of the attacks": one of those told of, and none more."""
    return at < len(row) and row[at].word == "of"


def _is_replaced(count: Count, row: list[Mark]) -> bool:
    """ "Six instead of three": the second number is one of another day, untold."""
    before = [mark.word for mark in row[max(0, count.at - 3) : count.at]]
    before = before[:-1] if before[-1:] == ["the"] else before
    return count.bare and before[-2:] in (["instead", "of"], ["rather", "than"])


def _spells_out(count: Count, clause: Clause) -> bool:
    """ "Twice as many violations as the day before: six"."""
    row = clause.row
    if row[count.at - 1].word not in TIE:
        return False
    before = [mark.word for mark in row[clause.lo : count.at - 1]]
    return ("as", "many") in itertools.pairwise(before) and not HEADS.isdisjoint(clause.words)


def _is_somebody(mark: Mark) -> bool:
    return mark.kind in {Kind.GROUP, Kind.PARTY} or mark.word in {"group", "groups"}


def is_owned(row: list[Mark], at: int) -> bool:
    """ "X's data - 8", "X's count of the same day is 8", "X, which …, has 8": the number of a party."""
    for back in range(at - 1, max(-1, at - 9), -1):
        mark = row[back]
        if mark.kind is Kind.PARTY or (mark.word == "," and _closes_relative(row, back)):
            return True
        if mark.word not in OWNING and mark.date is None:
            return False
    return False


def _closes_relative(row: list[Mark], comma: int) -> bool:
    """The second comma of "X, which counts only attacks on villages, has three"."""
    for at in range(comma - 1, max(1, comma - _RELATIVE_MARKS), -1):
        if row[at].word == ",":
            return row[at - 1].kind is Kind.PARTY and row[at + 1].word in _RELATIVE
        if row[at].word in {";", ":"} or row[at].kind is Kind.PARTY:
            return False
    return False
