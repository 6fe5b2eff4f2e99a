"""Sources that are expected daily: which of them are silent is told from the log, by the mission's days."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import msgspec
import pytest
from ledger_world import DAY_MS, NOON_MS, World, item

from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.catalogue.model import Mission, Rules, Source
from incident_pipeline.chain import Tail
from incident_pipeline.codec import time_text
from incident_pipeline.ledger.stage import LedgerStage
from incident_pipeline.limits import SOURCES_HEARD
from incident_pipeline.log import LogRecord
from incident_pipeline.metrics.expected_sources import (
    Expected,
    expected_of,
    expected_since_samples,
    last_heard_samples,
)
from incident_pipeline.projection.heard import Heard

ZONE = ZoneInfo("Asia/Damascus")


def expected(by: str | None = None, day_ends_at: str = "24:00") -> Expected:
    mission = Mission(name="M", time_zone=ZONE.key, day_ends_at=day_ends_at, default_theatre="t")
    sources = [
        Source(id="centre", name="C", expected_daily=True, expected_by=by),
        Source(id="desk", name="D"),
    ]
    (one,) = expected_of(
        Rules(agreements=[], groups=[], mission=mission, parties=[], places=[], sources=sources, types=[])
    )
    assert one.source == "centre"
    return one


def local_ms(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp() * 1_000)


@pytest.mark.parametrize(
    ("by", "day_ends_at", "now", "since"),
    [
        ("20:00", "24:00", "2020-03-11T19:59", "2020-03-10T00:00"),  # not yet due: yesterday's must have come
        ("20:00", "24:00", "2020-03-11T20:00", "2020-03-11T00:00"),
        ("20:00", "24:00", "2020-03-12T00:30", "2020-03-11T00:00"),
        (None, "24:00", "2020-03-11T23:59", "2020-03-10T00:00"),  # the whole day is its own
        (None, "24:00", "2020-03-12T00:00", "2020-03-11T00:00"),
        ("10:00", "19:30", "2020-03-11T12:00", "2020-03-10T19:30"),  # the day began on the evening before
        ("10:00", "19:30", "2020-03-11T09:00", "2020-03-09T19:30"),
        ("21:00", "19:30", "2020-03-11T20:00", "2020-03-10T19:30"),  # 21:00 belongs to the day that began at 19:30
        ("21:00", "19:30", "2020-03-11T21:00", "2020-03-11T19:30"),
        (None, "19:30", "2020-03-11T19:30", "2020-03-10T19:30"),
        ("20:00", "24:00", "2020-03-27T20:00", "2020-03-27T01:00"),  # the day whose first hour is skipped
    ],
)
def test_a_source_is_to_be_heard_of_since_the_newest_day_whose_hour_has_passed(
    by: str | None, day_ends_at: str, now: str, since: str
) -> None:
    (sample,) = expected_since_samples([expected(by, day_ends_at)], local_ms(now))
    assert sample == (("centre",), local_ms(since) / 1_000)


def stage_of(world: World) -> LedgerStage:
    stage = LedgerStage(world.book)
    records = [
        LogRecord("lines", 0, n, NOON_MS, None, msgspec.json.encode(each)) for n, each in enumerate(world.inputs)
    ]
    stage.decide(records, Tail())
    return stage


def test_the_last_report_of_a_source_follows_from_the_log_and_from_a_snapshot() -> None:
    world = World()
    world.report("centre", item("a"), report_id="first", recorded_ms=NOON_MS)
    world.report("desk", item("a"), report_id="other", recorded_ms=NOON_MS + 1_000)
    world.report("centre", item("a"), report_id="first", recorded_ms=NOON_MS + DAY_MS)  # again: no sign of life
    decided = stage_of(world)
    assert decided.heard.last("Centre") == time_text(NOON_MS)
    loaded = LedgerStage(world.book)
    loaded.load(decided.save())
    folded = Heard()
    for event in world.events:
        folded.apply(event)
    assert loaded.heard.state() == folded.state() == decided.heard.state()

    other = Heard([("centre", time_text(NOON_MS + 5_000))])
    assert list(last_heard_samples([expected()], [decided.heard, other])) == [(("centre",), NOON_MS / 1_000 + 5)]


def test_a_source_that_never_sent_has_a_sample_once_a_partition_is_at_hand() -> None:
    assert list(last_heard_samples([expected()], [])) == []
    assert list(last_heard_samples([expected()], [Heard()])) == [(("centre",), 0.0)]


def test_of_too_many_sources_those_heard_of_longest_ago_are_forgotten() -> None:
    world = World()
    world.report("newest", item("a"), recorded_ms=NOON_MS + DAY_MS)
    heard = Heard((f"s{n}", time_text(NOON_MS + n)) for n in range(SOURCES_HEARD))
    heard.apply(world.events[-1])
    assert heard.last("s0") is None
    assert heard.last("newest") == time_text(NOON_MS + DAY_MS)
    assert len(heard.state()) == SOURCES_HEARD


def test_the_shipped_catalogue_expects_its_bulletin() -> None:
    assert [one.source for one in expected_of(load_rules(shipped_catalogue()))] == ["ru-reconciliation-centre"]
