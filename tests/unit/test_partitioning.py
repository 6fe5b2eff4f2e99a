from __future__ import annotations

import pytest
from aiokafka.partitioner import murmur2 as client_murmur2

from incident_pipeline.partitioning import murmur2, partition_for


@pytest.mark.parametrize(
    ("key", "signed"),
    [
        # The vectors of Kafka's own UtilsTest.
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_murmur2_is_that_of_the_java_client(key: bytes, signed: int) -> None:
    assert murmur2(key) == signed % 2**32


@pytest.mark.parametrize("length", range(13))
def test_murmur2_agrees_with_the_python_client_on_every_tail(length: int) -> None:
    key = bytes(range(240, 240 + length))
    assert murmur2(key) == client_murmur2(key) % 2**32


def test_a_theatre_lives_where_a_plain_client_would_send_its_key() -> None:
    for theatre in ("north-west", "south-and-centre", "north-east"):
        assert partition_for(theatre, 4) == (client_murmur2(theatre.encode()) & 0x7FFFFFFF) % 4
