"""What is imported when it is first used, so that importing the package, and making a client, costs little."""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, Generic, Self, TypeVar, overload


KeyT = TypeVar("KeyT")
PartT = TypeVar("PartT")
ValueT = TypeVar("ValueT")


def lazy(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """
    A module's `__getattr__` (PEP 562).

    Args:
        package: The module's `__name__`.
        homes: The module that each public name comes from; of a module of the package, the package itself.
    """

    def __getattr__(name: str) -> Any:  # noqa: ANN401, N807 -- what a module attribute may be, and its hook's name
        home = homes.get(name)
        if home is None:
            msg = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(msg)
        return import_module(f"{home}.{name}") if home == package else getattr(import_module(home), name)

    return __getattr__


class LazyPart(Generic[PartT]):
    """
    An attribute that is made when it is first asked for, of a class that is imported then.

    Args:
        home: The module of the class.
        name: The class. It is called with the object that has the attribute.
    """

    def __init__(self, home: str, name: str) -> None:
        self._home = home
        self._name = name

    def __set_name__(self, owner: type, attribute: str) -> None:
        self._attribute = attribute

    @overload
    def __get__(self, whole: None, owner: type) -> Self: ...

    @overload
    def __get__(self, whole: object, owner: type) -> PartT: ...

    def __get__(self, whole: object | None, owner: type) -> Self | PartT:
        if whole is None:
            return self

        part: PartT = getattr(import_module(self._home), self._name)(whole)
        # Found before this from now on, since this has no `__set__`.
        vars(whole)[self._attribute] = part
        return part


class LazyMapping(Mapping[KeyT, ValueT]):
    """
    A mapping that is imported when it is first looked into.

    Args:
        home: Its module.
        name: Its name there.
    """

    def __init__(self, home: str, name: str) -> None:
        self._home = home
        self._name = name

    def __getitem__(self, key: KeyT) -> ValueT:
        return self._mapping()[key]

    def __iter__(self) -> Iterator[KeyT]:
        return iter(self._mapping())

    def __len__(self) -> int:
        return len(self._mapping())

    def _mapping(self) -> Mapping[KeyT, ValueT]:
        mapping: Mapping[KeyT, ValueT] = getattr(import_module(self._home), self._name)
        return mapping
