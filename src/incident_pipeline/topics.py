"""The topics: which there are (`schemas/topics.toml`), and how a cluster's own differ from that.

Nothing else names a topic. `log.admin` talks to the cluster; here is only what is wanted and what differs.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

__all__ = [
    "MEND_COMMAND",
    "WHY_FIXED",
    "Difference",
    "FoundTopic",
    "Topic",
    "Topics",
    "compare",
    "compare_all",
    "differ_message",
    "load_topics",
]

MEND_COMMAND: Final = "incident-pipeline topics apply"
_BY_A_PERSON: Final = (
    f"A person must mend what has a reason beside it, as it says; until then {MEND_COMMAND} changes nothing."
)

WHY_FIXED: Final = (
    "Theatres are placed by the number of partitions: a change would take them away from their history, and Kafka "
    "never takes a partition back. Stop the workers, delete the topic (it is written again from what comes before it; "
    "reports are kept), then: incident-pipeline topics apply, incident-pipeline topics adopt"
)
"""Why a topic with another number of partitions is left alone, and what to do."""

_RETENTION: Final = "retention.ms"
_CLEANUP: Final = "cleanup.policy"
_TIMESTAMP: Final = "message.timestamp.type"
_MAX_BYTES: Final = "max.message.bytes"
_KEPT_FOR_EVER: Final = -1


class Topic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One topic as the project wants it. `name` is its name in the cluster: the prefix and the role."""

    cleanup_policy: Literal["delete", "compact"]
    contract: str
    """The folder of `schemas/` that says what its records are."""
    key: str
    max_message_bytes: Annotated[int, Meta(ge=1)]
    may_grow: bool = False
    """Whether it may have more partitions: not where theatres are placed by their number."""
    name: str
    owner: str
    """Who writes it."""
    partitions: Annotated[int, Meta(ge=1)]
    purpose: str
    read_by: tuple[Literal["worker", "reader", "operator"], ...]
    """The roles that read it: what they may do follows from it (`acls`)."""
    retention_ms: Annotated[int, Meta(ge=-1)]
    """-1: kept for ever."""
    timestamp_type: Literal["CreateTime", "LogAppendTime"]
    written_by: tuple[Literal["producer", "worker", "operator"], ...]
    """The roles that write it."""

    @property
    def settings(self) -> dict[str, str]:
        """What the cluster must hold, by Kafka's names."""
        return {
            _RETENTION: str(self.retention_ms),
            _CLEANUP: self.cleanup_policy,
            _TIMESTAMP: self.timestamp_type,
            _MAX_BYTES: str(self.max_message_bytes),
        }


class Topics(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """All topics, by role."""

    alerts: Topic
    dead_letters: Topic
    events: Topic
    lines: Topic
    reports: Topic
    rules: Topic

    def __iter__(self) -> Iterator[Topic]:
        """Yield every topic, in the order of a record's way."""
        return iter((self.reports, self.lines, self.events, self.alerts, self.rules, self.dead_letters))


@functools.cache
def load_topics(prefix: str = "") -> Topics:
    """Read the catalogue of topics; `prefix` goes before each name, so that missions can share a cluster."""
    text = resources.files("schemas").joinpath("topics.toml").read_text("utf-8")
    table = {role: {**entry, "name": prefix + role} for role, entry in tomllib.loads(text).items()}
    return msgspec.convert(table, Topics)


class FoundTopic(msgspec.Struct, frozen=True):
    """A topic as the cluster has it. `settings` by Kafka's names."""

    partitions: int
    settings: Mapping[str, str]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in which the cluster differs. `found` is None where the topic is missing."""

    found: str | None
    obstacle: str | None = None
    """Why `topics apply` leaves it alone; None where it mends it."""
    setting: str
    topic: str
    wanted: str

    @property
    def is_missing_topic(self) -> bool:
        """Whether the topic is not there at all."""
        return self.found is None

    def __str__(self) -> str:
        """Say it in one line."""
        if self.is_missing_topic:
            return f"{self.topic} is missing"
        text = f"{self.topic}: {self.setting} is {self.found} and must be {self.wanted}"
        return f"{text}. {self.obstacle}" if self.obstacle else text


def compare(wanted: Topic, found: FoundTopic | None) -> list[Difference]:
    """Give the differences between a topic as wanted and as found, none where they agree."""
    if found is None:
        return [Difference(topic=wanted.name, setting="topic", wanted="present", found=None)]
    partitions = max(wanted.partitions, found.partitions) if wanted.may_grow else wanted.partitions
    pairs = [
        ("partitions", str(partitions), str(found.partitions)),
        *((name, value, found.settings.get(name, "unset")) for name, value in wanted.settings.items()),
    ]
    return [
        Difference(topic=wanted.name, setting=name, wanted=value, found=seen, obstacle=_obstacle(name, value, seen))
        for name, value, seen in pairs
        if value != seen
    ]


def compare_all(wanted: Topics, found: Mapping[str, FoundTopic]) -> list[Difference]:
    """Give the differences of all topics; `found` is by name in the cluster."""
    return [difference for topic in wanted for difference in compare(topic, found.get(topic.name))]


def differ_message(differences: Sequence[Difference], *, listed: bool = False) -> str:
    """Say that topics differ, in what (unless that is listed already), and what to do."""
    lines = "" if listed else "".join(f"\n  {difference}" for difference in differences)
    mendable = all(difference.obstacle is None for difference in differences)
    mend = f"Mend it with: {MEND_COMMAND}" if mendable else _BY_A_PERSON
    return f"the topics are not as they must be{lines and ':'}{lines}\n{mend}"


def _obstacle(setting: str, wanted: str, found: str) -> str | None:
    """Why a difference must be mended by a person, if so: whatever would move or delete records."""
    if setting == "partitions":
        return WHY_FIXED
    if setting == _CLEANUP and wanted == "compact":
        return (
            "Compaction deletes the older records of each key: if nothing but the newest is wanted, "
            f"set it by hand (kafka-configs --alter --add-config {_CLEANUP}=compact)"
        )
    if setting == _RETENTION and _shortens(wanted, found):
        return (
            "A shorter retention deletes records: if that is wanted, "
            f"set it by hand (kafka-configs --alter --add-config {_RETENTION}={wanted})"
        )
    return None


def _shortens(wanted: str, found: str) -> bool:
    if int(wanted) == _KEPT_FOR_EVER or not found.removeprefix("-").isdigit():
        return False
    return int(found) == _KEPT_FOR_EVER or int(wanted) < int(found)
