"""Tests of `aiotables.provision.importing.sqlite`."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from aiotables.core.sentinels import UNSET
from aiotables.provision.desired import ZangTableColumn
from aiotables.provision.importing.found import Found, FoundIndex, FoundTable
from aiotables.provision.importing.sqlite import in_sqlite, literal
from aiotables.provision.problems import ManifestError


def found(folder: Path, script: str) -> Found:
    """What is in a file that a script makes."""
    file = folder / "x.db"
    with contextlib.closing(sqlite3.connect(file)) as database:
        database.executescript(script)
    return in_sqlite(file)


def only(folder: Path, script: str) -> FoundTable:
    """The only table of such a file."""
    (table,) = found(folder, script).tables
    return table


def test_all_that_can_be_carried_over(tmp_path: Path) -> None:
    """Columns with type, key, uniqueness, null and default, indexes, and the number of rows."""
    script = """
        CREATE TABLE "my t" (
            k INTEGER PRIMARY KEY, a TEXT NOT NULL UNIQUE DEFAULT 'it''s', b real DEFAULT 1.5, c ANY DEFAULT NULL, d BLOB,
            UNIQUE (a, b)
        );
        CREATE INDEX by_b ON "my t" (b, c);
        CREATE UNIQUE INDEX by_d ON "my t" (d);
        INSERT INTO "my t" (a) VALUES ('x'), ('y');
    """

    assert FoundTable(
        name="my t",
        columns=(
            ZangTableColumn(name="k", type="INTEGER", primary=True, nullable=False),
            ZangTableColumn(name="a", unique=True, nullable=False, default="it's"),
            ZangTableColumn(name="b", type="REAL", default=1.5),
            ZangTableColumn(name="c", type="ANY", default=None),
            ZangTableColumn(name="d", type="BLOB"),
        ),
        indexes=(
            FoundIndex(columns=("a", "b"), unique=True),
            FoundIndex(columns=("b", "c"), name="by_b"),
            FoundIndex(columns=("d",), name="by_d", unique=True),
        ),
        count=2,
    ) == only(tmp_path, script)


def test_all_that_cannot(tmp_path: Path) -> None:
    """Whatever ZangTable does not know is named; words in texts, names and comments are none of it."""
    script = """
        CREATE TABLE parent (id INTEGER PRIMARY KEY AUTOINCREMENT);
        CREATE TABLE t (
            a INTEGER NOT NULL, b VARCHAR(9) COLLATE NOCASE DEFAULT (lower('X')), "check" TEXT DEFAULT 'strict', -- check
            p INTEGER REFERENCES parent, q INTEGER REFERENCES parent (id), g INTEGER AS (a + 1), n,
            PRIMARY KEY (b, a), CHECK (a > 0)
        ) WITHOUT ROWID;
        CREATE INDEX partial ON t (a) WHERE a > 1;
        CREATE INDEX expression ON t (lower(b));
        CREATE TRIGGER trigger_ AFTER INSERT ON t BEGIN SELECT 1; END;
        CREATE VIEW view_ AS SELECT 1;
        CREATE VIRTUAL TABLE v USING fts5(x);
    """

    result = found(tmp_path, script)

    tables = {table.name: table for table in result.tables}
    assert [
        "the primary key of several columns: b, a",
        "the declared type of b: VARCHAR(9)",
        "the default of b, an expression: lower('X')",
        "the generated column g",
        "the declared type of n: none",
        "the foreign key q to parent.id",
        "the foreign key p to parent.its primary key",
        "the index expression, which is over an expression",
        "the index partial, which is partial",
        "its CHECK constraints",
        "its collations",
        "WITHOUT ROWID",
        "the trigger trigger_",
    ] == [*tables["t"].notes]
    assert ("AUTOINCREMENT",) == tables["parent"].notes
    assert "that it is a virtual table" == tables["v"].notes[0]
    assert ("the view view_",) == result.notes
    assert ["a", "b", "check", "p", "q", "n"] == [column.name for column in tables["t"].columns]
    assert () == tables["t"].indexes


@pytest.mark.parametrize(
    ("declared", "values", "expected"),
    [
        ("integer", "", "INTEGER"),
        ("DATETIME", "('2026-01-01'), (NULL)", "TEXT"),
        ("NUMERIC(10,2)", "(1.5), (2)", "REAL"),
        ("NUMERIC(10,2)", "(1), (2)", "INTEGER"),
        ("FLOAT", "(1.5)", "REAL"),
        ("", "(x'00')", "BLOB"),
        ("", "(1), ('a')", "ANY"),
        ("BIGINT", "", "INTEGER"),
        ("VARCHAR(9)", "", "TEXT"),
        ("CLOB", "", "TEXT"),
        ("TINYBLOB", "(NULL)", "BLOB"),
        ("DOUBLE", "", "REAL"),
        ("DECIMAL", "", "ANY"),
    ],
)
def test_other_types(tmp_path: Path, declared: str, values: str, expected: str) -> None:
    """A type that ZangTable does not have becomes that of the stored values, or without any that of the affinity."""
    insert = f"INSERT INTO t VALUES {values};" if values else ""  # noqa: S608 -- written above

    assert expected == only(tmp_path, f"CREATE TABLE t (a {declared}); {insert}").columns[0].type


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("1", 1),
        ("-2.5", -2.5),
        ("'a''b'", "a'b"),
        ("NULL", None),
        ("true", 1),
        ("FALSE", 0),
        ("1 + 1", UNSET),
    ],
)
def test_literal(sql: str, value: object) -> None:
    """A default is a value only where it is written as one."""
    assert value == literal(sql)
    assert UNSET is literal(None)


def test_what_is_no_sqlite(tmp_path: Path) -> None:
    """A file of another kind, or none, is told."""
    file = tmp_path / "x.db"
    file.write_text("not a database, but long enough to be taken for one" * 20)

    with pytest.raises(ManifestError, match="cannot be read as SQLite: file is not a database"):
        in_sqlite(file)
    with pytest.raises(ManifestError, match="cannot be read as SQLite: unable to open"):
        in_sqlite(tmp_path / "none.db")
