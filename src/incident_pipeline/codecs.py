"""The compressions that a producer may choose: all of them must be readable before a worker reads anything."""

from __future__ import annotations

from typing import Final

from aiokafka import codec

__all__ = ["CodecError", "check_codecs", "unreadable_codecs"]

_SAMPLE: Final = b"incident" * 20


class CodecError(Exception):
    """This installation cannot read what a producer may write."""


def unreadable_codecs() -> list[str]:
    """Name the compressions of Kafka that the client cannot read here: tried, not asked for."""
    ways = {
        "gzip": (codec.gzip_encode, codec.gzip_decode),
        "snappy": (codec.snappy_encode, codec.snappy_decode),
        "lz4": (codec.lz4_encode, codec.lz4_decode),
        "zstd": (codec.zstd_encode, codec.zstd_decode),
    }
    unreadable = []
    for name, (encode, decode) in ways.items():
        try:
            readable = bytes(decode(encode(_SAMPLE))) == _SAMPLE
        except Exception:  # noqa: BLE001 - however it fails, such records cannot be read
            readable = False
        if not readable:
            unreadable.append(name)
    return unreadable


def check_codecs() -> None:
    """Raise `CodecError` where a compression cannot be read: one such record would end each worker at its place."""
    if unreadable := unreadable_codecs():
        raise CodecError(
            f"Records compressed with {', '.join(unreadable)} cannot be read here, and any producer may send some: "
            "the package cramjam is missing or broken. Install it into this environment (pip install cramjam)."
        )
