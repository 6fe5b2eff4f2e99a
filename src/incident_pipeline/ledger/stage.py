"""The ledger as a stage: records of `lines` in, records of `events` out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec
import structlog

from incident_pipeline.chain import Tail
from incident_pipeline.cloudevents import partition_key
from incident_pipeline.event import EventType
from incident_pipeline.ledger import snapshot
from incident_pipeline.ledger.decide import decide, is_of_another_topic
from incident_pipeline.ledger.encoding import decode_event, encode_event
from incident_pipeline.ledger.evolve import fold
from incident_pipeline.ledger.settings import RuleBook
from incident_pipeline.ledger.state import Ledger
from incident_pipeline.line import LinesRecord, RecordVoided, Tick, TopicIds, TopicsChange, Understood
from incident_pipeline.log import LogRecord
from incident_pipeline.metrics.names import Skip
from incident_pipeline.owner import Decided, InputRecord, Outgoing
from incident_pipeline.projection.heard import Heard, HeardState
from incident_pipeline.projection.today import Today, TodayState

_log = structlog.get_logger(__name__)
_decode = msgspec.json.Decoder(LinesRecord).decode


class _Ruled(msgspec.Struct, frozen=True):
    """Of any record: the rules that it names."""

    rules: str


_RULES_RECORD = b'{"kind":"rules",'
"""How a rules record begins: its kind comes first."""
_decode_rules = msgspec.json.Decoder(_Ruled).decode


class _Saved(msgspec.Struct, frozen=True):
    ledger: bytes
    today: TodayState
    heard: HeardState


def _why_skipped(line: LinesRecord, ledger: Ledger) -> Skip:
    """Why a record of `lines` left no event."""
    match line:
        case Understood():
            return Skip.OTHER_TOPIC if is_of_another_topic(ledger, line) else Skip.ALREADY_DECIDED
        case Tick():
            return Skip.NOTHING_DUE
        case TopicsChange():
            return Skip.TOPICS_IN_FORCE
        case RecordVoided():
            return Skip.NOT_REFUSED
    return Skip.RULES_IN_FORCE if line.rules == ledger.rules else Skip.RULES_OLDER


class LedgerStage:
    """One partition of `lines`, decided."""

    name = "ledger"

    def __init__(self, book: RuleBook) -> None:
        self.ledger = Ledger()
        self.today = Today()
        """What the gauges of the days around now show; no decision looks at it."""
        self.heard = Heard()
        """What is shown of sources that are expected daily; no decision looks at it."""
        self._book = book

    @property
    def rules(self) -> str | None:
        """Hash of the rules in force."""
        return self.ledger.rules

    def theatres(self) -> Counter[str]:
        """The theatres whose history is open, with how many days each."""
        return Counter(theatre for theatre, _ in self.ledger.days)

    @property
    def topics(self) -> TopicIds:
        """The topics that events have recorded."""
        return self.ledger.topics

    @property
    def position(self) -> int:
        """Offset after the last input that left an event."""
        return self.ledger.last_input + 1

    @property
    def input_end(self) -> Tail | None:
        """Its input is no chain."""
        return None

    @property
    def can_save(self) -> bool:
        """Whether the state stands between two inputs."""
        return True

    def rules_needed(self, records: Sequence[InputRecord]) -> set[str]:
        """Rules that a change in these records brings, and those of the first if none are in force yet."""
        needed = {
            _decode_rules(record.value).rules
            for record in records
            if record.value and record.value.startswith(_RULES_RECORD)
        }
        if self.ledger.rules is None:
            ruled = next((record.value for record in records if record.value and b'"rules":' in record.value), None)
            needed |= {_decode_rules(ruled).rules} if ruled else set()
        return needed

    def rules_in(self, record: LogRecord) -> str:
        """Rules that an event was decided under."""
        return _decode_rules(record.value or b"").rules

    def fold(self, record: LogRecord) -> None:
        """Take an event of the log."""
        event = decode_event(record.value or b"")
        fold(self.ledger, event, self._book)
        self.today.apply(event)
        self.heard.apply(event)

    def void(self, record: LogRecord, event_id: str) -> None:
        """Pass over an event that a person has voided: nothing of it is applied, the chain goes on behind it."""
        try:
            event = decode_event(record.value or b"")
        except msgspec.DecodeError:
            event = None
        self.ledger.refused[event_id] = event
        self.ledger.sequence += 1
        if event is not None:
            self.today.apply(event)  # as every reader did; what voids it takes it back

    def decide(self, records: Sequence[InputRecord], end: Tail) -> Decided:
        """Decide a batch of `lines`; one group for each input that leaves events."""
        groups: list[list[Outgoing]] = []
        ledger, book, today, heard = self.ledger, self._book, self.today, self.heard
        tally: Counter[str] = Counter()
        skipped: Counter[Skip] = Counter()
        conflicts: Counter[str] = Counter()
        last_id = end.last_id
        if ledger.sequence != end.sequence:
            raise ValueError(f"The chain of events goes on at {end.sequence}, not at {ledger.sequence}.")
        for record in records:
            if record.value is None:
                continue
            try:
                line = _decode(record.value)
            except msgspec.DecodeError as error:
                _log.error("lines.unreadable", offset=record.offset, error=str(error))
                skipped[Skip.UNREADABLE] += 1
                continue
            events = decide(ledger, record.offset, line, book)
            if not events:
                skipped[_why_skipped(line, ledger)] += 1
                continue
            recorded_at_ms = line.recorded_at_ms if isinstance(line, Understood) else line.now_ms
            group = []
            for event in events:
                last_id, value, headers = encode_event(event, last_id)
                group.append(Outgoing(value, recorded_at_ms, partition_key(event.theatre)[1], headers))
                tally[event.type] += 1
                today.apply(event)
                heard.apply(event)
            groups.append(group)
            if events[-1].type is EventType.REPORT_CONFLICTED and isinstance(line, Understood):
                conflicts[line.report.source] += 1
        return Decided(groups, last_id, tally.total(), tally, skipped, conflicts)

    def save(self) -> bytes:
        """The state as bytes."""
        return msgspec.msgpack.encode(_Saved(snapshot.to_bytes(self.ledger), self.today.state(), self.heard.state()))

    def load(self, state: bytes) -> None:
        """Become the state of these bytes."""
        saved = msgspec.msgpack.decode(state, type=_Saved)
        self.ledger = snapshot.from_bytes(saved.ledger)
        self.today = Today(saved.today)
        self.heard = Heard(saved.heard)
