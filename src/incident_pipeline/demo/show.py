"""What the demo prints, readable at 100 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.text import Text

from incident_pipeline.cli.alerts import alerts_table
from incident_pipeline.cli.counts import counts_table
from incident_pipeline.cli.dead_letters import sightings_table
from incident_pipeline.cli.output import Listing
from incident_pipeline.event import EventType
from incident_pipeline.line import Line, Quiet
from incident_pipeline.projection.reasons import why_not_counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from incident_pipeline.catalogue.catalogue import Catalogue
    from incident_pipeline.demo.outcome import Outcome
    from incident_pipeline.projection.daily_counts import Uncounted

__all__ = ["WIDTH", "show_outcome"]

WIDTH = 100


def show_outcome(console: Console, outcome: Outcome, catalogue: Catalogue) -> None:
    """Print everything that was made of the reports."""
    parts: list[tuple[str, RenderableType]] = [
        (
            "Violations per day, each counted once",
            Group(
                counts_table(outcome.rows(), ("group", "place"), label=catalogue.label),
                Text("bounds: certainly and possibly by that group alone; –: nobody has spoken of the day", "dim"),  # noqa: RUF001
            ),
        ),
        ("Activities of the truce, never counted as violations", _activities(outcome, catalogue)),
        ("Said to have done nothing", _quiet(outcome, catalogue)),
        ("Recorded and not counted, and why", _uncounted(outcome, catalogue)),
        ("Alerts", alerts_table(outcome.holding())),
        ("Dead letters: records that could not be used", sightings_table(outcome.letters)),
    ]
    for title, table in parts:
        console.print()
        console.print(Text(title, "bold underline"))
        console.print(table)
    console.print()
    console.print(_one_line(outcome))


def _one_line(outcome: Outcome) -> Text:
    reports = len(outcome.counts.reports)
    parts = {
        "sent again": sum(1 for one in outcome.counts.uncounted if one.reason == "duplicate"),
        "retold": outcome.counts.retold,
        "told by a second party": outcome.happened(EventType.INCIDENT_CORROBORATED),
        "corrected": outcome.happened(EventType.REPORT_CORRECTED),
        "retracted": outcome.happened(EventType.REPORT_RETRACTED),
    }
    said = ", ".join(f"{count} {what}" for what, count in parts.items() if count)
    return Text.assemble(
        (f"{reports} reports, {outcome.raw} violations as told → {outcome.deduplicated} incidents", "bold"),
        f", each counted once ({said})." if said else ", each counted once.",
    )


def _activities(outcome: Outcome, catalogue: Catalogue) -> RenderableType:
    names = {kind.id: kind.name for kind in catalogue.rules.activities}
    return _table(
        ("day", "what", "number", "told by"),
        (
            (one.day, names.get(one.kind, one.kind), "not told" if one.count is None else str(one.count), one.party)
            for one in outcome.activities()
        ),
    )


def _quiet(outcome: Outcome, catalogue: Catalogue) -> RenderableType:
    return _table(
        ("day", "who", "where", "told by"),
        ((one.day, catalogue.label(one.attribution), _place(one.place), one.party) for one in outcome.quiet()),
    )


def _uncounted(outcome: Outcome, catalogue: Catalogue) -> RenderableType:
    return _table(
        ("day", "source and report", "what", "why"),
        (
            (
                one.day or "",
                f"{one.source}/{one.report_id}",
                _what(one, times, catalogue),
                why_not_counted(one.reason),
            )
            for one, times in outcome.uncounted().items()
        ),
    )


def _what(one: Uncounted, times: int, catalogue: Catalogue) -> str:
    stated = one.stated
    if stated is None:
        return "the whole report" if times == 1 else f"the whole report, {times} times"
    who = catalogue.label(stated.attribution)
    if isinstance(stated, Quiet):
        return f"nothing by {who}"
    return f"{_count(stated, times)} by {who} in {_place(stated.place)}"


def _count(line: Line, times: int) -> str:
    return f"{line.count * times} {line.type}"


def _place(path: str) -> str:
    return path.rpartition("/")[2]


def _table(columns: tuple[str, ...], found: Iterable[tuple[str, ...]]) -> RenderableType:
    table = Listing()
    for column in columns:
        table.add_column(column, no_wrap=column in {"day", "source and report"}, overflow="fold")
    for row in found:
        table.add(*row)
    return table if table.row_count else Text("none", "dim")
