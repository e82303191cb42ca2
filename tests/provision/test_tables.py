"""Tests of `aiotables.provision.tables`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from aiotables.core.sentinels import UNSET
from aiotables.provision.desired import ZangTableColumn
from aiotables.provision.problems import Faults
from aiotables.provision.references import Files
from aiotables.provision.sources import RowFile
from aiotables.provision.tables import (
    AnyTemplate,
    ExtructTemplate,
    RowsTemplate,
    ZangTableTemplate,
    read_table,
)
from aiotables.provision.tree import Node


FILE = RowFile(name="c.csv", path=Path("c.csv"), columns=("a",))
Read = Callable[..., AnyTemplate]


@pytest.fixture
def read(tree: Callable[[str], Node], faults: Faults) -> Read:
    """The template of a table in YAML, of ZangTable unless said otherwise."""

    def read(text: str, service: str = "zangtable", rows: RowFile | None = None) -> AnyTemplate:
        return read_table(tree(text), Files(None, rows, complete=True), service=service, faults=faults)

    return read


def test_smallest_zangtable_table(read: Read) -> None:
    """Target and name are enough; the name is the key."""
    table = read("{target: crm, name: t}")

    assert isinstance(table, ZangTableTemplate)
    assert table.key is table.name
    assert () == table.shared_columns
    assert () == table.indexes
    assert table.display_name is None
    assert "tree.yaml:1" == table.origin


def test_zangtable_table(read: Read, faults: Faults) -> None:
    """What the manifest says of columns and indexes is kept, with the service's defaults for the rest."""
    table = read(
        "{target: crm, key: k, name: t, display_name: T, columns: ["
        "{name: a, type: INTEGER, primary: true, nullable: false, unique: true, default: 0}, {name: b}],"
        "indexes: [{columns: [a, b], name: i, unique: true}, {columns: [b]}]}"
    )

    assert isinstance(table, ZangTableTemplate)
    assert [] == list(faults)
    assert ("k", "T") == (table.key.text, table.display_name.text if table.display_name else None)
    assert (
        ZangTableColumn(name="a", type="INTEGER", primary=True, unique=True, nullable=False, default=0),
        ZangTableColumn(name="b", type="TEXT", primary=False, unique=False, nullable=True, default=UNSET),
    ) == table.shared_columns
    assert [True, False] == [index.unique for index in table.indexes]


def test_columns_that_vary_are_not_shared(read: Read) -> None:
    """Columns that differ from row to row are filled in for each."""
    table = read("{target: crm, name: t, columns: [{name: '${a}'}]}")

    assert isinstance(table, ZangTableTemplate)
    assert table.shared_columns is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("columns: [{name: a, primary: true}, {name: A}]", ["$.columns[1].name"]),
        ("columns: [{name: id}]", ["$.columns[0].name"]),
        ("columns: [{name: sqlite_a}]", ["$.columns[0].name"]),
        ("columns: [{name: a}], indexes: [{columns: [b]}, {columns: [a]}]", ["$.indexes[0].columns"]),
        ("columns: [{name: a}], indexes: [{columns: ['${b}']}]", []),
        ("columns: [{name: '${a}'}, {name: '${a}'}], indexes: [{columns: [b]}]", []),
    ],
)
def test_faults_that_no_row_can_mend(read: Read, faults: Faults, text: str, expected: list[str]) -> None:
    """Columns and indexes that are wrong for every row are told once, without reading rows."""
    read(f"{{target: crm, name: t, {text}}}")

    assert expected == [fault.path for fault in faults]


def test_smallest_extruct_table(read: Read) -> None:
    """Target and name are enough; the kind is the service's default."""
    table = read("{target: research, name: T}", service="extruct")

    assert isinstance(table, ExtructTemplate)
    assert "company" == table.kind
    assert () == table.columns == table.rows == table.tags
    assert table.description is None
    assert not table.run


def test_extruct_table(read: Read) -> None:
    """Everything the manifest says is kept, rows in line included."""
    table = read(
        "{target: research, name: T, kind: people, description: D, tags: [x], run: true,"
        "columns: [{kind: input, name: N, key: input}], rows: [{input: https://x}]}",
        service="extruct",
    )

    assert isinstance(table, ExtructTemplate)
    assert ("people", "D", ["x"], True) == (
        table.kind,
        table.description.text if table.description else None,
        [tag.text for tag in table.tags],
        table.run,
    )
    assert ["input"] == [key.text for key in table.column_keys]
    assert 1 == len(table.columns) == len(table.rows if isinstance(table.rows, tuple) else ())


def test_rows_of_a_file(read: Read) -> None:
    """Selections are sorted by column, so that their order in the manifest does not count."""
    table = read(
        "{target: research, name: T, rows: {from: c.csv, where: {b: 1, a: x}, data: {input: '${a}'}}}",
        service="extruct",
        rows=FILE,
    )

    assert isinstance(table, ExtructTemplate)
    assert isinstance(table.rows, RowsTemplate)
    assert FILE is table.rows.file
    assert ["a", "b"] == [column for column, _ in table.rows.where]
    assert ["input"] == list(table.rows.data or {})


def test_rows_of_a_file_without_selection(read: Read) -> None:
    """Without `where` and `data`, all rows are taken as they are."""
    table = read("{target: research, name: T, rows: {from: c.csv}}", service="extruct", rows=FILE)

    assert isinstance(table, ExtructTemplate)
    assert RowsTemplate(file=FILE, where=(), data=None) == table.rows


def test_configs_are_checked(read: Read, faults: Faults) -> None:
    """Column configs of Extruct are held against the models."""
    read(
        "{target: research, name: T, columns: [{kind: agent, name: N, key: n, value: 5}]}", service="extruct"
    )

    assert ["$.columns[0].value"] == [fault.path for fault in faults]
