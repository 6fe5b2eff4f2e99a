"""Another truce, another catalogue: the reader knows no names of its own."""

from __future__ import annotations

import datetime as dt

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.catalogue.model import (
    ActivityKind,
    Agreement,
    Collective,
    Group,
    Level,
    Mission,
    Party,
    PastDay,
    Place,
    Rules,
    Side,
    Source,
    ViolationType,
)
from incident_pipeline.intake.reading import read
from incident_pipeline.intake.told import Told
from incident_pipeline.report import Report

RULES = Rules(
    activities=[ActivityKind(id="aid", name="aid convoys", words=["aid convoy"])],
    agreements=[
        Agreement(id="river-truce", name="River Truce", in_force_from=dt.datetime(2024, 5, 1), zone=["river-basin"])  # noqa: DTZ001
    ],
    collectives=[Collective(id="valley-militias", name="valley militias", groups=["red-brigade", "blue-brigade"])],
    groups=[
        Group(id="red-brigade", name="Red Brigade", side="valley"),
        Group(id="blue-brigade", name="Blue Brigade", side="valley"),
        Group(id="plateau-army", name="Plateau Army", side="plateau"),
    ],
    mission=Mission(
        name="River mission", time_zone="Africa/Khartoum", day_ends_at="19:30", default_theatre="river-basin"
    ),
    parties=[
        Party(id="mission", name="River Monitoring Mission", aliases=["the Mission"], home_theatre="river-basin"),
        Party(
            id="joint-cell",
            name="Joint Ceasefire Cell",
            home_theatre="river-basin",
            past_24_hours=PastDay.DAY_BEFORE,
        ),
    ],
    places=[
        Place(id="river-basin", name="River Basin", level=Level.THEATRE),
        Place(id="north-kordo", name="North Kordo", level=Level.PROVINCE, parent="river-basin"),
        Place(id="south-kordo", name="South Kordo", level=Level.PROVINCE, parent="river-basin"),
        Place(id="umm-salim", name="Umm Salim", level=Level.TOWN, parent="north-kordo"),
    ],
    sides=[Side(id="valley", name="valley side"), Side(id="plateau", name="plateau side")],
    sources=[Source(id="wire", name="A wire service")],
    types=[
        ViolationType(code="K3", name="indirect_fire", words=["shelling", "mortar"]),
        ViolationType(code="U0", name="unspecified", words=["violation", "ceasefire violation"]),
    ],
)
CATALOGUE = Catalogue(RULES)
PUBLISHED = dt.datetime(2024, 5, 14, 20, 0, tzinfo=dt.UTC)


def told(text: str) -> list[Told]:
    return list(read(Report(source="wire", report_id="r", text=text, published_at=PUBLISHED), CATALOGUE).statements)


def test_a_missions_daily_report_is_read() -> None:
    total, north, south = told(
        "Between the evenings of 12 and 13 May, the Mission recorded 23 ceasefire violations: 15 in North Kordo and "
        "8 in South Kordo. In the previous reporting period, it recorded 31."
    )
    assert [(one.count, one.place) for one in (total, north, south)] == [
        (23, None),
        (15, "north-kordo"),
        (8, "south-kordo"),
    ]
    assert {one.day for one in (total, north, south)} == {dt.date(2024, 5, 13)}
    assert {one.party for one in (total, north, south)} == {"mission"}


def test_attributions_come_from_the_catalogue() -> None:
    either, none = told(
        "On 13 May the Mission noted four violations by either the Red Brigade or the Blue Brigade. "
        "No violations by the Plateau Army were noted."
    )
    assert (either.count, either.groups) == (4, ("blue-brigade", "red-brigade"))
    assert (none.count, none.groups) == (0, ("plateau-army",))


def test_an_incident_in_a_town_is_an_item() -> None:
    (one,) = told("At 06:40 on 13 May the valley militias shelled Umm Salim.")
    assert (one.place, one.minute, one.groups) == ("umm-salim", 400, ("blue-brigade", "red-brigade"))


def test_a_party_may_mean_the_day_before_by_its_past_24_hours() -> None:
    (one,) = told("The Joint Ceasefire Cell said on 14 May that in the past 24 hours three violations were recorded.")
    assert one.day == dt.date(2024, 5, 13)
