"""`incident-pipeline counts`: the daily counts, read from the event log."""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import sys
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec
from rich.text import Text

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.cli.count_options import LEVELS, ListOf, select, select_part
from incident_pipeline.cli.output import Listing, write_json
from incident_pipeline.cli.read_counts import read_counts, read_part
from incident_pipeline.cli.session import Session, pass_session
from incident_pipeline.line import UNSPECIFIED
from incident_pipeline.projection.table import Row, Selection, rows, totals
from incident_pipeline.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from incident_pipeline.line import Activity
    from incident_pipeline.projection.part import Part

__all__ = ["counts", "counts_table"]

BASES: Final = ("raw", "deduplicated", "corroborated", "high")
UNKNOWN: Final = "\N{EN DASH}"
_DATE = click.DateTime(["%Y-%m-%d"])
_ACTIVITY_COLUMNS: Final = ("day", "theatre", "place", "kind", "count", "party")


@click.command(
    epilog="""\b
Examples:
  incident-pipeline counts --by group,place
  incident-pipeline counts --from 2020-03-09 --to 2020-03-11 --csv
  incident-pipeline counts --place Idlib --by district --total
  incident-pipeline counts --type "small arms" --type mortar --party SOHR

\b
bounds: violations that are certainly and possibly by that group alone. A day
of which nobody has spoken is unknown: a dash, null in JSON, empty in CSV; zero
means that somebody said so. What two parties say of several places or groups
together is no sum of what they say of each: `corroborated` is then a dash.
With --type or --party the days are counted anew from the lines in force of
those types (or parties) alone, exactly as all lines are. Types do not add up to
the day: a number for which no type is told is in U0 and in no other.
Exit codes: 0 done, 1 failed, 2 wrong usage."""
)
@click.option(
    "--by",
    type=ListOf("group", "place", *LEVELS),
    default="",
    help="Rows below each day: group; place, or a level of places (zone, province, district, town), rolled up.",
)
@click.option("--from", "first", type=_DATE, metavar="DAY", help="First day (2020-03-09).")
@click.option("--to", "last", type=_DATE, metavar="DAY", help="Last day.")
@click.option("--theatre", metavar="NAME", help="This theatre alone.")
@click.option("--place", metavar="NAME", help="What was counted at this place and below it.")
@click.option("--group", metavar="NAME", help="What names this group, alone or among others.")
@click.option("--type", "types", metavar="CODE_OR_WORD", multiple=True, help="Lines of this type alone; repeatable.")
@click.option("--party", "parties", metavar="NAME", multiple=True, help="What this party registered; repeatable.")
@click.option("--total", "in_total", is_flag=True, help="All days added up.")
@click.option("--basis", type=ListOf(*BASES), default=",".join(BASES), help="Columns. Default: all four.")
@click.option("--activities", "of_activities", is_flag=True, help="Convoys, patrols, aid instead: never violations.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--csv", "as_csv", is_flag=True, help="Comma-separated values with a header.")
@click.option(
    "--unchecked",
    is_flag=True,
    help="Do not apply the log again to find records that disagree: faster; --type and --party always do.",
)
@pass_session
def counts(
    session: Session,
    /,
    by: tuple[str, ...],
    first: dt.datetime | None,
    last: dt.datetime | None,
    basis: tuple[str, ...],
    *,
    types: tuple[str, ...],
    parties: tuple[str, ...],
    of_activities: bool,
    in_total: bool,
    as_json: bool,
    as_csv: bool,
    unchecked: bool,
    **names: str | None,
) -> None:
    """Show the violations of each day and theatre, each counted once, with bounds for single groups."""
    _refuse_contradictions(by, first, last, basis, formats=as_json + as_csv)
    if of_activities and types:
        raise click.UsageError("--activities exclude --type: they are no violations, and have none of their types.")
    catalogue = Catalogue(load_rules(session.config.catalogue or shipped_catalogue()))
    selection = select(catalogue, first and first.date(), last and last.date(), **names)
    part = select_part(catalogue, types, parties)
    counted_anew = None if of_activities else part
    if counted_anew is None:
        folded = asyncio.run(read_counts(session, check=not unchecked))
    else:
        folded = asyncio.run(read_part(session, selection, counted_anew))
    told = [_activity(one) for one in folded.activities_in_force() if _takes(selection, part, one)]
    levels = {place.id: place.level.value for place in catalogue.rules.places}
    found = list(rows(folded, frozenset(by), selection, levels))
    found = totals(found) if in_total else found
    with_bounds = "group" in by or selection.group is not None
    if as_json or as_csv:
        columns = _ACTIVITY_COLUMNS if of_activities else _columns(by, basis, counted_anew, with_bounds=with_bounds)
        write = _write_json if as_json else _write_csv
        write(told if of_activities else (_record(row, counted_anew) for row in found), columns)
        return
    if not of_activities:
        session.console.print(counts_table(found, by, basis, with_bounds=with_bounds))
        if counted_anew is not None:
            session.console.print(Text("\n" + visible(_caption(counted_anew, catalogue)), "italic"))
    shows_activities = told and selection.group is None
    if shows_activities and not of_activities:
        session.console.print(Text("\nActivities of the truce, never counted", "bold"))
    if of_activities or shows_activities:
        session.console.print(_activities_table(told))


def _caption(part: Part, catalogue: Catalogue) -> str:
    """What the figures of part of the lines mean."""
    names = {one.code: one.name.replace("_", " ") for one in catalogue.rules.types}
    types = " or ".join(f"{code} ({names.get(code, 'not in the catalogue')})" for code in sorted(part.types))
    parties = " or ".join(sorted(part.parties))
    of = " ".join([*([f"of type {types}"] if types else []), *([f"registered by {parties}"] if parties else [])])
    caption = f"Counted anew, exactly, from the lines in force {of}; what is in force was decided over all lines."
    if types and part.types != {UNSPECIFIED}:
        caption += f" Numbers for which no type is told are in none but {UNSPECIFIED}."
    if len(part.parties) == 1:
        caption += " One party alone corroborates nothing."
    return caption


def _refuse_contradictions(
    by: tuple[str, ...],
    first: dt.datetime | None,
    last: dt.datetime | None,
    basis: tuple[str, ...],
    *,
    formats: int,
) -> None:
    if formats > 1:
        raise click.UsageError("--json and --csv exclude each other.")
    if first is not None and last is not None and first > last:
        raise click.UsageError(f"--from {first:%Y-%m-%d} is after --to {last:%Y-%m-%d}.")
    if not basis:
        raise click.UsageError(f"--basis names no basis. Permitted, joined by commas: {', '.join(BASES)}.")
    if len(set(by) - {"group"}) > 1:
        raise click.UsageError(f"--by takes one of: place, {', '.join(LEVELS)}; and group beside it.")


def counts_table(
    found: Iterable[Row],
    by: tuple[str, ...],
    basis: tuple[str, ...] = BASES,
    label: Callable[[str], str] = str,
    *,
    with_bounds: bool = True,
) -> Listing:
    """Set rows out as a table, a theatre's places below it; `label` gives attributions their names.

    `with_bounds`: those of single groups.
    """
    table = Listing()
    table.add_column("day", no_wrap=True)
    table.add_column("theatre and place" if set(by) - {"group"} else "theatre", overflow="fold")
    if "group" in by:
        table.add_column("group", overflow="fold")
    for column in basis:
        table.add_column(column, justify="right", no_wrap=True)
    if with_bounds:
        table.add_column("bounds", justify="right", no_wrap=True)
    for row in found:
        who = [_group(row, label)] if "group" in by else []
        cells = [*who, *map(_figure, _values(row, basis)), *([_bounds(row)] if with_bounds else [])]
        table.add(
            row.day if row.is_total else "",
            _place(row, by),
            *cells,
            style="bold" if row.is_total and by else None,
        )
    return table


def _values(row: Row, basis: tuple[str, ...]) -> list[int | None]:
    return [getattr(row, column) for column in basis]


def _place(row: Row, by: tuple[str, ...]) -> str:
    if row.is_total:
        return row.theatre
    if not set(by) - {"group"}:
        return ""
    return "  " + (row.place.rpartition("/")[2] if "/" in row.place else "(whole theatre)")


def _group(row: Row, label: Callable[[str], str]) -> str:
    return "all" if row.is_total else label(row.group).replace("|", " or ")


def _figure(value: int | None) -> str:
    return UNKNOWN if value is None else str(value)


def _bounds(row: Row) -> str:
    return "" if row.certain is None else f"{row.certain}{UNKNOWN}{row.possible}"


def _takes(selection: Selection, part: Part | None, told: Activity) -> bool:
    return (
        selection.takes_day(dt.date.fromisoformat(told.day))
        and (part is None or part.takes(told.party, None))
        and selection.theatre in {None, told.place.partition("/")[0]}
        and (selection.place is None or selection.place in told.place.split("/"))
    )


def _activity(told: Activity) -> dict[str, Any]:
    return {**msgspec.structs.asdict(told), "theatre": told.place.partition("/")[0]}


def _activities_table(told: Iterable[dict[str, Any]]) -> Listing:
    table = Listing()
    for column in ("day", "place", "what", "number", "told by"):
        table.add_column(column, no_wrap=column == "day", overflow="fold")
    for one in told:
        number = UNKNOWN if one["count"] is None else str(one["count"])
        table.add(one["day"], one["place"].rpartition("/")[2], one["kind"], number, one["party"])
    return table


def _record(row: Row, part: Part | None) -> dict[str, Any]:
    looked_at = {"types": sorted(part.types), "parties": sorted(part.parties)} if part else {}
    return {**msgspec.structs.asdict(row), **looked_at, "total": row.is_total}


def _columns(by: tuple[str, ...], basis: tuple[str, ...], part: Part | None, *, with_bounds: bool) -> tuple[str, ...]:
    place = ("place",) if set(by) - {"group"} else ()
    group = ("group",) if "group" in by else ()
    looked_at = (*(("types",) if part.types else ()), *(("parties",) if part.parties else ())) if part else ()
    bounds = ("certain", "possible") if with_bounds else ()
    return ("day", "theatre", *group, *place, *looked_at, *basis, *bounds, "total")


def _write_json(found: Iterable[dict[str, Any]], columns: Sequence[str]) -> None:
    for one in found:
        write_json({column: one[column] for column in columns})


def _write_csv(found: Iterable[dict[str, Any]], columns: Sequence[str]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(columns)
    for one in found:
        writer.writerow([_cell(one[column]) for column in columns])


def _cell(value: object) -> object:
    if isinstance(value, list):
        return visible("|".join(value))
    return visible(value) if isinstance(value, str) else int(value) if isinstance(value, bool) else value
