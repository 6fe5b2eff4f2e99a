"""What a reader remembers from one sentence to the next."""

# ruff: noqa: PLR0911 - a rule is a list of cases, read from the top

from __future__ import annotations

import datetime as dt

import msgspec

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.model import PastDay
from incident_pipeline.intake.reading.dates import DateMention, When
from incident_pipeline.intake.reading.found import Found
from incident_pipeline.intake.reading.marks import Mark
from incident_pipeline.intake.reading.whereabouts import Spot
from incident_pipeline.intake.told import ToldActivity

Days = tuple[dt.date | None, dt.date | None]
_MOST_DAYS = 31


class State(msgspec.Struct):
    """The thread of one text: who speaks, of which day, of what."""

    catalogue: Catalogue
    reference: dt.date | None
    """Local day of publication."""
    told_day: bool
    """The report's own fields say which day it is about."""
    own_party: str
    """For whom the source speaks."""
    speaks_itself: bool
    """The source registers violations; one that does not only repeats those who do."""
    registrar: bool = False
    """The source speaks for a party that registers violations, so that its "cases" are those."""
    about: bool = False
    """The text is about violations of a truce."""
    party: str | None = None
    first_party: str | None = None
    day: dt.date | None = None
    """Day told of last."""
    stepped: DateMention | None = None
    """The last "following day": several numbers of one clause share the one step."""
    headed: bool = False
    """That day stands in a header, and holds until the next one."""
    anchor: dt.date | None = None
    """Day on which the quoted speaker spoke."""
    anchored: bool = False
    """The text reports on the speaker's own day, so that other dates in it are background."""
    same: tuple[str, ...] = ()
    """Whom "the same groups" means."""
    bands: tuple[tuple[str, ...], ...] = ()
    """The groups that the last sentence to name any named, each by itself: "the latter group" is their last."""
    pair: tuple[tuple[str, ...], ...] = ()
    """The two groups that a sentence named last."""
    sides: list[str] = []
    """The two parties of which the text speaks, where they are two."""
    elsewhere: bool = False
    """The text speaks of another war."""
    topic: str | None = None
    """What bare numbers count: violations, or the activity told of last."""
    feed: bool = False
    """The text is a live feed: each of its paragraphs opens with a time, and speaks for itself."""
    backdrop: int = -1
    """The last sentence that told, without a day, what was counted since the truce began."""
    period: int = -1
    """The last sentence that opened with the period of what it counts."""
    asked: int = -1
    """The last sentence that asked how many violations there were."""
    scene: tuple[list[Mark], list[Spot]] = ([], [])
    """The last sentence, and its places: "there" is where it was."""
    sentence: int = 0
    enumerations: int = 0
    found: list[Found] = []
    activities: list[ToldActivity] = []

    def new_paragraph(self) -> None:
        """A background day ends with its paragraph; the day of a header does not."""
        if self.anchored and not self.headed:
            self.day = None

    def enumeration(self) -> int:
        """Number the next enumeration."""
        self.enumerations += 1
        return self.enumerations

    def effective(self, day: dt.date | None) -> dt.date | None:
        """The day that a statement is about, as far as the text and its publication tell."""
        return day or self.anchor or self.reference

    def current(self) -> dt.date | None:
        """Day of a statement without a date."""
        return self.day or self.anchor

    def days(self, mention: DateMention | None, party: str | None, *, each: bool = False) -> list[Days] | None:
        """Days that a number holds for: pairs of first and last (None: one day). No list at all: background."""
        if mention is None or mention.when is When.SAME:
            return [(self.current(), None)]
        if mention.when is When.VAGUE:
            return None
        if mention.when in {When.DAY_BEFORE, When.DAY_AFTER}:
            if self.stepped is mention:
                return [(self.day, None)] if self.day is not None else None
            self.stepped = mention
            base = self.current() or self.reference
            step = dt.timedelta(days=1 if mention.when is When.DAY_AFTER else -1)
            self.day = base + step if base is not None else None
            return [(self.day, None)] if self.day is not None else None
        if mention.when is When.UNKNOWN:
            return None if self.found else [(None, None)]
        if mention.when is When.PREVIOUS and self._told_of(self.past_day(party), party):
            day = self.effective(self.past_day(party))
            return [(day - dt.timedelta(days=1), None)] if day is not None else None
        if mention.when in {When.PAST_DAY, When.PREVIOUS}:
            self.day = None
            return [(self.past_day(party), None)]
        days = mention.days
        self.day = days[-1] if len(days) == 1 else self.day
        if len(days) == 1:
            return [(days[0], None)]
        if each:
            return [(day, None) for day in (_between(days) if mention.is_range else days)]
        return [(min(days), max(days))]

    def _told_of(self, day: dt.date | None, party: str | None) -> bool:
        same = (one for one in self.found if one.count and one.party == party and one.sentence < self.sentence)
        return any(self.effective(one.day) == self.effective(day) for one in same)

    def past_day(self, party: str | None) -> dt.date | None:
        """The day that "the past 24 hours" means; None: the report's own day."""
        base = self.anchor or (None if self.told_day else self.reference)
        before = any(
            one.id == (party or self.own_party) and one.past_24_hours is PastDay.DAY_BEFORE
            for one in self.catalogue.rules.parties
        )
        if base is None:
            return None
        return base - dt.timedelta(days=1) if before else base


def _between(ends: tuple[dt.date, ...]) -> list[dt.date]:
    return [ends[0] + dt.timedelta(days=day) for day in range(min((ends[-1] - ends[0]).days, _MOST_DAYS) + 1)]


def every_day(first: dt.date, last: dt.date) -> list[dt.date]:
    """Days from first to last, at most a month."""
    return _between((first, last))
