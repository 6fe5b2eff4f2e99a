"""What is dropped is freed by its reference count: the collector is told that the state has no cycles."""

from __future__ import annotations

import datetime as dt
import gc
import sys
from collections import Counter
from collections.abc import Callable, Iterator

import msgspec
import pytest

from incident_pipeline.catalogue.model import AlertRule, SeriesKind
from incident_pipeline.counting.attribution import Attribution
from incident_pipeline.counting.places import Place
from incident_pipeline.ledger import Ledger
from incident_pipeline.ledger.snapshot import from_bytes, to_bytes
from incident_pipeline.line import Line
from tests import ledger_world as ledgers
from tests import surveillance_world as watches
from tests.ledger_world import ALEPPO, DAY_MS, HAMA, IDLIB, LATAKIA, NOON_MS, SARAQIB, aggregate, item, quiet
from tests.surveillance_world import Adopted, Calm, Closed, Count, Sealed, threshold

REMEMBERED = {Attribution, Place}
"""What memos of bounded size keep."""

MARGIN_BLOCKS = 100
"""A day: that it is sealed, its times, what the interpreter's own free lists hold. A day that stays: hundreds."""

Filling = Callable[[ledgers.World, int], None]


@pytest.fixture(autouse=True)
def without_the_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()
    gc.collect()


def alive() -> Counter[str]:
    """Objects of the pipeline's own classes, by class; structs that the collector does not track are not among them."""
    classes = [type(each) for each in gc.get_objects()]
    ours = [
        each for each in classes if str(each.__module__).startswith("incident_pipeline.") and each not in REMEMBERED
    ]
    return Counter(f"{each.__module__}.{each.__qualname__}" for each in ours)


# The ledger. Fillings take the number of days since the first, so that each round opens a day of its own.


def day_of(days: int) -> str:
    return (dt.date.fromisoformat(ledgers.DAY) + dt.timedelta(days=days)).isoformat()


def report(world: ledgers.World, days: int, source: str, *stated: object, **more: object) -> None:
    at_ms = NOON_MS + days * DAY_MS
    dated = [msgspec.structs.replace(each, day=day_of(days)) for each in stated]
    world.report(source, *dated, published_ms=at_ms, recorded_ms=at_ms, **more)  # type: ignore[arg-type]


def near(party: str, groups: str, place: str, minute: int) -> Line:
    """An item of one neighbourhood, whatever its place: so that places above and below each other are weighed."""
    return msgspec.structs.replace(item(party, groups, place, minute), neighbourhood="saraqib")


def items_alone(world: ledgers.World, days: int) -> None:
    for minute in (100, 400, 900):
        report(world, days, "a", item("a", "gov", SARAQIB, minute))


def joined_items(world: ledgers.World, days: int) -> None:
    for minute in (600, 605, 610):
        report(world, days, "a", near("a", "gov", SARAQIB, minute))
        report(world, days, "b", near("b", "gov|hts", IDLIB, minute + 2))
        report(world, days, "c", near("c", "unattributed", f"{SARAQIB}/market", minute + 4))


def retellings(world: ledgers.World, days: int) -> None:
    report(world, days, "b", near("a", "gov", SARAQIB, 600), aggregate("a", 4, "gov"))
    report(world, days, "a", near("a", "gov", SARAQIB, 600), aggregate("a", 5, "gov"))
    report(world, days, "c", near("a", "gov", SARAQIB, 600), aggregate("a", 6, "gov"))


def crossing_numbers(world: ledgers.World, days: int) -> None:
    joined_items(world, days)
    for party, number in (("a", 9), ("b", 7), ("c", 5)):
        report(world, days, party, aggregate(party, number, "gov"), aggregate(party, number - 1, "gov|hts", IDLIB))
        report(world, days, party, aggregate(party, 2, "hts", SARAQIB), aggregate(party, 3, place=IDLIB))
        report(world, days, party, aggregate(party, 1, "hts|tip", HAMA), aggregate(party, 4, "tip", ALEPPO))


def quiet_statements(world: ledgers.World, days: int) -> None:
    report(world, days, "a", quiet("a", "tip", LATAKIA), aggregate("a", 2, "tip"))
    report(world, days, "b", quiet("b", "tip", LATAKIA))


def corrections_and_withdrawals(world: ledgers.World, days: int) -> None:
    crossing_numbers(world, days)
    stated = (near("d", "gov", SARAQIB, 601), aggregate("d", 11, "gov|tip", IDLIB), aggregate("d", 3, "hts", LATAKIA))
    report(world, days, "d", *stated, report_id=f"d{days}")
    report(world, days, "d", aggregate("d", 2, "gov", IDLIB), report_id=f"d{days}", revision=1)
    report(world, days, "d", report_id=f"e{days}", retracts=f"d{days}")


FILLINGS = [items_alone, joined_items, retellings, crossing_numbers, quiet_statements, corrections_and_withdrawals]


def everything(world: ledgers.World, days: int) -> None:
    for filling in FILLINGS:
        filling(world, days)


@pytest.mark.parametrize("filling", [*FILLINGS, everything])
def test_nothing_of_a_sealed_day_is_left(filling: Filling) -> None:
    world = ledgers.World(horizon_days=10)
    before = alive()
    filling(world, 0)
    assert alive() > before
    world.tick(NOON_MS + 11 * DAY_MS)
    assert not world.ledger.days
    assert alive() - before == Counter()


@pytest.mark.parametrize("filling", [*FILLINGS, everything])
def test_nothing_of_a_ledger_is_left_that_goes_to_another_worker(filling: Filling) -> None:
    world = ledgers.World()
    before = alive()
    filling(world, 0)
    world.ledger = from_bytes(to_bytes(world.ledger))
    filling(world, 1)
    world.ledger = Ledger()
    assert alive() - before == Counter()


def test_days_that_are_filled_and_sealed_for_long_take_no_more_memory() -> None:
    """Of all that is allocated: structs that the collector does not track as well."""
    world = ledgers.World(horizon_days=10)
    blocks = []
    for days in range(120):
        everything(world, days)
        world.events.clear()
        world.inputs[:] = [None] * len(world.inputs)  # type: ignore[list-item]
        blocks.append(sys.getallocatedblocks())
    assert len(world.ledger.sealed) > 100
    assert blocks[119] - blocks[39] < 80 * MARGIN_BLOCKS


# Surveillance

RULES = (
    threshold("theatre", 5),
    threshold("places", 2, SeriesKind.PLACE),
    threshold("groups", 2, SeriesKind.GROUP),
    AlertRule(id="odd", series=SeriesKind.GROUP_PLACE, settings={"at_least": 1}),
)


def watch_a_day(world: watches.World, days: int) -> None:
    day = day_of(days)
    world.put(Calm(day=day))
    world.put(Count(6, "gov", watches.SARAQIB, day), Count(3, "gov|hts", watches.IDLIB, day, cut=1))
    world.put(Count(1, "gov", watches.SARAQIB, day))
    world.put(Count(9, "hts", watches.LATAKIA, day, corroborated=3))
    world.put(Adopted())
    world.put(Adopted(watches.SOME_RULES))
    world.put(Closed(day))
    world.put(Count(12, "hts", watches.LATAKIA, day))


def forget_log(world: watches.World) -> None:
    """The log is the test's, not surveillance's."""
    del world.log.records[:-1]
    world.log.figures.clear()
    world.alerts.clear()


def test_nothing_of_a_watched_day_is_left_when_it_is_sealed() -> None:
    world = watches.World(*RULES, other=RULES[:2])
    watch_a_day(world, 0)
    world.put(Sealed(day_of(0)))
    forget_log(world)
    before = alive()
    watch_a_day(world, 1)
    assert world.alerts
    world.put(Sealed(day_of(1)))
    forget_log(world)
    assert not world.state.days
    assert alive() - before == Counter()


def test_nothing_of_a_surveillance_is_left_that_goes_to_another_worker() -> None:
    before = alive()
    world = watches.World(*RULES, other=RULES[:2])
    watch_a_day(world, 0)
    world.restart()
    watch_a_day(world, 1)
    del world
    assert alive() - before == Counter()


def test_days_that_are_watched_and_sealed_for_long_take_no_more_memory() -> None:
    world = watches.World(*RULES, other=RULES[:2])
    blocks = []
    for days in range(120):
        watch_a_day(world, days)
        world.put(Sealed(day_of(days)))
        forget_log(world)
        blocks.append(sys.getallocatedblocks())
    assert not world.state.days
    assert blocks[119] - blocks[39] < 80 * MARGIN_BLOCKS
