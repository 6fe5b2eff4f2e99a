from __future__ import annotations

import json
from typing import Any

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.intake.take import told_by
from incident_pipeline.intake.understand import Coordinates, understand
from incident_pipeline.intake.usual import usual
from incident_pipeline.report import Report, decode_report

CATALOGUE = Catalogue(load_rules(shipped_catalogue()))
PARTITIONS = 4
RECORDED_AT_MS = 1_584_200_000_000  # 14 March 2020


MOMENTS = (
    "2020-03-05T22:00:00Z",  # a minute before the truce
    "2020-03-05T22:01:00Z",
    "2020-03-11T14:20:00+02:00",
    "2020-03-14T15:00:00Z",
    "2020-03-15T15:00:00Z",
    "2020-03-16T15:00:00Z",  # beyond what clocks may be off
)
USUAL = {"occurred_at": MOMENTS[2], "place": "Saraqib", "type": "mortar", "group": "HTS"}
ABSENT = None
VIOLATION = {
    "against": ["Syrian army", "nobody knows"],
    "casualties": [{"best": 2}, {"low": 1, "best": 2, "high": 3}],
    "count": [0, 1, 2, {"best": 1, "max": 3}],
    "group": [ABSENT, "rebels", ["HTS", "TIP"], "either HTS or TIP", "unidentified", "Nobody's Own"],
    "occurred_at": [ABSENT, *MOMENTS],
    "occurred_on": ["2020-03-11"],
    "place": [
        ABSENT,
        "Sarakib",
        "Idlib",
        "Afrin",
        "Damascus",
        "Nowhere at all",
        "SY070003",
        {"lat": 35.8, "lon": 36.8},
    ],
    "registered_by": ["ru-reconciliation-centre", "the Turkish side"],
    "type": [ABSENT, "K3", "air strikes", "quarrel"],
    "weapon": ["120 mm mortar"],
}
REPORT = {
    "activities": [[{"kind": "convoy", "count": 2}]],
    "occurred_on": ["2020-03-10"],
    "origin_source": ["ru-reconciliation-centre"],
    "published_at": MOMENTS,
    "quiet": [[{"group": "HTS"}]],
    "reason": ["mistyped"],
    "retracts": ["r-0"],
    "revision": [0, 1],
    "source": ["ru-mod", "tr-mod"],
    "supersedes": ["r-0"],
    "text": ["Two mortar shells fell on Saraqib."],
    "violations": [[], [USUAL, USUAL]],
}


@st.composite
def reports(draw: st.DrawFn) -> dict[str, Any]:
    """The usual report, with a few fields changed."""
    violation, report = dict(USUAL), {"source": "an-observer", "report_id": "r-1"}
    for fields, choices in ((violation, VIOLATION), (report, REPORT)):
        for name in draw(st.lists(st.sampled_from(sorted(choices)), max_size=3, unique=True)):
            fields[name] = draw(st.sampled_from(choices[name]))
            if fields[name] is ABSENT:
                del fields[name]
    return {"violations": [violation], **report}


@settings(max_examples=500)
@given(reports())
def test_the_short_way_gives_what_the_long_way_gives(fields: dict[str, Any]) -> None:
    report = decode_report(json.dumps(fields).encode(), CATALOGUE.rules.limits)
    assume(isinstance(report, Report))
    assert isinstance(report, Report)
    short = usual(report, CATALOGUE, 2, 7, recorded_at_ms=RECORDED_AT_MS, partitions=PARTITIONS)
    event("short" if short else "long")
    if short is not None:
        long = understand(
            report,
            told_by(report, CATALOGUE),
            CATALOGUE,
            Coordinates(2, 7),
            recorded_at_ms=RECORDED_AT_MS,
            partitions=PARTITIONS,
        )
        assert [short] == long


def test_an_observers_item_goes_the_short_way() -> None:
    item = {**USUAL, "casualties": {"best": 1}}
    value = json.dumps({"source": "an-observer", "report_id": "r-1", "violations": [item]}).encode()
    report = decode_report(value, CATALOGUE.rules.limits)
    assert isinstance(report, Report)
    assert usual(report, CATALOGUE, 2, 7, recorded_at_ms=RECORDED_AT_MS, partitions=PARTITIONS) is not None
