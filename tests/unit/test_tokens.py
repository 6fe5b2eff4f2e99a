"""Tokens from a file or a command: fresh ones, and no word of them in an error."""

from __future__ import annotations

import base64
import json
import shlex
import sys
import time
from pathlib import Path

import pytest

from incident_pipeline.log.tokens import CommandTokens, FileTokens, TokenError


def jwt(**claims: float) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({}, claims)]
    return ".".join([*parts, "signature"])


def command(script: str) -> CommandTokens:
    return CommandTokens(shlex.join([sys.executable, "-c", script]))


def printing_a_number_and_counting(count: Path, ends_at: float) -> CommandTokens:
    """A command that leaves a mark each time that it is run."""
    return command(f"open({str(count)!r}, 'a').write('x'); print({jwt(exp=ends_at)!r})")


async def test_a_file_is_read_again_for_each_connection(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("first\n", "ascii")
    tokens = FileTokens(file)
    assert await tokens.token() == "first"
    file.write_text("second\n", "ascii")
    assert await tokens.token() == "second"


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "is empty"), (b"\xff", "more than ASCII"), (None, "cannot be read")]
)
async def test_a_file_without_a_token_is_told(tmp_path: Path, content: bytes | None, said: str) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(TokenError, match=said):
        await FileTokens(file).token()


async def test_a_command_is_run_again_only_when_its_token_is_about_to_end(tmp_path: Path) -> None:
    count = tmp_path / "count"
    tokens = printing_a_number_and_counting(count, time.time() + 3600)
    assert await tokens.token() == await tokens.token()
    assert count.read_text() == "x"
    ended = printing_a_number_and_counting(count, time.time() + 5)
    await ended.token()
    await ended.token()
    assert count.read_text() == "xxx"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("raise SystemExit('secret')", "failed .exit code 1."),
        ("print('two words')", "printed no token"),
        ("", "printed no token"),
    ],
)
async def test_a_command_that_gives_no_token_is_told_without_its_words(script: str, said: str) -> None:
    with pytest.raises(TokenError, match=said) as failed:
        await command(script).token()
    assert "secret" not in str(failed.value)
    assert "words" not in str(failed.value)


async def test_a_command_that_is_not_there_is_told() -> None:
    with pytest.raises(TokenError, match="no-such-command cannot be run: No such file"):
        await CommandTokens("no-such-command --now").token()
