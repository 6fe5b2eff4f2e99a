"""The fields that a producer may send, as tables for the producers' page: what a schema says of each, and no more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from schemas.generate import FOLDER, render

PAGE: Final = FOLDER.parent / "docs" / "producer.md"
_BEGIN: Final = "<!-- fields: written by python -m schemas.generate -->"
_END: Final = "<!-- end of fields -->"
_TABLES: Final = {
    "Report": "A report",
    "Violation": "Each of `violations`",
    "QuietStatement": "Each of `quiet`",
    "ActivityStatement": "Each of `activities`",
    "Range": "A `count` with bounds",
    "Casualties": "`casualties`",
    "Coordinates": "A `place` as a point",
}


def render_tables() -> str:
    """Give a table for each part of a report: its fields, those that are required in bold, and what each does."""
    definitions = json.loads(render("report"))["$defs"]
    missing = definitions.keys() - _TABLES.keys()
    if missing:
        raise ValueError(f"no table is named for {', '.join(sorted(missing))}")
    return "\n".join(_table(title, definitions[name]) for name, title in _TABLES.items())


def _table(title: str, definition: dict[str, Any]) -> str:
    required = definition.get("required", ())
    rows = []
    for name, field in definition["properties"].items():
        if "description" not in field:
            raise ValueError(f"what does `{name}` do? A docstring below it says so ({definition['title']})")
        shown = f"**`{name}`**" if name in required else f"`{name}`"
        rows.append(f"| {shown} | {field['description'].replace('|', ', ')} |")
    return f"| {title} | what it does |\n|---|---|\n" + "\n".join(rows) + "\n"


def with_tables(page: str) -> str:
    """Give the producers' page with its tables as they are now."""
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n\n{render_tables()}\n{_END}{after}"


def write(page: Path = PAGE) -> None:
    """Write the tables into the producers' page."""
    page.write_text(with_tables(page.read_text("utf-8")), "utf-8")
