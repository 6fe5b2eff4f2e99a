"""The plain way: Faust as its guides have it, two tables and one send for each event.

It decodes, drops what it has seen, counts per theatre's day and tells each report's outcome. It neither reads
names nor matches reports of one incident, corrects nothing and keeps no chain.
"""

from __future__ import annotations

import os
from typing import Any

import faust

PREFIX = os.environ.get("BENCH_PLAIN_PREFIX", "plain-")

app = faust.App(
    PREFIX + "app",
    broker="kafka://" + os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092"),
    store="memory://",
    datadir=os.environ.get("BENCH_PLAIN_DATA", ".run/plain"),
    web_enabled=False,
    topic_partitions=4,
    topic_replication_factor=1,
    consumer_auto_offset_reset="earliest",
    broker_commit_interval=1.0,
)


class Decided(faust.Record, serializer="json"):  # type: ignore[call-arg]
    """What became of a report."""

    source: str
    report_id: str
    day: str
    place: str
    new: bool
    count: int


reports = app.topic(PREFIX + "reports", key_type=bytes, value_serializer="json")
events = app.topic(PREFIX + "events", key_type=str, value_type=Decided)
seen = app.Table(PREFIX + "seen", default=bool)
counts = app.Table(PREFIX + "counts", default=int)


@app.agent(reports)
async def count(stream: Any) -> None:  # noqa: ANN401 - Faust's streams are untyped
    """Count each report once."""
    async for report in stream:
        key = f"{report['source']}/{report['report_id']}/{report.get('revision', 0)}"
        violation = report["violations"][0]
        day = violation.get("occurred_at", report.get("occurred_on", ""))[:10]
        place = violation["place"]
        new = not seen[key]
        if new:
            seen[key] = True
            number = violation.get("count", 1)
            counts[f"{day}/{place}"] += number
        await events.send(
            key=place,
            value=Decided(
                source=report["source"],
                report_id=report["report_id"],
                day=day,
                place=place,
                new=new,
                count=counts[f"{day}/{place}"],
            ),
        )


if __name__ == "__main__":
    app.main()
