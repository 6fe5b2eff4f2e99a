"""What the tests of installing share: commands run as on a machine that has Python, make and the registries alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
OLDEST_PIP = {(3, 11): "22.3", (3, 12): "23.2.1", (3, 13): "24.2", (3, 14): "25.2"}
"""The pip that the first release of each Python brought."""
_OURS = ("INCIDENT_PIPELINE_", "KAFKA_", "UV_")
_OF_THIS_SHELL = {"PYTHONPATH", "VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "VENV", "PYTHON"}


def bare_environment(jar_cache: Path | None = None) -> dict[str, str]:
    """The variables of a shell that has no uv on its path, no package cache and nothing of ours."""
    kept = {
        name: value for name, value in os.environ.items() if name not in _OF_THIS_SHELL and not name.startswith(_OURS)
    }
    path = [folder for folder in os.environ["PATH"].split(os.pathsep) if not (Path(folder) / "uv").exists()]
    bare = {**kept, "PATH": os.pathsep.join(path), "PIP_NO_CACHE_DIR": "1", "COLUMNS": "100"}
    return bare if jar_cache is None else {**bare, "INCIDENT_PIPELINE_CACHE": str(jar_cache)}


def run(command: list[str], directory: Path, environment: dict[str, str] | None = None) -> str:
    """Run a command that must end well; give what it printed."""
    done = subprocess.run(
        command,
        cwd=directory,
        env=bare_environment() if environment is None else environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout


def environment_with_the_oldest_pip(directory: Path) -> None:
    """Make a virtual environment whose pip is the oldest that this Python ever brought."""
    venv.create(directory, with_pip=True)
    pip = OLDEST_PIP.get(sys.version_info[:2])
    if pip is not None:
        run([str(directory / "bin" / "python"), "-m", "pip", "install", "--quiet", f"pip=={pip}"], directory)


def copy_of_the_checkout(target: Path) -> Path:
    """Copy what git knows of the checkout, and what it would add."""
    listed = run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], ROOT)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    return target
