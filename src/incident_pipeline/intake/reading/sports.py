"""Results of matches between towns, whose numbers are goals."""

# ruff: noqa: RUF001 - texts hold dashes of every kind
# ruff: noqa: D210 - a docstring may begin with a quotation
# ruff: noqa: SIM905 - a list of words reads best as words

from __future__ import annotations

from incident_pipeline.intake.reading.marks import Mark

_DASHES = frozenset("- – — :".split())
_PLAYED = frozenset(
    "beat beaten beats won win wins winning lost lose loses drew draw draws drawn defeated defeat defeats match "
    "matches cup semi-final quarter-final derby friendly ended finished edged hammered thrashed victory "
    "trounced scoring tie tied overcame".split()
)
_SPORTING = frozenset(
    "football soccer basketball handball volleyball league goal goals scored scorer scorers goalless goalkeeper "
    "striker midfielder defender coach championship tournament fixture fixtures matchday kick-off half-time penalties "
    "penalty-kick premier stadium footballers champions club clubs fc sc".split()
)
_ALONE = 2


def is_match(row: list[Mark], words: set[str]) -> bool:
    """Whether a sentence tells how a match ended: a score and a word of playing, or words of a sport alone."""
    sporting = len(words & _SPORTING)
    if sporting >= _ALONE:
        return True
    return bool(sporting or words & _PLAYED) and _has_score(row, sporting=bool(sporting))


def _has_score(row: list[Mark], *, sporting: bool) -> bool:
    """ "3-1", "2:0"; in words of a sport "2 to 1" too."""
    for at in range(len(row) - 2):
        one, two = row[at].number, row[at + 2].number
        touching = row[at].end == row[at + 1].start and row[at + 1].end == row[at + 2].start
        if one is not None and two is not None and row[at + 1].word in _DASHES and (touching or sporting):
            return True
        if sporting and one is not None and two is not None and row[at + 1].word in {"to", ",", "and"}:
            return True
    return sporting and any(_is_written_score(mark) for mark in row)


def _is_written_score(mark: Mark) -> bool:
    """A score that was taken for a range, "1-3", or for a time of day, "3:10"."""
    if mark.number is None or mark.number.high is None:
        return False
    return any(dash in mark.word for dash in _DASHES) and mark.word[:1].isdigit()
