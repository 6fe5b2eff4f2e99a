"""`incident-pipeline counts`: the daily counts, read from the event log."""

from __future__ import annotations

import asyncio
import csv
import sys
from typing import TYPE_CHECKING, Final

import click
import msgspec

from incident_pipeline.cli.exit_codes import CommandError
from incident_pipeline.cli.output import Listing, write_json
from incident_pipeline.cli.session import Session, pass_session
from incident_pipeline.log.kafka import open_log
from incident_pipeline.projection.daily_counts import DailyCounts
from incident_pipeline.projection.read import fold_events
from incident_pipeline.projection.table import Row, rows
from incident_pipeline.visible import visible

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable

__all__ = ["counts", "counts_table", "read_counts"]

BASES: Final = ("raw", "deduplicated", "corroborated", "high")
UNKNOWN: Final = "\N{EN DASH}"
_DATE = click.DateTime(["%Y-%m-%d"])


class _ListOf(click.ParamType):
    """Words joined by commas, out of a few."""

    name = "list"

    def __init__(self, *words: str) -> None:
        self.words = words

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Read the words; the order of the permitted ones is kept."""
        if isinstance(value, tuple):
            return value
        given = [word.strip() for word in str(value).split(",") if word.strip()]
        for word in given:
            if word not in self.words:
                self.fail(
                    f"{word!r} is not permitted. Permitted, joined by commas: {', '.join(self.words)}.", param, ctx
                )
        return tuple(word for word in self.words if word in given)


@click.command(
    epilog="""\b
Examples:
  incident-pipeline counts --by group,place
  incident-pipeline counts --from 2020-03-09 --to 2020-03-11 --basis deduplicated --csv

bounds: violations that are certainly and possibly by that group alone. A day of which nobody has spoken is
unknown: a dash, null in JSON, empty in CSV; zero means that somebody said so.
Exit codes: 0 done, 1 failed, 2 wrong usage."""
)
@click.option("--by", type=_ListOf("group", "place"), default="", help="Rows below each day: group, place, or both.")
@click.option("--from", "first", type=_DATE, metavar="DAY", help="First day (2020-03-09).")
@click.option("--to", "last", type=_DATE, metavar="DAY", help="Last day.")
@click.option("--basis", type=_ListOf(*BASES), default=",".join(BASES), help="Columns. Default: all four.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--csv", "as_csv", is_flag=True, help="Comma-separated values with a header.")
@pass_session
def counts(
    session: Session,
    by: tuple[str, ...],
    first: dt.datetime | None,
    last: dt.datetime | None,
    basis: tuple[str, ...],
    *,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Show the violations of each day and theatre, each counted once, with bounds for single groups."""
    if as_json and as_csv:
        raise click.UsageError("--json and --csv exclude each other.")
    if first is not None and last is not None and first > last:
        raise click.UsageError(f"--from {first:%Y-%m-%d} is after --to {last:%Y-%m-%d}.")
    if not basis:
        raise click.UsageError(f"--basis names no basis. Permitted, joined by commas: {', '.join(BASES)}.")
    folded = asyncio.run(read_counts(session))
    found = rows(folded, frozenset(by), first and first.date(), last and last.date())
    if as_json:
        _write_json(found, by, basis)
    elif as_csv:
        _write_csv(found, by, basis)
    else:
        session.console.print(counts_table(list(found), by, basis))


async def read_counts(session: Session) -> DailyCounts:
    """Fold the event log of the cluster."""
    folded = DailyCounts()
    async with open_log(session.connection) as log:
        if await fold_events(log, session.topics.events.name, folded.apply) == 0:
            raise CommandError(
                "there are no events yet. Is a worker running (incident-pipeline worker), "
                "and were reports sent (incident-pipeline send)?"
            )
    return folded


def counts_table(
    found: Iterable[Row],
    by: tuple[str, ...],
    basis: tuple[str, ...] = BASES,
    label: Callable[[str], str] = str,
) -> Listing:
    """Set rows out as a table, a theatre's places below it; `label` gives attributions their names."""
    table = Listing()
    table.add_column("day", no_wrap=True)
    table.add_column("theatre and place" if "place" in by else "theatre", overflow="fold")
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
    if "place" not in by:
        return ""
    return "  " + (row.place.rpartition("/")[2] if "/" in row.place else "(whole theatre)")


def _group(row: Row, label: Callable[[str], str]) -> str:
    return "all" if row.is_total else label(row.group).replace("|", " or ")


def _figure(value: int | None) -> str:
    return UNKNOWN if value is None else str(value)


def _bounds(row: Row) -> str:
    return "" if row.certain is None else f"{row.certain}{UNKNOWN}{row.possible}"


def _columns(by: tuple[str, ...], basis: tuple[str, ...]) -> list[str]:
    return ["day", "theatre", *by, *basis, *(["certain", "possible"] if "group" in by else [])]


def _write_json(found: Iterable[Row], by: tuple[str, ...], basis: tuple[str, ...]) -> None:
    columns = _columns(by, basis)
    for row in found:
        values = msgspec.structs.asdict(row)
        chosen = {column: values[column] for column in columns}
        write_json({**chosen, "total": row.is_total})


def _write_csv(found: Iterable[Row], by: tuple[str, ...], basis: tuple[str, ...]) -> None:
    columns = _columns(by, basis)
    writer = csv.writer(sys.stdout)
    writer.writerow([*columns, "total"])
    for row in found:
        values = msgspec.structs.asdict(row)
        writer.writerow([*(_text(values[column]) for column in columns), int(row.is_total)])


def _text(value: object) -> object:
    return visible(value) if isinstance(value, str) else value
