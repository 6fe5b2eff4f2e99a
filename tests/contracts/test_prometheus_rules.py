"""The alert rules: valid, tested by promtool, and about metrics, labels and runbook pages that exist."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from incident_pipeline.config import Config
from incident_pipeline.limits import SNAPSHOT_EVERY_RECORDS
from incident_pipeline.metrics import METRICS

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy/prometheus"
RULE_FILES = sorted(PROMETHEUS.glob("rules/*.yml"))
TEST_FILES = sorted(PROMETHEUS.glob("tests/*.yml"))

FOREIGN_METRICS = {"up", "process_start_time_seconds", "ALERTS"}
"""Metrics of Prometheus itself and of any process."""
TARGET_LABELS = {"job", "instance"}
"""Labels that Prometheus puts on whatever it scrapes."""


def alerts() -> list[dict[str, Any]]:
    return [
        rule for file in RULE_FILES for group in yaml.safe_load(file.read_text())["groups"] for rule in group["rules"]
    ]


def rule_tests() -> list[dict[str, Any]]:
    return [test for file in TEST_FILES for test in yaml.safe_load(file.read_text())["tests"]]


ALERTS = alerts()
by_name = pytest.mark.parametrize("rule", ALERTS, ids=[rule["alert"] for rule in ALERTS])


@pytest.fixture(scope="module")
def promtool() -> str:
    """Where promtool is; in CI its lack fails the tests (`conftest`), elsewhere they say that they were skipped."""
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is missing: the alert rules are not tested. Install Prometheus (Debian: `prometheus`).")
    return found


def run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROMETHEUS)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.promtool
def test_promtool_finds_the_rules_valid(promtool: str) -> None:
    run(promtool, "check", "rules", *RULE_FILES)


@pytest.mark.promtool
def test_promtool_finds_the_scrape_configuration_valid(promtool: str) -> None:
    run(promtool, "check", "config", PROMETHEUS / "prometheus.yml")


@pytest.mark.promtool
@pytest.mark.parametrize("file", TEST_FILES, ids=[file.stem for file in TEST_FILES])
def test_the_rules_fire_and_stay_silent_as_their_tests_say(promtool: str, file: Path) -> None:
    run(promtool, "test", "rules", file)


def names_in(expression: str) -> set[str]:
    """The metrics that an expression names: words that are no function, keyword or label."""
    bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^]]*\]|\b(by|on|without|ignoring)\s*\([^)]*\)', " ", expression)
    words = re.findall(r"\b[a-zA-Z_:][\w:]*\b(?!\s*\()", bare)
    return {word for word in words if word not in {"and", "or", "unless"}}


def labels_in(expression: str) -> set[str]:
    matchers = re.findall(r"\{([^}]*)\}", expression)
    grouped = re.findall(r"\b(?:by|on)\s*\(([^)]*)\)", expression)
    found = {label for group in grouped for label in re.split(r"[,\s]+", group) if label}
    return found | {label for group in matchers for label in re.findall(r"(\w+)\s*[=!]~?", group)}


LABELS_OF = {name: set(metric.labels) | {"le"} for metric in METRICS for name in metric.samples}


@by_name
def test_a_rule_names_only_metrics_that_exist(rule: dict[str, Any]) -> None:
    named = names_in(rule["expr"])
    assert named, rule["expr"]
    assert named <= set(LABELS_OF) | FOREIGN_METRICS


@by_name
def test_a_rule_uses_only_labels_that_its_metrics_have(rule: dict[str, Any]) -> None:
    known = TARGET_LABELS.union(*(LABELS_OF.get(name, set()) for name in names_in(rule["expr"])))
    assert labels_in(rule["expr"]) <= known
    told = " ".join(rule["annotations"].values()) + " ".join(rule["labels"].values())
    for asked in re.findall(r'(\w+)\{((?:\w+=\\"%s\\",? ?)+)\}', told):
        assert set(re.findall(r"(\w+)=", asked[1])) <= LABELS_OF[asked[0]]
    assert set(re.findall(r"\$labels\.(\w+)", told)) <= known


def test_the_tests_feed_only_series_that_exist() -> None:
    for test in rule_tests():
        for series in test["input_series"]:
            name, _, labels = series["series"].partition("{")
            known = LABELS_OF.get(name, set()) | TARGET_LABELS
            assert name in LABELS_OF or name in FOREIGN_METRICS
            assert set(re.findall(r"(\w+)=", labels)) <= known


def test_every_alert_has_a_test_in_which_it_fires() -> None:
    fired = set()
    for test in rule_tests():
        fired |= {check["alertname"] for check in test.get("alert_rule_test", []) if check["exp_alerts"]}
        for check in test.get("promql_expr_test", []):
            if check["exp_samples"]:
                fired |= set(re.findall(r'alertname="(\w+)"', check["expr"] + str(check["exp_samples"])))
    assert fired == {rule["alert"] for rule in ALERTS}


@by_name
def test_an_alert_says_how_bad_it_is_what_happened_and_what_to_do(rule: dict[str, Any]) -> None:
    assert set(rule["annotations"]) == {"summary", "description", "runbook"}
    assert rule["labels"]["severity"] in {"page", "ticket", "{{ $labels.severity }}"}
    assert rule["annotations"]["summary"].endswith(".")
    assert rule["annotations"]["description"].endswith(".")


@by_name
def test_an_alert_s_runbook_has_its_anchor(rule: dict[str, Any]) -> None:
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    headings = re.findall(r"^#+ (.+)$", (ROOT / page).read_text("utf-8"), re.MULTILINE)
    assert anchor == rule["alert"].lower()
    assert rule["alert"] in headings


def test_the_runbook_has_no_page_for_an_alert_that_is_gone() -> None:
    runbook = (ROOT / "docs/operator.md").read_text("utf-8").partition("## Runbook")[2]
    assert set(re.findall(r"^### (.+)$", runbook, re.MULTILINE)) == {rule["alert"] for rule in ALERTS}


def test_the_operators_page_names_only_metrics_that_exist() -> None:
    text = (ROOT / "docs/operator.md").read_text("utf-8")
    named = set(re.findall(r"\bincident_pipeline_\w+[a-z]\b", text))
    assert named
    assert named <= set(LABELS_OF)
    table = text.partition("|---|---|\n| How many")[2].partition("How to read")[0]
    listed = {f"incident_pipeline_{name}" for name in re.findall(r"`([a-z_]+)\*?(?:\{[^`]*)?`", table)}
    families = {metric.name for metric in METRICS}
    assert families - listed == {
        "incident_pipeline_alert_records_total",
        "incident_pipeline_chain_ignored_records_total",
    }
    assert listed - families == {"incident_pipeline_process_"}


def test_prometheus_scrapes_where_a_worker_listens_by_default() -> None:
    scrape = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())["scrape_configs"]
    assert [job["job_name"] for job in scrape] == ["incident-pipeline"]
    default = Config()
    assert scrape[0]["static_configs"][0]["targets"] == [f"{default.metrics_host}:{default.metrics_port}"]


def test_the_alert_about_snapshots_leaves_room_for_several_to_come() -> None:
    rule = next(rule for rule in ALERTS if rule["alert"] == "SnapshotsMissing")
    assert float(rule["expr"].rpartition(">")[2]) >= 5 * SNAPSHOT_EVERY_RECORDS
