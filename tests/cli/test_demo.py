"""`incident-pipeline demo` and `run`: the whole pipeline as a newcomer meets it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from pipeline_load import sectors_catalogue

from incident_pipeline.broker.ports import free_port
from incident_pipeline.catalogue.canonical import rules_hash
from incident_pipeline.catalogue.load import load_rules
from incident_pipeline.config import Config
from incident_pipeline.demo.history import BAD_RECORDS
from incident_pipeline.demo.worker_process import WorkerError, worker_for

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def environment(bootstrap_servers: str, topic_prefix: str) -> dict[str, str]:
    """A shell that knows the session's Kafka, and nothing else of ours."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("INCIDENT_PIPELINE_")}
    return {
        **ours,
        "KAFKA_BOOTSTRAP_SERVERS": bootstrap_servers,
        "INCIDENT_PIPELINE_TOPIC_PREFIX": topic_prefix,
        "INCIDENT_PIPELINE_METRICS_PORT": str(free_port()),
    }


@pytest.fixture
def demo(environment: dict[str, str], tmp_path: Path) -> Callable[[], str]:
    """Run the demo, expect it to end well, and give what it printed."""

    def run() -> str:
        ended = subprocess.run(
            [sys.executable, "-m", "incident_pipeline", "demo", "--directory", "data"],
            capture_output=True,
            check=False,
            cwd=tmp_path,
            env=environment,
            text=True,
            timeout=170,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    return run


def section(printed: str, title: str) -> list[str]:
    """The lines below a title, without the header of the table."""
    return printed.partition(f"{title}")[2].split("\n\n")[0].splitlines()[2:]


def totals(printed: str) -> dict[str, list[str]]:
    """Day → raw, deduplicated, corroborated, high of the north-west."""
    found = re.findall(r"^(2020-03-\d\d)\s+north-west\s+all\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)", printed, re.MULTILINE)
    return {day: figures for day, *figures in found}


def test_the_demo_shows_the_reported_facts_and_a_second_run_changes_none(demo: Callable[[], str]) -> None:
    first = demo()
    assert max(map(len, first.partition("Try next")[0].splitlines())) <= 100
    counts = totals(first)
    assert [counts[f"2020-03-{day}"][1] for day in ("09", "10", "11")] == ["2", "2", "8"]
    activities = section(first, "Activities of the truce")
    assert [re.findall(r"convoys escorted\s+(\d+)", line) for line in activities] == [["13"], ["4"], ["7"]]
    assert len(section(first, "Said to have done nothing")) >= 3
    uncounted = "\n".join(section(first, "Recorded and not counted"))
    for why in ("before the truce", "retracted by its", "superseded by its", "the same report again"):
        assert why in " ".join(uncounted.split())
    alerts = [line for line in section(first, "Alerts") if line.startswith("2020")]
    assert len(alerts) == 1
    assert alerts[0].startswith("2020-03-11")
    letters = [line for line in section(first, "Dead letters") if "reports/" in line]
    assert len(letters) == BAD_RECORDS
    assert all(" once " in line for line in letters)
    assert re.search(r"\d+ reports, \d+ violations as told → \d+ incidents, each counted once", first)

    second = demo()
    assert totals(second) == counts
    assert [line for line in section(second, "Alerts") if line.startswith("2020")] == alerts
    again = [line for line in section(second, "Dead letters") if "reports/" in line]
    assert len(again) == BAD_RECORDS
    assert all(" twice " in line for line in again)
    assert "no count and no alert has changed" in second


def test_run_stays_until_it_is_told_to_stop_and_shows_the_port_that_it_found(
    environment: dict[str, str], tmp_path: Path
) -> None:
    code, shown = run_until_it_serves(environment, tmp_path, "--metrics-port", "0")
    assert code == 0
    assert not shown["metrics"].endswith(":0/metrics")
    assert shown["health"] == shown["metrics"].replace("/metrics", "/readyz")


def test_run_takes_the_ports_and_the_catalogue(environment: dict[str, str], tmp_path: Path) -> None:
    del environment["KAFKA_BOOTSTRAP_SERVERS"]
    port, metrics_port, catalogue = free_port(), free_port(), sectors_catalogue(tmp_path / "mission")
    options = ("--port", str(port), "--metrics-port", str(metrics_port), "--catalogue", str(catalogue))
    code, shown = run_until_it_serves(environment, tmp_path, *options)
    assert code == 0
    assert shown["Kafka"] == f"127.0.0.1:{port}"
    assert shown["metrics"] == f"http://127.0.0.1:{metrics_port}/metrics"
    assert rules_hash(load_rules(catalogue)) in (tmp_path / shown["log"]).read_text("utf-8")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--port", "9092"], "that cluster is used, and has its own port"),
        (["--catalogue", "absent"], "catalogue: 'absent' (--catalogue) is not permitted"),
        (["--metrics-port", "many"], "metrics_port: 'many' (--metrics-port) is not permitted"),
    ],
)
def test_an_option_of_run_that_cannot_be_used_is_told_before_anything_starts(
    environment: dict[str, str], tmp_path: Path, options: list[str], said: str
) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "incident_pipeline", "run", *options],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        env=environment,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 2
    assert said in " ".join(ended.stderr.split())


def test_run_starts_no_open_broker_for_settings_of_a_secured_cluster(
    environment: dict[str, str], tmp_path: Path
) -> None:
    del environment["KAFKA_BOOTSTRAP_SERVERS"]
    ended = subprocess.run(
        [sys.executable, "-m", "incident_pipeline", "run"],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        env=environment | {"KAFKA_SECURITY_PROTOCOL": "SSL"},
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1
    assert "the broker that is started here has neither TLS nor users" in ended.stderr


def run_until_it_serves(environment: dict[str, str], directory: Path, *options: str) -> tuple[int, dict[str, str]]:
    """Run `run` until its endpoint answers, interrupt it, and give its exit code and what it showed, by word."""
    shown = {}
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "incident_pipeline", "run", "--directory", "data", *options],
        cwd=directory,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                words = line.split()
                if line.startswith("  ") and len(words) == 2:
                    shown[words[0]] = words[1]
                if "Ctrl-C stops it" in line:
                    break
            assert _answers(shown["metrics"])
        finally:
            process.send_signal(signal.SIGINT)
            code = process.wait(60)
    return code, shown


def _answers(address: str) -> bool:
    """Whether the worker's endpoint comes up."""
    import time

    for _ in range(100):
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310 - our own endpoint
                return b"incident_pipeline" in answer.read()
        except OSError:
            time.sleep(0.2)
    return False


def test_a_worker_that_ends_is_told_with_the_end_of_its_log(bootstrap_servers: str, tmp_path: Path) -> None:
    config = msgspec.structs.replace(Config(), bootstrap_servers=bootstrap_servers, topic_prefix="nowhere-")
    log = tmp_path / "worker.log"
    with worker_for(config, log) as worker:
        with pytest.raises(WorkerError) as ended:
            worker.wait(60)
        assert f"exit code 3). The end of its log ({log})" in str(ended.value)
        assert "nowhere-events is missing" in str(ended.value)
