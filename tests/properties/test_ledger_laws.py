"""What holds for any history of reports: duplicates, conflicts, revisions, withdrawals and retellings in any order."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_histories import Told, days_of, histories, in_force, oracle_of, reports, send, sent
from ledger_world import DAY_MS, HOUR_MS, NOON_MS, RULES, World, cells, encode_events, refold
from surveillance_world import rules_of, threshold

from incident_pipeline.chain import Tail
from incident_pipeline.event import ANY, Event
from incident_pipeline.ledger import Ledger, decide, fold, snapshot
from incident_pipeline.ledger.stage import LedgerStage
from incident_pipeline.ledger.state import Day, ItemKey
from incident_pipeline.line import LinesRecord, RulesChange, Tick
from incident_pipeline.log import LogRecord
from incident_pipeline.surveillance import Watch, watch

Counts = dict[tuple[str, ...], tuple[int, ...]]
SCOPES = st.sampled_from((1, 2, 300))
"""Bounds of a day's scopes: two that histories reach, and the default."""


def counts(events: list[Event]) -> Counts:
    """The last figures of each cell and each bound, from the changes alone; zeros are left out."""
    known: Counts = dict(cells(events))
    for event in events:
        for change in event.bounds:
            for place, certain, possible in change.by_place():
                key = ("bounds", change.day, change.group, place)
                assert (certain[0], possible[0]) == known.get(key, (0, 0))
                known[key] = (certain[1], possible[1])
    return {key: figures for key, figures in known.items() if any(figures)}


def encoded(events: list[Event]) -> list[bytes]:
    """The chain of events as bytes."""
    return [value for _, value, _ in encode_events(events, Tail())]


def decided(inputs: list[LinesRecord], world: World) -> list[Event]:
    """The events of another ledger for the same inputs."""
    ledger = Ledger()
    return [event for position, line in enumerate(inputs) for event in decide(ledger, position, line, world.book)]


@given(histories(), SCOPES)
@settings(deadline=None)
def test_folding_the_events_gives_the_state(history: list[Told], scopes: int) -> None:
    world = sent(history, scopes_per_theatre_day=scopes)
    assert refold(world) == world.ledger


@given(histories())
@settings(deadline=None)
def test_counts_are_those_of_the_lines_in_force_counted_by_somebody_else(history: list[Told]) -> None:
    told = counts(sent(history).events)
    wanted: Counts = {}
    for theatre, day in days_of(history):
        oracle = oracle_of(history, theatre, day)
        raw, deduplicated, corroborated, high = oracle.theatre()
        if raw or deduplicated:
            wanted[day, ANY, theatre] = (deduplicated, raw, corroborated, high)
        for (attribution, place), figures in oracle.cells().items():
            wanted[day, attribution, place] = (figures[1], figures[0], figures[2], figures[3])
        for (group, place), bounds in oracle.bounds().items():
            wanted["bounds", day, group, place] = bounds
    assert told == wanted


@given(histories(conflicts=False), st.data())
@settings(deadline=None)
def test_the_order_of_arrival_does_not_matter_for_counts(history: list[Told], data: st.DataObject) -> None:
    other = data.draw(st.permutations(history))
    assert counts(sent(history).events) == counts(sent(other).events)


@given(histories(), st.data(), SCOPES)
@settings(deadline=None)
def test_a_report_that_comes_again_changes_no_count(history: list[Told], data: st.DataObject, scopes: int) -> None:
    world = sent(history, scopes_per_theatre_day=scopes)
    before, told = counts(world.events), data.draw(st.sampled_from(history)) if history else None
    if told is None:
        return  # nothing to send again
    events = send(world, told)
    assert {event.type for event in events} <= {"report.duplicated", "report.conflicted"}
    assert counts(world.events) == before


@given(histories(), st.lists(st.integers(0, 7)), SCOPES)
@settings(deadline=None)
def test_any_split_into_batches_gives_the_same_bytes(history: list[Told], cuts: list[int], scopes: int) -> None:
    world = sent(history, scopes_per_theatre_day=scopes)
    records = [
        LogRecord("lines", 0, offset, 0, None, msgspec.json.encode(line)) for offset, line in enumerate(world.inputs)
    ]
    stage, tail, values = LedgerStage(world.book), Tail(), []
    ends = sorted({min(cut, len(records)) for cut in cuts} | {len(records)})
    for start, end in zip([0, *ends], ends, strict=False):
        batch = stage.decide(records[start:end], tail)
        values += [outgoing.value for group in batch.groups for outgoing in group]
        tail = tail.extended(batch.last_id, batch.records, tail.offset + batch.records) if batch.records else tail
    assert values == encoded(world.events)


@given(histories(), st.data(), SCOPES)
@settings(deadline=None)
def test_what_intake_writes_again_at_new_offsets_changes_no_count_and_no_alert(
    history: list[Told], data: st.DataObject, scopes: int
) -> None:
    world = sent(history, scopes_per_theatre_day=scopes)
    inputs: list[LinesRecord] = []
    for position in range(len(world.inputs)):
        again = data.draw(st.integers(0, position))
        inputs += [*world.inputs[again:position], world.inputs[position]]
    events = decided(inputs, world)
    assert counts(events) == counts(world.events)
    assert len(events) == len(world.events)
    assert alerts(events) == alerts(world.events)


def alerts(events: list[Event]) -> list[tuple[str, int, str]]:
    """What surveillance says of events, without the places of their inputs."""
    state = Watch({RULES: rules_of(threshold("two", 2), threshold("four", 4))}.__getitem__)
    return [
        (alert.alert_id, alert.count, alert.type)
        for event_id, value, _ in encode_events(events, Tail())
        for alert in watch(state, value, event_id)
    ]


@given(histories(), st.integers(0, 7), st.integers(1, 4))
@settings(deadline=None)
def test_an_input_that_is_delivered_again_leaves_nothing(history: list[Told], first: int, many: int) -> None:
    world = sent(history)
    for position, line in list(enumerate(world.inputs))[first : first + many]:
        assert decide(world.ledger, position, line, world.book) == []
    assert refold(world) == world.ledger


@given(histories(), st.integers(0, 7), SCOPES)
@settings(deadline=None)
def test_a_ledger_from_a_snapshot_goes_on_as_if_nothing_had_been(history: list[Told], cut: int, scopes: int) -> None:
    world = sent(history[:cut], scopes_per_theatre_day=scopes)
    world.ledger = snapshot.from_bytes(snapshot.to_bytes(world.ledger))
    for told in history[cut:]:
        send(world, told)
    straight = sent(history, scopes_per_theatre_day=scopes)
    assert encoded(world.events) == encoded(straight.events)
    assert world.ledger == straight.ledger


@given(histories(), st.integers(0, 30), SCOPES)
@settings(deadline=None)
def test_a_ledger_folded_from_the_log_goes_on_as_if_nothing_had_been(
    history: list[Told], cut: int, scopes: int
) -> None:
    straight = sent(history, scopes_per_theatre_day=scopes)
    world = World(scopes_per_theatre_day=scopes)
    ends = [number for number, event in enumerate(straight.events) if event.step + 1 == event.steps]
    end = max((number + 1 for number in ends[:cut]), default=0)
    for event in straight.events[:end]:
        fold(world.ledger, event, world.book)
    position = world.ledger.last_input + 1
    events = [
        event
        for number, line in enumerate(straight.inputs[position:], position)
        for event in decide(world.ledger, number, line, world.book)
    ]
    assert encoded(straight.events[:end] + events) == encoded(straight.events)


@given(histories(), st.data())
@settings(deadline=None)
def test_of_a_retracted_report_no_count_is_left(history: list[Told], data: st.DataObject) -> None:
    if not history:
        return
    gone = data.draw(st.sampled_from(history))
    world = sent(history)
    send(world, Told(gone.source, "takes-back", 0, 99, (), retracts=gone.report_id))
    without = [told for told in history if told.key != gone.key]
    kept = [told for told in history if told.key == gone.key]
    bare = [
        Told(told.source, told.report_id, told.revision, told.published, (), told.supersedes, told.retracts)
        for told in kept
    ]  # its own withdrawals stand
    wanted = sent([*bare, *without])
    assert counts(world.events) == counts(wanted.events)


def _names(day: Day) -> dict[ItemKey, str]:
    return {key: incident.id for key, incident in day.incident_of.items()}


@given(histories())
@settings(deadline=None)
def test_an_incident_keeps_the_id_that_it_got_first(history: list[Told]) -> None:
    world, gone = World(), set()
    for told in history:
        before = {key: _names(day) for key, day in world.ledger.days.items()}
        aside = {key for day in world.ledger.days.values() for key in day.repeats}
        send(world, told)
        for key, day in world.ledger.days.items():
            # What a correction states again is told anew, and so it has no id to keep.
            was = {item: name for item, name in before.get(key, {}).items() if item[:2] != told.key}
            for name, incident in day.incidents().items():
                assert name not in gone
                if name in before.get(key, {}).values():
                    had = {item for item, id_then in before[key].items() if id_then == name}
                    assert had & {*incident.items, *day.repeats} or aside & set(incident.items)
                else:
                    assert {was[item] for item in incident.items if item in was} <= day.incidents().keys()
            gone |= set(before.get(key, {}).values()) - day.incidents().keys()


@given(histories(), reports(50))
@settings(deadline=None)
def test_a_sealed_day_does_not_change_any_more(history: list[Told], late: Told) -> None:
    world = sent(history, horizon_days=2)
    now_ms = NOON_MS + 3 * DAY_MS
    world.tick(now_ms)
    assert not world.ledger.days
    before = counts(world.events)
    late = Told(late.source, f"{late.report_id}-late", 0, late.published, late.stated, None, None)
    sealed = set(world.ledger.sealed)
    events = send(world, late, recorded_ms=now_ms + HOUR_MS)
    after = counts(world.events)
    changed = {
        (key[-1].split("/")[0], key[1] if key[0] == "bounds" else key[0])
        for key in after.keys() | before.keys()
        if after.get(key) != before.get(key)
    }
    assert not changed & sealed
    for event in events:
        stated = event.line or event.quiet
        if stated is not None and (event.theatre, stated.day) in sealed:
            assert (event.type, event.decided_by.rule) == ("line.not_counted", "too_late")


@given(histories(), st.data())
@settings(deadline=None)
def test_a_retold_statement_of_a_party_that_speaks_itself_changes_nothing_but_raw(
    history: list[Told], data: st.DataObject
) -> None:
    own = [told for told in history if any(each.party == told.source for each in told.stated)]
    if not own:
        return
    stated = data.draw(st.sampled_from([each for told in own for each in told.stated if each.party == told.source]))
    world = sent(history)
    if not any(each is stated for *_, each in in_force(history)):
        return
    before = counts(world.events)
    send(world, Told("herald", "again", 0, 98, (stated,)))
    after = counts(world.events)
    for key in before.keys() | after.keys():
        old, new = before.get(key, (0, 0, 0, 0)), after.get(key, (0, 0, 0, 0))
        if key[0] == "bounds":
            assert old == new
        else:
            assert (old[0], old[2], old[3]) == (new[0], new[2], new[3])
            assert new[1] >= old[1]


@given(histories(), st.integers(0, 6))
@settings(deadline=None)
def test_ticks_and_rules_that_are_in_force_change_no_count(history: list[Told], after: int) -> None:
    world = sent(history[:after])
    known = counts(world.events)
    world.take(Tick(now_ms=NOON_MS + 4 * DAY_MS))
    world.take(RulesChange(now_ms=NOON_MS + 4 * DAY_MS, rules=RULES))
    assert counts(world.events) == known
    assert refold(world) == world.ledger
