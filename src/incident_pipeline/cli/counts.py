"""`incident-pipeline counts`: the daily counts, read from the event log."""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.cli.count_options import LEVELS, ListOf, select
from incident_pipeline.cli.output import Listing, plain_console, say, write_json
from incident_pipeline.cli.session import Session, pass_session
from incident_pipeline.cli.void import warn_of_refused
from incident_pipeline.log.kafka import open_log
from incident_pipeline.projection.daily_counts import DailyCounts
from incident_pipeline.projection.read import fold_events
from incident_pipeline.projection.table import Row, Selection, rows, totals
from incident_pipeline.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from incident_pipeline.event import Event
    from incident_pipeline.line import Activity
    from incident_pipeline.log.kafka import KafkaLog

__all__ = ["counts", "counts_table", "read_counts"]

BASES: Final = ("raw", "deduplicated", "corroborated", "high")
UNKNOWN: Final = "\N{EN DASH}"
_DATE = click.DateTime(["%Y-%m-%d"])
_ACTIVITY_COLUMNS: Final = ("day", "theatre", "place", "kind", "count", "party")
_TOLD_EVERY_EVENTS: Final = 2_000


@click.command(
    epilog="""\b
Examples:
  incident-pipeline counts --by group,place
  incident-pipeline counts --from 2020-03-09 --to 2020-03-11 --csv
  incident-pipeline counts --place Idlib --by district --total

\b
bounds: violations that are certainly and possibly by that group alone. A day
of which nobody has spoken is unknown: a dash, null in JSON, empty in CSV; zero
means that somebody said so. What two parties say of several places or groups
together is no sum of what they say of each: `corroborated` is then a dash.
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
@click.option("--total", "in_total", is_flag=True, help="All days added up.")
@click.option("--basis", type=ListOf(*BASES), default=",".join(BASES), help="Columns. Default: all four.")
@click.option("--activities", "of_activities", is_flag=True, help="Convoys, patrols, aid instead: never violations.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--csv", "as_csv", is_flag=True, help="Comma-separated values with a header.")
@click.option("--unchecked", is_flag=True, help="Do not apply the log again to find records that disagree: faster.")
@pass_session
def counts(
    session: Session,
    /,
    by: tuple[str, ...],
    first: dt.datetime | None,
    last: dt.datetime | None,
    basis: tuple[str, ...],
    *,
    of_activities: bool,
    in_total: bool,
    as_json: bool,
    as_csv: bool,
    unchecked: bool,
    **names: str | None,
) -> None:
    """Show the violations of each day and theatre, each counted once, with bounds for single groups."""
    _refuse_contradictions(by, first, last, basis, formats=as_json + as_csv)
    catalogue = Catalogue(load_rules(session.config.catalogue or shipped_catalogue()))
    selection = select(catalogue, first and first.date(), last and last.date(), **names)
    folded = asyncio.run(read_counts(session, check=not unchecked))
    told = [_activity(one) for one in folded.activities_in_force() if _takes(selection, one)]
    levels = {place.id: place.level.value for place in catalogue.rules.places}
    found = list(rows(folded, frozenset(by), selection, levels))
    found = totals(found) if in_total else found
    write = _write_json if as_json else _write_csv
    if as_json or as_csv:
        columns = _ACTIVITY_COLUMNS if of_activities else _columns(by, basis)
        write(told if of_activities else map(_record, found), columns)
        return
    if not of_activities:
        session.console.print(counts_table(found, by, basis))
        if told and selection.group is None:
            session.console.print(Text("\nActivities of the truce, never counted", "bold"))
    if of_activities or (told and selection.group is None):
        session.console.print(_activities_table(told))


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


async def read_counts(session: Session, *, check: bool = True) -> DailyCounts:
    """Fold the event log of the cluster; where somebody looks on, with a sign of how far it is."""
    folded = DailyCounts()
    topic = session.topics.events.name
    async with open_log(session.connection) as log:
        with _progress(await _events_of(log, topic), folded.apply) as apply:
            events = await fold_events(log, topic, apply)
        if check:
            await warn_of_refused(session, log)
    if events == 0:
        say("No events yet: is a worker running (incident-pipeline worker), and were reports sent?", err=True)
    return folded


async def _events_of(log: KafkaLog, topic: str) -> int:
    """How many records there are at most."""
    partitions = range(await log.partitions(topic))
    return sum([await log.end_offset(topic, at) - await log.start_offset(topic, at) for at in partitions])


@contextmanager
def _progress(total: int, apply: Callable[[Event], None]) -> Iterator[Callable[[Event], None]]:
    """Give what applies an event and moves a bar on standard error, where that is a terminal."""
    console = plain_console(stderr=True)
    if not console.is_terminal:
        yield apply
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Reading events", total=total)
        done = 0

        def counted(event: Event) -> None:
            nonlocal done
            apply(event)
            done += 1
            if done % _TOLD_EVERY_EVENTS == 0:
                progress.update(task, completed=done)

        yield counted


def counts_table(
    found: Iterable[Row],
    by: tuple[str, ...],
    basis: tuple[str, ...] = BASES,
    label: Callable[[str], str] = str,
) -> Listing:
    """Set rows out as a table, a theatre's places below it; `label` gives attributions their names."""
    table = Listing()
    table.add_column("day", no_wrap=True)
    table.add_column("theatre and place" if set(by) - {"group"} else "theatre", overflow="fold")
    if "group" in by:
        table.add_column("group", overflow="fold")
    for column in basis:
        table.add_column(column, justify="right", no_wrap=True)
    if "group" in by:
        table.add_column("bounds", justify="right", no_wrap=True)
    for row in found:
        who = [_group(row, label), *map(_figure, _values(row, basis)), _bounds(row)]
        cells = who if "group" in by else who[1:-1]
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


def _takes(selection: Selection, told: Activity) -> bool:
    day = dt.date.fromisoformat(told.day)
    return (
        (selection.first is None or selection.first <= day)
        and (selection.last is None or day <= selection.last)
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


def _record(row: Row) -> dict[str, Any]:
    return {**msgspec.structs.asdict(row), "total": row.is_total}


def _columns(by: tuple[str, ...], basis: tuple[str, ...]) -> tuple[str, ...]:
    place = ("place",) if set(by) - {"group"} else ()
    group = ("group",) if "group" in by else ()
    return ("day", "theatre", *group, *place, *basis, *(("certain", "possible") if group else ()), "total")


def _write_json(found: Iterable[dict[str, Any]], columns: Sequence[str]) -> None:
    for one in found:
        write_json({column: one[column] for column in columns})


def _write_csv(found: Iterable[dict[str, Any]], columns: Sequence[str]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(columns)
    for one in found:
        writer.writerow([_cell(one[column]) for column in columns])


def _cell(value: object) -> object:
    return visible(value) if isinstance(value, str) else int(value) if isinstance(value, bool) else value
