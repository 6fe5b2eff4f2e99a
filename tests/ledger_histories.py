"""Random histories of reports, and what is in force of them: worked out from the reports alone, without the ledger.

The second count is the oracle's (`tests/oracle`). What is in force follows the law of counting: of each report the
highest revision, unless it was withdrawn; of each party's numbers for a scope the latest of its own; of retellings
the latest of each teller, in `raw` alone as long as the party's own words are in force.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from ledger_world import (
    DAY,
    HAMA,
    HOUR_MS,
    IDLIB,
    KAFR_NABL,
    LATAKIA,
    NOON_MS,
    NW,
    SARAQIB,
    World,
    aggregate,
    cells,
    item,
    quiet,
)

from incident_pipeline.counting import Aggregate, Item, Retelling
from incident_pipeline.event import ANY
from incident_pipeline.line import Line, LineKind, Quiet
from tests.oracle.counting import Oracle

PARTIES = ("centre", "ministry", "observer")
TELLERS = (*PARTIES, "desk", "paper")
ADDING = "observer"
"""The party whose numbers add up rather than replace each other."""
NEXT_DAY = "2020-03-10"
EAST = "ne"
HASAKAH = "ne/hasakah"
GROUPS = ("hts", "gov", "hts|tip", "unattributed")
PLACES = (NW, IDLIB, SARAQIB, KAFR_NABL, LATAKIA, HAMA, EAST, HASAKAH)
DISTRICTS = {SARAQIB: "idlib", KAFR_NABL: "idlib", IDLIB: "idlib"}


@dataclasses.dataclass(frozen=True)
class Told:
    """One report as its source sends it."""

    source: str
    report_id: str
    revision: int
    published: int
    stated: tuple[Line | Quiet, ...]
    supersedes: str | None = None
    retracts: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """How the source names it."""
        return self.source, self.report_id


def send(world: World, told: Told, **more: Any) -> list[Any]:
    """Put a report into a world."""
    return world.report(
        told.source,
        *told.stated,
        report_id=told.report_id,
        revision=told.revision,
        published_ms=NOON_MS + told.published * HOUR_MS,
        supersedes=told.supersedes,
        retracts=told.retracts,
        **more,
    )


def sent(history: list[Told], **limits: int) -> World:
    """A world that has been told a history."""
    world = World(**limits)
    for told in history:
        send(world, told)
    return world


# Drawing


@st.composite
def statements(draw: st.DrawFn, party: str) -> Line | Quiet:
    """An item, a number or a quiet statement of a party."""
    groups, place = draw(st.sampled_from(GROUPS)), draw(st.sampled_from(PLACES))
    day = draw(st.sampled_from((DAY, DAY, NEXT_DAY)))
    what = draw(st.integers(0, 9))
    if what < 5:
        told = item(
            party,
            groups,
            draw(st.sampled_from((SARAQIB, SARAQIB, IDLIB, HASAKAH))),
            draw(st.sampled_from((600, 600, 605, 625, 700, None))),
            draw(st.sampled_from(("K3", "K3", "K1", "U0"))),
            day=day,
        )
        fields = {name: getattr(told, name) for name in told.__struct_fields__}
        return Line(**fields | {"neighbourhood": DISTRICTS.get(told.place, told.place)})
    if what < 9:
        return aggregate(party, draw(st.integers(2, 5)), groups, place, day=day, increment=party == ADDING)
    return quiet(party, groups, place, day=day)


@st.composite
def reports(draw: st.DrawFn, number: int) -> Told:
    """One report; its publication is its own, so that no two of a party are published at once."""
    source = draw(st.sampled_from(TELLERS))
    own = source in PARTIES and draw(st.integers(0, 9)) < 8
    party = source if own else draw(st.sampled_from(PARTIES))
    withdraws = draw(st.sampled_from((None, None, None, None, "supersedes", "retracts")))
    return Told(
        source=source,
        report_id=f"r{draw(st.integers(0, 4))}",
        revision=draw(st.sampled_from((0, 0, 0, 1, 2))),
        published=number,
        stated=tuple(draw(st.lists(statements(party), max_size=3))),
        **({withdraws: f"r{draw(st.integers(0, 4))}"} if withdraws else {}),
    )


@st.composite
def histories(draw: st.DrawFn, max_size: int = 7, *, conflicts: bool = True) -> list[Told]:
    """Reports in the order in which they arrive; their publication is in any order, and some come twice."""
    size = draw(st.integers(0, max_size))
    numbers = draw(st.permutations(range(size)))
    history = [draw(reports(number)) for number in numbers]
    if not conflicts:
        seen = set()
        history = [
            told
            for told in history
            if (told.key, told.revision) not in seen and not seen.add((told.key, told.revision))
        ]
    for told in draw(st.lists(st.sampled_from(history), max_size=2)) if history else []:
        history.insert(draw(st.integers(history.index(told) + 1, len(history))), told)
    return history


# What is in force


def in_force(history: list[Told]) -> list[tuple[Told, int, int, Line | Quiet]]:
    """(report, when it arrived, index of the statement, statement) of all that is in force."""
    versions: dict[tuple[str, str], dict[int, tuple[int, Told]]] = {}
    withdrawn = set()
    for arrival, told in enumerate(history):
        known = versions.setdefault(told.key, {})
        if told.revision in known:
            continue  # a duplicate, or a conflict: the first stands
        known[told.revision] = (arrival, told)
        if told.retracts:
            withdrawn.add((told.source, told.retracts))
        if told.supersedes and told.supersedes != told.report_id:
            withdrawn.add((told.source, told.supersedes))
    latest = [known[max(known)] for key, known in versions.items() if key not in withdrawn]
    return [(told, arrival, index, each) for arrival, told in latest for index, each in enumerate(told.stated)]


def _all(stated: Any) -> bool:
    return bool(stated)


def oracle_of(history: list[Told], theatre: str, day: str, takes: Callable[[Any], bool] = _all) -> Oracle:
    """The second count of a theatre's day, of those lines and quiet statements in force that `takes` says."""
    items, retold_items = [], []
    scopes: dict[tuple[str, str, str], dict[tuple[str, str], dict[str, Any]]] = {}
    for told, arrival, index, each in in_force(history):
        own = each.party == told.source
        if (each.place.split("/")[0], each.day) != (theatre, day):
            continue
        if isinstance(each, Line) and each.kind is LineKind.ITEM:
            (items if own else retold_items).append(_item(told, index, each))
            continue
        of_scope = scopes.setdefault((each.party, each.attribution, each.place), {})
        adds = isinstance(each, Line) and each.increment
        rank = (told.published, told.revision, arrival)
        start = {"rank": rank, "n": [], "own": own, "adds": False, "sure": each.corroborates}
        report = of_scope.setdefault(told.key, start)
        report["adds"] |= adds
        if takes(each):
            report["n"].append(each.count if isinstance(each, Line) else 0)
    return _counted(items, retold_items, scopes, takes)


def _item(told: Told, index: int, line: Line) -> Item:
    return Item(
        key=(told.source, told.report_id, index),
        party=line.party,
        attribution=line.attribution,
        place=line.place,
        neighbourhood=line.neighbourhood,
        minute=line.minute,
        type=line.type,
        corroborates=line.corroborates,
    )


def _counted(
    items: list[Item], retold_items: list[Item], scopes: dict[Any, dict[Any, dict[str, Any]]], takes: Any
) -> Oracle:
    aggregates, retellings = [], []
    for (party, attribution, place), stated in scopes.items():
        counting, repeating = _standing(stated)
        retellings += [
            Retelling(attribution=attribution, place=place, raw=sum(each["n"])) for each in repeating if each["n"]
        ]
        numbers = [n for each in counting for n in each["n"]]
        if not numbers and not any(each["n"] for each in stated.values()):
            continue
        sure = {key: each for key, each in stated.items() if each["sure"]}
        sure_numbers = [n for each in _standing(sure)[0] for n in each["n"]]
        aggregates.append(
            Aggregate(
                key=(party, f"{attribution}@{place}", 0),
                party=party,
                attribution=attribution,
                place=place,
                n=sum(numbers),
                raw=sum(numbers),
                corroborates=len(sure) == len(stated),
                n_corroborating=sum(sure_numbers) if sure_numbers else None,
            )
        )
    score, told = Oracle([*items, *retold_items]).score, list(items)
    for retold in retold_items:
        block = (retold.neighbourhood, retold.type[0].replace("U", "K"))
        said = [o for o in items if (o.neighbourhood, o.type[0].replace("U", "K")) == block and o.party == retold.party]
        if not any(score(retold, own) >= 5 for own in said):
            told.append(retold)
        elif takes(retold):
            retellings.append(Retelling(attribution=retold.attribution, place=retold.place, raw=1))
    return Oracle([each for each in told if takes(each)], aggregates, retellings)


def _standing(stated: dict[Any, dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Of what reports state for a scope: what makes up the party's number, and what only repeats it."""
    own = [each for each in stated.values() if each["own"]]
    tellers: dict[str, dict[str, Any]] = {}
    for (source, _), each in sorted(stated.items(), key=lambda entry: entry[1]["rank"]):
        if not each["own"]:
            tellers[source] = each
    replaced = [each for each in own if not each["adds"]]
    counting = [each for each in own if each["adds"]] + sorted(replaced, key=lambda each: each["rank"])[-1:]
    if not own:
        counting = sorted(tellers.values(), key=lambda each: each["rank"])[-1:]
    return counting, [each for each in tellers.values() if not any(each is one for one in counting)]


def days_of(history: list[Told]) -> set[tuple[str, str]]:
    """(theatre, day) that the history speaks of."""
    return {(each.place.split("/")[0], each.day) for told in history for each in told.stated}


def assert_counted_as_by_somebody_else(world: World, history: list[Told]) -> None:
    """Hold the counts that a world's events come to against the second count of a history."""
    counted = {key: figures for key, figures in cells(world.events).items() if any(figures)}
    wanted = {}
    for theatre, day in days_of(history):
        oracle = oracle_of(history, theatre, day)
        for (groups, place), figures in {**oracle.cells(), (ANY, theatre): oracle.theatre()}.items():
            raw, deduplicated, corroborated, high = figures
            wanted[day, groups, place] = (deduplicated, raw, corroborated, high)
    assert counted == {key: figures for key, figures in wanted.items() if any(figures)}
