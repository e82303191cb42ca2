"""A manifest as a tree of plain values that still know their file, line and column."""

import json
import re
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

from aiotables.core.classes import frozen
from aiotables.provision.problems import Faults, Place


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
    """
    The tree of a file, or `None` when it cannot be read at all; what is wrong goes to *faults*.

    A file whose name ends in `.json` is JSON, and any other YAML, which needs PyYAML.
    """
    # PyYAML, and what reads nodes of it, is only imported for a manifest that is written in YAML.
    if file.suffix == ".json":
        from aiotables.provision.json_tree import read_json

        return read_json(file, faults)
    try:
        from aiotables.provision.yaml_tree import read_yaml
    except ModuleNotFoundError:
        message = "is YAML, which needs PyYAML: pip install 'aiotables[cli]'. A manifest in a .json file needs nothing"
        faults.add(Place(str(file), 1), "", message)
        return None
    return read_yaml(file, faults)


def step(path: str, key: str) -> str:
    """The path of a value in a mapping."""
    return (
        f"{path}.{key}"
        if re.fullmatch(r"[A-Za-z_$][A-Za-z0-9_$-]*", key)
        else f"{path}[{json.dumps(key, ensure_ascii=False)}]"
    )
