"""Texts of which nothing was read: those that a person should look at differ from those with nothing to count."""

from __future__ import annotations

import pytest

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.load import load_rules, shipped_catalogue
from incident_pipeline.chain import Tail
from incident_pipeline.codec import encode
from incident_pipeline.event import Event, EventType
from incident_pipeline.intake.take import take
from incident_pipeline.intake.understand import Coordinates
from incident_pipeline.ledger import Settings
from incident_pipeline.ledger.encoding import decode_event
from incident_pipeline.ledger.stage import LedgerStage
from incident_pipeline.line import Understood, Unread
from incident_pipeline.log import LogRecord
from incident_pipeline.owner import Decided

RULES = load_rules(shipped_catalogue())
CATALOGUE = Catalogue(RULES)


def understood(offset: int = 0, **fields: object) -> Understood:
    known = {"source": "sample-news", "report_id": "1", "published_at": "2020-03-11T10:00:00Z"}
    at = Coordinates(0, offset)
    taken = take(encode(known | fields), at, CATALOGUE, recorded_at_ms=1_583_928_000_000, partitions=1)
    assert isinstance(taken, list)
    return taken[0][1]


def decide(*records: Understood) -> Decided:
    read = [LogRecord("lines", 0, at, one.recorded_at_ms, b"", encode(one)) for at, one in enumerate(records)]
    return LedgerStage({CATALOGUE.hash: Settings.of(RULES)}).decide(read, Tail())


def events_of(decided: Decided) -> list[Event]:
    return [decode_event(record.value) for group in decided.groups for record in group]


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("Сегодня 5 обстрелов в провинции Идлиб.", (Unread.LANGUAGE,)),
        ("خمس خروقات لوقف إطلاق النار في إدلب اليوم", (Unread.LANGUAGE,)),
        ("İdlib bölgesinde beş ihlal tespit edildi.", (Unread.LANGUAGE,)),
        ("Fünf Verstöße in Idlib", (Unread.LANGUAGE,)),
        ("Cinq violations du cessez-le-feu ont été constatées", (Unread.VIOLATIONS,)),
        ("%$ 8#4 xq zzz ???", (Unread.LANGUAGE,)),
        ("\ufffd\ufffd\ufffd\ufffd 12", (Unread.LANGUAGE,)),
        ("There were shellings in Idlib.", (Unread.VIOLATIONS,)),
        ("The weather over the zone was fine.", ()),
        ("A meeting took place in Ankara; nothing else to report.", ()),
    ],
)
def test_the_event_tells_whether_a_person_should_look(text: str, flags: tuple[Unread, ...]) -> None:
    adopted, event = events_of(decide(understood(text=text)))
    assert adopted.type is EventType.RULES_ADOPTED
    assert (event.type, event.flags) == (EventType.REPORT_NOTED, tuple(each.value for each in flags))


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "On 9 March 2020 militants shelled Saraqib."},
        {"text": "No violations were registered today."},
        {"text": "Сегодня спокойно.", "quiet": [{"place": "Idlib"}]},
        {"text": "Пять обстрелов.", "violations": [{"place": "Idlib", "count": 5}]},
        {"text": " ", "quiet": [{"place": "Idlib"}]},
        {"text": "Отзыв сообщения.", "retracts": "0"},
    ],
)
def test_what_something_was_understood_of_has_no_such_flag(fields: dict[str, object]) -> None:
    assert not {each.value for each in Unread} & set(understood(**fields).flags)


def test_reports_that_contradict_an_earlier_one_are_counted_by_source() -> None:
    one, other = ({"violations": [{"place": "Idlib", "count": count}]} for count in (1, 2))
    decided = decide(
        understood(0, **one), understood(1, **one), understood(2, **other), understood(3, source="sample-east", **one)
    )
    assert [event.type for event in events_of(decided)][2:4] == [
        EventType.REPORT_DUPLICATED,
        EventType.REPORT_CONFLICTED,
    ]
    assert decided.conflicts == {"sample-news": 1}
