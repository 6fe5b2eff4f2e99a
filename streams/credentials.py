"""Who the worker is to the cluster, as Faust wants to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faust.auth import Credentials, OAuthCredentials, SASLCredentials, SSLCredentials

if TYPE_CHECKING:
    from incident_pipeline.log.connection import Connection

__all__ = ["faust_credentials"]


def faust_credentials(connection: Connection) -> Credentials | None:
    """Give a connection's means for Faust's own consumer and producer; None: in the clear, and nobody."""
    if connection.tokens is not None:
        return OAuthCredentials(oauth_cb=connection.tokens, ssl_context=connection.tls)
    if connection.mechanism is not None:
        return SASLCredentials(
            username=connection.username,
            password=None if connection.password is None else connection.password.reveal(),
            mechanism=connection.mechanism,
            ssl_context=connection.tls,
        )
    return None if connection.tls is None else SSLCredentials(connection.tls)
