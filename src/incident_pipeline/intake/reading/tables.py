"""A small table of numbers by day or place, drawn with bars, as lines that can be read."""

# ruff: noqa: RUF001 - a rule is a list of cases, and texts hold dashes of every kind

from __future__ import annotations

import re

_CELLS_MAX = 8
_ROWS_MAX = 60
_CELL_CHARS = 60
_NUMBER = re.compile(r"(?:\d{1,4}|none|nil|-|–|—)")
_PAIR = re.compile(
    r"(?:[^\W\d][^|:.!?]{0,60}: ?)?[^\W\d][^|\d.!?]{0,40}? ?[:–—(-]? ?(?:\d{1,4}|none|nil)\)?[.;]?", re.IGNORECASE
)
_RULE = re.compile(r"[-:+=\s|]{3,300}")
_EMPTY = frozenset({"-", "–", "—"})


def with_tables_told(lines: list[str]) -> list[str]:
    """Lines of a text; a row of a table becomes "9 March: 2 violations; 13 convoys."; all others stay as they are."""
    told: list[str] = []
    heads: list[str] | None = None
    rows = 0
    for line in lines:
        cells = _cells(line)
        if heads is not None and _RULE.fullmatch(line):
            continue
        if heads is not None and rows < _ROWS_MAX and len(cells) == len(heads) and _is_row(cells):
            told.append(_row(heads, cells))
            rows += 1
            continue
        pairs = _pairs(line)
        if pairs:
            heads = None
            told.append(pairs)
            continue
        heads, rows = (cells, 0) if _is_header(cells) else (None, 0)
        told.append(line)
    return told


def _pairs(line: str) -> str:
    """`X 5 | Y 3 | Z 6`, the line of a list; empty where a line is none."""
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if "|" in line else []
    if not 2 <= len(cells) <= _ROWS_MAX or not all(_PAIR.fullmatch(cell) for cell in cells):
        return ""
    return f"{', '.join(cells)}."


def _cells(line: str) -> list[str]:
    if "|" not in line:
        return []
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    return cells if 2 <= len(cells) <= _CELLS_MAX and all(len(cell) <= _CELL_CHARS for cell in cells) else []


def _is_header(cells: list[str]) -> bool:
    return bool(cells) and all(cells[1:]) and not any(char.isdigit() for cell in cells for char in cell)


def _is_row(cells: list[str]) -> bool:
    return bool(cells[0]) and all(_NUMBER.fullmatch(cell.lower()) for cell in cells[1:])


def _row(heads: list[str], cells: list[str]) -> str:
    """An empty cell tells nothing; a nought or "none" tells none."""
    entries = [
        f"{'no' if cell.lower() in {'0', 'none', 'nil'} else cell} {head[0].lower()}{head[1:]}"
        for head, cell in zip(heads[1:], cells[1:], strict=True)
        if cell not in _EMPTY
    ]
    return f"{cells[0]}: {'; '.join(entries)}."
