"""
attrs classes that are quick to define.

attrs writes and compiles `__repr__`, `__eq__` and `__hash__` for each class, which takes longer than the rest of it; these
classes share one of each. In all else they are what `attrs.define` and `attrs.frozen` make.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

import attrs
from attrs import field


__all__ = ["define", "field", "frozen", "values_by_name"]


@recursive_repr("...")
def _repr(self: Any) -> str:  # noqa: ANN401 -- an instance of any class
    shown = (
        f"{each.name}={(repr if each.repr is True else each.repr)(getattr(self, each.name))}"
        for each in attrs.fields(type(self))
        if each.repr is not False
    )
    return f"{type(self).__qualname__.rpartition('>.')[2]}({', '.join(shown)})"


def _eq(self: Any, other: Any) -> Any:  # noqa: ANN401 -- instances of any class
    cls: Any = self.__class__
    if other.__class__ is not cls:
        return NotImplemented
    return all(value(self) == value(other) for value in _compared(cls))


def _hash(self: Any) -> int:  # noqa: ANN401 -- an instance of any class
    cls: Any = self.__class__
    return hash((cls, *(value(self) for value in _compared(cls))))


@lru_cache(maxsize=1024)
def _compared(cls: Any) -> tuple[Callable[[Any], Any], ...]:  # noqa: ANN401 -- any class
    return tuple(_value(each) for each in attrs.fields(cls) if each.eq)


def _value(each: Any) -> Callable[[Any], Any]:  # noqa: ANN401 -- an attribute, whose key its types do not name
    get, key = attrgetter(each.name), each.eq_key
    return get if key is None else lambda self: key(get(self))


def values_by_name(instance: attrs.AttrsInstance) -> dict[str, Any]:
    """What `attrs.asdict` without `recurse` gives: the fields with their values as they are, in a third of its time."""
    return {name: getattr(instance, name) for name in _names(type(instance))}


@lru_cache(maxsize=1024)
def _names(cls: type[attrs.AttrsInstance]) -> tuple[str, ...]:
    return tuple(each.name for each in attrs.fields(cls))


def _sharing(make: Callable[..., Any], cls: Any = None, **options: Any) -> Any:  # noqa: ANN401 -- attrs' own form
    if cls is None:
        return partial(_sharing, make, **options)

    if options.get("repr", True) and "__repr__" not in vars(cls):
        cls.__repr__ = _repr
    if options.get("eq", True) and "__eq__" not in vars(cls):
        cls.__eq__ = _eq
        cls.__hash__ = _hash if make is attrs.frozen else None
    return make(cls, **{**options, "repr": False, "eq": False})


if TYPE_CHECKING:
    from attrs import define, frozen
else:
    define = partial(_sharing, attrs.define)
    frozen = partial(_sharing, attrs.frozen)
