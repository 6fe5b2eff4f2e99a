"""`incident-pipeline catalogue`: what a person who edits a catalogue is told."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from incident_pipeline.catalogue.load import load_rules, rules_hash, shipped_catalogue

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Command


def edited(directory: Path, *edits: tuple[str, str, str]) -> Path:
    copy = directory / "catalogue"
    shutil.copytree(shipped_catalogue(), copy)
    for file, old, new in edits:
        text = (copy / file).read_text("utf-8")
        assert old in text
        (copy / file).write_text(text.replace(old, new, 1), "utf-8")
    return copy


def test_a_catalogue_that_can_be_used_is_told_with_what_it_holds(command: Command, tmp_path: Path) -> None:
    catalogue = edited(tmp_path, ("mission.toml", "[mission]", "[mission]\nrevision = 7"))
    ended = command("catalogue", "check", str(catalogue))
    assert ended.code == 0
    rules = load_rules(catalogue)
    assert f"{len(rules.places)} places" in ended.out
    assert f"Revision: 7. Hash: {rules_hash(rules)}" in ended.out


def test_the_shipped_catalogue_is_the_default(command: Command) -> None:
    ended = command("catalogue", "check")
    assert ended.code == 0
    assert f"Revision: none. Hash: {rules_hash(load_rules(shipped_catalogue()))}" in ended.out


def test_every_fault_is_told_at_once_by_check_and_by_worker_before_anything_starts(
    command: Command, tmp_path: Path
) -> None:
    catalogue = edited(
        tmp_path,
        ("alerts.toml", "at_least = 5", "atleast = 3"),
        ("alerts.toml", '"page"', '"pgae"'),
        ("mission.toml", "Asia/Damascus", "Asia/Damaskus"),
    )
    for arguments in (("catalogue", "check", str(catalogue)), ("worker", "--catalogue", str(catalogue))):
        ended = command(*arguments)
        assert ended.code == 2
        assert "the catalogue has 3 faults" in ended.err
        for named in ("'atleast'", "'pgae'", "'Asia/Damaskus'"):
            assert named in ended.err
