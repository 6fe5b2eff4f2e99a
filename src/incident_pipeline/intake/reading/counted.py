"""Numbers of violations in a clause to statements: of what, of whom, where and when."""


# ruff: noqa: SIM905 - a list of words reads best as words
# ruff: noqa: D210 - a docstring may begin with a quotation
# ruff: noqa: PLR0917 - the clause and the state always come last, in this order
# ruff: noqa: PLR0911 - a rule is a list of cases, read from the top

# ruff: noqa: RUF001, C901 - a rule is a list of cases, and texts hold dashes of every kind

from __future__ import annotations

import itertools

from incident_pipeline.intake.reading.attribution import Cluster, Roles, is_aside, together
from incident_pipeline.intake.reading.clause import (
    Clause,
    blank,
    codes,
    minute_of,
    put_place,
    type_of,
)
from incident_pipeline.intake.reading.counts import Count
from incident_pipeline.intake.reading.dates import When
from incident_pipeline.intake.reading.enumerations import number_enumeration, split_respectively
from incident_pipeline.intake.reading.found import UNSAID, Found
from incident_pipeline.intake.reading.marks import Kind, Mark, is_comparing
from incident_pipeline.intake.reading.shares import is_laid
from incident_pipeline.intake.reading.state import Days, State
from incident_pipeline.intake.reading.tied import (
    MOST,
    OWNING,
    TIE,
    base_of,
    is_apposed,
    is_checked,
    is_owned,
    is_predicated,
)
from incident_pipeline.intake.reading.vocabulary import (
    HEADS,
    SOFT_HEADS,
)

_SUMS = frozenset({("in", "all"), ("in", "total"), ("all", "told"), ("total", "of"), ("total", ":"), ("in", "sum")})
_SUMMED = frozenset({"altogether", "overall", "combined"})
_PARTS = frozenset((link, word) for link in ("of", "among") for word in ("these", "them", "those", "which"))
_INCLUDING = frozenset("including included includes incl".split())
_REMAINING = frozenset("remaining other rest others".split())
_UP_FROM = frozenset({"up from", "down from", "compared with", "compared to"})
_VERBS = frozenset("were was took occurred happened came fell".split())


def counted(told: list[Count], done: Roles, clause: Clause, state: State) -> list[Found]:
    """Return a statement for each number, with its day, place, party and perpetrator."""
    row = clause.row
    for part, base in itertools.pairwise(told):
        behind = row[base.end : base.spots[0].first] if base.spots else []
        if base_of(part, row) == base.at and not _VERBS.isdisjoint(mark.word for mark in behind):
            part.spots, base.spots = base.spots, []
    found: list[tuple[Count, list[Found]]] = []
    for count in split_respectively(told, row):
        mention = row[count.date_at].date if count.date_at is not None else None
        day_before = state.day
        days = state.days(mention, clause.party, each=count.each)
        if count.at > clause.lo and row[count.at - 1].word in {"from", "against", "than"} | _UP_FROM:
            state.day = day_before
        if mention is None and (state.period == state.sentence or _is_backdrop(count, clause, state)):
            days = None
        elif mention is not None and mention.when is When.VAGUE and not is_comparing(row[count.date_at or 0]):
            state.backdrop = -1 if " day after" in row[count.date_at or 0].word else state.sentence
        if days is not None:
            found.append((count, _stated(count, told, days, done, clause, state)))
    for at, (count, _) in enumerate(found[:-1]):
        if base_of(count, row) == found[at + 1][0].at:
            found[at], found[at + 1] = found[at + 1], found[at]
    number_enumeration(found, row, state)
    return [one for _, made in found for one in made if one.count is not None]


def _is_backdrop(count: Count, clause: Clause, state: State) -> bool:
    """ "60 since the truce began, and the other side 45": the second number is of no day either."""
    if clause.party is None or any(one.sentence == state.backdrop for one in state.found):
        return False
    if any(mark.date is not None for mark in clause.row[clause.lo : clause.hi]):
        return False
    return state.backdrop == state.sentence or (state.backdrop == state.sentence - 1 and count.bare)


def _stated(
    count: Count, told: list[Count], days: list[Days], done: Roles, clause: Clause, state: State
) -> list[Found]:
    """Statements of one number: one, or one for each of its days, parties or places."""
    each_place = count.each and len(count.spots) > 1 and len(days) == 1
    places = [[spot] for spot in count.spots] if each_place else [count.spots]
    parties: list[str | None] = [*together(clause.row, clause.lo, clause.hi, state.sides)]
    by = _by(count, told, done, clause)
    made = []
    for party, (day, last_day), where in itertools.product(
        parties or [_registered_by(count, told, clause)], days, places
    ):
        one = blank(count.value, clause, state, by, done)
        one.party = party
        one.day, one.last_day, one.carried = day, last_day, count.date_at is None
        one.low, one.high = count.low, count.high
        one.type = count.type or _type_of(count, told, clause)
        one.checked = is_checked(count, clause)
        one.summing, one.partial = _is_sum(count, clause), _is_partial(count, clause)
        drawn = one.checked and where and where[-1].first < count.at
        put_place(one, [] if drawn else where, state)
        one.minute = minute_of(clause, len(told)) if count.value == 1 else None
        made.append(one)
    return made


def _by(count: Count, told: list[Count], done: Roles, clause: Clause) -> Cluster | None:
    """Who did what a number counts: named right before it, or after it and before the next, or for all of them."""
    clusters = done.perpetrators
    bases = {base_of(other, clause.row) for other in told}
    if count.at in bases:
        return None
    told = [other for other in told if other.at not in bases]
    if _alternate(clusters, told):
        return clusters[told.index(count)]
    if ("respectively" in clause.words or _are_listed(told, clause)) and (listed := _listed(told, clause)):
        return listed[told.index(count)]
    if count is told[0] and _is_of_parts(told, clusters, clause):
        return None
    if count is told[-1] and len(told) > 2 and len(clusters) > 1 and count.bare and _is_sum(count, clause):
        return None
    others = {other.at for other in told if other is not count}
    clusters = [one for one in clusters if not _is_labelling(one, others, clause.row)]
    if len(clusters) <= 1:
        return clusters[0] if clusters else None
    if count is told[-1] and count.bare and _is_sum(count, clause):
        return None
    stop = min((other.at for other in told if other.at > count.at), default=clause.hi)
    start = max((other.end for other in told if other.end <= count.at), default=clause.lo)
    if (
        count is told[0]
        and count.at < clusters[0].first
        and stop < clusters[0].first
        and len(clusters) >= len(told) - 1
    ):
        return None
    for one in clusters:
        if one.last == count.at or (one.last == count.at - 1 and clause.row[one.last].word in TIE | {"for", "in"}):
            return one
    inside = [one for one in clusters if count.at < one.first < stop]
    leading = [one for one in clusters if start <= one.first < count.at]
    return (
        inside[0]
        if inside
        else leading[-1]
        if leading
        else clusters[-1]
        if clusters[-1].first > told[-1].at
        else clusters[0]
    )


def _listed(told: list[Count], clause: Clause) -> list[Cluster]:
    """ "A and B attacked three times and once respectively": as many groups before the numbers as numbers."""
    named = [
        Cluster(at, at + 1, mark.mention.ids)
        for at, mark in enumerate(clause.row[clause.lo : told[0].at], clause.lo)
        if mark.kind is Kind.GROUP and mark.mention is not None
    ]
    return named if len(named) == len(told) > 1 else []


def _is_of_parts(told: list[Count], clusters: list[Cluster], clause: Clause) -> bool:
    """ "Eleven, seven of them by A", "eleven, A accounting for seven and B for four": the groups are those of parts."""
    if len(told) < 2 or not clusters or clusters[0].first < told[0].end:
        return False
    row = clause.row
    parts = told[1:-1] if _is_sum(told[-1], clause) else told[1:]
    if len(parts) > 1 and _alternate(clusters, parts):
        return True
    first = clusters[0].first
    if not _is_partial(told[1], clause) or any(row[at].word in {",", ";"} for at in range(told[1].end, first)):
        return False
    return first > told[1].at or any(
        row[at].word in {",", ":", "–", "—", "-", "and"} for at in range(told[0].end, first)
    )


def _are_listed(told: list[Count], clause: Clause) -> bool:
    """ "A and B attacked three and two times": numbers in a row, behind groups in a row."""
    runs = itertools.pairwise(told)
    joined = all({mark.word for mark in clause.row[one.end : other.at]} <= {",", "and"} for one, other in runs)
    return joined and "or" not in clause.words


def _alternate(clusters: list[Cluster], told: list[Count]) -> bool:
    """ "A attacked twice, B once": each number behind whom it is about."""
    if len(clusters) != len(told):
        return False
    ends = [*(one.first for one in clusters[1:]), told[-1].at + 1]
    return all(one.first < count.at < end for one, count, end in zip(clusters, told, ends, strict=True))


def _is_labelling(one: Cluster, others: set[int], row: list[Mark]) -> bool:
    """ "A or B - 3": they stand right before a number of their own."""
    return one.last in others or (one.last + 1 in others and row[one.last].word in (TIE - {":"}) | {"for"})


def _registered_by(count: Count, told: list[Count], clause: Clause) -> str | None:
    """ "Six by the one side and three by the other": the party told right after its own number."""
    row = clause.row
    named = [
        (at, mark.mention.name)
        for at, mark in enumerate(row[clause.lo : clause.hi], clause.lo)
        if mark.kind is Kind.PARTY and mark.mention is not None
    ]
    respectively = "respectively" in clause.words
    if not named and respectively:
        named = [
            (at, one.mention.name) for at, one in enumerate(row[: clause.lo]) if one.kind is Kind.PARTY and one.mention
        ]
    stop = min((other.at for other in told if other.at > count.at), default=clause.hi)
    for at, party in named:
        alone = all(mark.number is None for mark in row[count.end : at])
        owned = at < count.at <= at + 4 and OWNING.issuperset(mark.word for mark in row[at + 1 : count.at])
        follows = any(is_owned(row, other.at) and other.at > at for other in told)
        if is_aside(row, clause.lo, at) and (owned or (count.at < at and alone and not follows)):
            return party
    if len({party for _, party in named}) < 2:
        return clause.party
    if respectively and len(named) == len(told) and (named[-1][0] < told[0].at or named[0][0] > told[-1].at):
        return named[told.index(count)][1]
    for at, party in named:
        if at < count.at <= at + 4 and OWNING.issuperset(mark.word for mark in row[at + 1 : count.at]):
            return party
    by = (
        party
        for at, party in named
        if count.at < at < stop and not {"by", "("}.isdisjoint((row[at - 1].word, row[at - 2].word))
    )
    return next(by, clause.party)


def _is_sum(count: Count, clause: Clause) -> bool:
    """ "Six in all", "a total of six"."""
    row = clause.row
    before = [mark.word for mark in row[max(clause.lo, count.at - 3) : count.at]]
    after = [mark.word for mark in row[count.end : min(count.end + 5, clause.hi)]]
    phrases = set(itertools.pairwise(before)) | set(itertools.pairwise(after))
    return not _SUMS.isdisjoint(phrases) or not _SUMMED.isdisjoint(before + after)


def _is_partial(count: Count, clause: Clause) -> bool:
    """ "Of these, four", "four of them", "the remaining two"."""
    row = clause.row
    start = max((at + 1 for at in range(max(0, count.at - 6), count.at) if row[at].number is not None), default=0)
    before = [mark.word for mark in row[max(start, count.at - 6) : count.at]]
    after = [mark.word for mark in row[count.at + 1 : count.end + 3]]
    pairs = set(itertools.pairwise(before)) | set(itertools.pairwise(after[:4]))
    if is_predicated(count, clause) or is_apposed(count, row) or is_laid(count, row, clause.lo, clause.hi):
        return True
    if row[count.at - 1].word == "in" and (
        row[count.end - 1].word in SOFT_HEADS or row[count.at - 2].kind is Kind.GROUP
    ):
        return True
    if count.at == clause.lo + 2 and row[clause.lo].kind is Kind.GROUP and row[clause.lo + 1].word in TIE:
        return True
    if base_of(count, row) is not None or not _INCLUDING.isdisjoint(before[-2:]) or _is_of_them(after):
        return True
    if not _REMAINING.isdisjoint(before[-1:]) or not _PARTS.isdisjoint(pairs):
        return True
    if any(row[spot.first].word == "there" for spot in count.spots) and not MOST.isdisjoint(
        mark.word for mark in row[: count.at]
    ):
        return True
    opening = next((at for at in range(max(clause.lo, count.at - 6), count.at) if row[at].number is not None), None)
    return opening is not None and {"of", "the"} <= {mark.word for mark in row[max(clause.lo, opening - 2) : opening]}


def _is_of_them(after: list[str]) -> bool:
    """ "Seven of the violations"."""
    return after[:1] == ["of"] and any(word.rsplit(" ", 1)[-1] in HEADS | SOFT_HEADS for word in after[1:4])


def _is_label(row: list[Mark], at: int) -> bool:
    """ "Shellings - 6, drone attacks - 4": the type stands before its number."""
    return row[at - 1].word in TIE and at > 1 and bool(codes(row[at - 2 : at]))


def _type_of(count: Count, told: list[Count], clause: Clause) -> str:
    """The type told with one of several numbers: in its own words, or before all of them."""
    if len(told) == 1:
        return type_of(clause)
    row = clause.row
    stop = min((other.at for other in told if other.at > count.at), default=clause.hi)
    if stop < clause.hi and _is_label(row, stop):
        stop -= 2
    if _is_label(row, count.at):
        return codes(row[count.at - 2 : count.at]).pop()
    for found in (codes(clause.row[count.at : stop]), codes(clause.row[clause.lo : told[0].at])):
        if len(found) == 1:
            return found.pop()
    return UNSAID
