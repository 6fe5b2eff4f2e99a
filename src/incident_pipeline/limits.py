"""Every bound of the pipeline: its name, its default, and why it is what it is.

A bound is passed in wherever a decision depends on it, so that a replay under the same rules decides the same.
"""

from __future__ import annotations

from typing import Final

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds that decide what a report may be. They are part of the rules, and so of the rules' hash."""

    report_bytes: int = 262_144
    """A bulletin with furniture is 10 kB; 256 kB leaves room for a long article and stays far below a fetch."""

    text_chars: int = 100_000
    """Reading a text is linear in its length; a longer one is a mistake or an attack."""

    lines_per_report: int = 100
    """A bulletin of a province list has some 40 lines. All events of one report travel in one record batch, and each of
    its numbers may cross every other of the day: 100 by each of two parties, all crossing, took 1.15 s in all at worst,
    and 100 on a day that already stands at `scopes_per_theatre_day` such scopes take 3 to 6 s."""

    groups_per_report: int = 1_000
    """Groups that the lines of a report name, all told: each adds its bounds to an event. A line names one or two."""

    name_chars: int = 200
    """Identifiers and names: longer ones are pasted text, and would bloat keys and labels."""

    count_max: int = 10_000
    """No monitoring mission registers more in a day; a larger number is a typing mistake, not a day of war."""

    max_skew_seconds: int = 86_400
    """How far after its append time a report may be dated: observers' clocks and zones are off by hours, not days."""

    earliest_year: int = 1970
    """A report dated earlier has a slip in its year (0020, 1920): no truce that is monitored now is that old."""

    horizon_days: int = 400
    """How long a day takes corrections after it was first spoken of: a year, and a month for the annual review."""

    close_grace_seconds: int = 43_200
    """How long after the cut-off a day stays open, so that the bulletin of the next morning is not `late`."""

    late_after_seconds: int = 43_200
    """How long after its cut-off a day may be first spoken of and still be news. One that is first spoken of later was
    over by then: what is found of it is late from the start, and pages nobody."""

    days_per_input: int = 500
    """Days that are closed or sealed at one input; the next one goes on. A history fed at once would end at once."""

    items_per_block: int = 300
    """Single incidents in force of one day, neighbourhood and class of type: any may tell the same one as another. One
    more is `too_many_items`. Where nothing tells them apart, each is weighed against all others: ten thousand reports
    of one village without a time of day, under 37 names, took 3.2 s. A truce has some five a day."""

    reports_in_memory: int = 500_000
    """Reports that one partition keeps for matching; above it the oldest without lines go, then the oldest open day is
    sealed. With all that hangs on them about 4 kB each: 2 GB for a partition that is full."""

    scopes_per_theatre_day: int = 300
    """Different (attribution, place) for which numbers are in force on one day of a theatre; a number for one more is
    `too_many_scopes`. Each makes the next line dearer. With 300 that nest, as in bulletins, a line takes below 1 ms;
    with 300 that all cross, at worst 60 ms by two parties and 0.3 s by twenty. A province list has some 40. Places that
    no catalogue has may fill half of them."""

    revisions_per_report: int = 100
    """Versions of one report that are told apart; a source that revises more often is broken."""


# Bounds of the machinery: they shape batches and memory, never a decision (DESIGN section 3, law 6).
BATCH_RECORDS = 2_000
"""Records in one step of an agent: some 50 ms of work, so that heartbeats and the endpoint stay answered."""

IN_FLIGHT_RECORDS = 20_000
"""Records fetched and not yet acknowledged, for each partition: the back-pressure bound."""

PRODUCE_BATCH_BYTES = 4_000_000
"""Size of one produced record batch that holds several inputs; under `max_message_bytes` of every topic."""

GROUP_BYTES = 8_000_000
"""All records that one input causes, in one unsplit batch; under `max_message_bytes` of `events`. The largest that the
limits of a report let it cause is far below: a correction of 500 lines under long names was measured at 6,400,000."""

DEAD_LETTER_BYTES = 3_900_000
"""Key, value and headers of a dead letter: below `PRODUCE_BATCH_BYTES`, and so below what its topic takes. A record
that a producer has compressed may be far larger than its topic's limit; of such a one the letter keeps what fits."""

UNUSABLE_PER_SOURCE_MINUTE = 100
"""Unusable records of one source within a minute of append time; with one more the source is parked. No person writes
so fast: it is a program that is broken, and somebody must look at it."""

WATCHED_SOURCES = 1_000
"""Sources with unusable records that are told apart in each partition; what is beyond is watched as `other`."""

TOP_SOURCES = 20
"""Parked sources that get metric series of their own; the rest is `other`, so that cardinality is bounded."""

TOP_PLACES = 50
"""Places that get a metric series of their own; the rest is `other`, so that cardinality is bounded."""

TOP_ALERTS = 100
"""Series past their threshold, today and yesterday, that get metric series of their own; the rest is `other`."""

SOURCES_HEARD = 10_000
"""Sources of which a partition keeps when it last heard of them: far more than a mission has, some 2 MB."""

SNAPSHOT_EVERY_RECORDS = 200_000
"""Records between two snapshots of a partition: some ten seconds of refolding after a crash."""

METADATA_SECONDS = 10
"""How old what a consumer knows of its topics may be: partitions that are added are read within a minute."""

TICK_SECONDS = 60
"""How often the owner of a `lines` partition tells it the time."""

LINE_BYTES = 16 << 20
"""A line that `send` reads at once: far above any report, so that one longer is told as such."""

REMEMBERED_REPORTS = 1_000_000
"""Reports whose id and content `send` keeps, to find an id that is used twice: some 110 MB."""

DIFFERENT_FINDINGS = 1_000
"""Names, ids or reasons that `send` tells apart before it only counts them."""

PERMITTED_LIMITS: Final = {
    "report_bytes": (1_000, 1_000_000),
    "text_chars": (100, 1_000_000),
    "lines_per_report": (1, 500),
    "groups_per_report": (1, 1_000),
    "name_chars": (20, 200),
    "count_max": (1, 1_000_000_000),
    "max_skew_seconds": (0, 31_622_400),
    "earliest_year": (1, 9_998),
    "horizon_days": (1, 36_525),
    "close_grace_seconds": (0, 31_622_400),
    "late_after_seconds": (0, 1_000_000_000_000),
    "days_per_input": (1, 5_000),
    "items_per_block": (1, 1_000_000_000),
    "reports_in_memory": (1_000, 100_000_000),
    "scopes_per_theatre_day": (1, 1_000_000_000),
    "revisions_per_report": (1, 100_000),
}
"""What a catalogue may set each limit to: so that what one input causes stays within `GROUP_BYTES`, and a partition can
work at all."""

LATER_LIMITS: Final = {
    "earliest_year": 1,
    "items_per_block": 1_000_000_000,
    "scopes_per_theatre_day": 1_000_000_000,
    "late_after_seconds": 1_000_000_000_000,
}
"""Limits that rules may have been published without, and what they are then: as good as none."""
