"""
How a model is written, field by field: decided here once, and carried out by a function of Python or of C.

`compiled_writers.py` carries a plan out as a function that is written as text, `_models.c`, where it was compiled, as it
stands: to C a plan is a tuple, so the order of its fields is a part of what they agree on.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple, TypeAlias, get_args

import attrs

from aiotables.core.date_times import write_date_time
from aiotables.core.model_fields import (
    Json,
    ModelFields,
    TypeExpr,
    is_dict,
    is_int_bool,
    is_left_out_by_default,
    is_list,
    is_union,
    wire_name,
)


MOST_AT_ONCE: Final = 100
"""Of more models than these, each is written when orjson asks for it: their dicts take memory only one after the other."""

_ANY_NUMBER: Final = 2**31 - 1

Writer: TypeAlias = Callable[[Any], Json]

Find: TypeAlias = Callable[[type], Writer]
"""Gives what writes the instances of a model."""

ByClass: TypeAlias = dict[type, Writer]
"""What writes the values of each class; one of another class stays as it is, as the service is the judge of it."""


class ValuePlan(NamedTuple):
    """How a value is written."""

    by_class: ByClass
    by_class_of_item: ByClass | None = None
    """The same for the items of a list; `None` where lists stay as they are."""

    most: int = _ANY_NUMBER
    """Items of a list; a longer one stays as it is."""


class FieldPlan(NamedTuple):
    """How a field is written."""

    key: str
    """In JSON."""

    name: str
    """Of the attribute."""

    can_be_left_out: bool
    left_out: Any
    """The value that is not written, where one can be left out."""

    value: ValuePlan


class WritePlan(NamedTuple):
    """How the instances of a class are written."""

    cls: type
    fields: tuple[FieldPlan, ...]
    """Those first that are always there."""

    kept: str | None
    """The field for unknown keys, if the class has one."""


def write_plan(cls: type, fields: ModelFields, find: Find) -> WritePlan:
    """
    Decide how the instances of *cls* are written.

    Args:
        cls: A class of attrs.
        fields: Its fields.
        find: Gives what writes the instances of a model.
    """
    plans = [
        FieldPlan(
            wire_name(each),
            each.name,
            is_left_out_by_default(each),
            each.default,
            _value_plan(each.type, find),
        )
        for each in fields.declared
    ]
    return WritePlan(cls, tuple(sorted(plans, key=lambda plan: plan.can_be_left_out)), fields.additional)


def _value_plan(type_: TypeExpr, find: Find) -> ValuePlan:
    members = _members(type_)
    by_class = {cls: write for each in members for cls, write in _writers(each, find).items()}
    for each in members:
        if is_list(each) and (of_item := _all_by_class(get_args(each)[0], find)):
            only_models = all(map(attrs.has, _members(get_args(each)[0])))
            return ValuePlan(by_class, of_item, MOST_AT_ONCE if only_models else _ANY_NUMBER)
    return ValuePlan(by_class)


def _members(type_: TypeExpr) -> tuple[TypeExpr, ...]:
    return get_args(type_) if is_union(type_) else (type_,)


def _writers(type_: TypeExpr, find: Find) -> ByClass:
    """What is to be done with a value of *type_*, which is no union, lists left out; nothing where orjson writes it."""
    if type_ is datetime:
        return {datetime: write_date_time}

    if is_int_bool(type_):
        return {bool: int}

    if is_dict(type_):
        of_item = _all_by_class(get_args(type_)[-1], find)
        return {dict: partial(_write_values, of_item)} if of_item else {}

    return {type_: find(type_)} if attrs.has(type_) else {}


def _all_by_class(type_: TypeExpr, find: Find) -> ByClass:
    plan = _value_plan(type_, find)
    of_item = plan.by_class_of_item
    return plan.by_class if of_item is None else {**plan.by_class, list: partial(_write_items, of_item)}


def _write_items(by_class: ByClass, items: list[Any]) -> list[Json]:
    return [_write(by_class, item) for item in items]


def _write_values(by_class: ByClass, values: dict[str, Any]) -> dict[str, Json]:
    return {key: _write(by_class, value) for key, value in values.items()}


def _write(by_class: ByClass, value: object) -> Json:
    write = by_class.get(value.__class__)
    return value if write is None else write(value)
