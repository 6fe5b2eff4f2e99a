"""One name, however Unicode writes it: composed, decomposed, with vowel marks, with signs that nobody sees."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.catalogue.spelling import as_seen, key, words

RULES = load_rules(shipped_catalogue())
ACUTE, DOT_BELOW = "\u0301", "\u0323"
HARAKAT = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0670"
UNSEEN = "\u0640\u200b\u200c\u200d\u200e\u200f\u00ad\u2066\u2069\ufeff"
"""Tatweel, joiners, marks of direction, soft hyphen, byte order mark."""


def names() -> Iterator[str]:
    for entry in (*RULES.parties, *RULES.groups, *RULES.sides, *RULES.collectives):
        yield from (entry.name, *entry.aliases)
    for place in RULES.places:
        yield from (place.name, *place.spellings)


def decomposed(name: str) -> str:
    return unicodedata.normalize("NFD", name)


def strewn(name: str, signs: str) -> str:
    return "".join(letter + signs[at % len(signs)] if letter.isalpha() else letter for at, letter in enumerate(name))


def test_a_name_of_the_catalogue_is_one_name_in_every_writing() -> None:
    for name in set(names()):
        with_marks = strewn(name, ACUTE + DOT_BELOW)
        ways = (decomposed(name), with_marks, unicodedata.normalize("NFC", with_marks), strewn(name, UNSEEN))
        assert key(name)
        assert {key(other) for other in ways} == {key(name)}, name


written = st.text(
    st.one_of(
        st.sampled_from("aāïḥ'\u2019 -،سرقبَّـ\u200f\u0301"),
        st.characters(categories=["L", "Mn", "Mc", "Me", "Cf", "Nd", "Zs", "Pd", "Po", "Sk"]),
    ),
    max_size=30,
)


@given(written)
def test_composed_and_decomposed_are_one_name(name: str) -> None:
    assert key(decomposed(name)) == key(unicodedata.normalize("NFC", name)) == key(name)


@given(st.text(st.sampled_from("سراقبحلبإأآةىؤئ "), min_size=1, max_size=20), st.sampled_from(HARAKAT + UNSEEN))
def test_vowel_marks_and_stretching_change_no_arabic_name(name: str, sign: str) -> None:
    assert key(strewn(name, sign)) == key(name)


@given(written)
def test_words_stand_where_the_text_has_them(text: str) -> None:
    found = words(text)
    assert all(word.start < word.end <= len(text) for word in found)
    assert all(one.end <= other.start for one, other in itertools.pairwise(found))


@given(written)
def test_what_is_seen_of_a_text_does_not_depend_on_how_it_is_composed(text: str) -> None:
    assert as_seen(decomposed(text)) == as_seen(text) == as_seen(as_seen(text))
