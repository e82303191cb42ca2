"""JSON into Python values: strict hooks for a cattrs converter."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from types import NoneType
from typing import Any, Final, get_args

import attrs
import cattrs
from cattrs.cols import list_structure_factory, mapping_structure_factory
from cattrs.gen import make_dict_structure_fn_from_attrs, override

from aiotables.core.compiled import can_be_filled, compiled_reader
from aiotables.core.faults import json_type_name, mismatch, missing, other_value
from aiotables.core.memo import memoised
from aiotables.core.model_fields import (
    Json,
    TypeExpr,
    is_any,
    is_dict,
    is_int_bool,
    is_list,
    is_literal,
    is_union,
    json_class,
    model_fields,
    tags_of,
    wire_name,
)
from aiotables.core.sentinels import StrEnum, UnknownVariant


Hook = Callable[[Json, TypeExpr], Json]

# What `datetime.fromisoformat` takes beyond this, such as week dates, is no date-time of JSON Schema.
_DATE_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def add_structure_hooks(converter: cattrs.Converter) -> None:
    """Make *converter* read the generated models, and nothing more lenient than they say."""
    for type_, hook in _SCALARS.items():
        converter.register_structure_hook(type_, hook)
    for is_handled, factory in _FACTORIES:
        converter.register_structure_hook_factory(is_handled, factory)
    converter.register_structure_hook_factory(attrs.has, memoised(_model_hook))


def _exactly(type_: type, name: str) -> Hook:
    def structure(value: Json, _: TypeExpr) -> Json:
        if value.__class__ is type_:
            return value
        raise mismatch(value, name)

    return structure


def _number(value: Json, _: TypeExpr) -> Json:
    # A whole number keeps its digits, which a float of it may lose.
    if value.__class__ is float or value.__class__ is int:
        return value
    raise mismatch(value, "number")


def _enum_member(value: Json, enum_type: TypeExpr) -> Json:
    if value.__class__ is str:
        return _member(enum_type, value)
    raise mismatch(value, "str")


# Calling an enum class costs five times as much; bounded, since the server picks the values.
@lru_cache(maxsize=4096)
def _member(enum_type: type[StrEnum], value: str) -> StrEnum:
    return enum_type(value)


def _date_time(value: Json, _: TypeExpr) -> datetime:
    if value.__class__ is not str:
        raise mismatch(value, "date-time")

    if not _DATE_TIME.fullmatch(value):
        raise other_value(value, "date-time")

    try:
        when = datetime.fromisoformat(value)
    except ValueError:
        raise other_value(value, "date-time") from None

    # Neither service documents local times, and a server written in Python easily leaves the zone of UTC out.
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _date(value: Json, _: TypeExpr) -> date:
    if value.__class__ is not str:
        raise mismatch(value, "date")

    if not _DATE.fullmatch(value):
        raise other_value(value, "date")

    try:
        return date.fromisoformat(value)
    except ValueError:
        raise other_value(value, "date") from None


_SCALARS: Final[dict[TypeExpr, Hook]] = {
    str: _exactly(str, "str"),
    int: _exactly(int, "int"),
    float: _number,
    bool: _exactly(bool, "bool"),
    NoneType: _exactly(NoneType, "null"),
    datetime: _date_time,
    date: _date,
    StrEnum: _enum_member,
}


def _int_bool(value: Json, _: TypeExpr) -> bool:
    if value.__class__ is bool:
        return bool(value)

    if value.__class__ is not int:
        raise mismatch(value, "0 or 1")
    if value not in {0, 1}:
        raise other_value(value, "0 or 1")
    return bool(value)


def _literal_hook(type_: TypeExpr, _: cattrs.Converter) -> Hook:
    allowed = {(each.__class__, each) for each in get_args(type_)}
    classes = {each.__class__ for each in get_args(type_)}
    expected = " or ".join(f'"{each}"' if isinstance(each, str) else repr(each) for each in get_args(type_))

    def structure(value: Json, _: TypeExpr) -> Json:
        if value.__class__ not in classes:
            raise mismatch(value, expected)
        if (value.__class__, value) not in allowed:
            raise other_value(value, expected)
        return value

    return structure


def _list_hook(type_: TypeExpr, converter: cattrs.Converter) -> Hook:
    return _only(list, list_structure_factory(type_, converter))


def _dict_hook(type_: TypeExpr, converter: cattrs.Converter) -> Hook:
    if is_any(get_args(type_)[1]):
        return _exactly(dict, json_type_name(dict))

    return _only(dict, mapping_structure_factory(type_, converter))


def _only(json_type: type, hook: Hook) -> Hook:
    name = json_type_name(json_type)

    def structure(value: Json, type_: TypeExpr) -> Json:
        if value.__class__ is json_type:
            return hook(value, type_)
        raise mismatch(value, name)

    return structure


def _model_hook(cls: TypeExpr, converter: cattrs.Converter) -> Hook:
    fields = model_fields(cls)
    is_fast = not converter.detailed_validation and not converter.forbid_extra_keys
    if is_fast and can_be_filled(cls):
        return compiled_reader(cls, fields, converter.get_structure_hook)

    overrides: dict[str, Any] = {
        field.name: override(rename=wire_name(field)) for field in fields.declared if "wire" in field.metadata
    }
    build: Hook = make_dict_structure_fn_from_attrs(
        list(fields.declared),
        cls,
        converter,
        _cattrs_forbid_extra_keys=converter.forbid_extra_keys and fields.additional is None,
        **overrides,
    )
    if fields.additional is not None:
        return _keeping_unknown(build, fields.additional, frozenset(map(wire_name, fields.declared)))

    # Without detail, a class with a required field fails by itself on anything but an object.
    is_strict = any(field.default is attrs.NOTHING for field in fields.declared)
    return build if is_strict and not converter.detailed_validation else _only(dict, build)


def _keeping_unknown(build: Hook, keeper: str, known: frozenset[str]) -> Hook:
    def structure(value: Json, cls: TypeExpr) -> Json:
        if value.__class__ is not dict:
            raise mismatch(value, "object")

        model = build(value, cls)
        if not value.keys() <= known:
            setattr(model, keeper, {key: each for key, each in value.items() if key not in known})
        return model

    return structure


def _union_hook(type_: TypeExpr, converter: cattrs.Converter) -> Hook:
    members = [member for member in get_args(type_) if member is not NoneType]
    hook = _choice(members, converter)
    if len(members) == len(get_args(type_)):
        return hook

    first = members[0]
    return lambda value, _: None if value is None else hook(value, first)


def _choice(members: list[TypeExpr], converter: cattrs.Converter) -> Hook:
    """Tell *members* apart by the class that JSON has for each, and models by their tag."""
    if len(members) == 1:
        return converter.get_structure_hook(members[0])

    plain = [member for member in members if not attrs.has(member)]
    models = [member for member in members if attrs.has(member)]
    hooks = {json_class(member): (converter.get_structure_hook(member), member) for member in plain}
    if models:
        hooks[dict] = (_models_hook(models, converter), None)
    if len(hooks) < len(plain) + bool(models):
        message = f"these look alike in JSON: {members}"
        raise TypeError(message)

    return hooks[dict][0] if [dict] == list(hooks) else _by_json_class(hooks)


def _by_json_class(hooks: dict[type, tuple[Hook, TypeExpr]]) -> Hook:
    expected = " or ".join(map(json_type_name, hooks))
    if float in hooks:
        hooks = {int: hooks[float]} | hooks

    def structure(value: Json, _: TypeExpr) -> Json:
        if value.__class__ not in hooks:
            raise mismatch(value, expected)
        hook, member = hooks[value.__class__]
        return hook(value, member)

    return structure


def _models_hook(models: list[TypeExpr], converter: cattrs.Converter) -> Hook:
    known = [model for model in models if model is not UnknownVariant]
    if len(models) == 1:
        hook, only = converter.get_structure_hook(known[0]), known[0]
        return lambda value, _: hook(value, only)

    key, tags = tags_of(known)
    hooks = {tag: converter.get_structure_hook(model) for tag, model in tags.items()}
    careful = _tagged(key, hooks, keeps_unknown=UnknownVariant in models)
    return careful if converter.detailed_validation else _quickly_tagged(key, hooks, careful)


def _quickly_tagged(key: str, hooks: dict[str, Hook], careful: Hook) -> Hook:
    def structure(value: Json, type_: TypeExpr) -> Json:
        # Whatever is wrong with the value makes this raise, or find nothing.
        hook = hooks.get(value[key])
        return careful(value, type_) if hook is None else hook(value, type_)

    return structure


def _tagged(key: str, hooks: dict[str, Hook], *, keeps_unknown: bool) -> Hook:
    def structure(value: Json, type_: TypeExpr) -> Json:
        if value.__class__ is not dict:
            raise mismatch(value, "object")
        if key not in value:
            raise missing(key)

        tag = value[key]
        if tag.__class__ is not str:
            raise mismatch(tag, "str", at=key)
        if tag in hooks:
            return hooks[tag](value, type_)
        if keeps_unknown:
            return UnknownVariant(tag, value)
        raise other_value(tag, "a known tag", at=key)

    return structure


_FACTORIES: Final = (
    (is_union, _union_hook),
    (is_list, _list_hook),
    (is_dict, _dict_hook),
    (is_literal, _literal_hook),
    (is_int_bool, lambda _, __: _int_bool),
)
