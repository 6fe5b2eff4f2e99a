"""What surrounds an article on a page, and is no part of it."""

# ruff: noqa: RUF001 - texts hold dashes and quotation marks of every kind

from __future__ import annotations

import re

_OPENERS = (
    r"read (?:also|more|next|full|the full|on\b|in full|this)|see also|also read|also on\b|related\b|"
    r"more (?:on|from|news|stories|about)\b"
    r"|recommended\b|you may also|you might|don'?t miss|most (?:read|popular|viewed|shared|commented)|"
    r"popular\b|trending\b|editor'?s pick"
    r"|latest (?:news|stories|headlines)|top (?:stories|news)|in (?:other|this) (?:news|section)|breaking news"
    r"|subscribe|sign (?:up|in)\b|log ?in\b|register (?:now|here|for)|join (?:us|our|the (?:conversation|"
    r"discussion))|newsletter|get (?:our|the) (?:app|daily|latest)"
    r"|follow (?:us|our|@)|share\b|tweet\b|facebook\b|twitter\b|whatsapp\b|telegram\b|email (?:this|us)|"
    r"print\b|copy link|download (?:our|the)"
    r"|we use cookies|this (?:web)?site uses|by (?:continuing|using|clicking)|cookies?\b|accept (?:all|"
    r"cookies)|privacy (?:policy|notice)|terms (?:of|and)|manage (?:consent|preferences)"
    r"|advertisement|sponsored|promoted|ad\b|\W?copyright|©|all rights reserved|(?:photo|image|picture|"
    r"video|file photo|credit|caption|gallery)s?\s*[:/|(©]"
    r"|tags?\s*:|topics?\s*:|keywords?\s*:|categor(?:y|ies)\s*:|filed under|source\s*:|author\s*:|"
    r"editor\s*:|edited by|reporting by|written by|published\b|updated\b|last (?:updated|modified)"
    r"|skip to|menu\b|search\b|home\s*[|>»/]|back to|contact us|about us|load more|show more|view (?:all|"
    r"comments|more)|click here|tap here|listen (?:to|now)|watch\b"
    r"|leave a (?:comment|reply)|post a comment|add a comment|reply\b|report (?:abuse|this comment)|"
    r"\d{1,5} (?:comments?|shares?|views?|likes?|replies|min(?:ute)?s? read)"
)
_OPENER = re.compile(rf"^\W{{0,6}}(?:{_OPENERS})", re.IGNORECASE)
_BYLINE = re.compile(r"^\W{0,3}[Bb]y [A-Z][\w'’.-]{1,30}(?: [A-Z][\w'’.-]{0,30}){0,4}\s*(?:[,|–—-].{0,60})?$")
_CREDIT = re.compile(
    r"(?:getty images|shutterstock|\bEPA-EFE\b|\bAFP/|/AFP\b|/TASS\b.{0,20}file|file photo|archive photo|"
    r"\(photo\b|©)",
    re.IGNORECASE,
)
_COMMENTS = re.compile(
    r"^\W{0,6}(?:comments?\b|\d{1,5} comments?\b|leave a (?:comment|reply)|readers'? comments|"
    r"join the (?:conversation|discussion)|discussion\b)",
    re.IGNORECASE,
)
_SECTION = re.compile(
    r"^\W{0,6}(?:related\b|read (?:also|more|next)|see also|also read|more (?:on|from|news|stories|"
    r"about)\b|recommended|most (?:read|popular|viewed|shared)|popular\b"
    r"|trending|latest (?:news|stories|headlines)|top (?:stories|news)|you (?:may|might)|don'?t miss|"
    r"editor'?s pick|in other news|breaking news)",
    re.IGNORECASE,
)
_SEPARATED = re.compile(r"\s[|•·»>/]\s")
_COUNTING = re.compile(r"\d[^/|]{0,30}/[^/|]{0,10}\d[^/|]{0,30}\)?[.)]$")
"""A list of numbers within a sentence is no menu."""
_LABEL_CHARS = 60
"""A section's label is short; a sentence that happens to begin with the same word is not."""


def is_furniture(line: str) -> bool:
    """Whether a line is a button, a notice, a menu, a credit or a pointer to another article."""
    if _OPENER.match(line):
        return not _is_prose(line)
    return (
        bool(_BYLINE.match(line))
        or (len(_SEPARATED.findall(line)) >= 2 and not _COUNTING.search(line))
        or (len(line) < 200 and bool(_CREDIT.search(line)))
    )


def _is_prose(line: str) -> bool:
    """Words such as "published" or "register" may begin a sentence too: one with a full stop and no colon."""
    words = line.split(None, 3)
    first = words[0].lower().strip("\"'“”‘’") if words else ""
    return first in {"published", "updated", "related", "popular", "reply", "watch", "search", "video", "print"} and (
        line.rstrip().endswith((".", "”", '"')) and len(line) > _LABEL_CHARS and ":" not in line[:30]
    )


def opens_comments(line: str) -> bool:
    """Whether readers' comments begin here."""
    return len(line) <= _LABEL_CHARS and bool(_COMMENTS.match(line))


def opens_headlines(line: str) -> bool:
    """Whether a list of other articles' headlines begins here."""
    return len(line) <= _LABEL_CHARS and bool(_SECTION.match(line))
