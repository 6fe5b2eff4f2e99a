"""What names of sources and reports are compared by: one person writes one name in several ways.

Case, spaces around and within, the width of letters, dashes and signs that nobody sees make no other name. The form is
written into `lines` beside the spelling, so that what was decided once does not hang on this function.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_DASHES: Final = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_UNSEEN: Final = frozenset({"Cf", "Cc", "Co", "Cs", "Cn"})
_BLANKS: Final = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85")
_SELECTORS: Final = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
"""Variation selectors: marks that choose a glyph."""
_EMPTY: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""Letters, marks and symbols that show nothing: fillers, joiners, an empty cell of Braille."""
_DOTS: Final = (("i\u0307", "i"), ("\u0131", "i"))
"""Turkish has an i with a dot and one without: a keyboard set to it writes `WH\u0130TE` and `wh\u0131te`."""


def identity(name: str) -> str:
    """Return the form that a name is compared by; empty for a name in which there is nothing to see.

    >>> identity("  Sample-Observer\u2011North ")
    'sample-observer-north'
    """
    if name.isascii() and name.isprintable() and " " not in name:
        return name.lower()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    for dotted, plain in _DOTS:
        folded = folded.replace(dotted, plain)
    seen = "".join(" " if sign in _BLANKS else sign for sign in folded if sign in _BLANKS or _is_seen(sign))
    return " ".join(_DASHES.sub("-", seen).split())


def _is_seen(sign: str) -> bool:
    return (
        unicodedata.category(sign) not in _UNSEEN
        and sign not in _EMPTY
        and not any(ord(sign) in several for several in _SELECTORS)
    )
