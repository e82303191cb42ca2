"""What a generated model tells the converter: its fields with their JSON types, and where unknown keys go."""

import types
from datetime import date
from typing import Annotated, Any, Final, Literal, TypeAlias, Union, get_args, get_origin

import attrs

from aiotables.core.classes import frozen
from aiotables.core.sentinels import UNSET, IntBool, StrEnum, Unset


TypeExpr: TypeAlias = Any
"""What an annotation says: a class, `list[str]`, a union."""

Json: TypeAlias = Any
"""What a JSON document is parsed into."""


@frozen
class ModelFields:
    """The fields of one model class, types resolved and `Unset` taken out of them."""

    declared: "tuple[attrs.Attribute[Any], ...]"
    """The fields that the spec names."""

    additional: str | None
    """The field that keeps unknown keys, if the class has one."""


def model_fields(cls: type) -> ModelFields:
    """Read the fields of the attrs class *cls*."""
    attrs.resolve_types(cls)
    fields = attrs.fields(cls)
    additional = [field.name for field in fields if field.metadata.get("additional")]
    return ModelFields(
        tuple(
            field.evolve(type=_without_unset(field.type)) for field in fields if field.name not in additional
        ),
        additional[0] if additional else None,
    )


def wire_name(field: "attrs.Attribute[Any]") -> str:
    """The key of *field* in JSON."""
    return str(field.metadata.get("wire", field.name))


def is_left_out_by_default(field: "attrs.Attribute[Any]") -> bool:
    """Whether *field* stays out of the JSON when it holds its default: it is absent then, not null."""
    return field.default is UNSET or (field.default is None and not field.metadata.get("null"))


def tags_of(models: list[type]) -> tuple[str, dict[str, type]]:
    """
    The wire name of the field that tells *models* apart, and the model of each of its values.

    It is a field that all of them have, each with texts of its own.
    """
    by_name: dict[str, dict[str, type]] = {}
    for model in models:
        for field in model_fields(model).declared:
            texts = get_args(field.type) if is_literal(field.type) else ()
            by_name.setdefault(wire_name(field), {}).update(dict.fromkeys(texts, model))

    for name, tags in by_name.items():
        if set(tags.values()) == set(models):
            return name, tags

    message = f"no field tells these apart: {models}"
    raise TypeError(message)


def is_union(type_: TypeExpr) -> bool:
    """Whether *type_* is `A | B` or `Union[A, B]`."""
    return _origin(type_) in {Union, types.UnionType}


def is_nullable(type_: TypeExpr) -> bool:
    """Whether *type_* is `A | None`."""
    return is_union(type_) and types.NoneType in get_args(type_)


def without_null(type_: TypeExpr) -> TypeExpr:
    """The type `A` of `A | None`."""
    return _union_without(types.NoneType, type_)


def is_enum(type_: TypeExpr) -> bool:
    """Whether *type_* is one of the generated enums."""
    return isinstance(type_, type) and issubclass(type_, StrEnum)


def is_list(type_: TypeExpr) -> bool:
    """Whether *type_* is `list[A]`."""
    return _origin(type_) is list


def is_dict(type_: TypeExpr) -> bool:
    """Whether *type_* is `dict[A, B]`."""
    return _origin(type_) is dict


def is_any(type_: TypeExpr) -> bool:
    """Whether *type_* is `Any`: JSON of any shape."""
    return type_ is Any


def is_literal(type_: TypeExpr) -> bool:
    """Whether *type_* is `Literal[...]`."""
    return _origin(type_) is Literal


def is_int_bool(type_: TypeExpr) -> bool:
    """Whether *type_* is `IntBool`."""
    return _origin(type_) is Annotated and bool(type_ == IntBool)


def json_class(type_: TypeExpr) -> type:
    """The class of what a JSON parser makes where *type_*, which is no union, is meant."""
    if is_int_bool(type_):
        return int

    if is_literal(type_):
        return type(get_args(type_)[0])

    plain: type = _origin(type_) or type_
    return str if issubclass(plain, StrEnum | date) else plain


def python_class(type_: TypeExpr) -> type:
    """The class of what *type_*, which is no union, is in Python."""
    if is_int_bool(type_):
        return bool

    plain: type = _origin(type_) or type_
    return plain


def plain_classes(type_: TypeExpr) -> tuple[type, ...] | None:
    """The classes of parsed JSON that are *type_* as they are; `None` where more has to be looked at."""
    if is_union(type_):
        members = [plain_classes(member) for member in get_args(type_)]
        return None if None in members else tuple({cls: None for each in members for cls in each or ()})

    if type_ is float:
        # A whole number keeps its digits, which a float of it may lose.
        return (float, int)

    if (is_dict(type_) or is_list(type_)) and is_any(get_args(type_)[-1]):
        return (list,) if is_list(type_) else (dict,)

    return (type_,) if type_ in _PLAIN else None


_PLAIN: Final = frozenset({str, int, bool, types.NoneType})


def _origin(type_: TypeExpr) -> TypeExpr:
    return get_origin(type_)


def _without_unset(type_: TypeExpr) -> TypeExpr:
    return _union_without(Unset, type_) if is_union(type_) else type_


def _union_without(left_out: type, type_: TypeExpr) -> TypeExpr:
    members = tuple(member for member in get_args(type_) if member is not left_out)
    return Union[members]  # noqa: UP007  # a tuple of members has no other spelling
