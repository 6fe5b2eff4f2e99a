"""The ledger's state as bytes, and back: typed MessagePack, in which nothing can hide that the types do not name."""

from __future__ import annotations

from typing import Any

import msgspec

from incident_pipeline.counting import TheatreDay
from incident_pipeline.ledger.state import Ledger


def _plain(value: Any) -> Any:  # noqa: ANN401 - msgspec's own words
    if isinstance(value, TheatreDay):
        return value.to_data()
    raise TypeError(f"{type(value).__name__} has no place in a snapshot")


def _typed(kind: type, value: Any) -> Any:  # noqa: ANN401 - as above
    if kind is TheatreDay:
        return TheatreDay.from_data(value)
    raise TypeError(f"{kind.__name__} has no place in a snapshot")


_encoder = msgspec.msgpack.Encoder(enc_hook=_plain)
_decoder = msgspec.msgpack.Decoder(Ledger, dec_hook=_typed)


def to_bytes(ledger: Ledger) -> bytes:
    """The state between two inputs."""
    return _encoder.encode(ledger)


def from_bytes(data: bytes) -> Ledger:
    """The state that `to_bytes` gave these bytes for.

    Raises:
        msgspec.MsgspecError: the bytes hold something else.
    """
    return _decoder.decode(data)
