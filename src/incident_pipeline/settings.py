"""The settings: what each is for, what is permitted, and the variable that sets it. `config` reads them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from incident_pipeline.secret import Secret

__all__ = ["BOOTSTRAP_VARIABLE", "CONNECTION_SETTINGS", "PREFIX", "SETTINGS", "Setting"]

BOOTSTRAP_VARIABLE: Final = "KAFKA_BOOTSTRAP_SERVERS"
PREFIX: Final = "INCIDENT_PIPELINE_"
_SERVER = re.compile(r"(\[[0-9A-Fa-f:.]+(%[A-Za-z0-9._-]+)?\]|[A-Za-z0-9._-]+):([0-9]{1,5})")
_PREFIX_NAME = re.compile(r"[A-Za-z0-9._-]{0,100}")
_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")
_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}")
_ONE_LINE = re.compile(r"[^\r\n\0]{1,1000}")


class Setting(msgspec.Struct, frozen=True):
    """One value: what it is for, what is permitted (in words, and as a reader that raises ValueError)."""

    name: str
    purpose: str
    permitted: str
    read: Callable[[Any], Any]
    of_connection: bool = False
    """Whether it says how to reach Kafka: its variable is then named as Kafka's other tools name theirs."""
    only_in_environment: bool = False
    """A secret: files are copied, shown and committed."""
    may_hold_secret: bool = False
    """Whether a secret may stand in the value, by right or by mistake: no message repeats it."""

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return ("KAFKA_" if self.of_connection else PREFIX) + self.name.upper()


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


def _yes_or_no(value: Any) -> bool:  # noqa: ANN401 - whatever TOML holds
    if isinstance(value, bool):
        return value
    words = {"true": True, "false": False}
    if not isinstance(value, str) or value.lower() not in words:
        raise ValueError
    return words[value.lower()]


def _servers(value: Any) -> str:  # noqa: ANN401 - whatever TOML holds
    """Read a list as people write it: blanks around the commas do not matter."""
    if not isinstance(value, str):
        raise ValueError  # noqa: TRY004 - a reader knows but one error
    servers = [server.strip() for server in value.split(",")]
    for server in servers:
        found = _SERVER.fullmatch(server)
        if found is None or not 0 < int(found[3]) <= 65535:
            raise ValueError
    return ",".join(servers)


def _secret(value: Any) -> Secret:  # noqa: ANN401 - whatever the environment holds
    if not isinstance(value, str) or not value:
        raise ValueError
    return Secret(value)


def _command(value: Any) -> Secret:  # noqa: ANN401 - whatever TOML holds
    """Read a command line; its arguments are nobody's business, since a secret may be among them."""
    if not isinstance(value, str) or not shlex.split(value):
        raise ValueError
    return Secret(value)


def _directory(value: Any) -> Path:  # noqa: ANN401 - whatever TOML holds
    path = _path(value)
    if path.exists() and not path.is_dir():
        raise ValueError
    return path


def _present_directory(value: Any) -> Path:  # noqa: ANN401 - whatever TOML holds
    path = _directory(value)
    if not path.is_dir():
        raise ValueError
    return path


def _present_file(value: Any) -> Path:  # noqa: ANN401 - whatever TOML holds
    path = _path(value)
    if not path.is_file():
        raise ValueError
    return path


def _path(value: Any) -> Path:  # noqa: ANN401 - whatever TOML holds
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError
    return Path(value).expanduser()


_A_FILE: Final = "a file that exists"
CONNECTION_SETTINGS: Final = (
    Setting(
        "bootstrap_servers",
        "the Kafka cluster",
        "host:port, or several joined by commas; an IPv6 address in brackets ([::1]:9092)",
        _servers,
        of_connection=True,
    ),
    Setting(
        "security_protocol",
        "how the cluster is spoken to: in the clear, through TLS, with SASL, or both",
        "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL",
        _one_of("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"),
        of_connection=True,
    ),
    Setting(
        "sasl_mechanism",
        "how it is proven who we are, where the protocol has SASL",
        "SCRAM-SHA-512, SCRAM-SHA-256, PLAIN or OAUTHBEARER",
        _one_of("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN", "OAUTHBEARER"),
        of_connection=True,
    ),
    Setting("sasl_username", "the user", "one line of text", _text(_ONE_LINE), of_connection=True),
    Setting(
        "sasl_password",
        "the user's password; only from the environment",
        "text that is not empty",
        _secret,
        of_connection=True,
        only_in_environment=True,
        may_hold_secret=True,
    ),
    Setting(
        "sasl_password_file",
        "a file that holds the password alone",
        _A_FILE,
        _present_file,
        of_connection=True,
        may_hold_secret=True,
    ),
    Setting(
        "sasl_token_file",
        "OAUTHBEARER: a file that holds the token, read again for each connection",
        _A_FILE,
        _present_file,
        of_connection=True,
        may_hold_secret=True,
    ),
    Setting(
        "sasl_token_command",
        "OAUTHBEARER: a command that prints a token",
        "a command line, split as a shell would",
        _command,
        of_connection=True,
        may_hold_secret=True,
    ),
    Setting(
        "ssl_ca_file",
        "certificates (PEM) that the cluster's is trusted by (default: those of the system)",
        _A_FILE,
        _present_file,
        of_connection=True,
    ),
    Setting(
        "ssl_certificate_file",
        "our own certificate (PEM), where the cluster asks for one",
        _A_FILE,
        _present_file,
        of_connection=True,
    ),
    Setting(
        "ssl_key_file",
        "the key (PEM) of our certificate, where it is not in the same file",
        _A_FILE,
        _present_file,
        of_connection=True,
    ),
    Setting(
        "ssl_key_password",
        "the password of that key; only from the environment",
        "text that is not empty",
        _secret,
        of_connection=True,
        only_in_environment=True,
        may_hold_secret=True,
    ),
    Setting(
        "ssl_key_password_file",
        "a file that holds the key's password alone",
        _A_FILE,
        _present_file,
        of_connection=True,
        may_hold_secret=True,
    ),
    Setting(
        "ssl_check_hostname",
        "whether the cluster's certificate must name the host that is connected to",
        "true or false",
        _yes_or_no,
        of_connection=True,
    ),
)
SETTINGS: Final = (
    *CONNECTION_SETTINGS,
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
    Setting(
        "bring_older_rules",
        "whether this worker's catalogue replaces one of a higher `revision`: to go back on purpose, with all workers",
        "true or false",
        _yes_or_no,
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
        "start_wait_seconds",
        "how long a worker waits at its start for a Kafka that does not answer yet",
        "a whole number from 0 to 3600",
        _whole(0, 3600),
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
