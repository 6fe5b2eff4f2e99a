"""The garbage collector, told what is known here: the state is large, lives long, and is freed without a collector.

What survives is state; looking through it again and again finds nothing and costs a fifth of the processor time,
most of it cache misses. So survivors are frozen: they are freed like any object when nobody refers to them, and no
collection visits them. A day that is dropped leaves no cycle behind (`tests/unit/test_freed_state.py`). A large
batch is frozen without a look, since it leaves far more state than garbage; between small ones the collector works
as ever, and freezes what it found alive.
"""

from __future__ import annotations

import gc

__all__ = ["spare_batch", "tame_collector"]

YOUNG_OBJECTS = 500_000
"""Objects between two looks of the collector: more than a batch and all that is on its way leave behind."""

LARGE_BATCH_RECORDS = 200
"""Records of a batch that is worth freezing. Below, what clients and scrapes leave may be more than the state."""

_NEVER = 1_000_000_000


def tame_collector() -> None:
    """Look at young objects only, and at each of them once."""
    gc.set_threshold(YOUNG_OBJECTS, _NEVER, _NEVER)
    if _freeze_survivors not in gc.callbacks:
        gc.callbacks.append(_freeze_survivors)


def spare_batch(records: int) -> None:
    """After a batch of so many records: what is alive is state, or on its way to Kafka and soon freed."""
    if records >= LARGE_BATCH_RECORDS:
        gc.freeze()


def _freeze_survivors(phase: str, _info: dict[str, int]) -> None:
    if phase == "stop":
        gc.freeze()
