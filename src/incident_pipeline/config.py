"""Configuration: one TOML file and environment variables, every value validated before anything starts.

Which wins: the environment, then the file, then the default. All problems are told at once, each with the
name, the bad value, and what is permitted.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from incident_pipeline.limits import SNAPSHOT_EVERY_RECORDS, TICK_SECONDS
from incident_pipeline.secret import Secret
from incident_pipeline.settings import BOOTSTRAP_VARIABLE, CONNECTION_SETTINGS, PREFIX, SETTINGS, Setting

__all__ = [
    "BOOTSTRAP_VARIABLE",
    "CONFIG_VARIABLE",
    "DEFAULT_FILE",
    "SETTINGS",
    "Config",
    "ConfigError",
    "environment_of",
    "load_config",
    "unread_variables",
]

DEFAULT_FILE: Final = Path("incident-pipeline.toml")
CONFIG_VARIABLE: Final = "INCIDENT_PIPELINE_CONFIG"
_KAFKA_PREFIX: Final = "KAFKA_"
_OTHER_VARIABLES: Final = frozenset({CONFIG_VARIABLE, "INCIDENT_PIPELINE_CACHE"})


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that may be configured. `SETTINGS` says what each value is for and what it may be."""

    app_id: str = "incident-pipeline"
    bootstrap_servers: str = "127.0.0.1:9092"
    bring_older_rules: bool = False
    catalogue: Path | None = None
    log_format: str = "auto"
    log_level: str = "info"
    metrics_host: str = "127.0.0.1"
    metrics_port: int = 8000
    replication_factor: int | None = None
    sasl_mechanism: str = "SCRAM-SHA-512"
    sasl_password: Secret | None = None
    sasl_password_file: Path | None = None
    sasl_token_command: Secret | None = None
    sasl_token_file: Path | None = None
    sasl_username: str | None = None
    security_protocol: str = "PLAINTEXT"
    session_timeout_seconds: int = 10
    snapshot_every_records: int = SNAPSHOT_EVERY_RECORDS
    ssl_ca_file: Path | None = None
    ssl_certificate_file: Path | None = None
    ssl_check_hostname: bool = True
    ssl_key_file: Path | None = None
    ssl_key_password: Secret | None = None
    ssl_key_password_file: Path | None = None
    start_wait_seconds: int = 30
    state_directory: Path = Path(".run/state")
    tick_seconds: int = TICK_SECONDS
    topic_prefix: str = ""


class ConfigError(Exception):
    """The configuration cannot be used: all of its problems, one in a line."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        many = "problem" if len(problems) == 1 else "problems"
        super().__init__(f"{len(problems)} {many} in the configuration:\n" + "\n".join(f"  {p}" for p in problems))


_DEFAULTS: Final = Config()
_BY_NAME: Final = {setting.name: setting for setting in SETTINGS}
_BY_VARIABLE: Final = {setting.variable: setting for setting in SETTINGS}


def load_config(
    file: Path | None = None,
    environ: Mapping[str, str] | None = None,
    *,
    overrides: Mapping[str, str] | None = None,
) -> Config:
    """Read the configuration; raises `ConfigError` with every problem at once.

    `file`: else that of `INCIDENT_PIPELINE_CONFIG`, else `incident-pipeline.toml` where it is present.
    `overrides` are options of the command line, by name of the setting.
    """
    environ = os.environ if environ is None else environ
    problems: list[str] = []
    given = _from_file(file, environ, problems)
    given.update(_from_environment(environ, problems))
    given.update({name: (value, f"--{name.replace('_', '-')}") for name, value in (overrides or {}).items()})
    values: dict[str, Any] = {}
    for name, (value, origin) in given.items():
        setting = _BY_NAME[name]
        try:
            values[name] = setting.read(value)
        except ValueError:
            shown = _shown(setting, value)
            problems.append(f"{name}: {shown} ({origin}) is not permitted. It must be {setting.permitted}.")
    config = Config(**values)
    if not any(setting.name in given and setting.name not in values for setting in CONNECTION_SETTINGS):
        from incident_pipeline.log.connection import connection_problems

        problems += connection_problems(config, given)
    if problems:
        raise ConfigError(tuple(problems))
    return config


def unread_variables(environ: Mapping[str, str] | None = None) -> list[str]:
    """Name the variables `KAFKA_...` that are set and that nothing here reads, each with the one that may be meant."""
    environ = os.environ if environ is None else environ
    names = sorted(name for name in environ if name.startswith(_KAFKA_PREFIX) and name not in _BY_VARIABLE)
    said = []
    for name in names:
        close = difflib.get_close_matches(name, (setting.variable for setting in CONNECTION_SETTINGS), n=1)
        said.append(f"{name} is set, and nothing here reads it." + (f" Did you mean {close[0]}?" if close else ""))
    return said


def environment_of(config: Config, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give the environment for a process of ours that is to run under this very configuration.

    It holds every value that is not the default, secrets too, and no file or variable that might say otherwise.
    """
    environ = os.environ if environ is None else environ
    handed_on = {
        name: value for name, value in environ.items() if not name.startswith(PREFIX) and name not in _BY_VARIABLE
    }
    for setting in SETTINGS:
        value = getattr(config, setting.name)
        if value != getattr(_DEFAULTS, setting.name):
            handed_on[setting.variable] = value.reveal() if isinstance(value, Secret) else str(value)
    handed_on[CONFIG_VARIABLE] = os.devnull
    return handed_on


def _shown(setting: Setting, value: object) -> str:
    if setting.may_hold_secret and not (isinstance(value, str) and value.startswith(("/", "./", "../", "~"))):
        return "the value"  # where a path is asked for, somebody may have given the password itself
    text = repr(value)
    return text if len(text) <= 100 else text[:97] + "..."


def _from_file(file: Path | None, environ: Mapping[str, str], problems: list[str]) -> dict[str, tuple[Any, str]]:
    path, must_exist = _file(file, environ)
    if not must_exist and not path.exists():
        return {}
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{path} cannot be read: {error}")
        return {}
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{path} is not TOML: {error}")
        return {}
    problems.extend(_unknown(name, f"in {path}", _BY_NAME) for name in table if name not in _BY_NAME)
    problems.extend(_misplaced(_BY_NAME[name], path) for name in table if name in _BY_NAME and _is_secret(name))
    return {name: (value, f"in {path}") for name, value in table.items() if name in _BY_NAME and not _is_secret(name)}


def _is_secret(name: str) -> bool:
    return _BY_NAME[name].only_in_environment


def _misplaced(setting: Setting, path: Path) -> str:
    return (
        f"{setting.name} stands in {path}, where secrets are copied and shown. Put it into a file that only you can "
        f"read and name that one as {setting.name}_file, or set {setting.variable}."
    )


def _file(file: Path | None, environ: Mapping[str, str]) -> tuple[Path, bool]:
    if file is not None:
        return file, True
    if named := environ.get(CONFIG_VARIABLE):
        return Path(named), True
    return DEFAULT_FILE, False


def _from_environment(environ: Mapping[str, str], problems: list[str]) -> dict[str, tuple[Any, str]]:
    """Give the values of the environment; an empty variable counts as not set, as shells cannot unset inline."""
    ours = {name for name in environ if name.startswith(PREFIX)} - _OTHER_VARIABLES
    problems.extend(_unknown(name, "in the environment", _BY_VARIABLE) for name in sorted(ours - set(_BY_VARIABLE)))
    return {
        setting.name: (environ[variable] if setting.only_in_environment else value, f"from {variable}")
        for variable, setting in _BY_VARIABLE.items()
        if (value := environ.get(variable, "").strip())
    }


def _unknown(name: str, where: str, known: Mapping[str, Setting]) -> str:
    other = _BY_NAME.get(name.removeprefix(PREFIX).lower())
    close = [other.variable] if other and name != other.name else difflib.get_close_matches(name, known, n=1)
    hint = f"Did you mean {close[0]}?" if close else f"There are: {', '.join(sorted(known))}."
    return f"{name} {where} is not a setting. {hint}"
