"""
Functions that read or write one model class, field by field, as a person would write them by hand.

They are made as text and compiled once for each class. The text holds names of fields, which are identifiers, and JSON keys
as literals by `repr`; everything else is an object that the text refers to by a name of ours.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from types import NoneType
from typing import Any, Final, TypeAlias, get_args

import attrs
from attrs import define, field

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


# The fourth character and every third after it, where both services write a time. Of what looks like that and ends in Z,
# Python reads but one form that is no date-time: a point without digits. To look at these takes a third of the time that a
# pattern takes.
_USUAL_TIMES: Final = frozenset({"--T::Z", "--T::."})

# To type checkers `attrs.Factory` is a function.
_FACTORY: Final[type[Any]] = type(attrs.Factory(list))

Field: TypeAlias = "attrs.Attribute[Any]"
Reader = Callable[[Json, TypeExpr], Json]
Writer = Callable[[Any], Json]


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


def compiled_reader(cls: type, fields: ModelFields, read: Callable[[TypeExpr], Reader]) -> Reader:
    """
    A function from a JSON object to an instance of *cls*. It raises what says no more than that something is wrong.

    Args:
        cls: A class that `can_be_filled`.
        fields: Its fields.
        read: Gives the function that reads a type.
    """
    text = _Text()
    text.add(
        "def function(value, _):",
        "  if value.__class__ is not dict: raise TypeError",
        f"  model = {text.name(cls.__new__)}({text.name(cls)})",
    )
    counts = fields.additional is not None
    if counts:
        text.add(f"  found = {sum(map(_is_required, fields.declared))}")
    for each in fields.declared:
        _add_reading(text, each, read, counts=counts)
    if fields.additional is not None:
        known = text.name(frozenset(map(wire_name, fields.declared)))
        rest = f"{{key: each for key, each in value.items() if key not in {known}}}"
        # To count is faster than to compare the keys, and most objects have none that is unknown.
        text.add(f"  model.{fields.additional} = {{}} if len(value) == found else {rest}")
    text.add("  return model")
    return text.compiled(cls)


def _is_required(each: Field) -> bool:
    return each.default is attrs.NOTHING


def _add_reading(text: "_Text", each: Field, read: Callable[[TypeExpr], Reader], *, counts: bool) -> None:
    key = repr(wire_name(each))
    take = [f"each = value[{key}]", *_taking(text, each.type, read), f"model.{each.name} = each"]
    if _is_required(each):
        text.add(*_indented(take))
        return

    default: Any = each.default
    absent = f"{text.name(default.factory)}()" if isinstance(default, _FACTORY) else text.name(default)
    text.add(
        f"  if {key} in value:",
        *_indented([*take, "found += 1"] if counts else take, 4),
        f"  else: model.{each.name} = {absent}",
    )


def _taking(text: "_Text", type_: TypeExpr, read: Callable[[TypeExpr], Reader]) -> list[str]:
    """Lines that check `each`, or convert it."""
    if is_any(type_):
        return []

    plain = plain_classes(type_)
    if plain is not None:
        return [_refusing(text, "each", plain)]

    if is_nullable(type_):
        return ["if each is not None:", *_indented(_taking(text, without_null(type_), read))]

    texts = get_args(type_) if is_literal(type_) else ()
    if texts and all(isinstance(each, str) for each in texts):
        return [f"if each not in {text.name(texts)}: raise TypeError"]

    plain = plain_classes(get_args(type_)[0]) if is_list(type_) else None
    if plain is not None:
        return [_refusing(text, "each", (list,)), "for item in each:", f"  {_refusing(text, 'item', plain)}"]

    convert = f"{text.name(read(type_))}(each, {text.name(type_)})"
    if is_enum(type_):
        members = {member.value: member for member in type_}
        convert = f"{text.name(members.get)}(each) or {convert}"
    if type_ is datetime:
        usual = f"each[4:20:3] in {text.name(_USUAL_TIMES)} and each[-1] == 'Z' and each[-2] != '.'"
        convert = f"{text.name(datetime.fromisoformat)}(each) if {usual} else {convert}"
    return [f"each = {convert}"]


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
