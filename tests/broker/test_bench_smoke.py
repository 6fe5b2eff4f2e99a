from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.reports import generate
from benchmarks.verify import Outcome, verify
from benchmarks.whole_path import ALERT_AT
from benchmarks.workers import BenchmarkError
from benchmarks.world import build_world

if TYPE_CHECKING:
    from incident_pipeline.broker import Cluster

ROOT = Path(__file__).parents[2]


def test_a_small_bench_measures_both_ways_and_finds_the_counts_right(kafka: Cluster, tmp_path: Path) -> None:
    numbers = tmp_path / "numbers.json"
    sizes = ["--reports", "2000", "--plain-reports", "500", "--agent-reports", "0", "--latency-seconds", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.whole_path", *sizes, "--json", str(numbers)],
        env={"KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers, "PATH": ""},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "the counts are right" in done.stdout
    result: dict[str, Any] = json.loads(numbers.read_bytes())
    assert result["whole"]["reports"] == 2000
    assert result["plain"]["reports"] == 500
    assert result["latency"]["p50_ms"] > 0
    assert result["events"] > 1800


def test_a_run_that_counted_wrongly_is_no_result() -> None:
    world = build_world(1, alert_at=ALERT_AT)
    _, truth = generate(world, 500, 1)
    with pytest.raises(BenchmarkError, match="deduplicated of 2020-03-09 in high-steppe: 0, must be"):
        verify(Outcome(), truth, 4, ALERT_AT)


def test_reports_are_the_same_for_a_seed_and_of_the_sizes_that_are_told() -> None:
    world = build_world(1, alert_at=ALERT_AT)
    reports, truth = generate(world, 4000, 1)
    again, _ = generate(build_world(1, alert_at=ALERT_AT), 4000, 1)
    assert [report.value for report in reports] == [report.value for report in again]
    assert len(reports) == 4000
    assert (truth.mix.duplicates, truth.mix.second_tellers, truth.mix.revisions, truth.mix.aggregates) == (
        400,
        200,
        40,
        40,
    )
    assert 300 < sum(len(report.value) for report in reports) / len(reports) < 400
