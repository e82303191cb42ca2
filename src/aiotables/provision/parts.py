"""The files of a manifest: itself, and those that it includes, each read once and never from outside of its folder."""

import os
from collections.abc import Iterator
from pathlib import Path

from attrs import evolve

from aiotables.core.classes import field, frozen
from aiotables.provision.problems import Faults
from aiotables.provision.tree import Node, children, read_tree


@frozen
class Part:
    """One file."""

    file: Path
    root: Node


def read_parts(path: Path, faults: Faults) -> list[Part]:
    """
    The manifest, and after each file those that it includes; without those that cannot be read.

    Args:
        path: The manifest.
        faults: Told of files that cannot be read or may not be included.
    """
    return list(_Reader(Path(os.path.realpath(path)).parent, faults).read(path, ()))


@frozen
class _Reader:
    folder: Path
    """Nothing outside of it is included."""

    faults: Faults

    seen: dict[str, Node | None] = field(factory=dict)
    """By its real path, where each file was included."""

    def read(self, file: Path, way: tuple[Path, ...], at: Node | None = None) -> Iterator[Part]:
        real = os.path.realpath(file)
        refused = self._refused(file, real, way)
        if at is not None and refused:
            self.faults.add(at.place, at.path, refused)
            return

        self.seen[real] = at
        root = read_tree(file, self.faults)
        if root is None:
            return
        yield Part(file, root)
        for node in _included(root):
            yield from self.read(file.parent / node.text, (*way, file), node)

    def _refused(self, file: Path, real: str, way: tuple[Path, ...]) -> str:
        if not Path(real).is_relative_to(self.folder):
            return f"only files in the manifest's folder, {self.folder}, can be included"
        ways = [os.path.realpath(each) for each in way]
        if real in ways:
            circle = [*way[ways.index(real) :], file]
            return f"files include each other: {' → '.join(each.name for each in circle)}"
        first = self.seen.get(real)
        if first is not None:
            return f"the file is included twice, first in {first.place.file}:{first.place.line}"
        return ""


def _included(root: Node) -> Iterator[Node]:
    include = root.value.get("include") if isinstance(root.value, dict) else None
    for node in children(include) if include is not None and isinstance(include.value, tuple) else ():
        if isinstance(node.value, str) and node.value:
            yield node


def entries(node: Node | None, key: str) -> dict[str, Node]:
    """The values of the mapping under a key of a mapping; none when it is something else."""
    fields = node.value if node is not None and isinstance(node.value, dict) else {}
    below = fields[key].value if key in fields else {}
    return below if isinstance(below, dict) else {}


def gathered(parts: list[Part], key: str, faults: Faults) -> dict[str, Node]:
    """
    The entries under one key of all files together.

    Args:
        parts: The files.
        key: `targets` or `defaults`.
        faults: Told of names that two files give.
    """
    found: dict[str, Node] = {}
    for part in parts:
        for name, node in entries(part.root, key).items():
            first = found.setdefault(name, node)
            if first is not node:
                where = f"{first.key_place.file}:{first.key_place.line}"
                faults.add(node.key_place, node.path, f'"{name}" is there twice, first in {where}')
    return found


def with_defaults(table: Node, *defaults: Node | None) -> Node:
    """
    A table with the fields that it does not give itself.

    Args:
        table: The table's node.
        *defaults: Mappings of fields; the first that has a field gives it.
    """
    if not isinstance(table.value, dict):
        return table
    fields: dict[str, Node] = {}
    for each in (*reversed(defaults), table):
        fields.update(each.value if each is not None and isinstance(each.value, dict) else {})
    return evolve(table, value=fields)


def faulty(node: Node, faults: Faults) -> bool:
    """Whether something is wrong in a node, or in what its fields were taken from."""
    return any(faults.inside(each.place.file, each.path) for each in (node, *children(node)))
