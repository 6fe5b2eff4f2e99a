"""A load whose right counts are known by how it is made: four theatres, each in a partition of its own."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import random
import shutil
from collections import Counter
from typing import TYPE_CHECKING, Any

from incident_pipeline.catalogue.load import shipped_catalogue

if TYPE_CHECKING:
    from pathlib import Path

THEATRES = ("sector-1", "sector-3", "sector-4", "sector-6")
"""By the hash of their names in partitions 1, 0, 2 and 3."""

THRESHOLD = 5
_TOWNS = ("alfa", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel")
_OBSERVERS = tuple(f"sample-observer-{number}" for number in range(12))
_FIRST_DAY = dt.date(2020, 3, 9)


def sectors_catalogue(directory: Path, *, threshold: int = THRESHOLD) -> Path:
    """The shipped catalogue and four theatres more, as a user would add them."""
    directory.mkdir(parents=True)
    for file in shipped_catalogue().iterdir():
        shutil.copy(file, directory)
    places, alerts = [], []
    for theatre in THEATRES:
        places.append({"id": theatre, "name": theatre, "level": "theatre"})
        places += [
            {"id": f"{theatre}-{town}", "name": f"{town} {theatre}", "level": "town", "parent": theatre}
            for town in _TOWNS
        ]
        alerts.append(
            {
                "id": f"{theatre}-day",
                "series": "theatre",
                "theatre": theatre,
                "basis": "deduplicated",
                "detector": "threshold",
                "settings": {"at_least": threshold},
                "severity": "page",
                "summary": f"{threshold} or more violations in {theatre} in one day",
            }
        )
    agreement = {
        "id": "sectors",
        "name": "The truce of the four sectors",
        "in_force_from": "2020-03-06T00:01:00",
        "zone": list(THEATRES),
        "parties": ["government", "opposition"],
    }
    added = {"places": places, "alerts": alerts, "agreements": [agreement]}
    (directory / "sectors.json").write_text(json.dumps(added), "utf-8")
    return directory


@dataclasses.dataclass(frozen=True)
class Load:
    """Records to send in this order, and what they must come to."""

    records: list[tuple[bytes, bytes]]
    counts: dict[tuple[str, str], int]
    """(theatre, day) -> violations, each counted once; days without any are left out."""
    bad: int
    """Records that become dead letters."""

    @property
    def alerts(self) -> set[tuple[str, str]]:
        return {key for key, count in self.counts.items() if count >= THRESHOLD}

    def parts(self, number: int) -> list[list[tuple[bytes, bytes]]]:
        """The records in so many consecutive parts."""
        size = -(-len(self.records) // number)
        return [self.records[begin : begin + size] for begin in range(0, len(self.records), size)]


def make_load(days: int, seed: int = 7) -> Load:
    """Make about 19 reports for each day: items, second tellers, repeats, corrections, retractions and totals."""
    return _Maker(random.Random(seed)).make(days)


class _Maker:
    def __init__(self, random_: random.Random) -> None:
        self._random = random_
        self._numbers: Counter[str] = Counter()
        self._records: list[tuple[bytes, bytes]] = []
        self._later: list[tuple[bytes, bytes]] = []
        self._counts: Counter[tuple[str, str]] = Counter()
        self._bad = 0

    def make(self, days: int) -> Load:
        for number in range(days):
            day = _FIRST_DAY + dt.timedelta(days=number)
            for theatre in THEATRES:
                self._make_day(theatre, day)
            if number % 3 == 2:
                self._release()
        self._release()
        return Load(self._records, {key: count for key, count in self._counts.items() if count}, self._bad)

    def _release(self) -> None:
        """What comes days later: repeats, corrections, retractions, second tellers."""
        self._random.shuffle(self._later)
        self._records += self._later
        self._later.clear()

    def _make_day(self, theatre: str, day: dt.date) -> None:
        incidents = self._random.choice((0, 1, 2, 2, 3, 3, 4, 6))
        for number in range(incidents):
            self._tell(theatre, day, _TOWNS[number], 180 * number + 60)
        count = incidents
        if self._random.random() < 0.2:
            self._tell_and_retract(theatre, day)
        if self._random.random() < 0.2:
            count = max(count, self._state_total(theatre, day))
        if self._random.random() < 0.05:
            self._bad += 1
            self._records.append(
                (b"sample-broken-feed", b'{"source": "sample-broken-feed", "report_id": %d' % self._bad)
            )
        self._counts[theatre, day.isoformat()] = count

    def _tell(self, theatre: str, day: dt.date, town: str, minute: int) -> None:
        """One incident, by one observer or two, perhaps twice, perhaps first at a wrong place."""
        first, second = self._random.sample(_OBSERVERS, 2)
        name = self._name(first)
        true = _report(first, name, day, [_item(theatre, day, town, minute)])
        chance = self._random.random()
        if chance < 0.15:
            self._send(first, _report(first, name, day, [_item(theatre, day, _TOWNS[-2], minute)]))
            self._later.append((first.encode(), _bytes(true | {"revision": 1})))
        else:
            self._send(first, true)
            if chance < 0.3:
                self._later.append((first.encode(), _bytes(true)))
        if self._random.random() < 0.25:
            told = _report(second, self._name(second), day, [_item(theatre, day, town, minute + 4)])
            self._later.append((second.encode(), _bytes(told)))

    def _tell_and_retract(self, theatre: str, day: dt.date) -> None:
        """A false report and its retraction, which comes first half of the time."""
        source = self._random.choice(_OBSERVERS)
        name = self._name(source)
        false = (source.encode(), _bytes(_report(source, name, day, [_item(theatre, day, _TOWNS[-1], 1_300)])))
        retraction = {"source": source, "report_id": f"{name}-withdrawn", "retracts": name, "reason": "It was false."}
        withdrawn = (source.encode(), _bytes(retraction))
        if self._random.random() < 0.5:
            self._records += [withdrawn, false]
        else:
            self._records.append(false)
            self._later.append(withdrawn)

    def _state_total(self, theatre: str, day: dt.date) -> int:
        """A centre's total of the day, corrected now and then."""
        source = "sample-centre"
        name = self._name(source)
        total = self._random.choice((2, 4, 5, 8))
        stated = _report(source, name, day, [{"count": total, "place": theatre, "occurred_on": day.isoformat()}])
        if self._random.random() < 0.3:
            wrong = _report(source, name, day, [{"count": total + 3, "place": theatre, "occurred_on": day.isoformat()}])
            self._send(source, wrong)
            self._later.append((source.encode(), _bytes(stated | {"revision": 1})))
        else:
            self._send(source, stated)
        return total

    def _name(self, source: str) -> str:
        self._numbers[source] += 1
        return f"r{self._numbers[source]}"

    def _send(self, source: str, report: dict[str, Any]) -> None:
        self._records.append((source.encode(), _bytes(report)))


def _item(theatre: str, day: dt.date, town: str, minute: int) -> dict[str, Any]:
    at = f"{day.isoformat()}T{minute // 60:02d}:{minute % 60:02d}:00+02:00"
    return {"type": "K3", "place": f"{town} {theatre}", "occurred_at": at}


def _report(source: str, name: str, day: dt.date, violations: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "source": source,
        "report_id": name,
        "published_at": f"{day.isoformat()}T23:30:00+02:00",
        "violations": violations,
    }


def _bytes(report: dict[str, Any]) -> bytes:
    return json.dumps(report, separators=(",", ":"), sort_keys=True).encode()
