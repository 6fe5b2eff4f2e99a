"""Whether our own certificate is valid now: a cluster that refuses an old one often says no more than "unknown"."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Final

__all__ = ["why_not_valid"]

_ROUNDS: Final = 10
_REASONS: Final = {10: "has expired. Renew it", 9: "is not valid yet. Is the clock of this machine right?"}
"""By `verify_code` of OpenSSL, X509_V_ERR_..."""


def why_not_valid(certificate: Path, load: Callable[[ssl.SSLContext], None]) -> str | None:
    """Say why a certificate is not valid at this moment; None where it is.

    It is shown to ourselves as it will be to the cluster, trusted whoever signed it. `load` loads it into a context.
    """
    judge = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    judge.verify_mode = ssl.CERT_REQUIRED
    judge.load_verify_locations(certificate)
    judge.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    shower = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    shower.check_hostname = False
    shower.verify_mode = ssl.CERT_NONE  # both ends are ours
    for context in (judge, shower):
        load(context)
    try:
        _shake_hands(shower, judge)
    except ssl.SSLCertVerificationError as error:
        return _REASONS.get(error.verify_code)
    except ssl.SSLError:
        return None  # whatever else is wrong, the cluster judges it
    return None


def _shake_hands(client: ssl.SSLContext, server: ssl.SSLContext) -> None:
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    from_client, from_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (
        (client.wrap_bio(to_client, from_client), from_client, to_server),
        (server.wrap_bio(to_server, from_server, server_side=True), from_server, to_client),
    )
    for _ in range(_ROUNDS):
        for end, said, heard in ends:
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()
            heard.write(said.read())
