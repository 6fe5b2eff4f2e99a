"""What holds for every record that anybody may send."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.intake.take import take
from incident_pipeline.intake.understand import Coordinates
from incident_pipeline.line import Activity, Line, Quiet, Understood
from incident_pipeline.partitioning import partition_for
from incident_pipeline.rejection import Rejection

CATALOGUE = Catalogue(load_rules(shipped_catalogue()))
RECORDED_AT_MS = 1_583_960_400_000
PARTITIONS = 4

names = st.one_of(
    st.sampled_from(
        ["HTS", "either HTS or TIP", "moderate opposition", "side:government", "the Russian side", "ru-mod"]
    ),
    st.sampled_from(
        ["Saraqib", "Idlib", "Damascus", "Nowhere in Hama", "Azaz", "SY07", "mortar", "X1", "convoys", "'"]
    ),
    st.text(min_size=1, max_size=12),
)
moments = st.sampled_from(
    ["2020-03-11T12:00:00Z", "2020-03-05T22:00:30+00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"]
)
dates = st.sampled_from(["2020-03-04", "2020-03-06", "2020-03-11", "0001-01-01", "9999-12-31"])
days = st.one_of(dates, st.lists(dates, min_size=2, max_size=2))
groups = st.one_of(names, st.lists(names, min_size=1, max_size=3))
places = st.one_of(names, st.fixed_dictionaries({"lat": st.floats(-90, 90), "lon": st.floats(-180, 180)}))
numbers = st.integers(0, 10_000)
counts = st.one_of(numbers, st.fixed_dictionaries({"best": numbers}, optional={"min": numbers, "max": numbers}))
texts = st.sampled_from(
    [
        "Two violations in Idlib.",
        "On 10 March, eight violations by HTS or TIP; 7 convoys escorted.",
        "none",
        "14: Idlib 5.",
    ]
)
said: dict[str, Any] = {"group": groups, "occurred_on": days, "place": places, "registered_by": names}
violations = st.fixed_dictionaries(
    {},
    optional=said
    | {"against": groups, "count": counts, "occurred_at": moments, "type": names, "weapon": names}
    | {"where_precision": st.integers(1, 7)},
)
activities = st.fixed_dictionaries({"kind": names}, optional={"count": numbers, "occurred_on": days, "place": places})
reports = st.fixed_dictionaries(
    {"source": names, "report_id": names},
    optional={
        "violations": st.lists(violations, max_size=4),
        "quiet": st.lists(st.fixed_dictionaries({}, optional=said), max_size=2),
        "activities": st.lists(activities, max_size=2),
        "text": st.one_of(texts, st.text(max_size=40)),
        "published_at": moments,
        "occurred_at": moments,
        "occurred_on": days,
        "origin_source": names,
        "revision": st.integers(0, 3),
        "date_precision": st.integers(1, 5),
        "supersedes": names,
        "retracts": names,
    },
)


def taken(value: bytes | None) -> list[tuple[int, Understood]] | Rejection:
    return take(value, Coordinates(0, 0), CATALOGUE, recorded_at_ms=RECORDED_AT_MS, partitions=PARTITIONS)


@given(st.one_of(st.none(), st.binary(max_size=80), st.text(max_size=80).map(str.encode)))
@example(b'{"source":"a","report_id":"b","text":"\\udc00"}')
@example(b'{"source":"a","report_id":"b","text":' + b"[" * 20_000)
def test_any_bytes_end_as_records_or_as_a_reason(value: bytes | None) -> None:
    found = taken(value)
    assert isinstance(found, Rejection) or found


@given(reports)
def test_any_report_ends_as_well_formed_records_or_as_a_reason(report: dict[str, Any]) -> None:
    value = json.dumps(report).encode()
    found = taken(value)
    if isinstance(found, Rejection):
        assert found.detail
        return
    assert found == taken(value)
    assert [partition for partition, _ in found] == sorted({partition for partition, _ in found})
    indexes = []
    for partition, record in found:
        assert msgspec.json.decode(msgspec.json.encode(record), type=Understood) == record
        stated: list[Line | Quiet | Activity] = [*record.lines, *record.quiet, *record.activities]
        for one in stated:
            theatre, _, _ = one.place.partition("/")
            assert partition_for(theatre, PARTITIONS) == partition
            known = one.place.partition("/unknown:")[0].partition("/point:")[0]
            assert CATALOGUE.place_path(known.rsplit("/", 1)[-1]) == known
            indexes.append(one.index)
        for line in record.lines:
            assert line.raw >= 0
            assert line.attribution == "|".join(sorted(set(line.attribution.split("|"))))
    assert sorted(indexes) == list(range(len(indexes)))


@given(reports, st.randoms())
def test_the_order_of_fields_means_nothing(report: dict[str, Any], random: Any) -> None:
    shuffled = list(report.items())
    random.shuffle(shuffled)
    assert taken(json.dumps(report).encode()) == taken(json.dumps(dict(shuffled), indent=1).encode())
