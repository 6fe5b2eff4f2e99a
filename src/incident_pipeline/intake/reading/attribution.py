"""Who did it, to whom, and who says so: three roles that one sentence may name."""

# ruff: noqa: RUF001 - texts hold dashes and quotation marks of every kind
# ruff: noqa: SIM905 - a list of words reads best as words
# ruff: noqa: D210 - a docstring may begin with a quotation
# ruff: noqa: C901, PLR0911, PLR0912 - a rule is a list of cases, read from the top

from __future__ import annotations

import itertools
import re

import msgspec

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.intake.reading.marks import Kind, Mark
from incident_pipeline.intake.reading.sides import NATIONS
from incident_pipeline.intake.reading.vocabulary import (
    ACTIVE,
    CASUALTY,
    COMMITTED,
    HEADS,
    REGISTERED,
    SPEECH,
    VICTIM_LINKS,
)

FILLER = frozenset(
    "the either a an any other else of whether it was or and possibly probably perhaps alternatively "
    "/ , ( ) * \" “ ” ' ‘ ’ « » by both terrorist terrorists "
    "organization organisation organizations organisations group groups "
    "militants fighters militant formations faction factions party banned outlawed in russia from "
    "either's to belonging their allied affiliated members units armed illegal".split()
)
_REGISTRAR_MARKS = 16
_LINKED_MARKS = 4
_SAME_WORDS = frozenset("same these those both two above-mentioned aforementioned abovementioned mentioned".split())
SAME_NOUNS = frozenset(
    "groups organisations organizations factions formations parties perpetrators militants units sides "
    "terrorists group movements actors organisation organization formation faction suspects culprits fighters gunmen "
    "perpetrator movement".split()
)
_ABOVE = re.compile(
    r"(?:just |already |previously )?(?:mentioned|named|cited|listed)(?: above| before| earlier|$| \W)|above\b"
)
_CONTROLLED = frozenset("controlled backed supported loyal sponsored guaranteed".split())
_HELD = frozenset("held controlled occupied".split())
_REGIMES = frozenset("ceasefire cease-fire truce silence hostilities calm de-escalation cessation".split())
"""A "ceasefire regime" is nobody."""
_CONTROLLED_GROUPS = frozenset(
    "groups units formations militants factions fighters forces detachments group unit formation faction "
    "detachment".split()
)
_RESTING = frozenset("lies rests lay rested".split())
_PINNED = frozenset("falls fell suspicion blamed blame blames pinned".split())
_CALLED = frozenset("itself called named known".split())
_HALVES = frozenset("side sides".split())
_JOINTLY = frozenset("each apiece both neither".split())
_SOMEBODY = frozenset("group groups faction factions perpetrator perpetrators formation formations party".split())
_UNIDENTIFIED = frozenset("unidentified unknown unnamed undetermined unspecified".split())
_ACCUSED = frozenset("suspected blamed accused responsible".split())
_STRUCK = frozenset("attacked shelled hit struck targeted ambushed bombed".split())
_BANDS = frozenset(
    "group faction brigade brigades battalion battalions movement militia militants organisation "
    "organization formation company division front cell".split()
)
_BELONGINGS = frozenset(
    "vehicle vehicles position positions post posts checkpoint checkpoints soldier soldiers serviceman servicemen "
    "patrol "
    "convoy base headquarters tank truck car bus column fighter fighters".split()
)
_TAKEN_DOWN = REGISTERED | {"entered", "written"}
_REGISTERING = frozenset("registering recording counting logging documenting noting reporting tallying".split())
_PASSIVE = frozenset("was were been be by".split())
_SPOKEN_TO = frozenset("told to informed for against by with convoys convoy backed supported controlled".split())


class Cluster(msgspec.Struct):
    """Groups named as one perpetrator: marks `first` to `last` - 1."""

    first: int
    last: int
    groups: tuple[str, ...]
    name: str | None = None
    """As written, where no known group has that name."""


class Roles(msgspec.Struct):
    """Who did it and who it was done to, in a clause."""

    perpetrators: list[Cluster]
    against: tuple[str, ...]


def roles(row: list[Mark], lo: int, hi: int, catalogue: Catalogue, same: tuple[str, ...]) -> Roles:
    """Roles of the groups named in marks `lo` to `hi` - 1. `same`: whom "the same groups" means."""
    found: list[Cluster] = []
    against: list[str] = []
    before: tuple[int, str] | None = None
    for at in range(lo, hi):
        mark = row[at]
        cluster = None
        if same and (_is_same(row, at, hi) or (at <= lo + 2 and _is_they(row, at, hi))):
            cluster = Cluster(at, at + 2, same)
        elif mark.kind is Kind.GROUP and mark.mention is not None:
            if mark.word == "regime" and _is_regime_of_silence(row, at, lo):
                continue
            if found and found[-1].last > at:
                continue
            cluster = Cluster(at, at + 1, _under_guarantor(row, at, mark.mention.ids, catalogue))
        elif mark.word in _SOMEBODY and at > lo and row[at - 1].word in _UNIDENTIFIED:
            cluster = Cluster(at - 1, at + 1, ())
        elif mark.word in _CONTROLLED_GROUPS:
            everybody = tuple(sorted(group.id for group in catalogue.rules.groups))
            vouched = _under_guarantor(row, at, everybody, catalogue)
            cluster = Cluster(at, at + 1, vouched) if vouched != everybody else None
        elif mark.kind is Kind.NAME:
            name = _unknown_group(row, at, lo, hi)
            cluster = Cluster(at, at + 1, (), name) if name else None
        if cluster is None:
            continue
        role = _role(row, lo, at, hi)
        role = before[1] if before is not None and _is_alternative(row, before[0], at) else role
        before = (cluster.last, role)
        if role == "against":
            against.extend(cluster.groups)
        elif role == "did":
            if found and _is_joined(row, found[-1].last, at):
                _join(found[-1], cluster)
            else:
                found.append(cluster)
    return Roles(_narrowed(found, row), tuple(sorted(set(against))))


def _is_regime_of_silence(row: list[Mark], at: int, lo: int) -> bool:
    """ "The ceasefire regime", "the regime of silence": a truce, and nobody."""
    behind = [mark.word for mark in row[at + 1 : at + 4]]
    return (at > lo and row[at - 1].word in _REGIMES) or (
        behind[:1] == ["of"] and not _REGIMES.isdisjoint(word for name in behind[1:] for word in name.split(" "))
    )


def _is_they(row: list[Mark], at: int, hi: int) -> bool:
    """ "They carried out eight more", "the group attacked again": whoever was named last."""
    if row[at].word != "they" and not (row[at].word in _SOMEBODY and row[at - 1].word == "the"):
        return False
    ahead = [mark.word for mark in row[at + 1 : min(at + 4, hi)]]
    return not ACTIVE.isdisjoint(ahead) and _PASSIVE.isdisjoint(ahead)


def _is_same(row: list[Mark], at: int, hi: int) -> bool:
    behind = [mark.word for mark in row[at + 1 : min(at + 4, hi)]]
    if row[at].word in SAME_NOUNS and row[at - 1].word in {"the", "those", "these"} and _ABOVE.match(" ".join(behind)):
        return True
    if row[at].word not in _SAME_WORDS:
        return False
    for mark in row[at + 1 : min(at + 5, hi)]:
        last = mark.word.rsplit(" ", 1)[-1]
        if last in SAME_NOUNS:
            return mark.kind in {Kind.WORD, Kind.GROUP}
        if mark.kind not in {Kind.WORD, Kind.NUMBER, Kind.GROUP} or mark.word in {"by", "from", "committed"}:
            return False
    return False


def _role(row: list[Mark], lo: int, at: int, hi: int) -> str:
    """What a group in a clause is: the one that `did`, the one it was `against`, or neither."""
    before = [mark.word for mark in row[max(lo, at - 6) : at]]
    after = [mark.word for mark in row[at + 1 : min(at + 3, hi)]]
    near = _near(row, lo, at)
    if any(word in SPEECH for word in after[:1]) or "same" in before[-1:]:
        return "neither"
    if {"part", "of"} <= set(near) or {"hands", "of"} <= set(near):
        return "did"
    if "from" in near or "by" in near[-3:] or "between" in before:
        held = _HELD & set(before) and "by" in near[-2:] and "from" not in before
        return "neither" if held and not _CONTROLLED_GROUPS & set(before) else "did"
    if _is_under_fire(row, at, hi):
        return "against"
    if "positions" in after[:2] or any(
        word in {"posts", "checkpoint", "position", "lines", "trenches"} for word in after[:2]
    ):
        return "against" if set(before) & (VICTIM_LINKS | HEADS) else "did"
    if "of" in near[-2:] and _BELONGINGS.intersection(before) and VICTIM_LINKS.intersection(before):
        return "against"
    if set(before) & CASUALTY:
        return "neither"
    if "on" in near and not _PINNED.isdisjoint(mark.word for mark in row[lo:at]):
        return "did"
    if "with" in near and row[at].word == "same":
        return "did"
    if not {"door", "doorstep", "conscience"}.isdisjoint(near):
        return "did"
    if "at" in near and "finger" in before + [mark.word for mark in row[lo:at]]:
        return "did"
    if "with" in near and not _ACCUSED.isdisjoint(mark.word for mark in row[at + 1 : min(at + 8, hi)]):
        return "did"
    if "with" in near and not _RESTING.isdisjoint(mark.word for mark in row[lo:at]):
        return "did"
    if any(word in VICTIM_LINKS for word in near) and not any(word in COMMITTED for word in after[:1]):
        return "against"
    return "did"


def _is_under_fire(row: list[Mark], at: int, hi: int) -> bool:
    """ "Government troops came under fire", "were shelled"."""
    words = [word for mark in row[at : min(at + 6, hi)] for word in mark.word.split(" ")]
    return any(
        pair in {("came", "under"), ("come", "under")} or (pair[0] in {"was", "were"} and pair[1] in _STRUCK)
        for pair in itertools.pairwise(words)
    )


def _near(row: list[Mark], lo: int, at: int) -> list[str]:
    """The words right before a name, back to a date, a place or a comma: those beyond do not govern it."""
    near: list[str] = []
    for mark_at in range(at - 1, max(lo, at - 4) - 1, -1):
        mark = row[mark_at]
        joins = mark.word == "and" and row[mark_at - 1].number is not None
        if joins or mark.kind in {Kind.DATE, Kind.CLOCK, Kind.PLACE} or mark.word in {",", "day", "days", "occasions"}:
            break
        near.append(mark.word)
    return near[::-1]


def _is_joined(row: list[Mark], last: int, at: int) -> bool:
    between = row[last:at]
    words = [mark.word for mark in between if mark.kind is not Kind.GROUP]
    return len(words) <= 10 and all(word in FILLER for word in words)


def _is_alternative(row: list[Mark], last: int, at: int) -> bool:
    """ "A or B": whatever one of them did, so did the other."""
    words = [mark.word for mark in row[last:at]]
    if words in (["and"], ["and", "the"]):
        return at + 1 >= len(row) or row[at + 1].word not in ACTIVE | {"has", "had", "was", "were"}
    return "or" in words and len(words) <= _LINKED_MARKS and set(words) <= FILLER - {"by", "from"}


def _join(cluster: Cluster, other: Cluster) -> None:
    cluster.last = other.last
    cluster.name = cluster.name or other.name
    if cluster.groups and other.groups:
        one, two = set(cluster.groups), set(other.groups)
        cluster.groups = tuple(sorted(one if one < two else two if two < one else one | two))
    elif other.groups and cluster.name is None:
        cluster.groups = other.groups
    elif cluster.name is not None:
        cluster.groups = ()


def _narrowed(found: list[Cluster], row: list[Mark]) -> list[Cluster]:
    """ "Militants of X": the wider name only describes the narrower one, where no number parts them."""
    return [
        one
        for one in found
        if not any(
            other is not one
            and all(mark.number is None for mark in row[one.last : other.first])
            and (
                (other.groups and set(other.groups) < set(one.groups))
                or (other.name and not other.groups and len(one.groups) > 1)
            )
            for other in found
        )
    ]


def _under_guarantor(row: list[Mark], at: int, ids: tuple[str, ...], catalogue: Catalogue) -> tuple[str, ...]:
    """ "Groups controlled by Turkey": those of the named groups that it vouches for."""
    around = [mark.word.lower() for mark in row[max(0, at - 2) : at]]
    after = [mark.word.lower() for mark in row[at + 1 : at + 6]]
    said = [word for word in around if any(word.endswith(f"-{tie}") for tie in _CONTROLLED)]
    if set(after[:3]) & _CONTROLLED:
        said += after[1:]
    if after[:1] == ["under"] and "control" in after[:4]:
        said += after[1:]
    said += [NATIONS[word].lower() for word in said if word in NATIONS]
    for guarantor in sorted({group.guarantor for group in catalogue.rules.groups if group.guarantor}):
        if any(word.startswith(guarantor[:4]) for word in said):
            vouched = tuple(
                group.id for group in catalogue.rules.groups if group.guarantor == guarantor and group.id in ids
            )
            return tuple(sorted(vouched)) or ids
    return ids


def _unknown_group(row: list[Mark], at: int, lo: int, hi: int) -> str | None:
    """A name that the text says is a group, and that no catalogue entry has."""
    before = [mark.word for mark in row[max(lo, at - 6) : at]]
    after = [mark.word for mark in row[at + 1 : min(at + 3, hi)]]
    if len(before) >= 1 and _CALLED & set(before[-3:]) and _BANDS & set(before):
        return row[at].word
    bare = [word for word in after if word.isalpha()]
    if bare[:1] and bare[0] in _BANDS and ("by" in before[-4:] or "the" in before[-2:]):
        return row[at].word
    if {"group", "unknown"} <= set(before) or (
        before[-1:] and before[-1] in {"group", "faction", "brigade", "militia"} and "by" in before
    ):
        return row[at].word
    return None


def party_of(row: list[Mark], lo: int, hi: int) -> str | None:
    """The party that registered what marks `lo` to `hi` - 1 tell: who registered, before who said."""
    registering = speaking = None
    for at in range(lo, hi):
        mark = row[at]
        if mark.kind is not Kind.PARTY or mark.mention is None:
            continue
        near = row[max(lo, at - 3) : at]
        dated = next((here for here in range(len(near), 0, -1) if near[here - 1].date is not None), 0)
        before = [one.word for one in near[dated:]]
        if "," in before:
            before = before[len(before) - before[::-1].index(",") :]
        if (
            _SPOKEN_TO & set(before)
            and (at + 1 >= hi or row[at + 1].word not in _REGISTERING)
            and _TAKEN_DOWN.isdisjoint(before)
            and "according" not in before
            and not _is_registrar(row, lo, at)
            and not _labels_number(row, at)
        ):
            continue
        if is_aside(row, lo, at):
            continue
        after = row[at + 1 : min(at + 9, hi)]
        words = []
        for one in after:
            if one.kind is Kind.PARTY:
                break
            words.append(one.word)
        said = words[:6]
        if (set(said) & REGISTERED and not set(said) & {"said", "that"}) or words[:1] in (
            ["'s"],
            [":"],
            ["–"],
            ["-"],
            ["—"],
        ):
            registering = registering or mark.mention.name
        if ("by" in before and not _TAKEN_DOWN.isdisjoint(before)) or _is_registrar(row, lo, at):
            registering = mark.mention.name
        elif speaking is None:
            speaking = mark.mention.name
    return registering or speaking


def _is_registrar(row: list[Mark], lo: int, at: int) -> bool:
    """ "Were recorded in X over the past day by the centre": nobody else is named between the verb and the party."""
    start = at - 2 if row[at - 1].word == "the" else at - 1
    if start < 1 or (start <= lo and row[start - 1].word != "none") or row[start].word != "by":
        return False
    if row[start - 1].word == "none":
        return any(mark.word in REGISTERED for mark in row[:start])
    for mark in reversed(row[max(lo, start - _REGISTRAR_MARKS) : start]):
        if mark.kind in {Kind.GROUP, Kind.PARTY, Kind.NUMBER} or mark.word in {"by", ";"}:
            return False
        if mark.word in _TAKEN_DOWN:
            return True
    return False


def _labels_number(row: list[Mark], at: int) -> bool:
    """ "By the one side: 11"."""
    tallies = {"count", "data", "figures", "tally", "reckoning", "account"}
    if (at + 1 < len(row) and row[at + 1].word in tallies) or row[at].word.split(" ", 1)[0] in tallies:
        return True
    if row[at].word.endswith(("'s", "’s")) and at + 1 < len(row) and row[at + 1].number is not None:
        return True
    return at + 2 < len(row) and row[at + 1].word in {":", "–", "-", "—"} and row[at + 2].number is not None


def is_aside(row: list[Mark], lo: int, at: int) -> bool:
    """ "Thirty attacks, including 27 according to X": X registered the last number only."""
    near = [mark.word for mark in row[max(lo, at - 3) : at]]
    if "according" not in near:
        return False
    start = at - len(near) + near.index("according")
    if start > lo and row[start - 1].word == "(":
        return True
    told = [here for here in range(lo, start) if row[here].number is not None]
    return len(told) > 1 and start - told[-1] <= 3


def together(row: list[Mark], lo: int, hi: int, sides: list[str]) -> list[str]:
    """ "The one side and the other registered four each", "neither side" of the two `sides`: the parties so joined."""
    words = {mark.word for mark in row[lo:hi]}
    if words.isdisjoint(_JOINTLY):
        return []
    if not words.isdisjoint(_HALVES) and all(mark.kind is not Kind.PARTY for mark in row[lo:hi]):
        return sides
    named = [at for at in range(lo, hi) if row[at].kind is Kind.PARTY]
    for one, other in itertools.pairwise(named):
        between = {mark.word for mark in row[one + 1 : other]}
        ids = [mark.mention.name for mark in (row[one], row[other]) if mark.mention is not None]
        if between and between <= {"and", "nor", "or", "the"} and len(set(ids)) == 2:
            return ids
    return []
