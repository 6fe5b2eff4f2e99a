from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path

import msgspec
import pytest

from incident_pipeline.catalogue.load import (
    CatalogueError,
    canonical_rules_json,
    load_rules,
    rules_from_json,
    rules_hash,
    shipped_catalogue,
)
from incident_pipeline.limits import PERMITTED_LIMITS, Limits


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "catalogue"
    shutil.copytree(shipped_catalogue(), copy)
    return copy


def edit(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def faults(folder: Path) -> list[str]:
    with pytest.raises(CatalogueError) as caught:
        load_rules(folder)
    return [str(fault) for fault in caught.value.faults]


def test_the_shipped_catalogue_is_valid() -> None:
    rules = load_rules(shipped_catalogue())
    assert {agreement.id for agreement in rules.agreements} >= {"additional-protocol-2020"}
    assert len(rules.places) > 120


def test_rules_survive_the_way_through_the_rules_topic() -> None:
    rules = load_rules(shipped_catalogue())
    again = rules_from_json(canonical_rules_json(rules))
    assert rules_hash(again) == rules_hash(rules)
    assert canonical_rules_json(again) == canonical_rules_json(rules)


def test_the_hash_ignores_files_comments_and_order(folder: Path) -> None:
    before = rules_hash(load_rules(folder))
    groups = (folder / "groups.toml").read_text(encoding="utf-8")
    head, *rest = groups.split("[[groups]]")
    last = rest[-1].split("# What bulletins call")
    rest[-1] = last[0]
    tail = "# What bulletins call" + last[1]
    (folder / "groups.toml").write_text("# turned round\n" + head + tail, encoding="utf-8")
    (folder / "zz-more.toml").write_text("".join("[[groups]]" + one for one in reversed(rest)), encoding="utf-8")
    assert rules_hash(load_rules(folder)) == before


def test_the_hash_ignores_whether_a_default_is_written_out(folder: Path) -> None:
    before = rules_hash(load_rules(folder))
    (folder / "limits.toml").write_text("[limits]\nhorizon_days = 400\n", encoding="utf-8")
    assert rules_hash(load_rules(folder)) == before


def test_the_hash_of_rules_is_what_it_was_before_fields_came_that_they_do_not_use(folder: Path) -> None:
    before = canonical_rules_json(load_rules(folder))
    assert b'"revision":' not in before
    assert b"expected_by" not in before
    edit(folder, "mission.toml", "[mission]", "[mission]\nrevision = 0")
    assert canonical_rules_json(load_rules(folder)) == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("mission.toml", "[mission]", "[mission]\nrevision = 1"),
        ("parties.toml", "expected_daily = true", 'expected_daily = true\nexpected_by = "20:00"'),
        ("alerts.toml", "at_least = 5", "at_least = 6"),
        ("mission.toml", '"24:00"', '"19:30"'),
        ("agreements.toml", "00:01:00", "00:02:00"),
        ("groups.toml", '"TIP", ', ""),
    ],
)
def test_a_changed_rule_changes_the_hash(folder: Path, file: str, old: str, new: str) -> None:
    before = rules_hash(load_rules(folder))
    edit(folder, file, old, new)
    assert rules_hash(load_rules(folder)) != before


def test_a_catalogue_may_be_json(folder: Path) -> None:
    before = rules_hash(load_rules(folder))
    tables = tomllib.loads((folder / "places.toml").read_text(encoding="utf-8"))
    (folder / "places.json").write_text(json.dumps(tables), encoding="utf-8")
    (folder / "places.toml").unlink()
    assert rules_hash(load_rules(folder)) == before


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("places.toml", 'parent = "ariha-district"', 'parent = "ariha-distrct"',
         ["places.toml", 'places "', "`parent`", "'ariha-distrct'", "not the id of a place"]),
        ("places.toml", 'level = "zone"', 'level = "zonne"',
         ["places.toml", 'places "idlib-zone"', "`level`", "'zonne'", "theatre, zone, province, district, town"]),
        ("places.toml", 'id = "saraqib"', 'id = "sarmin"', ["places.toml", 'places "sarmin"', "`id`", "already"]),
        ("places.toml", '"Saraqeb"', '"Idlib City"', ["'idlib-city'", "both read as 'idlib city'"]),
        ("places.toml", 'level = "province", parent = "idlib-zone"', 'level = "province", parent = "saraqib"',
         ["a province cannot lie in the town 'saraqib'", "widest first"]),
        ("places.toml", 'codes = ["SY07"]', 'codes = ["SY08"]', ["`codes`", "'SY08'", "already the code of"]),
        ("groups.toml", 'side = "government"', 'side = "goverment"',
         ["groups.toml", 'groups "gov"', "`side`", "'goverment'", "permitted: ", "government, islamic"]),
        ("groups.toml", '"HTS",', '"TIP",', ["'TIP'", "is also a name of"]),
        ("mission.toml", "Asia/Damascus", "Asia/Damaskus", ["mission.toml", "`time_zone`", "'Asia/Damaskus'"]),
        ("mission.toml", '"24:00"', '"24:30"', ["mission.toml", "`day_ends_at`", "'24:30'"]),
        ("mission.toml", '"north-west"', '"idlib"', ["`default_theatre`", "'idlib'", "permitted: north-east"]),
        ("parties.toml", '"side:opposition"', '"side:rebels"', ["`registers`", "'side:rebels'", "side:opposition"]),
        ("parties.toml", 'party = "tr-commission"', 'party = "tr"', ['sources "tr-mod"', "`party`", "'tr'"]),
        ("alerts.toml", 'theatre = "north-west"', 'theatre = "north"', ["`theatre`", "'north'", "matches no theatre"]),
        ("alerts.toml", 'basis = "deduplicated"', 'basis = "dedup"', ["'dedup'", "raw, deduplicated, corr"]),
        ("alerts.toml", "severity", "severety", ["alerts.toml", "`severety`", "unknown field; permitted: basis"]),
        ("agreements.toml", 'zone = ["idlib-zone"]', 'zone = ["idlib-zon"]', ["`zone`", "'idlib-zon'"]),
        ("agreements.toml", "2020-03-06T00:01:00", "2020-03-06T00:01:00Z", ["`in_force_from`", "has an offset"]),
        ("types.toml", 'code = "K1"', 'code = "small"', ["types.toml", "`code`", "'small'"]),
        ("types.toml", "[[types]]", "[[type]]", ["types.toml", "section `type`", "permitted: activities"]),
        ("types.toml", "[[types]]", "[[types]", ["types.toml", "cannot be read as TOML", "line"]),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_file_entry_field_value_and_what_is_permitted(
    folder: Path, file: str, old: str, new: str, said: list[str]
) -> None:
    edit(folder, file, old, new)
    told = "\n".join(faults(folder))
    for part in said:
        assert part in told


SETTINGS = "settings = { at_least = 5 }"


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("alerts.toml", SETTINGS, "settings = { atleast = 3 }", ["`settings`", "'atleast' is unknown", "at_least"]),
        ("alerts.toml", SETTINGS, "settings = { at_least = -3 }", ["`settings`", "-3", "a whole number from 1"]),
        ("alerts.toml", SETTINGS, 'settings = { at_least = "3" }', ["`settings`", "'3'", "a whole number from 1"]),
        ("alerts.toml", SETTINGS, "settings = { at_least = 2.5 }", ["`settings`", "2.5", "a whole number from 1"]),
        ("alerts.toml", SETTINGS, "settings = { at_least = true }",
         ["`settings`", "`at_least` is true; write a number"]),
        ("alerts.toml", SETTINGS, "settings = { at_least = nan }", ["`settings`", "nan"]),
        ("alerts.toml", SETTINGS, "settings = { at_least = 9999999999999 }", ["`settings`", "up to 1,000,000,000"]),
        ("alerts.toml", SETTINGS, "", ["`settings`", "needs the setting 'at_least'"]),
        ("alerts.toml", 'detector = "threshold"', 'detector = "treshold"',
         ["`detector`", "unknown; permitted: threshold"]),
        ("alerts.toml", 'group = "*"', 'group = "ht"', ["`group`", "'ht' matches no group"]),
        ("alerts.toml", 'group = "*"', 'place = "idlib"', ["`place`", "means nothing to series 'group'"]),
        ("alerts.toml", 'series = "group"', 'series = "place"\nplace = "raqqa"',
         ["`place`", "no place in a theatre that"]),
        ("alerts.toml", '"page"', '"pgae"', ["`severity`", "'pgae'", "did you mean 'page'?"]),
        ("alerts.toml", '"page"', '""', ["`severity`", "''", "permitted: critical, page"]),
        ("alerts.toml", '"page"', "1", ["`severity`", "1 is not text; write it in quotes"]),
        ("agreements.toml", '"government", "opp', '"goverment", "opp', ["`parties`", "did you mean 'government'?"]),
        ("agreements.toml", '["russia", "turkey"]', '["rusia"]', ["`guarantors`", "did you mean 'russia'?"]),
        ("agreements.toml", 'corridors = ["M4"]', 'corridors = [" "]', ["`corridors`", "a name is empty"]),
        ("agreements.toml", 'zone = ["idlib-zone"]', "zone = []", ["`zone`", "names no place"]),
        ("agreements.toml", 'zone = ["idlib-zone"]', "", ["`zone`", "is missing"]),
        ("agreements.toml", 'zone = ["idlib-zone"]', 'zone = "idlib-zone"',
         ["`zone`", "not a list; write ['idlib-zone']"]),
        ("agreements.toml", 'zone = ["idlib-zone"]', 'zone = ["idlib"]', ["`outside`", "nothing to leave out"]),
        ("agreements.toml", 'zone = ["idlib-zone"]', 'zone = ["idlib-zone", "afrin-district"]',
         ["remove one of the two"]),
        ("agreements.toml", "2020-03-06T00:01:00", '"6 March 2020"', ["`in_force_from`", "write 2020-03-06T00:01:00"]),
        ("groups.toml", '"HTS",', '"May",', ["`aliases`", "'May' is an ordinary word", "'hts'"]),
        ("groups.toml", '"HTS",', '"None",', ["`aliases`", "'None' is an ordinary word"]),
        ("groups.toml", '"HTS",', '"12",', ["`aliases`", "'12' is a number"]),
        ("groups.toml", '"HTS",', '"Saraqib",', ["`spellings`", "also a name of 'hts' in `groups`"]),
        ("places.toml", '"Saraqeb"', '"White Helmets"', ["`spellings`", "also a name of 'white-helmets' in `parties`"]),
        ("places.toml", 'id = "saraqib"', 'id = "Saraqib City"', ["`id`", "small letters", ": 'saraqib-city'"]),
        ("types.toml", 'code = "K1"', 'code = "small"', ["`code`", "write a capital letter and a digit: 'K1'"]),
        ("mission.toml", '"24:00"', '"24:30"', ["`day_ends_at`", "write a time of day as '19:30'"]),
        ("mission.toml", "[mission]", "[mission]\nrevision = -1", ["`revision`", "a whole number from 0"]),
        ("parties.toml", "expected_daily = true", 'expected_by = "20:00"',
         ["`expected_by`", "without `expected_daily"]),
        ("mission.toml", "[mission]", "limits = { reports_in_memory = 0 }\n[mission]",
         ["`reports_in_memory`", "from 1,000"]),
        ("mission.toml", "[mission]", "limits = { lines_per_report = 9999 }\n[mission]",
         ["`lines_per_report`", "to 500"]),
    ],
)  # fmt: skip
def test_what_nobody_can_have_meant_is_told_with_what_to_write(
    folder: Path, file: str, old: str, new: str, said: list[str]
) -> None:
    edit(folder, file, old, new)
    told = faults(folder)
    for part in said:
        assert any(part in fault for fault in told), told
    assert not any("^[" in fault for fault in told)


def test_all_faults_are_told_in_one_round(folder: Path) -> None:
    mistakes = [
        ("places.toml", 'level = "zone"', 'level = "zonne"'),
        ("places.toml", 'parent = "ariha-district"', 'parent = "ariha-distrct"'),
        ("places.toml", 'codes = ["SY07"]', 'codes = ["SY08"]'),
        ("mission.toml", "Asia/Damascus", "Asia/Damaskus"),
        ("mission.toml", '"24:00"', '"24:30"'),
        ("groups.toml", 'side = "government"', 'side = "goverment"'),
        ("groups.toml", '"HTS",', '"May",'),
        ("groups.toml", '"TIP", ', '"TIP", 7, '),
        ("parties.toml", '"side:opposition"', '"side:rebels"'),
        ("parties.toml", 'party = "tr-commission"', 'party = "tr"'),
        ("alerts.toml", 'basis = "deduplicated"', 'basis = "dedup"'),
        ("alerts.toml", "at_least = 5", "atleast = 3"),
        ("alerts.toml", '"page"', '"pgae"'),
        ("agreements.toml", '"government", "opp', '"goverment", "opp'),
        ("agreements.toml", 'zone = ["idlib-zone"]', 'zone = ["idlib-zon"]'),
        ("types.toml", 'code = "K1"', 'code = "small"'),
    ]
    for mistake in mistakes:
        edit(folder, *mistake)
    told = faults(folder)
    assert len(told) == len(mistakes), "\n".join(told)


def test_a_file_that_cannot_be_read_adds_no_fault_that_follows_from_it(folder: Path) -> None:
    for file in ("places.toml", "groups.toml", "parties.toml", "agreements.toml", "types.toml"):
        text = (folder / file).read_text(encoding="utf-8")
        (folder / file).write_text(text + "\n= what\n", encoding="utf-8")
        assert [fault.partition(": cannot be read as TOML")[0] for fault in faults(folder)] == [f"{file}: file"]
        (folder / file).write_text(text, encoding="utf-8")
    (folder / "mission.toml").write_bytes(b'[mission]\nname = "\xff"\n')
    assert len(faults(folder)) == 1


def test_an_entry_that_cannot_be_read_adds_no_fault_that_follows_from_it(folder: Path) -> None:
    edit(folder, "places.toml", 'id = "north-west"', 'name = "North-west again"\nid = "north-west"')
    assert len(faults(folder)) == 1
    edit(folder, "places.toml", 'name = "North-west again"\n', "")
    edit(folder, "groups.toml", "[[sides]]", "[sides]")
    assert len(faults(folder)) == 1


@pytest.mark.parametrize("section", ["agreements", "alerts", "types"])
def test_a_missing_section_is_told(folder: Path, section: str) -> None:
    (folder / f"{section}.toml").unlink()
    (fault,) = faults(folder)
    assert f"section `{section}`: is missing in all files" in fault
    assert f"[[{section}]]" in fault


def test_that_no_day_is_to_raise_an_alert_can_be_said(folder: Path) -> None:
    (folder / "alerts.toml").write_text("alerts = []\n", encoding="utf-8")
    assert load_rules(folder).alerts == []
    (folder / "agreements.toml").write_text("agreements = []\n", encoding="utf-8")
    assert "holds no agreement" in faults(folder)[0]


def test_every_limit_has_what_it_may_be_set_to() -> None:
    defaults = msgspec.structs.asdict(Limits())
    assert PERMITTED_LIMITS.keys() == defaults.keys()
    for name, (least, most) in PERMITTED_LIMITS.items():
        assert least <= defaults[name] <= most


def test_rules_that_cannot_be_published_are_told(folder: Path) -> None:
    (folder / "alerts.toml").unlink()
    alert = {"id": "x", "series": "theatre", "settings": {"at_least": 5}, "summary": "\ud800"}
    (folder / "alerts.json").write_text(json.dumps({"alerts": [alert]}), encoding="ascii")
    assert "cannot be written as JSON and read again" in faults(folder)[0]


def test_published_rules_are_held_to_what_deciding_needs_alone(folder: Path) -> None:
    rules = load_rules(folder)
    day = msgspec.structs.replace(rules.alerts[0], settings={"atleast": 3}, severity="", theatre="nowhere")
    mistaken = msgspec.structs.replace(rules, agreements=[], alerts=[day], sides=rules.sides * 2)
    published = canonical_rules_json(mistaken)
    assert canonical_rules_json(rules_from_json(published)) == published
    nowhere = msgspec.structs.replace(rules.mission, time_zone="Nowhere/At-all")
    with pytest.raises(CatalogueError, match="Nowhere/At-all"):
        rules_from_json(canonical_rules_json(msgspec.structs.replace(rules, mission=nowhere)))


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    assert "no .toml or .json file" in faults(tmp_path)[0]


@pytest.mark.parametrize("record", [b"{", b"[]", b'{"places": 3}', b'{"mission": []}', b"\xff"])
def test_a_record_that_holds_no_rules_is_refused_with_its_faults(record: bytes) -> None:
    with pytest.raises(CatalogueError):
        rules_from_json(record)
