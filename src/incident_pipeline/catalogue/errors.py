"""What is wrong with a catalogue, all of it at once."""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """One thing that is wrong with a catalogue, as a value."""

    file: str
    """File name; of the section where the files are not known (rules from the `rules` topic)."""
    entry: str
    """Which entry: `places "saraqib"`, or `places[17]` where it has no id."""
    field: str
    """The field, or an empty string for the entry as a whole."""
    problem: str
    """The bad value, and what is permitted."""

    def __str__(self) -> str:
        """As shown to the person who edits the catalogue."""
        at = f", field `{self.field}`" if self.field else ""
        return f"{self.file}: {self.entry}{at}: {self.problem}"


class CatalogueError(Exception):
    """A catalogue that cannot be used: every fault that was found."""

    def __init__(self, faults: list[Fault]) -> None:
        """`faults`: at least one."""
        self.faults = tuple(sorted(faults))
        noun = "one fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__(f"the catalogue has {noun}:\n" + "\n".join(f"  {fault}" for fault in self.faults))
