"""A manifest as a tree of plain values that still know their file, line and column."""

import json
import re
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

import yaml
from attrs import frozen

from aiotables.provision.compose import DEEPEST, TAG, TOO_DEEP, compose, place_of
from aiotables.provision.problems import Faults, Place
from aiotables.provision.scalars import SCALARS


MOST_NODES: Final = 200_000
"""Values in the whole tree after aliases are followed: nine lines of nested ones can stand for 10^9."""


@frozen
class Broken:
    """The value of a node that was reported already, so that nothing more is said about it."""


BROKEN: Final = Broken()

Value: TypeAlias = "bool | int | float | str | tuple[Node, ...] | dict[str, Node] | Broken | None"


@frozen(eq=False)
class Node:
    """A value of the manifest and where it stands."""

    value: Value

    place: Place

    path: str
    """Path from the root, such as `$.tables[0].name`."""

    key: Place | None = None
    """Where its key stands, for values of a mapping."""

    @property
    def key_place(self) -> Place:
        """Where to point for a problem with the key."""
        return self.key or self.place

    @property
    def items(self) -> tuple["Node", ...]:
        """The items of a list that was checked to be one."""
        return cast("tuple[Node, ...]", self.value)

    @property
    def fields(self) -> dict[str, "Node"]:
        """The values of a mapping that was checked to be one."""
        return cast("dict[str, Node]", self.value)

    @property
    def text(self) -> str:
        """The text of a node that was checked to hold one."""
        return cast("str", self.value)


def children(node: Node) -> tuple[Node, ...]:
    """The nodes of a list's items or a mapping's values; none of a single value."""
    if isinstance(node.value, dict):
        return tuple(node.value.values())
    return node.value if isinstance(node.value, tuple) else ()


def plain(node: Node) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """The value without its places: what `json.loads` would give."""
    if isinstance(node.value, tuple):
        return [plain(item) for item in node.value]
    if isinstance(node.value, dict):
        return {key: plain(value) for key, value in node.value.items()}
    return node.value


def read_tree(file: Path, faults: Faults) -> Node | None:
    """The tree of a file, or `None` when it cannot be read at all; what is wrong goes to *faults*."""
    root = compose(file, faults)
    return None if root is None else _Builder(str(file), faults).root(root)


class _Enough(Exception):
    """The tree is too large or too deep to go on."""


class _Builder:
    """Turns PyYAML's nodes into ours, following aliases up to a bound."""

    def __init__(self, file: str, faults: Faults) -> None:
        self._file = file
        self._faults = faults
        self._nodes = 0

    def root(self, node: yaml.Node) -> Node | None:
        try:
            return self._node(node, "$", 0)
        except _Enough:
            return None

    def _node(self, node: yaml.Node, path: str, depth: int, key: yaml.Node | None = None) -> Node:
        place = place_of(self._file, node.start_mark)
        self._nodes += 1
        if depth > DEEPEST:
            self._stop(place, path, f"{TOO_DEEP} (an alias inside itself?)")
        if self._nodes > MOST_NODES:
            self._stop(place, path, f"its aliases stand for more than {MOST_NODES} values")

        value = self._value(node, place, path, depth)
        return Node(value, place, path, None if key is None else place_of(self._file, key.start_mark))

    def _stop(self, place: Place, path: str, message: str) -> None:
        self._faults.add(place, path, message)
        raise _Enough

    def _value(self, node: yaml.Node, place: Place, path: str, depth: int) -> Value:
        kind = node.tag.removeprefix(TAG)
        if isinstance(node, yaml.SequenceNode) and kind == "seq":
            return tuple(self._node(item, f"{path}[{n}]", depth + 1) for n, item in enumerate(node.value))
        if isinstance(node, yaml.MappingNode) and kind == "map":
            return self._mapping(node, path, depth)
        if isinstance(node, yaml.ScalarNode) and kind in SCALARS:
            return self._scalar(node.value, kind, place, path)

        self._faults.add(place, path, f"the tag {node.tag} is not allowed here")
        return BROKEN

    def _mapping(self, mapping: yaml.MappingNode, path: str, depth: int) -> dict[str, Node]:
        fields: dict[str, Node] = {}
        for key, value in mapping.value:
            place = place_of(self._file, key.start_mark)
            if not isinstance(key, yaml.ScalarNode) or key.tag != f"{TAG}str":
                self._faults.add(place, path, "a key must be text; put it in quotes")
                continue

            name = self._scalar(key.value, "str", place, path)
            if not isinstance(name, str):
                continue
            if name in fields:
                first = fields[name].key_place.line
                self._faults.add(place, step(path, name), f"the key is there twice, first in line {first}")
                continue
            fields[name] = self._node(value, step(path, name), depth + 1, key)
        return fields

    def _scalar(self, text: str, kind: str, place: Place, path: str) -> Value:
        try:
            return SCALARS[kind](text)
        except ValueError as error:
            self._faults.add(place, path, str(error))
            return BROKEN


def step(path: str, key: str) -> str:
    """The path of a value in a mapping."""
    return (
        f"{path}.{key}"
        if re.fullmatch(r"[A-Za-z_$][A-Za-z0-9_$-]*", key)
        else f"{path}[{json.dumps(key, ensure_ascii=False)}]"
    )
