"""Which target a method and a path are of: a tree of path segments. Pure."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Generic, TypeVar
from urllib.parse import unquote

from attrs import define, field, frozen


T = TypeVar("T")


@frozen
class Found(Generic[T]):
    """The target of a call."""

    target: T
    values: Mapping[str, str]
    """Values of the path parameters, percent-decoded."""


@frozen
class NotFound:
    """The path is of no target, or of none by that method."""

    allowed: tuple[str, ...] = ()
    """The methods that the path takes; none when there is no such path."""


@define
class _Node(Generic[T]):
    fixed: dict[str, "_Node[T]"] = field(factory=dict)
    parameter: "_Node[T] | None" = None
    targets: dict[str, tuple[T, tuple[str, ...]]] = field(factory=dict)
    """By method: the target, and the names of its parameters."""

    def under(self, segment: str) -> "_Node[T]":
        """The node below for a segment of a template."""
        if not segment.startswith("{"):
            return self.fixed.setdefault(segment, _Node())

        if self.parameter is None:
            self.parameter = _Node()
        return self.parameter


class Routes(Generic[T]):
    """Targets by method and path. A fixed segment goes before a parameter, which takes any text that is not empty."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()
        # The same paths are called again and again.
        self.find = lru_cache(maxsize=1024)(self._find)

    def add(self, method: str, template: str, target: T) -> None:
        """
        Let *method* on *template* lead to *target*.

        Args:
            method: The method, in capitals.
            template: A path with `{name}` in the place of a segment for each parameter.
            target: What is found.
        """
        node, names = self._root, []
        for segment in _segments(template):
            node = node.under(segment)
            if segment.startswith("{"):
                names.append(segment.strip("{}"))
        node.targets[method] = (target, tuple(names))
        self.find.cache_clear()

    def _find(self, method: str, path: str) -> Found[T] | NotFound:
        """What *method* on *path*, percent-encoded, leads to."""
        allowed: dict[str, None] = {}
        for node, values in _matches(self._root, _segments(path), 0, ()):
            if method in node.targets:
                target, names = node.targets[method]
                return Found(target, dict(zip(names, map(unquote, values), strict=True)))
            allowed.update(dict.fromkeys(node.targets))
        return NotFound(tuple(sorted(allowed)))


def _segments(path: str) -> list[str]:
    return path.split("/")[1:]


def _matches(
    node: _Node[T], segments: list[str], at: int, values: tuple[str, ...]
) -> Iterator[tuple[_Node[T], tuple[str, ...]]]:
    if at == len(segments):
        yield node, values
        return

    segment = segments[at]
    if segment in node.fixed:
        yield from _matches(node.fixed[segment], segments, at + 1, values)
    if segment and node.parameter is not None:
        yield from _matches(node.parameter, segments, at + 1, (*values, segment))
