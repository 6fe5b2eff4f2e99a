"""The rules, compiled for use: every question that intake asks a catalogue, answered from an index."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from incident_pipeline.catalogue.canonical import rules_hash
from incident_pipeline.catalogue.civil_days import CivilDay, civil_day
from incident_pipeline.catalogue.memo import Memo
from incident_pipeline.catalogue.model import Agreement, Collective, PastDay, Rules, Side, UnknownSources
from incident_pipeline.catalogue.names import Names
from incident_pipeline.catalogue.places import PlaceMatch, PlaceTree
from incident_pipeline.catalogue.spelling import NOT_STATED, key
from incident_pipeline.days import MonitoringDays
from incident_pipeline.geometry import Point, point_written
from incident_pipeline.identity import identity
from incident_pipeline.line import UNATTRIBUTED, UNSPECIFIED, NotCounted

SOURCE_UNKNOWN: Final = "source_unknown"
PARTY_UNKNOWN: Final = "party_unknown"
_DAY_MINUTES: Final = 1_440
_EITHER_OR = re.compile(r"\s*(?:,|/|\||;|&|\+|\band/or\b|\beither\b|\bor\b|\band\b)\s*", re.IGNORECASE)
_NOBODY_NAMED: Final = frozenset(map(key, ("unattributed", *NOT_STATED)))


class Attribution(NamedTuple):
    """Who did it."""

    groups: tuple[str, ...]
    """Sorted group ids, any of them; empty: any group at all."""
    unknown: tuple[str, ...]
    """Names that no group, side or collective of the catalogue has."""

    @property
    def joined(self) -> str:
        """As lines carry it: ids joined by `|`, or `unattributed`."""
        return "|".join(self.groups) or UNATTRIBUTED


class SourceVoice(NamedTuple):
    """For whom a source speaks."""

    party: str
    """Party id whose first-hand words its reports are; a source that is no party's outlet speaks for itself."""
    registers_itself: bool
    """False for a news desk, which can only repeat; what it tells of nobody's registering is then its own."""
    is_known: bool
    """The catalogue names it, as a source or as a party."""


class Speaker(NamedTuple):
    """Who registered a line, as a report of one source tells it, with what the catalogue says of that party."""

    party: str
    retold: bool
    """The source repeats that party's words."""
    home: str
    """Theatre of the party's unlocated lines."""
    against: str
    """Attribution of its unattributed lines."""
    increment: bool
    """Its aggregates add up rather than replace each other."""
    source: str
    """What the report's source is compared by."""
    flags: tuple[str, ...]
    """Why its lines corroborate nothing; empty where they do."""


class ExactPlace(msgspec.Struct, frozen=True, gc=False):
    """A place by a name that means it without doubt, with what a line says of it."""

    id: str
    path: str
    neighbourhood: str
    theatre: str
    is_told: bool
    """It lies below the province."""
    truce_first: dt.date
    """Between this date and the next one, both excluded, a truce is in force here all day long."""
    truce_last: dt.date


class _Truce(NamedTuple):
    """When an agreement holds, in local dates and minutes of the day."""

    first: dt.date
    first_minute: int
    last: dt.date
    last_minute: int


class Catalogue:
    """One set of rules, compiled. Answers are pure functions of the rules; caches only save time."""

    def __init__(self, rules: Rules) -> None:
        """`rules` must be valid (`load_rules` and `rules_from_json` see to it)."""
        self.rules = rules
        self.hash = rules_hash(rules)
        """Hex SHA-256 of the rules' canonical JSON."""
        self.days = MonitoringDays(rules.mission.time_zone, rules.mission.day_ends_at)
        self.places = PlaceTree(rules.places, rules.elsewhere, rules.mission.country)
        self.groups_of = _members(rules)
        """Side or collective id → sorted ids of its groups."""
        self.names = Names(rules, self.groups_of)
        self._parties = {party.id: party for party in rules.parties}
        self._voices = _voices(rules)
        self.earliest_ms = round(dt.datetime(rules.limits.earliest_year, 1, 2, tzinfo=dt.UTC).timestamp() * 1_000)
        """Publications before it are slips."""
        self.refuses_unknown = rules.mission.unknown_sources is UnknownSources.REFUSE
        """Whether reports of sources that it does not know are dead letters."""
        self._party_names = _keys((p.id, (p.id, p.name, *p.aliases)) for p in rules.parties)
        self._group_names = self._attributions()
        self._type_words = _keys((t.code, (t.code, t.name, *t.words)) for t in rules.types)
        self._type_words.update(_keys((t.code, (f"{t.code} {t.name}",)) for t in rules.types))
        self._activity_words = _keys((a.id, (a.id, a.name, *a.words)) for a in rules.activities)
        self._counted = {t.code: t.counted for t in rules.types}
        self._truces = {place.id: self._covering(place.id) for place in rules.places}
        self._registers = {p.id: self._registered_groups(p.registers) for p in rules.parties}
        self._places_written: Memo[tuple[str, str | None], PlaceMatch] = Memo(lambda asked: self.places.match(*asked))
        self._points = Memo(self.places.at)
        self.unknown_places = Memo(self.places.id_of_unknown)
        """Name as written of a place that is not known → its id; empty where it has no letter."""
        self._groups_written = Memo(self._read_groups)
        self._skew_ms = rules.limits.max_skew_seconds * 1_000
        self._latest = (0, 0, (dt.date.min, 0))
        """From and until when, in milliseconds since 1970, the answer holds; the answer."""
        self.speakers = Memo(self._find_speaker)
        """(source, registered by, origin source) as written → who registered a line."""
        self.exact_places = Memo(self._find_exact_place)
        """Name as written → the place; None where there is a doubt, or no truce."""
        self.counted_types = Memo(self._find_counted_type)
        """Word as written, if any → taxonomy code; None where it is not known, or not counted."""
        self.attributions = Memo(self._find_attribution)
        """Name or names as written, if any → group ids joined by `|`, empty for nobody in particular; None where one is
        unknown, or they are too many for a report."""
        self._civil_days: Memo[tuple[dt.date, dt.tzinfo | None], CivilDay | None] = Memo(
            lambda asked: civil_day(*asked, self.days)
        )
        self.day_texts = Memo(dt.date.isoformat)
        """Date → as ISO 8601."""

    # --- places ---

    def place_path(self, place: str) -> str:
        """Return the ids from the theatre down to a place, joined by `/`."""
        return self.places.paths[place]

    def theatre_of(self, place: str) -> str:
        """Return the theatre that a place lies in."""
        return self.places.theatres[place]

    def neighbourhood(self, place: str) -> str:
        """Return the district of a place at or below one, else the place itself."""
        return self.places.neighbourhoods[place]

    def place(self, written: str, within: str | None = None) -> PlaceMatch:
        """Return the place that a name or code means; `within`: id of a place named around it."""
        return self._places_written[written, within]

    def point(self, point: Point) -> PlaceMatch:
        """Return the place, or the theatre, that a point lies in."""
        return self._points[point]

    def _find_exact_place(self, written: str) -> ExactPlace | None:
        id_, flag, _ = self.place(written)
        if id_ is None or flag is not None or not self._truces[id_] or point_written(written) is not None:
            return None
        longest = max(self._truces[id_], key=lambda truce: truce.last - truce.first)
        return ExactPlace(
            id=id_,
            path=self.places.paths[id_],
            neighbourhood=self.places.neighbourhoods[id_],
            theatre=self.places.theatres[id_],
            is_told=id_ in self.places.below_province,
            truce_first=longest.first,
            truce_last=longest.last,
        )

    # --- groups ---

    def attribution(self, names: str | list[str] | tuple[str, ...]) -> Attribution:
        """Return who is meant by one name ("A", "either A or B", a side, a collective) or by several.

        A set with an unknown name in it might be anybody: no groups, and the unknown names.
        """
        if isinstance(names, str):
            return self._groups_written[names]
        groups: set[str] = set()
        unknown: list[str] = []
        for name in names:
            one = self._groups_written[name]
            if not one.groups and not one.unknown:
                return one
            groups.update(one.groups)
            unknown.extend(one.unknown)
        return Attribution(() if unknown else tuple(sorted(groups)), tuple(unknown))

    def registered_against(self, party: str) -> tuple[str, ...]:
        """Return the group ids that a party's unattributed lines belong to; empty: any group."""
        return self._registers.get(party, ())

    def label(self, attribution: str) -> str:
        """Return a short name for people: a side or a collective where the ids are just its groups."""
        ids = tuple(attribution.split("|"))
        if len(ids) > 1:
            for name, groups in self.groups_of.items():
                if groups == ids:
                    return name
        return attribution

    def _find_attribution(self, names: str | tuple[str, ...] | None) -> str | None:
        groups, unknown = ((), ()) if names is None else self.attribution(names)
        return None if unknown or len(groups) > self.rules.limits.groups_per_report else "|".join(groups)

    def _read_groups(self, name: str) -> Attribution:
        normal = key(name)
        if normal in _NOBODY_NAMED:
            return Attribution((), ())
        known = self._group_names.get(normal)
        if known is not None:
            return Attribution(known, ())
        parts = [part for part in _EITHER_OR.split(name) if part]
        named = [self._group_names.get(key(part)) for part in parts]
        if len(parts) < 2 or None in named:
            return Attribution((), (name,))
        return Attribution(tuple(sorted({id_ for ids in named if ids is not None for id_ in ids})), ())

    def _attributions(self) -> dict[str, tuple[str, ...]]:
        rules = self.rules
        found: dict[str, tuple[str, ...]] = {}
        collected: tuple[Collective | Side, ...] = (*rules.collectives, *rules.sides)
        for several in collected:
            for name in (several.id, several.name, *several.aliases):
                found[key(name)] = self.groups_of[several.id]
        for side in rules.sides:
            found[f"side:{side.id}"] = found[key(f"side {side.id}")] = self.groups_of[side.id]
        for group in rules.groups:
            for name in (group.id, group.name, *group.aliases):
                found[key(name)] = (group.id,)
        return found

    def _registered_groups(self, registers: str | None) -> tuple[str, ...]:
        if registers is None:
            return ()
        id_ = registers.removeprefix("side:")
        return self.groups_of.get(id_, (id_,))

    # --- parties and sources ---

    def party(self, name: str) -> str | None:
        """Return the party that a name, an alias or a source's id means."""
        found = self._party_names.get(key(name))
        if found is None:
            voice = self._voices.get(identity(name))
            return voice.party if voice is not None and voice.registers_itself else None
        return found

    def voice(self, source: str) -> SourceVoice:
        """Return for whom a source speaks; one that the catalogue does not know speaks for itself."""
        name = identity(source)
        return self._voices.get(name) or SourceVoice(name, registers_itself=True, is_known=False)

    def refuses(self, source: str) -> bool:
        """Tell whether reports of a source are refused, since the catalogue does not know it."""
        return self.refuses_unknown and not self.voice(source).is_known

    def speaker(self, source: str, registered_by: str | None, origin_source: str | None) -> Speaker:
        """Return who registered a line: whom it names, else whom the source repeats, else for whom it speaks."""
        return self.speakers[source, registered_by, origin_source]

    def _find_speaker(self, asked: tuple[str, str | None, str | None]) -> Speaker:
        source, registered_by, origin_source = asked
        voice = self.voice(source)
        named = registered_by or origin_source
        party, is_known = (voice.party, True) if named is None else self._registering(named)
        flags: tuple[str, ...] = ()
        if self.rules.mission.unknown_sources is not UnknownSources.ACCEPT:
            if not voice.is_known:
                flags = (SOURCE_UNKNOWN,)
            elif not is_known:
                flags = (PARTY_UNKNOWN,)
        return Speaker(
            party=party,
            retold=party != voice.party,
            home=self.home_theatre(party),
            against="|".join(self.registered_against(party)) or UNATTRIBUTED,
            increment=self.adds_up(party),
            source=identity(source),
            flags=flags,
        )

    def _registering(self, named: str) -> tuple[str, bool]:
        """Return the party that a report says registered something, and whether the catalogue knows it."""
        party = self.party(named)
        if party is not None:
            return party, True
        voice = self.voice(named)
        return voice.party, voice.is_known

    def home_theatre(self, party: str) -> str:
        """Return where a party's unlocated lines belong."""
        known = self._parties.get(party)
        return self.rules.mission.default_theatre if known is None else known.home_theatre

    def default_zone(self, party: str) -> str | None:
        """Return the place that a party means by "the zone"."""
        known = self._parties.get(party)
        return None if known is None else known.default_zone

    def adds_up(self, party: str) -> bool:
        """Tell whether a party's aggregates add up rather than replace each other."""
        known = self._parties.get(party)
        return known is not None and known.aggregates == "increment"

    def past_24_hours(self, party: str, published_epoch_seconds: float) -> dt.date:
        """Return the monitoring day that "over the past 24 hours" means in a party's statement."""
        day = self.days.of(published_epoch_seconds)
        known = self._parties.get(party)
        if known is not None and known.past_24_hours is PastDay.DAY_BEFORE:
            return day - dt.timedelta(days=1)
        return day

    # --- time ---

    def local(self, moment: dt.datetime) -> tuple[dt.date, int]:
        """Return the mission's date and minute of the day (0..1439) of an aware moment."""
        return self.clear_local(moment) or self.days.local(moment.timestamp())

    def clear_local(self, moment: dt.datetime) -> tuple[dt.date, int] | None:
        """Do as `local`; None where that does not tell the monitoring day, since clocks change."""
        civil = self._civil_days[moment.date(), moment.tzinfo]
        if civil is None:
            seconds = moment.timestamp()
            return self.days.local(seconds) if self.days.is_clear(seconds) else None
        minute = moment.hour * 60 + moment.minute + civil.shift_minutes
        if 0 <= minute < _DAY_MINUTES:
            return civil.date, minute
        days, minute = divmod(minute, _DAY_MINUTES)
        return civil.date + dt.timedelta(days), minute

    def is_at_home(self, moment: dt.datetime) -> bool:
        """Tell cheaply that a moment is written with the mission's own offset; False: it may not be."""
        civil = self._civil_days[moment.date(), moment.tzinfo]
        return civil is not None and not civil.shift_minutes

    def at_home(self, moment: dt.datetime) -> dt.datetime:
        """Return a moment with the mission's own offset (UTC where that has seconds): itself if it is written so."""
        try:
            offset = moment.astimezone(self.days.zone).utcoffset()
        except OverflowError:  # the first and last days of the calendar
            return moment
        if offset is None or offset == moment.utcoffset():
            return moment
        return moment.astimezone(dt.UTC if offset.seconds % 60 else dt.timezone(offset))

    def day_by_clock(self, moment: dt.datetime) -> dt.date | None:
        """Return a moment's monitoring day where clocks change near it; None: its local date and minute tell it."""
        if self._civil_days[moment.date(), moment.tzinfo] is not None:
            return None
        return self.days.of(moment.timestamp())

    def epoch_ms(self, moment: dt.datetime) -> int:
        """Return an aware moment in milliseconds since 1970."""
        civil = self._civil_days[moment.date(), moment.tzinfo]
        if civil is None or moment.microsecond:
            return round(moment.timestamp() * 1_000)
        return civil.midnight_ms + moment.hour * 3_600_000 + moment.minute * 60_000 + moment.second * 1_000

    def latest(self, recorded_at_ms: int) -> tuple[dt.date, int]:
        """Return the latest local date and minute that a record of an append time may be dated: clocks are off."""
        from_ms, until_ms, found = self._latest
        if not from_ms <= recorded_at_ms < until_ms:
            minute = (recorded_at_ms + self._skew_ms) // 60_000
            from_ms = minute * 60_000 - self._skew_ms
            found = self.days.local(minute * 60)
            self._latest = (from_ms, from_ms + 60_000, found)
        return found

    # --- types ---

    def violation_type(self, word: str) -> str | None:
        """Return the taxonomy code that a code or a word means."""
        return _by_word(self._type_words, word)

    def counts_type(self, code: str) -> bool:
        """Tell whether violations of a type are counted."""
        return self._counted.get(code, True)

    def _find_counted_type(self, word: str | None) -> str | None:
        code = UNSPECIFIED if word is None else self.violation_type(word)
        return code if code is not None and self.counts_type(code) else None

    def activity(self, word: str) -> str | None:
        """Return the activity that an id or a word means."""
        return _by_word(self._activity_words, word)

    # --- the truce ---

    def not_in_force(self, place: str, day: dt.date, minute: int | None) -> NotCounted | None:
        """Return why no agreement holds at a place on a local date (and minute, where told); None: one holds.

        Without a time, a day counts as soon as the truce is in force for part of it.
        """
        covering = self._truces[place]
        if not covering:
            return NotCounted.OUTSIDE_ZONE
        early = False
        for truce in covering:
            if day < truce.first or (day == truce.first and minute is not None and minute < truce.first_minute):
                early = True
            elif day < truce.last or (day == truce.last and (minute or 0) < truce.last_minute):
                return None
        return NotCounted.BEFORE_AGREEMENT if early else NotCounted.AFTER_AGREEMENT

    def _covering(self, place: str) -> tuple[_Truce, ...]:
        """A place wider than the zone speaks of the zone too: it is covered as well."""
        above = self.places.above(place)
        return tuple(
            _truce(agreement)
            for agreement in self.rules.agreements
            if not set(above).intersection(agreement.outside)
            and any(zone in above or place in self.places.above(zone) for zone in agreement.zone)
        )


def _by_word(words: dict[str, str], word: str) -> str | None:
    """Look a word up, and in its singular."""
    normal = key(word)
    return words.get(normal) or (words.get(normal[:-1]) if normal.endswith("s") else None)


def _truce(agreement: Agreement) -> _Truce:
    first, until = agreement.in_force_from, agreement.in_force_until
    last = (dt.date.max, _DAY_MINUTES) if until is None else (until.date(), until.hour * 60 + until.minute)
    return _Truce(first.date(), first.hour * 60 + first.minute, *last)


def _keys(entries: Iterable[tuple[str, tuple[str, ...]]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for id_, names in entries:
        for name in names:
            found.setdefault(key(name), id_)
    return found


def _voices(rules: Rules) -> dict[str, SourceVoice]:
    """Return for whom sources speak, by what their names are compared by; a source's id goes before any other name."""
    found: dict[str, SourceVoice] = {}
    of_sources = [
        (source, SourceVoice(source.party or source.id, registers_itself=source.party is not None, is_known=True))
        for source in rules.sources
    ]
    named = [(source.id, voice) for source, voice in of_sources]
    named += [(source.name, voice) for source, voice in of_sources]
    for party in rules.parties:
        voice = SourceVoice(party.id, registers_itself=True, is_known=True)
        named += [(name, voice) for name in (party.id, party.name, *party.aliases)]
    for name, voice in named:
        found.setdefault(identity(name), voice)
    return found


def _members(rules: Rules) -> dict[str, tuple[str, ...]]:
    """A collective is what it lists and what matches its side and guarantor (both, where both are given)."""
    members = {side.id: {group.id for group in rules.groups if group.side == side.id} for side in rules.sides}
    for collective in rules.collectives:
        chosen = set(collective.groups)
        if collective.side is not None or collective.guarantor is not None:
            chosen |= {
                group.id
                for group in rules.groups
                if collective.side in (None, group.side) and collective.guarantor in (None, group.guarantor)
            }
        members[collective.id] = chosen
    return {id_: tuple(sorted(groups)) for id_, groups in members.items()}
