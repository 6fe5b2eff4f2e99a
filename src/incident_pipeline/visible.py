"""What others wrote, as text that acts on nothing: terminals, logs and pages show it and never obey it.

Names, keys and ids come from whoever may write to a topic. In a terminal a control character moves the cursor, paints
or clears; a newline forges a line; a character of direction turns what follows around.
"""

from __future__ import annotations

__all__ = ["visible", "visible_json"]


def visible(text: str, keep: str = "") -> str:
    r"""Give a text with every character that does not print written out (`\x1b`, `\u202e`), but those of `keep`."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else c.encode("unicode_escape").decode() for c in text)


def visible_json(text: str) -> str:
    """Do the same for a JSON text, which still holds the same values: they can only stand within its strings."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
