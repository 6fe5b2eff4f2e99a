"""A small world to test the ledger in: the theatre of counting.md, its parties, and short words for their reports."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from incident_pipeline.chain import Tail
from incident_pipeline.codec import content_hash, encode
from incident_pipeline.days import MonitoringDays
from incident_pipeline.event import ANY, Event
from incident_pipeline.ledger import Ledger, RuleBook, Settings, decide, fold
from incident_pipeline.ledger.encoding import Record, encode_event
from incident_pipeline.limits import Limits
from incident_pipeline.line import Line, LineKind, LinesRecord, Quiet, ReportRef, Tick, Understood

RULES = "0" * 64
NW = "nw"
IDLIB, LATAKIA, HAMA, ALEPPO = (f"nw/{name}" for name in ("idlib", "latakia", "hama", "aleppo"))
SARAQIB, KAFR_NABL = "nw/idlib/saraqib", "nw/idlib/kafr-nabl"
DAY = "2020-03-09"
NOON_MS = 1_583_755_200_000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def book(**limits: int) -> RuleBook:
    """Rules of a mission in UTC."""
    return {RULES: Settings(Limits(**limits), MonitoringDays("UTC"))}


def aggregate(
    party: str,
    count: int,
    groups: str = "unattributed",
    place: str = NW,
    *,
    raw: int | None = None,
    day: str = DAY,
    increment: bool = False,
) -> Line:
    """A number that a party states."""
    return Line(
        attribution=groups,
        count=count,
        day=day,
        increment=increment,
        index=0,
        kind=LineKind.AGGREGATE,
        party=party,
        place=place,
        raw=count if raw is None else raw,
        type="U0",
    )


def item(
    party: str,
    groups: str = "unattributed",
    place: str = SARAQIB,
    minute: int | None = 860,
    kind: str = "K3",
    *,
    against: str | None = None,
    day: str = DAY,
) -> Line:
    """One incident that a party tells."""
    return Line(
        against=against,
        attribution=groups,
        count=1,
        day=day,
        index=0,
        kind=LineKind.ITEM,
        minute=minute,
        neighbourhood=place.rpartition("/")[2],
        party=party,
        place=place,
        raw=1,
        type=kind,
    )


def quiet(party: str, groups: str, place: str = NW, day: str = DAY) -> Quiet:
    """Somebody did nothing, a party says."""
    return Quiet(attribution=groups, day=day, index=0, party=party, place=place)


class World:
    """One partition: reports go in, events come out, and both are kept."""

    def __init__(self, **limits: int) -> None:
        self.book = book(**limits)
        self.ledger = Ledger()
        self.inputs: list[LinesRecord] = []
        self.events: list[Event] = []
        self.topic: str | None = None
        """Id of the topic of reports, where it is known."""
        self._offsets = itertools.count()

    def report(
        self,
        source: str,
        *stated: Line | Quiet,
        report_id: str | None = None,
        revision: int = 0,
        published_ms: int = NOON_MS,
        recorded_ms: int = NOON_MS,
        supersedes: str | None = None,
        retracts: str | None = None,
    ) -> list[Event]:
        """Send a report of a source; lines of another party than the source's are retellings."""
        offset = next(self._offsets)
        numbered = [_of(source, line, index) for index, line in enumerate(stated)]
        lines = tuple(line for line in numbered if isinstance(line, Line))
        quiets = tuple(line for line in numbered if isinstance(line, Quiet))
        content = encode((source, report_id, revision, lines, quiets, supersedes, retracts, published_ms))
        reference = ReportRef(
            digest=content_hash(content),
            id=report_id or f"r{offset}",
            offset=offset,
            partition=0,
            published_at_ms=published_ms,
            retracts=retracts,
            revision=revision,
            source=source,
            supersedes=supersedes,
        )
        return self.take(
            Understood(
                lines=lines,
                quiet=quiets,
                recorded_at_ms=recorded_ms,
                report=reference,
                rules=RULES,
                theatre=NW,
                topic=self.topic,
            )
        )

    def make_reports_anew(self, topic: str) -> None:
        """Read another topic of reports, from its beginning."""
        self.topic = topic
        self._offsets = itertools.count()

    def tick(self, now_ms: int) -> list[Event]:
        """Let time pass."""
        return self.take(Tick(now_ms=now_ms))

    def take(self, record: LinesRecord) -> list[Event]:
        """Put a record of `lines` in."""
        events = decide(self.ledger, len(self.inputs), record, self.book)
        self.inputs.append(record)
        self.events += events
        return events

    def cell(self, groups: str, place: str, day: str = DAY) -> tuple[int, int, int, int]:
        """(deduplicated, raw, corroborated, high) of a cell, as the events tell it."""
        return cells(self.events).get((day, groups, place), (0, 0, 0, 0))

    def total(self, day: str = DAY) -> tuple[int, int, int, int]:
        """(deduplicated, raw, corroborated, high) of the theatre, as the events tell it."""
        return self.cell(ANY, NW, day)

    def bounds(self, group: str, place: str = NW, day: str = DAY) -> tuple[int, int]:
        """(certain, possible) of a group, as the events tell it."""
        known = (0, 0)
        for event in self.events:
            for change in event.bounds:
                for at, certain, possible in change.by_place():
                    if (change.group, at, change.day) == (group, place, day):
                        known = (certain[1], possible[1])
        return known


def _of(source: str, stated: Line | Quiet, index: int) -> Line | Quiet:
    fields = {name: getattr(stated, name) for name in stated.__struct_fields__}
    return type(stated)(**fields | {"index": index, "retold": stated.party != source})


def cells(events: Iterable[Event]) -> dict[tuple[str, str, str], tuple[int, int, int, int]]:
    """Counts by (day, attribution, place), from the changes alone; each change must begin where the last one ended."""
    known: dict[tuple[str, str, str], tuple[int, int, int, int]] = {}
    for event in events:
        for change in event.changes:
            key = (change.day, change.attribution, change.place)
            pairs = (change.deduplicated, change.raw, change.corroborated, change.high)
            assert tuple(pair[0] for pair in pairs) == known.get(key, (0, 0, 0, 0))
            known[key] = (pairs[0][1], pairs[1][1], pairs[2][1], pairs[3][1])
    return known


def encode_events(events: Sequence[Event], tail: Tail) -> list[Record]:
    """The records that extend the chain of events after `tail` by these."""
    assert not events or events[0].sequence == tail.sequence
    previous = tail.last_id
    records = []
    for event in events:
        records.append(encode_event(event, previous))
        previous = records[-1][0]
    return records


def refold(world: World) -> Ledger:
    """The state that folding the world's events gives."""
    ledger = Ledger()
    for event in world.events:
        fold(ledger, event, world.book)
    return ledger
