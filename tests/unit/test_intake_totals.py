from __future__ import annotations

import datetime as dt

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.intake.told import Telling, Told
from incident_pipeline.intake.understand import Coordinates, understand
from incident_pipeline.line import Line, LineKind, NotCounted
from incident_pipeline.rejection import Rejection
from incident_pipeline.report import Report

CATALOGUE = Catalogue(load_rules(shipped_catalogue()))
DAY = dt.date(2020, 3, 11)
RECORDED_AT_MS = 1_583_960_400_000


def lines(*statements: Told, source: str = "sohr") -> list[Line]:
    report = Report(source=source, report_id="r-1", text="as told")
    telling = Telling(statements=statements)
    found = understand(report, telling, CATALOGUE, Coordinates(0, 0), recorded_at_ms=RECORDED_AT_MS, partitions=64)
    assert not isinstance(found, Rejection)
    return sorted((line for _, record in found for line in record.lines), key=lambda line: line.index)


def total(count: int, place: str | None = None, *, of: int = 1) -> Told:
    return Told(count=count, day=DAY, place=place, total_of=of)


def part(count: int, place: str, *, of: int = 1) -> Told:
    return Told(count=count, day=DAY, place=place, part_of=of)


def told(line: Line) -> tuple[str, int, int]:
    return line.place.rsplit("/", 1)[-1], line.count, line.raw


def test_raw_takes_a_total_and_its_parts_once() -> None:
    found = lines(total(13), part(5, "latakia"), part(3, "hama"), part(5, "idlib"))
    assert [told(line) for line in found] == [
        ("north-west", 13, 0), ("latakia", 5, 5), ("hama", 3, 3), ("idlib", 5, 5),
    ]  # fmt: skip
    assert not any(line.flags for line in found)
    assert all(line.kind is LineKind.AGGREGATE and line.not_counted is None for line in found)


def test_worked_case_9_a_surplus_stands_in_the_totals_cell_and_both_are_flagged() -> None:
    found = lines(total(14), part(5, "latakia"), part(3, "hama"), part(5, "idlib"))
    assert told(found[0]) == ("north-west", 14, 1)
    assert sum(line.raw for line in found) == 14
    assert all(line.flags == ("total_mismatch",) for line in found)


def test_parts_above_their_total_count_in_full() -> None:
    found = lines(total(4, "idlib"), part(3, "saraqib"), part(2, "ariha"))
    assert [told(line) for line in found] == [("idlib", 4, 0), ("saraqib", 3, 3), ("ariha", 2, 2)]
    assert all(line.flags == ("total_mismatch",) for line in found)


def test_a_total_over_several_theatres_is_a_check_only() -> None:
    found = lines(total(14), part(5, "latakia"), part(3, "hama"), part(6, "damascus"))
    assert [told(line) for line in found] == [
        ("north-west", 14, 0), ("latakia", 5, 5), ("hama", 3, 3), ("damascus", 6, 6),
    ]  # fmt: skip
    assert [line.not_counted for line in found] == [NotCounted.CHECK_ONLY, None, None, None]
    assert not any(line.flags for line in found)


def test_the_surplus_of_such_a_total_is_added_at_home() -> None:
    found = lines(total(16), part(5, "latakia"), part(3, "hama"), part(6, "damascus"))
    assert [told(line) for line in found] == [
        ("north-west", 16, 0), ("north-west", 10, 2), ("latakia", 5, 5), ("hama", 3, 3), ("damascus", 6, 6),
    ]  # fmt: skip
    assert [line.not_counted for line in found][:2] == [NotCounted.CHECK_ONLY, None]
    assert sum(line.raw for line in found) == 16
    assert all("total_mismatch" in line.flags for line in found)


def test_a_total_without_a_place_is_where_its_parts_are() -> None:
    found = lines(total(7), part(4, "damascus"), part(2, "homs"))
    assert [told(line) for line in found] == [("south-and-centre", 7, 1), ("damascus", 4, 4), ("homs", 2, 2)]


def test_two_enumerations_of_one_text_do_not_mix() -> None:
    found = lines(
        total(3, of=1), part(3, "idlib", of=1), total(5, of=2), part(4, "hama", of=2), source="sample-observer"
    )
    assert [line.raw for line in found] == [0, 3, 1, 4]


def test_a_total_without_parts_is_a_plain_aggregate() -> None:
    (found,) = lines(total(8))
    assert told(found) == ("north-west", 8, 8)


def test_an_unnumbered_statement_is_recorded_and_not_counted() -> None:
    (found,) = lines(Told(count=None, day=DAY, place="idlib"))
    assert (found.count, found.not_counted) == (0, NotCounted.NUMBER_NOT_STATED)


def test_a_number_beyond_belief_is_recorded_and_not_counted() -> None:
    large, endless = lines(Told(count=11_032, day=DAY, place="idlib"), Told(count=10**30, day=DAY, place="idlib"))
    assert (large.count, large.not_counted) == (11_032, NotCounted.NUMBER_BEYOND_LIMIT)
    assert (endless.count, endless.not_counted) == (2**53 - 1, NotCounted.NUMBER_BEYOND_LIMIT)


def test_an_item_of_a_text_needs_two_of_time_place_and_type() -> None:
    vague, clear = lines(
        Told(count=1, day=DAY, place="saraqib", itemised=True),
        Told(count=1, day=DAY, place="saraqib", itemised=True, type="K3"),
    )
    assert (vague.kind, clear.kind) == (LineKind.AGGREGATE, LineKind.ITEM)


def test_more_statements_than_the_limit_are_refused() -> None:
    report = Report(source="s", report_id="r", text="as told")
    telling = Telling(statements=tuple(Told(count=1, day=DAY) for _ in range(501)))
    found = understand(report, telling, CATALOGUE, Coordinates(0, 0), recorded_at_ms=RECORDED_AT_MS, partitions=4)
    assert isinstance(found, Rejection)
    assert found.reason == "too_many_lines"
