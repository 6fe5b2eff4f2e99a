"""After any faults, what counts in the log is what deciding the same input without faults gives.

The short form of `make simulate`. A failure names its seed: `python -m tests.simulation --first SEED --seeds 1
--reports 25 --steps 500` shows it again.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.simulation.simulation import Faults, Simulation
from tests.simulation.workers import Rule

SEEDS = range(20)
ENOUGH_SEEDS = 60
"""Each rule that is left out is found within a handful; this many would be a surprise."""


@pytest.mark.parametrize("seed", SEEDS)
def test_after_any_faults_the_log_holds_each_decision_once(seed: int, tmp_path: Path) -> None:
    Simulation(seed, tmp_path).run()


def test_without_faults_nothing_is_ignored_and_nothing_waits(tmp_path: Path) -> None:
    world = Simulation(1, tmp_path, faults=Faults.none())
    world.run()
    assert not set(world.met) & {"overtaken", "lost", "death"}


def test_the_same_seed_is_the_same_history(tmp_path: Path) -> None:
    histories = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        world = Simulation(7, folder)
        world.run()
        histories.append([[record.value for record in world.read("events", p, 0)] for p in range(2)])
    assert histories[0] == histories[1]


def test_the_faults_that_are_meant_do_happen(tmp_path: Path) -> None:
    met: Counter[str] = Counter()
    for seed in range(100, 108):
        folder = tmp_path / str(seed)
        folder.mkdir()
        world = Simulation(seed, folder)
        world.run()
        met.update(world.met)
    for fault in ("zombie step", "death", "lost", "unheard", "again", "gave up", "overtaken", "rebalance", "snapshot"):
        assert met[fault] > 0, fault


def find(rule: Rule, folder: Path, **faults: Any) -> str:
    """What the simulation says with a rule left out; the first seed that shows it decides."""
    for seed in range(ENOUGH_SEEDS):
        place = folder / str(seed)
        place.mkdir()
        world = Simulation(seed, place, without=frozenset({rule}))
        world.faults = dataclasses.replace(world.faults, **faults)
        try:
            world.run()
        except Exception as error:  # noqa: BLE001 - a worker that cannot go on has shown it as well
            return f"{type(error).__name__}: {error}"
    pytest.fail(f"{ENOUGH_SEEDS} seeds did not show that this is missing: {rule.value}")


def test_leaving_out_the_gap_read_is_found(tmp_path: Path) -> None:
    find(Rule.GAP_READ, tmp_path)


def test_leaving_out_the_chain_check_is_found(tmp_path: Path) -> None:
    find(Rule.CHAIN, tmp_path)


def test_acknowledging_the_input_before_the_output_is_found(tmp_path: Path) -> None:
    assert "is acknowledged and not" in find(Rule.ACKNOWLEDGE_LAST, tmp_path)


def test_more_than_one_unacknowledged_produce_is_found(tmp_path: Path) -> None:
    find(Rule.ONE_IN_FLIGHT, tmp_path)


def test_leaving_out_the_mark_of_decided_reports_is_found(tmp_path: Path) -> None:
    assert "was decided" in find(Rule.MARK, tmp_path)


def test_splitting_the_records_of_one_input_is_found(tmp_path: Path) -> None:
    find(Rule.ONE_BATCH, tmp_path)


def test_not_asking_whether_a_snapshot_belongs_to_the_log_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def whatever(*_: object) -> bool:
        return True

    monkeypatch.setattr("incident_pipeline.owner.is_in_log", whatever)
    find(Rule.SNAPSHOT_CHECK, tmp_path, snapshot=0.02)
