"""Why a record could not be used: the one list of reasons, each with what to do about it."""

from __future__ import annotations

import enum

import msgspec


class Reason(enum.StrEnum):
    """A reason for a dead letter; the value stands in the dead letter's headers and in the metrics."""

    TOO_LARGE = "too_large"
    NOT_JSON = "not_json"
    WRONG_SHAPE = "wrong_shape"
    KEY_TWICE = "key_twice"
    CONTRADICTORY = "contradictory"
    NOTHING_STATED = "nothing_stated"
    SOURCE_UNKNOWN = "source_unknown"
    TEXT_TOO_LONG = "text_too_long"
    TOO_MANY_LINES = "too_many_lines"
    NO_DATE = "no_date"
    DATED_IN_FUTURE = "dated_in_future"
    DATED_LONG_AGO = "dated_long_ago"
    TOO_MANY_EVENTS = "too_many_events"


REMEDY: dict[Reason, str] = {
    Reason.TOO_LARGE: "Send the text without attachments, or split the report.",
    Reason.NOT_JSON: "Send one JSON object in UTF-8 for each Kafka record.",
    Reason.WRONG_SHAPE: "Compare it with schemas/report/v1.schema.json; `incident-pipeline send` checks it first.",
    Reason.KEY_TWICE: "Give each key of an object once: readers differ in which of the two they take.",
    Reason.CONTRADICTORY: "Correct whichever of the two is wrong.",
    Reason.NOTHING_STATED: "Give `text`, `violations`, `quiet`, `activities` or `retracts`.",
    Reason.SOURCE_UNKNOWN: "Write the source as the mission's catalogue does, or ask the mission to add it there.",
    Reason.TEXT_TOO_LONG: "Send the statement itself rather than the whole page.",
    Reason.TOO_MANY_LINES: "Split the report: one for each province or day.",
    Reason.NO_DATE: "Give `occurred_at`, `occurred_on` or `published_at`.",
    Reason.DATED_IN_FUTURE: "Correct the date, or the clock of the machine that sent it.",
    Reason.DATED_LONG_AGO: "Correct the year: 2020-03-11, not 0020-03-11 or 20-03-11.",
    Reason.TOO_MANY_EVENTS: "Split the report: what it causes does not fit into one record batch.",
}


class Rejection(msgspec.Struct, frozen=True):
    """A record that could not be used, as a value: it becomes a dead letter at the edge."""

    reason: Reason
    detail: str
    """What is wrong and where, for the producer; no report text."""

    @property
    def remedy(self) -> str:
        """What the producer can do about it."""
        return REMEDY[self.reason]
