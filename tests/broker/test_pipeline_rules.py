"""Rules that change while history goes on: they take force at their place in `lines`; the old ones stay readable."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from pipeline_load import THEATRES, make_load, sectors_catalogue

from incident_pipeline.catalogue.load import canonical_rules_json, load_rules, rules_from_json, rules_hash
from incident_pipeline.codec import encode
from incident_pipeline.event import EventType
from incident_pipeline.line import RulesChange

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline_world import Audit, World

pytestmark = pytest.mark.broker

GROUPS = """
[[groups]]
id = "sample-brigade"
name = "Sample Brigade"
side = "opposition"
aliases = ["Brigade of the Dawn"]
"""


def edited_catalogue(directory: Path, *, threshold: int) -> Path:
    """What a user edits: a threshold, and a group that texts began to name."""
    catalogue = sectors_catalogue(directory, threshold=threshold)
    (catalogue / "brigade.toml").write_text(GROUPS, "utf-8")
    return catalogue


def report(theatre: str, day: int, count: int, source: str = "sample-centre") -> tuple[bytes, bytes]:
    violations = [{"count": count, "place": theatre, "group": "Brigade of the Dawn"}]
    value = {
        "source": source,
        "report_id": f"{theatre}-{day}",
        "occurred_on": f"2020-03-{day:02d}",
        "violations": violations,
    }
    return source.encode(), json.dumps(value).encode()


def alerted(audit: Audit) -> set[tuple[str, str, int]]:
    return {(alert.theatre, alert.day, alert.count) for alert in audit.outcome.holding()}


def adopted(audit: Audit) -> dict[int, list[str]]:
    """Hashes in the order of their adoption, by partition."""
    return {
        number: [event["rules"] for event in events(chain) if event["type"] == EventType.RULES_ADOPTED]
        for number, chain in audit.events.items()
    }


def events(chain: list[Any]) -> list[dict[str, Any]]:
    return [json.loads(record.value) for record in chain]


def groups_told(audit: Audit) -> set[str]:
    return {
        event["line"]["attribution"] for chain in audit.events.values() for event in events(chain) if event.get("line")
    }


async def test_edited_rules_take_force_where_a_worker_brings_them(sectors: World) -> None:
    world = sectors
    old = rules_hash(load_rules(world.catalogue))
    worker = world.start_worker()
    world.send([report(theatre, 9, 4) for theatre in THEATRES[:3]])
    await world.until_finished()
    before = await world.audit()
    assert alerted(before) == set()  # four, and five are needed
    assert groups_told(before) == {"unattributed"}  # the name is not known yet
    assert await worker.stop() == 0

    world.catalogue = edited_catalogue(world.directory / "edited", threshold=3)
    new = rules_hash(load_rules(world.catalogue))
    worker = world.start_worker()
    await world.until(lambda: len(worker.logged("rules.brought")) == 3, "the rules in each partition that is spoken of")
    world.send([report(theatre, 10, 4) for theatre in THEATRES[:3]])
    await world.until_finished()
    after = await world.audit()
    spoken = {number for number, chain in before.events.items() if chain}
    assert len(spoken) == 3
    assert adopted(after) == {number: [old, new] if number in spoken else [] for number in range(4)}
    days = {(theatre, day): 4 for theatre in THEATRES[:3] for day in ("2020-03-09", "2020-03-10")}
    assert alerted(after) == {(*key, count) for key, count in days.items()}
    reasons = {alert.day: alert.reason for alert in after.outcome.holding()}
    assert reasons == {"2020-03-09": "rules_changed", "2020-03-10": "crossed"}  # an open day is judged at once
    assert groups_told(after) == {"unattributed", "sample-brigade"}
    assert after.counts == days
    published = {key.decode(): rules_from_json(value) for key, value in await world.rules_published()}
    assert {key: rules_hash(rules) for key, rules in published.items()} == {old: old, new: new}
    assert await worker.stop() == 0

    # From the beginning, each event is decided under the rules that were in force at its place.
    for file in world.state.glob("*.snapshot"):
        file.unlink()
    worker = world.start_worker()
    await world.until_finished()
    world.send([report(THEATRES[0], 11, 2)])
    await world.until_finished()
    again = await world.audit()
    assert adopted(again) == adopted(after)
    assert alerted(again) == alerted(after)


async def test_workers_that_run_under_different_rules_agree_on_the_history(sectors: World) -> None:
    world = sectors
    load = make_load(days=150)
    first_part, second_part, third_part = load.parts(3)
    one = world.start_worker(tick_seconds=1)
    world.send(first_part)
    await world.until_decided(500)
    other_catalogue = edited_catalogue(world.directory / "edited", threshold=3)
    other = world.start_worker(catalogue=other_catalogue)
    world.send(second_part)
    await world.until(lambda: bool(other.logged("rules.brought")), "the second worker bringing its rules")
    other.kill()
    world.send(third_part)
    await world.until_finished()

    # Rules whose record is decided only after the partition changed hands are followed by its owner's own.
    theirs, ours = (rules_hash(load_rules(catalogue)) for catalogue in (other_catalogue, world.catalogue))
    brought = len(one.logged("rules.brought"))
    world.send([(b"*", encode(RulesChange(now_ms=0, rules=theirs)))], topic=world.topics.lines)
    await world.until(lambda: len(one.logged("rules.brought")) > brought, "the owner bringing its rules again")
    await world.until_finished()
    audit = await world.audit()
    assert audit.counts == load.counts
    assert any(theirs in hashes for hashes in adopted(audit).values())
    assert all(hashes[-1] == ours for hashes in adopted(audit).values())
    assert await one.stop() == 0


def of_revision(directory: Path, revision: int, *, threshold: int) -> Path:
    catalogue = edited_catalogue(directory, threshold=threshold)
    mission = catalogue / "mission.toml"
    mission.write_text(mission.read_text("utf-8").replace("[mission]", f"[mission]\nrevision = {revision}"), "utf-8")
    return catalogue


async def test_an_older_catalogue_replaces_no_newer_one_unless_it_is_told_to(sectors: World) -> None:
    world, theatre = sectors, THEATRES[0]
    older = of_revision(world.directory / "older", 1, threshold=5)
    newer = of_revision(world.directory / "newer", 2, threshold=3)
    old, new = (rules_hash(load_rules(catalogue)) for catalogue in (older, newer))

    worker = world.start_worker(catalogue=newer)
    world.send([report(theatre, 9, 2)])
    await world.until_finished()
    assert await worker.stop() == 0

    # A rolling deployment: a worker that still has the older files takes over, and another one's record comes late.
    worker = world.start_worker(catalogue=older, tick_seconds=1)
    await world.until(lambda: bool(worker.logged("rules.older")), "the worker saying that its catalogue is older")
    late = encode(RulesChange(now_ms=0, rules=old))
    world.send([(theatre.encode(), late), (theatre.encode(), late)], topic=world.topics.lines)
    expected_daily = "ru-reconciliation-centre"
    world.send([report(theatre, 10, 4), report(theatre, 12, 1, expected_daily)])
    await world.until_finished()
    assert worker.logged("rules.brought") == []
    (said,) = worker.logged("rules.older")
    assert (said["revision_in_force"], said["revision"]) == (2, 1)
    _, metrics = worker.get("/metrics")
    assert "incident_pipeline_partitions_under_newer_rules 1.0" in metrics
    sample = f'incident_pipeline_source_last_report_timestamp_seconds{{source="{expected_daily}"}} '
    assert time.time() - float(metrics.partition(sample)[2].splitlines()[0]) < 120
    assert 'incident_pipeline_skipped_records_total{agent="ledger",reason="rules_older"} 2.0' in metrics
    audit = await world.audit()
    assert [hashes for hashes in adopted(audit).values() if hashes] == [[new]]
    assert alerted(audit) == {(theatre, "2020-03-10", 4)}  # by the newer threshold
    assert await worker.stop() == 0

    # A catalogue in which a theatre was renamed, brought on purpose.
    for file in older.iterdir():
        file.write_text(file.read_text("utf-8").replace(theatre, f"{theatre}-renamed"), "utf-8")
    renamed = rules_hash(load_rules(older))
    worker = world.start_worker(catalogue=older, bring_older_rules="true")
    await world.until(lambda: bool(worker.logged("rules.brought")), "the older rules, on purpose")
    await world.until_finished()
    assert [(line["theatre"], line["open_days"]) for line in worker.logged("rules.theatre_gone")] == [(theatre, 3)]
    assert [hashes for hashes in adopted(await world.audit()).values() if hashes] == [[new, renamed]]
    assert await worker.stop() == 0


async def test_alert_rules_of_the_log_that_cannot_be_used_end_nothing_until_a_corrected_catalogue_takes_force(
    world: World,
) -> None:
    good = load_rules(world.catalogue)
    day, group = good.alerts
    assert (day.id, day.settings) == ("north-west-day", {"at_least": 5})
    mistaken = [replace(day, settings={"atleast": 5}), replace(group, detector="oracle")]
    bad = replace(good, alerts=[*mistaken, replace(day, id="watchful", settings={"at_least": 7})])
    world.send([(rules_hash(bad).encode(), canonical_rules_json(bad))], topic=world.topics.rules)
    in_force = encode(RulesChange(now_ms=0, rules=rules_hash(bad)))
    world.send([(b"north-west", in_force)], topic=world.topics.lines)

    worker = world.start_worker(tick_seconds=3600)  # so that it leaves the rules in force
    world.send([report("north-west", 9, 6), report("north-west", 10, 8)])
    await world.until_finished()
    mistakes = {"north-west-day", "single-group-day"}
    assert {line["rule"] for line in worker.logged("alert_rule.unusable")} == mistakes
    _, metrics = worker.get("/metrics")
    for rule in mistakes:
        assert f'incident_pipeline_alert_rule_unusable{{rule="{rule}"}} 1.0' in metrics
    assert 'incident_pipeline_alert_records_total{type="alert_rule.unusable"} 2.0' in metrics
    before = await world.audit()
    assert [alert.rule for alert in before.outcome.holding()] == ["watchful"]
    assert {notice.rule for notice in before.outcome.alerts.unusable_rules.now()} == mistakes
    assert before.counts == {("north-west", "2020-03-09"): 6, ("north-west", "2020-03-10"): 8}
    assert await worker.stop() == 0

    worker = world.start_worker()
    await world.until(lambda: bool(worker.logged("rules.brought")), "the corrected rules")
    await world.until_finished()
    after = await world.audit()
    assert after.outcome.alerts.unusable_rules.now() == []
    raised = {(alert.rule, alert.day, alert.count) for alert in after.outcome.holding()}
    assert raised == {("north-west-day", "2020-03-09", 6), ("north-west-day", "2020-03-10", 8)}
    _, metrics = worker.get("/metrics")
    assert 'incident_pipeline_alert_rule_unusable{rule="north-west-day"} 0.0' in metrics
    assert await worker.stop() == 0


async def test_what_others_write_to_the_topic_of_rules_stops_nobody(world: World) -> None:
    garbage = [(b"0" * 64, b"{}"), (b"1" * 64, b"not JSON"), (b"\xff\xfe", b"\x00"), (b"2" * 64, b"")]
    world.send(garbage, topic=world.topics.rules)
    worker = world.start_worker()
    world.send([report("north-west", 9, 2)])
    await world.until_finished()
    assert (await world.audit()).counts == {("north-west", "2020-03-09"): 2}
    assert await worker.stop() == 0
