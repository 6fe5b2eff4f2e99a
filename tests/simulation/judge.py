"""What must hold after any faults, checked against decisions that were taken without any."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from incident_pipeline.alert import Said, decode_said
from incident_pipeline.chain import Tail
from incident_pipeline.codec import encode, link
from incident_pipeline.event import Event
from incident_pipeline.ledger import Ledger, decide, fold
from incident_pipeline.ledger.encoding import decode_event
from incident_pipeline.line import LinesRecord, Understood
from incident_pipeline.log import LogRecord, follow_chain
from incident_pipeline.rejection import Rejection
from incident_pipeline.surveillance import Watch, encode_alerts, watch

if TYPE_CHECKING:
    from tests.simulation.simulation import Group, Simulation

_decode_lines = msgspec.json.Decoder(LinesRecord).decode
Origin = tuple[int, int]
"""(partition, offset) of `reports`."""


class ViolationError(AssertionError):
    """Something that must always hold does not."""


def insist(holds: object, what: str) -> None:
    """Raise a ViolationError unless it holds."""
    if not holds:
        raise ViolationError(what)


class Judge:
    """Looks at acknowledgements as they come, and at everything in the end."""

    def __init__(self, world: Simulation) -> None:
        self._world = world

    # At any moment

    def acknowledged(self, group: Group) -> None:
        """Whatever is acknowledged has left what it causes in the log, where it counts."""
        check = {"intake": self._reports_are_in_lines, "ledger": self._lines_are_decided}.get(group.agent)
        (check or self._events_are_watched)(group.partition, group.committed)

    def _reports_are_in_lines(self, partition: int, committed: int) -> None:
        for offset in range(committed):
            for target in self._targets(partition, offset):
                insist(
                    (partition, offset) in {_origin(line) for line in self._lines(target)},
                    f"report {partition}/{offset} is acknowledged and not in lines[{target}]",
                )

    def _lines_are_decided(self, partition: int, committed: int) -> None:
        decided = {_origin(event) for event in self.events(partition)}
        for line in self._lines(partition)[:committed]:
            if isinstance(line, Understood):
                insist(_origin(line) in decided, f"lines[{partition}]: {_origin(line)} is acknowledged and not decided")

    def _events_are_watched(self, partition: int, committed: int) -> None:
        counting, _ = follow_chain(self._world.read("events", partition, 0, committed), Tail())
        said = [record.value for record in self._counting("alerts", partition)]
        wanted = [value for _, value, _ in encode_alerts(_watched(counting), Tail())]
        insist(
            said[: len(wanted)] == wanted, f"events[{partition}] are acknowledged to {committed}, alerts are not said"
        )

    # In the end

    def everything(self) -> None:
        """Compare what counts with what deciding the input directly gives."""
        straight = self._straight()
        for partition, ledger in enumerate(straight):
            counting = self._counting("events", partition)
            events = [decode_event(record.value or b"") for record in counting]
            self._is_whole(events)
            self._is_each_report_once(partition, events)
            self._is_same_order_same_bytes(partition, counting)
            insist(
                _counts(events) == _counts(ledger), f"counts of partition {partition} differ from those without faults"
            )
            self._is_state(partition, events)
            self._are_alerts(partition, counting)
            if len(self._world.workload.partitions) == 1 and self._world.faults.late_ms == (0,):
                self._is_same_but_for_places(partition, events, ledger)
        for group in self._world.groups:
            insist(group.committed == self._end(group), f"{group.agent} {group.partition} stands at {group.committed}")

    def _straight(self) -> list[list[Event]]:
        """The events of each partition without faults: each report once, in order."""
        world = self._world
        ledgers = [Ledger() for _ in range(2)]
        events: list[list[Event]] = [[], []]
        positions = [0, 0]
        for partition, sent in enumerate(world.workload.partitions):
            for offset in range(len(sent)):
                taken = world.workload.take(world.catalogue, partition, offset)
                for target, understood in [] if isinstance(taken, Rejection) else taken:
                    events[target] += decide(ledgers[target], positions[target], understood, _book())
                    positions[target] += 1
        return events

    def _is_whole(self, events: Sequence[Event]) -> None:
        insist([event.sequence for event in events] == list(range(len(events))), "the chain has a gap")
        inputs: dict[int, list[Event]] = {}
        for event in events:
            inputs.setdefault(event.input, []).append(event)
        insist(list(inputs) == sorted(inputs), "inputs were decided out of their order")
        for number, group in inputs.items():
            steps = [(event.step, event.steps) for event in group]
            insist(steps == [(step, len(group)) for step in range(len(group))], f"input {number} is decided in part")

    def _is_each_report_once(self, partition: int, events: Sequence[Event]) -> None:
        inputs: dict[Origin, set[int]] = {}
        for event in events:
            if event.report is not None:
                inputs.setdefault((event.report.partition, event.report.offset), set()).add(event.input)
        for origin, decided in inputs.items():
            insist(len(decided) == 1, f"report {origin} was decided {len(decided)} times")
        for source, sent in enumerate(self._world.workload.partitions):
            for offset in range(len(sent)):
                is_here = partition in self._targets(source, offset)
                insist(
                    ((source, offset) in inputs) == is_here,
                    f"report {source}/{offset} has no decision, or one too many",
                )

    def _is_same_order_same_bytes(self, partition: int, counting: Sequence[LogRecord]) -> None:
        ledger = Ledger()
        values = [
            encode(event)
            for position, line in enumerate(self._lines(partition))
            for event in decide(ledger, position, line, _book())
        ]
        insist(values == [record.value for record in counting], f"events[{partition}] are not those of the same lines")

    def _is_state(self, partition: int, events: Iterable[Event]) -> None:
        ledger = Ledger()
        for event in events:
            fold(ledger, event, _book())
        for group in self._world.groups:
            if (group.agent, group.partition) == ("ledger", partition):
                owner: Any = group.owner
                insist(owner.owner.stage.ledger == ledger, f"the ledger of partition {partition} is not its log's fold")

    def _are_alerts(self, partition: int, counting: Sequence[LogRecord]) -> None:
        said = [record.value for record in self._counting("alerts", partition)]
        wanted = [value for _, value, _ in encode_alerts(_watched(counting), Tail())]
        insist(said == wanted, f"alerts[{partition}] are not those of the events that count")

    def _is_same_but_for_places(self, partition: int, events: Sequence[Event], straight: Sequence[Event]) -> None:
        """With one partition of reports, and time that reports alone bring, only offsets and rules may differ."""
        told = [event for event in events if event.type != "rules.adopted"]
        wanted = [event for event in straight if event.type != "rules.adopted"]
        if self._world.met["rules"]:
            insist([_plain(event)[1:] for event in told] == [_plain(event)[1:] for event in wanted], "events differ")
            return
        insist([_plain(event) for event in told] == [_plain(event) for event in wanted], "events differ")
        said = [decode_said(record.value or b"") for record in self._counting("alerts", partition)]
        quiet = _watched_events(straight)
        insist([_said(alert) for alert in said] == [_said(alert) for alert in quiet], "alerts differ")

    # What is where

    def events(self, partition: int) -> list[Event]:
        """The events that count."""
        return [decode_event(record.value or b"") for record in self._counting("events", partition)]

    def _counting(self, topic: str, partition: int) -> list[LogRecord]:
        counting, _ = follow_chain(self._world.read(topic, partition, 0), Tail())
        return counting

    def _lines(self, partition: int) -> list[LinesRecord]:
        return [_decode_lines(record.value or b"") for record in self._world.read("lines", partition, 0)]

    def _targets(self, partition: int, offset: int) -> list[int]:
        taken = self._world.workload.take(self._world.catalogue, partition, offset)
        return [] if isinstance(taken, Rejection) else [target for target, _ in taken]

    def _end(self, group: Group) -> int:
        if group.agent == "intake":
            return len(self._world.workload.partitions[group.partition])
        return len(self._world.read(group.input, group.partition, 0))


def _book() -> Any:
    from tests.simulation.simulation import KNOWN

    return KNOWN.book


def _origin(record: LinesRecord | Event) -> Origin | None:
    report = getattr(record, "report", None)
    return None if report is None else (report.partition, report.offset)


def _watched(counting: Sequence[LogRecord]) -> list[Said]:
    from tests.simulation.simulation import KNOWN

    state, last_id, alerts = Watch(KNOWN.rules.__getitem__), Tail().last_id, []
    for record in counting:
        last_id = link(last_id, record.value or b"")
        alerts += watch(state, record.value or b"", last_id)
    return alerts


def _watched_events(events: Sequence[Event]) -> list[Said]:
    records = [LogRecord("events", 0, 0, 0, None, encode(event)) for event in events]
    return _watched(records)


def _counts(events: Iterable[Event]) -> dict[Any, Any]:
    """The last figures of each cell and bound; zeros are left out."""
    known: dict[Any, Any] = {}
    for event in events:
        for change in event.changes:
            key = (change.day, change.attribution, change.place)
            known[key] = (change.raw[1], change.deduplicated[1], change.corroborated[1], change.high[1])
        for bound in event.bounds:
            for place, certain, possible in bound.by_place():
                known[bound.day, bound.group, place, "bounds"] = (certain[1], possible[1])
    return {key: figures for key, figures in known.items() if any(figures)}


def _plain(event: Event) -> tuple[Any, ...]:
    """An event without what depends on the place of its input in `lines`."""
    replace = msgspec.structs.replace
    return event.steps, replace(event, input=0, sequence=0, step=0, steps=0, rules="")


def _said(alert: Said) -> Said:
    return msgspec.structs.replace(alert, cause="", input=0)
