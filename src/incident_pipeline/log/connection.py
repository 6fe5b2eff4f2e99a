"""How Kafka is reached: one value, made from the configuration, that every client takes its settings from."""

from __future__ import annotations

import ssl
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from incident_pipeline.log.own_certificate import why_not_valid
from incident_pipeline.log.tokens import CommandTokens, FileTokens, Tokens
from incident_pipeline.secret import Secret

if TYPE_CHECKING:
    from incident_pipeline.config import Config

__all__ = ["Connection", "connect", "connection_problems"]

_TLS_SETTINGS = (
    "ssl_ca_file",
    "ssl_certificate_file",
    "ssl_check_hostname",
    "ssl_key_file",
    "ssl_key_password",
    "ssl_key_password_file",
)
_PASSWORD_SETTINGS = ("sasl_username", "sasl_password", "sasl_password_file")
_TOKEN_SETTINGS = ("sasl_token_file", "sasl_token_command")


@dataclass(frozen=True, slots=True)
class Connection:
    """A cluster's address, and by what means one speaks to it. `str` is the address."""

    bootstrap_servers: str
    """`host:port`, several joined by commas."""
    tls: ssl.SSLContext | None = None
    mechanism: str | None = None
    """Of SASL; None: without it."""
    username: str | None = None
    password: Secret | None = None
    tokens: Tokens | None = None

    @classmethod
    def to(cls, cluster: Connection | str) -> Connection:
        """Give a connection; an address alone is spoken to in the clear."""
        return cluster if isinstance(cluster, Connection) else cls(cluster)

    @property
    def protocol(self) -> str:
        """Kafka's word for the means."""
        if self.mechanism is not None:
            return "SASL_PLAINTEXT" if self.tls is None else "SASL_SSL"
        return "PLAINTEXT" if self.tls is None else "SSL"

    @property
    def who(self) -> str:
        """Who we are to the cluster, as far as we know it."""
        if self.username is not None:
            return f"User:{self.username}"
        return "the user of the token" if self.mechanism else "the user of the certificate" if self.tls else "we"

    def client_settings(self) -> dict[str, Any]:
        """Give the settings that an aiokafka client takes, the secret among them in the clear."""
        return {
            "bootstrap_servers": self.bootstrap_servers.split(","),
            "security_protocol": self.protocol,
            "ssl_context": self.tls,
            "sasl_mechanism": self.mechanism or "PLAIN",
            "sasl_plain_username": self.username,
            "sasl_plain_password": None if self.password is None else self.password.reveal(),
            "sasl_oauth_token_provider": self.tokens,
        }

    def __str__(self) -> str:
        """Name the cluster."""
        return self.bootstrap_servers


def connect(config: Config) -> Connection:
    """Give the connection that the configuration describes. Raises `ConfigError`, where it was not checked before."""
    from incident_pipeline.config import ConfigError

    problems: list[str] = []
    has_sasl = config.security_protocol.startswith("SASL")
    connection = Connection(
        config.bootstrap_servers,
        tls=_tls(config, problems) if config.security_protocol.endswith("SSL") else None,
        mechanism=config.sasl_mechanism if has_sasl else None,
        username=config.sasl_username if has_sasl else None,
        password=_secret(config.sasl_password, config.sasl_password_file, problems) if has_sasl else None,
        tokens=_tokens(config) if has_sasl else None,
    )
    if problems:
        raise ConfigError(tuple(problems))
    return connection


def connection_problems(config: Config, given: Container[str]) -> list[str]:
    """Give what does not fit together, or cannot be read. `given` are the names of the settings that somebody set."""
    from incident_pipeline.config import ConfigError

    problems = [*_unused(config, given), *_missing(config)]
    try:
        connect(config)
    except ConfigError as error:
        problems += error.problems
    return problems


def _unused(config: Config, given: Container[str]) -> list[str]:
    """What was set and would change nothing: whoever set it believes otherwise."""
    protocol, problems = config.security_protocol, []
    if not protocol.endswith("SSL"):
        problems += [
            f"{name} is set, and security_protocol is {protocol}, which has no TLS. Set it to SSL or SASL_SSL."
            for name in _TLS_SETTINGS
            if name in given
        ]
    if not protocol.startswith("SASL"):
        problems += [
            f"{name} is set, and security_protocol is {protocol}, which has no SASL. Set it to SASL_SSL, "
            "or to SASL_PLAINTEXT where nobody else can listen."
            for name in ("sasl_mechanism", *_PASSWORD_SETTINGS, *_TOKEN_SETTINGS)
            if name in given
        ]
        return problems
    other = _PASSWORD_SETTINGS if config.sasl_mechanism == "OAUTHBEARER" else _TOKEN_SETTINGS
    return problems + [
        f"{name} is set, and sasl_mechanism is {config.sasl_mechanism}, which does not use it. Remove one of the two."
        for name in other
        if name in given
    ]


def _missing(config: Config) -> list[str]:
    problems = []
    if config.security_protocol.startswith("SASL") and config.sasl_mechanism == "OAUTHBEARER":
        if (config.sasl_token_file is None) == (config.sasl_token_command is None):
            problems.append("sasl_mechanism is OAUTHBEARER: set one of sasl_token_file and sasl_token_command.")
    elif config.security_protocol.startswith("SASL"):
        if config.sasl_username is None:
            problems.append(f"sasl_username is not set, and {config.sasl_mechanism} needs one.")
        if (config.sasl_password is None) == (config.sasl_password_file is None):
            problems.append(
                f"sasl_mechanism is {config.sasl_mechanism}: set one of sasl_password_file and the variable "
                "KAFKA_SASL_PASSWORD."
            )
    if config.ssl_certificate_file is None and config.ssl_key_file is not None:
        problems.append("ssl_key_file is set without ssl_certificate_file: a key belongs to a certificate.")
    if config.ssl_key_password is not None and config.ssl_key_password_file is not None:
        problems.append("Both ssl_key_password_file and the variable KAFKA_SSL_KEY_PASSWORD are set: remove one.")
    return problems


def _secret(value: Secret | None, file: Path | None, problems: list[str]) -> Secret | None:
    """Take a secret, or read it from its file; the line's end there is not a part of it."""
    if file is None or value is not None:
        return value
    try:
        text = file.read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        problems.append(f"{file} cannot be read: {reason}.")
        return None
    if not text:
        problems.append(f"{file} is empty: it must hold the password alone.")
        return None
    return Secret(text)


def _tokens(config: Config) -> Tokens | None:
    if config.sasl_mechanism != "OAUTHBEARER":
        return None
    if config.sasl_token_file is not None:
        return FileTokens(config.sasl_token_file)
    return None if config.sasl_token_command is None else CommandTokens(config.sasl_token_command.reveal())


def _tls(config: Config, problems: list[str]) -> ssl.SSLContext:
    """Make the context: what is trusted, what we show, and whether the name is checked."""
    try:
        context = ssl.create_default_context(cafile=config.ssl_ca_file)
    except OSError as error:
        problems.append(f"ssl_ca_file: {config.ssl_ca_file} holds no certificates (PEM) that can be read: {error}.")
        context = ssl.create_default_context()
    context.check_hostname = config.ssl_check_hostname
    if config.ssl_certificate_file is not None:
        _show_certificate(context, config, config.ssl_certificate_file, problems)
    return context


def _show_certificate(context: ssl.SSLContext, config: Config, certificate: Path, problems: list[str]) -> None:
    key = config.ssl_key_file or certificate
    password = _secret(config.ssl_key_password, config.ssl_key_password_file, problems)
    asked = False

    def ask() -> str:  # else OpenSSL would ask at the terminal
        nonlocal asked
        asked = True
        return "" if password is None else password.reveal()

    try:
        context.load_cert_chain(certificate, key, ask)
    except (OSError, ValueError) as error:
        if asked:
            what = (
                "needs a password: set ssl_key_password_file" if password is None else "does not open by its password"
            )
            problems.append(f"ssl_key_file: {key} {what}.")
        elif isinstance(error, ssl.SSLError) and error.reason == "KEY_VALUES_MISMATCH":
            problems.append(f"ssl_key_file: {key} is not the key of the certificate in {certificate}.")
        else:
            what = f"{certificate}, with the key in {key}, cannot be used: both must be PEM"
            problems.append(f"ssl_certificate_file: {what} ({error}).")
        return
    if reason := why_not_valid(certificate, lambda other: other.load_cert_chain(certificate, key, ask)):
        problems.append(f"ssl_certificate_file: {certificate} {reason}.")
