"""Published rules are known by their bytes, whatever the version of the program that published them."""

from __future__ import annotations

import json

import pytest

from incident_pipeline.catalogue.canonical import canonical_rules_json
from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.codec import content_hash
from incident_pipeline.log import MemoryLog, NewRecord
from streams.rules_store import RulesStore

RULES = load_rules(shipped_catalogue())


def published_before(limit: str) -> bytes:
    """The rules as a version published them that did not know a limit yet."""
    tables = json.loads(canonical_rules_json(RULES))
    del tables["limits"][limit]
    return json.dumps(tables, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


async def store_with(value: bytes, name: str) -> RulesStore:
    log = MemoryLog()
    log.create("rules", 1)
    log.append("rules", 0, [NewRecord(value, name.encode())])
    return RulesStore(log, "rules", RULES)


async def test_rules_that_were_published_without_a_later_limit_are_found_and_not_bound_by_it() -> None:
    value = published_before("scopes_per_theatre_day")
    name = content_hash(value)
    store = await store_with(value, name)
    await store.ensure({name})
    limits = store.rules(name).limits
    assert limits.scopes_per_theatre_day > 1_000_000
    assert limits.lines_per_report == RULES.limits.lines_per_report


async def test_rules_under_the_hash_of_others_are_passed_over() -> None:
    name = "0" * 64
    store = await store_with(canonical_rules_json(RULES), name)
    with pytest.raises(LookupError, match="not in the topic"):
        await store.ensure({name})
