"""The stages of one partition, fed with reports that come now, and what their worker shows of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import msgspec
from prometheus_client.parser import text_string_to_metric_families
from recorded_history import Stored, as_read

from incident_pipeline.alert import Alert
from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.chain import Tail
from incident_pipeline.codec import encode
from incident_pipeline.intake.take import take
from incident_pipeline.intake.understand import Coordinates
from incident_pipeline.ledger import Settings
from incident_pipeline.ledger.stage import LedgerStage
from incident_pipeline.metrics import WorkerMetrics, render
from incident_pipeline.surveillance.stage import SurveillanceStage

RULES = load_rules(shipped_catalogue())
CATALOGUE = Catalogue(RULES)
NOW = dt.datetime(2026, 12, 1, 6, tzinfo=dt.UTC)


class Watched:
    """The stages of one partition, fed with reports that come at one moment."""

    def __init__(self, now: dt.datetime = NOW) -> None:
        self.now = now
        self.reports = 0
        self.ledger = LedgerStage({CATALOGUE.hash: Settings.of(RULES)})
        self.surveillance = SurveillanceStage({CATALOGUE.hash: RULES}.__getitem__)
        self.ends = [Tail(), Tail()]
        self.read = [0, 0]
        """Ends of the chains and records read, of the ledger and of surveillance."""
        self.metrics = WorkerMetrics(clock=now.timestamp)
        self.metrics.use_rules(RULES)
        self.metrics.watching["events", 0] = self.surveillance

    def send(self, *values: bytes) -> list[Alert]:
        """Take, decide and watch; return what is said."""
        lines = []
        for value in values:
            at = Coordinates(0, self.reports)
            taken = take(value, at, CATALOGUE, recorded_at_ms=int(self.now.timestamp() * 1_000), partitions=1)
            lines += [understood for _, understood in taken] if isinstance(taken, list) else []
            self.reports += 1
        events = list(self._decided(self.ledger, 0, [Stored("", 0, encode(line).decode()) for line in lines]))
        alerts = self._decided(self.surveillance, 1, events)
        return [msgspec.json.decode(alert.value, type=Alert) for alert in alerts]

    def _decided(self, stage: LedgerStage | SurveillanceStage, at: int, records: list[Stored]) -> Iterator[Stored]:
        read = [msgspec.structs.replace(one, offset=self.read[at] + one.offset) for one in as_read(records)]
        self.read[at] += len(read)
        end = self.ends[at]
        decided = stage.decide(read, end)
        self.ends[at] = end.extended(decided.last_id, decided.records, end.offset + decided.records)
        for group in decided.groups:
            yield from (Stored.of(each) for each in group)

    def gauges(self) -> dict[str, dict[str, float]]:
        """Of the gauges of alerts: label `day` -> value."""
        found: dict[str, dict[str, float]] = {"active_alerts": {}, "alert_violations": {}}
        for family in text_string_to_metric_families(render(self.metrics).body.decode()):
            name = family.name.removeprefix("incident_pipeline_")
            for sample in family.samples if name in found else ():
                found[name][sample.labels["day"]] = found[name].get(sample.labels["day"], 0) + sample.value
        return found


def crossing(day: dt.date, source: str = "sample-centre", *, group: str | None = None, count: int = 8) -> bytes:
    """A report that takes a day past the threshold of its theatre."""
    said = {"count": count, "place": "Idlib"} | ({"group": group} if group else {})
    return encode(
        {"source": source, "report_id": day.isoformat(), "occurred_on": day.isoformat(), "violations": [said]}
    )
