"""The checkout as a newcomer gets it: `make demo` on a machine with Python and make, and an old pip."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from clean_machine import ROOT, bare_environment, copy_of_the_checkout, environment_with_the_oldest_pip, run
from packaging.requirements import Requirement

LOCKS = ("core.txt", "run.txt", "dev.txt")


def locked(name: str) -> dict[str, Requirement]:
    """The requirements of a lock, by name."""
    text = (ROOT / "requirements" / name).read_text("utf-8")
    lines = [line.split(" \\")[0] for line in text.splitlines() if re.match(r"[a-zA-Z0-9]", line)]
    return {requirement.name: requirement for requirement in map(Requirement, lines)}


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the checkout, whose environment has an old pip, and what `make demo` printed there."""
    folder = tmp_path_factory.mktemp("machine")
    environment_with_the_oldest_pip(copy_of_the_checkout(folder / "checkout") / ".venv")
    (folder / "demo.txt").write_text(make("demo", folder), "utf-8")
    return folder


def make(target: str, machine: Path) -> str:
    """Run a target of the copied checkout, with no uv on the path and no cache."""
    return run(["make", target], machine / "checkout", bare_environment(machine / "cache"))


@pytest.mark.install
@pytest.mark.broker
def test_the_demo_runs_from_a_checkout_with_the_oldest_pip_no_uv_and_no_cache(machine: Path) -> None:
    said = (machine / "demo.txt").read_text("utf-8")
    assert "Violations per day, each counted once" in said
    assert "Traceback" not in said


@pytest.mark.install
def test_the_demo_needs_no_development_tools_and_make_venv_adds_them(machine: Path) -> None:
    commands = machine / "checkout" / ".venv" / "bin"
    assert (commands / "incident-pipeline").exists()
    assert not (commands / "pytest").exists()
    make("venv", machine)
    assert (commands / "pytest").exists()
    assert "No broken requirements found" in run([str(commands / "python"), "-m", "pip", "check"], machine)


def test_each_lock_holds_the_one_before_it_at_the_same_versions() -> None:
    core, with_broker, everything = map(locked, LOCKS)
    assert {name: str(one.specifier) for name, one in core.items()}.items() <= {
        name: str(one.specifier) for name, one in with_broker.items()
    }.items()
    assert {name: str(one.specifier) for name, one in with_broker.items()}.items() <= {
        name: str(one.specifier) for name, one in everything.items()
    }.items()


def test_every_locked_package_has_a_version_and_a_hash() -> None:
    for lock in LOCKS:
        text = (ROOT / "requirements" / lock).read_text("utf-8").replace("\\\n", "")
        for line in filter(None, text.splitlines()):
            assert "==" in line, line
            assert "--hash=sha256:" in line, line
            assert "://" not in line, line


def test_make_says_which_python_is_needed(tmp_path: Path) -> None:
    old = tmp_path / "python3.10"
    pretends = "import sys; sys.version_info = (3, 10); exec(sys.argv[1])"
    old.write_text(f"#!/bin/sh\nexec {sys.executable} -c '{pretends}' \"$2\"\n")
    old.chmod(0o755)
    done = subprocess.run(
        ["make", "demo", f"PYTHON={old}", f"VENV={tmp_path / 'venv'}"],
        cwd=ROOT,
        env=bare_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "Python 3.11 or newer is needed: make PYTHON=" in done.stderr
    assert not (tmp_path / "venv").exists()
