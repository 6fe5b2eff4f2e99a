"""A small world to test surveillance in: figures of cells go in, and the events of one partition come out of them.

It writes what a ledger writes, with totals and bounds that agree with the cells, and keeps the figures, so that a
test can count a series again by itself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from incident_pipeline.alert import Alert
from incident_pipeline.catalogue.model import AlertRule, Group, Level, Mission, Place, Rules, SeriesKind, Side
from incident_pipeline.chain import Tail
from incident_pipeline.codec import GENESIS, encode, link
from incident_pipeline.counting.places import place
from incident_pipeline.event import ANY, BoundsChange, Change, DecidedBy, Event, EventType
from incident_pipeline.limits import Limits
from incident_pipeline.line import UNATTRIBUTED, Quiet, ReportRef
from incident_pipeline.surveillance import Watch, encode_alerts, from_data, to_data, watch

NW, NE = "north-west", "north-east"
IDLIB, SARAQIB, LATAKIA = "north-west/idlib", "north-west/idlib/saraqib", "north-west/latakia"
HASAKAH = "north-east/hasakah"
DAY = "2020-03-11"
OVER = "2020-03-09"
SOME_RULES, OTHER_RULES = "a" * 64, "b" * 64

Figures = tuple[int, int, int, int]
"""(raw, deduplicated, corroborated, high)"""


def threshold(rule_id: str, at_least: float | str, series: SeriesKind = SeriesKind.THEATRE, **fields: Any) -> AlertRule:
    """A rule with a fixed number."""
    return AlertRule(id=rule_id, series=series, settings={"at_least": at_least}, **fields)


def rules_of(*alerts: AlertRule) -> Rules:
    """Rules of a small country with these alert rules; days up to `OVER` are over when the log begins."""
    places = [Place(id=theatre, name=theatre, level=Level.THEATRE) for theatre in (NW, NE)]
    for path in (IDLIB, LATAKIA, HASAKAH):
        parent, _, place = path.rpartition("/")
        places.append(Place(id=place, name=place, level=Level.PROVINCE, parent=parent))
    places.append(Place(id="saraqib", name="Saraqib", level=Level.TOWN, parent="idlib"))
    return Rules(
        agreements=[],
        alerts=list(alerts),
        groups=[Group(id=group, name=group, side="side") for group in ("gov", "hts", "tip")],
        limits=Limits(late_after_seconds=36 * 3_600),
        mission=Mission(name="Mission", time_zone="UTC", default_theatre=NW),
        parties=[],
        places=places,
        sides=[Side(id="side", name="Side")],
        types=[],
    )


@dataclasses.dataclass(frozen=True)
class Count:
    """The figures of a cell become these."""

    deduplicated: int
    attribution: str = UNATTRIBUTED
    place: str = NW
    day: str = DAY
    raw: int | None = None
    corroborated: int = 0
    high: int | None = None
    cut: int = 0
    """Places of the way up whose bounds are told by themselves, before those above them; 0 for all in one."""

    @property
    def figures(self) -> Figures:
        raw = self.deduplicated if self.raw is None else self.raw
        high = self.deduplicated if self.high is None else self.high
        return raw, self.deduplicated, self.corroborated, high


@dataclasses.dataclass(frozen=True)
class Closed:
    """A day's cut-off and grace have passed."""

    day: str = DAY
    theatre: str = NW


@dataclasses.dataclass(frozen=True)
class Sealed:
    """A day takes no more corrections."""

    day: str = DAY
    theatre: str = NW


@dataclasses.dataclass(frozen=True)
class Calm:
    """Somebody says that there was nothing."""

    day: str = DAY
    theatre: str = NW


@dataclasses.dataclass(frozen=True)
class Adopted:
    """Other rules take force."""

    rules: str = OTHER_RULES


Step = Count | Closed | Sealed | Calm | Adopted


class Log:
    """One partition of `events`, as (id, value) records."""

    def __init__(self) -> None:
        self.records: list[tuple[bytes, bytes]] = []
        self.ends: list[int] = []
        """Records up to the end of each input."""
        self.figures: dict[tuple[str, str], dict[tuple[str, str], Figures]] = {}
        """Of each day: (attribution, place) -> figures."""
        self.rules = SOME_RULES

    def put(self, *steps: Step) -> list[tuple[bytes, bytes]]:
        """Write one input: an event for each step."""
        start = len(self.records)
        for step, what in enumerate(steps):
            event = self._event(what, step, len(steps))
            value = encode(event)
            self.records.append((link(self.records[-1][0] if self.records else GENESIS, value), value))
        self.ends.append(len(self.records))
        return self.records[start:]

    def _event(self, what: Step, step: int, steps: int) -> Event:
        day: str | None = None
        quiet: Quiet | None = None
        changes: tuple[Change, ...] = ()
        bounds: tuple[BoundsChange, ...] = ()
        number = len(self.ends)
        report: ReportRef | None = None
        if isinstance(what, Adopted):
            self.rules, theatre, kind = what.rules, "*", EventType.RULES_ADOPTED
        elif isinstance(what, Count):
            theatre, kind = what.place.partition("/")[0], EventType.INCIDENT_RECORDED
            changes, bounds = self._change(theatre, what)
        elif isinstance(what, Calm):
            theatre, kind = what.theatre, EventType.DAY_QUIET
            quiet = Quiet(attribution=UNATTRIBUTED, day=what.day, index=0, party="centre", place=theatre)
        else:
            theatre, day = what.theatre, what.day
            kind = EventType.DAY_CLOSED if isinstance(what, Closed) else EventType.DAY_SEALED
        if isinstance(what, Count | Calm):
            report = ReportRef(
                digest="d" * 64, id=f"r{number}", offset=number, partition=0, published_at_ms=0, source="centre"
            )
        return Event(
            bounds=bounds,
            changes=changes,
            day=day,
            decided_by=DecidedBy(rule="test"),
            input=number,
            quiet=quiet,
            recorded_at=f"2020-03-12T{number // 60 % 24:02d}:{number % 60:02d}:00.000Z",
            report=report,
            rules=self.rules,
            sequence=len(self.records),
            step=step,
            steps=steps,
            theatre=theatre,
            type=kind,
        )

    def _change(self, theatre: str, what: Count) -> tuple[tuple[Change, ...], tuple[BoundsChange, ...]]:
        cells = self.figures.setdefault((theatre, what.day), {})
        before = dict(cells)
        cells[what.attribution, what.place] = what.figures
        changes = (
            _changed(ANY, theatre, what.day, _sum(before.values()), _sum(cells.values())),
            _changed(
                what.attribution,
                what.place,
                what.day,
                before.get((what.attribution, what.place), (0, 0, 0, 0)),
                what.figures,
            ),
        )
        groups = [] if what.attribution == UNATTRIBUTED else what.attribution.split("|")
        path = place(what.place).ancestry
        cut = min(what.cut, len(path))
        return changes, tuple(
            _way(before, cells, group, part, what.day) for group in groups for part in (path[:cut], path[cut:]) if part
        )


def _sum(all_figures: Iterable[Figures]) -> Figures:
    raw, deduplicated, corroborated, high = 0, 0, 0, 0
    for figures in all_figures:
        raw, deduplicated = raw + figures[0], deduplicated + figures[1]
        corroborated, high = corroborated + figures[2], high + figures[3]
    return raw, deduplicated, corroborated, high


def _way(
    before: Mapping[tuple[str, str], Figures],
    after: Mapping[tuple[str, str], Figures],
    group: str,
    path: tuple[str, ...],
    day: str,
) -> BoundsChange:
    """The bounds of a group at these places, from the deepest up."""
    return BoundsChange(
        certain=tuple((certain(before, group, at), certain(after, group, at)) for at in path),
        day=day,
        group=group,
        place=path[0],
        possible=tuple((possible(before, group, at), possible(after, group, at)) for at in path),
    )


def _changed(attribution: str, place: str, day: str, before: Figures, after: Figures) -> Change:
    raw, deduplicated, corroborated, high = zip(before, after, strict=True)
    return Change(
        attribution=attribution,
        corroborated=corroborated,
        day=day,
        deduplicated=deduplicated,
        high=high,
        place=place,
        raw=raw,
    )


def certain(cells: Mapping[tuple[str, str], Figures], group: str, place: str, basis: int = 1) -> int:
    """Counts at or below a place of the cells of exactly that group."""
    return sum(cells[key][basis] for key in cells if key[0] == group and below(key[1], place))


def possible(cells: Mapping[tuple[str, str], Figures], group: str, place: str, basis: int = 1) -> int:
    """Counts at or below a place of the cells that name that group."""
    return sum(cells[key][basis] for key in cells if group in key[0].split("|") and below(key[1], place))


def below(path: str, place: str) -> bool:
    """Whether a path is at or below a place."""
    return path == place or path.startswith(f"{place}/")


class World:
    """A log and surveillance of it, alerts kept."""

    def __init__(self, *alerts: AlertRule, other: Iterable[AlertRule] = ()) -> None:
        self.rules = {SOME_RULES: rules_of(*alerts), OTHER_RULES: rules_of(*other)}
        self.log = Log()
        self.state = Watch(self.rules.__getitem__)
        self.alerts: list[Alert] = []

    def put(self, *steps: Step) -> list[Alert]:
        """Write one input, watch it, and return what is said."""
        alerts = [alert for event_id, value in self.log.put(*steps) for alert in watch(self.state, value, event_id)]
        self.alerts += alerts
        return alerts

    def restart(self) -> None:
        """Go on from a snapshot."""
        self.state = from_data(to_data(self.state), self.rules.__getitem__)


def alert_bytes(alerts: list[Alert]) -> list[tuple[bytes, bytes, list[tuple[str, bytes]]]]:
    """The whole chain of alerts, as records."""
    return encode_alerts(alerts, Tail())
