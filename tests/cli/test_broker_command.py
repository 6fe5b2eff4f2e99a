"""`incident-pipeline broker --secure`, as somebody tries it who does what it prints."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from incident_pipeline.broker.security import USERS

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Command

pytestmark = pytest.mark.broker


def test_what_a_secured_broker_prints_works(command: Command, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("KAFKA_", "INCIDENT_"))}
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "incident_pipeline", "broker", "--secure", "--directory", "data"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            printed: list[str] = []
            while "Ctrl-C" not in "".join(printed[-1:]):
                printed.append(process.stdout.readline())
                assert printed[-1], f"it ended: {printed}"
            commands = [shlex.split(line)[1:] for line in printed if line.strip().startswith("incident-pipeline ")]
            (apply,) = [one for one in commands if one[-2:] == ["topics", "apply"]]
            (counts,) = [one for one in commands if one[-1:] == ["counts"]]
            assert command(*apply).code == 0
            assert "may not" not in command(*counts).err
        finally:
            process.send_signal(signal.SIGINT)
            code = process.wait(60)
    assert code == 0
    written = {path.name for path in (tmp_path / "data" / "secure").iterdir()}
    assert {f"{user}.toml" for user in USERS} <= written
    assert not any(
        (tmp_path / "data" / "secure" / f"{user}.password").read_text() in "".join(printed) for user in USERS
    )
