"""Tests of `aiotables.provision.importing.csvs`."""

from pathlib import Path

import pytest

from aiotables.provision.desired import ZangTableColumn
from aiotables.provision.importing.csvs import csv_table
from aiotables.provision.importing.found import FoundTable
from aiotables.provision.problems import ManifestError


def write(folder: Path, text: str) -> Path:
    """A CSV file."""
    file = folder / "t.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_table(tmp_path: Path) -> None:
    """A file is a table under its own name, its types inferred, and named from the manifest's folder."""
    file = write(tmp_path, "id,Name,Price\n1,a,2.5\n2,,3\n")

    assert FoundTable(
        name="t",
        columns=(
            ZangTableColumn(name="id", type="INTEGER", primary=True),
            ZangTableColumn(name="Name"),
            ZangTableColumn(name="Price", type="REAL"),
        ),
        rows="../t.csv",
        count=2,
    ) == csv_table(file, beside=tmp_path / "manifests")


@pytest.mark.parametrize("rows", ["1\n1\n", '1\n""\n', ""])
def test_an_id_that_is_no_key(tmp_path: Path, rows: str) -> None:
    """A column `id` is the key only when each row has one of its own."""
    (column,) = csv_table(write(tmp_path, f"id\n{rows}"), beside=tmp_path).columns

    assert not column.primary


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "is empty"),
        ("a,a\n", "the header has the column a twice"),
        ("a\n1,2\n", "the row has 2 cells"),
        ("a;b\n1;2\n", r"its only column is 'a;b'; is it separated by ';'\?"),
    ],
)
def test_what_is_no_table(tmp_path: Path, text: str, expected: str) -> None:
    """A file that cannot be read is told with its line."""
    with pytest.raises(ManifestError, match=expected):
        csv_table(write(tmp_path, text), beside=tmp_path)


def test_no_file(tmp_path: Path) -> None:
    """A file that is not there is told."""
    with pytest.raises(ManifestError, match="cannot be read"):
        csv_table(tmp_path / "no.csv", beside=tmp_path)
