"""Sentences of a page: furniture goes, wrapped lines are joined, headings are told from the body."""

# ruff: noqa: RUF001 - texts hold dashes of every kind

from __future__ import annotations

import pytest

from incident_pipeline.intake.reading.furniture import is_furniture
from incident_pipeline.intake.reading.sentences import sentences


def texts(page: str) -> list[str]:
    return [sentence.text for sentence in sentences(page)]


@pytest.mark.parametrize(
    "line",
    [
        "Home | World | Sport",
        "Home » News » Syria",
        "Read also: Nine breaches in Hama",
        "READ MORE",
        "Subscribe to our newsletter",
        "Sign up for free",
        "Share this story",
        "Follow us on Telegram",
        "We use cookies to make this page better.",
        "By Lena Sample",
        "By Lena Sample, Diplomatic Editor",
        "Photo: a road near Saraqib",
        "Smoke over a hill. © Sample Images",
        "12 comments",
        "3 min read",
        "Tags: truce, Idlib, 15 violations",
        "Related: Twelve violations in Aleppo",
        "Advertisement",
        "Published: 12 March 2020",
    ],
)
def test_furniture_is_known_by_its_words(line: str) -> None:
    assert is_furniture(line)


@pytest.mark.parametrize(
    "line",
    [
        "The centre registered two breaches in Idlib.",
        "Published figures show that eight breaches were recorded on Wednesday in the province.",
        "By nightfall, four breaches had been recorded in Hama.",
        "Latakia – 5, Hama – 3, Idlib – 6.",
    ],
)
def test_sentences_are_no_furniture(line: str) -> None:
    assert not is_furniture(line)


def test_abbreviations_and_decimals_do_not_end_a_sentence() -> None:
    assert texts("Maj. Gen. A. Sample spoke at 7.30 p.m. today. He named no one.") == [
        "Maj. Gen. A. Sample spoke at 7.30 p.m. today.",
        "He named no one.",
    ]


def test_wrapped_lines_are_one_sentence() -> None:
    page = "The monitors of the commission counted fourteen breaches in the\nprovinces of Latakia and Hama."
    assert len(texts(page)) == 1


def test_list_items_belong_to_the_line_that_introduces_them() -> None:
    assert len(texts("The centre counted 8 breaches:\n- Idlib – 5;\n- Hama – 3.")) == 1


def test_a_line_without_a_full_stop_is_a_heading() -> None:
    heading, body = sentences("Eight breaches in a day\n\nThe centre counted eight breaches.")
    assert (heading.heading, body.heading) == (True, False)


def test_headlines_of_other_articles_and_comments_are_dropped() -> None:
    page = (
        "The centre counted two breaches of the truce in the province on Tuesday.\n"
        "More stories\nTwelve breaches in Hama\nNine breaches in Aleppo\n"
        "Both were shellings, the head of the centre said at his briefing on Tuesday.\n"
        "Comments\nbob: there were 99 breaches."
    )
    assert [text[:12] for text in texts(page)] == ["The centre c", "Both were sh"]


def test_markup_is_taken_out() -> None:
    assert texts("<p>Hama &ndash; <b>5</b> breaches.</p><script>count = 9;</script>") == ["Hama – 5 breaches."]


def test_a_text_without_an_end_is_cut() -> None:
    assert max(map(len, texts("word " * 10_000))) <= 3_000
