"""`incident-pipeline alerts`: days that were found abnormal, and what was said of them since."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click
import msgspec

from incident_pipeline.cli.output import Listing, say, write_json
from incident_pipeline.cli.session import Session, pass_session
from incident_pipeline.cli.void import warn_of_refused
from incident_pipeline.log.kafka import open_log
from incident_pipeline.projection.alert_history import AlertHistory, state_of
from incident_pipeline.projection.read import fold_alerts, fold_series
from incident_pipeline.projection.series_now import SeriesNow
from incident_pipeline.projection.unusable_rules import in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from incident_pipeline.alert import Alert

__all__ = ["alerts", "alerts_table", "read_alerts"]


@click.command(
    epilog="""\b
Examples:
  incident-pipeline alerts
  incident-pipeline alerts --history --json

States: active (the day is open), stands (the day is over and the verdict holds), withdrawn (only with --history).
Exit codes: 0 done, 1 failed, 2 wrong usage."""
)
@click.option("--history", is_flag=True, help="Everything that was said, not the last word alone.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="The alerts as they are on the wire, one JSON object a line; but for --history, with count_now beside.",
)
@click.option("--unchecked", is_flag=True, help="Do not apply the log again to find records that disagree: faster.")
@pass_session
def alerts(session: Session, *, history: bool, as_json: bool, unchecked: bool) -> None:
    """List the alerts that hold: which day of which series, how many, and why that is abnormal."""
    folded, series = asyncio.run(read_alerts(session, count_now=not history, check=not unchecked))
    found = folded.statements() if history else folded.holding()
    count_now = None if history else (lambda alert: series.count(alert.theatre, alert.day, alert.series))
    if as_json:
        for alert in found:
            now = {} if count_now is None else {"count_now": count_now(alert)}
            write_json(msgspec.to_builtins(alert) | now)
    elif found:
        session.console.print(alerts_table(found, count_now))
    else:
        session.console.print("No alerts." if history else "No alert holds. --history shows what was said before.")
    for notice in folded.unusable_rules.now():
        say(in_words(notice), err=True)


async def read_alerts(session: Session, *, count_now: bool, check: bool) -> tuple[AlertHistory, SeriesNow]:
    """Fold the alerts of the cluster, and where that is asked for the counts now of the days of those that hold."""
    folded = AlertHistory()
    async with open_log(session.connection) as log:
        await fold_alerts(log, session.topics.alerts.name, folded.apply)
        series = SeriesNow((alert.theatre, alert.day) for alert in folded.holding() if count_now)
        await fold_series(log, session.topics.events.name, series)
        if check:
            await warn_of_refused(session, log)
    return folded, series


def alerts_table(found: Iterable[Alert], count_now: Callable[[Alert], int] | None = None) -> Listing:
    """Set alerts out as a table, with the count then and, where it is known, the count now."""
    table = Listing()
    for column in ("day", "state", "severity", "rule", "said", "count", *(["now"] if count_now else ()), "why"):
        table.add_column(column, no_wrap=column in {"day", "state"}, overflow="fold")
    for alert in found:
        said = alert.type.value.removeprefix("alert.") + (" late" if alert.late else "")
        because = alert.reason.value.replace("_", " ")
        cause = f" (by {alert.report})" if alert.report else ""
        table.add(
            alert.day,
            state_of(alert).value,
            alert.severity,
            alert.rule,
            f"{said}: {because}",
            str(alert.count),
            *([str(count_now(alert))] if count_now else ()),
            f"{alert.verdict.explanation}{cause}",
        )
    return table
