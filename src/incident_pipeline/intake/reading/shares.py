"""Numbers without a noun that are laid to somebody: "nineteen came from A", "behind five of them stood B"."""

# ruff: noqa: SIM905 - a list of words reads best as words
# ruff: noqa: D210 - a docstring may begin with a quotation

from __future__ import annotations

from incident_pipeline.intake.reading.counts import VIOLATIONS, Count
from incident_pipeline.intake.reading.marks import Kind, Mark
from incident_pipeline.intake.reading.vocabulary import CASUALTY

_REACH_MARKS = 10
_AUXILIARIES = frozenset("is are was were has have had can could must been being be all both".split())
_SURELY = frozenset("probably likely possibly apparently again also clearly directly alone back".split())
_LAID = frozenset(
    "laid ascribed attributed attributable imputed blamed pinned traced assigned charged credited chalked put came "
    "come comes stem stemmed stems originated originate originates work doing handiwork hands door signature hallmarks "
    "responsibility fault account belong belonged belongs committed carried perpetrated staged launched".split()
)
_STANDING = frozenset(
    "stood stands stand was were is are lies lay rests rested responsible responsibility blame blamed answerable "
    "answers".split()
)
_LEADS = frozenset("behind for".split())
_REST = frozenset("the remaining other another further some".split())
_OF_THEM = frozenset("of them these those which".split())
_TAKEN = frozenset("seized captured detained arrested freed released evacuated rescued taken held missing".split())
_HARMED = CASUALTY | _TAKEN
_PASSED = _AUXILIARIES | _OF_THEM | _SURELY
_STOPS = frozenset({",", ";", ":", "(", "."})


def is_of_people(count: Count, row: list[Mark]) -> bool:
    """ "Nineteen were killed by A": they are no violations."""
    ahead = [mark.word for mark in row[count.end : count.end + 4] if mark.word not in _PASSED]
    return count.bare and ahead[:1] != [] and ahead[0] in _HARMED


def is_laid(count: Count, row: list[Mark], lo: int, hi: int) -> bool:
    """Whether a bare number of violations is told by nothing but who is blamed for them."""
    if not count.bare or count.topic != VIOLATIONS or all(mark.kind is not Kind.GROUP for mark in row[lo:hi]):
        return False
    told = _is_subject(count, row, hi) or _is_led(count, row, lo, hi)
    return told or _comes_from(count, row, lo) or _is_behind(count, row, lo)


def _is_subject(count: Count, row: list[Mark], hi: int) -> bool:
    """ "Nineteen are laid at the door of A", "nineteen of them bear the hallmarks of A"."""
    words = _before_group(count.end, row, hi)
    while words[:1] and words[0] in _OF_THEM:
        words = words[1:]
    if not words or (words[0] not in _AUXILIARIES | _LAID and _LAID.isdisjoint(words[1:4])):
        return False
    by = words[-1] == "by" or words[-2:] == ["by", "the"]
    return not _LAID.isdisjoint(words) or (by and set(words) <= _AUXILIARIES | _SURELY | {"by", "the"})


def _is_led(count: Count, row: list[Mark], lo: int, hi: int) -> bool:
    """ "Behind nineteen of them stood A, behind the other five B": the second time without the verb."""
    lead = _lead(count, row, lo)
    if lead is None:
        return False
    words = [word for word in _before_group(count.end, row, hi) if word not in _OF_THEM]
    group = next((at for at in range(count.end, min(count.end + 4, hi)) if row[at].kind is Kind.GROUP), hi)
    if not _STANDING.isdisjoint([*words, *(mark.word for mark in row[group + 1 : min(group + 4, hi)])]):
        return True
    again = any(row[at].word == lead and row[at + 1].number is not None for at in range(lo, count.at - 2))
    named = any(mark.kind is Kind.GROUP for mark in row[count.end : min(count.end + 4, hi)])
    return again and named and set(words) <= {"the"}


def _lead(count: Count, row: list[Mark], lo: int) -> str | None:
    at = count.at - 1
    while at > lo and row[at].word in _REST:
        at -= 1
    return row[at].word if at >= lo and row[at].word in _LEADS else None


def _comes_from(count: Count, row: list[Mark], lo: int) -> bool:
    """ "From A came nineteen, from B the remaining five"."""
    at = count.at - 1
    while at > lo and (row[at].word in _REST or row[at].word in {"came", "come", "stem", "stemmed"}):
        at -= 1
    start = max(lo, at - 2)
    return row[at].kind is Kind.GROUP and any(mark.word == "from" for mark in row[start:at])


def _is_behind(count: Count, row: list[Mark], lo: int) -> bool:
    """ "A stood behind nineteen of them, B behind the other five"."""
    if _lead(count, row, lo) is None or count.spots:
        return False
    for at in range(count.at - 1, max(lo, count.at - _REACH_MARKS) - 1, -1):
        if row[at].kind is Kind.GROUP:
            return True
        if row[at].word not in _STANDING | _LEADS | _REST | {"held", "has", "been", "thought", "believed", "to", "be"}:
            return False
    return False


def _before_group(start: int, row: list[Mark], hi: int) -> list[str]:
    """The words from a mark to the group named next; none where a number or a comma stands between."""
    words: list[str] = []
    for mark in row[start : min(start + _REACH_MARKS, hi)]:
        if mark.kind is Kind.GROUP:
            return words
        if mark.number is not None or mark.word in _STOPS:
            return []
        words.append(mark.word)
    return []
