"""Functions that write one model class, field by field, as a person would write them by hand."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final, TypeAlias, get_args

import attrs

from aiotables.core.date_times import write_date_time
from aiotables.core.function_text import FunctionText
from aiotables.core.model_fields import (
    Json,
    ModelFields,
    TypeExpr,
    is_dict,
    is_int_bool,
    is_left_out_by_default,
    is_list,
    is_union,
    python_class,
    wire_name,
)


MOST_AT_ONCE: Final = 100
"""Of more models than these, each is written when orjson asks for it: their dicts take memory only one after the other."""

Writer: TypeAlias = Callable[[Any], Json]

Find: TypeAlias = Callable[[type], Writer]
"""Gives the function that writes the instances of a model."""


def compiled_writer(cls: type, fields: ModelFields, find: Find) -> Writer:
    """
    A function from an instance of *cls* to a dict, which may share parts with the instance.

    A value of another class than its field is for stays as it is: the service is the judge of it.

    Args:
        cls: A class of attrs.
        fields: Its fields.
        find: Gives the function that writes a model.
    """
    text = FunctionText("model")
    items = []
    for number, each in enumerate(fields.declared):
        if not is_left_out_by_default(each):
            value = _written(text, each.type, f"field_{number}", find)
            if value == f"field_{number}":
                value = f"model.{each.name}"
            else:
                text.add(f"field_{number} = model.{each.name}")
            items.append(f"{wire_name(each)!r}: {value}")
    text.add(f"result = {{{', '.join(items)}}}")
    for each in fields.declared:
        if is_left_out_by_default(each):
            text.add(
                f"each = model.{each.name}",
                f"if each is not {text.name(each.default)}:",
                f"  result[{wire_name(each)!r}] = {_written(text, each.type, 'each', find)}",
            )
    kept = f"model.{fields.additional}"
    text.add(f"return {{**{kept}, **result}} if {kept} else result" if fields.additional else "return result")
    return text.compiled(cls)


def _written(text: FunctionText, type_: TypeExpr, name: str, find: Find) -> str:
    """An expression for what orjson can write in the place of *name*: that itself, where orjson writes or asks for it."""
    cases = [case for member in _members(type_) for case in _cases(text, member, name, find)]
    models = {member: find(member) for member in _members(type_) if attrs.has(member)}
    if len(models) > 1:
        table = text.name(models)
        cases.append(f"{table}[{name}.__class__]({name}) if {name}.__class__ in {table}")
    else:
        cases += [_case(text, cls, name, f"{text.name(write)}({name})") for cls, write in models.items()]
    return f"({' else '.join([*cases, name])})" if cases else name


def _cases(text: FunctionText, type_: TypeExpr, name: str, find: Find) -> Iterator[str]:
    """The condition of *type_*, which is no model, and what is written then."""
    if type_ is datetime:
        yield _case(text, datetime, name, f"{text.name(write_date_time)}({name})")

    if is_int_bool(type_):
        yield f"1 if {name} is True else 0 if {name} is False"

    if is_list(type_) or is_dict(type_):
        item = _written(text, get_args(type_)[-1], "item", find)
        if item != "item":
            items = f"[{item} for item in {name}]" if is_list(type_) else _each_value(item, name)
            case = _case(text, python_class(type_), name, items)
            yield f"{case} and len({name}) <= {MOST_AT_ONCE}" if _holds_models(type_) else case


def _each_value(item: str, name: str) -> str:
    return f"{{key: {item} for key, item in {name}.items()}}"


def _holds_models(type_: TypeExpr) -> bool:
    return all(map(attrs.has, _members(get_args(type_)[-1])))


def _members(type_: TypeExpr) -> tuple[TypeExpr, ...]:
    return get_args(type_) if is_union(type_) else (type_,)


def _case(text: FunctionText, cls: type, name: str, written: str) -> str:
    return f"{written} if {name}.__class__ is {text.name(cls)}"
