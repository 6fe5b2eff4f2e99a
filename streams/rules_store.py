"""The rules by hash: read from the topic `rules`, and those of this worker published to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from incident_pipeline.catalogue.canonical import canonical_rules_json, rules_hash
from incident_pipeline.catalogue.load import CatalogueError, rules_from_json
from incident_pipeline.catalogue.model import Rules
from incident_pipeline.codec import content_hash
from incident_pipeline.ledger import Settings
from incident_pipeline.logs import get_logger
from streams.partition_writer import OutgoingRecord, PartitionWriter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from incident_pipeline.log import LogReader
    from streams.partition_writer import LogProducer

__all__ = ["RulesStore"]

_log = get_logger(__name__)


class RulesStore(Mapping[str, Settings]):
    """Rules that were published, as the ledger's settings and as surveillance's rules."""

    def __init__(self, log: LogReader, topic: str, own: Rules) -> None:
        self.own = own
        self.own_hash = rules_hash(own)
        self._log = log
        self._topic = topic
        self._rules: dict[str, Rules] = {}
        self._settings: dict[str, Settings] = {}
        self._read_to = 0

    def __getitem__(self, rules: str) -> Settings:
        settings = self._settings.get(rules)
        if settings is None:
            settings = self._settings[rules] = Settings.of(self._rules[rules])
        return settings

    def __iter__(self) -> Iterator[str]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)

    def rules(self, rules: str) -> Rules:
        """The rules of a hash.

        Raises:
            KeyError: they are not at hand; `ensure` brings them.
        """
        return self._rules[rules]

    async def ensure(self, hashes: set[str]) -> None:
        """Have these rules at hand, reading the topic on if need be.

        Raises:
            LookupError: nobody published them.
        """
        if hashes <= self._rules.keys():
            return
        await self._read_on()
        missing = sorted(hashes - self._rules.keys())
        if missing:
            message = (
                f"Rules {missing[0]} are named by a record, but not in the topic {self._topic}. "
                "Start a worker with the catalogue that they come from once: it publishes them."
            )
            raise LookupError(message)

    async def publish(self, producer: LogProducer, now_ms: int) -> None:
        """Put this worker's rules into the topic, where they are not there yet."""
        await self._read_on()
        if self.own_hash in self._rules:
            return
        record = OutgoingRecord(
            value=canonical_rules_json(self.own), timestamp_ms=now_ms, key=self.own_hash.encode(), headers=[]
        )
        await (await PartitionWriter(producer, self._topic, 0).send([[record]]))
        self._rules[self.own_hash] = self.own
        _log.info("rules.published", rules=self.own_hash)

    async def _read_on(self) -> None:
        end = await self._log.end_offset(self._topic, 0)
        start = max(self._read_to, await self._log.start_offset(self._topic, 0))
        async for batch in self._log.read(self._topic, 0, start, end):
            for record in batch:
                self._take(record.key, record.value)
        self._read_to = end

    def _take(self, key: bytes | None, value: bytes | None) -> None:
        """Take rules whose bytes have the hash that they are filed under; whatever else lies there is passed over.

        The bytes, not what is read from them: a later version of the program may know fields that these lack.
        """
        if key is None or value is None:
            return
        name = key.decode("ascii", "backslashreplace")
        try:
            rules = rules_from_json(value)
        except CatalogueError as error:
            _log.warning("rules.unreadable", key=name, error=str(error))
            return
        if content_hash(value) == name:
            self._rules[name] = rules
        else:
            _log.warning("rules.hash_differs", key=name)
