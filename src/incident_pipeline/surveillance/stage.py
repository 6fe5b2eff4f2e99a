"""Surveillance as a stage: records of `events` in, records of `alerts` out.

Its state is a fold of its input. After a start it decides again from its snapshot, or from the beginning of the log,
and writes only what lies beyond the last alert's cause.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import structlog

from incident_pipeline.alert import Alert, Said
from incident_pipeline.chain import Tail
from incident_pipeline.cloudevents import partition_key
from incident_pipeline.codec import time_ms
from incident_pipeline.line import TopicIds
from incident_pipeline.log import LogRecord, follow_chain, follow_ids
from incident_pipeline.owner import Decided, InputRecord, Outgoing
from incident_pipeline.projection.active_alerts import ActiveAlert, ActiveAlerts
from incident_pipeline.surveillance import snapshot
from incident_pipeline.surveillance.encoding import encode_alerts
from incident_pipeline.surveillance.state import RulesByHash, Watch
from incident_pipeline.surveillance.view import Circumstances, decode_circumstances
from incident_pipeline.surveillance.watch import watch

_RULES_ADOPTED = b'"type":"rules.adopted"}'
"""How an event that adopts rules ends, by the order of names in canonical JSON."""
_log = structlog.get_logger(__name__)


class _Origin(msgspec.Struct, frozen=True):
    """Of any record of `alerts`: where it comes from."""

    input: int
    rules: str


_decode_origin = msgspec.json.Decoder(_Origin).decode


class _Saved(msgspec.Struct, frozen=True):
    watch: dict[str, Any]
    read: Tail
    active: tuple[ActiveAlert, ...]


class SurveillanceStage:
    """One partition of `events`, watched."""

    name = "surveillance"

    def __init__(self, rules_by_hash: RulesByHash) -> None:
        self.active = ActiveAlerts()
        """What the gauge of active alerts shows; no decision looks at it."""
        self._rules_by_hash = rules_by_hash
        self._watch = Watch(rules_by_hash)
        self._read = Tail()
        self._said = -1
        """Sequence of the event that caused the last alert in the log."""

    @property
    def rules(self) -> str | None:
        """Hash of the rules in force."""
        in_force = self._watch.in_force
        return None if in_force is None else in_force.rules_hash

    @property
    def unusable_rules(self) -> frozenset[str]:
        """Ids of the alert rules in force that cannot be used, and so are passed over."""
        in_force = self._watch.in_force
        return frozenset(() if in_force is None else in_force.unusable)

    @property
    def topics(self) -> TopicIds:
        """None: alerts record no topics."""
        return TopicIds()

    @property
    def position(self) -> int:
        """Offset after the last event that was read."""
        return self._read.offset

    @property
    def input_end(self) -> Tail | None:
        """The end of the chain of events that was read."""
        return self._read

    @property
    def can_save(self) -> bool:
        """Whether the state stands between two inputs."""
        return self._watch.settled

    def rules_needed(self, records: Sequence[InputRecord]) -> set[str]:
        """Rules that events of this batch adopt, and those of the first if none are in force yet."""
        if self.rules is not None and not _adopt_rules(records):
            return set()
        counting, _ = follow_chain(records, self._read)
        events = [event for record in counting if (event := _circumstances(record.value or b"")) is not None]
        return {event.rules for event in events[:1]} | {each.rules for each in events if each.type == "rules.adopted"}

    def rules_in(self, record: LogRecord) -> str:
        """Rules that an alert was decided under."""
        return _decode_origin(record.value or b"").rules

    def fold(self, record: LogRecord) -> None:
        """Note an alert of the log: what it says is decided again from its input."""
        self._said = max(self._said, _decode_origin(record.value or b"").input)

    def void(self, record: LogRecord, event_id: str) -> None:
        """Pass over a record of the log that is no alert."""

    def decide(self, records: Sequence[InputRecord], end: Tail) -> Decided:
        """Decide a batch of events; one group for each input whose alerts are not in the log yet."""
        groups: list[list[Outgoing]] = []
        state = self._watch
        tally: Counter[str] = Counter()
        counting, ids, self._read = follow_ids(records, self._read)
        for record, event_id in zip(counting, ids, strict=True):
            try:
                alerts = watch(state, record.value or b"", event_id)
            except msgspec.DecodeError:  # the ledger refuses it, and says so
                continue
            if not alerts:
                continue
            for alert in alerts:
                if isinstance(alert, Alert):
                    self.active.apply(alert)
            if not isinstance(alerts[0], Alert):
                self._log_unusable()
            if alerts[0].input <= self._said:
                continue
            group, end = _group(alerts, end)
            groups.append(group)
            tally.update(alert.type for alert in alerts)
        return Decided(groups, end.last_id, tally.total(), tally)

    def save(self) -> bytes:
        """The state as bytes."""
        return msgspec.msgpack.encode(_Saved(snapshot.to_data(self._watch), self._read, self.active.state()))

    def load(self, state: bytes) -> None:
        """Become the state of these bytes."""
        saved = msgspec.msgpack.decode(state, type=_Saved)
        self._watch = snapshot.from_data(saved.watch, self._rules_by_hash)
        self._read = saved.read
        self.active = ActiveAlerts(saved.active)
        self._log_unusable()

    def _log_unusable(self) -> None:
        """Tell the log of this worker too what is passed over."""
        in_force = self._watch.in_force
        for rule, unusable in () if in_force is None else in_force.unusable.items():
            _log.warning("alert_rule.unusable", rule=rule, rules=self.rules, problem=unusable.why.message)

    def alerts_now(self, now_ms: float) -> Iterator[tuple[ActiveAlert, int]]:
        """Yield the alerts that are active at a time (epoch milliseconds), each with its day's count as it stands."""
        for alert in self.active.at(now_ms):
            day = self._watch.days.get((alert.theatre, alert.day))
            yield alert, alert.count if day is None else day.count_now(alert.series)


def _circumstances(value: bytes) -> Circumstances | None:
    try:
        return decode_circumstances(value)
    except msgspec.DecodeError:
        return None


def _adopt_rules(records: Sequence[InputRecord]) -> bool:
    for record in records:
        value = record.value
        if value is not None and value.endswith(_RULES_ADOPTED):
            return True
    return False


def _group(alerts: Sequence[Said], end: Tail) -> tuple[list[Outgoing], Tail]:
    encoded = encode_alerts(alerts, end)
    recorded_at_ms = time_ms(alerts[0].recorded_at)
    group = [
        Outgoing(value, recorded_at_ms, partition_key(alert.theatre)[1], headers)
        for alert, (_, value, headers) in zip(alerts, encoded, strict=True)
    ]
    return group, end.extended(encoded[-1][0], len(encoded), end.offset + len(encoded))
