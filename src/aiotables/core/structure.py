"""JSON into Python values: a strict function for each type."""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache, partial
from types import NoneType
from typing import Any, Final, get_args

import attrs

from aiotables.core.date_times import read_date_time
from aiotables.core.extension import reader_of
from aiotables.core.faults import json_type_name, mismatch, other_value
from aiotables.core.memo import memoised
from aiotables.core.model_fields import (
    Json,
    TypeExpr,
    is_any,
    is_dict,
    is_enum,
    is_int_bool,
    is_list,
    is_literal,
    is_union,
    json_class,
    model_fields,
    tags_of,
)
from aiotables.core.read_plans import Find, Reader, Tagged, read_plan
from aiotables.core.sentinels import StrEnum, UnknownVariant


# A text, since `re` compiles that but once, too, and not before.
_DATE: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"


def readers() -> Find:
    """
    What gives the function that reads a type: fast, and when it raises it says little more than that something is wrong.

    The functions are made when they are first asked for, by whichever thread.
    """
    find: Find = memoised(lambda type_: _reader(type_, find))
    return find


def _reader(type_: TypeExpr, find: Find) -> Reader:
    for is_handled, factory in (*_FAST, *SHARED):
        if is_handled(type_):
            return factory(type_, find)
    message = f"nothing reads {type_}"
    raise TypeError(message)


def exactly(type_: type, name: str) -> Reader:
    """
    What takes the values of a class, as they are.

    Args:
        type_: The class.
        name: What messages call it.
    """

    def read(value: Json) -> Json:
        if value.__class__ is type_:
            return value
        raise mismatch(value, name)

    return read


def _as_it_is(value: Json) -> Json:
    return value


def _number(value: Json) -> Json:
    # A whole number keeps its digits, which a float of it may lose.
    if value.__class__ is float or value.__class__ is int:
        return value
    raise mismatch(value, "number")


def enum_member(enum_type: type[StrEnum], value: Json) -> StrEnum:
    """
    The member of an enum.

    Raises:
        Fault: The value is no text.
    """
    if value.__class__ is str:
        return _member(enum_type, value)
    raise mismatch(value, "str")


# Calling an enum class costs five times as much; bounded, since the server picks the values.
@lru_cache(maxsize=4096)
def _member(enum_type: type[StrEnum], value: str) -> StrEnum:
    return enum_type(value)


def _date(value: Json) -> date:
    if value.__class__ is not str:
        raise mismatch(value, "date")

    if not re.fullmatch(_DATE, value):
        raise other_value(value, "date")

    try:
        return date.fromisoformat(value)
    except ValueError:
        raise other_value(value, "date") from None


SCALARS: Final[dict[TypeExpr, Reader]] = {
    Any: _as_it_is,
    str: exactly(str, "str"),
    int: exactly(int, "int"),
    float: _number,
    bool: exactly(bool, "bool"),
    NoneType: exactly(NoneType, "null"),
    datetime: read_date_time,
    date: _date,
}
"""What reads each of these types."""


def _int_bool(value: Json) -> bool:
    if value.__class__ is bool:
        return bool(value)

    if value.__class__ is not int:
        raise mismatch(value, "0 or 1")
    if value not in {0, 1}:
        raise other_value(value, "0 or 1")
    return bool(value)


def _literal(type_: TypeExpr, _: Find) -> Reader:
    allowed = {(each.__class__, each) for each in get_args(type_)}
    classes = {each.__class__ for each in get_args(type_)}
    expected = " or ".join(f'"{each}"' if isinstance(each, str) else repr(each) for each in get_args(type_))

    def read(value: Json) -> Json:
        if value.__class__ not in classes:
            raise mismatch(value, expected)
        if (value.__class__, value) not in allowed:
            raise other_value(value, expected)
        return value

    return read


def _union(type_: TypeExpr, find: Find) -> Reader:
    members = [member for member in get_args(type_) if member is not NoneType]
    read = _choice(members, find)
    if len(members) == len(get_args(type_)):
        return read
    return lambda value: None if value is None else read(value)


def _choice(members: list[TypeExpr], find: Find) -> Reader:
    """Tell *members* apart by the class that JSON has for each, and models by their tag."""
    if len(members) == 1:
        return find(members[0])

    plain = [member for member in members if not attrs.has(member)]
    models = [member for member in members if attrs.has(member)]
    by_class = {json_class(member): find(member) for member in plain}
    if models:
        by_class[dict] = _models(models, find)
    if len(by_class) < len(plain) + bool(models):
        message = f"these look alike in JSON: {members}"
        raise TypeError(message)

    return by_class[dict] if [dict] == list(by_class) else _by_json_class(by_class)


def _by_json_class(by_class: dict[type, Reader]) -> Reader:
    expected = " or ".join(map(json_type_name, by_class))
    if float in by_class:
        by_class = {int: by_class[float]} | by_class

    def read(value: Json) -> Json:
        if value.__class__ not in by_class:
            raise mismatch(value, expected)
        return by_class[value.__class__](value)

    return read


def _models(models: list[TypeExpr], find: Find) -> Reader:
    known = [model for model in models if model is not UnknownVariant]
    if len(models) == 1:
        return find(known[0])

    key, tags = tags_of(known)
    by_tag = {tag: find(model) for tag, model in tags.items()}
    return Tagged(key, by_tag, keeps_unknown=UnknownVariant in models)


def _list(type_: TypeExpr, find: Find) -> Reader:
    item_type = get_args(type_)[0]
    if is_any(item_type):
        return exactly(list, json_type_name(list))

    read_item = find(item_type)

    def read(value: Json) -> Json:
        if value.__class__ is list:
            return [read_item(item) for item in value]
        raise mismatch(value, json_type_name(list))

    return read


def _dict(type_: TypeExpr, find: Find) -> Reader:
    item_type = get_args(type_)[1]
    if is_any(item_type):
        return exactly(dict, json_type_name(dict))

    read_item = find(item_type)

    def read(value: Json) -> Json:
        if value.__class__ is dict:
            return {key: read_item(item) for key, item in value.items()}
        raise mismatch(value, json_type_name(dict))

    return read


def _model(cls: TypeExpr, find: Find) -> Reader:
    return reader_of(read_plan(cls, model_fields(cls), find))


Factory = Callable[[TypeExpr, Find], Reader]
Factories = tuple[tuple[Callable[[TypeExpr], bool], Factory], ...]

SHARED: Final[Factories] = (
    (is_union, _union),
    (is_literal, _literal),
    (is_int_bool, lambda _, __: _int_bool),
)
"""By what other types are told, and what makes the functions that read them; these tell what is wrong with a value."""

_FAST: Final[Factories] = (
    (SCALARS.__contains__, lambda type_, _: SCALARS[type_]),
    (is_enum, lambda type_, _: partial(enum_member, type_)),
    (is_list, _list),
    (is_dict, _dict),
    (attrs.has, _model),
)
