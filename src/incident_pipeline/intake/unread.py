"""A text of which nothing was read: for a person to look at, or one with nothing to count in it.

The reader gives the same for both: nothing. Here they are told apart by the text alone, and only where nothing came of
it. A text passes as one with nothing to count if it is in the reader's language and has no word of violations.
"""

# ruff: noqa: SIM905 - a list of words reads best as words

from __future__ import annotations

import re
from typing import Final

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.spelling import as_seen
from incident_pipeline.intake.reading.marks import Kind, marks
from incident_pipeline.intake.reading.sentences import sentences
from incident_pipeline.intake.reading.vocabulary import ABOUT_VIOLATIONS, ATTACKED, HEADS, MUNITIONS
from incident_pipeline.line import Unread

_WORD: Final = re.compile(r"[^\W\d_]+")
_OF_VIOLATIONS: Final = ABOUT_VIOLATIONS | ATTACKED | HEADS | MUNITIONS
_ENGLISH: Final = frozenset(
    """the of and to by from with this that these which were are have been their there they will would could not nothing
    took place said says took told visited held during after before between about into today yesterday day morning
    evening night week weather calm quiet meeting patrol patrols joint reported report reports situation remains went
    while when where who our we you""".split()
)
"""Words of ordinary English that other languages of the field do not share."""
_ENGLISH_SHARE: Final = 0.1
"""The least share of such words: English of bulletins and news has four in ten, and other languages next to none."""


def why_unread(text: str, catalogue: Catalogue) -> Unread | None:
    """Why nothing was read of a text in which the reader found nothing; None where it holds nothing to count."""
    if not text.strip():
        return None
    seen = as_seen(text)
    words = [word.lower() for word in _WORD.findall(seen)]
    if not _OF_VIOLATIONS.isdisjoint(words):
        return Unread.VIOLATIONS
    if sum(word in _ENGLISH for word in words) <= _ENGLISH_SHARE * len(words):
        return Unread.LANGUAGE
    tells_type = any(
        mark.kind is Kind.TYPE for sentence in sentences(seen) for mark in marks(sentence.text, catalogue.names, None)
    )
    return Unread.VIOLATIONS if tells_type else None
