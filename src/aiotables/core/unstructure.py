"""
Python values into what orjson writes: hooks for a cattrs converter.

orjson writes texts, numbers, members of enums, lists and dicts by itself, and asks for the rest. Two things it writes that
JSON does not have, both as null: numbers that are not finite, and `UNSET`. They are looked for after the
writing, and only where the document holds a null.
"""

import math
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime
from types import NoneType
from typing import Any, Final, get_args

import attrs
import cattrs
import orjson

from aiotables.core.compiled import Writer, compiled_writer
from aiotables.core.errors import RequestError
from aiotables.core.memo import memoised
from aiotables.core.model_fields import (
    Json,
    TypeExpr,
    is_dict,
    is_int_bool,
    is_list,
    is_union,
    model_fields,
    python_class,
)
from aiotables.core.sentinels import UNSET, UnknownVariant


Unstructure = Callable[[Any], Json]

_NULLS: Final = (b":null", b",null", b"[null")
_HARMLESS: Final = frozenset({str, int, bool, NoneType})


def add_unstructure_hooks(converter: cattrs.Converter) -> None:
    """Make *converter* write the generated models: absent fields stay absent, nulls stay nulls."""
    converter.register_unstructure_hook(datetime, _date_time)
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_unstructure_hook(UnknownVariant, _raw)
    converter.register_unstructure_hook_factory(_is_model, memoised(_model_hook))


def refuse_what_json_lacks(value: object, document: bytes, unstructure: Unstructure) -> None:
    """
    Make sure that *document*, which was written of *value*, says what the value does.

    Raises:
        RequestError: There is a NaN, an infinity or an UNSET in the value.
    """
    # Not `null` alone: many names of fields, such as `is_nullable`, have it inside.
    if any(word in document for word in _NULLS) or document == b"null":
        _refuse(value, unstructure)


def _refuse(value: object, unstructure: Unstructure) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        message = "NaN and infinity cannot be sent: JSON has no word for them"
        raise RequestError(message)

    if value is UNSET:
        message = "UNSET cannot be sent inside a list or an object: leave it out"
        raise RequestError(message)

    inside = _inside(value, unstructure)
    if not _HARMLESS.issuperset(map(type, inside)):
        for each in inside:
            _refuse(each, unstructure)


def _inside(value: object, unstructure: Unstructure) -> Collection[object]:
    if isinstance(value, dict):
        return value.values()

    if isinstance(value, list | tuple):
        return value

    return (unstructure(value),) if attrs.has(type(value)) else ()


def _date_time(value: datetime) -> str:
    if value.tzinfo is UTC:
        # In quotes, and in a fourth of the time that Python takes.
        return orjson.dumps(value, option=orjson.OPT_UTC_Z)[1:-1].decode()

    offset = value.utcoffset()
    if offset is None:
        message = "a date-time without a time zone cannot be sent: give it one, such as datetime.UTC"
        raise RequestError(message)

    return value.isoformat() if offset else value.isoformat()[: -len("+00:00")] + "Z"


def _raw(variant: UnknownVariant) -> dict[str, Json]:
    return variant.raw


def _is_model(type_: TypeExpr) -> bool:
    return attrs.has(type_) and type_ is not UnknownVariant


def _model_hook(cls: TypeExpr, converter: cattrs.Converter) -> Writer:
    return compiled_writer(cls, model_fields(cls), lambda type_: _writer(type_, converter))


def _writer(type_: TypeExpr, converter: cattrs.Converter) -> Writer | None:
    """What writes a field of *type_*; `None` where orjson does."""
    if is_union(type_):
        return _by_class(get_args(type_), converter)

    if is_list(type_) or is_dict(type_):
        write = _writer(get_args(type_)[-1], converter)
        return write and (_each_item(write) if is_list(type_) else _each_value(write))

    if is_int_bool(type_):
        return int

    return converter.get_unstructure_hook(type_) if attrs.has(type_) or type_ is datetime else None


def _each_item(write: Writer) -> Writer:
    return lambda items: [write(each) for each in items]


def _each_value(write: Writer) -> Writer:
    return lambda mapping: {key: write(each) for key, each in mapping.items()}


def _by_class(members: tuple[TypeExpr, ...], converter: cattrs.Converter) -> Writer | None:
    """Tell the members of a union apart; what none of them is, the service will judge."""
    writers = {python_class(member): _writer(member, converter) for member in members}
    known = {cls: write for cls, write in writers.items() if write is not None}

    def write(value: object) -> Json:
        write = known.get(value.__class__)
        return value if write is None else write(value)

    return write if known else None
