"""From the files of a catalogue to valid rules, or to the list of everything that is wrong with them.

A catalogue is a folder of TOML (or JSON) files. Any file may hold any section, so that a long one can be split;
a section that stands in two files is the two together.
"""

from __future__ import annotations

import importlib.resources
import json
import tomllib
from pathlib import Path
from typing import Any, Final, NamedTuple, get_args

import msgspec

from incident_pipeline.catalogue.canonical import canonical_rules_json, rules_hash
from incident_pipeline.catalogue.check import check
from incident_pipeline.catalogue.errors import CatalogueError, Fault
from incident_pipeline.catalogue.model import Rules
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


class _At(NamedTuple):
    """Where an entry stands, for a person."""

    section: str
    called: str
    file: str


class _Read:
    """What was read of the files so far."""

    def __init__(self) -> None:
        self.sections: dict[str, Any] = {}
        self.origins: dict[tuple[str, str], str] = {}
        """(section, id of the entry) → file."""
        self.faults: list[Fault] = []


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
    return _finish(read)


def rules_from_json(value: bytes) -> Rules:
    """Read rules as the `rules` topic carries them (canonical or not); raises CatalogueError.

    Published rules write out every limit. One that they lack did not bind when decisions were taken under them.
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
    return _finish(read)


def _parse(path: Path, read: _Read) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        tables = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except ValueError as error:  # also bad UTF-8, TOML and JSON
        read.faults.append(Fault(path.name, "file", "", f"cannot be read as {path.suffix[1:].upper()}: {error}"))
        return {}
    if not isinstance(tables, dict):
        read.faults.append(Fault(path.name, "file", "", "must hold sections, not a bare list or value"))
        return {}
    return tables


def _take_section(section: str, value: Any, file: str, read: _Read) -> None:  # noqa: ANN401  # any TOML
    if section not in _SECTIONS:
        permitted = ", ".join(sorted(_SECTIONS))
        read.faults.append(Fault(file, f"section `{section}`", "", f"unknown section; permitted: {permitted}"))
    elif section in _SINGLE:
        if section in read.sections:
            read.faults.append(Fault(file, f"section `{section}`", "", "given twice; it is one table"))
        entry = _entry(_SECTIONS[section].type, value, _At(section, section, file), read)
        if entry is not None:
            read.sections[section] = entry
            read.origins[section, section] = file
    elif not isinstance(value, list):
        read.faults.append(Fault(file, f"section `{section}`", "", f"must be a list of entries: [[{section}]]"))
    else:
        (kind,) = get_args(_SECTIONS[section].type)
        entries = read.sections.setdefault(section, [])
        for number, plain in enumerate(value):
            name = plain.get("id", plain.get("code")) if isinstance(plain, dict) else None
            called = f'{section} "{name}"' if isinstance(name, str) else f"{section}[{number}]"
            entry = _entry(kind, plain, _At(section, called, file), read)
            if entry is not None:
                entries.append(entry)


def _entry(kind: Any, plain: Any, at: _At, read: _Read) -> Any:  # noqa: ANN401
    """Return the typed entry, or None with its faults noted, field by field."""
    if not isinstance(plain, dict):
        read.faults.append(Fault(at.file, at.called, "", f"must be a table, not {plain!r}"))
        return None
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    faults = [
        Fault(at.file, at.called, name, f"unknown field; permitted: {', '.join(sorted(fields))}")
        for name in plain
        if name not in fields
    ]
    typed: dict[str, Any] = {}
    for name, field in fields.items():
        if name not in plain:
            if field.required:
                faults.append(Fault(at.file, at.called, name, "is missing"))
            continue
        try:
            typed[name] = msgspec.convert(plain[name], field.type)
        except msgspec.ValidationError as error:
            faults.append(Fault(at.file, at.called, name, _explain(plain[name], field.type, error)))
    if faults:
        read.faults.extend(faults)
        return None
    entry = kind(**typed)
    read.origins[at.section, getattr(entry, "id", getattr(entry, "code", at.section))] = at.file
    return entry


def _explain(value: Any, kind: Any, error: msgspec.ValidationError) -> str:  # noqa: ANN401  # any TOML
    """Say what the value is and what is permitted."""
    known = msgspec.inspect.type_info(kind)
    if isinstance(known, msgspec.inspect.EnumType):
        return f"{value!r} is not permitted; permitted: {', '.join(str(one.value) for one in known.cls)}"
    return f"{value!r} is not permitted: {str(error).replace(' - at `$`', '')}"


def _finish(read: _Read) -> Rules:
    for name, field in _SECTIONS.items():
        if field.required and name not in read.sections and not any(name in f.entry for f in read.faults):
            read.faults.append(Fault("catalogue", f"section `{name}`", "", "is missing in all files"))
    if read.faults:
        raise CatalogueError(read.faults)
    rules = Rules(**read.sections)
    faults = [
        Fault(read.origins.get((section, id_), "catalogue"), f'{section} "{id_}"', field, problem)
        for section, id_, field, problem in check(rules)
    ]
    if faults:
        raise CatalogueError(faults)
    return rules
