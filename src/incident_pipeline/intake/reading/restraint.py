"""Groups that held back: "complied with the truce", "took no part in the violations", "did not fire a single shot"."""


# ruff: noqa: SIM905 - a list of words reads best as words
# ruff: noqa: D210 - a docstring may begin with a quotation

from __future__ import annotations

from incident_pipeline.intake.reading.marks import Kind, Mark
from incident_pipeline.intake.reading.vocabulary import ABOUT_VIOLATIONS, HEADS

COMPLIED = frozenset(
    "complied complies complying adhered adheres adhering abided abides respected respects respecting honoured honored "
    "observed observes observing kept keeps refrained abstained stuck maintained held upheld".split()
)


_LARGELY = frozenset(
    "largely mostly partly generally broadly mainly not never must should to will would may called urged if "
    "agreed promised vowed pledged barely hardly n't unless until".split()
)


_TRUCE = frozenset("truce ceasefire cease-fire silence cessation armistice calm".split())


_INVOLVED = frozenset("involved responsible guilty part behind resort participate".split())


_DO = frozenset("carry commit stage launch conduct open fire make mount perpetrate".split())


WHO = frozenset(
    "group groups unit units formation formations faction factions detachment detachments militants fighters forces "
    "organisation organisations organization organizations".split()
)
"""Nouns for those who fight, where "controlled by X" says which."""


def _is_someone(mark: Mark) -> bool:
    return mark.kind is Kind.GROUP or mark.word in WHO


def is_kept(row: list[Mark], at: int, lo: int, hi: int) -> bool:
    """ "X complied with the truce", "X refrained from violations": a none of those groups, unless "largely"."""
    before, ahead = row[max(lo, at - 5) : at], row[at + 1 : min(at + 6, hi)]
    named = any(_is_someone(mark) for mark in before) and not any(mark.kind is Kind.PARTY for mark in before)
    words = [word for mark in ahead for word in mark.word.split(" ")]
    doubted = {word for mark in before for word in mark.word.split(" ")} | set(words[1:])
    if not named or not _LARGELY.isdisjoint(doubted):
        return False
    if row[at].word in {"held", "holds"}:
        return words[:1] == ["fire"] or words[:2] == ["its", "fire"] or words[:2] == ["their", "fire"]
    if row[at].word in {"refrained", "abstained"}:
        return words[:1] == ["from"] and not (ABOUT_VIOLATIONS | HEADS).isdisjoint(words[1:])
    violations = any(mark.kind is Kind.TYPE or mark.word in HEADS for mark in ahead)
    return words[:1] in (["the"], ["with"], ["to"], ["by"]) and not _TRUCE.isdisjoint(words) and not violations


def takes_no_part(row: list[Mark], at: int, lo: int, ahead: list[Mark]) -> bool:
    """ "X took no part in the violations"."""
    words = [word for mark in ahead for word in mark.word.split(" ")]
    named = any(_is_someone(mark) for mark in row[max(lo, at - 4) : at])
    return named and words[:1] in (["part"], ["hand"], ["role"], ["share"]) and not HEADS.isdisjoint(words)


def is_uninvolved(row: list[Mark], at: int, lo: int, words: list[str]) -> bool:
    """ "X was not involved in any violations", "X did not carry out any attacks", "X did not fire a single shot"."""
    if not any(_is_someone(mark) for mark in row[max(lo, at - 7) : at]):
        return False
    violations = not HEADS.isdisjoint(words) or "them" in words
    if not _INVOLVED.isdisjoint(words[:2]) and violations:
        return True
    if words[:1] and words[0] in _DO and ("any" in words[1:4] or "single" in words[1:5]):
        return violations or not {"shot", "shots", "shell", "round"}.isdisjoint(words)
    return words[:1] == ["attack"] and (len(words) < 2 or words[1] in {".", ",", "on", "at", "once", "anyone"})
