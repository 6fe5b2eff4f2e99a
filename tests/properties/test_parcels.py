"""Packing groups into Kafka batches: all of them in order, none split, none above what a broker takes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.parcel import Parcel
from streams.partition_writer import OutgoingRecord

BATCH_BYTES, GROUP_BYTES = 60_000, 120_000


def parcel() -> Parcel:
    client = SimpleNamespace(create_batch=lambda: BatchBuilder(GROUP_BYTES, 0))
    producer: Any = SimpleNamespace(max_batch_bytes=BATCH_BYTES, max_group_bytes=GROUP_BYTES, client=client)
    return Parcel(producer)


def packed(filled: Parcel) -> list[list[bytes]]:
    """The values in each batch, and that each is of the size that it may have."""
    batches = []
    for batch in filled.batches:
        value = bytes(batch._build())
        batches.append([record.value for record in MemoryRecords(value).next_batch()])
        assert len(value) <= (BATCH_BYTES if len({each[:4] for each in batches[-1]}) > 1 else GROUP_BYTES)
    return batches


@st.composite
def groups(draw: st.DrawFn) -> list[list[OutgoingRecord]]:
    """Groups of records, each with the number of its group at the beginning of its value."""
    sizes = st.sampled_from((1, 10, 400, 5_000, 30_000, 55_000, 70_000, 130_000))
    shapes = draw(st.lists(st.lists(sizes, min_size=1, max_size=6), max_size=12))
    headers = [("h", b"x" * draw(st.sampled_from((0, 3, 9_000, 40_000))))]
    key = b"k" * draw(st.sampled_from((1, 50_000)))
    return [
        [OutgoingRecord(b"%04d" % number + b"v" * size, number, key, headers) for size in shape]
        for number, shape in enumerate(shapes)
    ]


@given(groups())
@settings(deadline=None)
def test_groups_are_packed_whole_and_in_order_up_to_the_first_that_no_batch_holds(
    told: list[list[OutgoingRecord]],
) -> None:
    filled = parcel()
    for group in told:
        filled.add(group)
    kept = told if filled.refused is None else told[: filled.refused[0]]
    batches = packed(filled)
    assert [value for batch in batches for value in batch] == [record.value for group in kept for record in group]
    of_group: dict[bytes, set[int]] = {}
    for index, batch in enumerate(batches):
        for value in batch:
            of_group.setdefault(value[:4], set()).add(index)
    assert all(len(indexes) == 1 for indexes in of_group.values())


@given(groups())
@settings(deadline=None)
def test_a_group_is_refused_only_where_it_is_too_large_for_a_batch_of_its_own(told: list[list[OutgoingRecord]]) -> None:
    for group in told:
        alone, together = parcel(), parcel()
        alone.add(group)
        together.add([OutgoingRecord(b"first", 0)])
        together.add(group)
        assert (alone.refused is None) == (together.refused is None)
