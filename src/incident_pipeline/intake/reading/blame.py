"""Sentences that only say who did what was told before them: "They were committed by A or B"."""


# ruff: noqa: SIM905 - a list of words reads best as words
# ruff: noqa: D210 - a docstring may begin with a quotation
# ruff: noqa: PLR0911 - a rule is a list of cases, read from the top

from __future__ import annotations

import itertools
import re

from incident_pipeline.intake.reading.attribution import FILLER
from incident_pipeline.intake.reading.marks import Kind, Mark
from incident_pipeline.intake.reading.vocabulary import (
    COMMITTED,
    HEADS,
    TALLIES,
)

_LABEL = re.compile(
    r"(?:(?:committed|carried out|perpetrated|staged|launched|caused) )?by :|(?:attributed|ascribed|imputed) to :"
)
_REFERRING = frozenset(
    "they them both all every these those responsibility responsible each it blame blames blamed violations attacks "
    "shellings incidents breaches infringements infractions firings bombardments strikes raids perpetrators culprits "
    "author authors offenders".split()
)


_BLAMING = COMMITTED | frozenset(
    "by blame blames blamed carried lies lay rests work ascribe traced originated originates responsibility lie pinned "
    "fault down laid door charge "
    "imputed charged account conscience due belong belongs belonged attributes attribute attributing ascribed ascribes "
    "perpetrators culprits suspected suspects came stem stemmed chalked put pin pins lay lays laying trace traces set "
    "assigned assigns assign".split()
)


_SUSPECTING = frozenset(
    "ascribe ascribes attribute suspects suspect blames attributes accused accuses finger fingers pointed points "
    "pointing singled singles pinned pins put puts laid lays chalked chalks traced traces assigns assigned".split()
)


_HOLDING = frozenset("held holds hold holding".split())


_AUTHORS = frozenset(
    "shooters attackers assailants violators responsible perpetrators perpetrator culprits offenders authors culprit "
    "offender author attacker violator".split()
)


_AUTHOR_WORDS = 4


_DENYING = frozenset("denies denied deny rejects rejected claims claimed disputes disputed".split())


_LIABLE = frozenset("responsibility suspected involved suspicion".split())


_THE_FIRE = (["the", "fire"], ["the", "shooting"], ["the", "shelling"])


_BELONGING = frozenset("belonged belong belongs".split())


_DID_IT = frozenset({("did", "it"), ("did", "this"), ("did", "so")})


_OPENING_MARKS = 14


def is_attribution_only(row: list[Mark]) -> bool:
    """ "They were committed by A or B": who did what the sentence before told."""
    row = row[1:] if row and row[0].word in {";", ","} else row
    words = [word for mark in row for word in mark.word.split(" ")]
    label = _LABEL.match(" ".join(words[:5]))
    if label is not None:
        return _opens_with_group(row[[mark.word for mark in row].index(":") + 1 :])
    if not _DENYING.isdisjoint(words):
        return False
    if not _AUTHORS.isdisjoint(words[:_AUTHOR_WORDS]) or (not _LIABLE.isdisjoint(words) and HEADS.isdisjoint(words)):
        return True
    if words[:2] in _THE_FIRE or (words[:2] == ["the", "militants"] and not _BELONGING.isdisjoint(words)):
        return True
    if any(pair in _DID_IT for pair in itertools.pairwise(words)) and HEADS.isdisjoint(words):
        return True
    held = "responsible" in words and not _HOLDING.isdisjoint(words)
    if (held or not _SUSPECTING.isdisjoint(words)) and HEADS.isdisjoint(words) and TALLIES.isdisjoint(words):
        return True
    if _REFERRING.isdisjoint(word for mark in row[:_OPENING_MARKS] for word in mark.word.split(" ")):
        return False
    named = words[:1] in (["it"], ["they"]) and words[1:2] in (["was"], ["were"]) and _opens_with_group(row[2:])
    return named or not _BLAMING.isdisjoint(words) or _names_behind_colon(row)


def _names_behind_colon(row: list[Mark]) -> bool:
    """ "All violations: A or B"."""
    colon = next((at for at, mark in enumerate(row[:6]) if mark.word == ":"), None)
    return colon is not None and _opens_with_group(row[colon + 1 :])


def names_only(row: list[Mark]) -> bool:
    """A sentence of nothing but groups: "A or B."."""
    return all(mark.kind is Kind.GROUP or mark.word in FILLER or mark.word in {".", ":"} for mark in row)


def _opens_with_group(row: list[Mark]) -> bool:
    first = next((at for at, mark in enumerate(row[:6]) if mark.kind is Kind.GROUP), None)
    return first is not None and all(mark.word in FILLER for mark in row[:first])
