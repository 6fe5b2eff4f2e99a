"""The rules by which a decision is taken once, sentence by sentence; the simulation tries them all together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from ledger_world import DAY_MS, HOUR_MS, IDLIB, NOON_MS, NW, RULES, World, aggregate, book, item
from owned_partition import ALERTS, EVENTS, Partition, state_of
from surveillance_world import rules_of, threshold

from incident_pipeline.chain import ID, PREVIOUS, Tail, header
from incident_pipeline.codec import GENESIS, link
from incident_pipeline.ledger import Ledger, decide
from incident_pipeline.line import RulesChange, Tick, Understood
from incident_pipeline.log import LogRecord, follow_chain
from incident_pipeline.owner import Landing, Outgoing
from incident_pipeline.snapshot import Snapshot, SnapshotStore, is_in_log
from incident_pipeline.surveillance.stage import SurveillanceStage

OTHER_RULES = "1" * 64
WATCHED = {RULES: rules_of(threshold("day", 3)), OTHER_RULES: rules_of(threshold("day", 1))}


@pytest.fixture
def world() -> World:
    """Four reports: a number, an item, another number that takes the first one's place, a retraction."""
    world = World()
    world.report("centre", aggregate("centre", 2, place=IDLIB), report_id="one")
    world.report("a", item("a"), item("a", minute=1_000))
    world.report("centre", aggregate("centre", 5, place=IDLIB), published_ms=NOON_MS + HOUR_MS)
    world.report("a", item("a", minute=1_200), report_id="last")
    return world


@pytest.fixture
def partition(world: World) -> Partition:
    return Partition(world)


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path, "")


# Chain


async def test_a_records_id_is_the_hash_of_its_predecessors_id_and_its_value(partition: Partition) -> None:
    owner = partition.owner()
    decided = owner.decide(await partition.input())
    previous = GENESIS
    for number, record in enumerate(record for group in decided.groups for record in group):
        assert header(record.headers, PREVIOUS) == previous.hex().encode()
        assert header(record.headers, ID) == link(previous, record.value).hex().encode()
        assert int(header(record.headers, "ce_sequence") or b"-1") == number
        previous = link(previous, record.value)
    assert decided.last_id == previous


async def test_a_record_counts_only_if_it_names_the_last_that_counts(partition: Partition) -> None:
    owner = partition.owner()
    decided = owner.decide(await partition.input())
    records = [record for group in decided.groups for record in group]
    partition.append([[records[1]], [records[0]], [records[2]], [records[1]], records])
    # The second alone has no predecessor yet; then first, second, and of the whole run what is still missing.
    assert await partition.counting() == partition.straight()


async def test_retries_copies_and_forks_are_passed_over_by_everybody_alike(
    partition: Partition, store: SnapshotStore
) -> None:
    owner = partition.owner()
    first = owner.decide(await partition.input(0, 2))
    fork = partition.owner().decide(await partition.input(0, 1))
    partition.append(first.groups)
    partition.append(first.groups)
    partition.append(fork.groups)
    partition.append([[Outgoing(b"rubbish", 0, b"", [])], [Outgoing(b"rubbish", 0, b"", [(PREVIOUS, b"00")])]])
    reader = partition.owner()
    assert await reader.recover(store) == 2
    assert reader.ignored == first.records + fork.records + 2
    assert len(await partition.counting()) == first.records
    assert reader.end.last_id == first.last_id


async def test_a_record_with_the_right_predecessor_and_a_wrong_id_does_not_count(partition: Partition) -> None:
    forged = Outgoing(b"{}", 0, b"", [(PREVIOUS, GENESIS.hex().encode()), (ID, b"ab" * 32)])
    partition.append([[forged]])
    assert await partition.counting() == []


# Owner


async def test_a_new_owner_folds_to_the_end_and_goes_on_after_the_last_input_that_counts(
    partition: Partition, store: SnapshotStore
) -> None:
    first = partition.owner()
    await partition.write(first, first.decide(await partition.input(0, 2)))
    second = partition.owner()
    assert await second.recover(store) == 2
    assert state_of(second) == state_of(first)
    await partition.write(second, second.decide(await partition.input(2)))
    assert await partition.counting() == partition.straight()


async def test_what_is_computed_ahead_extends_what_is_not_acknowledged_yet(partition: Partition) -> None:
    owner = partition.owner()
    first = owner.decide(await partition.input(0, 2))
    ahead = owner.decide(await partition.input(2))
    assert not owner.is_settled
    assert await partition.write(owner, first) is Landing.COUNTS
    assert not owner.is_settled
    assert await partition.write(owner, ahead) is Landing.COUNTS
    assert owner.is_settled
    assert owner.end == owner.ahead
    assert await partition.counting() == partition.straight()


async def test_after_a_produce_that_never_landed_what_was_computed_ahead_does_not_count(partition: Partition) -> None:
    owner = partition.owner()
    owner.decide(await partition.input(0, 2))
    ahead = owner.decide(await partition.input(2))
    partition.append(ahead.groups)
    assert await partition.counting() == []


async def test_an_owner_whose_records_landed_elsewhere_reads_the_gap_and_is_overtaken_if_something_there_counts(
    partition: Partition, store: SnapshotStore
) -> None:
    zombie, owner = partition.owner(), partition.owner()
    late = zombie.decide(await partition.input(0, 1))
    mine = owner.decide(await partition.input(0, 2))
    partition.append(late.groups)
    partition.put(Tick(now_ms=NOON_MS))
    others = partition.owner()
    await others.recover(store)
    await partition.write(others, others.decide(await partition.input(1, 3)))
    assert await partition.write(owner, mine) is Landing.OVERTAKEN
    # It folds the gap, and goes on from there.
    again = partition.owner()
    position = await again.recover(store)
    await partition.write(again, again.decide(await partition.input(position)))
    assert await partition.counting() == partition.straight()


async def test_an_owner_whose_records_landed_elsewhere_counts_if_nothing_in_the_gap_does(partition: Partition) -> None:
    owner = partition.owner()
    partition.append([[Outgoing(b"not of the chain", 0, b"", [])]])
    assert await partition.write(owner, owner.decide(await partition.input())) is Landing.COUNTS
    assert owner.ignored == 1
    assert await partition.counting() == partition.straight()


async def test_the_same_decision_by_a_zombie_and_by_the_owner_counts_once_and_as_the_owners_own(
    partition: Partition,
) -> None:
    zombie, owner = partition.owner(), partition.owner()
    records = await partition.input()
    partition.append(zombie.decide(records).groups)
    assert await partition.write(owner, owner.decide(records)) is Landing.COUNTS
    assert await partition.counting() == partition.straight()
    assert state_of(owner) == state_of(zombie)


async def test_records_of_others_between_two_batches_of_one_produce_are_noticed(partition: Partition) -> None:
    owner, zombie = partition.owner(), partition.owner()
    records = await partition.input()
    mine = owner.decide(records)
    rival = zombie.decide(records[:3])
    base, _ = partition.append(mine.groups[:2])
    partition.append(rival.groups[2:])
    _, end = partition.append(mine.groups[2:])
    assert await owner.landed(mine.last_id, mine.records, base, end) is Landing.COUNTS
    assert await partition.counting() == partition.straight()


# One input, one batch


async def test_all_records_of_an_input_are_one_group_that_says_how_many_they_are(partition: Partition) -> None:
    owner = partition.owner()
    decided = owner.decide(await partition.input())
    for group in decided.groups:
        events = [msgspec.json.decode(record.value) for record in group]
        assert len({event["input"] for event in events}) == 1
        assert [event["step"] for event in events] == list(range(len(group)))
        assert {event["steps"] for event in events} == {len(group)}


# Re-run of intake


def rerun(understood: Understood) -> Understood:
    """The same report as intake writes it again."""
    return msgspec.structs.replace(understood)


async def test_a_report_that_intake_writes_again_leaves_nothing(partition: Partition, world: World) -> None:
    partition.put(*(rerun(line) for line in world.inputs))  # type: ignore[arg-type]
    owner = partition.owner()
    await partition.write(owner, owner.decide(await partition.input()))
    assert await partition.counting() == partition.straight()


def test_the_mark_is_kept_for_each_partition_of_reports(world: World) -> None:
    ledger, (first, *_) = Ledger(), world.inputs
    elsewhere = msgspec.structs.replace(first, report=msgspec.structs.replace(first.report, partition=1, id="two"))
    assert decide(ledger, 0, first, world.book)
    assert decide(ledger, 1, elsewhere, world.book)
    assert decide(ledger, 2, first, world.book) == []
    assert decide(ledger, 3, elsewhere, world.book) == []
    assert ledger.decided == {0: first.report.offset, 1: first.report.offset}


def test_a_gap_below_the_mark_would_be_a_loss_which_is_why_intake_keeps_the_order_too(world: World) -> None:
    ledger = Ledger()
    assert decide(ledger, 0, world.inputs[1], world.book)
    assert decide(ledger, 1, world.inputs[0], world.book) == []


def test_ids_that_people_see_do_not_depend_on_places_in_the_output(world: World) -> None:
    ledger = Ledger()
    moved = [event for at, line in enumerate(world.inputs) for event in decide(ledger, 100 + 7 * at, line, world.book)]
    assert [event.incident_id for event in moved] == [event.incident_id for event in world.events]
    assert world.events[2].incident_id == "0-1-0"  # partition, offset and step of the report


# Snapshots


async def recovered(partition: Partition, store: SnapshotStore) -> Any:
    owner = partition.owner()
    await owner.recover(store)
    return owner


async def test_a_start_from_a_snapshot_and_one_without_give_the_same(
    partition: Partition, store: SnapshotStore, tmp_path: Path
) -> None:
    owner = partition.owner()
    await partition.write(owner, owner.decide(await partition.input(0, 2)))
    owner.save(store, 2, 0.0)
    await partition.write(owner, owner.decide(await partition.input(2, 3)))
    warm = await recovered(partition, store)
    cold = await recovered(partition, SnapshotStore(tmp_path / "none", ""))
    assert (state_of(warm), warm.end, warm.stage.position) == (state_of(cold), cold.end, cold.stage.position)
    assert warm.records_since_save(4) == 2


@pytest.mark.parametrize("wrong", ["id", "beyond the end", "before the start", "no record there"])
async def test_a_snapshot_whose_last_record_is_not_in_the_log_at_that_place_is_not_used(
    partition: Partition, store: SnapshotStore, wrong: str
) -> None:
    owner = partition.owner()
    await partition.write(owner, owner.decide(await partition.input(0, 2)))
    owner.save(store, 2, 0.0)
    if wrong == "before the start":
        partition.log.truncate(EVENTS, 0, owner.end.offset)
        partition.append([[Outgoing(b"", 0, b"", [])]])
    elif wrong == "no record there":
        partition.append([[Outgoing(b"newer", 0, b"nw", [])]])
        partition.log.compact(EVENTS, 0)
    else:
        elsewhere = Partition(World())
        if wrong == "id":
            elsewhere.append([[Outgoing(b"other", 0, b"", [])] * owner.end.offset])
        partition = elsewhere
    snapshot = store.load("ledger", 0)
    assert snapshot is not None
    fresh = partition.owner()
    if wrong in {"id", "beyond the end"}:
        assert await fresh.recover(store) == 0
        assert state_of(fresh) == Ledger()
        return
    assert not await is_in_log(snapshot, partition.log)


async def test_a_snapshot_whose_state_cannot_be_read_costs_only_the_time_of_a_fold(
    partition: Partition, store: SnapshotStore
) -> None:
    owner = partition.owner()
    await partition.write(owner, owner.decide(await partition.input()))
    owner.save(store, 4, 0.0)
    saved = store.load("ledger", 0)
    assert saved is not None
    store.save(msgspec.structs.replace(saved, state=b"\x91"))
    again = await recovered(partition, store)
    assert state_of(again) == state_of(owner)
    assert again.end == owner.end


async def test_a_snapshot_holds_nothing_beyond_what_is_acknowledged(partition: Partition, store: SnapshotStore) -> None:
    owner = partition.owner()
    await partition.write(owner, owner.decide(await partition.input(0, 2)))
    assert owner.is_settled
    owner.save(store, 2, 0.0)
    saved = store.load("ledger", 0)
    assert isinstance(saved, Snapshot)
    assert saved.ends[EVENTS] == owner.end
    owner.decide(await partition.input(2))
    assert not owner.is_settled  # its driver saves nothing now


async def test_a_partition_that_stays_catches_up_from_where_it_was(partition: Partition) -> None:
    kept, other = partition.owner(), partition.owner()
    records = await partition.input()
    await partition.write(kept, kept.decide(records[:1]))
    await other.catch_up()
    await partition.write(other, other.decide(records[1:3]))
    assert await kept.catch_up() == 3
    assert state_of(kept) == state_of(other)
    assert await partition.write(kept, kept.decide(records[3:])) is Landing.COUNTS
    assert await partition.counting() == partition.straight()


# Surveillance


class Watched:
    """A partition whose events are all written, and surveillance of it."""

    def __init__(self, world: World) -> None:
        self.partition = Partition(world)

    async def with_events(self) -> Watched:
        owner = self.partition.owner()
        await self.partition.write(owner, owner.decide(await self.partition.input()))
        self.partition.rules.known.add(OTHER_RULES)
        return self

    def owner(self) -> Any:
        return self.partition.owner(SurveillanceStage(WATCHED.__getitem__), (EVENTS, ALERTS))

    async def work(self, owner: Any, start: int, end: int | None = None) -> int:
        """Decide events and write what is said; return how many alerts that is."""
        records = await self.partition.input(start, end, EVENTS)
        await owner.prepare(records)
        decided = owner.decide(records)
        if decided.records:
            assert await self.partition.write(owner, decided, ALERTS) is Landing.COUNTS
        return decided.records


@pytest.fixture
async def watched(world: World) -> Watched:
    world.report("centre", report_id="back", retracts="r2", published_ms=NOON_MS + 2 * HOUR_MS)
    world.tick(NOON_MS + 3 * DAY_MS)
    return await Watched(world).with_events()


async def test_surveillance_decides_again_from_the_beginning_and_writes_only_what_is_not_said_yet(
    watched: Watched, store: SnapshotStore
) -> None:
    straight = watched.owner()
    assert await watched.work(straight, 0) >= 2
    said = await watched.partition.counting(ALERTS)
    again = watched.owner()
    assert await again.recover(store) == 0
    assert await watched.work(again, 0) == 0
    assert await watched.partition.counting(ALERTS) == said


async def test_surveillance_goes_on_after_a_start_in_the_middle_of_what_it_had_said(
    watched: Watched, store: SnapshotStore
) -> None:
    straight = watched.owner()
    await watched.work(straight, 0)
    said = await watched.partition.counting(ALERTS)
    events = len(await watched.partition.input(topic=EVENTS))
    # Decides again, is saved half way, and starts once more from there.
    for cut in range(1, events):
        again = watched.owner()
        await again.recover(store)
        await watched.work(again, again.stage.position, cut)
        if again.stage.can_save:
            again.save(store, again.stage.position, 0.0)
        last = watched.owner()
        await last.recover(store)
        await watched.work(last, last.stage.position)
        assert await watched.partition.counting(ALERTS) == said


async def test_alerts_are_a_chain_of_their_own(watched: Watched) -> None:
    await watched.work(watched.owner(), 0)
    records = await watched.partition.input(topic=ALERTS)
    counting, tail = follow_chain(records, Tail())
    assert len(counting) == len(records) == tail.sequence


async def test_surveillance_passes_over_events_that_do_not_count(watched: Watched) -> None:
    events = await watched.partition.input(topic=EVENTS)
    straight, disturbed = watched.owner(), watched.owner()
    wanted = straight.decide(events)
    mixed = [*events[:3], *events[:2], *events[1:]]
    numbered = [
        LogRecord(EVENTS, 0, at, each.timestamp_ms, each.key, each.value, each.headers) for at, each in enumerate(mixed)
    ]
    assert disturbed.decide(numbered).groups == wanted.groups


# Rules


def with_two_rules() -> World:
    world = World()
    world.book = {**book(), OTHER_RULES: book(close_grace_seconds=0)[RULES]}
    return world


def test_rules_take_force_where_their_record_stands_and_the_old_ones_hold_until_then() -> None:
    world = with_two_rules()
    world.report("centre", aggregate("centre", 2, place=IDLIB))
    adopted = world.take(RulesChange(now_ms=NOON_MS, rules=OTHER_RULES))
    world.report("ministry", aggregate("ministry", 3, place=IDLIB))
    assert [(event.type, event.rules) for event in adopted] == [("rules.adopted", OTHER_RULES)]
    assert [event.rules for event in world.events] == [RULES, RULES, OTHER_RULES, OTHER_RULES]


def test_a_line_is_decided_under_the_rules_in_force_whatever_intake_resolved_it_under() -> None:
    world = with_two_rules()
    world.report("centre", aggregate("centre", 2, place=IDLIB))
    ours = world.inputs[0]
    assert isinstance(ours, Understood)
    newer = msgspec.structs.replace(
        ours, rules=OTHER_RULES, report=msgspec.structs.replace(ours.report, id="n", offset=9, digest="n")
    )
    (event,) = world.take(newer)
    assert event.rules == RULES


def test_rules_that_are_in_force_already_leave_nothing() -> None:
    world = with_two_rules()
    world.report("centre", aggregate("centre", 2, place=IDLIB))
    assert world.take(RulesChange(now_ms=NOON_MS, rules=RULES)) == []


def test_a_partition_without_rules_gets_those_of_its_first_record() -> None:
    world = with_two_rules()
    assert world.tick(NOON_MS) == []
    first, _ = world.report("centre", aggregate("centre", 2, place=IDLIB))
    assert (first.type, first.rules, first.theatre) == ("rules.adopted", RULES, "*")


async def test_rules_that_nobody_published_stop_the_owner_before_it_decides(partition: Partition) -> None:
    partition.rules.known.clear()
    with pytest.raises(LookupError):
        await partition.owner().prepare(await partition.input())
    partition.put(RulesChange(now_ms=NOON_MS, rules=OTHER_RULES))
    partition.rules.known.add(RULES)
    with pytest.raises(LookupError, match="1111"):
        await partition.owner().prepare(await partition.input())


def test_a_day_that_is_opened_under_other_rules_closes_by_them() -> None:
    world = with_two_rules()
    day_ends_ms = NOON_MS + 12 * HOUR_MS
    world.report("centre", aggregate("centre", 2, place=NW))
    world.take(RulesChange(now_ms=NOON_MS, rules=OTHER_RULES))
    world.report("centre", aggregate("centre", 1, "hts", "ne"), recorded_ms=NOON_MS)
    # The first theatre's day had been opened under twelve hours of grace, the second's under none.
    assert [event.theatre for event in world.tick(day_ends_ms)] == ["ne"]
    assert [event.theatre for event in world.tick(day_ends_ms + 12 * HOUR_MS)] == ["nw"]
