"""`incident-pipeline counts`, over an event log that holds the first case of the law of counting."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import msgspec
import pytest
from recorded_history import History
from rich.console import Console

from incident_pipeline.event import BoundsChange, Change, DecidedBy, Event, EventType
from incident_pipeline.line import Activity, Line, LineKind, ReportRef

if TYPE_CHECKING:
    from collections.abc import Callable

    from incident_pipeline.topics import Topics

    from .conftest import Command

NW = "north-west"
IDLIB = f"{NW}/idlib-zone/idlib"


def aggregate(sequence: int, day: str, count: int) -> Event:
    """The centre registers a number, by either of two groups, in Idlib."""
    figures = {"raw": (0, count), "deduplicated": (0, count), "corroborated": (0, 0), "high": (0, count)}
    line = Line(
        attribution="hts|tip",
        count=count,
        day=day,
        index=0,
        kind=LineKind.AGGREGATE,
        party="sample-centre",
        place=IDLIB,
        raw=count,
        type="U0",
    )
    return Event(
        bounds=tuple(
            BoundsChange(certain=((0, 0),) * 3, day=day, group=group, place=IDLIB, possible=((0, count),) * 3)
            for group in ("hts", "tip")
        ),
        changes=(
            Change(attribution="hts|tip", day=day, place=IDLIB, **figures),
            Change(attribution="*", day=day, place=NW, **figures),
        ),
        decided_by=DecidedBy(rule="first-of-party-and-scope"),
        input=sequence,
        line=line,
        recorded_at="2020-03-12T08:00:00.000Z",
        report=ReportRef(
            digest="d", id=f"b{sequence}", offset=sequence, partition=0, published_at_ms=0, source="sample-centre"
        ),
        rules="r",
        sequence=sequence,
        step=0,
        steps=1,
        theatre=NW,
        type=EventType.AGGREGATE_RECORDED,
    )


@pytest.fixture
def counted(append_events: Callable[..., None]) -> None:
    """Two days with a day between of which nobody spoke."""
    append_events(aggregate(0, "2020-03-09", 2), aggregate(1, "2020-03-11", 8))


@pytest.mark.usefixtures("counted")
def test_a_table_of_days(on_cluster: Command) -> None:
    ended = on_cluster("counts")
    assert ended.code == 0
    assert [line.split() for line in ended.out.splitlines()] == [
        ["day", "theatre", "raw", "deduplicated", "corroborated", "high"],
        ["2020-03-09", NW, "2", "2", "0", "2"],
        ["2020-03-10", NW, "–", "–", "–", "–"],  # noqa: RUF001 - the dash of the unknown
        ["2020-03-11", NW, "8", "8", "0", "8"],
    ]


@pytest.mark.usefixtures("counted")
def test_by_group_and_place_with_bounds(on_cluster: Command) -> None:
    ended = on_cluster("counts", "--by", "group,place", "--from", "2020-03-11", "--basis", "deduplicated")
    assert [line.split() for line in ended.out.splitlines()] == [
        ["day", "theatre", "and", "place", "group", "deduplicated", "bounds"],
        ["2020-03-11", NW, "all", "8"],
        ["(whole", "theatre)", "hts", "0", "0–8"],  # noqa: RUF001
        ["(whole", "theatre)", "tip", "0", "0–8"],  # noqa: RUF001
        ["idlib", "hts", "or", "tip", "8"],
    ]


@pytest.mark.usefixtures("counted")
def test_json_lines_for_programs(on_cluster: Command) -> None:
    ended = on_cluster("counts", "--by", "group", "--json")
    found = [json.loads(line) for line in ended.out.splitlines()]
    assert found[0] == {
        "day": "2020-03-09", "theatre": NW, "group": "*", "raw": 2, "deduplicated": 2, "corroborated": 0, "high": 2,
        "certain": None, "possible": None, "total": True,
    }  # fmt: skip
    assert {"group": "hts", "certain": 0, "possible": 2}.items() <= found[1].items()
    assert [row["deduplicated"] for row in found if row["total"]] == [2, None, 8]


@pytest.mark.usefixtures("counted")
def test_csv_for_spreadsheets(on_cluster: Command) -> None:
    ended = on_cluster("counts", "--csv", "--basis", "raw,high", "--by", "place")
    found = list(csv.DictReader(io.StringIO(ended.out)))
    assert found[0] == {"day": "2020-03-09", "theatre": NW, "place": NW, "raw": "2", "high": "2", "total": "1"}
    assert found[1]["place"] == IDLIB
    assert [row["raw"] for row in found if row["day"] == "2020-03-10"] == [""]


@pytest.mark.usefixtures("counted")
def test_a_range_shows_its_silent_days(on_cluster: Command) -> None:
    ended = on_cluster("counts", "--from", "2020-03-12", "--to", "2020-03-13", "--json")
    assert [json.loads(line)["deduplicated"] for line in ended.out.splitlines()] == [None, None]


def test_what_does_not_extend_the_chain_is_in_no_count(on_cluster: Command, append_events: Callable[..., None]) -> None:
    append_events(aggregate(0, "2020-03-09", 2))
    append_events(aggregate(0, "2020-03-09", 5))  # a second writer, from the same beginning
    assert json.loads(on_cluster("counts", "--json").out)["deduplicated"] == 2


@pytest.mark.parametrize(
    ("options", "out"),
    [
        ([], "day  theatre  raw  deduplicated  corroborated  high\n"),
        (["--csv"], "day,theatre,raw,deduplicated,corroborated,high,total\n"),
        (["--json"], ""),
        (["--total", "--csv"], "day,theatre,raw,deduplicated,corroborated,high,total\n"),
        (["--activities", "--csv"], "day,theatre,place,kind,count,party\n"),
    ],
)
def test_before_the_first_event_there_is_an_empty_table(
    on_cluster: Command, topics: Topics, options: list[str], out: str
) -> None:
    ended = on_cluster("counts", *options)
    assert ended.code == 0
    assert [line.rstrip() for line in ended.out.splitlines()] == out.splitlines()
    assert "No events yet" in ended.err
    assert "incident-pipeline worker" in ended.err


@pytest.mark.usefixtures("counted")
def test_days_are_added_up_for_a_place_under_any_of_its_names(on_cluster: Command) -> None:
    ended = on_cluster("counts", "--place", "Idleb", "--group", "HTS", "--total", "--basis", "raw", "--json")
    assert json.loads(ended.out) == {
        "day": "2020-03-09/2020-03-11", "theatre": NW, "raw": 10, "certain": 0, "possible": 10, "total": True,
    }  # fmt: skip


@pytest.mark.usefixtures("counted")
def test_rolled_up_to_a_level(on_cluster: Command) -> None:
    ended = on_cluster("counts", "--by", "zone", "--csv", "--basis", "deduplicated", "--from", "2020-03-11")
    found = list(csv.DictReader(io.StringIO(ended.out)))
    assert [(row["place"], row["deduplicated"], row["total"]) for row in found] == [
        (NW, "8", "1"),
        (f"{NW}/idlib-zone", "8", "0"),
    ]


def test_activities_are_shown_beside_the_counts_and_alone(
    on_cluster: Command, append_events: Callable[..., None]
) -> None:
    convoys = Activity(count=4, day="2020-03-09", index=0, kind="convoys", party="sample-centre", place=IDLIB)
    recorded = msgspec.structs.replace(
        aggregate(0, "2020-03-09", 2),
        activity=convoys,
        bounds=(),
        changes=(),
        line=None,
        type=EventType.ACTIVITY_RECORDED,
    )
    append_events(recorded)
    assert ["2020-03-09", "idlib", "convoys", "4", "sample-centre"] in [
        line.split() for line in on_cluster("counts").out.splitlines()
    ]
    alone = on_cluster("counts", "--activities", "--json")
    assert json.loads(alone.out) == {
        "day": "2020-03-09", "theatre": NW, "place": IDLIB, "kind": "convoys", "count": 4, "party": "sample-centre",
    }  # fmt: skip
    assert on_cluster("counts", "--activities", "--json", "--from", "2020-03-10").out == ""


def test_a_long_read_shows_how_far_it_is(
    on_cluster: Command, append_events: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    append_events(aggregate(0, "2020-03-09", 2))
    assert "Reading events" not in on_cluster("counts").err
    monkeypatch.setattr(
        "incident_pipeline.cli.progress.plain_console", lambda **_: Console(stderr=True, force_terminal=True)
    )
    for options in ([], ["--type", "K3"]):
        assert "Reading events" in on_cluster("counts", "--csv", *options).err
    ended = on_cluster("counts", "--csv")
    assert "Reading events" not in ended.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--by", "colour"], "'colour' is not permitted. Permitted, joined by commas: group, place, zone,"),
        (["--by", "zone,place"], "--by takes one of: place, zone, province, district, town; and group beside it."),
        (["--theatre", "Nowherex"], "--theatre 'Nowherex' is no theatre. There are: north-west"),
        (["--place", "Saraqibxy"], "--place 'Saraqibxy' is not in the catalogue. Did you mean"),
        (["--group", "HTSX"], "--group 'HTSX' is not in the catalogue. Did you mean 'HTS'?"),
        (["--group", "opposition"], "is not one group. Ask for one of:"),
        (["--type", "motrar"], "--type 'motrar' is not in the catalogue. Did you mean 'mortar'?"),
        (["--party", "Reconcilation Centr"], "--party 'Reconcilation Centr' is not in the catalogue. Did you mean"),
        (["--party", "Reconcilation Centr"], "Of a source that the catalogue does not name: source:NAME."),
        (["--activities", "--type", "K3"], "--activities exclude --type"),
        (["--theatre", "Idlib"], "is no theatre. There are: north-west"),
        (["--basis", "guessed"], "Permitted, joined by commas: raw, deduplicated, corroborated, high."),
        (["--basis", ""], "names no basis"),
        (["--from", "9 March"], "9 March"),
        (["--from", "2020-03-11", "--to", "2020-03-09"], "--from 2020-03-11 is after --to 2020-03-09"),
        (["--json", "--csv"], "exclude each other"),
    ],
)
def test_wrong_options_are_told_with_what_is_permitted(command: Command, arguments: list[str], told: str) -> None:
    ended = command("counts", *arguments)
    assert ended.code == 2
    assert told in " ".join(ended.err.split())


@pytest.fixture
def recorded(append: Callable[..., None], topics: Topics) -> None:
    """A history with the rules under which it was decided, as an earlier version wrote it."""
    history = History.load("0.1")
    for topic, records in ((topics.rules, history.rules), (topics.events, history.events)):
        written = [(one.key.encode(), one.value.encode(), one.headers) for one in records]
        append(topic.name, [(*start, [(name, value.encode()) for name, value in more]) for *start, more in written])


@pytest.mark.usefixtures("recorded")
def test_some_types_and_parties_alone_are_counted_from_the_lines_in_force(on_cluster: Command) -> None:
    def found(*options: str) -> dict[str, object]:
        ended = on_cluster("counts", "--json", "--from", "2020-03-11", *options)
        assert (ended.code, ended.err) == (0, "")
        return json.loads(ended.out)

    assert found()["raw"] == 27
    assert found("--type", "mortar") == {
        "day": "2020-03-11", "theatre": NW, "types": ["K3"],
        "raw": 2, "deduplicated": 1, "corroborated": 1, "high": 1, "total": True,
    }  # fmt: skip
    assert found("--type", "K3", "--party", "Sample Observer North", "--group", "hts") == {
        "day": "2020-03-11", "theatre": NW, "types": ["K3"], "parties": ["sample-observer-north"],
        "raw": 1, "deduplicated": 1, "corroborated": 0, "high": 1, "certain": 1, "possible": 1, "total": True,
    }  # fmt: skip
    assert found("--party", "source:nobody")["raw"] is None
    table = on_cluster("counts", "--party", "sample-observer-north", "--type", "K3", "--type", "K1").out
    assert (
        "Counted anew, exactly, from the lines in force of type K1 (small arms) or K3 (indirect fire) registered by "
        "sample-observer-north; what is in force was decided over all lines. Numbers for which no type is told are in "
        "none but U0. One party alone corroborates nothing."
    ) in " ".join(table.split())


@pytest.mark.usefixtures("counted")
def test_records_that_do_not_agree_with_the_log_are_left_out_of_what_is_counted_anew(on_cluster: Command) -> None:
    ended = on_cluster("counts", "--type", "U0", "--csv")
    assert ended.code == 0
    assert ended.err.count("What is shown leaves it out. The way on: incident-pipeline void") == 2
    assert ended.out.splitlines() == ["day,theatre,types,raw,deduplicated,corroborated,high,total"]
