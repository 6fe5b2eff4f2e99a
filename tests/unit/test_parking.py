"""Which sources are parked, for how long, and in how much memory."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from incident_pipeline.limits import TOP_SOURCES, UNUSABLE_PER_SOURCE_MINUTE
from incident_pipeline.metrics.parked_sources import SHOWN_SECONDS, parked_samples
from incident_pipeline.parking import NO_SOURCE, OTHER_SOURCES, Parking
from incident_pipeline.rejection import Reason

MINUTE_MS = 60_000
NOON_MS = 1_583_971_200_000


class Feed:
    """Records of one partition, in order of offset."""

    def __init__(self, parking: Parking) -> None:
        self.parking = parking
        self.offsets = itertools.count()

    def bad(self, source: str | None, records: int = 1, *, minute: int = 0, reason: Reason = Reason.NOT_JSON) -> int:
        """Send unusable records; give how often one of them parked the source."""
        newly = [
            self.parking.rejected(
                source, reason, offset=next(self.offsets), appended_at_ms=NOON_MS + minute * MINUTE_MS + n % MINUTE_MS
            )
            for n in range(records)
        ]
        return len(newly) - newly.count(None)

    def good(self, source: str | None, *, minute: int = 0, requeued: bool = False) -> bool:
        """Send a usable record; say whether it released the source."""
        next(self.offsets)
        at_ms = NOON_MS + minute * MINUTE_MS
        return self.parking.accepted(source, appended_at_ms=at_ms, requeued=requeued) is not None


@pytest.fixture
def feed() -> Feed:
    return Feed(Parking())


def test_a_source_is_parked_with_the_first_record_beyond_the_limit_and_told_once(feed: Feed) -> None:
    assert feed.bad("desk", UNUSABLE_PER_SOURCE_MINUTE) == 0
    assert not feed.parking.parked
    assert feed.bad("desk", 2_000) == 1
    assert feed.parking.parked["desk"].reasons == {Reason.NOT_JSON: UNUSABLE_PER_SOURCE_MINUTE + 2_000}


def test_the_limit_holds_for_each_minute_of_append_time_whenever_the_records_are_read(feed: Feed) -> None:
    for minute in range(100):
        assert feed.bad("desk", UNUSABLE_PER_SOURCE_MINUTE, minute=minute) == 0
    assert not feed.parking.parked


def test_one_source_parks_no_other(feed: Feed) -> None:
    feed.bad("desk", 500)
    feed.bad("centre", 5)
    assert feed.parking.is_parked("desk")
    assert not feed.parking.is_parked("centre")


def test_a_usable_record_releases_a_source_after_a_whole_minute_within_the_limit(feed: Feed) -> None:
    feed.bad("desk", 500, minute=0)
    assert not feed.good("desk", minute=0)
    assert not feed.good("desk", minute=1)
    assert feed.good("desk", minute=2)
    assert not feed.parking.parked
    assert feed.bad("desk", 500, minute=3) == 1
    assert feed.parking.parked["desk"].reasons.total() == 500  # what was before the release is over


def test_a_source_that_mixes_good_and_bad_stays_parked(feed: Feed) -> None:
    for minute in range(10):
        assert not feed.good("desk", minute=minute)
        feed.bad("desk", 150, minute=minute)
        assert not feed.good("desk", minute=minute)
    assert feed.parking.parked["desk"].reasons.total() == 1_500


def test_a_usable_record_that_a_person_sent_again_releases_at_once(feed: Feed) -> None:
    feed.bad("desk", 500)
    assert feed.good("desk", requeued=True)


def test_another_source_s_usable_record_releases_nobody(feed: Feed) -> None:
    feed.bad("desk", 500)
    assert not feed.good("centre", minute=5)
    assert feed.parking.is_parked("desk")


def test_records_that_are_read_again_are_not_counted_twice(feed: Feed) -> None:
    feed.bad("desk", 80)
    feed.offsets = itertools.count()
    assert feed.bad("desk", 80) == 0
    assert not feed.parking.parked


def test_records_without_a_key_are_parked_too(feed: Feed) -> None:
    feed.bad(None, 500)
    assert feed.parking.parked.keys() == {NO_SOURCE}


def test_another_name_for_each_record_takes_no_more_memory_and_is_parked_as_other() -> None:
    feed = Feed(Parking(watched_at_most=50))
    for number in range(500):
        feed.bad(f"desk {number}")
    assert feed.parking.parked.keys() == {OTHER_SOURCES}
    assert feed.parking.parked[OTHER_SOURCES].reasons.total() == 450
    assert feed.parking.is_parked("desk 499")
    assert not feed.parking.is_parked("desk 3")
    assert feed.bad("centre", 500, minute=1) == 1  # the minute before has made room
    assert "centre" in feed.parking.parked


def samples(*partitions: Parking, now_seconds: float = 0.0) -> dict[tuple[str, ...], float]:
    return dict(parked_samples(partitions, now_seconds))


def test_the_metric_names_source_and_reason_over_all_partitions() -> None:
    feeds = [Feed(Parking()), Feed(Parking())]
    for feed in feeds:
        feed.bad("desk", 150)
        feed.bad("desk", 10, reason=Reason.NO_DATE)
    feeds[0].bad("centre", 5)
    assert samples(*(feed.parking for feed in feeds)) == {("desk", "not_json"): 300, ("desk", "no_date"): 20}


def test_the_metric_has_so_many_sources_and_the_rest_as_other() -> None:
    feed = Feed(Parking())
    for number in range(TOP_SOURCES + 3):
        feed.bad(f"desk {number:02}", 200 + number)
    found = samples(feed.parking)
    assert Counter(source for source, _ in found).keys() == {
        OTHER_SOURCES,
        *(f"desk {number:02}" for number in range(3, TOP_SOURCES + 3)),
    }
    assert found[OTHER_SOURCES, "not_json"] == 200 + 201 + 202


def test_the_metric_forgets_a_source_that_was_silent_for_an_hour() -> None:
    feed = Feed(Parking())
    feed.bad("desk", 500)
    assert samples(feed.parking, now_seconds=SHOWN_SECONDS - 1)
    assert not samples(feed.parking, now_seconds=SHOWN_SECONDS)
