from __future__ import annotations

import msgspec

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.catalogue.memo import KEPT, Memo


def test_a_question_asked_again_is_not_worked_out_again() -> None:
    asked: list[str] = []

    def length(name: str) -> int:
        asked.append(name)
        return len(name)

    memo = Memo(length)
    assert [memo["Saraqib"], memo["Saraqib"], memo["Idlib"]] == [7, 7, 5]
    assert asked == ["Saraqib", "Idlib"]


def test_endless_new_names_do_not_fill_the_memory() -> None:
    memo = Memo(str)
    assert all(memo[number] == str(number) and len(memo) <= KEPT for number in range(2 * KEPT + 1))


def test_how_late_a_record_may_be_dated_does_not_hang_on_which_record_came_before_it() -> None:
    rules = load_rules(shipped_catalogue())
    rules = msgspec.structs.replace(rules, limits=msgspec.structs.replace(rules.limits, max_skew_seconds=30))
    noon_ms = 1_583_928_000_000
    asked_before = Catalogue(rules)
    asked_before.latest(noon_ms)
    assert asked_before.latest(noon_ms + 45_000) == Catalogue(rules).latest(noon_ms + 45_000)
