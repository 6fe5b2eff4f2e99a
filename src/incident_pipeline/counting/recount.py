"""A full recount of one theatre and day, written straight from the law (`counting.md`): the auditor's count."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from incident_pipeline.counting.attribution import attribution
from incident_pipeline.counting.clustering import Incident, cluster, joint_cell
from incident_pipeline.counting.facts import NOTHING, Aggregate, DayCounts, Figures, Item, Retelling, sure_part
from incident_pipeline.counting.places import place
from incident_pipeline.counting.steps import Cell, Steps, run_steps

Numbers = dict[Cell, dict[str, int]]
"""What each party states, by scope."""


def count(
    items: Iterable[Item] = (), aggregates: Iterable[Aggregate] = (), retellings: Iterable[Retelling] = ()
) -> DayCounts:
    """Count the lines in force, from nothing. The order of each does not matter."""
    items, aggregates = list(items), list(aggregates)
    sure_items, sure_aggregates = sure_lines(items, aggregates)
    counted = _count_all(items, aggregates, retellings)
    if len(sure_items) == len(items) and sure_aggregates == aggregates:
        return counted
    return _corroborated_by(counted, _count_all(sure_items, sure_aggregates, ()))


def sure_lines(items: Iterable[Item], aggregates: Iterable[Aggregate]) -> tuple[list[Item], list[Aggregate]]:
    """Return the lines that `corroborated` rests on."""
    sure = (sure_part(aggregate) for aggregate in aggregates)
    return [item for item in items if item.corroborates], [aggregate for aggregate in sure if aggregate is not None]


def _corroborated_by(counted: DayCounts, sure: DayCounts) -> DayCounts:
    """Put the `corroborated` of the lines that corroborate in the place of that of all."""
    cells = {}
    for cell in counted.cells.keys() | sure.cells.keys():
        raw, deduplicated, _, high = counted.cells.get(cell, NOTHING)
        cells[cell] = (raw, deduplicated, sure.cells.get(cell, NOTHING)[2], high)
    raw, deduplicated, _, high = counted.theatre
    theatre = (raw, deduplicated, min(sure.theatre[2], deduplicated), high)
    return DayCounts(theatre, {cell: figures for cell, figures in cells.items() if any(figures)}, counted.bounds)


def _count_all(items: list[Item], aggregates: list[Aggregate], retellings: Iterable[Retelling]) -> DayCounts:
    incidents = cluster(items)
    numbers: Numbers = defaultdict(dict)
    for line in aggregates:
        stated = numbers[line.attribution, line.place]
        stated[line.party] = stated.get(line.party, 0) + line.n

    raw: Counter[Cell] = Counter()
    for item in items:
        raw[item.attribution, item.place] += 1
    for line in aggregates:
        raw[line.attribution, line.place] += line.raw
    for retelling in retellings:
        raw[retelling.attribution, retelling.place] += retelling.raw

    told = Counter((incident.attribution, incident.place) for incident in incidents)
    full = _deduplicate(incidents, numbers, without=None)
    alone = _each_party_alone(incidents, numbers)
    common = _corroborate(incidents, numbers, alone)
    deduplicated = told + Counter(full.unitemised)
    high = told + sum((Counter(steps.unitemised) for steps in alone.values()), Counter())
    corroborated = Counter(unit.cell for unit in common.units)

    total = deduplicated.total()
    left = [_deduplicate(incidents, numbers, without=party) for party in alone]
    theatre: Figures = (
        raw.total(),
        total,
        min([corroborated.total(), total, *(len(steps.units) for steps in left)]),
        max(high.total(), total),
    )
    cells = {
        cell: (raw[cell], deduplicated[cell], corroborated[cell], high[cell])
        for cell in raw.keys() | deduplicated.keys() | high.keys() | corroborated.keys()
    }
    return DayCounts(
        theatre,
        {cell: figures for cell, figures in cells.items() if any(figures)},
        _bounds(incidents, numbers),
    )


def _deduplicate(incidents: Sequence[Incident], numbers: Numbers, without: str | None) -> Steps:
    """Steps over all lines, or over all but one party's. An incident is what its remaining tellers say together."""
    cells = []
    for incident in incidents:
        left = [member for member in incident.members if member.party != without]
        if left:
            cells.append(joint_cell(left))
    largest = {
        scope: max((n for party, n in stated.items() if party != without), default=0)
        for scope, stated in numbers.items()
    }
    return run_steps(cells, largest)


def _each_party_alone(incidents: Sequence[Incident], numbers: Numbers) -> dict[str, Steps]:
    """Steps for each party's lines alone."""
    parties = {party for incident in incidents for party in incident.parties}
    parties.update(party for stated in numbers.values() for party in stated)
    alone = {}
    for party in sorted(parties):
        own = [[member for member in incident.members if member.party == party] for incident in incidents]
        stated = {scope: by_party[party] for scope, by_party in numbers.items() if party in by_party}
        alone[party] = run_steps([joint_cell(members) for members in own if members], stated)
    return alone


def _corroborate(incidents: Sequence[Incident], numbers: Numbers, alone: dict[str, Steps]) -> Steps:
    """Steps over what two parties say: incidents of two tellers, and the second largest of the totals in a scope."""
    cells = [(incident.attribution, incident.place) for incident in incidents if len(incident.parties) > 1]
    second = {scope: sorted([0, 0, *(steps.told_within(scope) for steps in alone.values())])[-2] for scope in numbers}
    return run_steps(cells, second)


def _bounds(incidents: Sequence[Incident], numbers: Numbers) -> dict[tuple[str, str], tuple[int, int]]:
    """(certain, possible) for each single group at each place with all below it."""
    stated = [*numbers, *((member.attribution, member.place) for one in incidents for member in one.members)]
    groups = {group for words, _ in stated for group in attribution(words).groups}
    found = {}
    for group in sorted(groups):
        certain = _bound(incidents, numbers, {group})
        possible = _bound(incidents, numbers, {words for words, _ in stated if group in attribution(words).groups})
        for path in certain.keys() | possible.keys():
            found[group, path] = (certain[path], possible[path])
    return found


def _bound(incidents: Sequence[Incident], numbers: Numbers, attributions: set[str]) -> Counter[str]:
    """Units of the steps over the lines with one of the attributions, by place with all below it."""
    cells = []
    for incident in incidents:
        members = [member for member in incident.members if member.attribution in attributions]
        if members:
            cells.append(joint_cell(members))
    largest = {scope: max(stated.values()) for scope, stated in numbers.items() if scope[0] in attributions}
    return Counter(above for unit in run_steps(cells, largest).units for above in place(unit.cell[1]).ancestry)
