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
from incident_pipeline.projection.read import fold_alerts
from incident_pipeline.projection.unusable_rules import in_words

if TYPE_CHECKING:
    from collections.abc import Iterable

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
@click.option("--json", "as_json", is_flag=True, help="The alerts as they are on the wire, one JSON object a line.")
@click.option("--unchecked", is_flag=True, help="Do not apply the log again to find records that disagree: faster.")
@pass_session
def alerts(session: Session, *, history: bool, as_json: bool, unchecked: bool) -> None:
    """List the alerts that hold: which day of which series, how many, and why that is abnormal."""
    folded = asyncio.run(read_alerts(session, check=not unchecked))
    found = folded.statements() if history else folded.holding()
    if as_json:
        for alert in found:
            write_json(msgspec.to_builtins(alert))
    elif found:
        session.console.print(alerts_table(found))
    else:
        session.console.print("No alerts." if history else "No alert holds. --history shows what was said before.")
    for notice in folded.unusable_rules.now():
        say(in_words(notice), err=True)


async def read_alerts(session: Session, *, check: bool = True) -> AlertHistory:
    """Fold the alerts of the cluster."""
    folded = AlertHistory()
    async with open_log(session.connection) as log:
        await fold_alerts(log, session.topics.alerts.name, folded.apply)
        if check:
            await warn_of_refused(session, log)
    return folded


def alerts_table(found: Iterable[Alert]) -> Listing:
    """Set alerts out as a table."""
    table = Listing()
    for column in ("day", "state", "severity", "rule", "said", "why"):
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
            f"{alert.verdict.explanation}{cause}",
        )
    return table
