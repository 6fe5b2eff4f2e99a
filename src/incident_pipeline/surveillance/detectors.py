"""Detectors: what makes a daily count abnormal. A new one is a class here and a line in `DETECTORS`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from incident_pipeline.alert import RuleFault, Verdict

Setting = int | float | str
Settings = Mapping[str, Setting]
History = Sequence[int | None]
"""Daily counts before the day, oldest first; None where nobody has spoken about a day (unknown is not zero)."""

NO_HISTORY: tuple[int | None, ...] = ()


class Detector(Protocol):
    """Judges one day of one series.

    The verdict depends on the history and the count alone. It is abnormal exactly where `count >= limit`, and the
    limit depends on the history alone: so it is asked for once per series and day, and after that counting up to it
    is one comparison of integers. A limit of None cannot be reached; one below 1 is taken as 1.
    """

    @property
    def history_days(self) -> int:
        """Days before the day that it looks at; 0 for none."""

    def verdict(self, history: History, count: int) -> Verdict:
        """Whether `count` is abnormal after `history` (of `history_days` entries), with a few words of why.

        The words go behind "8 deduplicated violations on 2020-03-11 in north-west, ".
        """


DetectorOf = Callable[[Settings], "Detector | str"]
"""Settings of a rule to a detector, or to a message that says what is wrong with them."""


@dataclasses.dataclass(frozen=True, slots=True)
class Threshold:
    """A fixed number a day: a clause of an agreement, or habit."""

    at_least: int
    history_days: int = 0

    @classmethod
    def of(cls, settings: Settings) -> Threshold | str:
        """From `at_least`, a whole number from 1."""
        unknown = sorted(set(settings) - {"at_least"})
        if unknown:
            return f"setting '{unknown[0]}' is unknown to detector 'threshold'; permitted: at_least"
        at_least = settings.get("at_least")
        if at_least is None:
            return "detector 'threshold' needs the setting 'at_least': a whole number from 1"
        if isinstance(at_least, bool) or not isinstance(at_least, int) or at_least < 1:
            return f"setting 'at_least' is {at_least!r}; permitted: a whole number from 1"
        return cls(at_least)

    def verdict(self, history: History, count: int) -> Verdict:  # noqa: ARG002 - it has no baseline
        """Abnormal from `at_least` on."""
        return Verdict(abnormal=count >= self.at_least, explanation=f"threshold {self.at_least}", limit=self.at_least)


DETECTORS: Mapping[str, DetectorOf] = {"threshold": Threshold.of}
"""Every detector by the name that a rule gives it."""


@dataclasses.dataclass(frozen=True, slots=True)
class NoDetector:
    """Why a rule has no detector."""

    fault: RuleFault
    message: str
    """What is wrong and what is permitted, for a person."""


def detector_of(
    name: str, settings: Settings, detectors: Mapping[str, DetectorOf] = DETECTORS
) -> Detector | NoDetector:
    """The detector of a rule, or why it has none."""
    make = detectors.get(name)
    if make is None:
        unknown = f"detector '{name}' is unknown; permitted: {', '.join(sorted(detectors))}"
        return NoDetector(RuleFault.UNKNOWN_DETECTOR, unknown)
    made = make(settings)
    return NoDetector(RuleFault.UNUSABLE_SETTINGS, made) if isinstance(made, str) else made
