"""Snapshots are caches: whatever is wrong with one, it is passed over and said, and nothing is decided by it."""

from __future__ import annotations

import resource
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from incident_pipeline.chain import Tail
from incident_pipeline.snapshot import Snapshot, SnapshotStore


def saved(directory: Path) -> tuple[SnapshotStore, Snapshot, Path]:
    store = SnapshotStore(directory, "mission-")
    snapshot = Snapshot(
        stage="ledger",
        partition=3,
        rules="0" * 64,
        ends={"events": Tail(b"\7" * 32, 12, 14, 13)},
        position=40,
        saved_at_seconds=1_583_755_200.0,
        state=b"all that was counted",
    )
    store.save(snapshot)
    (file,) = directory.iterdir()
    return store, snapshot, file


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    store, snapshot, _ = saved(tmp_path)
    assert store.load("ledger", 3) == snapshot
    assert store.load("ledger", 2) is None
    assert store.load("surveillance", 3) is None


def test_another_mission_on_the_same_directory_does_not_see_it(tmp_path: Path) -> None:
    saved(tmp_path)
    assert SnapshotStore(tmp_path, "other-").load("ledger", 3) is None


def test_a_newer_one_replaces_it_and_leaves_no_draft(tmp_path: Path) -> None:
    store, _, _ = saved(tmp_path)
    saved(tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    assert store.load("ledger", 3) is not None


@pytest.mark.parametrize("at", range(0, 300, 7))
def test_one_flipped_bit_anywhere_makes_it_unusable(tmp_path: Path, at: int) -> None:
    store, _, file = saved(tmp_path)
    content = bytearray(file.read_bytes())
    content[at % len(content)] ^= 4
    file.write_bytes(content)
    assert store.load("ledger", 3) is None


@pytest.mark.parametrize("kept", [0, 1, 31, 32, 33, 100])
def test_a_part_of_one_is_unusable(tmp_path: Path, kept: int) -> None:
    store, _, file = saved(tmp_path)
    file.write_bytes(file.read_bytes()[:kept])
    assert store.load("ledger", 3) is None


def test_one_of_another_format_is_passed_over(tmp_path: Path) -> None:
    store, snapshot, _ = saved(tmp_path)
    store.save(Snapshot(**{name: getattr(snapshot, name) for name in snapshot.__struct_fields__} | {"format": 0}))
    assert store.load("ledger", 3) is None


def test_what_cannot_be_read_at_all_is_passed_over(tmp_path: Path) -> None:
    store, _, file = saved(tmp_path)
    file.unlink()
    file.mkdir()
    assert store.load("ledger", 3) is None


@pytest.mark.parametrize("place", ["file/state", "/proc/state", "/proc"])
def test_a_directory_that_cannot_be_used_is_told_with_what_to_do(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    with pytest.raises(OSError, match=r"state directory .* cannot be used: .*Set state_directory"):
        SnapshotStore(tmp_path / place, "mission-").prepare()


def test_a_directory_that_is_fit_is_left_as_it_was(tmp_path: Path) -> None:
    SnapshotStore(tmp_path / "new" / "state", "mission-").prepare()
    assert list((tmp_path / "new" / "state").iterdir()) == []


def test_a_full_disk_is_said_once_a_minute_and_leaves_no_half_of_a_snapshot(tmp_path: Path) -> None:
    store, snapshot, file = saved(tmp_path)

    def at(seconds: float) -> bool:
        return store.save(msgspec.structs.replace(snapshot, saved_at_seconds=snapshot.saved_at_seconds + seconds))

    before = file.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, hard))  # as a disk with room for so many bytes
    try:
        with capture_logs() as logged:
            saved_at = [seconds for seconds in range(61) if at(seconds)]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert saved_at == []
    assert [line["event"] for line in logged] == ["snapshot.not_saved"] * 2
    assert list(tmp_path.iterdir()) == [file]
    assert file.read_bytes() == before
    assert at(120)
