"""
Functions that read or write one model class, field by field, as a person would write them by hand.

They are made as text and compiled once for each class. The text holds names of fields, which are identifiers, and JSON keys
as literals by `repr`; everything else is an object that the text refers to by a name of ours.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import NoneType
from typing import Any, Final, TypeAlias, get_args

import attrs

from aiotables.core.classes import define, field
from aiotables.core.faults import mismatch, missing, other_value
from aiotables.core.model_fields import (
    Json,
    ModelFields,
    TypeExpr,
    is_any,
    is_enum,
    is_left_out_by_default,
    is_list,
    is_literal,
    is_nullable,
    plain_classes,
    wire_name,
    without_null,
)
from aiotables.core.sentinels import UnknownVariant


# To type checkers `attrs.Factory` is a function.
_FACTORY: Final[type[Any]] = type(attrs.Factory(list))

Field: TypeAlias = "attrs.Attribute[Any]"

Reader = Callable[[Json], Json]
Find = Callable[[TypeExpr], Reader]
"""Gives the function that reads a type."""

Writer = Callable[[Any], Json]


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
    text = _Text()
    text.add("def function(value):", "  if value.__class__ is not dict: raise TypeError")
    if can_be_filled(cls):
        text.add(f"  model = {text.name(cls.__new__)}({text.name(cls)})")
        _add_fields(text, fields, find, {})
        text.add("  return model")
    else:
        text.add("  given = {}")
        _add_fields(text, fields, find, {each.name: each.alias for each in attrs.fields(cls)})
        text.add(f"  return {text.name(cls)}(**given)")
    return text.compiled(cls)


def _add_fields(text: "_Text", fields: ModelFields, find: Find, aliases: Mapping[str, str | None]) -> None:
    counts = fields.additional is not None
    read = [each for each in fields.declared if each.init]
    if counts:
        text.add(f"  found = {sum(map(_is_required, read))}")
    for each in read:
        take = _taking(text, each, find, _place(each.name, aliases))
        if _is_required(each):
            text.add(*_indented(take))
            continue

        text.add(f"  if {wire_name(each)!r} in value:", *_indented(take, 4))
        if counts:
            text.add("    found += 1")
        if not aliases:
            text.add(f"  else: model.{each.name} = {_absent(text, each)}")
    if fields.additional is not None:
        known = text.name(frozenset(map(wire_name, fields.declared)))
        rest = f"{{key: each for key, each in value.items() if key not in {known}}}"
        # To count is faster than to compare the keys, and most objects have none that is unknown.
        text.add(f"  {_place(fields.additional, aliases)} = {{}} if len(value) == found else {rest}")


def _place(name: str, aliases: Mapping[str, str | None]) -> str:
    """Where a field goes: into the model, or among the arguments of its `__init__`, where it may have another name."""
    return f"given[{aliases[name]!r}]" if aliases else f"model.{name}"


def _is_required(each: Field) -> bool:
    return each.default is attrs.NOTHING


def _absent(text: "_Text", each: Field) -> str:
    default: Any = each.default
    return f"{text.name(default.factory)}()" if isinstance(default, _FACTORY) else text.name(default)


def _taking(text: "_Text", field: Field, find: Find, place: str) -> list[str]:
    """Lines that take the value of *field* to its *place*."""
    lines, expression = _reading(text, field.type, find)
    return [f"each = value[{wire_name(field)!r}]", *lines, f"{place} = {expression}"]


def _reading(text: "_Text", type_: TypeExpr, find: Find) -> tuple[list[str], str]:
    """Lines that check `each`, and an expression of what it is in Python."""
    if is_any(type_):
        return [], "each"

    plain = plain_classes(type_)
    if plain is not None:
        return [_refusing(text, "each", plain)], "each"

    if is_nullable(type_):
        lines, expression = _reading(text, without_null(type_), find)
        checks = ["if each is not None:", *_indented(lines)] if lines else []
        return checks, expression if expression == "each" else f"None if each is None else {expression}"

    texts = get_args(type_) if is_literal(type_) else ()
    if texts and all(isinstance(each, str) for each in texts):
        return [f"if {' and '.join(f'each != {each!r}' for each in texts)}: raise TypeError"], "each"

    return _reading_list(text, type_, find) if is_list(type_) else ([], _converted(text, type_, "each", find))


def _reading_list(text: "_Text", type_: TypeExpr, find: Find) -> tuple[list[str], str]:
    item_type, refuse = get_args(type_)[0], _refusing(text, "each", (list,))
    plain = plain_classes(item_type)
    if plain is not None:
        return [refuse, "for item in each:", f"  {_refusing(text, 'item', plain)}"], "each"
    return [refuse], f"[{_converted(text, item_type, 'item', find)} for item in each]"


def _converted(text: "_Text", type_: TypeExpr, name: str, find: Find) -> str:
    """An expression for what the value called *name* is in Python, the usual cases in place."""
    reader = find(type_)
    convert = f"{text.name(reader)}({name})"
    if isinstance(reader, Tagged):
        # Whatever is wrong with the value makes this raise, or find nothing.
        return f"({text.name(reader.by_tag.get)}({name}[{reader.key!r}]) or {text.name(reader)})({name})"

    if is_enum(type_):
        members = {member.value: member for member in type_}
        return f"({text.name(members.get)}({name}) or {convert})"

    if type_ is datetime:
        # Both services write times so. Of what has these signs at these places and ends in Z, Python reads but one form
        # that is no date-time: a point without digits. To look takes a fourth of the time that a pattern takes.
        signs = f"(signs := {name}[4:20:3]) == '--T::.' and {name}[-2] != '.' or signs == '--T::Z'"
        return (
            f"({text.name(datetime.fromisoformat)}({name}) if ({signs}) and {name}[-1] == 'Z' else {convert})"
        )
    return convert


def _refusing(text: "_Text", name: str, classes: tuple[type, ...]) -> str:
    # A chain of comparisons is faster than a set of two.
    tests = (
        f"{name} is not None" if cls is NoneType else f"{name}.__class__ is not {text.name(cls)}"
        for cls in classes
    )
    return f"if {' and '.join(tests)}: raise TypeError"


def _indented(lines: Iterable[str], by: int = 2) -> list[str]:
    return [" " * by + line for line in lines]


def compiled_writer(cls: type, fields: ModelFields, write: Callable[[TypeExpr], Writer | None]) -> Writer:
    """
    A function from an instance of *cls* to a dict, which may share parts with the instance.

    Args:
        cls: A class of attrs.
        fields: Its fields.
        write: Gives the function that writes a type, or `None` where it is written as it is.
    """
    text = _Text()
    always = [each for each in fields.declared if not is_left_out_by_default(each)]
    items = (f"{wire_name(each)!r}: {_written(text, each, f'model.{each.name}', write)}" for each in always)
    text.add("def function(model):", f"  result = {{{', '.join(items)}}}")
    for each in fields.declared:
        if is_left_out_by_default(each):
            text.add(
                f"  each = model.{each.name}",
                f"  if each is not {text.name(each.default)}:",
                f"    result[{wire_name(each)!r}] = {_written(text, each, 'each', write)}",
            )
    kept = f"model.{fields.additional}"
    text.add(
        f"  return {{**{kept}, **result}} if {kept} else result" if fields.additional else "  return result"
    )
    return text.compiled(cls)


def _written(text: "_Text", each: Field, value: str, write: Callable[[TypeExpr], Writer | None]) -> str:
    writer = write(each.type)
    return value if writer is None else f"{text.name(writer)}({value})"


@define
class _Text:
    """The text of a function, and the objects that it refers to."""

    lines: list[str] = field(factory=list[str])
    objects: dict[str, object] = field(factory=dict[str, object])

    def name(self, value: object) -> str:
        """A name for *value*."""
        name = f"object_{len(self.objects)}"
        self.objects[name] = value
        return name

    def add(self, *lines: str) -> None:
        """Add lines."""
        self.lines += lines

    def compiled(self, cls: type) -> Callable[..., Json]:
        """The function."""
        code = compile("\n".join(self.lines), f"<aiotables: {cls.__name__}>", "exec")
        exec(code, self.objects)  # noqa: S102 -- see above: only identifiers, literals and names of ours are in it
        function: Callable[..., Json] = self.objects["function"]  # type: ignore[assignment] # defined by the text
        return function
