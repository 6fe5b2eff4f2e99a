"""Words of ordinary English that cannot be a name: they would be found in every text."""

from __future__ import annotations

from typing import Final

from incident_pipeline.catalogue.spelling import key

_MONTHS_AND_DAYS = (
    "january february march april may june july august september october november december jan feb mar apr jun "
    "jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri "
    "sat sun today yesterday tomorrow day night morning evening noon midnight week month year hour minute"
)
_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred "
    "thousand first second third last next dozen several many few some any all none nothing nobody no number "
    "total sum half both each every either neither other others another"
)
_FUNCTION_WORDS = (
    "a about above after again against also although among and are around as at be because been before being "
    "below between but by can could did do does during for from had has have he her here his how however if in "
    "into is it its more most near not of off on only or our out over own same she should since so such than that "
    "the their them then there these they this those through to under until up was we were what when where which "
    "while who whom why will with within would you your yes"
)
_WORDS_OF_REPORTS = (
    "area areas zone region city town village villages district province place places border ceasefire truce "
    "agreement violation violations incident incidents attack attacks report reports source sources party parties "
    "side sides group groups people civilians men women children unknown unidentified unspecified unattributed "
    "unnamed"
)
COMMON_WORDS: Final = frozenset(
    key(word) for words in (_MONTHS_AND_DAYS, _NUMBERS, _FUNCTION_WORDS, _WORDS_OF_REPORTS) for word in words.split()
)
"""In the normal form of names."""
