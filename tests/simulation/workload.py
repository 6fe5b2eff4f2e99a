"""Reports of a small country, drawn from a seed: what producers send, with all that they do wrong."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import random
from typing import Any

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.model import (
    Agreement,
    AlertRule,
    Basis,
    Group,
    Level,
    Mission,
    Party,
    Place,
    Rules,
    SeriesKind,
    Side,
    Source,
    ViolationType,
)
from incident_pipeline.intake.take import take
from incident_pipeline.intake.understand import Coordinates
from incident_pipeline.line import Understood
from incident_pipeline.rejection import Rejection

NORTH, SOUTH = "north", "south"
PARTITIONS = 2
"""Of `lines`: each theatre lives in one of its own."""
START = dt.datetime(2020, 3, 9, 6, tzinfo=dt.UTC)
PARTIES = ("centre", "ministry", "observer-a", "observer-b")
SOURCES = (*PARTIES, "desk")
PLACES = ("saraqib", "afis", "idlib", "north", "bosra", "daraa", "south")


def rules(at_least: int = 3) -> Rules:
    """Two theatres, four parties, and alerts from so many violations a day."""
    tree = [("idlib", NORTH, Level.PROVINCE), ("saraqib", "idlib", Level.TOWN), ("afis", "idlib", Level.TOWN)]
    tree += [("daraa", SOUTH, Level.PROVINCE), ("bosra", "daraa", Level.TOWN)]
    return Rules(
        agreements=[
            Agreement(id="truce", name="Truce", in_force_from=dt.datetime(2020, 3, 1), zone=[NORTH, SOUTH])  # noqa: DTZ001
        ],
        alerts=[
            AlertRule(id="day", series=SeriesKind.THEATRE, settings={"at_least": at_least}),
            AlertRule(id="told", series=SeriesKind.THEATRE, basis=Basis.RAW, settings={"at_least": at_least + 3}),
            AlertRule(id="group", series=SeriesKind.GROUP, settings={"at_least": 2}),
        ],
        groups=[Group(id=group, name=group, side="side") for group in ("hts", "tip", "gov")],
        mission=Mission(name="Mission", time_zone="UTC", default_theatre=NORTH),
        parties=[Party(id=party, name=party, home_theatre=NORTH) for party in PARTIES],
        places=[
            *(Place(id=theatre, name=theatre, level=Level.THEATRE) for theatre in (NORTH, SOUTH)),
            *(Place(id=place, name=place, level=level, parent=parent) for place, parent, level in tree),
        ],
        sides=[Side(id="side", name="Side")],
        sources=[*(Source(id=party, name=party, party=party) for party in PARTIES), Source(id="desk", name="Desk")],
        types=[ViolationType(code="K3", name="mortar"), ViolationType(code="K1", name="shots")],
    )


@dataclasses.dataclass(frozen=True)
class Sent:
    """A record of `reports`."""

    value: bytes
    recorded_at_ms: int


Taken = list[tuple[int, Understood]] | Rejection


class Workload:
    """What lies in each partition of `reports`."""

    def __init__(self, rnd: random.Random, reports: int, partitions: int) -> None:
        self.partitions: list[list[Sent]] = [[] for _ in range(partitions)]
        self.seconds = 0
        self._rnd = rnd
        self._bodies: dict[str, list[dict[str, Any]]] = {source: [] for source in SOURCES}
        for number in range(reports):
            self.seconds += rnd.choice((60, 600, 3_600, 3 * 3_600))
            source = rnd.choice(SOURCES)
            value = self._value(number, source)
            now_ms = round((START.timestamp() + self.seconds) * 1000)
            self.partitions[SOURCES.index(source) % partitions].append(Sent(value, now_ms))

    def take(self, catalogue: Catalogue, partition: int, offset: int) -> Taken:
        """What intake makes of one record: the same whenever it is asked."""
        sent = self.partitions[partition][offset]
        return take(
            sent.value,
            Coordinates(partition, offset),
            catalogue,
            recorded_at_ms=sent.recorded_at_ms,
            partitions=PARTITIONS,
        )

    def _value(self, number: int, source: str) -> bytes:
        rnd, before = self._rnd, self._bodies[source]
        what = rnd.random()
        if what < 0.03:
            return b"not a report"
        if before and what < 0.13:
            return json.dumps(rnd.choice(before)).encode()
        body = self._body(number, source)
        if before and what < 0.25:
            revised = rnd.choice(before)
            body |= {"report_id": revised["report_id"], "revision": revised.get("revision", 0) + rnd.choice((0, 1, 2))}
        elif what < 0.32:
            body["supersedes"] = f"{source}-{rnd.randrange(number + 3)}"
        elif what < 0.42:
            body["retracts"] = f"{source}-{rnd.randrange(number + 3)}"
            if rnd.random() < 0.7:
                body["violations"], body["quiet"] = [], []
        before.append(body)
        return json.dumps(body).encode()

    def _body(self, number: int, source: str) -> dict[str, Any]:
        rnd = self._rnd
        day = START.date() + dt.timedelta(days=min(self.seconds // 86_400, rnd.randrange(3)))
        body: dict[str, Any] = {
            "source": source,
            "report_id": f"{source}-{number}",
            "occurred_on": day.isoformat(),
            "published_at": (
                START + dt.timedelta(seconds=self.seconds - rnd.randrange(7_200), milliseconds=number)
            ).isoformat(),
            "violations": [self._violation(day) for _ in range(rnd.choice((0, 1, 1, 1, 2, 3)))],
            "quiet": [],
        }
        if source == "desk" or rnd.random() < 0.1:
            body["origin_source"] = rnd.choice(PARTIES)
        if not body["violations"] or rnd.random() < 0.1:
            body["quiet"] = [{"group": rnd.choice(("hts", "gov")), "place": rnd.choice(PLACES)}]
        return body

    def _violation(self, day: dt.date) -> dict[str, Any]:
        rnd = self._rnd
        told: dict[str, Any] = {"place": rnd.choice(PLACES)}
        if rnd.random() < 0.7:
            told["group"] = rnd.choice(("hts", "gov", ["hts", "tip"]))
        if rnd.random() < 0.6:
            minute = rnd.choice((0, 5, 20, 200))
            told["occurred_at"] = f"{day.isoformat()}T{minute // 60:02d}:{minute % 60:02d}:00Z"
            told["type"] = rnd.choice(("K3", "K3", "K1"))
        else:
            told["count"] = rnd.randint(2, 5)
        return told
