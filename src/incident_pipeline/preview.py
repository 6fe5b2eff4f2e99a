"""What the pipeline will make of reports that nobody has sent yet: intake's own code, asked beforehand.

Everything found is grouped, so that a file of a million reports with one mistake gives one finding.
"""

from __future__ import annotations

import enum
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

import msgspec

from incident_pipeline.catalogue.memo import Memo
from incident_pipeline.intake.take import take
from incident_pipeline.intake.understand import Coordinates
from incident_pipeline.known_names import KnownNames, NameKind, Reading
from incident_pipeline.limits import DIFFERENT_FINDINGS, REMEMBERED_REPORTS
from incident_pipeline.rejection import Rejection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from incident_pipeline.catalogue.catalogue import Catalogue
    from incident_pipeline.line import ReportRef, Understood

__all__ = ["Found", "Preview", "Repeated", "Verdict"]

NOTHING_READ: Final = "nothing_read"
"""Beside the values of `NotCounted`: a report in whose text nothing was found that could count."""
K = TypeVar("K")
_LINES_KEPT: Final = 5
_DIGEST_BITS: Final = 48


class Found:
    """Something found, how often, and where first."""

    __slots__ = ("first", "times")

    def __init__(self, first: int) -> None:
        self.first = first
        self.times = 0


class Repeated(NamedTuple):
    """A report id that one source uses for different contents of one revision."""

    source: str
    report_id: str
    revision: int


class Verdict(enum.Enum):
    """What becomes of a report that is no dead letter."""

    TAKEN = enum.auto()
    CONFLICT = enum.auto()
    """It is recorded, and never counts: another content has come first under its id."""


class _Name(msgspec.Struct):
    """The names of a statement, as written; other shapes are the contract's to refuse."""

    against: object = None
    group: object = None
    kind: object = None
    place: object = None
    registered_by: object = None
    type: object = None


class _Named(msgspec.Struct, kw_only=True):
    """The names of a report."""

    activities: list[_Name] = []
    origin_source: str | None = None
    quiet: list[_Name] = []
    source: str
    violations: list[_Name] = []


_FIELDS: Final = (
    ("type", NameKind.TYPE),
    ("group", NameKind.GROUP),
    ("against", NameKind.GROUP),
    ("place", NameKind.PLACE),
    ("kind", NameKind.ACTIVITY),
    ("registered_by", NameKind.PARTY),
)


class Preview:
    """Takes reports one after the other, in the order in which they would be sent, and keeps what is to be said."""

    def __init__(self, catalogue: Catalogue, partitions: int) -> None:
        """`partitions`: how many `lines` has."""
        self._catalogue = catalogue
        self._partitions = partitions
        self._known = KnownNames(catalogue)
        self._readings: Memo[tuple[NameKind, str], Reading | None] = Memo(lambda asked: self._known.reading(*asked))
        self._decode = msgspec.json.Decoder(_Named).decode
        self.names: dict[Reading, Found] = {}
        """Names that the catalogue does not know, or takes for another spelling: each with the statements."""
        self.uncounted: dict[str, Found] = {}
        """Reason → statements that are recorded and never count (a whole report for `NOTHING_READ`)."""
        self.flags: Counter[str] = Counter()
        """Flags of what was read, other than those that `names` tells in full."""
        self.repeated: dict[Repeated, list[int]] = {}
        """Ids with different contents → the first few lines that use them."""
        self.left_out = 0
        """Findings that are no more told apart: there are too many."""
        self._sent: tuple[dict[int, int], dict[int, int]] = ({}, {})
        """Hash of a report's id → its line and the hash of its content: the latest, and those before."""
        self.contradicted: list[int] = []
        """The first lines of all those ids."""

    def take(self, value: bytes, line: int, now_ms: int) -> Rejection | Verdict:
        """Judge one report of a line (from 1) as intake would, were it appended at `now_ms`."""
        outcome = take(value, Coordinates(0, 0), self._catalogue, recorded_at_ms=now_ms, partitions=self._partitions)
        if isinstance(outcome, Rejection):
            return outcome
        for name in self._names_of(value):
            self._note(self.names, name, line)
        told = False
        for _, understood in outcome:
            told = told or bool(understood.lines or understood.quiet or understood.activities)
            self._look_at(understood, line)
        reference = outcome[0][1].report
        if not told and reference.retracts is None:
            self._note(self.uncounted, NOTHING_READ, line)
        return Verdict.CONFLICT if self._contradicts(reference, line) else Verdict.TAKEN

    def suggestion(self, name: Reading) -> str | None:
        """Give the known name that is most like one that is not known; None where none is."""
        return self._known.nearest(name)

    def _names_of(self, value: bytes) -> Iterator[Reading]:
        """Yield what is to be said of the names in a report's fields."""
        report = self._decode(value)
        readings = self._readings
        for statements in (report.violations, report.quiet, report.activities):
            for one in statements:
                for field, kind in _FIELDS:
                    written = getattr(one, field)
                    if written is None:
                        continue
                    for name in written if isinstance(written, list) else (written,):
                        if isinstance(name, str) and (reading := readings[kind, name]) is not None:
                            yield reading
        for kind, name in ((NameKind.SOURCE, report.source), (NameKind.PARTY, report.origin_source)):
            if name is not None and (reading := readings[kind, name]) is not None:
                yield reading

    def _look_at(self, understood: Understood, line: int) -> None:
        for one in understood.lines:
            if one.not_counted is not None:
                self._note(self.uncounted, one.not_counted.value, line)
            if one.flags:
                self.flags.update(one.flags)
        for quiet in understood.quiet:
            if quiet.not_counted is not None:
                self._note(self.uncounted, quiet.not_counted.value, line)
        if understood.flags:
            self.flags.update(understood.flags)

    def _contradicts(self, report: ReportRef, line: int) -> bool:
        """Whether an earlier line has other content under the same id; of very many reports the last are known."""
        latest, before = self._sent
        named = report.identity
        identity = hash(
            (named.source, named.id, report.revision) if named else (report.source, report.id, report.revision)
        )
        known = latest.get(identity) or before.get(identity)
        content = hash(report.digest) & ((1 << _DIGEST_BITS) - 1)
        if known is None:
            if len(latest) >= REMEMBERED_REPORTS // 2:
                self._sent = (latest, before) = ({}, latest)
            latest[identity] = line << _DIGEST_BITS | content
            return False
        first, first_content = known >> _DIGEST_BITS, known & ((1 << _DIGEST_BITS) - 1)
        if content == first_content:
            return False
        self._note_repeated(Repeated(report.source, report.id, report.revision), first, line)
        return True

    def _note_repeated(self, repeated: Repeated, first: int, line: int) -> None:
        lines = self.repeated.get(repeated)
        if lines is None:
            self.contradicted.append(first)  # more than once for one id that is no more told apart
            if len(self.repeated) >= DIFFERENT_FINDINGS:
                self.left_out += 1
                return
            lines = self.repeated[repeated] = [first]
        if len(lines) <= _LINES_KEPT:
            lines.append(line)

    def _note(self, findings: dict[K, Found], what: K, line: int) -> None:
        found = findings.get(what)
        if found is None:
            if len(findings) >= DIFFERENT_FINDINGS:
                self.left_out += 1
                return
            found = findings[what] = Found(line)
        found.times += 1
