"""A record that continues the chain and that applying the rules does not give: what is said when it is voided.

Readers have taken it for true. So the event that voids it takes back, for each count that it moved, just what it moved,
and ends at what the count is: right for those who keep the last figure as for those who add up changes.
"""

from __future__ import annotations

from incident_pipeline.event import ANY, BoundsChange, Change, Event, EventType, Pair
from incident_pipeline.ledger.state import Ledger

_IN_FORCE = frozenset(
    {
        EventType.INCIDENT_RECORDED,
        EventType.INCIDENT_CORROBORATED,
        EventType.INCIDENT_TOLD_AGAIN,
        EventType.INCIDENT_MERGED,
        EventType.INCIDENT_SPLIT,
        EventType.AGGREGATE_RECORDED,
        EventType.AGGREGATE_REPLACED,
        EventType.REPORT_RETOLD,
        EventType.DAY_QUIET,
        EventType.ACTIVITY_RECORDED,
    }
)


def states_in_force(event: Event) -> bool:
    """Whether what the event states is in force by it: readers then count its day as spoken of."""
    return event.type in _IN_FORCE


def restated_changes(ledger: Ledger, refused: Event) -> tuple[Change, ...]:
    """Take back the changes of cells."""
    return tuple(_restated(ledger, refused.theatre, change) for change in refused.changes)


def _restated(ledger: Ledger, theatre: str, change: Change) -> Change:
    day = ledger.days.get((theatre, change.day))
    raw = deduplicated = corroborated = high = 0
    if day is not None:
        book = day.book
        figures = book.theatre if change.attribution == ANY else book.cell(change.attribution, change.place)
        raw, deduplicated, corroborated, high = figures
    return Change(
        attribution=change.attribution,
        corroborated=_taken_back(change.corroborated, corroborated),
        day=change.day,
        deduplicated=_taken_back(change.deduplicated, deduplicated),
        high=_taken_back(change.high, high),
        place=change.place,
        raw=_taken_back(change.raw, raw),
    )


def restated_bounds(ledger: Ledger, refused: Event) -> tuple[BoundsChange, ...]:
    """Take back the changes of bounds."""
    restated = []
    for change in refused.bounds:
        day = ledger.days.get((refused.theatre, change.day))
        certain, possible = [], []
        for place, moved_certain, moved_possible in change.by_place():
            least, most = (0, 0) if day is None else day.book.bound(change.group, place)
            certain.append(_taken_back(moved_certain, least))
            possible.append(_taken_back(moved_possible, most))
        restated.append(
            BoundsChange(
                certain=tuple(certain),
                day=change.day,
                group=change.group,
                place=change.place,
                possible=tuple(possible),
            )
        )
    return tuple(restated)


def _taken_back(moved: Pair, now: int) -> Pair:
    return now + moved[1] - moved[0], now
