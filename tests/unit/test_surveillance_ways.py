"""Bounds as the ledger tells them: of a place and of those above it, as far up as they changed."""

from __future__ import annotations

import msgspec
import pytest
from surveillance_world import (
    DAY,
    IDLIB,
    LATAKIA,
    OTHER_RULES,
    SARAQIB,
    SOME_RULES,
    Adopted,
    Calm,
    Log,
    rules_of,
    threshold,
)

from incident_pipeline.catalogue.model import AlertRule, SeriesKind
from incident_pipeline.codec import encode
from incident_pipeline.event import BoundsChange, Event, EventType, Pair
from incident_pipeline.surveillance import Watch, from_data, to_data, watch

MAARRAT = f"{IDLIB}/maarrat"


def group_day(at_least: int) -> AlertRule:
    return threshold("group", at_least, SeriesKind.GROUP)


class Ways:
    """Surveillance of events that change bounds of one group alone."""

    def __init__(self, some: AlertRule, other: AlertRule) -> None:
        self.rules = {SOME_RULES: rules_of(some), OTHER_RULES: rules_of(other)}
        self.state = Watch(self.rules.__getitem__)
        self.log = Log()

    def say(self, deepest: str, *pairs: Pair) -> list[int]:
        """The counts of hts at a place and above it; give those that alerts state."""
        ((event_id, value),) = self.log.put(Calm())
        way = BoundsChange(certain=pairs, day=DAY, group="hts", place=deepest, possible=pairs)
        calm = msgspec.json.decode(value, type=Event)
        event = msgspec.structs.replace(calm, bounds=(way,), quiet=None, type=EventType.INCIDENT_RECORDED)
        return [alert.count for alert in watch(self.state, encode(event), event_id)]

    def adopt(self) -> list[int]:
        """The other rules take force; give the counts that alerts state."""
        ((event_id, value),) = self.log.put(Adopted())
        return [alert.count for alert in watch(self.state, value, event_id)]

    def restart(self) -> None:
        """Go on from a snapshot."""
        self.state = from_data(to_data(self.state), self.rules.__getitem__)


def test_a_way_up_moves_the_series_of_every_place_on_it() -> None:
    world = Ways(threshold("anywhere", 3, SeriesKind.GROUP_PLACE, place="*"), group_day(3))
    assert world.say(SARAQIB, (0, 2), (0, 3), (0, 4)) == [3]
    assert world.say(SARAQIB, (2, 3)) == [3]
    assert world.adopt() == [3, 3, 4]


@pytest.mark.parametrize("restarts", [False, True])
def test_a_move_within_a_province_leaves_what_was_said_above_it(*, restarts: bool) -> None:
    world = Ways(group_day(9), group_day(3))
    world.say(SARAQIB, (0, 3), (0, 3), (0, 3))
    world.say(SARAQIB, (3, 0))
    world.say(MAARRAT, (0, 3))
    if restarts:
        world.restart()
    assert world.adopt() == [3]


@pytest.mark.parametrize("restarts", [False, True])
def test_the_last_word_on_a_place_holds_whichever_way_it_came(*, restarts: bool) -> None:
    world = Ways(group_day(9), group_day(6))
    world.say(SARAQIB, (0, 3), (0, 3), (0, 3))
    world.say(LATAKIA, (0, 2), (3, 5))
    world.say(SARAQIB, (3, 4), (3, 4), (5, 6))
    if restarts:
        world.restart()
    assert world.adopt() == [6]
    assert world.say(LATAKIA, (2, 1), (6, 5)) == [5]
