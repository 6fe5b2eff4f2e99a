"""Sending the records of dead letters through `reports` again, after what was wrong with them was mended.

Whether a letter's record was sent again stands in the log alone, and nowhere else: each record that was sent names its
letter in a header, and intake's answer to it names the letter too. So a requeue may be broken off anywhere and goes on
where it was; nothing is written beside the log that could disagree with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from incident_pipeline.codec import time_ms
from incident_pipeline.dead_letter import REQUEUE_OF, DeadLetter, Origin, read_dead_letter, requeue_of, sent_again_for
from incident_pipeline.log import read_all
from incident_pipeline.origins import Origins
from incident_pipeline.projection.letter_groups import LetterGroups
from incident_pipeline.rejection import Reason

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from incident_pipeline.log import LogReader, LogRecord
    from incident_pipeline.sending import Sender
    from incident_pipeline.topics import Topics

__all__ = ["Requeue", "Selection", "answered", "read_letters", "sent_again"]


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Which letters are meant: those to which all of this applies. What is empty or None applies to all."""

    origins: frozenset[Origin] = frozenset()
    reasons: frozenset[Reason] = frozenset()
    recorded_before_ms: int | None = None
    recorded_from_ms: int | None = None
    """Append time of the record that could not be used."""
    sources: frozenset[str] = frozenset()

    @property
    def is_everything(self) -> bool:
        """Whether all letters are meant."""
        return self == Selection()

    def takes(self, letter: DeadLetter) -> bool:
        """Whether a letter is meant."""
        if self.origins and not any(letter.origin.is_meant_by(named) for named in self.origins):
            return False
        if self.reasons and letter.reason not in self.reasons:
            return False
        if self.sources and letter.source not in self.sources:
            return False
        if self.recorded_from_ms is None and self.recorded_before_ms is None:
            return True
        recorded_ms = time_ms(letter.recorded_at)
        if self.recorded_from_ms is not None and recorded_ms < self.recorded_from_ms:
            return False
        return self.recorded_before_ms is None or recorded_ms < self.recorded_before_ms


async def read_letters(log: LogReader, topic: str) -> AsyncIterator[tuple[LogRecord, DeadLetter]]:
    """Yield the letters of the topic until its end now, in order, each origin once however often it was written."""
    known = Origins()
    async for records in read_all(log, topic):
        for record in records:
            letter = read_dead_letter(record)
            if letter is not None and known.add(letter.origin):
                yield record, letter


async def answered(log: LogReader, topic: str) -> Origins:
    """Give the origins of the letters whose records were sent again and answered by intake, in `dead-letters`."""
    origins = Origins()
    async for records in read_all(log, topic):
        for record in records:
            first = sent_again_for(record)
            if first is not None:
                origins.add(first)
    return origins


async def sent_again(log: LogReader, topics: Topics, finished: Mapping[int, int]) -> Origins:
    """Give the origins of the letters whose records were sent again, answered or not.

    `finished`: by partition of `reports`, the offset below which intake has answered everything.
    """
    # Positions were asked for before this is read: what was answered meanwhile is found twice, and nothing is missed.
    origins = await answered(log, topics.dead_letters.name)
    async for records in read_all(log, topics.reports.name, finished):
        for record in records:
            first = requeue_of(record.headers, record.topic) if record.headers else None
            if first is not None:
                origins.add(first)
    return origins


class Requeue:
    """One run: which letters it sent again, and which it left."""

    def __init__(self, selection: Selection, topics: Topics, already_sent: Origins) -> None:
        """`already_sent`: origins that are left alone."""
        self._selection = selection
        self._topics = topics
        self._already_sent = already_sent
        self.sent = 0
        """Handed to Kafka (or, in a dry run, to be)."""
        self.left_sent_earlier = 0
        self.left_too_large = 0
        """Of which the letter does not hold the whole record, or the topic would not take it."""
        self.first_too_large: Origin | None = None
        self.groups = LetterGroups()
        """What was sent."""

    async def run(self, log: LogReader, sender: Sender | None) -> None:
        """Send the letters in their order, each to the partition that it came from; without a sender count them."""
        partitions = await log.partitions(self._topics.reports.name)
        async for record, letter in read_letters(log, self._topics.dead_letters.name):
            if letter.origin.topic != self._topics.reports.name or not self._selection.takes(letter):
                continue
            if letter.origin in self._already_sent:
                self.left_sent_earlier += 1
            elif not letter.is_whole or (sender is not None and not sender.fits(record.value or b"")):
                self._leave_too_large(letter.origin)
            else:
                if sender is not None:
                    headers = [(REQUEUE_OF, letter.origin.reference.encode())]
                    partition = letter.origin.partition if letter.origin.partition < partitions else None
                    await sender.send(record.key, record.value, partition=partition, headers=headers)
                self.sent += 1
                self.groups.add(letter)

    def _leave_too_large(self, origin: Origin) -> None:
        self.left_too_large += 1
        self.first_too_large = self.first_too_large or origin
