"""What the event log says of each day, folded and set out as rows."""

from __future__ import annotations

import datetime as dt

import pytest

from incident_pipeline.event import BoundsChange, Change, DecidedBy, Event, EventType
from incident_pipeline.line import Activity, Line, LineKind, NotCounted, Quiet, ReportRef
from incident_pipeline.projection.daily_counts import DailyCounts, Figures
from incident_pipeline.projection.table import Row, Selection, rows

NW = "north-west"
IDLIB = f"{NW}/idlib"
DAY = "2020-03-11"


def event(kind: EventType, *, offset: int = 0, **given: object) -> Event:
    defaults: dict[str, object] = {
        "decided_by": DecidedBy(rule="test"),
        "input": offset,
        "recorded_at": "2020-03-12T00:00:00.000Z",
        "report": ReportRef(digest="d", id=f"r{offset}", offset=offset, partition=0, published_at_ms=0, source="a"),
        "rules": "r",
        "sequence": 0,
        "step": 0,
        "steps": 1,
        "theatre": NW,
    }
    return Event(type=kind, **{**defaults, **given})  # type: ignore[arg-type]


def change(place: str, attribution: str, after: int, raw: int | None = None, day: str = DAY) -> Change:
    return Change(
        attribution=attribution,
        corroborated=(0, 0),
        day=day,
        deduplicated=(0, after),
        high=(0, after),
        place=place,
        raw=(0, after if raw is None else raw),
    )


def line(place: str = IDLIB, attribution: str = "hts|tip", day: str = DAY, **given: object) -> Line:
    defaults: dict[str, object] = {"count": 2, "index": 0, "kind": LineKind.AGGREGATE, "party": "centre", "raw": 2}
    return Line(attribution=attribution, day=day, place=place, type="U0", **{**defaults, **given})  # type: ignore[arg-type]


def case_one() -> Event:
    """The centre registers two, by either of two groups, in Idlib (counting law, case 1)."""
    return event(
        EventType.AGGREGATE_RECORDED,
        line=line(),
        changes=(change(IDLIB, "hts|tip", 2), change(NW, "*", 2)),
        bounds=tuple(
            BoundsChange(certain=((0, 0),), day=DAY, group=group, place=place, possible=((0, 2),))
            for group in ("hts", "tip")
            for place in (IDLIB, NW)
        ),
    )


def folded(*events: Event) -> DailyCounts:
    counts = DailyCounts()
    for one in events:
        counts.apply(one)
    return counts


def shown(row: Row) -> tuple[object, ...]:
    return (row.group, row.place, row.deduplicated, row.certain, row.possible)


def test_the_total_of_a_theatre_day_is_one_row() -> None:
    (row,) = rows(folded(case_one()))
    assert row == Row(
        day=DAY, theatre=NW, group="*", place=NW, raw=2, deduplicated=2, corroborated=0, high=2, is_total=True
    )


def test_by_group_a_set_is_a_row_and_its_groups_have_bounds() -> None:
    total, *details = rows(folded(case_one()), frozenset({"group"}))
    assert total.is_total
    assert [shown(row) for row in details] == [
        ("hts", NW, 0, 0, 2),
        ("hts|tip", NW, 2, None, None),
        ("tip", NW, 0, 0, 2),
    ]


def test_by_place_cells_of_one_place_add_up() -> None:
    counts = folded(
        case_one(),
        event(EventType.INCIDENT_RECORDED, line=line(), changes=(change(IDLIB, "gov", 3), change(NW, "*", 5))),
    )
    _, detail = rows(counts, frozenset({"place"}))
    assert shown(detail) == ("*", IDLIB, 5, None, None)


def test_what_was_stated_of_the_theatre_itself_is_a_row_of_its_own() -> None:
    _, detail = rows(folded(event(EventType.AGGREGATE_RECORDED, line=line(NW), changes=(
        change(NW, "unattributed", 10), change(NW, "*", 10),
    ))), frozenset({"place"}))  # fmt: skip
    assert (detail.place, detail.deduplicated, detail.is_total) == (NW, 10, False)


def test_by_group_and_place_every_cell_is_a_row() -> None:
    _, *details = rows(folded(case_one()), frozenset({"group", "place"}))
    assert ("hts|tip", IDLIB, 2, None, None) in [shown(row) for row in details]


def test_a_change_to_nothing_takes_the_cell_away() -> None:
    gone = event(EventType.REPORT_RETRACTED, changes=(change(IDLIB, "hts|tip", 0), change(NW, "*", 0)))
    assert folded(case_one(), gone).days[NW, DAY].cells == {}


def test_a_day_of_which_only_nothing_was_said_is_zero() -> None:
    quiet = Quiet(attribution="nfl", day=DAY, index=0, party="centre", place=NW)
    (row,) = rows(folded(event(EventType.DAY_QUIET, quiet=quiet)))
    assert (row.deduplicated, row.high) == (0, 0)


def test_a_day_between_on_which_nobody_spoke_is_unknown_and_not_zero() -> None:
    later = event(
        EventType.AGGREGATE_RECORDED, line=line(day="2020-03-13"), changes=(change(NW, "*", 1, day="2020-03-13"),)
    )
    assert [(row.day, row.deduplicated) for row in rows(folded(case_one(), later))] == [
        ("2020-03-11", 2),
        ("2020-03-12", None),
        ("2020-03-13", 1),
    ]


def test_a_day_is_unknown_again_when_the_only_report_of_it_is_withdrawn() -> None:
    gone = event(
        EventType.REPORT_RETRACTED,
        withdrawn_lines=(line(),),
        subject="r0",
        changes=(change(IDLIB, "hts|tip", 0), change(NW, "*", 0)),
    )
    counts = folded(case_one(), gone)
    assert not counts.days[NW, DAY].is_known
    assert list(rows(counts)) == []
    (uncounted,) = counts.uncounted
    assert (uncounted.reason, uncounted.report_id, uncounted.stated) == ("retracted", "r0", line())


def test_a_line_that_does_not_count_covers_nothing_and_keeps_its_reason() -> None:
    stated = line(day="2020-03-04", not_counted=NotCounted.BEFORE_AGREEMENT)
    counts = folded(event(EventType.LINE_NOT_COUNTED, line=stated))
    assert counts.days == {}
    assert [one.reason for one in counts.uncounted] == ["before_agreement"]


def test_a_duplicate_is_listed_once_though_several_partitions_decide_it() -> None:
    twice = event(EventType.REPORT_DUPLICATED, offset=7)
    counts = folded(twice, twice)
    assert [(one.reason, one.stated) for one in counts.uncounted] == [("duplicate", None)]


def test_activities_are_kept_apart_and_can_be_withdrawn() -> None:
    convoys = Activity(count=13, day=DAY, index=0, kind="convoy", party="centre", place=NW)
    counts = folded(event(EventType.ACTIVITY_RECORDED, activity=convoys))
    assert +counts.days[NW, DAY].activities == {convoys: 1}
    counts.apply(event(EventType.REPORT_CORRECTED, withdrawn_activities=(convoys,)))
    assert +counts.days[NW, DAY].activities == {}


def test_parties_that_have_spoken_are_named() -> None:
    assert folded(case_one()).days[NW, DAY].parties == ["centre"]


def test_reports_are_counted_once_however_many_events_they_leave() -> None:
    assert len(folded(case_one(), case_one(), event(EventType.REPORT_NOTED, offset=3)).reports) == 2


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (None, None, ["2020-03-11"]),
        ("2020-03-09", None, ["2020-03-09", "2020-03-10", "2020-03-11"]),
        (None, "2020-03-12", ["2020-03-11", "2020-03-12"]),
        ("2020-03-12", "2020-03-13", ["2020-03-12", "2020-03-13"]),
    ],
)
def test_a_range_shows_each_of_its_days(first: str | None, last: str | None, days: list[str]) -> None:
    since = dt.date.fromisoformat(first) if first else None
    until = dt.date.fromisoformat(last) if last else None
    assert [row.day for row in rows(folded(case_one()), selection=Selection(first=since, last=until))] == days


def test_a_mistyped_year_does_not_show_a_thousand_silent_days() -> None:
    stray = event(
        EventType.AGGREGATE_RECORDED, line=line(day="2002-03-11"), changes=(change(NW, "*", 1, day="2002-03-11"),)
    )
    assert len(list(rows(folded(case_one(), stray)))) == 2


def test_figures_are_the_counts_after() -> None:
    assert folded(case_one()).days[NW, DAY].total == Figures(2, 2, 0, 2)
