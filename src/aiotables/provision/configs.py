"""Checks column configs of Extruct tables by reading them as what the service takes."""

import re
from typing import Any, Final, cast

from aiotables.core.convert import Converter
from aiotables.core.errors import DecodeError
from aiotables.extruct.models import ColumnConfig
from aiotables.provision.problems import Faults
from aiotables.provision.tree import Node, children, plain


_CONVERTER: Final = Converter()
# Type checkers take a class for `type[T]`, and the union of all configs is none.
_CONFIG: Final = cast("type[Any]", ColumnConfig)


def check_configs(table: Node, faults: Faults) -> None:
    """
    Tell of column configs that have not the documented form of their kind.

    Kinds, keys and values that the docs do not list are let through: the service may have added them.

    Args:
        table: The node of an Extruct table that fits its shape.
        faults: Told of what is wrong, at its place in the manifest.
    """
    for column in table.fields["columns"].items if "columns" in table.fields else ():
        try:
            _CONVERTER.decode(plain(column), _CONFIG)
        except DecodeError as error:
            for problem in error.problems:
                below, message = problem.removeprefix("$").split(": ", 1)
                faults.add(_nearest(column, below).place, f"{column.path}{below}", message)


def _nearest(node: Node, below: str) -> Node:
    """The node at a path below *node*, or when it is not there, as for a missing key, the nearest above it."""
    for step in re.findall(r"\.[^.\[]+|\[[^\]]*\]", below):
        found = [child for child in children(node) if child.path == f"{node.path}{step}"]
        if not found:
            return node
        node = found[0]
    return node
