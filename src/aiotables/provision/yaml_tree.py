"""The tree of a manifest that is written in YAML; it needs PyYAML."""

from pathlib import Path

import yaml

from aiotables.provision.compose import TAG, compose, place_of
from aiotables.provision.problems import Faults, Place
from aiotables.provision.scalars import SCALARS
from aiotables.provision.texts import DEEPEST, TOO_DEEP
from aiotables.provision.tree import BROKEN, MOST_NODES, Node, Value, step


def read_yaml(file: Path, faults: Faults) -> Node | None:
    """The tree of a YAML file, or `None` when it cannot be read at all; what is wrong goes to *faults*."""
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
