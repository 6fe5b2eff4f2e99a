from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from streams.garbage import LARGE_BATCH_RECORDS, spare_batch, tame_collector


class Node:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    threshold, callbacks = gc.get_threshold(), list(gc.callbacks)
    gc.collect()
    tame_collector()
    yield
    gc.callbacks[:] = callbacks
    gc.set_threshold(*threshold)
    gc.unfreeze()
    gc.collect()


def test_garbage_with_cycles_is_still_found_between_small_batches() -> None:
    gone = weakref.ref(Node())
    spare_batch(1)
    gc.collect(0)
    assert gone() is None


def test_what_survives_a_look_is_not_looked_at_again() -> None:
    state = Node()
    gc.collect(0)
    assert all(each is not state for each in gc.get_objects())


def test_what_a_large_batch_leaves_is_spared_even_the_first_look() -> None:
    state = [Node() for _ in range(10)]
    before = gc.get_freeze_count()
    spare_batch(LARGE_BATCH_RECORDS)
    assert gc.get_freeze_count() >= before + len(state)


def test_frozen_objects_are_freed_when_nobody_refers_to_them() -> None:
    class State:
        pass

    state = State()
    gone = weakref.ref(state)
    spare_batch(LARGE_BATCH_RECORDS)
    del state
    assert gone() is None
