"""Counts of part of the places, rolled up to a level, and added up over days: as the law of counting has them."""

from __future__ import annotations

from itertools import groupby

import msgspec
import pytest
from recorded_history import RECORDED, History

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.event import BoundsChange, Change, DecidedBy, Event, EventType
from incident_pipeline.line import Line, LineKind, Quiet, ReportRef
from incident_pipeline.projection.daily_counts import DailyCounts
from incident_pipeline.projection.table import Row, Selection, rows, totals

NW = "north-west"
IDLIB = f"{NW}/idlib-zone/idlib"
SARAQIB = f"{IDLIB}/idlib-district/saraqib"
BINNISH = f"{IDLIB}/idlib-district/binnish"
HAMA = f"{NW}/idlib-zone/hama"
LEVELS = {
    "north-west": "theatre", "idlib-zone": "zone", "idlib": "province", "hama": "province",
    "idlib-district": "district", "saraqib": "town", "binnish": "town",
}  # fmt: skip
ADDING = ("raw", "deduplicated", "high")


def told(day: str, *cells: tuple[str, str, int], total: int) -> Event:
    """Cells and their total; the hts ones lie in one district."""

    def change(place: str, attribution: str, count: int) -> Change:
        pair = (0, count)
        return Change(
            attribution=attribution, corroborated=pair, day=day, deduplicated=pair, high=pair, place=place, raw=pair
        )

    place, attribution, count = cells[0]
    line = Line(
        attribution=attribution,
        count=count,
        day=day,
        index=0,
        kind=LineKind.AGGREGATE,
        party="p",
        place=place,
        raw=count,
        type="U0",
    )
    of_hts = ((0, sum(count for _, who, count in cells if who == "hts")),) * 4
    district = f"{IDLIB}/idlib-district"
    return Event(
        bounds=(BoundsChange(certain=of_hts, day=day, group="hts", place=district, possible=of_hts),),
        changes=(*(change(*cell) for cell in cells), change(NW, "*", total)),
        decided_by=DecidedBy(rule="r"),
        input=0,
        line=line,
        recorded_at="2020-03-12T08:00:00.000Z",
        report=ReportRef(digest="d", id="i", offset=0, partition=0, published_at_ms=0, source="s"),
        rules="r",
        sequence=0,
        step=0,
        steps=1,
        theatre=NW,
        type=EventType.AGGREGATE_RECORDED,
    )


@pytest.fixture
def counts() -> DailyCounts:
    folded = DailyCounts()
    cells = [(SARAQIB, "hts", 3), (BINNISH, "hts", 2), (IDLIB, "hts|tip", 4), (HAMA, "gov", 1), (NW, "gov", 5)]
    folded.apply(told("2020-03-09", *cells, total=15))
    folded.apply(told("2020-03-11", (SARAQIB, "hts", 7), total=7))
    return folded


def found(counts: DailyCounts, *by: str, **asked: object) -> dict[tuple[str, str, str], Row]:
    selection = msgspec.convert(asked, Selection)
    return {
        (row.day, row.place, row.group): row
        for row in rows(counts, frozenset(by), selection, LEVELS)
        if not row.is_total
    }


def test_a_level_adds_up_what_lies_at_and_below_it(counts: DailyCounts) -> None:
    by_province = found(counts, "province", last="2020-03-09")
    assert {place: row.deduplicated for (_, place, _), row in by_province.items()} == {NW: 5, HAMA: 1, IDLIB: 9}
    by_district = found(counts, "district", last="2020-03-09")
    assert {place: row.deduplicated for (_, place, _), row in by_district.items()} == {
        NW: 5, HAMA: 1, IDLIB: 4, f"{IDLIB}/idlib-district": 5,
    }  # fmt: skip


def test_what_two_parties_say_of_several_cells_is_no_sum(counts: DailyCounts) -> None:
    by_province = found(counts, "province", last="2020-03-09")
    assert by_province["2020-03-09", IDLIB, "*"].corroborated is None
    assert by_province["2020-03-09", HAMA, "*"].corroborated == 1


def test_bounds_of_a_group_are_those_of_the_place_that_it_is_rolled_up_to(counts: DailyCounts) -> None:
    row = found(counts, "district", "group", last="2020-03-09")["2020-03-09", f"{IDLIB}/idlib-district", "hts"]
    assert (row.deduplicated, row.certain, row.possible) == (5, 5, 5)


def test_a_place_takes_what_lies_below_it_and_unknown_stays_unknown(counts: DailyCounts) -> None:
    day, silent, other = rows(counts, selection=Selection(place="idlib"))
    assert (day.place, day.deduplicated, day.corroborated) == (IDLIB, 9, None)
    assert silent.deduplicated is None
    assert (other.deduplicated, other.corroborated) == (7, 7)
    assert [row.deduplicated for row in rows(counts, selection=Selection(place="nowhere"))] == [None, None, None]
    assert [row.deduplicated for row in rows(counts, selection=Selection(place="hama"))] == [1, None, None]


def test_a_group_takes_the_cells_that_name_it_and_gives_its_bounds(counts: DailyCounts) -> None:
    day, *_ = rows(counts, selection=Selection(group="hts", place="idlib"))
    assert (day.group, day.deduplicated, day.certain, day.possible) == ("hts", 9, 5, 5)


def test_another_theatre_has_no_rows(counts: DailyCounts) -> None:
    assert list(rows(counts, selection=Selection(theatre="north-east"))) == []


def test_an_explicit_none_has_a_row_of_its_own(counts: DailyCounts) -> None:
    quiet = Quiet(attribution="tip", day="2020-03-11", index=0, party="p", place=HAMA)
    event = told("2020-03-12", (SARAQIB, "hts", 1), total=1)
    counts.apply(
        msgspec.structs.replace(event, type=EventType.DAY_QUIET, line=None, changes=(), bounds=(), quiet=quiet)
    )
    row = found(counts, "place", "group", first="2020-03-11", last="2020-03-11")["2020-03-11", HAMA, "tip"]
    assert (row.raw, row.deduplicated, row.corroborated, row.high) == (0, 0, 0, 0)


def test_totals_add_up_days_and_pass_over_unknown_ones(counts: DailyCounts) -> None:
    (whole,) = totals(rows(counts))
    assert (whole.day, whole.deduplicated, whole.corroborated) == ("2020-03-09/2020-03-11", 22, 22)
    by_province = {
        row.place: row for row in totals(rows(counts, frozenset({"province"}), levels=LEVELS)) if not row.is_total
    }
    assert {place: row.raw for place, row in by_province.items()} == {NW: 5, HAMA: 1, IDLIB: 16}
    assert by_province[IDLIB].corroborated is None
    silent = totals(rows(counts, selection=Selection(place="nowhere")))
    assert [row.deduplicated for row in silent] == [None]
    assert totals([]) == []


@pytest.mark.parametrize("version", sorted(path.name for path in RECORDED.iterdir()))
@pytest.mark.parametrize("by", ["place", "zone", "province", "district", "town", "group"])
def test_the_rows_of_a_recorded_day_add_up_to_its_total(version: str, by: str) -> None:
    counts = DailyCounts()
    for record in History.load(version).events:
        counts.apply(msgspec.json.decode(record.value, type=Event))
    levels = {place.id: place.level.value for place in Catalogue(load_rules(shipped_catalogue())).rules.places}
    days = 0
    for _, of_day in groupby(rows(counts, frozenset({by}), levels=levels), lambda row: (row.day, row.theatre)):
        total, *details = of_day
        if total.deduplicated:
            days += 1
            for basis in ADDING:
                assert sum(getattr(row, basis) for row in details) == getattr(total, basis), (total, basis)
    assert days > 3
