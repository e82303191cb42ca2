"""Files of rows that a table names, and whether they have the columns that its templates name."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from aiotables.core.classes import frozen
from aiotables.provision.problems import Faults
from aiotables.provision.sources import ROW_FILE, RowFile, find_row_file
from aiotables.provision.template import TEMPLATE, Template, no_such_column
from aiotables.provision.tree import Node, children


EACH: Final = "each."
"""How references to the `for_each` row start where `${column}` is a column of another file."""


@frozen
class Files:
    """The files of rows that a table names."""

    for_each: RowFile | None
    rows: RowFile | None

    complete: bool
    """Whether all that are named can be read."""


def check_references(table: Node, faults: Faults) -> Files:
    """
    Find the files of rows that a table names, and tell of columns that they do not have.

    Args:
        table: The table's node. It need not fit its shape: what is no template is passed over.
        faults: Told of files that cannot be read, and of columns that are not there.
    """
    fields = table.value if isinstance(table.value, dict) else {}
    for_each = _file(fields.get("for_each"), faults)
    complete = for_each is not None or "for_each" not in fields
    each = _columns(for_each, named="for_each" in fields)
    for name, value in fields.items():
        if name not in {"target", "for_each", "rows"}:
            _check(value, each, faults)

    rows = fields.get("rows")
    if rows is None or not isinstance(rows.value, dict):
        _check(rows, each, faults)
        return Files(for_each, None, complete)

    file = _file(rows.value.get("from"), faults)
    _check_rows(rows.value, _columns(file, named=True), each, faults)
    return Files(for_each, file, complete and file is not None)


def _columns(file: RowFile | None, *, named: bool) -> tuple[str, ...] | None:
    """The columns that may be named; `None` when nobody knows: in JSONL each row has its own."""
    if file is None:
        return None if named else ()
    return file.columns


def _check_rows(
    fields: dict[str, Node], columns: tuple[str, ...] | None, each: tuple[str, ...] | None, faults: Faults
) -> None:
    where = fields.get("where")
    _check(where, each, faults)
    for column, value in where.value.items() if where is not None and isinstance(where.value, dict) else ():
        if columns is not None and column not in columns:
            faults.add(value.key_place, value.path, no_such_column(column, columns))

    for template in _templates(fields.get("data")):
        own = [column for column in template.columns if not column.startswith(EACH)]
        outer = [column.removeprefix(EACH) for column in template.columns if column.startswith(EACH)]
        _check_columns(template, own, columns, faults)
        _check_columns(template, outer, each, faults)


def _file(node: Node | None, faults: Faults) -> RowFile | None:
    if node is None or not isinstance(node.value, str) or not re.fullmatch(ROW_FILE, node.value):
        return None
    # From the folder of the file that names it, which may be an included one.
    return find_row_file(node, Path(node.place.file).parent, faults)


def _check(node: Node | None, columns: tuple[str, ...] | None, faults: Faults) -> None:
    for template in _templates(node):
        _check_columns(template, template.columns, columns, faults)


def _check_columns(
    template: Template, named: Iterable[str], columns: tuple[str, ...] | None, faults: Faults
) -> None:
    for column in named:
        if columns is not None and column not in columns:
            faults.add(template.place, template.path, no_such_column(column, columns))


def _templates(node: Node | None) -> Iterator[Template]:
    if node is None:
        return
    if isinstance(node.value, str) and re.fullmatch(TEMPLATE, node.value):
        yield Template.parse(node)
    for child in children(node):
        yield from _templates(child)
