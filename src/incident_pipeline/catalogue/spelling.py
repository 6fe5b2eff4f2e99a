"""One normal form for the many spellings of one name.

Names of this domain are transliterated, so one village is written seven ways: with and without articles, hyphens,
apostrophes, diacritics, doubled letters and a final h. `key` takes all that away; what differs after it is another
name. `skeleton` goes further (vowels and q/k apart), and is for a guess that is flagged as one.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

_APOSTROPHES = "'\u2019\u2018\u02bc\u02bb\u02bf\u02be`\u00b4"
_WORD = re.compile(rf"[^\W_]+(?:[{_APOSTROPHES}][^\W_]+)*")
_NOT_LETTERS = re.compile(rf"[{_APOSTROPHES}]")
_POSSESSIVE = re.compile(rf"[{_APOSTROPHES}]s$")
_DOUBLED = re.compile(r"([^\W\d])\1+")

ARTICLES = frozenset(
    {"al", "el", "ul", "il", "ar", "as", "ash", "at", "an", "ad", "adh", "az", "ath", "ur", "us", "ush"}
)
_PLAIN_ARTICLES = frozenset({"al", "el"})
"""Articles that are no English words: they belong to the name even without a hyphen."""

SILENT = frozenset({"the", "of", "for"})
_SAME_WORD = {"centre": "center", "defence": "defense", "organisation": "organization", "armoured": "armored"}

_NAME_PARTS = {
    spelt: plain
    for plain, spellings in (
        ("kafr", "kafar kfar kefr kafer kfr kefar"),
        ("tal", "tel"),
        ("shaykh", "sheikh shaikh sheik cheikh"),
        ("jabal", "jebel jabel jebal djebel"),
        ("ayn", "ain ein eyn"),
        ("dayr", "deir der dair"),
        ("urum", "orum urem orem orm urm orme urma urme"),
        ("marat", "mara maret mart mret"),
        ("bayt", "beit bait"),
    )
    for spelt in spellings.split(" ")
}
"""First words of many village names, in the ways they are written."""

_JOINING = frozenset(" \t\r\n\u00a0\u202f-\u2010\u2011\u2013'\"*\u2019\u2018\u201c\u201d\u00ab\u00bb")
_BROAD_VOWELS = (("ou", "u"), ("oo", "u"), ("ee", "i"))
_DIGRAPHS = (("sh", "S"), ("ch", "S"), ("kh", "H"), ("gh", "G"), ("dh", "d"), ("th", "t"), ("dj", "j"))
_CONSONANTS = str.maketrans({"q": "k", "c": "k", "v": "w", "p": "b"})
_VOWELS = re.compile(r"[aeiouy]+")


class Word(NamedTuple):
    """A significant word of a text: articles and `the`, `of`, `for` are left out."""

    start: int
    """Where it starts in the text; an article that belongs to it is included."""
    end: int
    form: str
    """Its normal form."""
    joined: bool
    """Only a space, a hyphen, a quotation mark or left-out words stand between it and the word before."""


@lru_cache(maxsize=65_536)
def form(word: str) -> str:
    """Return the normal form of one word."""
    word = _POSSESSIVE.sub("", word)
    if not word.isascii():
        word = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    word = _NOT_LETTERS.sub("", word).casefold()
    word = _SAME_WORD.get(word, word)
    for spelt, plain in _BROAD_VOWELS:
        word = word.replace(spelt, plain)
    word = _DOUBLED.sub(r"\1", word)
    word = word[:-1] if len(word) > 3 and word.endswith("ah") else word
    return _NAME_PARTS.get(word, word)


def words(text: str) -> list[Word]:
    """Return the significant words of a text in order; time is linear in its length."""
    found: list[Word] = []
    previous_end = 0
    joined = False
    article_start = -1
    for match in _WORD.finditer(text):
        start, end = match.span()
        gap = text[previous_end:start]
        close = gap in {" ", "-"} or (len(gap) <= 4 and _JOINING.issuperset(gap) and gap.count("\n") < 2)
        previous_end = end
        plain = form(match.group())
        if plain in SILENT:
            joined = joined and close
            article_start = -1
            continue
        if plain in ARTICLES:
            joined = joined and close
            hyphened = text[end : end + 1] in {"-", "\u2010", "\u2011"}
            article_start = start if hyphened or plain in _PLAIN_ARTICLES else -1
            continue
        found.append(Word(article_start if article_start >= 0 and close else start, end, plain, joined and close))
        joined = True
        article_start = -1
    return found


@lru_cache(maxsize=65_536)
def key(name: str) -> str:
    """Return the normal form of a name: equal for all spellings that are one name without doubt."""
    significant = [word.form for word in words(name)]
    if not significant:
        significant = [form(match.group()) for match in _WORD.finditer(name)]
    return " ".join(significant)


def skeleton(normal: str) -> str:
    """Return the consonants of a normal form, with letters that transliterations mix up made one.

    >>> skeleton(key("Saraqib")) == skeleton(key("Sarakeb"))
    True
    """
    bones = []
    for word in normal.split(" "):
        plain = word[:-1] if len(word) > 3 and word.endswith("h") else word
        for pair, one in _DIGRAPHS:
            plain = plain.replace(pair, one)
        plain = plain.translate(_CONSONANTS)
        first = "a" if _VOWELS.match(plain) else ""
        bones.append(first + _DOUBLED.sub(r"\1", _VOWELS.sub("", plain)))
    return " ".join(bones)


def distance(one: str, other: str) -> int:
    """Return the Levenshtein distance of two short strings."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        above, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (a != b))
    return row[-1]
