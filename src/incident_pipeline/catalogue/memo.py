"""Answers of a pure function, kept: producers write the same few names again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

KEPT: Final = 16_384
"""Answers kept of each function; a producer of endless new names must not fill the memory."""

K = TypeVar("K", bound="Hashable")
V = TypeVar("V")


class Memo(dict[K, V], Generic[K, V]):
    """`memo[question]` is the function's answer; a dict, so that a known answer costs no call."""

    __slots__ = ("_answer",)

    def __init__(self, answer: Callable[[K], V]) -> None:
        """`answer`: must depend on nothing but its argument and what never changes."""
        super().__init__()
        self._answer = answer

    def __missing__(self, question: K) -> V:
        if len(self) >= KEPT:
            self.clear()
        found = self[question] = self._answer(question)
        return found
