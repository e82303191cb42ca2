"""Tests of `aiotables.provision.importing.datapackage`."""

import json
from pathlib import Path
from typing import Any

import pytest

from aiotables.provision.desired import ZangTableColumn
from aiotables.provision.importing.datapackage import in_datapackage
from aiotables.provision.importing.found import Found, FoundTable
from aiotables.provision.problems import ManifestError


SCHEMA = {
    "fields": [
        {"name": "id", "type": "integer", "constraints": {"required": True}},
        {"name": "mail", "constraints": {"unique": True, "pattern": "@"}, "title": "E-mail"},
        {"name": "born", "type": "date", "constraints": {"required": True}},
        {"name": "odd", "type": "new"},
        {"type": "no name"},
        "no field",
    ],
    "primaryKey": "id",
    "foreignKeys": [{"fields": "id"}],
    "missingValues": ["", "NA"],
}


def found(folder: Path, *resources: Any) -> Found:  # noqa: ANN401 - JSON
    """What a package of these resources describes, beside `t.csv`."""
    (folder / "t.csv").write_text("id,mail,born,odd\n1,a,b,c\n2,a,b,c\n", encoding="utf-8")
    file = folder / "datapackage.json"
    file.write_text(json.dumps({"resources": resources}), encoding="utf-8")
    return in_datapackage(file, beside=folder)


def test_resource_with_a_schema(tmp_path: Path) -> None:
    """Fields become columns; what a manifest cannot say is named."""
    resource = {"name": "people", "title": "People", "description": "d", "path": ["t.csv"], "schema": SCHEMA}

    assert (
        FoundTable(
            name="people",
            display_name="People",
            columns=(
                ZangTableColumn(name="id", type="INTEGER", primary=True, nullable=False),
                ZangTableColumn(name="mail", unique=True),
                ZangTableColumn(name="born", nullable=False),
                ZangTableColumn(name="odd", type="ANY"),
            ),
            rows="t.csv",
            count=2,
            notes=(
                "the constraint pattern of 'mail'",
                "the title of 'mail'",
                "the type of 'born': date",
                "the type of 'odd': new",
                "a foreign key",
                "which texts stand for missing values",
                "its description",
            ),
        ),
    ) == found(tmp_path, resource).tables


def test_schema_in_a_file(tmp_path: Path) -> None:
    """A schema may stand in a file of the package; a key of several columns is named."""
    (tmp_path / "s.json").write_text(json.dumps({"fields": [{"name": "a"}], "primaryKey": ["a", "b"]}))

    (table,) = found(tmp_path, {"path": "t.csv", "schema": "s.json"}).tables

    assert ("resource_1", ("the primary key of several columns: a, b",)) == (table.name, table.notes)


def test_resource_without_a_schema(tmp_path: Path) -> None:
    """Types are inferred from the file."""
    (table,) = found(tmp_path, {"name": "t", "path": "t.csv"}).tables

    assert ["INTEGER", "TEXT", "TEXT", "TEXT"] == [column.type for column in table.columns]


@pytest.mark.parametrize(
    "more",
    [
        {"path": "https://x.example/t.csv"},
        {"path": ["t.csv", "t.csv"]},
        {"path": "../t.csv"},
        {"path": "/t.csv"},
        {"path": "none.csv"},
        {"path": "datapackage.json"},
        {"data": []},
        {"path": "t.csv", "dialect": {"delimiter": ";"}},
        {"path": "t.csv", "dialect": {"header": False}},
        {"path": "t.csv", "encoding": "latin-1"},
    ],
)
def test_rows_that_no_manifest_can_name(tmp_path: Path, more: dict[str, Any]) -> None:
    """Rows elsewhere, or in another form, are told; without a schema the resource is left out."""
    result = found(tmp_path, {"schema": {"fields": []}, **more}, {"name": "r", **more})

    assert [None] == [table.rows for table in result.tables]
    assert result.tables[0].notes[-1].startswith("its rows, which are not in one plain CSV file")
    assert (
        "the resource r, which has neither a schema nor a CSV file in the package's folder",
    ) == result.notes


@pytest.mark.parametrize("schema", ["https://x.example/s.json", "../s.json", "/s.json"])
def test_schemas_elsewhere(tmp_path: Path, schema: str) -> None:
    """Nothing is fetched, and nothing read from outside of the package's folder."""
    result = found(tmp_path, {"name": "r", "path": "t.csv", "schema": schema}, "no object")

    assert (
        f"the resource r, whose schema is elsewhere: {schema}",
        "the resource resource_2, which is no object",
    ) == result.notes


@pytest.mark.parametrize(
    ("text", "expected"),
    [("{", "is no JSON"), ("[]", "is no data package"), ('{"resources": 1}', "is no data package")],
)
def test_what_is_no_package(tmp_path: Path, text: str, expected: str) -> None:
    """Something else is told."""
    file = tmp_path / "datapackage.json"
    file.write_text(text)

    with pytest.raises(ManifestError, match=expected):
        in_datapackage(file, beside=tmp_path)
    with pytest.raises(ManifestError, match="cannot be read: No such file"):
        in_datapackage(tmp_path / "none.json", beside=tmp_path)
