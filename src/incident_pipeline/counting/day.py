"""The counts of one theatre and day, kept up line by line."""

from __future__ import annotations

import msgspec

from incident_pipeline.counting.attribution import attribution
from incident_pipeline.counting.blocks import Clusters, Regrouping
from incident_pipeline.counting.bounds import Bounds
from incident_pipeline.counting.cells import CellCount
from incident_pipeline.counting.clustering import Incident, joint_cell
from incident_pipeline.counting.facts import NOTHING, Aggregate, DayCounts, Figures, Item, LineKey, Retelling, sure_part
from incident_pipeline.counting.leaders import Leaders
from incident_pipeline.counting.pairing import block_named
from incident_pipeline.counting.scope import add
from incident_pipeline.counting.scopes import Scopes
from incident_pipeline.event import ANY, BoundsChange, Change

Changes = tuple[tuple[Change, ...], tuple[BoundsChange, ...]]
"""Of cells by place, then attribution, with the theatre's total at the end; and of bounds (`Bounds.changes`)."""


class DayFacts(msgspec.Struct, frozen=True):
    """A day and its lines in force, in canonical order: all that its counts depend on."""

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
        "_bounds",
        "_cells",
        "_clusters",
        "_common",
        "_counts_parties",
        "_date",
        "_incidents",
        "_moved_by",
        "_only",
        "_raw",
        "_reported",
        "_retold",
        "_scopes",
        "_sure",
        "_theatre",
        "_touched",
    )

    def __init__(self, theatre: str, date: str) -> None:
        self._theatre = theatre
        self._date = date
        self._clusters = Clusters()
        self._aggregates: dict[LineKey, Aggregate] = {}
        self._retold: dict[tuple[str, str], int] = {}
        self._cells: dict[tuple[str, str], CellCount] = {}
        self._scopes = Scopes()
        self._bounds = Bounds(date)
        self._raw = self._incidents = self._common = 0
        """Totals: what lines add to `raw`, incidents, and incidents that two or more parties tell."""
        self._counts_parties = False
        """Whether what each party tells is kept: only absorbing needs it, so that it is from the first number on."""
        self._only = Leaders()
        """Incidents that each party tells alone."""
        self._moved_by: dict[str, int] = {}
        """Incidents that would lie in another cell without the party, which tells them with others."""
        self._touched: list[CellCount] = []
        self._reported: Figures = NOTHING
        self._sure: TheatreDay | None = None
        """The day without the lines that corroborate nothing, from the first of them on: its `corroborated` counts."""

    # Lines in force

    def add_item(self, item: Item) -> Regrouping:
        """Put an item in force; the incidents that it took away and brought. ValueError if its key is in force."""
        regrouping = self._clusters.add(item)
        cell = self._add_raw(item.attribution, item.place, 1)
        if not item.corroborates:
            self._doubt()
        elif self._sure is not None:
            self._sure.add_item(item)
        if regrouping.removed:
            self._regroup(regrouping)
        else:
            self._count_alone(cell, item.party, 1)
        return regrouping

    def remove_item(self, key: LineKey) -> Regrouping:
        """Take an item out of force; the incidents that it took away and brought. KeyError if it is not in force."""
        item = self._clusters.item(key)
        regrouping = self._clusters.remove(key)
        self._add_raw(item.attribution, item.place, -1)
        self._regroup(regrouping)
        if self._sure is not None and item.corroborates:
            self._sure.remove_item(key)
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
        if not self._counts_parties:
            self._count_parties()
        self._scopes.state(cell, aggregate.party, aggregate.n, self._cells.values())
        self._need(cell)
        sure = sure_part(aggregate)
        if not aggregate.corroborates:
            self._doubt(leaving_out=aggregate.key)
        if self._sure is not None and sure is not None:
            self._sure.add_aggregate(sure)

    def remove_aggregate(self, key: LineKey) -> Aggregate:
        """Take an aggregate out of force. KeyError if it is not in force."""
        aggregate = self._aggregates.pop(key)
        cell = self._add_raw(aggregate.attribution, aggregate.place, -aggregate.raw)
        self._scopes.withdraw(cell, aggregate.party, aggregate.n)
        self._need(cell)
        if self._sure is not None and sure_part(aggregate) is not None:
            self._sure.remove_aggregate(key)
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

    def changes(self) -> Changes:
        """What changed in the counts since this was last asked."""
        self._settle()
        cells = []
        for cell in self._touched:
            before, after = cell.reported, self._figures(cell)
            if after != before:
                cell.reported = after
                cells.append(_change(cell.attribution, self._date, cell.place, before, after))
        self._touched.clear()
        if len(cells) > 1:
            cells.sort(key=lambda change: (change.place, change.attribution))
        before, after = self._reported, self._total()
        if after != before:
            self._reported = after
            cells.append(_change(ANY, self._date, self._theatre, before, after))
        return tuple(cells), self._bounds.changes()

    @property
    def theatre(self) -> Figures:
        """The theatre's total."""
        self._settle()
        return self._total()

    def cell(self, groups: str, path: str) -> Figures:
        """Figures of exactly one cell."""
        self._settle()
        cell = self._cells.get((groups, path))
        return self._figures(cell) if cell else NOTHING

    def bound(self, group: str, path: str) -> tuple[int, int]:
        """(certain, possible) of a single group at a place with all below it."""
        return self._bounds.bound(group, path)

    def counts(self) -> DayCounts:
        """All counts."""
        self._settle()
        cells = {key: self._figures(cell) for key, cell in self._cells.items()}
        return DayCounts(
            self._total(),
            {key: figures for key, figures in cells.items() if any(figures)},
            self._bounds.all(),
        )

    # State

    @property
    def scopes(self) -> int:
        """For how many different (attribution, place) numbers are in force, as of the last `changes`."""
        return len(self._scopes.by_cell)

    def is_scope(self, groups: str, path: str) -> bool:
        """Whether a number is in force for exactly these groups and this place, as of the last `changes`."""
        cell = self._cells.get((groups, path))
        return cell is not None and cell.scope is not None

    def items_like(self, neighbourhood: str, code: str) -> int:
        """How many items in force may tell the same incident as one of a neighbourhood and a type."""
        return self._clusters.items_of(block_named(neighbourhood, code))

    def incident(self, key: LineKey) -> Incident:
        """Incident that an item tells. KeyError if the item is not in force."""
        return self._clusters.incident(key)

    def links(self, item: Item) -> dict[LineKey, int]:
        """Scores of the items in force that may tell the same incident as one that need not be in force."""
        return self._clusters.links(item)

    def item(self, key: LineKey) -> Item:
        """An item in force. KeyError if it is not."""
        return self._clusters.item(key)

    def incidents(self) -> list[Incident]:
        """All incidents, in the order of their first members."""
        return self._clusters.incidents()

    def facts(self) -> DayFacts:
        """The lines in force."""
        return DayFacts(
            self._theatre,
            self._date,
            tuple(self._clusters.items()),
            tuple([self._aggregates[key] for key in sorted(self._aggregates)]),
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

    # What corroborates

    def _doubt(self, leaving_out: LineKey | None = None) -> None:
        """Keep the lines that corroborate apart from now on; `leaving_out`: an aggregate that is just being added."""
        if self._sure is not None:
            return
        sure = self._sure = TheatreDay(self._theatre, self._date)
        for item in self._clusters.items():
            if item.corroborates:
                sure.add_item(item)
        for key, aggregate in sorted(self._aggregates.items()):
            if key != leaving_out:
                sure.add_aggregate(aggregate)

    def _figures(self, cell: CellCount) -> Figures:
        figures = cell.figures()
        if self._sure is None:
            return figures
        raw, deduplicated, _, high = figures
        return (raw, deduplicated, self._sure.cell(cell.attribution, cell.place)[2], high)

    def let_go_of_touched(self) -> list[tuple[str, str]]:
        """(attribution, place) of what may have changed since changes were last asked for, which are told no more."""
        self._settle()
        touched, self._touched = self._touched, []
        return [(cell.attribution, cell.place) for cell in touched]

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
        for incident in regrouping.removed:
            self._count(incident, -1)
        for incident in regrouping.added:
            self._count(incident, 1)

    def _count(self, incident: Incident, change: int) -> None:
        """An incident came (1) or went (-1)."""
        cell = self._cell(incident.attribution, incident.place)
        self._touched.append(cell)
        if len(incident.members) == 1:
            self._count_alone(cell, incident.parties[0], change)
            return
        cell.incidents += change
        self._incidents += change
        common = len(incident.parties) > 1
        if common:
            cell.common += change
            self._common += change
        if cell.stated is not None:
            self._scopes.unit(cell, change, common=common)
        if self._counts_parties:
            self._tell(incident, cell, change)
        if all(member.attribution == incident.attribution for member in incident.members):
            self._bounds.tell(incident.attribution, incident.place, change)
        else:
            self._bounds.tell_apart(incident.members, change)

    def _count_alone(self, cell: CellCount, party: str, change: int) -> None:
        """An incident that one item tells came (1) or went (-1): what most lines do."""
        cell.incidents += change
        self._incidents += change
        if cell.stated is not None:
            self._scopes.unit(cell, change, common=False)
        if self._counts_parties:
            self._tell_alone(cell, party, change)
        self._bounds.tell(cell.attribution, cell.place, change)

    def _count_parties(self) -> None:
        """Take stock of what each party tells, which is kept up from now on."""
        self._counts_parties = True
        alone: dict[str, int] = {}
        for item in self._clusters.alone():
            self._add_told(self._cells[item.attribution, item.place], item.party, 1, -1)
            alone[item.party] = alone.get(item.party, 0) + 1
        for party, incidents in alone.items():
            self._only.change(party, incidents)
        for incident in self._clusters.joint():
            self._tell(incident, self._cells[incident.attribution, incident.place], 1)

    def _tell(self, incident: Incident, cell: CellCount, change: int) -> None:
        """What parties tell of an incident that came (1) or went (-1)."""
        if len(incident.parties) > 1:
            self._tell_apart(incident, cell, change)
        else:
            self._tell_alone(cell, incident.parties[0], change)

    def _tell_alone(self, cell: CellCount, party: str, change: int) -> None:
        """What nobody but one party tells."""
        self._only.change(party, change)
        self._add_told(cell, party, change, -change)

    def _tell_apart(self, incident: Incident, cell: CellCount, change: int) -> None:
        """What each of two or more parties tells of an incident, and what remains of it without each."""
        for party in incident.parties:
            own = [member for member in incident.members if member.party == party]
            rest = [member for member in incident.members if member.party != party]
            self._add_told(self._cell(*joint_cell(own)), party, change, 0)
            remaining = self._cell(*joint_cell(rest))
            if remaining is not cell:
                add(self._moved_by, party, change)
                self._add_told(cell, party, 0, -change)
                self._add_told(remaining, party, 0, change)

    def _add_told(self, cell: CellCount, party: str, own: int, rest: int) -> None:
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
        if self._sure is not None:
            self._touched += [self._cell(*key) for key in self._sure.let_go_of_touched()]

    def _total(self) -> Figures:
        scopes, incidents, common = self._scopes, self._incidents, self._common
        if not scopes.by_cell:
            if self._sure is not None:
                common = min(self._sure.theatre[2], incidents)
            return (self._raw, incidents, common, incidents)
        deduplicated = incidents + scopes.unitemised
        if self._sure is not None:
            corroborated = min(self._sure.theatre[2], deduplicated)
        else:
            corroborated = min(common + scopes.unitemised_common, deduplicated)
            if corroborated:
                corroborated = scopes.least_without_a_party(corroborated, incidents, self._only, self._moved_by)
        return (
            self._raw,
            deduplicated,
            corroborated,
            max(incidents + scopes.unitemised_alone, deduplicated),
        )


def _change(words: str, date: str, path: str, before: Figures, after: Figures) -> Change:
    raw, deduplicated, corroborated, high = before
    raw_now, deduplicated_now, corroborated_now, high_now = after
    return Change(
        words,
        (corroborated, corroborated_now),
        date,
        (deduplicated, deduplicated_now),
        (high, high_now),
        path,
        (raw, raw_now),
    )
