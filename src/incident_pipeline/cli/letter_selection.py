"""Options that say which dead letters are meant."""

from __future__ import annotations

import datetime as dt
import functools
from typing import TYPE_CHECKING, Any

import click

from incident_pipeline.dead_letter import Origin
from incident_pipeline.rejection import Reason
from incident_pipeline.requeue import Selection

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["OriginType", "selecting"]


class OriginType(click.ParamType):
    """`topic/partition/offset`, as the list shows it."""

    name = "origin"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Origin:
        """Read an origin."""
        origin = value if isinstance(value, Origin) else Origin.of(str(value))
        if origin is None:
            self.fail(f"{value!r} is no origin. `dead-letters list` shows them: reports/2/17.", param, ctx)
        return origin


class _Instant(click.ParamType):
    """An instant, in milliseconds since 1970; UTC where no offset is given."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read an instant."""
        if isinstance(value, int):
            return value
        try:
            moment = dt.datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no time. Write 2020-03-11T14:20:00Z, or 2020-03-11 for its midnight.", param, ctx)
        return round((moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp() * 1_000)


_OPTIONS = (
    click.option(
        "--reason",
        "reasons",
        type=click.Choice([reason.value for reason in Reason]),
        multiple=True,
        metavar="REASON",
        help="Only letters with this reason; may be repeated.",
    ),
    click.option("--source", "sources", multiple=True, help="Only letters of this source; may be repeated."),
    click.option(
        "--from", "recorded_from", type=_Instant(), metavar="TIME", help="Only records that came at this time or later."
    ),
    click.option(
        "--to", "recorded_before", type=_Instant(), metavar="TIME", help="Only records that came before this time."
    ),
    click.option(
        "--id",
        "origins",
        type=OriginType(),
        multiple=True,
        metavar="ORIGIN",
        help="Only the letter of this record (reports/2/17); may be repeated.",
    ),
)


def selecting(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options, and what they say as its argument `selection`."""

    @functools.wraps(command)
    def selected(
        *args: Any,  # noqa: ANN401 - whatever the command takes beside
        reasons: tuple[str, ...],
        sources: tuple[str, ...],
        recorded_from: int | None,
        recorded_before: int | None,
        origins: tuple[Origin, ...],
        **others: Any,  # noqa: ANN401 - as above
    ) -> None:
        if recorded_from is not None and recorded_before is not None and recorded_from >= recorded_before:
            raise click.UsageError("--from is not before --to: nothing lies between them.")
        selection = Selection(
            origins=frozenset(origins),
            reasons=frozenset(map(Reason, reasons)),
            recorded_before_ms=recorded_before,
            recorded_from_ms=recorded_from,
            sources=frozenset(sources),
        )
        command(*args, selection=selection, **others)

    for option in reversed(_OPTIONS):
        selected = option(selected)
    return selected
