"""
How a model is read, field by field: decided here once, and carried out by a function of Python or of C.

`compiled.py` carries a plan out as a function that is written as text, `_models.c`, where it was compiled, as it stands: to
C a plan is a tuple, so the order of its fields is a part of what they agree on.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeAlias, get_args

import attrs
import orjson

from aiotables.core.date_times import read_date_time
from aiotables.core.faults import mismatch, missing, other_value
from aiotables.core.model_fields import (
    Json,
    ModelFields,
    TypeExpr,
    is_any,
    is_enum,
    is_int_bool,
    is_list,
    is_literal,
    is_nullable,
    plain_classes,
    wire_name,
    without_null,
)
from aiotables.core.sentinels import StrEnum, UnknownVariant


# To type checkers `attrs.Factory` is a function.
_FACTORY: Final[type[Any]] = type(attrs.Factory(list))

Field: TypeAlias = "attrs.Attribute[Any]"

Reader: TypeAlias = Callable[[Json], Json]

Find: TypeAlias = Callable[[TypeExpr], Reader]
"""Gives what reads a type."""


class Tagged:
    """
    Reads one of several models, told apart by the text of one field.

    Args:
        key: The field, by its name in JSON.
        by_tag: What reads each of them.
        keeps_unknown: Whether to keep an object with another text; it is refused otherwise.
    """

    def __init__(self, key: str, by_tag: dict[str, Reader], *, keeps_unknown: bool) -> None:
        self.key = key
        self.by_tag = by_tag
        self._keeps_unknown = keeps_unknown

    def __call__(self, value: Json) -> Json:
        """Read *value*."""
        if value.__class__ is not dict:
            raise mismatch(value, "object")
        if self.key not in value:
            raise missing(self.key)

        tag = value[self.key]
        if tag.__class__ is not str:
            raise mismatch(tag, "str", at=self.key)
        if tag in self.by_tag:
            return self.by_tag[tag](value)
        if self._keeps_unknown:
            return UnknownVariant(tag, value)
        raise other_value(tag, "a known tag", at=self.key)


# What is to be done with a value. `_models.c` has the same numbers.
ANY: Final = 0
CLASSES: Final = 1
TIME: Final = 2
FLAG: Final = 3
TABLE: Final = 4
TAGGED: Final = 5
CALL: Final = 6


class ValuePlan(NamedTuple):
    """How a value is read."""

    sort: int
    """
    `ANY`: it is taken as it is. `CLASSES`: so is a value of one of the classes in *detail*. `TIME`: a text of the usual
    form is read by *detail*. `FLAG`: 1 and 0 are true and false. `TABLE`: a text stands for what the dict *detail* has for
    it. `TAGGED`: an object is read by what the dict *detail* has for the text of its *key*. `CALL`: it is left to *read*.
    """

    detail: Any = None
    key: str | None = None
    read: Reader | None = None
    """Reads what is not as it mostly is; `None` where that is refused."""

    nullable: bool = False
    """Whether null is taken as it is."""

    is_list: bool = False
    """Whether it is a list, and what is said above is said of its items."""


class FieldPlan(NamedTuple):
    """How a field is read."""

    key: str
    """In JSON."""

    name: str
    """Of the attribute."""

    required: bool
    absent: Any
    """What the field holds where the key is absent."""

    is_made: bool
    """Whether *absent* is called for that, for each instance."""

    value: ValuePlan


class ReadPlan(NamedTuple):
    """How the instances of a class are read."""

    cls: type
    fields: tuple[FieldPlan, ...]
    kept: str | None
    """The field for unknown keys, if the class has one."""

    rest: Reader
    """Gives the unknown keys of an object, and their values."""


def read_plan(cls: type, fields: ModelFields, find: Find) -> ReadPlan:
    """
    Decide how the instances of *cls* are read.

    Args:
        cls: A class of attrs.
        fields: Its fields.
        find: Gives what reads a type.
    """
    known = frozenset(map(wire_name, fields.declared))
    read = tuple(_field_plan(each, find) for each in fields.declared if each.init)
    return ReadPlan(cls, read, fields.additional, lambda value: _without(value, known))


def can_be_filled(cls: type) -> bool:
    """Whether instances are right when their fields are set without `__init__`, which is three times as fast."""
    added = ("__attrs_pre_init__", "__attrs_post_init__")
    sets: tuple[object, object] = (cls.__setattr__, object.__setattr__)
    is_plain = sets[0] is sets[1] and not any(hasattr(cls, name) for name in added)
    return is_plain and all(map(_is_simple, attrs.fields(cls)))


def _is_simple(each: Field) -> bool:
    default: Any = each.default
    takes_self = isinstance(default, _FACTORY) and default.takes_self
    return each.init and each.converter is None and each.validator is None and not takes_self


def _without(value: dict[str, Json], known: frozenset[str]) -> dict[str, Json]:
    return {key: each for key, each in value.items() if key not in known}


def _field_plan(field: Field, find: Find) -> FieldPlan:
    default: Any = field.default
    is_made = isinstance(default, _FACTORY)
    return FieldPlan(
        key=_parsed(wire_name(field)),
        name=field.name,
        required=default is attrs.NOTHING,
        absent=default.factory if is_made else default,
        is_made=is_made,
        value=_value_plan(field.type, find),
    )


def _parsed(key: str) -> str:
    # orjson keeps the keys that it has met, and a dict finds the very same text without comparing it.
    return str(*orjson.loads(orjson.dumps({key: None})))


def _value_plan(type_: TypeExpr, find: Find) -> ValuePlan:
    taken = _taken(type_)
    if taken is not None:
        return taken

    if is_nullable(type_):
        return _value_plan(without_null(type_), find)._replace(nullable=True)

    if is_list(type_):
        item_type = get_args(type_)[0]
        return (_taken(item_type) or _read(item_type, find))._replace(is_list=True)

    return _read(type_, find)


def _taken(type_: TypeExpr) -> ValuePlan | None:
    """The plan of a value that is right as it is, or wrong."""
    classes = plain_classes(type_)
    if classes is not None:
        return ValuePlan(CLASSES, classes)
    return ValuePlan(ANY) if is_any(type_) else None


def _read(type_: TypeExpr, find: Find) -> ValuePlan:
    texts = get_args(type_) if is_literal(type_) else ()
    if texts and all(isinstance(each, str) for each in texts):
        return ValuePlan(TABLE, {text: text for text in texts})

    read = find(type_)
    if read is read_date_time:
        return ValuePlan(TIME, datetime.fromisoformat, read=read)

    if isinstance(read, Tagged):
        return ValuePlan(TAGGED, read.by_tag, _parsed(read.key), read)

    if is_enum(type_):
        return ValuePlan(TABLE, _Members(type_, read), read=read)

    return ValuePlan(FLAG if is_int_bool(type_) else CALL, read=read)


class _Members(dict[str, Any]):
    """The members of an enum by their texts; what is none of them, another function reads."""

    def __init__(self, enum_type: type[StrEnum], read: Reader) -> None:
        super().__init__({member.value: member for member in enum_type})
        self._read = read

    def __missing__(self, value: Json) -> Json:
        return self._read(value)
