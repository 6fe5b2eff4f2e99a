"""Seeded reports as producers would send them, and what is true of them: the counts that a right run must reach.

Distinct incidents of a theatre's day stand in different towns or at least an hour apart, so that each is one
incident under any sensible matching; a second teller gives the same town and type, some minutes off.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

import msgspec

from benchmarks.world import SIDES, TYPES, UTC_OFFSET, Province, Theatre, World

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DayKey", "Mix", "Report", "Truth", "generate"]

DUPLICATES: Final = 0.10
SECOND_TELLERS: Final = 0.05
REVISIONS: Final = 0.01
AGGREGATES: Final = 0.01
REPORTS_PER_THEATRE_DAY: Final = 137
MOST_DAYS: Final = 365
LEAST_DAYS: Final = 5
FIRST_DAY: Final = dt.date(2020, 3, 9)

_SLOTS: Final = 16
_SLOT_MINUTES: Final = 90
_FIRST_MINUTE: Final = 15
_WEAPONS: Final = ("120 mm mortar", "122 mm howitzer", "heavy machine gun", "FPV drone", "rifle")
_NOBODY: Final = "unidentified"
DayKey = tuple[str, str]
"""(theatre, ISO date)"""


class Report(msgspec.Struct, frozen=True):
    """A report on its way: when it is sent (minutes since the first day), and the record."""

    sent_minute: float
    serial: int
    source: str
    value: bytes


class Incident(msgspec.Struct):
    """What happened, and its first teller's report."""

    theatre: Theatre
    province: int
    town: tuple[str, ...]
    slot: int
    day: int
    type: int
    side: str | None
    group: str | list[str]
    observer: tuple[str, str]
    minute: int


class Mix(msgspec.Struct, frozen=True):
    """How many reports of each kind."""

    total: int
    days: int
    first_hand: int
    second_tellers: int
    revisions: int
    aggregates: int
    duplicates: int

    @classmethod
    def of(cls, total: int) -> Mix:
        """The shares of a total, at one density of reports for each theatre-day."""
        duplicates, seconds = round(total * DUPLICATES), round(total * SECOND_TELLERS)
        revisions, aggregates = round(total * REVISIONS), round(total * AGGREGATES)
        days = min(MOST_DAYS, max(LEAST_DAYS, total // (8 * REPORTS_PER_THEATRE_DAY)))
        first_hand = total - duplicates - seconds - revisions - aggregates
        return cls(total, days, first_hand, seconds, revisions, aggregates, duplicates)


class Truth(msgspec.Struct):
    """What must come out."""

    mix: Mix
    deduplicated: dict[DayKey, int]
    """(theatre, day) → violations, each counted once."""
    raw: dict[DayKey, int]
    """(theatre, day) → the sum of all statements in force."""
    revised_duplicates: int
    """Duplicates of revisions: these concern every partition."""


def generate(world: World, total: int, seed: int, *, first_day: dt.date = FIRST_DAY) -> tuple[list[Report], Truth]:
    """Make the reports in the order in which they are sent, and what is true of them."""
    return _Generator(world, Mix.of(total), random.Random(seed), first_day, f"{seed:x}").run()


class _Generator:
    def __init__(self, world: World, mix: Mix, rng: random.Random, first_day: dt.date, name: str) -> None:
        self.world = world
        self.mix = mix
        self.rng = rng
        self.name = name
        self.dates = [first_day + dt.timedelta(days=day) for day in range(mix.days)]
        self.reports: list[Report] = []
        self.free: dict[tuple[str, int], list[tuple[int, int, int]]] = {}
        self.items: dict[tuple[str, int, int], Counter[str | None]] = defaultdict(Counter)
        self.numbers: dict[tuple[str, int, int], dict[int, tuple[float, int]]] = defaultdict(dict)
        self.raw: Counter[tuple[str, int]] = Counter()

    def run(self) -> tuple[list[Report], Truth]:
        incidents = self._incidents()
        chosen = self.rng.sample(range(len(incidents)), self.mix.second_tellers + self.mix.revisions)
        ids = [self._first_hand(incident) for incident in incidents]
        for index in chosen[: self.mix.second_tellers]:
            self._second_teller(incidents[index])
        revisions = []
        for index in chosen[self.mix.second_tellers :]:
            revisions.append(len(self.reports))
            self._revision(incidents[index], *ids[index])
        for _ in range(self.mix.aggregates):
            self._aggregate()
        revised = self._duplicates(set(revisions))
        self.reports.sort(key=lambda report: (report.sent_minute, report.serial))
        return self.reports, self._truth(revised)

    # What happened

    def _incidents(self) -> list[Incident]:
        """Spread the incidents over theatres and days, quiet days and heavy ones."""
        days = [(theatre, day) for theatre in self.world.theatres for day in range(self.mix.days)]
        weights = [self.rng.lognormvariate(0, 0.3) for _ in days]
        times = Counter(self.rng.choices(range(len(days)), weights, k=self.mix.first_hand))
        return [incident for index, count in sorted(times.items()) for incident in self._happened(*days[index], count)]

    def _happened(self, theatre: Theatre, day: int, count: int) -> Iterator[Incident]:
        slots = [
            (province, town, slot)
            for province, one in enumerate(theatre.provinces)
            for town in range(len(one.towns))
            for slot in range(_SLOTS)
        ]
        self.rng.shuffle(slots)
        self.free[theatre.id, day] = slots[count:]
        for province, town, slot in slots[:count]:
            side, group = self._who()
            yield Incident(
                theatre,
                province,
                theatre.provinces[province].towns[town],
                slot,
                day,
                self.rng.randrange(len(TYPES)),
                side,
                group,
                self.rng.choice(theatre.observers),
                _FIRST_MINUTE + slot * _SLOT_MINUTES + self.rng.randrange(9),
            )

    def _who(self) -> tuple[str | None, str | list[str]]:
        """Mostly one group; sometimes either of two of one side; sometimes nobody knows."""
        dice = self.rng.random()
        if dice < 0.05:
            return None, _NOBODY
        side = self.rng.choice(SIDES)
        if dice < 0.15:
            return side, self.rng.sample(self.world.groups[side], 2)
        return side, self.rng.choice(self.world.groups[side])

    # What is reported

    def _first_hand(self, incident: Incident) -> tuple[str, float]:
        self.items[incident.theatre.id, incident.day, incident.province][incident.side] += 1
        self.raw[incident.theatre.id, incident.day] += 1
        source = incident.observer[0]
        report_id = self._id()
        sent = self._item(incident, source, report_id, incident.minute, incident.group)
        return report_id, sent

    def _second_teller(self, incident: Incident) -> None:
        self.raw[incident.theatre.id, incident.day] += 1
        others = [one for one in incident.theatre.observers if one[1] != incident.observer[1]]
        source = self.rng.choice(others)[0]
        minute = incident.minute + self.rng.randint(-8, 8)
        group = incident.group if self.rng.random() < 0.8 else _NOBODY
        self._item(incident, source, self._id(), minute, group)

    def _revision(self, incident: Incident, report_id: str, sent: float) -> None:
        """Correct the town: another one of the province, at a time that is free there."""
        free = self.free[incident.theatre.id, incident.day]
        at = next(index for index, slot in enumerate(free) if slot[0] == incident.province)
        _, town, slot = free.pop(at)
        incident.town = incident.theatre.provinces[incident.province].towns[town]
        minute = _FIRST_MINUTE + slot * _SLOT_MINUTES
        later = sent + self.rng.uniform(60, 2_000)
        self._item(incident, incident.observer[0], report_id, minute, incident.group, revision=1, sent=later)

    def _item(
        self,
        incident: Incident,
        source: str,
        report_id: str,
        minute: int,
        group: str | list[str],
        *,
        revision: int = 0,
        sent: float | None = None,
    ) -> float:
        rng = self.rng
        if sent is None:
            sent = incident.day * 1_440 + minute + 5 + rng.expovariate(1 / 240)
        violation: dict[str, object] = {
            "type": rng.choice((TYPES[incident.type][0], *TYPES[incident.type][2])),
            "group": group,
            "place": rng.choice(incident.town),
            "occurred_at": self._moment(incident.day * 1_440 + minute),
        }
        if rng.random() < 0.4:
            violation["weapon"] = rng.choice(_WEAPONS)
        if rng.random() < 0.1:
            violation["casualties"] = {"best": rng.randint(1, 5)}
        report: dict[str, object] = {
            "schema": "report/v1",
            "source": source,
            "report_id": report_id,
            "published_at": self._moment(sent),
            "observer_mode": "field" if rng.random() < 0.7 else "remote",
            "url": f"https://reports.example.org/{source}/{report_id}",
            "violations": [violation],
        }
        if revision:
            report["revision"] = revision
        self._add(sent, source, report)
        return sent

    def _aggregate(self) -> None:
        """A number for a province and day: of a commission for one side, or of the ministry for both."""
        rng = self.rng
        theatre, day = rng.choice(self.world.theatres), rng.randrange(self.mix.days)
        number = rng.randrange(len(theatre.provinces))
        province: Province = theatre.provinces[number]
        teller = rng.randrange(3)
        told = self.items[theatre.id, day, number]
        known = told.total() if teller == 2 else told[SIDES[teller]]
        count = max(2, round(known * rng.uniform(0.5, 1.2)))
        sent = (day + 1) * 1_440 + rng.uniform(0, 1_440)
        scope = self.numbers[theatre.id, day, number]
        if teller not in scope or int(sent) > int(scope[teller][0]):
            scope[teller] = (sent, count)
        elif int(sent) == int(scope[teller][0]):
            return self._aggregate()
        source = theatre.tellers[teller]
        report_id = self._id()
        report: dict[str, object] = {
            "schema": "report/v1",
            "source": source,
            "report_id": report_id,
            "published_at": self._moment(sent),
            "occurred_on": self.dates[day].isoformat(),
            "url": f"https://reports.example.org/bulletins/{report_id}",
            "violations": [{"count": count, "place": province.name, "registered_by": source}],
        }
        self._add(sent, source, report)
        return None

    def _duplicates(self, revisions: set[int]) -> int:
        """Send some again, byte for byte, up to a day later; return how many of them are revisions."""
        indices = self.rng.choices(range(len(self.reports)), k=self.mix.duplicates)
        for index in indices:
            first = self.reports[index]
            sent = first.sent_minute + self.rng.expovariate(1 / 120)
            self.reports.append(Report(sent, len(self.reports), first.source, first.value))
        return sum(index in revisions for index in indices)

    def _id(self) -> str:
        return f"{self.name}-{len(self.reports):06x}"

    def _add(self, sent: float, source: str, report: dict[str, object]) -> None:
        value = json.dumps(report, separators=(",", ":")).encode()
        self.reports.append(Report(sent, len(self.reports), source, value))

    def _moment(self, minute: float) -> str:
        days, within = divmod(int(minute), 1_440)
        date = self.dates[0] + dt.timedelta(days=days)
        return f"{date.isoformat()}T{within // 60:02d}:{within % 60:02d}:00{UTC_OFFSET}"

    # What is true of it

    def _truth(self, revised_duplicates: int) -> Truth:
        deduplicated: Counter[DayKey] = Counter()
        raw: Counter[DayKey] = Counter()
        for (theatre, day), count in self.raw.items():
            raw[theatre, self.dates[day].isoformat()] += count
        for at in self.items.keys() | self.numbers.keys():
            theatre, day, _ = at
            key = (theatre, self.dates[day].isoformat())
            numbers = {teller: count for teller, (_, count) in self.numbers.get(at, {}).items()}
            deduplicated[key] += _violations(self.items[at], numbers)
            raw[key] += sum(numbers.values())
        return Truth(self.mix, dict(deduplicated), dict(raw), revised_duplicates)


def _violations(items: Counter[str | None], numbers: dict[int, int]) -> int:
    """Count a province's day by the law (docs: counting).

    A side's number takes its own items first, then unknown ones; what is missing to it is added; then the same with
    the number for both sides.
    """
    unknown, missing = items[None], 0
    for teller, side in enumerate(SIDES):
        lacking = max(0, numbers.get(teller, 0) - items[side])
        taken = min(lacking, unknown)
        unknown -= taken
        missing += lacking - taken
    return max(items.total() + missing, numbers.get(2, 0))
