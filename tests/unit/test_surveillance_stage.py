"""Surveillance as a stage: what lies on `events` and does not extend the chain counts for nobody."""

from __future__ import annotations

import pytest
from ledger_world import RULES, World, aggregate
from owned_partition import ALERTS, EVENTS, Partition
from surveillance_world import rules_of, threshold

from incident_pipeline.chain import ID, PREVIOUS
from incident_pipeline.codec import GENESIS
from incident_pipeline.owner import Outgoing
from incident_pipeline.surveillance.stage import SurveillanceStage

RUBBISH = Outgoing(b"rubbish", 0, b"", [])


def forged(value: bytes) -> Outgoing:
    """Right about its predecessor, wrong about its own id."""
    return Outgoing(value, 0, b"", [(PREVIOUS, GENESIS.hex().encode()), (ID, b"ab" * 32)])


@pytest.mark.parametrize("kind", ["rubbish", "forged"])
async def test_a_record_that_does_not_extend_the_chain_is_passed_over(kind: str) -> None:
    world = World()
    world.report("centre", aggregate("centre", 5))
    source = Partition(world)
    events = source.owner().decide(await source.input())
    partition = Partition(world)
    partition.append([[RUBBISH if kind == "rubbish" else forged(events.groups[0][1].value)]])
    partition.append(events.groups)
    rules = {RULES: rules_of(threshold("day", 3))}
    owner = partition.owner(SurveillanceStage(rules.__getitem__), (EVENTS, ALERTS))
    records = await partition.input(topic=EVENTS)
    await owner.prepare(records)
    assert owner.decide(records).tally == {"alert.raised": 1}
