"""What may be configured, and what is said of what may not."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from incident_pipeline.config import SETTINGS, Config, ConfigError, load_config


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration file lies about, but those that a test writes."""
    monkeypatch.chdir(tmp_path)


def problems_of(file: str = "", **environ: str) -> tuple[str, ...]:
    path = Path("given.toml")
    path.write_text(file, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path, environ)
    return caught.value.problems


def test_without_any_the_defaults_hold() -> None:
    assert load_config(environ={}) == Config()


def test_every_value_has_a_setting_with_its_purpose() -> None:
    assert {setting.name for setting in SETTINGS} == {field.name for field in msgspec.structs.fields(Config)}
    assert all(setting.purpose and setting.permitted for setting in SETTINGS)


def test_every_default_is_permitted() -> None:
    for setting in SETTINGS:
        default = getattr(Config(), setting.name)
        if default is not None:
            assert setting.read(str(default)) == default


def test_a_file_in_the_working_directory_is_read() -> None:
    Path("incident-pipeline.toml").write_text("metrics_port = 9100\n", "utf-8")
    assert load_config(environ={}).metrics_port == 9100


def test_a_file_may_be_named_by_the_environment() -> None:
    Path("mine.toml").write_text('topic_prefix = "nw-"\n', "utf-8")
    assert load_config(environ={"INCIDENT_PIPELINE_CONFIG": "mine.toml"}).topic_prefix == "nw-"


def test_the_environment_wins_over_the_file_and_an_option_over_both() -> None:
    Path("incident-pipeline.toml").write_text("metrics_port = 1\ntick_seconds = 7\n", "utf-8")
    environ = {"INCIDENT_PIPELINE_METRICS_PORT": "2", "KAFKA_BOOTSTRAP_SERVERS": "a:1,b:2"}
    config = load_config(environ=environ, overrides={"metrics_port": "3"})
    assert (config.metrics_port, config.tick_seconds, config.bootstrap_servers) == (3, 7, "a:1,b:2")


def test_an_empty_variable_is_as_good_as_none() -> None:
    assert load_config(environ={"KAFKA_BOOTSTRAP_SERVERS": " "}) == Config()


def test_a_variable_of_the_broker_is_not_a_mistake() -> None:
    assert load_config(environ={"INCIDENT_PIPELINE_CACHE": "somewhere"}) == Config()


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("bootstrap_servers", "localhost"),
        ("bootstrap_servers", "localhost:99999"),
        ("bootstrap_servers", "kafka://localhost:9092"),
        ("topic_prefix", "a b"),
        ("app_id", "ü"),
        ("catalogue", "nowhere"),
        ("state_directory", "given.toml"),
        ("metrics_host", "a host"),
        ("metrics_port", "65536"),
        ("metrics_port", "many"),
        ("log_format", "xml"),
        ("log_level", "INFO"),
        ("tick_seconds", "0"),
        ("snapshot_every_records", "999"),
        ("replication_factor", "0"),
    ],
)
def test_a_bad_value_is_told_with_its_name_and_what_is_permitted(name: str, bad: str) -> None:
    setting = next(setting for setting in SETTINGS if setting.name == name)
    (problem,) = problems_of(**{setting.variable: bad})
    assert problem == f"{name}: {bad!r} (from {setting.variable}) is not permitted. It must be {setting.permitted}."


@pytest.mark.parametrize("line", ["metrics_port = true", "metrics_port = 1.5", "app_id = 7", "catalogue = []"])
def test_a_value_of_another_kind_is_not_taken(line: str) -> None:
    (problem,) = problems_of(line)
    assert "(in given.toml) is not permitted" in problem


def test_all_problems_are_told_at_once() -> None:
    problems = problems_of('metrics_port = -1\nlog_level = "loud"\n', INCIDENT_PIPELINE_TICK_SECONDS="soon")
    assert [problem.split(":")[0] for problem in problems] == ["metrics_port", "log_level", "tick_seconds"]


def test_a_mistyped_name_is_told_with_the_right_one() -> None:
    assert problems_of("metric_port = 1") == ("metric_port in given.toml is not a setting. Did you mean metrics_port?",)
    (problem,) = problems_of(INCIDENT_PIPELINE_TOPICS_PREFIX="x")
    assert problem.endswith("Did you mean INCIDENT_PIPELINE_TOPIC_PREFIX?")


def test_a_file_that_is_not_toml_is_told_with_the_line() -> None:
    (problem,) = problems_of("a = \n")
    assert problem.startswith("given.toml is not TOML")
    assert "line 1" in problem


def test_a_named_file_that_is_missing_is_a_problem() -> None:
    with pytest.raises(ConfigError, match=r"absent.toml cannot be read"):
        load_config(Path("absent.toml"), {})


def test_a_long_value_is_cut_in_the_message() -> None:
    (problem,) = problems_of(INCIDENT_PIPELINE_APP_ID="x" * 5000)
    assert len(problem) < 300
