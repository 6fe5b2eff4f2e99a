from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path

import pytest

from incident_pipeline.catalogue.load import (
    CatalogueError,
    canonical_rules_json,
    load_rules,
    rules_from_json,
    rules_hash,
    shipped_catalogue,
)


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


def test_all_faults_are_told_at_once(folder: Path) -> None:
    edit(folder, "places.toml", 'level = "zone"', 'level = "zonne"')
    edit(folder, "alerts.toml", 'basis = "deduplicated"', 'basis = "dedup"')
    edit(folder, "mission.toml", 'name = "Truce', 'nome = "Truce')
    assert len(faults(folder)) == 4  # the misspelt field is unknown, and the right one is missing


def test_a_missing_section_is_told(folder: Path) -> None:
    (folder / "agreements.toml").unlink()
    assert any("section `agreements`: is missing" in fault for fault in faults(folder))


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    assert "no .toml or .json file" in faults(tmp_path)[0]


@pytest.mark.parametrize("record", [b"{", b"[]", b'{"places": 3}', b'{"mission": []}', b"\xff"])
def test_a_record_that_holds_no_rules_is_refused_with_its_faults(record: bytes) -> None:
    with pytest.raises(CatalogueError):
        rules_from_json(record)
