"""Explicit nones: "no violations", "has not registered any", "none by X"."""

# ruff: noqa: RUF001 - texts hold dashes and quotation marks of every kind
# ruff: noqa: SIM905 - a list of words reads best as words
# ruff: noqa: D210 - a docstring may begin with a quotation

# ruff: noqa: C901, PLR0911 - a rule is a list of cases, and texts hold dashes of every kind

from __future__ import annotations

import itertools

from incident_pipeline.intake.reading.counts import VIOLATIONS
from incident_pipeline.intake.reading.marks import Kind, Mark
from incident_pipeline.intake.reading.restraint import COMPLIED, WHO, is_kept, is_uninvolved, takes_no_part
from incident_pipeline.intake.reading.vocabulary import (
    ABOUT_VIOLATIONS,
    CASUALTY,
    COMMITTED,
    HEADS,
    REGISTERED,
    TALLIES,
)

_REACH = 7
_NIL = frozenset("nil none zero naught nought nothing".split())
_EXCEPTING = frozenset("than except but besides save beyond".split())
_SHOTS = frozenset("shot shots shell shells round rounds bullet".split())
_FIRED = frozenset("fired fell landed heard exploded".split())
_COLONS = frozenset({":", "–", "-", "—", "="})
_SEEN = frozenset(
    "registered recorded noted observed detected logged documented tallied counted identified reported established "
    "noticed witnessed listed revealed found put seen spotted ascertained discovered fixed tracked committed carried "
    "perpetrated staged launched heard".split()
)
_HELD = frozenset(
    "violate violated breach breached break broken shell shelled attack attacked fire fired open opened".split()
)


_BREAKING = frozenset("violating breaking breaching violate break breach".split())
_WHEN = frozenset("on in during at over".split())
_WERE = frozenset("were was been are is have has had being".split())
_SUBJECT_MARKS = 14
_KEPT = frozenset(
    "violate violated breach breached break broken infringe infringed disturb disturbed disrupt "
    "disrupted flout flouted "
    "transgress transgressed contravene contravened undermine undermined disregard disregarded disobey disobeyed "
    "trespass trespassed offend offended defy defied interrupt interrupted".split()
)
_DID = frozenset("broke defied committed fired shelled attacked opened involved responsible behind".split())
CEASED = frozenset("silence calm de-escalation cessation agreement accord deal protocol memorandum moratorium".split())
REGIMES = frozenset("truce ceasefire cease-fire armistice hostilities".split())
"""A truce under its other names, right behind a verb of breaking it."""


def none_at(row: list[Mark], lo: int, hi: int, *, topic: str | None) -> int | None:
    """The mark among `lo` to `hi` - 1 that says that there were no violations; None: none does."""
    return next((at for at in range(lo, hi) if _denies(row, at, lo, hi, topic)), None)


def _denies(row: list[Mark], at: int, lo: int, hi: int, topic: str | None) -> bool:
    """Whether the word at a mark tells a none: by its kind, and by what stands around it."""
    word = row[at].word
    ahead = row[at + 1 : min(at + 1 + _REACH, hi)]
    if (word == "no" and [mark.word for mark in ahead[:1]] == ["one"]) or word in {"nobody", "no-one"}:
        return _broke(row, at, hi)
    if word == "no" and _excepts(ahead):
        return False
    if word == "without" and _names_before(row, at) and [mark.word for mark in ahead[:2]] in (["any"], ["any", "."]):
        return True
    if word in {"no", "zero", "without", "nil"} or (word in {"neither", "nor"} and ahead):
        told = {mark.word for mark in ahead}
        held = word == "neither" and not told.isdisjoint(_HELD) and not told.isdisjoint(ABOUT_VIOLATIONS)
        also = word in {"nor", "neither"} and ahead[0].word in {"did", "has", "had", "have"} and topic == VIOLATIONS
        also = also and any(mark.kind is Kind.PARTY for mark in ahead)
        if word == "no" and _names_who(ahead[:3]) and _broke(row, at, hi):
            return True
        return held or also or takes_no_part(row, at, lo, ahead) or _counts_violations(ahead) or _is_entry(row, at, lo)
    if word in {"not", "never", "n't"} or word.endswith(("n't", "n’t")):
        return _is_not_registered(row, at, _to_colon(ahead), lo, hi)
    if word in COMPLIED:
        return is_kept(row, at, lo, hi)
    if word == "nothing":
        return _is_entry(row, at, lo)
    if word == "none":
        return _is_entry(row, at, lo) or _none_of_them(row, at, lo, hi, topic)
    if _is_zero(row[at]) and row[at].word == "0" and any(mark.word == "respectively" for mark in row):
        return False
    return _is_zero(row[at]) and (topic == VIOLATIONS or _counts_violations(ahead))


def _excepts(ahead: list[Mark]) -> bool:
    """ "No violations other than three in X": there were three."""
    at = next((here for here, mark in enumerate(ahead) if mark.word in _EXCEPTING), None)
    return at is not None and any(mark.number is not None for mark in ahead[at + 1 : at + 4])


def _names_before(row: list[Mark], at: int) -> bool:
    """Whether violations were named before a mark."""
    return any(_is_plural_head(mark) for mark in row[:at])


def _to_colon(ahead: list[Mark]) -> list[Mark]:
    """ "X did not: it fired twice"."""
    return list(itertools.takewhile(lambda mark: mark.word not in {":", ";"}, ahead))


def _is_entry(row: list[Mark], at: int, lo: int) -> bool:
    """ "Violations: nil", "Shellings - none"."""
    if at < lo + 2 or row[at].word not in _NIL:
        return False
    if row[at - 1].word in {"was", "were", "is", "at", "to", "as"}:
        before = row[max(lo, at - _SUBJECT_MARKS) : at - 1]
        telling = any(mark.word in TALLIES | {"put", "puts", "stood", "stands", "amounted", "given"} for mark in before)
        return telling and any(_is_plural_head(mark) for mark in before)
    return row[at - 1].word in _COLONS and any(_is_plural_head(mark) for mark in row[max(lo, at - 6) : at - 1])


def _is_zero(mark: Mark) -> bool:
    return mark.number is not None and mark.number.value == 0


def _counts_violations(ahead: list[Mark]) -> bool:
    """The negated noun itself must be of violations: "no shelling", not "no casualties in the shelling"."""
    for at, mark in enumerate(ahead):
        last = mark.word.rsplit(" ", 1)[-1]
        if last in _SHOTS and not _FIRED.isdisjoint(one.word for one in ahead[at + 1 : at + 5]):
            return True
        if last == "single":
            continue
        if last in CASUALTY or mark.word in {"one", "longer", "reports", "doubt"}:
            return False
        if last in HEADS or (mark.kind is Kind.TYPE):
            return True
        if mark.word in {"cases", "instances", "facts", "case", "instance", "fact", "incidents"}:
            return True
        if mark.kind in {Kind.PUNCT, Kind.NUMBER} or mark.word in {
            "in",
            "on",
            "at",
            "was",
            "were",
            "has",
            "have",
            "had",
            "after",
        }:
            return False
    return False


def _is_plural_head(mark: Mark) -> bool:
    last = mark.word.rsplit(" ", 1)[-1]
    return last in HEADS and last.endswith("s")


def ahead_of(ahead: list[Mark], word: str) -> int:
    """Index after a word; past the end where it is missing."""
    return next((at + 1 for at, mark in enumerate(ahead) if mark.word.rsplit(" ", 1)[-1] == word), len(ahead))


def _is_of_violations(row: list[Mark], lo: int, end: int) -> bool:
    """ "Violations of the truce by X in Y" before "were not recorded": nothing else has a verb or a number there."""
    before = row[max(lo, end - _SUBJECT_MARKS) : end]
    if any(mark.number is not None or mark.word in _WERE | REGISTERED | COMMITTED for mark in before):
        return False
    return any(_is_plural_head(mark) or (mark.kind is Kind.TYPE and mark.word in HEADS) for mark in before)


def _names_who(ahead: list[Mark]) -> bool:
    """ "(Not a single) group controlled by X", "(no) formation of the side"."""
    for mark in ahead:
        if mark.kind is Kind.GROUP or mark.word in WHO:
            return True
        if mark.kind not in {Kind.WORD, Kind.NUMBER}:
            return False
    return False


def _broke(row: list[Mark], at: int, hi: int) -> bool:
    """ "(Not a single group …) violated the truce", "… committed a violation", "… was involved in any attack"."""
    words = [word for mark in row[at + 1 : min(at + _SUBJECT_MARKS + 6, hi)] for word in mark.word.split(" ")]
    verb = next((here for here, word in enumerate(words) if word in _KEPT | _HELD | _DID or word in COMMITTED), None)
    if verb is None:
        return False
    behind = words[verb + 1 : verb + 8]
    return not (ABOUT_VIOLATIONS | HEADS | REGIMES).isdisjoint(behind) or not CEASED.isdisjoint(behind)


def _is_not_registered(row: list[Mark], at: int, ahead: list[Mark], lo: int, hi: int) -> bool:
    words = [word for mark in ahead for word in mark.word.split(" ")]
    if words[:3] == ["a", "single", "one"]:
        return True
    if (words[:2] == ["a", "single"] or words[:1] == ["one"]) and _names_who(ahead):
        return _broke(row, at, hi)
    if words[:2] == ["a", "single"] or words[:1] in (["one"], ["any"]):
        return _counts_violations(ahead[1:])
    verbs = set(words[:3])
    negated = any(mark.word in {"did", "had", "has", "have"} for mark in row[max(0, at - 2) : at])
    whichever = any(pair[1] == "any" and pair[0] not in _WHEN for pair in itertools.pairwise(words))
    broke = verbs & _HELD and not ABOUT_VIOLATIONS.isdisjoint(words[1:]) and not whichever
    named = not (ABOUT_VIOLATIONS | REGIMES | CEASED).isdisjoint(words[1:])
    if negated and verbs & _KEPT and named and not whichever:
        return True
    if negated and (broke or (verbs & _KEPT and "it" in words[1:3])):
        return True
    if _is_unbroken(row, at, lo, words) or is_uninvolved(row, at, lo, words):
        return True
    if verbs & REGISTERED or verbs & COMMITTED:
        return _is_of_any(ahead, words)
    return False


def _is_unbroken(row: list[Mark], at: int, lo: int, words: list[str]) -> bool:
    """ "The truce was not broken", "violations by X were not registered", "X has not been seen breaking the truce"."""
    truce = ABOUT_VIOLATIONS.intersection(word for mark in row[max(lo, at - 8) : at] for word in mark.word.split(" "))
    if row[at - 1].word in _WERE and not _KEPT.isdisjoint(words[:2]) and truce:
        return True
    if words[:1] == ["been"] and not _SEEN.isdisjoint(words[1:3]) and not _BREAKING.isdisjoint(words[2:]):
        return True
    seen = words[:1] and not _SEEN.isdisjoint(words[:3])
    return bool(seen) and row[at - 1].word in _WERE | _COLONS and _is_of_violations(row, lo, at - 1)


def _is_of_any(ahead: list[Mark], words: list[str]) -> bool:
    """ "(Not) registered any violations", "(not) committed a single one"."""
    if any(words[at : at + 2] == ["a", "single"] for at in range(4)):
        return _counts_violations(ahead[ahead_of(ahead, "single") :])
    if ahead[1:] and _is_plural_head(ahead[1]):
        return True
    return "any" in words and (_counts_violations(ahead[words.index("any") + 1 :] or ahead) or "any" in words[-2:])


def _none_of_them(row: list[Mark], at: int, lo: int, hi: int, topic: str | None) -> bool:
    """ "None" alone stands for violations where the text speaks of them and names who, where, or who registered."""
    words = {mark.word for mark in row[lo:hi]}
    if words & CASUALTY:
        return False
    ahead = [mark.word for mark in row[at + 1 : min(at + 4, hi)]]
    named = any(mark.kind is Kind.GROUP for mark in row[lo:at])
    if named and (row[at - 1].word in COMMITTED or (row[at - 1].word == "for" and "responsible" in words)):
        return True
    if ahead[:1] == ["of"] and not words & HEADS and "by" not in words:
        return any(mark.kind is Kind.GROUP or mark.word in WHO for mark in row[at + 1 : hi]) and bool(words & COMMITTED)
    if ahead[:1] == ["by"] and any(mark.kind is Kind.GROUP for mark in row[at + 1 : min(at + 5, hi)]):
        return True
    about = topic == VIOLATIONS or bool(words & HEADS)
    named = any(mark.kind in {Kind.GROUP, Kind.PARTY, Kind.PLACE, Kind.DATE} for mark in row[lo:hi])
    return about and (named or bool(words & REGISTERED))
