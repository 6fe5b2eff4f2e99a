"""What a dead letter carries, and how the same one is known again."""

from __future__ import annotations

import pytest

from incident_pipeline.dead_letter import Letters, Origin, dead_letter_headers, read_dead_letter
from incident_pipeline.log import LogRecord
from incident_pipeline.rejection import REMEDY, Reason, Rejection

NO_DATE = Rejection(Reason.NO_DATE, "no date at $")


def report(offset: int, value: bytes | None = b'{"a":1}', key: bytes | None = b"centre") -> LogRecord:
    return LogRecord("reports", 2, offset, 1_583_971_200_000, key, value)


def letter_of(original: LogRecord, at: int = 0, rejection: Rejection = NO_DATE) -> LogRecord:
    headers = dead_letter_headers(rejection, original)
    return LogRecord("dead-letters", 0, at, 0, original.key, original.value, headers)


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_comes_back_with_its_remedy(reason: Reason) -> None:
    letter = read_dead_letter(letter_of(report(17), rejection=Rejection(reason, "so it is")))
    assert letter is not None
    assert (letter.reason, letter.detail, letter.remedy) == (reason, "so it is", REMEDY[reason])


def test_a_letter_says_whence_it_came_and_keeps_the_bytes() -> None:
    letter = read_dead_letter(letter_of(report(17, b"\xff\x00not text")))
    assert letter is not None
    assert letter.value == b"\xff\x00not text"
    assert letter.size_bytes == 10
    assert letter.origin == Origin("reports", 2, 17, 1_583_971_200_000)
    assert str(letter.origin) == "reports/2/17"
    assert letter.recorded_at == "2020-03-12T00:00:00.000Z"
    assert letter.source == "centre"


@pytest.mark.parametrize("key", [None, b"\xff\xfe"])
def test_a_key_that_is_no_text_names_no_source(key: bytes | None) -> None:
    letter = read_dead_letter(letter_of(report(1, key=key)))
    assert letter is not None
    assert letter.source is None


def test_a_record_without_a_value_may_be_a_dead_letter_too() -> None:
    letter = read_dead_letter(letter_of(report(1, value=None)))
    assert letter is not None
    assert letter.size_bytes == 0


def test_a_record_that_somebody_else_wrote_is_not_one() -> None:
    assert read_dead_letter(LogRecord("dead-letters", 0, 0, 0, b"k", b"v", ())) is None


@pytest.mark.parametrize("header", ["dl_reason", "dl_origin_offset"])
def test_neither_is_one_whose_headers_make_no_sense(header: str) -> None:
    good = letter_of(report(1))
    bad = [(name, b"-x" if name == header else value) for name, value in good.headers]
    assert read_dead_letter(LogRecord("dead-letters", 0, 0, 0, None, b"", bad)) is None


def test_a_repeat_of_an_origin_is_passed_over() -> None:
    letters = Letters()
    letters.add([letter_of(report(5), at=0), letter_of(report(5), at=1)])
    assert [len(sightings) for sightings in letters.listed()] == [1]


def test_the_same_bytes_of_another_origin_are_one_letter_seen_twice() -> None:
    letters = Letters()
    letters.add([letter_of(report(5)), letter_of(report(6, b"other")), letter_of(report(9))])
    assert [[letter.origin.offset for letter in seen] for seen in letters.listed()] == [[5, 9], [6]]
    assert len(letters) == 2
    assert len(letters.origins) == 3


def test_the_same_bytes_of_another_source_are_another_letter() -> None:
    letters = Letters()
    letters.add([letter_of(report(5)), letter_of(report(6, key=b"desk"))])
    assert len(letters) == 2


def test_a_letter_is_found_by_its_origin() -> None:
    letters = Letters()
    letters.add([letter_of(report(5)), letter_of(report(9))])
    found = letters.find(Origin("reports", 2, 9))
    assert found is not None
    assert found.origin.offset == 9
    assert letters.find(Origin("reports", 2, 10)) is None
