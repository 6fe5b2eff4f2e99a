"""Configuration: one TOML file and environment variables, every value validated before anything starts.

Which wins: the environment, then the file, then the default. All problems are told at once, each with the
name, the bad value, and what is permitted.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from incident_pipeline.limits import SNAPSHOT_EVERY_RECORDS, TICK_SECONDS

__all__ = [
    "BOOTSTRAP_VARIABLE",
    "CONFIG_VARIABLE",
    "DEFAULT_FILE",
    "SETTINGS",
    "Config",
    "ConfigError",
    "load_config",
]

DEFAULT_FILE: Final = Path("incident-pipeline.toml")
CONFIG_VARIABLE: Final = "INCIDENT_PIPELINE_CONFIG"
BOOTSTRAP_VARIABLE: Final = "KAFKA_BOOTSTRAP_SERVERS"
_PREFIX: Final = "INCIDENT_PIPELINE_"
_OTHER_VARIABLES: Final = frozenset({CONFIG_VARIABLE, "INCIDENT_PIPELINE_CACHE"})
_SERVERS = re.compile(r"[A-Za-z0-9._-]+:[0-9]{1,5}(,[A-Za-z0-9._-]+:[0-9]{1,5})*")
_PREFIX_NAME = re.compile(r"[A-Za-z0-9._-]{0,100}")
_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")
_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}")


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that may be configured. `SETTINGS` says what each value is for and what it may be."""

    app_id: str = "incident-pipeline"
    bootstrap_servers: str = "127.0.0.1:9092"
    catalogue: Path | None = None
    log_format: str = "auto"
    log_level: str = "info"
    metrics_host: str = "127.0.0.1"
    metrics_port: int = 8000
    replication_factor: int | None = None
    session_timeout_seconds: int = 10
    snapshot_every_records: int = SNAPSHOT_EVERY_RECORDS
    state_directory: Path = Path(".run/state")
    tick_seconds: int = TICK_SECONDS
    topic_prefix: str = ""


class ConfigError(Exception):
    """The configuration cannot be used: all of its problems, one in a line."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        many = "problem" if len(problems) == 1 else "problems"
        super().__init__(f"{len(problems)} {many} in the configuration:\n" + "\n".join(f"  {p}" for p in problems))


class Setting(msgspec.Struct, frozen=True):
    """One value: what it is for, what is permitted (in words, and as a reader that raises ValueError)."""

    name: str
    purpose: str
    permitted: str
    read: Callable[[Any], Any]

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return BOOTSTRAP_VARIABLE if self.name == "bootstrap_servers" else _PREFIX + self.name.upper()


def _text(pattern: re.Pattern[str]) -> Callable[[Any], str]:
    def read(value: Any) -> str:  # noqa: ANN401 - whatever TOML holds
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise ValueError
        return value

    return read


def _one_of(*words: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:  # noqa: ANN401 - whatever TOML holds
        if value not in words:
            raise ValueError
        return str(value)

    return read


def _whole(least: int, most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:  # noqa: ANN401 - whatever TOML holds
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise ValueError  # noqa: TRY004 - a reader knows but one error
        number = int(value)
        if not least <= number <= most:
            raise ValueError
        return number

    return read


def _servers(value: Any) -> str:  # noqa: ANN401 - whatever TOML holds
    if not isinstance(value, str) or not _SERVERS.fullmatch(value):
        raise ValueError
    if any(not 0 < int(server.rpartition(":")[2]) <= 65535 for server in value.split(",")):
        raise ValueError
    return value


def _directory(value: Any) -> Path:  # noqa: ANN401 - whatever TOML holds
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError
    path = Path(value).expanduser()
    if path.exists() and not path.is_dir():
        raise ValueError
    return path


def _present_directory(value: Any) -> Path:  # noqa: ANN401 - whatever TOML holds
    path = _directory(value)
    if not path.is_dir():
        raise ValueError
    return path


SETTINGS: Final = (
    Setting("bootstrap_servers", "the Kafka cluster", "host:port, or several joined by commas", _servers),
    Setting(
        "topic_prefix",
        "goes before the name of each topic, so that missions can share a cluster",
        "up to 100 letters, digits, dots, hyphens and underscores",
        _text(_PREFIX_NAME),
    ),
    Setting(
        "app_id",
        "name of the workers' consumer group; workers that share it share the work",
        "1 to 100 letters, digits, dots, hyphens and underscores",
        _text(_ID),
    ),
    Setting(
        "catalogue",
        "directory of the catalogue: parties, groups, places, the agreement, thresholds "
        "(default: north-west Syria 2020, which ships with the package)",
        "a directory that exists",
        _present_directory,
    ),
    Setting("state_directory", "where workers keep their snapshots, which are caches", "a directory", _directory),
    Setting(
        "metrics_host",
        "address that metrics and health are served on",
        "a host name or address",
        _text(_HOST),
    ),
    Setting(
        "metrics_port",
        "port that metrics and health are served on; 0: any free port",
        "a whole number from 0 to 65535",
        _whole(0, 65535),
    ),
    Setting(
        "log_format",
        "auto: readable in a terminal, JSON lines elsewhere",
        "auto, json or console",
        _one_of("auto", "json", "console"),
    ),
    Setting(
        "log_level",
        "the least that is logged",
        "debug, info, warning, error or critical",
        _one_of("debug", "info", "warning", "error", "critical"),
    ),
    Setting(
        "session_timeout_seconds",
        "how long a worker may be silent before others take its partitions over; a broker takes no less than its "
        "group.min.session.timeout.ms, which is 6 seconds unless set",
        "a whole number from 1 to 300",
        _whole(1, 300),
    ),
    Setting(
        "tick_seconds",
        "how often time that passes without reports is recorded",
        "a whole number from 1 to 3600",
        _whole(1, 3600),
    ),
    Setting(
        "snapshot_every_records",
        "records of a partition between two snapshots",
        "a whole number from 1000 to 100000000",
        _whole(1_000, 100_000_000),
    ),
    Setting(
        "replication_factor",
        "replicas of the topics that `topics apply` makes (default: the broker's own)",
        "a whole number from 1 to 32",
        _whole(1, 32),
    ),
)
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
            problems.append(f"{name}: {_shown(value)} ({origin}) is not permitted. It must be {setting.permitted}.")
    if problems:
        raise ConfigError(tuple(problems))
    return Config(**values)


def _shown(value: object) -> str:
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
    return {name: (value, f"in {path}") for name, value in table.items() if name in _BY_NAME}


def _file(file: Path | None, environ: Mapping[str, str]) -> tuple[Path, bool]:
    if file is not None:
        return file, True
    if named := environ.get(CONFIG_VARIABLE):
        return Path(named), True
    return DEFAULT_FILE, False


def _from_environment(environ: Mapping[str, str], problems: list[str]) -> dict[str, tuple[Any, str]]:
    """Give the values of the environment; an empty variable counts as not set, as shells cannot unset inline."""
    ours = {name for name in environ if name.startswith(_PREFIX)} - _OTHER_VARIABLES
    problems.extend(_unknown(name, "in the environment", _BY_VARIABLE) for name in sorted(ours - set(_BY_VARIABLE)))
    return {
        setting.name: (value, f"from {variable}")
        for variable, setting in _BY_VARIABLE.items()
        if (value := environ.get(variable, "").strip())
    }


def _unknown(name: str, where: str, known: Mapping[str, Setting]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"Did you mean {close[0]}?" if close else f"There are: {', '.join(sorted(known))}."
    return f"{name} {where} is not a setting. {hint}"
