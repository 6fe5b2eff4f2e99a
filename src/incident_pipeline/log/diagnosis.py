"""Why a cluster does not serve us: asked again step by step, so that a person is told which step failed.

The client itself logs the cause and raises "unable to bootstrap", whatever it was.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from typing import TYPE_CHECKING, Final

from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import (
    IllegalSaslStateError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.metadata import MetadataRequest

from incident_pipeline.log.errors import LogError, RefusedError, UnreachableError
from incident_pipeline.log.tokens import TokenError

if TYPE_CHECKING:
    from incident_pipeline.log.connection import Connection

__all__ = ["why_not_served"]

_STEP_SECONDS: Final = 10.0
_SHOWN: Final = 3
_CLOSING_SECONDS: Final = 0.05
"""For the connections of clients that failed: they are closed a moment later, and the loop may end with the command."""
_EXPIRED, _NOT_YET_VALID, _OTHER_HOST, _OTHER_ADDRESS = 10, 9, 62, 64
"""`verify_code` of OpenSSL, X509_V_ERR_..."""


class _RefusedHereError(Exception):
    """A server answers, and does not serve us: why, and what to do."""


class _SilentError(Exception):
    """Nothing answers there."""


async def why_not_served(connection: Connection, error: BaseException) -> LogError:
    """Say why none of the servers serves us. `error` is what the client said; it counts where all now do."""
    refused: dict[str, None] = {}
    silent: dict[str, None] = {}
    named = [(host, port) for host, port, _ in collect_hosts(connection.bootstrap_servers, randomize=False)]
    todo, looked_at = list(named), set(named)
    while todo and len(refused) + len(silent) < _SHOWN:
        server = todo.pop(0)
        where = _address(*server) + ("" if server in named else " (where the cluster's brokers send us)")
        try:
            others = await _go_all_the_way(connection, *server)
        except _RefusedHereError as found:
            refused[f"{where}: {found}"] = None
        except _SilentError as found:
            silent[f"{where}: {found}"] = None
        else:
            todo += [other for other in others if other not in looked_at]
            looked_at.update(others)
    await asyncio.sleep(_CLOSING_SECONDS)
    if refused:
        return RefusedError("Kafka does not serve us at " + "\n".join([*refused, *silent]))
    said = "; ".join(silent) or f"{error}, but it does now"
    return UnreachableError(
        f"No Kafka answers at {connection}: {said}\n"
        "Start one with `incident-pipeline broker`, or set KAFKA_BOOTSTRAP_SERVERS to a cluster's host:port."
    )


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


async def _go_all_the_way(connection: Connection, host: str, port: int) -> list[tuple[str, int]]:
    """Do what a client does: connect, agree on TLS, say who we are, and ask which brokers there are."""
    await _connect(host, port)
    if connection.tls is not None:
        await _agree_on_tls(connection, host, port)
    return await _ask(connection, host, port)


async def _connect(host: str, port: int) -> None:
    try:
        async with asyncio.timeout(_STEP_SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except socket.gaierror as error:
        raise _SilentError(f"there is no host of that name ({error.strerror})") from None
    except TimeoutError:
        raise _SilentError(f"nothing answered within {_STEP_SECONDS:.0f} s") from None
    except OSError as error:
        raise _SilentError(os.strerror(error.errno) if error.errno else str(error)) from None
    await _close(writer)


async def _agree_on_tls(connection: Connection, host: str, port: int) -> None:
    try:
        async with asyncio.timeout(_STEP_SECONDS):
            reader, writer = await asyncio.open_connection(host, port, ssl=connection.tls)
            try:
                # The server judges our certificate after we have judged its own: wait for its word a moment.
                async with asyncio.timeout(0.2):
                    await reader.read(1)
            except TimeoutError:
                pass
            finally:
                await _close(writer)
    except ssl.SSLCertVerificationError as error:
        raise _RefusedHereError(_of_its_certificate(error, host)) from None
    except ssl.SSLError as error:
        raise _RefusedHereError(_of_tls(error)) from None
    except TimeoutError:
        raise _RefusedHereError(_NO_TLS) from None
    except OSError:
        raise _RefusedHereError(_NO_TLS) from None


_NOT_TAKEN: Final = "it does not take our token. Is it for this cluster, and not expired?"
_NO_TLS: Final = (
    "it does not speak TLS at this port. Use the port that does, or set security_protocol to PLAINTEXT "
    "(SASL_PLAINTEXT where users are asked for)."
)


def _of_its_certificate(error: ssl.SSLCertVerificationError, host: str) -> str:
    if error.verify_code == _EXPIRED:
        return "its certificate has expired. Whoever runs the cluster must renew it (and look at both clocks)."
    if error.verify_code == _NOT_YET_VALID:
        return "its certificate is not valid yet. Are the clocks of both machines right?"
    if error.verify_code in {_OTHER_HOST, _OTHER_ADDRESS}:
        return (
            f"its certificate is not for the host {host}. Connect by a name that stands in it, or, where that cannot "
            "be, set ssl_check_hostname to false."
        )
    return (
        f"its certificate is signed by nobody whom we trust ({error.verify_message}). Set ssl_ca_file to the "
        "certificate of the authority that signed it."
    )


def _of_tls(error: ssl.SSLError) -> str:
    reason = (error.reason or str(error)).upper()
    if "WRONG_VERSION_NUMBER" in reason or "RECORD_LAYER_FAILURE" in reason or "PACKET_LENGTH" in reason:
        return _NO_TLS
    if "CERTIFICATE_EXPIRED" in reason:
        return "it says that our certificate has expired. Renew the one of ssl_certificate_file."
    if "CERTIFICATE_REQUIRED" in reason or "BAD_CERTIFICATE" in reason or "HANDSHAKE_FAILURE" in reason:
        return (
            "it asks for a certificate of ours and has not got one that it takes. Set ssl_certificate_file (and "
            "ssl_key_file) to one that it trusts."
        )
    if "UNKNOWN" in reason and ("CA" in reason or "CERTIFICATE" in reason):
        return (
            "it does not take our certificate: signed by nobody whom it trusts, or expired. Look at the one of "
            "ssl_certificate_file."
        )
    return f"TLS could not be agreed on: {error.reason or error}."


async def _ask(connection: Connection, host: str, port: int) -> list[tuple[str, int]]:
    """Say who we are, and ask for the brokers."""
    settings = connection.client_settings()
    del settings["bootstrap_servers"]
    try:
        client = await create_conn(host, port, request_timeout_ms=int(_STEP_SECONDS * 1000), **settings)
        try:
            answer = await client.send(MetadataRequest([]))
        finally:
            await client.close()
        brokers = [(broker["host"], broker["port"]) for broker in answer.to_object()["brokers"]]
    except TokenError as error:
        raise _RefusedHereError(str(error)) from None
    except SaslAuthenticationFailed:
        raise _RefusedHereError(_of_our_proof(connection)) from None
    except UnsupportedSaslMechanismError:
        raise _RefusedHereError(
            f"it does not know the SASL mechanism {connection.mechanism}. Set sasl_mechanism to one that it has."
        ) from None
    except IllegalSaslStateError:
        raise _RefusedHereError(
            "it asks for no user at this port. Use the port that does, or set security_protocol to "
            f"{'PLAINTEXT' if connection.tls is None else 'SSL'}."
        ) from None
    except (KafkaError, OSError, TimeoutError, ValueError) as error:
        raise _RefusedHereError(await _of_a_closed_door(connection, host, port, error)) from None
    if not brokers and connection.tokens is not None:
        # The client takes the answer to a bad token for a good one, and the next for that of an empty cluster.
        raise _RefusedHereError(_NOT_TAKEN)
    return brokers


def _of_our_proof(connection: Connection) -> str:
    if connection.tokens is not None:
        return _NOT_TAKEN
    return (
        f"it does not take the password of {connection.who} ({connection.mechanism}). Either of the two is wrong: "
        "look at sasl_username, and at sasl_password_file or KAFKA_SASL_PASSWORD."
    )


async def _of_a_closed_door(connection: Connection, host: str, port: int, error: Exception) -> str:
    """Say what a server wants that closes the connection without a word."""
    if connection.tls is None and await _speaks_tls(host, port):
        wanted = "SSL" if connection.mechanism is None else "SASL_SSL"
        return (
            f"it speaks TLS at this port, and we do not (security_protocol is {connection.protocol}). "
            f"Set security_protocol to {wanted}, or to the one of the two with SASL as the cluster has it."
        )
    if connection.mechanism is None and isinstance(error, KafkaError):
        return (
            f"it closes the connection (security_protocol is {connection.protocol}): it asks for a user at this port, "
            f"or is no Kafka. Set security_protocol to {'SASL_PLAINTEXT' if connection.tls is None else 'SASL_SSL'}, "
            "with sasl_username and a password."
        )
    return f"the connection is closed ({error}). Is this Kafka, and the port right?"


async def _speaks_tls(host: str, port: int) -> bool:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # nothing is told to it
    try:
        async with asyncio.timeout(_STEP_SECONDS):
            _, writer = await asyncio.open_connection(host, port, ssl=context)
    except (OSError, TimeoutError):
        return False
    await _close(writer)
    return True


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    try:
        async with asyncio.timeout(_STEP_SECONDS):
            await writer.wait_closed()
    except (OSError, TimeoutError):
        pass
