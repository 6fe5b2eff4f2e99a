"""What to write instead of a value that a catalogue's field cannot take, in words rather than in types and patterns."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any, Final, get_args

import msgspec
from msgspec import inspect

from incident_pipeline.catalogue.model import Id, TimeOfDay, TypeCode

_ID_CHARS: Final = 64
_SHOWN_CHARS: Final = 60
_SHOWN_IDS: Final = 8


def shown(value: Any) -> str:  # noqa: ANN401 - whatever TOML holds
    """The value as it stands in a message, cut short."""
    text = ("true" if value else "false") if isinstance(value, bool) else repr(value)
    return text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 1] + "…"


def meant(name: str, known: Iterable[str], *, listed: bool = True) -> str:
    """The rest of a message that offers the known name that is nearest; else, if asked for, some of those there are."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        return f"; did you mean '{near[0]}'?"
    if not listed or not names:
        return ""
    return f"; there are: {', '.join(names[:_SHOWN_IDS])}" + (", …" if len(names) > _SHOWN_IDS else "")


def explain(value: Any, kind: Any, error: msgspec.ValidationError) -> str:  # noqa: ANN401 - whatever TOML holds
    """Say what the value is and what to write. `kind`: the type of the field, which `error` says it is not of."""
    return _explain(value, inspect.type_info(kind)) or (
        f"{shown(value)} is not permitted: {str(error).partition(' - at `$')[0]}"
    )


def _explain(value: Any, info: inspect.Type) -> str:  # noqa: ANN401 - as above
    kinds = [one for one in getattr(info, "types", (info,)) if not isinstance(one, inspect.NoneType)]
    if len(kinds) > 1:
        return f"{shown(value)} is not permitted; write a number, or text in quotes"
    (info,) = kinds
    if isinstance(info, inspect.EnumType):
        choices = [str(one.value) for one in info.cls]
        hint = meant(value, choices, listed=False) if isinstance(value, str) else ""
        return f"{shown(value)} is not permitted; permitted: {', '.join(choices)}{hint}"
    if isinstance(info, inspect.ListType):
        return _explain_list(value, info)
    if isinstance(info, inspect.DictType):
        return _explain_table(value)
    for types, explain_one in _PLAIN:
        if isinstance(info, types):
            return explain_one(value, info)
    return ""


def _explain_list(value: Any, info: inspect.ListType) -> str:  # noqa: ANN401 - as above
    if not isinstance(value, list):
        example = f"[{shown(value)}]" if isinstance(value, str) else '["first", "second"]'
        return f"{shown(value)} is not a list; write {example}"
    for one in value:
        wrong = _explain(one, info.item_type) if _is_wrong(one, info.item_type) else ""
        if wrong:
            return wrong
    return ""


def _explain_table(value: Any) -> str:  # noqa: ANN401 - as above
    if not isinstance(value, dict):
        return f"{shown(value)} is not a table; write {{ name = value }}"
    for name, one in value.items():
        if isinstance(one, bool) or not isinstance(one, str | int | float):
            return f"`{name}` is {shown(one)}; write a number, or text in quotes"
    return ""


def _explain_text(value: Any, info: Any) -> str:  # noqa: ANN401 - as above
    if not isinstance(value, str):
        return f'{shown(value)} is not text; write it in quotes: "{shown(value)}"'
    instead = _OF_PATTERN.get(info.pattern)
    return "" if instead is None else f"{shown(value)} is not permitted; {instead(value)}"


def _explain_number(value: Any, info: Any) -> str:  # noqa: ANN401 - as above
    bounds = [f"from {info.ge:,}"] if info.ge is not None else []
    bounds += [f"to {info.le:,}"] if info.le is not None else []
    return f"{shown(value)} is not permitted; write a whole number {' '.join(bounds)}".rstrip() + (
        ", without quotes" if isinstance(value, str) else ""
    )


def _explain_moment(value: Any, _info: Any) -> str:  # noqa: ANN401 - as above
    return f"{shown(value)} is no date with a time; write 2020-03-06T00:01:00, without quotes"


def _explain_truth(value: Any, _info: Any) -> str:  # noqa: ANN401 - as above
    return f"{shown(value)} is not permitted; write true or false, without quotes"


def _id_instead(value: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", value) if not unicodedata.combining(c))
    words = "-".join(re.findall(r"[a-z0-9]+", plain.casefold()))[:_ID_CHARS].strip("-")
    example = f": '{words}'" if words and words != value else ""
    return f"an id is words of small letters and digits, joined by hyphens, up to {_ID_CHARS} characters{example}"


def _pattern(annotated: Any) -> str:  # noqa: ANN401 - an annotated type
    return str(get_args(annotated)[1].pattern)


_OF_PATTERN: Final[dict[str | None, Callable[[str], str]]] = {
    _pattern(Id): _id_instead,
    _pattern(TimeOfDay): lambda _: "write a time of day as '19:30'; the end of the day is '24:00'",
    _pattern(TypeCode): lambda _: "write a capital letter and a digit: 'K1'",
}
_PLAIN: Final[tuple[tuple[Any, Callable[[Any, Any], str]], ...]] = (
    (inspect.StrType, _explain_text),
    (inspect.BoolType, _explain_truth),
    (inspect.IntType, _explain_number),
    (inspect.DateTimeType, _explain_moment),
)


def _is_wrong(value: Any, info: inspect.Type) -> bool:  # noqa: ANN401 - as above
    """Whether an item of a list is at fault: those that the catalogue has are text, ids among them."""
    if not isinstance(info, inspect.StrType):
        return True
    if not isinstance(value, str) or (info.max_length is not None and len(value) > info.max_length):
        return True
    return info.pattern is not None and re.search(info.pattern, value) is None
