"""The wheel as a stranger gets it: built from the sdist, installed far from the checkout, and used."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest
from clean_machine import ROOT, bare_environment, environment_with_the_oldest_pip, run

import incident_pipeline

pytestmark = pytest.mark.install

DATA_SUFFIXES = {".toml", ".json", ".jsonl"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the sdist, and the wheel that was built from it."""
    directory = tmp_path_factory.mktemp("dist")
    run([sys.executable, "-m", "build", "--no-isolation", "--outdir", str(directory), str(ROOT)], directory)
    return directory


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (wheel,) = built.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of a clean environment that holds the wheel and what it locks, and nothing else."""
    home = tmp_path_factory.mktemp("clean")
    venv.create(home / "venv", with_pip=True)
    bin_directory = home / "venv" / "bin"
    pip = [str(bin_directory / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--no-deps", "--require-hashes", "-r", str(ROOT / "requirements" / "run.txt")], home)
    run([*pip, "--no-deps", str(wheel)], home)
    return bin_directory


def files_of_packages() -> set[str]:
    """Every module and data file that git knows of in the three packages, as the wheel names them."""
    listed = subprocess.run(
        ["git", "ls-files", "src/incident_pipeline", "streams", "schemas"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    names = {line.removeprefix("src/") for line in listed.stdout.splitlines()}
    return {name for name in names if Path(name).suffix in DATA_SUFFIXES | {".py", ".typed"}}


def test_the_wheel_holds_every_module_and_data_file(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    assert files_of_packages() <= held
    tops = {name.partition("/")[0] for name in held if ".dist-info/" not in name}
    assert tops == {"incident_pipeline", "streams", "schemas"}


def test_the_sdist_holds_the_locks_and_the_licence(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "README.md", "requirements/core.txt", "requirements/run.txt"} <= held


def test_the_installed_packages_are_those_of_the_wheel(installed: Path, tmp_path: Path) -> None:
    said = run(
        [
            str(installed / "python"),
            "-c",
            "import incident_pipeline as i, streams, schemas; print(i.__file__, streams.__file__, schemas.__file__)",
        ],
        tmp_path,
    )
    assert said.count("site-packages") == 3
    assert str(ROOT) not in said


def test_the_command_knows_its_version(installed: Path, tmp_path: Path) -> None:
    assert incident_pipeline.__version__ in run([str(installed / "incident-pipeline"), "--version"], tmp_path)


@pytest.mark.broker
def test_the_demo_runs_from_the_wheel_installed_by_an_old_pip_without_a_lock(wheel: Path, tmp_path: Path) -> None:
    environment_with_the_oldest_pip(tmp_path / "venv")
    bin_directory = tmp_path / "venv" / "bin"
    run([str(bin_directory / "python"), "-m", "pip", "install", "--quiet", f"{wheel}[broker]"], tmp_path)
    said = run([str(bin_directory / "incident-pipeline"), "demo"], tmp_path, bare_environment())
    assert "Violations per day, each counted once" in said
    assert "Traceback" not in said


@pytest.mark.broker
def test_the_demo_runs_away_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    said = run([str(installed / "incident-pipeline"), "demo"], tmp_path)
    assert "deduplicated" in said
    assert "Traceback" not in said
