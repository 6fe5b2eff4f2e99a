"""Text of others, shown and never obeyed."""

from __future__ import annotations

import json

import pytest

from incident_pipeline.visible import visible, visible_json


@pytest.mark.parametrize("text", ["", "Saraqib", "Sarāqib", "سراقب", "a b", "[/bold]", "\\x1b", "👁"])
def test_what_prints_is_left_as_it_is(text: str) -> None:
    assert visible(text) is text
    assert visible_json(text) is text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", r"\x1b[31m"),
        ("a\nb\tc\r", r"a\nb\tc\r"),
        ("\x00\x7f\x9b", r"\x00\x7f\x9b"),
        ("\u202e\u2066\u200b\u2028\ufeff", r"\u202e\u2066\u200b\u2028\ufeff"),
        ("\U000e0041\ud800", r"\U000e0041\ud800"),
    ],
)
def test_what_does_not_print_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_lines_are_kept_where_that_is_asked() -> None:
    assert visible("a\n\tb\x1b", keep="\n\t") == "a\n\tb\\x1b"


def test_json_keeps_its_values() -> None:
    value = {"source": "a\x1b\x9b\u202e\U000e0041\n\u2028", "سراقب": ["👁", 1]}
    text = visible_json(json.dumps(value, ensure_ascii=False))
    assert text.isprintable()
    assert json.loads(text) == value
    assert "سراقب" in text
