"""Which partition a theatre lives in: murmur2 of its id, as Kafka's own clients hash a key.

So a plain Kafka client that sends with the key of a theatre finds the same partition.
"""

from __future__ import annotations

from functools import lru_cache

_MIX = 0x5BD1E995
_SEED = 0x9747B28C
_WORD = 0xFFFFFFFF


def murmur2(data: bytes) -> int:
    """Return the 32-bit hash, unsigned, that Kafka's Java client computes (Utils.murmur2)."""
    length = len(data)
    whole = length & ~3
    value = _SEED ^ length
    for at in range(0, whole, 4):
        word = int.from_bytes(data[at : at + 4], "little") * _MIX & _WORD
        word = (word ^ word >> 24) * _MIX & _WORD
        value = (value * _MIX & _WORD) ^ word
    if whole < length:
        value = (value ^ int.from_bytes(data[whole:], "little")) * _MIX & _WORD
    value = (value ^ value >> 13) * _MIX & _WORD
    return value ^ value >> 15


@lru_cache(maxsize=4_096)
def partition_for(theatre: str, partitions: int) -> int:
    """Return the partition of `lines` and `events` in which a theatre lives."""
    return (murmur2(theatre.encode()) & 0x7FFFFFFF) % partitions
