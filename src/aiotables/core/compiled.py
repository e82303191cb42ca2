"""Functions that read one model class, field by field, as a person would write them by hand."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import NoneType
from typing import Any, Final, TypeAlias, get_args

import attrs

from aiotables.core.date_times import LATEST, read_date_time
from aiotables.core.faults import mismatch, missing, other_value
from aiotables.core.function_text import FunctionText, indented
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

Reader = Callable[[Json], Json]
Find = Callable[[TypeExpr], Reader]
"""Gives the function that reads a type."""


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


def compiled_reader(cls: type, fields: ModelFields, find: Find) -> Reader:
    """
    A function from a JSON object to an instance of *cls*. It raises what says no more than that something is wrong.

    Args:
        cls: A class of attrs. Unless it `can_be_filled`, its `__init__` is called.
        fields: Its fields.
        find: Gives the function that reads a type.
    """
    text = FunctionText("value")
    text.begin("if value.__class__ is not dict: raise TypeError")
    if can_be_filled(cls):
        text.add(f"model = {text.name(cls.__new__)}({text.name(cls)})")
        _add_fields(text, fields, find, {})
        text.add("return model")
    else:
        text.add("given = {}")
        _add_fields(text, fields, find, {each.name: each.alias for each in attrs.fields(cls)})
        text.add(f"return {text.name(cls)}(**given)")
    return text.compiled(cls)


def _add_fields(
    text: FunctionText, fields: ModelFields, find: Find, aliases: Mapping[str, str | None]
) -> None:
    counts = fields.additional is not None
    read = [each for each in fields.declared if each.init]
    if counts:
        text.add(f"found = {sum(map(_is_required, read))}")
    for each in read:
        take = _taking(text, each, find, _place(each.name, aliases))
        if _is_required(each):
            text.add(*take)
            continue

        text.add(f"if {text.key(wire_name(each))} in value:", *indented(take))
        if counts:
            text.add("  found += 1")
        if not aliases:
            text.add(f"else: model.{each.name} = {_absent(text, each)}")
    if fields.additional is not None:
        known = text.name(frozenset(map(wire_name, fields.declared)))
        rest = f"{{key: each for key, each in value.items() if key not in {known}}}"
        # To count is faster than to compare the keys, and most objects have none that is unknown.
        text.add(f"{_place(fields.additional, aliases)} = {{}} if len(value) == found else {rest}")


def _place(name: str, aliases: Mapping[str, str | None]) -> str:
    """Where a field goes: into the model, or among the arguments of its `__init__`, where it may have another name."""
    return f"given[{aliases[name]!r}]" if aliases else f"model.{name}"


def _is_required(each: Field) -> bool:
    return each.default is attrs.NOTHING


def _absent(text: FunctionText, each: Field) -> str:
    default: Any = each.default
    return f"{text.name(default.factory)}()" if isinstance(default, _FACTORY) else text.name(default)


def _taking(text: FunctionText, field: Field, find: Find, place: str) -> list[str]:
    """Lines that take the value of *field* to its *place*."""
    lines, expression = _reading(text, field.type, find)
    return [f"each = value[{text.key(wire_name(field))}]", *lines, f"{place} = {expression}"]


def _reading(text: FunctionText, type_: TypeExpr, find: Find) -> tuple[list[str], str]:
    """Lines that check `each`, and an expression of what it is in Python."""
    if is_any(type_):
        return [], "each"

    plain = plain_classes(type_)
    if plain is not None:
        return [_refusing(text, "each", plain)], "each"

    if is_nullable(type_):
        lines, expression = _reading(text, without_null(type_), find)
        checks = ["if each is not None:", *indented(lines)] if lines else []
        return checks, expression if expression == "each" else f"None if each is None else {expression}"

    if find(type_) is read_date_time:
        return _reading_date_time(text), "last_time"

    texts = get_args(type_) if is_literal(type_) else ()
    if texts and all(isinstance(each, str) for each in texts):
        return [f"if {' and '.join(f'each != {each!r}' for each in texts)}: raise TypeError"], "each"

    return _reading_list(text, type_, find) if is_list(type_) else ([], _converted(text, type_, "each", find))


def _reading_date_time(text: FunctionText) -> list[str]:
    latest, usual = text.name(LATEST), text.name(datetime.fromisoformat)
    text.begin(f"last_text, last_time = {latest}[0]")
    # Both services write times so. Of what has these signs at these places and ends in Z, Python reads but one form that is
    # no date-time: a point without digits. To look takes a fourth of the time that a pattern takes.
    is_usual = "(signs == '--T::Z' or signs == '--T::.' and each[-2] != '.') and each[-1] == 'Z'"
    return [
        "if each != last_text:",
        "  signs = each[4:20:3]",
        f"  last_time = {usual}(each) if {is_usual} else {text.name(read_date_time)}(each)",
        f"  last_text = each; {latest}[0] = each, last_time",
    ]


def _reading_list(text: FunctionText, type_: TypeExpr, find: Find) -> tuple[list[str], str]:
    item_type, refuse = get_args(type_)[0], _refusing(text, "each", (list,))
    plain = plain_classes(item_type)
    if plain is not None:
        return [refuse, "for item in each:", f"  {_refusing(text, 'item', plain)}"], "each"
    return [refuse], f"[{_converted(text, item_type, 'item', find)} for item in each]"


def _converted(text: FunctionText, type_: TypeExpr, name: str, find: Find) -> str:
    """An expression for what the value called *name* is in Python, the usual cases in place."""
    reader = find(type_)
    convert = f"{text.name(reader)}({name})"
    if isinstance(reader, Tagged):
        # Whatever is wrong with the value makes this raise, or find nothing.
        tag = f"{name}[{text.key(reader.key)}]"
        return f"({text.name(reader.by_tag.get)}({tag}) or {text.name(reader)})({name})"

    if is_enum(type_):
        return f"{text.name(_Members(type_, reader))}[{name}]"

    if is_int_bool(type_):
        # Small numbers are always the same objects; `==` would take 1.0, too.
        one, zero = text.name(1), text.name(0)
        return f"(True if {name} is {one} else False if {name} is {zero} else {convert})"

    return convert


class _Members(dict[str, Any]):
    """The members of an enum by their texts; what is none of them, another function reads."""

    def __init__(self, enum_type: type[StrEnum], read: Reader) -> None:
        super().__init__({member.value: member for member in enum_type})
        self._read = read

    def __missing__(self, value: Json) -> Json:
        return self._read(value)


def _refusing(text: FunctionText, name: str, classes: tuple[type, ...]) -> str:
    # A chain of comparisons is faster than a set of two, and has null first: Python speeds up what always sees one class.
    tests = (
        f"{name} is not None" if cls is NoneType else f"{name}.__class__ is not {text.name(cls)}"
        for cls in sorted(classes, key=lambda cls: cls is not NoneType)
    )
    return f"if {' and '.join(tests)}: raise TypeError"
