"""From the files of a catalogue to valid rules, or to the list of everything that is wrong with them.

A catalogue is a folder of TOML (or JSON) files. Any file may hold any section, so that a long one can be split;
a section that stands in two files is the two together.
"""

from __future__ import annotations

import difflib
import importlib.resources
import json
import re
import tomllib
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple, get_args

import msgspec

from incident_pipeline.catalogue.canonical import canonical_rules_json, rules_hash
from incident_pipeline.catalogue.check import Found, check, check_mission
from incident_pipeline.catalogue.errors import CatalogueError, Fault
from incident_pipeline.catalogue.explain import explain, meant, shown
from incident_pipeline.catalogue.model import Rules
from incident_pipeline.catalogue.review import review
from incident_pipeline.limits import LATER_LIMITS

__all__ = [
    "CatalogueError",
    "Fault",
    "canonical_rules_json",
    "load_rules",
    "rules_from_json",
    "rules_hash",
    "shipped_catalogue",
]

_SECTIONS: Final = {field.name: field for field in msgspec.structs.fields(Rules)}
_SINGLE: Final = frozenset({"mission", "limits"})
"""Sections that are one table; the others are lists of entries."""
_WRITTEN_OUT: Final = frozenset({"alerts"})
"""Sections that rules may lack and a folder may not: a file that was lost is not to go unnoticed."""
_HEADER: Final = re.compile(r"""^\s*(?:\[\[?\s*([a-z]+)|"([a-z]+)"\s*:|([a-z]+)\s*=)""", re.MULTILINE)
"""What may open a section in a file that cannot be read."""


class _At(NamedTuple):
    """Where an entry stands, for a person."""

    section: str
    called: str
    file: str


class _Read:
    """What was read of the files so far."""

    def __init__(self) -> None:
        self.sections: dict[str, Any] = {}
        """Of an entry with faults, what could be read of it."""
        self.places: dict[tuple[str, str], _At] = {}
        """(section, id of the entry) → where it stands."""
        self.faults: list[Fault] = []
        self.incomplete: set[str] = set()
        """Sections of which not all could be read."""

    def rules(self) -> Rules:
        """The rules; `msgspec.UNSET` stands for what could not be read."""
        lists: dict[str, list[Any]] = {name: [] for name in _SECTIONS if name not in _SINGLE}
        return Rules(**{"mission": msgspec.UNSET, **lists, **self.sections})

    def add(self, found: Iterable[Found]) -> None:
        """Take faults between entries, but for those that follow from what could not be read."""
        told = {(fault.entry, fault.field) for fault in self.faults}
        for section, id_, field, problem, relies_on in found:
            where = f"section `{section}`" if not id_ else f'{section} "{id_}"'
            at = self.places.get((section, id_), _At(section, where, "catalogue"))
            if relies_on not in self.incomplete and (at.called, field) not in told:
                self.faults.append(Fault(at.file, at.called, field, problem))


def shipped_catalogue() -> Path:
    """Return the folder of the catalogue that the package brings: north-west Syria, 2020."""
    return Path(str(importlib.resources.files("incident_pipeline.catalogue") / "north_west_syria_2020"))


def load_rules(directory: Path) -> Rules:
    """Read the files of a folder; raises CatalogueError with every fault, and OSError where it cannot be read."""
    files = sorted(path for path in directory.iterdir() if path.suffix in {".toml", ".json"})
    if not files:
        nothing = Fault(str(directory), "catalogue", "", "there is no .toml or .json file in this folder")
        raise CatalogueError([nothing])
    read = _Read()
    for path in files:
        tables = _parse(path, read)
        for section, value in tables.items():
            _take_section(section, value, path.name, read)
    _tell_missing(read, _WRITTEN_OUT)
    rules = read.rules()
    read.add(check(rules))
    read.add(review(rules))
    if not read.faults and (problem := _why_unpublishable(rules)):
        read.faults.append(Fault("catalogue", "rules", "", problem))
    if read.faults:
        raise CatalogueError(read.faults)
    return rules


def _why_unpublishable(rules: Rules) -> str:
    """Say why others would not read what a worker publishes of these rules; nothing else may catch that."""
    try:
        published = canonical_rules_json(rules)
        again = canonical_rules_json(rules_from_json(published))
    except (ValueError, OverflowError, CatalogueError) as error:
        return f"they cannot be written as JSON and read again: {error}"
    return "" if again == published else "they are not the same when they are written as JSON and read again"


def rules_from_json(value: bytes) -> Rules:
    """Read rules as the `rules` topic carries them (canonical or not); raises CatalogueError.

    They are held to what deciding needs, and to no more: whoever published them has checked them, and what was decided
    under them stands. Published rules write out every limit. One that they lack did not bind when decisions were taken
    under them.
    """
    read = _Read()
    try:
        tables = json.loads(value)
    except ValueError as error:
        raise CatalogueError([Fault("rules", "record", "", f"not JSON: {error}")]) from None
    if not isinstance(tables, dict):
        raise CatalogueError([Fault("rules", "record", "", "not a JSON object")])
    limits = tables.get("limits")
    if isinstance(limits, dict):
        tables["limits"] = LATER_LIMITS | limits
    for section, inner in tables.items():
        _take_section(section, inner, "rules", read)
    _tell_missing(read)
    rules = read.rules()
    read.add(check_mission(rules))
    if read.faults:
        raise CatalogueError(read.faults)
    return rules


def _parse(path: Path, read: _Read) -> dict[str, Any]:
    written = path.read_bytes()
    try:
        text = written.decode("utf-8-sig")
        tables = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except ValueError as error:  # also bad UTF-8, TOML and JSON
        read.faults.append(Fault(path.name, "file", "", f"cannot be read as {path.suffix[1:].upper()}: {error}"))
        headers = _HEADER.findall(written.decode("utf-8", "replace"))
        read.incomplete.update(name for header in headers for name in header if name in _SECTIONS)
        return {}
    if not isinstance(tables, dict):
        read.faults.append(Fault(path.name, "file", "", "must hold sections, not a bare list or value"))
        return {}
    return tables


def _tell_missing(read: _Read, written_out: Collection[str] = ()) -> None:
    """Tell of sections that no file has, unless they may stand in one that could not be read."""
    for name, field in _SECTIONS.items():
        if not (field.required or name in written_out) or name in read.sections or name in read.incomplete:
            continue
        wanted = f"write [{name}]" if name in _SINGLE else f"write at least one [[{name}]]"
        if not field.required:
            wanted = f"write at least one [[{name}]], or `{name} = []` where none is meant"
        read.faults.append(Fault("catalogue", f"section `{name}`", "", f"is missing in all files; {wanted}"))
        read.incomplete.add(name)


def _take_section(section: str, value: Any, file: str, read: _Read) -> None:  # noqa: ANN401  # any TOML
    if section not in _SECTIONS:
        near = meant(section, _SECTIONS, listed=False)
        problem = f"unknown section; permitted: {', '.join(sorted(_SECTIONS))}{near}"
        read.faults.append(Fault(file, f"section `{section}`", "", problem))
        read.incomplete.update(difflib.get_close_matches(section, _SECTIONS, n=1))
    elif section in _SINGLE:
        if section in read.sections:
            read.faults.append(Fault(file, f"section `{section}`", "", "given twice; it is one table"))
        at = _At(section, section, file)
        read.sections[section] = _entry(_SECTIONS[section].type, value, at, read)
        read.places[section, section] = at
    elif not isinstance(value, list):
        read.faults.append(Fault(file, f"section `{section}`", "", f"must be a list of entries: [[{section}]]"))
        read.incomplete.add(section)
    else:
        (kind,) = get_args(_SECTIONS[section].type)
        entries = read.sections.setdefault(section, [])
        for number, plain in enumerate(value):
            name = plain.get("id", plain.get("code")) if isinstance(plain, dict) else None
            called = f'{section} "{name}"' if isinstance(name, str) else f"{section}[{number}]"
            at = _At(section, called, file)
            entry = _entry(kind, plain, at, read)
            if entry:
                entries.append(entry)
                read.places[section, getattr(entry, "id", getattr(entry, "code", ""))] = at
            else:
                read.incomplete.add(section)


def _entry(kind: Any, plain: Any, at: _At, read: _Read) -> Any:  # noqa: ANN401
    """Return the typed entry as far as it can be read, its faults noted field by field; UNSET where it is no table."""
    if not isinstance(plain, dict):
        read.faults.append(Fault(at.file, at.called, "", f"must be a table, not {shown(plain)}"))
        return msgspec.UNSET
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    for name in plain:
        if name not in fields:
            problem = f"unknown field; permitted: {', '.join(sorted(fields))}{meant(name, fields, listed=False)}"
            read.faults.append(Fault(at.file, at.called, name, problem))
    typed: dict[str, Any] = {}
    for name, field in fields.items():
        if name not in plain:
            if field.required:
                read.faults.append(Fault(at.file, at.called, name, "is missing"))
                typed[name] = _instead(name, field, None, at)
            continue
        try:
            typed[name] = msgspec.convert(plain[name], field.type)
        except msgspec.ValidationError as error:
            read.faults.append(Fault(at.file, at.called, name, explain(plain[name], field.type, error)))
            typed[name] = _instead(name, field, plain[name], at)
    return kind(**typed)


def _instead(name: str, field: msgspec.structs.FieldInfo, value: Any, at: _At) -> Any:  # noqa: ANN401  # any TOML
    """What stands for a value that cannot be read, so that the rest of its entry can be checked.

    An id stays as it is written: others refer to it. One that is missing is what the entry is called in messages.
    """
    if name in {"id", "code"}:
        return value if isinstance(value, str) else at.called
    if not field.required:
        return field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    return msgspec.UNSET
