"""Tokens for SASL OAUTHBEARER, from a file or a command: asked for at each connection, and kept while they are good."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import shlex
import subprocess
import time
from pathlib import Path
from typing import Final

from aiokafka.abc import AbstractTokenProvider

__all__ = ["CommandTokens", "FileTokens", "TokenError", "Tokens"]

_COMMAND_SECONDS: Final = 30.0
_KEPT_SECONDS: Final = 60.0
"""How long a token is kept that does not say when it ends."""
_MARGIN_SECONDS: Final = 30.0
"""A token is not used so short before its end: it is to arrive alive."""


class TokenError(OSError):
    """No token can be had. The message says why, and holds nothing that a token may be in."""


class Tokens(AbstractTokenProvider):  # type: ignore[misc] # aiokafka carries no types
    """Where tokens come from."""


class FileTokens(Tokens):
    """The token that somebody else keeps fresh in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def token(self) -> str:
        """Read the file."""
        try:
            text = (await asyncio.to_thread(self._path.read_text, "ascii")).strip()
        except OSError as error:
            raise TokenError(f"The token file {self._path} cannot be read: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise TokenError(f"The token file {self._path} holds no token: there is more than ASCII in it.") from None
        if not text:
            raise TokenError(f"The token file {self._path} is empty.")
        return text


class CommandTokens(Tokens):
    """The token that a command prints; run again when the last one is about to end."""

    def __init__(self, command: str) -> None:
        self._arguments = shlex.split(command)
        self._name = self._arguments[0] if self._arguments else command
        self._token = ""
        self._good_until_seconds = 0.0

    async def token(self) -> str:
        """Give the token at hand, or run the command."""
        if time.time() >= self._good_until_seconds:
            # In a thread: clients of several event loops share this, and two that ask at once do no harm.
            self._token = await asyncio.to_thread(self._run)
            ends = _expires_at(self._token)
            self._good_until_seconds = time.time() + _KEPT_SECONDS if ends is None else ends - _MARGIN_SECONDS
        return self._token

    def _run(self) -> str:
        try:
            ended = subprocess.run(  # noqa: S603 - the operator's own command
                self._arguments,
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # it may say what it should not
                timeout=_COMMAND_SECONDS,
            )
        except OSError as error:
            raise TokenError(f"The token command {self._name} cannot be run: {error.strerror}.") from None
        except subprocess.TimeoutExpired:
            raise TokenError(f"The token command {self._name} did not end within {_COMMAND_SECONDS:.0f} s.") from None
        if ended.returncode != 0:
            raise TokenError(
                f"The token command {self._name} failed (exit code {ended.returncode}). Run it by hand to see why."
            )
        token = ended.stdout.decode("ascii", "replace").strip()
        if not token.isascii() or len(token.split()) != 1:
            raise TokenError(f"The token command {self._name} printed no token: one word was expected.")
        return token


def _expires_at(token: str) -> float | None:
    """When a JWT ends, in seconds since 1970; None where it does not say."""
    parts = token.split(".")
    if len(parts) < 2:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return float(claims["exp"])
    except (ValueError, TypeError, LookupError, binascii.Error):
        return None
