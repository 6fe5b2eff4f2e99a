"""A value that nobody may read by accident: it shows itself nowhere, and is taken out on purpose."""

from __future__ import annotations

from typing import Final

__all__ = ["Secret"]

_SHOWN: Final = "(secret)"


class Secret:
    """A password or the like. `str`, `repr` and formatting show that there is one, never what it is."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Give the value itself: for the library that proves with it who we are, and for nobody else."""
        return self._value

    def __repr__(self) -> str:
        return _SHOWN

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)
