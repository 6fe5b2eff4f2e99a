"""What `send` says of reports before it sends them: one line for each kind of finding, however often it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from incident_pipeline.preview import NOTHING_READ
from incident_pipeline.projection.reasons import why_not_counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from incident_pipeline.known_names import Reading
    from incident_pipeline.preview import Found, Preview

__all__ = ["findings"]

_SHOWN: Final = 10
"""Lines of one kind; the rest is a number."""
_TOLD_LINES: Final = 5

K = TypeVar("K")


def findings(preview: Preview, where: Callable[[int], str]) -> Iterator[str]:
    """Yield lines of text; `where` names a line of the input."""
    unknown = {name: found for name, found in preview.names.items() if name.taken_for is None}
    guessed = {name: found for name, found in preview.names.items() if name.taken_for is not None}
    if unknown:
        yield "Not known to the catalogue, and so not counted under that name:"
        yield from _names(unknown, where, lambda name: _question(preview.suggestion(name)))
    if guessed:
        yield "Not spelt as in the catalogue:"
        yield from _names(guessed, where, lambda name: f"; taken for {name.taken_for}")
    if preview.uncounted:
        yield "Recorded, and in no count:"
        for reason, found in _most(preview.uncounted):
            yield f"  {_times(reason, found)}: {_why(reason)}; first in {where(found.first)}"
    if preview.repeated:
        yield (
            "Not sent: one report_id for different reports. Only the first would count. "
            "Give each report an id of its own, a correction a higher `revision`:"
        )
        for repeated in list(preview.repeated)[:_SHOWN]:
            lines = preview.repeated[repeated]
            told = ", ".join(map(where, lines[:_TOLD_LINES])) + (", ..." if len(lines) > _TOLD_LINES else "")
            yield f"  {repeated.source}/{repeated.report_id}: {told}"
        yield from _more(len(preview.repeated))
    if preview.left_out:
        yield f"... and {preview.left_out} more findings of other names, reasons or ids"


def _names(
    names: Mapping[Reading, Found], where: Callable[[int], str], remark: Callable[[Reading], str]
) -> Iterator[str]:
    for name, found in _most(names):
        often = "once" if found.times == 1 else f"{found.times} times, first"
        yield f'  {name.kind.value} "{name.written}" {often} in {where(found.first)}{remark(name)}'
    yield from _more(len(names))


def _most(found: Mapping[K, Found]) -> list[tuple[K, Found]]:
    return sorted(found.items(), key=lambda item: -item[1].times)[:_SHOWN]


def _more(found: int) -> Iterator[str]:
    if found > _SHOWN:
        yield f"  ... and {found - _SHOWN} others"


def _question(suggestion: str | None) -> str:
    return "" if suggestion is None else f'. Did you mean "{suggestion}"?'


def _times(reason: str, found: Found) -> str:
    what = "report" if reason == NOTHING_READ else "statement"
    return f"{found.times} {what}{'' if found.times == 1 else 's'}"


def _why(reason: str) -> str:
    return "nothing to count is found in the text" if reason == NOTHING_READ else why_not_counted(reason)
