"""Why a cluster does not serve us, told from what a server does: certificates that no broker would start with, too."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
import trustme

from incident_pipeline.broker.ports import free_port
from incident_pipeline.log.connection import Connection
from incident_pipeline.log.errors import RefusedError, UnreachableError
from incident_pipeline.log.kafka import open_admin

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


async def never_answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1 << 16)
    writer.close()


@asynccontextmanager
async def serving(tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Serve on this machine, taking connections and closing them at the first word."""
    server = await asyncio.start_server(never_answers, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


def certified(authority: trustme.CA, host: str = "127.0.0.1", ends: dt.datetime | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host, not_after=ends).configure_cert(context)
    return context


def trusting(authority: trustme.CA, servers: str) -> Connection:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return Connection(servers, tls=context)


async def refusal(connection: Connection) -> str:
    with pytest.raises(RefusedError) as refused:
        async with open_admin(connection):
            pytest.fail("it was let in")
    return str(refused.value)


async def test_a_certificate_that_has_expired_is_named() -> None:
    authority = trustme.CA()
    async with serving(certified(authority, ends=dt.datetime(2020, 3, 9, tzinfo=dt.UTC))) as servers:
        assert f"{servers}: its certificate has expired" in await refusal(trusting(authority, servers))


async def test_a_certificate_for_another_host_is_named() -> None:
    authority = trustme.CA()
    async with serving(certified(authority, host="kafka.example")) as servers:
        assert "its certificate is not for the host 127.0.0.1" in await refusal(trusting(authority, servers))


async def test_a_certificate_of_an_authority_that_is_not_ours_is_named() -> None:
    async with serving(certified(trustme.CA())) as servers:
        said = await refusal(trusting(trustme.CA(), servers))
    assert "signed by nobody whom we trust" in said
    assert "ssl_ca_file" in said


async def test_tls_to_a_port_without_it_and_none_to_a_port_with_it_are_told_apart() -> None:
    authority = trustme.CA()
    async with serving() as in_the_clear, serving(certified(authority)) as with_tls:
        assert "it does not speak TLS" in await refusal(trusting(authority, in_the_clear))
        said = await refusal(Connection(with_tls))
    assert "it speaks TLS at this port, and we do not (security_protocol is PLAINTEXT)" in said


async def test_of_several_servers_each_is_told() -> None:
    authority, nobody = trustme.CA(), f"127.0.0.1:{free_port()}"
    async with serving(certified(authority, host="kafka.example")) as other:
        said = await refusal(trusting(authority, f"{nobody},{other}"))
    assert f"{other}: its certificate is not for" in said
    assert f"{nobody}: Connection refused" in said


@pytest.mark.parametrize("servers", ["127.0.0.1:9", "[::1]:9"])
async def test_where_nobody_listens_it_may_be_tried_again(servers: str) -> None:
    with pytest.raises(UnreachableError, match=r"Connection refused|Cannot assign|not available") as failed:
        async with open_admin(servers):
            pass
    assert f"No Kafka answers at {servers}" in str(failed.value)


async def test_a_name_that_is_no_host_is_told() -> None:
    with pytest.raises(UnreachableError, match="there is no host of that name"):
        async with open_admin("kafka.invalid:9092"):
            pass
