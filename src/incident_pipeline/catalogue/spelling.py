"""One normal form for the many spellings of one name.

Names of this domain are transliterated, so one village is written seven ways: with and without articles, hyphens,
apostrophes, diacritics, doubled letters and a final h. `key` takes all that away; what differs after it is another
name. `skeleton` goes further (vowels and q/k apart), and is for a guess that is flagged as one.

Marks belong to the letter before them, whether composed with it (`ā`), written after it (NFD), or signs of their own
(Arabic vowels), and so do characters that nobody sees (joiners, marks of direction, soft hyphens).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

_APOSTROPHES = "'\u2019\u2018\u02bc\u02bb\u02bf\u02be`\u00b4\u1fef\u1ffd"
_WORD = re.compile(rf"[^\W_]+(?:[{_APOSTROPHES}][^\W_]+)*")
_APOSTROPHE = re.compile(rf"[{_APOSTROPHES}]")
_POSSESSIVE = re.compile(rf"[{_APOSTROPHES}]s$")
_DOUBLED = re.compile(r"([^\W\d])\1+")
_TATWEEL = "\u0640"
"""Stretches an Arabic word to the width of its line, and means nothing."""

ARTICLES = frozenset(
    {"al", "el", "ul", "il", "ar", "as", "ash", "at", "an", "ad", "adh", "az", "ath", "ur", "us", "ush"}
)
_PLAIN_ARTICLES = frozenset({"al", "el"})
"""Articles that are no English words: they belong to the name even without a hyphen."""

NOT_STATED = ("unknown", "unidentified", "not stated", "not known", "unspecified", "undetermined", "n/a")
"""What people write where they do not know a name."""
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


class _MarksAsLetters(dict[int, str]):
    """For `str.translate`: marks and unseen characters become a letter, so that no word ends at one."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        found = self[code] = "x" if unicodedata.category(sign) in _MARKS else sign
        return found


_MARKS = frozenset({"Mn", "Mc", "Me", "Cf"})
"""Unicode's categories of combining marks, and of characters that only shape others."""
_AS_LETTERS = _MarksAsLetters()


class Word(NamedTuple):
    """A significant word of a text: articles and `the`, `of`, `for` are left out."""

    start: int
    """Where it starts in the text; an article that belongs to it is included."""
    end: int
    form: str
    """Its normal form."""
    joined: bool
    """Only a space, a hyphen, a quotation mark or left-out words stand between it and the word before."""
    tail: str = ""
    """A left-out article right behind it: some names end in what is an article elsewhere (`Beit Ur`)."""
    tail_end: int = 0


@lru_cache(maxsize=65_536)
def form(word: str) -> str:
    """Return the normal form of one word."""
    if not word.isascii():
        plain = _APOSTROPHE.sub("'", word)
        word = "".join(sign for sign in unicodedata.normalize("NFKD", plain) if _is_letter(sign))
    word = _APOSTROPHE.sub("", _POSSESSIVE.sub("", word)).casefold()
    word = _SAME_WORD.get(word, word)
    for spelt, plain in _BROAD_VOWELS:
        word = word.replace(spelt, plain)
    word = _DOUBLED.sub(r"\1", word)
    word = word[:-1] if len(word) > 3 and word.endswith("ah") else word
    return _NAME_PARTS.get(word, word)


def _is_letter(sign: str) -> bool:
    """Whether a sign of a decomposed word tells it from others; vowel signs of Indic scripts do."""
    return not unicodedata.combining(sign) and unicodedata.category(sign) not in {"Cf", "Me"} and sign != _TATWEEL


def as_seen(text: str) -> str:
    """Return a text composed (NFC), without what nobody reads: marks of direction, joiners, marks left uncomposed."""
    if text.isascii():
        return text
    return "".join(sign for sign in unicodedata.normalize("NFC", text) if _is_letter(sign))


_Token = tuple[int, int, str, bool]
"""Start, end, normal form, and whether only joining signs stand between it and the token before."""


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    previous_end = 0
    for match in _WORD.finditer(text if text.isascii() else text.translate(_AS_LETTERS)):
        start, end = match.span()
        gap = text[previous_end:start]
        close = gap in {" ", "-"} or (len(gap) <= 4 and _JOINING.issuperset(gap) and gap.count("\n") < 2)
        found.append((start, end, form(text[start:end]), close))
        previous_end = end
    return found


def words(text: str) -> list[Word]:
    """Return the significant words of a text in order; time is linear in its length.

    An article is one before a word that it belongs to: what ends a name, or stands before another article, is a word.
    """
    found: list[Word] = []
    joined = False
    article_start = -1
    tokens = _tokens(text)
    for at, (start, end, plain, close) in enumerate(tokens):
        if plain in SILENT or not plain:
            joined = joined and close
            article_start = -1
            continue
        if plain in ARTICLES and _is_article(tokens, at):
            if found and joined and close:
                found[-1] = found[-1]._replace(tail=plain, tail_end=end)
            joined = joined and close
            hyphened = text[end : end + 1] in {"-", "\u2010", "\u2011"}
            article_start = start if hyphened or plain in _PLAIN_ARTICLES else -1
            continue
        found.append(Word(article_start if article_start >= 0 and close else start, end, plain, joined and close))
        joined = True
        article_start = -1
    return found


def _is_article(tokens: list[_Token], at: int) -> bool:
    if at + 1 == len(tokens):
        return False
    _, _, after, close = tokens[at + 1]
    return close and after not in ARTICLES


@lru_cache(maxsize=65_536)
def key(name: str) -> str:
    """Return the normal form of a name: equal for all spellings that are one name without doubt.

    Equal for all ways in which Unicode writes one name: `key(NFD(name)) == key(NFC(name)) == key(name)`.
    """
    seen = as_seen(name)
    return " ".join(word.form for word in words(seen)) or " ".join(plain for _, _, plain, _ in _tokens(seen) if plain)


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
