"""The counts of one theatre and day, kept up line by line."""

from __future__ import annotations

import msgspec

from incident_pipeline.counting.attribution import attribution
from incident_pipeline.counting.blocks import Block, Regrouping, Standing
from incident_pipeline.counting.bounds import Bounds, told_by
from incident_pipeline.counting.cells import CellCount
from incident_pipeline.counting.clustering import Incident, joint_cell
from incident_pipeline.counting.facts import (
    NOTHING,
    Aggregate,
    DayCounts,
    Figures,
    Item,
    LineKey,
    Retelling,
)
from incident_pipeline.counting.leaders import Leaders
from incident_pipeline.counting.pairing import block_of
from incident_pipeline.counting.scope import add
from incident_pipeline.counting.scopes import Scopes
from incident_pipeline.event import ANY, BoundsChange, Change


class DayFacts(msgspec.Struct, frozen=True):
    """The lines in force, in canonical order: all that a day's counts depend on."""

    theatre: str
    date: str
    items: tuple[Item, ...] = ()
    aggregates: tuple[Aggregate, ...] = ()
    retellings: tuple[Retelling, ...] = ()
    """Added up by (attribution, place)."""


class TheatreDay:
    """Lines in force of one theatre and day, their incidents and all counts that follow from them.

    Lines are added and removed in any order; `changes` then tells what that did to the counts. The same set of lines
    in force gives the same incidents and counts, whatever the way there. Two days are equal if their lines are.
    """

    __slots__ = (
        "_aggregates",
        "_blocks",
        "_bounds",
        "_cells",
        "_common",
        "_date",
        "_incidents",
        "_moved_by",
        "_only",
        "_raw",
        "_reported",
        "_retold",
        "_scopes",
        "_standings",
        "_theatre",
        "_touched",
    )

    def __init__(self, theatre: str, date: str) -> None:
        """`theatre`: its id, the first on the path of each of its places; `date`: ISO 8601."""
        self._theatre = theatre
        self._date = date
        self._blocks: dict[tuple[str, str], Block] = {}
        self._standings: dict[LineKey, Standing] = {}
        self._aggregates: dict[LineKey, Aggregate] = {}
        self._retold: dict[tuple[str, str], int] = {}
        self._cells: dict[tuple[str, str], CellCount] = {}
        self._scopes = Scopes()
        self._bounds = Bounds()
        self._raw = self._incidents = self._common = 0
        """Totals: what lines add to `raw`, incidents, and incidents that two or more parties tell."""
        self._only = Leaders()
        """Incidents that each party tells alone."""
        self._moved_by: dict[str, int] = {}
        """Incidents that would lie in another cell without the party, which tells them with others."""
        self._touched: list[CellCount] = []
        self._reported: Figures = NOTHING

    # Lines in force

    def add_item(self, item: Item) -> Regrouping:
        """Put an item in force; the incidents that it took away and brought. ValueError if its key is in force."""
        if item.key in self._standings:
            msg = f"item {item.key} is in force already: remove it before it is added again"
            raise ValueError(msg)
        key = block_of(item)
        block = self._blocks.get(key)
        if block is None:
            block = self._blocks[key] = Block(self._standings)
        regrouping = block.add(item)
        cell = self._add_raw(item.attribution, item.place, 1)
        if regrouping.removed:
            self._regroup(regrouping)
        else:
            self._count_told_alone(cell, item.party, 1)
            self._tell_bounds(cell)
        return regrouping

    def remove_item(self, key: LineKey) -> Regrouping:
        """Take an item out of force; the incidents that it took away and brought. KeyError if it is not in force."""
        item = self._standings[key].item
        block = self._blocks[block_of(item)]
        regrouping = block.remove(key)
        if block.is_empty:
            del self._blocks[block_of(item)]
        self._add_raw(item.attribution, item.place, -1)
        self._regroup(regrouping)
        return regrouping

    def add_aggregate(self, aggregate: Aggregate) -> None:
        """Put an aggregate in force. ValueError if its key is in force.

        Which of a party's aggregates replaces which is decided before: what is in force together adds up.
        """
        if aggregate.key in self._aggregates:
            msg = f"aggregate {aggregate.key} is in force already: remove it before it is added again"
            raise ValueError(msg)
        self._aggregates[aggregate.key] = aggregate
        cell = self._add_raw(aggregate.attribution, aggregate.place, aggregate.raw)
        self._scopes.state(cell, aggregate.party, aggregate.n, self._cells.values())
        self._need(cell)

    def remove_aggregate(self, key: LineKey) -> Aggregate:
        """Take an aggregate out of force. KeyError if it is not in force."""
        aggregate = self._aggregates.pop(key)
        cell = self._add_raw(aggregate.attribution, aggregate.place, -aggregate.raw)
        self._scopes.withdraw(cell, aggregate.party, aggregate.n)
        self._need(cell)
        return aggregate

    def add_retelling(self, retelling: Retelling) -> None:
        """Put a retelling in force: it counts in `raw` alone."""
        key = retelling.attribution, retelling.place
        self._retold[key] = self._retold.get(key, 0) + retelling.raw
        self._add_raw(*key, retelling.raw)

    def remove_retelling(self, retelling: Retelling) -> None:
        """Take a retelling out of force. ValueError if less than that was retold."""
        key = retelling.attribution, retelling.place
        left = self._retold.get(key, 0) - retelling.raw
        if left < 0:
            msg = f"{retelling.raw} retold of {key} are taken out of force, but only {left + retelling.raw} are in it"
            raise ValueError(msg)
        self._retold[key] = left
        if not left:
            del self._retold[key]
        self._add_raw(*key, -retelling.raw)

    # Counts

    def changes(self) -> tuple[tuple[Change, ...], tuple[BoundsChange, ...]]:
        """What changed in the counts since this was last asked, as events tell it.

        Cells by place, then attribution, and the theatre's total after them; bounds by group, then from the deepest
        place up, then by place, each place of a group once.
        """
        if self._scopes.stale:
            self._touched += self._scopes.settle()
        touched, changes = self._touched, []
        if len(touched) > 1:
            touched.sort(key=_place_and_attribution)
        for cell in touched:
            before, after = cell.reported, cell.figures()
            if before != after:
                cell.reported = after
                changes.append(self._change(cell.attribution, cell.place, before, after))
        touched.clear()
        before, after = self._reported, self._total()
        if before != after:
            self._reported = after
            changes.append(self._change(ANY, self._theatre, before, after))
        return tuple(changes), self._bounds.changes(self._date)

    def _change(self, attribution: str, path: str, before: Figures, after: Figures) -> Change:
        raw_before, deduplicated_before, corroborated_before, high_before = before
        raw, deduplicated, corroborated, high = after
        return Change(
            attribution,
            (corroborated_before, corroborated),
            self._date,
            (deduplicated_before, deduplicated),
            (high_before, high),
            path,
            (raw_before, raw),
        )

    @property
    def theatre(self) -> Figures:
        """The theatre's total."""
        self._settle()
        return self._total()

    def cell(self, groups: str, path: str) -> Figures:
        """Figures of exactly one cell."""
        self._settle()
        cell = self._cells.get((groups, path))
        return cell.figures() if cell else NOTHING

    def bound(self, group: str, path: str) -> tuple[int, int]:
        """(certain, possible) of a single group at a place with all below it."""
        return self._bounds.bound(group, path)

    def counts(self) -> DayCounts:
        """All counts."""
        self._settle()
        cells = {key: cell.figures() for key, cell in self._cells.items()}
        return DayCounts(
            self._total(),
            {key: figures for key, figures in cells.items() if any(figures)},
            self._bounds.all(),
        )

    # State

    def incident(self, key: LineKey) -> Incident:
        """Incident that an item tells. KeyError if the item is not in force."""
        return self._standings[key].incident

    def links(self, item: Item) -> dict[LineKey, int]:
        """Scores of the items in force that may tell the same incident as one that need not be in force."""
        block = self._blocks.get(block_of(item))
        return block.links(item) if block else {}

    def item(self, key: LineKey) -> Item:
        """An item in force. KeyError if it is not."""
        return self._standings[key].item

    def incidents(self) -> list[Incident]:
        """All incidents, in the order of their first members."""
        found = [
            incident
            for key, standing in self._standings.items()
            if (incident := standing.incident).members[0].key == key
        ]
        return sorted(found, key=lambda incident: incident.members[0].key)

    def facts(self) -> DayFacts:
        """The lines in force."""
        return DayFacts(
            self._theatre,
            self._date,
            tuple(sorted((standing.item for standing in self._standings.values()), key=_key)),
            tuple(sorted(self._aggregates.values(), key=_key)),
            tuple(
                Retelling(attribution=who, place=where, raw=raw) for (who, where), raw in sorted(self._retold.items())
            ),
        )

    def __eq__(self, other: object) -> bool:
        return self.facts() == other.facts() if isinstance(other, TheatreDay) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def to_data(self) -> object:
        """Plain data for a snapshot: the lines in force. Changes must have been asked for; they do not survive."""
        return msgspec.to_builtins(self.facts())

    @classmethod
    def from_data(cls, data: object) -> TheatreDay:
        """Day of a snapshot, with no changes pending. msgspec.ValidationError if the data has another shape."""
        facts = msgspec.convert(data, DayFacts)
        day = cls(facts.theatre, facts.date)
        for item in facts.items:
            day.add_item(item)
        for aggregate in facts.aggregates:
            day.add_aggregate(aggregate)
        for retelling in facts.retellings:
            day.add_retelling(retelling)
        day.changes()
        return day

    # Counters

    def _cell(self, groups: str, path: str) -> CellCount:
        cell = self._cells.get((groups, path))
        if cell is None:
            cell = self._cells[groups, path] = CellCount(groups, path)
            self._scopes.link(cell)
        return cell

    def _add_raw(self, groups: str, path: str, raw: int) -> CellCount:
        cell = self._cell(groups, path)
        cell.raw += raw
        self._raw += raw
        self._touched.append(cell)
        return cell

    def _regroup(self, regrouping: Regrouping) -> None:
        """Incidents went and came; what both tell the bounds alike is not told."""
        units: dict[tuple[str, str], tuple[int, int]] = {}
        for incidents, change in ((regrouping.removed, -1), (regrouping.added, 1)):
            for incident in incidents:
                self._count(incident, change)
                for group, path, certain, possible in told_by(incident.members):
                    told = units.get((group, path), (0, 0))
                    units[group, path] = told[0] + change * certain, told[1] + change * possible
        for (group, path), (certain, possible) in units.items():
            if certain or possible:
                self._bounds.tell(self._bounds.node(group, path), certain, possible)

    def _count(self, incident: Incident, change: int) -> None:
        """An incident came (1) or went (-1)."""
        cell = self._cell(incident.attribution, incident.place)
        self._touched.append(cell)
        common = len(incident.parties) > 1
        if not common:
            self._count_told_alone(cell, incident.parties[0], change)
            return
        cell.incidents += change
        self._incidents += change
        cell.common += change
        self._common += change
        if cell.stated is not None:
            self._scopes.unit(cell, change, common=True)
        self._tell_apart(incident, cell, change)

    def _count_told_alone(self, cell: CellCount, party: str, change: int) -> None:
        """An incident that one party tells came (1) or went (-1)."""
        cell.incidents += change
        self._incidents += change
        self._only.change(party, change)
        telling = cell.tellings.get(party) or cell.telling(party)
        telling.own += change
        telling.rest -= change
        if cell.stated is not None:
            self._scopes.unit(cell, change, common=False)
            self._scopes.told(cell, party, change, -change)

    def _tell_bounds(self, cell: CellCount) -> None:
        """An incident that one item tells came: what most lines do."""
        nodes = cell.nodes
        if nodes is None:
            groups = attribution(cell.attribution).groups
            nodes = cell.nodes = tuple([self._bounds.node(group, cell.place) for group in groups])
        certain = 1 if len(nodes) == 1 else 0
        for node in nodes:
            self._bounds.tell(node, certain, 1)

    def _tell_apart(self, incident: Incident, cell: CellCount, change: int) -> None:
        """What each of two or more parties tells of an incident, and what remains of it without each."""
        for party in incident.parties:
            own = [member for member in incident.members if member.party == party]
            rest = [member for member in incident.members if member.party != party]
            self._tell(self._cell(*joint_cell(own)), party, change, 0)
            remaining = self._cell(*joint_cell(rest))
            if remaining is not cell:
                add(self._moved_by, party, change)
                self._tell(cell, party, 0, -change)
                self._tell(remaining, party, 0, change)

    def _tell(self, cell: CellCount, party: str, own: int, rest: int) -> None:
        telling = cell.telling(party)
        telling.own += own
        telling.rest += rest
        if cell.stated is not None:
            self._scopes.told(cell, party, own, rest)

    def _need(self, cell: CellCount) -> None:
        """The numbers stated for a cell changed: so may the bounds of its groups at its place."""
        self._touched.append(cell)
        stated = [(scope.largest, scope.order.groups) for scope in self._scopes.at(cell.place)]
        for group in attribution(cell.attribution).groups:
            certain = max([number for number, groups in stated if groups == (group,)], default=0)
            possible = max([number for number, groups in stated if group in groups], default=0)
            self._bounds.need(group, cell.place, certain, possible)

    def _settle(self) -> None:
        if self._scopes.stale:
            self._touched += self._scopes.settle()

    def _total(self) -> Figures:
        scopes, incidents, common = self._scopes, self._incidents, self._common
        if not scopes.by_cell:
            return (self._raw, incidents, common, incidents)
        deduplicated = incidents + scopes.unitemised
        corroborated = min(common + scopes.unitemised_common, deduplicated)
        if corroborated:
            corroborated = scopes.least_without_a_party(corroborated, incidents, self._only, self._moved_by)
        return (
            self._raw,
            deduplicated,
            corroborated,
            max(incidents + scopes.unitemised_alone, deduplicated),
        )


def _place_and_attribution(cell: CellCount) -> tuple[str, str]:
    return cell.place, cell.attribution


def _key(line: Item | Aggregate) -> LineKey:
    return line.key
