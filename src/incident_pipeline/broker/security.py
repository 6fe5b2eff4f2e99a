"""What makes the local broker a secured one: a throw-away certificate authority, users, and who may do what."""

from __future__ import annotations

import json
import secrets
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from incident_pipeline.acls import Role, acls_of
from incident_pipeline.broker.errors import BrokerError
from incident_pipeline.broker.jars import missing_extra
from incident_pipeline.broker.ports import HOST
from incident_pipeline.config import load_config
from incident_pipeline.log.acls import grant
from incident_pipeline.log.connection import Connection, connect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trustme import CA

    from incident_pipeline.topics import Topics

__all__ = ["USERS", "BrokerSecurity", "private_file"]

USERS: Final = tuple(role.value for role in Role)
"""A user for each role, named as it."""
_BROKER: Final = "broker"
_MECHANISMS: Final = ("SCRAM-SHA-256", "SCRAM-SHA-512")


class BrokerSecurity:
    """The files of one secured broker, made once: as long as its data, so that users can go on."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @property
    def is_made(self) -> bool:
        """Whether the files are there, all of them."""
        return (self.directory / "ca.pem").exists()

    @property
    def ca_file(self) -> Path:
        """The certificate that everybody trusts the broker by."""
        return self.directory / "ca.pem"

    def make(self) -> None:
        """Make the authority, certificates and passwords. The authority's key is kept nowhere."""
        try:
            import trustme
        except ImportError as error:
            raise missing_extra(error) from error
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        authority = trustme.CA(organization_name="incident_pipeline, local broker")
        self._certify(authority, _BROKER, HOST, "localhost", "::1")
        for user in USERS:
            self._certify(authority, user, f"{user}.invalid")
            self._write(f"{user}.password", secrets.token_urlsafe(24).encode())
        self._write("ca.pem", authority.cert_pem.bytes())  # last: it tells that all are there

    def certificate_file(self, user: str) -> Path:
        """A user's certificate with its key."""
        return self.directory / f"{user}.pem"

    def password_file(self, user: str) -> Path:
        """A user's password."""
        return self.directory / f"{user}.password"

    def config_file(self, user: str) -> Path:
        """A user's configuration for `incident-pipeline --config`."""
        return self.directory / f"{user}.toml"

    def connection(self, user: str) -> Connection:
        """Give the connection that a user's configuration describes."""
        return connect(load_config(self.config_file(user), {}))

    def format_arguments(self) -> list[str]:
        """Give what makes the users known when the broker's data are formatted; secrets are among it."""
        return [
            f"--add-scram={mechanism}=[name={user},password={self.password_file(user).read_text('ascii')}]"
            for user in USERS
            for mechanism in _MECHANISMS
        ]

    def properties(self, port: int, certificates_port: int, controller_port: int) -> dict[str, str]:
        """Give the broker's settings: passwords at one port, certificates at another, and nothing in the clear."""
        scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        listeners = {"USERS": port, "CERTIFICATES": certificates_port, "CONTROLLER": controller_port}
        return {
            "listeners": ",".join(f"{name}://{HOST}:{number}" for name, number in listeners.items()),
            "listener.security.protocol.map": "USERS:SASL_SSL,CERTIFICATES:SSL,CONTROLLER:SSL",
            "inter.broker.listener.name": "CERTIFICATES",
            "listener.name.users.sasl.enabled.mechanisms": ",".join(_MECHANISMS),
            **{f"listener.name.users.{m.lower()}.sasl.jaas.config": scram for m in _MECHANISMS},
            "listener.name.certificates.ssl.client.auth": "required",
            "listener.name.controller.ssl.client.auth": "required",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self.certificate_file(_BROKER)),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.ca_file),
            "ssl.principal.mapping.rules": "RULE:^.*CN=([^,]+).*$/$1/,DEFAULT",
            # Who was given nothing may do nothing, but for the broker itself and whoever gives.
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": f"User:{_BROKER};User:{Role.ADMINISTRATOR.value}",
        }

    def write_settings(self, port: int, certificates_port: int) -> None:
        """Write what each user needs: for our commands (by password or certificate), and for Kafka's own."""
        for user in USERS:
            by_password = {
                "bootstrap_servers": f"{HOST}:{port}",
                "security_protocol": "SASL_SSL",
                "sasl_mechanism": "SCRAM-SHA-512",
                "sasl_username": user,
                "sasl_password_file": str(self.password_file(user)),
                "ssl_ca_file": str(self.ca_file),
            }
            by_certificate = {
                "bootstrap_servers": f"{HOST}:{certificates_port}",
                "security_protocol": "SSL",
                "ssl_certificate_file": str(self.certificate_file(user)),
                "ssl_ca_file": str(self.ca_file),
            }
            self._write(f"{user}.toml", _toml(by_password))
            self._write(f"{user}-by-certificate.toml", _toml(by_certificate))
            self._write(f"{user}.properties", self._java_properties(user).encode())

    async def grant(self, connection: Connection, topics: Topics, group: str) -> None:
        """Give each role what it needs, and no more. Again is harmless."""
        await grant(connection, acls_of(topics, group, {role: f"User:{role.value}" for role in Role}))

    def _java_properties(self, user: str) -> str:
        password = self.password_file(user).read_text("ascii")
        login = f'org.apache.kafka.common.security.scram.ScramLoginModule required username="{user}"'
        return (
            "security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\n"
            f'sasl.jaas.config={login} password="{password}";\n'
            f"ssl.truststore.type=PEM\nssl.truststore.location={self.ca_file}\n"
        )

    def _certify(self, authority: CA, name: str, *hosts: str) -> None:
        from cryptography.hazmat.primitives.serialization import (
            Encoding,
            NoEncryption,
            PrivateFormat,
            load_pem_private_key,
        )

        issued = authority.issue_cert(*hosts, common_name=name)
        # Kafka takes keys in this form alone.
        key = load_pem_private_key(issued.private_key_pem.bytes(), None)
        pkcs8 = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self._write(f"{name}.pem", pkcs8 + b"".join(blob.bytes() for blob in issued.cert_chain_pems))

    def _write(self, name: str, content: bytes) -> None:
        _write_private(self.directory / name, content)


def _toml(settings: Mapping[str, str]) -> bytes:
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items()).encode()


def _write_private(path: Path, content: bytes) -> None:
    """Write a file that nobody else can read, at any moment."""
    try:
        path.unlink(missing_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(content)
    except OSError as error:
        raise BrokerError(f"{path} cannot be written: {error.strerror}.") from error


@contextmanager
def private_file(path: Path, text: str) -> Iterator[Path]:
    """Hold text in a file that nobody else can read, for the time of a block."""
    _write_private(path, text.encode())
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
