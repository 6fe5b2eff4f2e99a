"""Text to sentences: furniture dropped, wrapped lines joined, list items kept with what they belong to.

A line without a full stop is a heading: it repeats what the body tells, so it is read only where that tells nothing.
"""

# ruff: noqa: RUF001 - texts hold dashes and quotation marks of every kind

from __future__ import annotations

import html
import re

import msgspec

from incident_pipeline.intake.reading.furniture import is_furniture, opens_comments, opens_headlines
from incident_pipeline.intake.reading.tables import with_tables_told

SENTENCE_CHARS = 3_000
"""A longer stretch without a full stop is cut: rules look at one sentence, and must stay linear in the text."""
_WRAP_MIN, _WRAP_MAX = 50, 110
_BODY_CHARS = 60

_LEADERS = re.compile(r"(?<=\w) ?(?:(?: [.…]){3,80}|(?<= )[.…]{3,80}|[.…]{4,80}|…{2,80}) ?(?=\d|none\b|nil\b|no\b)")
"""`X ........ 5`: dots that lead to a number."""
_SCRIPT = re.compile(r"<(script|style)\b[^<]{0,20000}</\1>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_ITEM = re.compile(
    r"^\s{0,40}(?:[-–—•*·]\s|\d{1,2}\)\s|[^\W\d][^.!?:]{0,40}?\s?(?:[:–—-]|\()\s?\d{1,4}\)?\s{0,3}[;,.]?$)"
)
_LABEL = re.compile(r"^[A-Z][^:.;,]{1,50}:\s")
_BULLET = re.compile(r"^[•*·▪●]\s+")
_DATED = re.compile(
    r"^\W{0,4}(?:on |for )?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?(?:the )?"
    r"(?:\d{1,2}(?:st|nd|rd|th)?(?: of)? (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.? \d{1,2}(?:st|nd|rd|th)?|"
    r"\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{4})"
    r"(?:,? \d{4})?\b",
    re.IGNORECASE,
)
_ENDS = re.compile(r"""[.!?…;:]["'”’»)\]]{0,3}(?:\s?[\[(]\d{1,2}[\])])?\s{0,3}$""")
_GLUE = re.compile(
    r"(?:,|\b(?:the|a|an|of|in|on|at|by|and|or|to|from|with|for|than|that|was|were|had|has|have))$", re.IGNORECASE
)
_STOP = re.compile(r"""(?<![.!?…])[.!?…]++["'”’»)\]]{0,3}(?=\s{1,40}["'“‘«(\[–—-]{0,3}\s?[^\W_a-z])""")
_ABBREVIATED = re.compile(
    r"(?:^|[\s(\"“])(?:maj|gen|lt|col|capt|brig|adm|vice|rear|sgt|mr|mrs|ms|dr|st|mt|no|gov|sen|rep|prof|"
    r"inc|ltd|dept|dist|prov|vs|approx|ca|e\.g|i\.e"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|[A-Z]|[a-z]\.[a-z]|U\.S|U\.N|[ap]\.m)\.$",
    re.IGNORECASE,
)

_CLOCK = re.compile(r"(?:at )?\d{1,2}[:.]\d\d(?: ?[ap]\.?m)?(?: (?:hours|hrs|local time))?\.", re.IGNORECASE)
"""The full stop behind the time that opens an entry of a log."""


class Sentence(msgspec.Struct, frozen=True):
    """One sentence of the article."""

    text: str
    heading: bool
    """A line of its own without a full stop."""
    first: bool
    """It opens a paragraph."""


def sentences(text: str) -> list[Sentence]:
    """Sentences in the order of the text; linear in its length."""
    found: list[Sentence] = []
    for written in _blocks(text):
        block = written.replace("\t", " ")
        heading = not _ENDS.search(block) and not _DATED.match(block) and len(block) <= 160 and "\t" not in written
        for number, part in enumerate(_split(block)):
            if number and is_furniture(part):
                continue
            found.append(Sentence(part, heading, number == 0))
    return found


def _plain(text: str) -> str:
    """The text of a page that was copied with its markup."""
    if "<" in text:
        text = _TAG.sub(" ", _SCRIPT.sub(" ", text))
    return html.unescape(text) if "&" in text else text


def _blocks(text: str) -> list[str]:
    """Paragraphs; a list's items are joined to the line that introduces them (by tabs: never a heading)."""
    lines = [" ".join(line.split()) for line in _plain(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    lines = with_tables_told([_LEADERS.sub(": ", line) if ".." in line or "…" in line else line for line in lines])
    width = max((len(line) for line in lines), default=0)
    blocks: list[str] = []
    body_seen = in_headlines = open_block = False
    last_chars = 0
    for line in lines:
        if not line:
            open_block = open_block and bool(blocks) and blocks[-1].endswith(":")
            continue
        if body_seen and opens_comments(line):
            break
        if is_furniture(line):
            in_headlines = opens_headlines(line)
            open_block = False
            continue
        ended = bool(_ENDS.search(line))
        if in_headlines and not (ended and len(line) >= _BODY_CHARS):
            continue
        in_headlines = False
        body_seen = body_seen or (ended and len(line) >= _BODY_CHARS)
        before = blocks[-1] if open_block else ""
        if before and _ITEM.match(line) and (before.endswith((":", ";", ",")) or "\t" in before):
            blocks[-1] = f"{before.rstrip(';,')}{'' if before.endswith(':') else ','}\t{line.lstrip('-–—•*· ')}"
        elif before and (
            _continues(before, line)
            or (
                not (_ITEM.match(line) or _LABEL.match(line))
                and _was_wrapped(last_chars, line, width, ended=bool(_ENDS.search(before)))
            )
        ):
            blocks[-1] = f"{before} {line}"
        else:
            blocks.append(_BULLET.sub("", line))
        open_block = True
        last_chars = len(line)
    return blocks


def _continues(before: str, line: str) -> bool:
    """Whether a line goes on with the sentence of the line before it."""
    if _GLUE.search(before):
        return True
    if _ENDS.search(before) or _DATED.match(line):
        return False
    return line[0].islower() or (line[0] in '("' and len(before) > _WRAP_MIN)


def _was_wrapped(last_chars: int, line: str, width: int, *, ended: bool) -> bool:
    """Whether the line before was broken because the next word did not fit into the text's width."""
    first_word = line.split(None, 1)[0]
    return not ended and _WRAP_MIN <= width <= _WRAP_MAX and last_chars + 1 + len(first_word) > width


def _split(block: str) -> list[str]:
    parts: list[str] = []
    start = 0
    for stop in _STOP.finditer(block):
        end = stop.end()
        if not start and _CLOCK.fullmatch(block, 0, end):
            continue
        if stop.group().startswith(".") and _ABBREVIATED.search(
            block[max(start, stop.start() - 12) : stop.start() + 1]
        ):
            continue
        parts.append(block[start:end].strip())
        start = end
    parts.append(block[start:].strip())
    return [piece for part in parts if part for piece in _cut(part)]


def _cut(part: str) -> list[str]:
    return [part[at : at + SENTENCE_CHARS] for at in range(0, len(part), SENTENCE_CHARS)]
