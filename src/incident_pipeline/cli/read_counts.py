"""Reading the daily counts of a cluster: all of them as the log states them, or part of the lines counted anew."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.cli.exit_codes import CommandError
from incident_pipeline.cli.output import say
from incident_pipeline.cli.progress import progress, records_of
from incident_pipeline.cli.void import tell_refused, warn_of_refused
from incident_pipeline.log.kafka import open_log
from incident_pipeline.projection.checked import fold_checked
from incident_pipeline.projection.daily_counts import DailyCounts
from incident_pipeline.projection.part import Part, PartStage
from incident_pipeline.projection.read import fold_events

if TYPE_CHECKING:
    from incident_pipeline.cli.session import Session
    from incident_pipeline.event import Event
    from incident_pipeline.ledger.state import DayKey
    from incident_pipeline.projection.table import Selection

__all__ = ["read_counts", "read_part"]


async def read_counts(session: Session, *, check: bool = True) -> DailyCounts:
    """Fold the event log of the cluster; where somebody looks on, with a sign of how far it is."""
    folded = DailyCounts()
    topic = session.topics.events.name
    async with open_log(session.connection) as log:
        with progress(await records_of(log, topic)) as read:

            def apply(event: Event) -> None:
                folded.apply(event)
                read()

            events = await fold_events(log, topic, apply)
        if check:
            await warn_of_refused(session, log)
    _warn_of_nothing(events)
    return folded


async def read_part(session: Session, selection: Selection, part: Part) -> DailyCounts:
    """Count part of the lines in force of the days that are asked for: the ledger of one partition after the other.

    Raises:
        CommandError: the log does not agree with itself in more records than can be passed over.
    """
    from streams.rules_store import RulesStore  # the one reader of published rules

    topics = session.topics
    counts = DailyCounts()
    events = 0

    def wants(key: DayKey) -> bool:
        theatre, day = key
        return selection.theatre in {None, theatre} and selection.takes_day(dt.date.fromisoformat(day))

    async with open_log(session.connection) as log:
        rules = RulesStore(log, topics.rules.name, load_rules(shipped_catalogue()))
        with progress(await records_of(log, topics.events.name)) as read:
            async for stage, refused in fold_checked(log, topics, rules, lambda: PartStage(rules, part, wants, read)):
                tell_refused(refused, "What is shown leaves it out.")
                if stage is None:
                    raise CommandError("events does not agree with itself in too many records: nothing was counted.")
                counts.days.update(stage.counts())
                events += stage.ledger.sequence
    _warn_of_nothing(events)
    return counts


def _warn_of_nothing(events: int) -> None:
    if events == 0:
        say("No events yet: is a worker running (incident-pipeline worker), and were reports sent?", err=True)
