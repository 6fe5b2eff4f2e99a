"""What makes two versions of a report the same: its content in one form, whatever way it is written.

The form is chosen so that what most producers write is its own, and its digest the one that earlier versions took.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from incident_pipeline.catalogue.catalogue import Catalogue
from incident_pipeline.identity import identity
from incident_pipeline.report import (
    Casualties,
    DaysOccurred,
    Groups,
    Place,
    Range,
    Report,
    UsualReport,
    digest,
    is_language_read,
)

_R = TypeVar("_R", bound=msgspec.Struct)
_NAMES: Final = ("report_id", "source", "retracts", "supersedes", "origin_source")
_COUNTS_NOTHING: Final = ("url", "schema", "observer_mode")
_EXACT: Final = 1
_WRITTEN_DIGITS: Final = 16
_NO_CASUALTIES: Final = Casualties()


class Content(NamedTuple):
    """What tells versions of a report apart."""

    digest: str
    """Of the content in its one form; hex SHA-256."""
    written: str | None
    """First digits of the digest of the report as it is written, where that is another."""


def content_of(report: Report | UsualReport, catalogue: Catalogue) -> Content:
    """Return what tells this version of a report from others."""
    plain = in_one_form(report, catalogue)
    if plain is report:
        return Content(digest(report), None)
    return Content(digest(plain), digest(report)[:_WRITTEN_DIGITS])


def content_of_usual(report: UsualReport, written: str, catalogue: Catalogue) -> Content:
    """Return what `content_of` gives, in a tenth of its time, for a report whose own names are in normal form.

    `written`: the digest of the report as it is written.
    """
    if not _needs_little(report, catalogue):
        return content_of(report, catalogue)
    violations = report.violations
    who = violations[0].group
    if who is not None and (plain := _groups(who)) != who:
        violations = [msgspec.structs.replace(violations[0], group=plain)]
    elif report.url is None and report.language is None and report.schema is None and report.observer_mode is None:
        return Content(written, None)
    left_out = {"language": None, "observer_mode": None, "schema": None, "url": None}
    content = msgspec.structs.replace(report, violations=violations, **left_out)
    return Content(digest(content), written[:_WRITTEN_DIGITS])


def _needs_little(report: UsualReport, catalogue: Catalogue) -> bool:
    """Tell cheaply that nothing is to be changed but groups and what is left out; False: it may be otherwise."""
    one = report.violations[0]
    return (
        (one.registered_by is None or identity(one.registered_by) == one.registered_by)
        and (report.origin_source is None or identity(report.origin_source) == report.origin_source)
        and (one.casualties is None or one.casualties != _NO_CASUALTIES)
        and _EXACT not in {report.date_precision, one.where_precision}
        and _plain(one.place) == one.place
        and (one.type is None or _plain(one.type) == one.type)
        and (report.published_at is None or catalogue.is_at_home(report.published_at))
        and (one.occurred_at is None or catalogue.is_at_home(one.occurred_at))
    )


def in_one_form(report: Report | UsualReport, catalogue: Catalogue) -> Report | UsualReport:
    """Return a report without what changes nothing of its content; the very same object if there is nothing such.

    Without what counts nothing (`url`, `schema`, `observer_mode`), a precision that says exact, and the language of no
    text or of an English one; names of sources as they are compared, others composed (NFC) and without spaces around
    them; times by the mission's clock; one group for a list of it, and several in one order; a number for bounds that
    say no more; a day for a period of it.
    """
    changes: dict[str, Any] = dict.fromkeys(_COUNTS_NOTHING)
    changes["violations"] = _all(report.violations, catalogue)
    if report.date_precision == _EXACT:
        changes["date_precision"] = None
    text = getattr(report, "text", None)
    if text is None or is_language_read(report.language):
        changes["language"] = None
    for name in _NAMES:
        written = getattr(report, name, None)
        if written is not None:
            changes[name] = identity(written)
    if isinstance(report, Report):
        changes["quiet"] = _all(report.quiet, catalogue)
        changes["activities"] = _all(report.activities, catalogue)
        changes["occurred_at"] = _time(report.occurred_at, catalogue)
    changes["occurred_on"] = _days(report.occurred_on)
    changes["published_at"] = _time(report.published_at, catalogue)
    return _changed(report, changes)


def _all(statements: list[_R], catalogue: Catalogue) -> list[_R]:
    plain = [_statement(one, catalogue) for one in statements]
    return statements if all(new is one for new, one in zip(plain, statements, strict=True)) else plain


def _statement(one: _R, catalogue: Catalogue) -> _R:
    changes: dict[str, Any] = {}
    for name in one.__struct_fields__:
        written = getattr(one, name)
        if written is None:
            continue
        if name in _FORMS:
            changes[name] = _FORMS[name](written)
        elif name == "occurred_at":
            changes[name] = _time(written, catalogue)
        elif isinstance(written, Range) and written.max is None and written.min is None:
            changes[name] = written.best
        elif written == _NO_CASUALTIES or (name == "where_precision" and written == _EXACT):
            changes[name] = None
    return _changed(one, changes)


def _changed(one: _R, changes: dict[str, Any]) -> _R:
    """Replace what differs, be it in the way an equal time is written."""
    before = {name: getattr(one, name) for name in changes}
    differing = {
        name: new for name, new in changes.items() if new is not before[name] and repr(new) != repr(before[name])
    }
    return msgspec.structs.replace(one, **differing) if differing else one


def _groups(written: Groups) -> Groups:
    if isinstance(written, str):
        return _plain(written)
    several = sorted(set(map(_plain, written)))
    return several[0] if len(several) == 1 else several


def _name(written: Place) -> Place:
    return _plain(written) if isinstance(written, str) else written


def _is_plain(name: str) -> bool:
    return name.isascii() and name == name.strip()


def _plain(name: str) -> str:
    return name if _is_plain(name) else unicodedata.normalize("NFC", name).strip()


def _days(written: DaysOccurred | None) -> DaysOccurred | None:
    if not isinstance(written, tuple):
        return written
    first, last = min(written), max(written)
    return first if first == last else (first, last)


def _time(written: dt.datetime | None, catalogue: Catalogue) -> dt.datetime | None:
    return None if written is None else catalogue.at_home(written)


_FORMS: Final[dict[str, Callable[[Any], Any]]] = {
    "against": _groups,
    "group": _groups,
    "kind": _name,
    "occurred_on": _days,
    "place": _name,
    "registered_by": identity,
    "type": _name,
}
"""Field of a statement → what brings it into its one form."""
