"""Who speaks: one name in several spellings is one source and one report, and who is not known corroborates nothing."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import msgspec
import pytest

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.load import load_rules, rules_from_json, shipped_catalogue
from incident_pipeline.catalogue.model import UnknownSources
from incident_pipeline.event import ANY, Event
from incident_pipeline.identity import identity
from incident_pipeline.intake.take import take
from incident_pipeline.intake.understand import Coordinates
from incident_pipeline.ledger import Ledger, Settings, decide, fold
from incident_pipeline.ledger.snapshot import from_bytes, to_bytes
from incident_pipeline.line import Understood
from incident_pipeline.rejection import Reason, Rejection

RULES = load_rules(shipped_catalogue())
RECORDED_AT_MS = 1_584_200_000_000  # 14 March 2020
ITEM = {"type": "mortar", "group": "HTS", "place": "Saraqib", "occurred_at": "2020-03-11T14:20:00+02:00"}
NUMBER = {"group": "HTS", "place": "Idlib", "occurred_on": "2020-03-11"}


def catalogue(unknown: UnknownSources = UnknownSources.FLAG) -> Catalogue:
    return Catalogue(
        msgspec.structs.replace(RULES, mission=msgspec.structs.replace(RULES.mission, unknown_sources=unknown))
    )


CATALOGUE = catalogue()


class Desk:
    """Reports go in at one end, and what the ledger decides comes out at the other."""

    def __init__(self, known: Catalogue = CATALOGUE) -> None:
        self.catalogue = known
        self.book = {known.hash: Settings.of(known.rules)}
        self.ledger = Ledger()
        self.events: list[Event] = []
        self._offset = 0

    def send(self, source: str, report_id: str, *violations: dict[str, Any], **fields: Any) -> list[str]:
        """Types of the events that a report leaves."""
        report = {"source": source, "report_id": report_id, **fields}
        if violations:
            report["violations"] = violations
        return self.give(understood(report, self.catalogue, self._offset))

    def give(self, record: Understood) -> list[str]:
        events = decide(self.ledger, self._offset, record, self.book)
        self._offset += 1
        self.events += events
        return [event.type.value for event in events if event.type != "rules.adopted"]

    @property
    def total(self) -> tuple[int, int, int, int]:
        """(raw, deduplicated, corroborated, high) of the theatre's day."""
        found = (0, 0, 0, 0)
        for event in self.events:
            for change in event.changes:
                if change.attribution == ANY:
                    found = (change.raw[1], change.deduplicated[1], change.corroborated[1], change.high[1])
        return found

    def refolded(self) -> Ledger:
        again = Ledger()
        for event in self.events:
            fold(again, event, self.book)
        return again


def understood(report: dict[str, Any], known: Catalogue = CATALOGUE, offset: int = 0) -> Understood:
    taken = take(
        json.dumps(report).encode(), Coordinates(0, offset), known, recorded_at_ms=RECORDED_AT_MS, partitions=1
    )
    assert isinstance(taken, list)
    return taken[0][1]


def refused(report: dict[str, Any], known: Catalogue = CATALOGUE) -> Rejection:
    taken = take(json.dumps(report).encode(), Coordinates(0, 0), known, recorded_at_ms=RECORDED_AT_MS, partitions=1)
    assert isinstance(taken, Rejection)
    return taken


SPELLINGS = [
    "Sample-Observer-North",
    " sample-observer-north\t",
    "\uff33ample\uff0dobserver\uff0dnorth",
    "sample\u2011observer\u2010north",
    "sample-\u200bobserver-north\ufeff",
    "An observer  of the\u00a0sample history, in the NORTH of the zone",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_source_in_another_spelling_is_the_same_party(spelling: str) -> None:
    assert CATALOGUE.voice(spelling) == CATALOGUE.voice("sample-observer-north")
    assert CATALOGUE.speaker("ru-mod", spelling, None).party == "sample-observer-north"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Cafe\u0301 Desk", "CAF\u00c9  desk"), ("Straße", "STRASSE"), ("x", " x "), ("x\u034f", "X\U000e0101")],
)
def test_names_are_compared_without_case_spaces_and_ways_to_write_a_letter(one: str, other: str) -> None:
    assert identity(one) == identity(other) == identity(identity(one))
    assert identity(unicodedata.normalize("NFD", one)) == identity(other)


@pytest.mark.parametrize("spelling", ["WH\u0130TE-HELMETS", "wh\u0131te-helmets", "WHI\u0307TE-HELMETS"])
def test_the_is_of_a_turkish_keyboard_make_no_other_name(spelling: str) -> None:
    assert identity(spelling) == "white-helmets"
    assert CATALOGUE.voice(spelling).is_known


@pytest.mark.parametrize("other", ["obs-y", "obs x", "obs-x-2", "obs.x"])
def test_other_names_stay_others(other: str) -> None:
    assert identity(other) != identity("obs-x")


def test_an_unknown_source_in_two_spellings_is_one_party_and_one_report() -> None:
    desk = Desk(catalogue(UnknownSources.ACCEPT))
    desk.send("Obs X", "R-1", ITEM)
    assert desk.send("  obs x ", "r-1 ", ITEM) == ["report.duplicated"]
    assert desk.send("OBS X", "other", ITEM) == ["report.retold"]
    assert desk.total == (2, 1, 0, 1)
    assert desk.refolded() == desk.ledger


def test_the_spelling_is_kept_beside_what_names_are_compared_by() -> None:
    record = understood(
        {"source": "Sample-Observer-North", "report_id": "R  1", "retracts": "R 0", "violations": [ITEM]}
    )
    assert (record.report.source, record.report.id, record.report.retracts) == ("Sample-Observer-North", "R  1", "R 0")
    named = record.report.identity
    assert named is not None
    assert (named.source, named.id, named.retracts) == ("sample-observer-north", "r 1", "r 0")
    assert understood({"source": "ru-mod", "report_id": "r-1", "violations": [ITEM]}).report.identity is None


@pytest.mark.parametrize("field", ["retracts", "supersedes"])
def test_a_report_is_withdrawn_by_its_id_in_another_spelling(field: str) -> None:
    for early in (False, True):
        desk = Desk()
        said = {field: "BULLETIN  7", "occurred_on": "2020-03-11", "violations": [{"place": "Idlib", "count": 3}]}
        if field == "retracts":
            del said["violations"]
        sent = [("ru-mod", "Bulletin 7", (NUMBER,), {}), ("RU-MOD", "b-8", (), said)]
        for source, report_id, violations, fields in reversed(sent) if early else sent:
            desk.send(source, report_id, *violations, **fields)
        assert desk.total[1] == (0 if field == "retracts" else 3)
        assert desk.refolded() == desk.ledger


def test_a_revision_in_another_spelling_takes_the_place_of_the_first() -> None:
    desk = Desk()
    desk.send("ru-mod", "Bulletin-7", {**NUMBER, "count": 4})
    assert desk.send("RU-Mod", "BULLETIN-7", {**NUMBER, "count": 6}, revision=1)[0] == "report.corrected"
    assert desk.total == (6, 6, 0, 6)


def test_a_report_that_was_decided_before_names_had_a_form_is_known_by_its_spelling() -> None:
    desk = Desk()
    first = understood({"source": "ru-mod", "report_id": "Bulletin-7", "violations": [ITEM]}, offset=0)
    desk.give(msgspec.structs.replace(first, report=msgspec.structs.replace(first.report, identity=None)))
    assert desk.send("ru-mod", "Bulletin-7", ITEM) == ["report.duplicated"]
    assert desk.send("ru-mod", "b-8", retracts="Bulletin-7", occurred_on="2020-03-11")[0] == "report.retracted"
    assert desk.total == (0, 0, 0, 0)
    assert desk.refolded() == desk.ledger


@pytest.mark.parametrize("field", ["source", "report_id", "origin_source", "retracts", "supersedes"])
@pytest.mark.parametrize("blank", [" ", "\t\n", "\u200b", "\u3164", "\u2800\u034f"])
def test_a_name_in_which_nothing_can_be_seen_is_refused(field: str, blank: str) -> None:
    problem = refused({"source": "ru-mod", "report_id": "r", "violations": [ITEM], field: blank})
    assert (problem.reason, problem.detail) == (Reason.WRONG_SHAPE, f"`{field}` is blank: nothing in it can be seen")


# Who is not known


def test_an_unknown_source_counts_flagged_and_corroborates_nothing() -> None:
    desk = Desk()
    desk.send("sohr", "a", ITEM)
    assert desk.send("somebody", "b", ITEM) == ["incident.told_again"]
    assert desk.total == (2, 1, 0, 1)
    line = desk.events[-1].line
    assert line is not None
    assert (line.flags, line.corroborates) == (("source_unknown",), False)
    assert desk.send("sample-observer-east", "c", ITEM) == ["incident.corroborated"]
    assert desk.total == (3, 1, 1, 1)
    assert desk.refolded() == desk.ledger


def test_numbers_of_an_unknown_source_corroborate_nothing() -> None:
    desk = Desk()
    desk.send("sohr", "a", {**NUMBER, "count": 5})
    desk.send("somebody", "b", {**NUMBER, "count": 4})
    assert desk.total == (9, 5, 0, 9)
    desk.send("white-helmets", "c", {**NUMBER, "count": 3})
    assert desk.total == (12, 5, 3, 12)


def test_who_hides_behind_a_known_party_corroborates_nothing_either() -> None:
    desk = Desk()
    desk.send("sohr", "a", {**NUMBER, "count": 5})
    desk.send("somebody", "b", {**NUMBER, "count": 5, "registered_by": "white-helmets"})
    assert desk.total == (10, 5, 0, 10)
    desk.send("sample-news-desk", "c", {**NUMBER, "count": 2, "registered_by": "white-helmets"})
    assert desk.total[2] == 2
    desk.send("somebody", "d", {**NUMBER, "count": 1, "registered_by": "white-helmets"})
    assert desk.total[2] == 2
    assert desk.refolded() == desk.ledger


def test_a_known_source_does_not_corroborate_itself_by_an_invented_party() -> None:
    desk = Desk()
    desk.send("ru-mod", "a", ITEM)
    desk.send("ru-mod", "b", {**ITEM, "registered_by": "an invented body"})
    line = desk.events[-1].line
    assert line is not None
    assert line.flags == ("party_unknown",)
    assert desk.total[2] == 0


def test_a_quiet_day_by_an_unknown_source_says_so() -> None:
    record = understood(
        {"source": "somebody", "report_id": "r", "occurred_on": "2020-03-11", "quiet": [{"group": "HTS"}]}
    )
    assert not record.quiet[0].corroborates


def test_a_catalogue_may_accept_unknown_sources() -> None:
    desk = Desk(catalogue(UnknownSources.ACCEPT))
    desk.send("sohr", "a", ITEM)
    assert desk.send("somebody", "b", ITEM) == ["incident.corroborated"]
    assert desk.total == (2, 1, 1, 1)


def test_a_catalogue_may_refuse_them() -> None:
    strict = catalogue(UnknownSources.REFUSE)
    assert (
        refused({"source": "somebody", "report_id": "r", "violations": [ITEM]}, strict).reason is Reason.SOURCE_UNKNOWN
    )
    text = {"source": "somebody", "report_id": "r", "text": "Two shells fell on Saraqib on 11 March 2020."}
    assert refused(text, strict).reason is Reason.SOURCE_UNKNOWN
    desk = Desk(strict)
    assert desk.send("SOHR ", "a", ITEM) == ["incident.recorded"]


def test_a_day_of_doubtful_lines_outlives_a_snapshot() -> None:
    desk = Desk()
    desk.send("sohr", "a", {**NUMBER, "count": 5}, ITEM)
    desk.send("somebody", "b", {**NUMBER, "count": 4}, ITEM)
    desk.ledger = from_bytes(to_bytes(desk.ledger))
    desk.send("white-helmets", "c", {**NUMBER, "count": 3})
    assert desk.total[2] == 3
    assert desk.refolded() == desk.ledger


def test_rules_without_the_setting_flag() -> None:
    published = msgspec.json.encode(msgspec.to_builtins(RULES) | {"mission": {**msgspec.to_builtins(RULES.mission)}})
    plain = msgspec.json.decode(published)
    del plain["mission"]["unknown_sources"]
    assert rules_from_json(msgspec.json.encode(plain)).mission.unknown_sources is UnknownSources.FLAG


# Totals whose parts name somebody


@pytest.mark.parametrize("source", ["ru-mod", "tr-mod", "sohr"])
@pytest.mark.parametrize(("stated", "laid_to"), [("Six", "gov|hts"), ("Eight", None)])
def test_a_total_is_laid_to_whom_its_parts_name_whatever_side_its_party_registers(
    source: str, stated: str, laid_to: str | None
) -> None:
    desk = Desk()
    text = f"{stated} ceasefire violations in Idlib on 11 March: four by the Syrian army and two by HTS."
    desk.send(source, "r", text=text, published_at="2020-03-11T20:00:00+02:00")
    number = {"Six": 6, "Eight": 8}[stated]
    assert desk.total == (number, number, 0, number)
    (total,) = [event.line for event in desk.events if event.line is not None and event.line.count == number]
    usual = CATALOGUE.speaker(source, None, None).against
    left_over = {"gov", "hts"} | set(usual.split("|"))
    expected = laid_to or ("unattributed" if "unattributed" in left_over else "|".join(sorted(left_over)))
    assert total.attribution == expected
