"""Tables, columns and indexes of a project: the real ones in its database, their metadata in the catalogue."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from attrs import frozen

from aiotables.emulator.choices import (
    COLUMN_EXISTS,
    COLUMN_NOT_FOUND,
    INDEX_EXISTS,
    INVALID_COLUMN,
    INVALID_REQUEST,
    TABLE_EXISTS,
    TABLE_NOT_FOUND,
)
from aiotables.emulator.clock import stamp
from aiotables.emulator.sqlite import quoted
from aiotables.emulator.zangtable.columns import ColumnPlan, create_index_sql, create_table_sql, plan_column
from aiotables.emulator.zangtable.names import checked_identifier, id_number, is_identifier
from aiotables.emulator.zangtable.projects import Projects
from aiotables.emulator.zangtable.refusal import Refusal
from aiotables.zangtable._generated.models import ColumnCreate


@frozen
class Tables:
    """
    What can be done with the tables of one project.

    `add_table`, `add_index` and `insert` work inside a change that the caller began, since a bootstrap makes many at once.
    """

    _projects: Projects
    _project_id: int
    _slug: str

    def create(self, name: str, display_name: str | None, columns: Sequence[ColumnPlan]) -> dict[str, Any]:
        """
        Make a table with its columns.

        Raises:
            Refusal: There is a table of that name.
        """
        if self.has(name):
            raise Refusal(TABLE_EXISTS)

        with self._projects.change(self._project_id, self._slug) as database:
            return self.add_table(database, name, display_name, columns)

    def add_table(
        self, database: sqlite3.Connection, name: str, display_name: str | None, columns: Sequence[ColumnPlan]
    ) -> dict[str, Any]:
        """Make a table, and describe it."""
        now = stamp(self._projects.clock)
        number, first = self._numbers(tables=1, columns=len(columns))
        self._projects.catalogue.execute(
            "INSERT INTO project_table VALUES (?, ?, ?, ?, ?, ?)",
            (self._project_id, number, name, display_name, now, now),
        )
        self._record_columns(number, first, columns, now)
        database.execute(create_table_sql(name, columns))
        return {
            "table": {
                "id": number,
                "table_name": name,
                "display_name": display_name,
                "created_at": now,
                "updated_at": now,
            },
            "columns": [plan.answer(first + place, name, now, now) for place, plan in enumerate(columns)],
        }

    def describe(self, number: int) -> dict[str, Any]:
        """The table *number* and its columns, as create and get answer."""
        row = self._projects.catalogue.execute(
            """
            SELECT id, name AS table_name, display_name, created_at, updated_at FROM project_table
            WHERE project_id = ? AND id = ?
            """,
            (self._project_id, number),
        ).fetchone()
        return {"table": dict(row), "columns": self.columns(number, row["table_name"])}

    def has(self, name: str) -> bool:
        """Whether there is a table *name*."""
        return self._row(name) is not None

    def number(self, id_or_name: str) -> int:
        """
        The number of the table that *id_or_name* means.

        Raises:
            Refusal: There is no such table.
        """
        by_id = id_number(id_or_name)
        row = self._row(id_or_name) if by_id is None else self._row_by_id(by_id)
        if row is None:
            raise Refusal(TABLE_NOT_FOUND)

        return int(row["id"])

    def named(self, name: str) -> tuple[int, str]:
        """
        Number and name, as it was created, of the table *name*.

        Raises:
            Refusal: There is no such table.
        """
        row = self._row(name)
        if row is None:
            raise Refusal(TABLE_NOT_FOUND)

        return row["id"], row["name"]

    def rename(self, number: int, display_name: str | None) -> None:
        """Give the table *number* another name for people."""
        self._projects.catalogue.execute(
            "UPDATE project_table SET display_name = ?, updated_at = ? WHERE project_id = ? AND id = ?",
            (display_name, stamp(self._projects.clock), self._project_id, number),
        )

    def all(self) -> list[tuple[int, str]]:
        """Number and name of every table, oldest first."""
        # Opening the database makes the catalogue agree with it.
        self._projects.database(self._project_id, self._slug)
        rows = self._projects.catalogue.execute(
            "SELECT id, name FROM project_table WHERE project_id = ? ORDER BY id", (self._project_id,)
        )
        return [(row["id"], row["name"]) for row in rows]

    def column_rows(self, number: int) -> list[sqlite3.Row]:
        """What the catalogue knows of the columns of a table, in order."""
        return self._projects.catalogue.execute(
            "SELECT * FROM project_column WHERE project_id = ? AND table_id = ? ORDER BY id",
            (self._project_id, number),
        ).fetchall()

    def columns(self, number: int, table_name: str) -> list[dict[str, Any]]:
        """The metadata of the columns of a table."""
        return [
            ColumnPlan.of_record(row).answer(row["id"], table_name, row["created_at"], row["updated_at"])
            for row in self.column_rows(number)
        ]

    def add_column(self, table: str, column: ColumnCreate) -> dict[str, Any]:
        """
        Add a column that is not a primary key to the table *table*.

        Raises:
            Refusal: There is no such table, or the column is not valid or is there already.
        """
        number, name = self.named(table)
        plan = plan_column(column)
        if plan.primary:
            raise Refusal(INVALID_COLUMN.saying("A primary key cannot be added to a table."))

        if plan.name.lower() in self._column_names(number):
            raise Refusal(COLUMN_EXISTS)

        with self._projects.change(self._project_id, self._slug) as database:
            _, first = self._numbers(tables=0, columns=1)
            self._record_columns(number, first, [plan], stamp(self._projects.clock))
            database.execute(f"ALTER TABLE {quoted(name)} ADD COLUMN {plan.definition(unique=False)}")
            if plan.unique:
                # SQLite adds no UNIQUE column. No index of a caller begins with an underscore.
                index = f"_unique_{name}_{plan.name}"
                database.execute(create_index_sql(index, name, [plan.name], unique=True))
        return {"table": name, "column": self.columns(number, name)[-1]}

    def create_index(
        self, table: str, columns: Sequence[str], index_name: str | None, *, unique: bool
    ) -> dict[str, Any]:
        """
        Index columns of the table *table*.

        Raises:
            Refusal: There is no such table or column, or the index is there already.
        """
        with self._projects.change(self._project_id, self._slug) as database:
            return {"index": self.add_index(database, table, columns, index_name, unique=unique)}

    def add_index(
        self,
        database: sqlite3.Connection,
        table: str,
        columns: Sequence[str],
        index_name: str | None,
        *,
        unique: bool,
    ) -> dict[str, Any]:
        """
        Make an index, named after its table and columns if it is given no name.

        Raises:
            Refusal: There is no such table or column, or the index is there already.
        """
        number, name = self.named(table)
        known = self._column_names(number)
        missing = [column for column in columns if column.lower() not in known]
        if missing:
            raise Refusal(COLUMN_NOT_FOUND.saying(f"There is no column {missing[0]} in table {name}."))

        if not columns:
            raise Refusal(INVALID_REQUEST.saying("columns: at least one is required"))

        index = (
            "_".join(["idx", name, *columns])
            if index_name is None
            else checked_identifier(index_name, "index_name")
        )
        if database.execute("SELECT 1 FROM sqlite_master WHERE name = ? COLLATE NOCASE", (index,)).fetchone():
            raise Refusal(INDEX_EXISTS)

        database.execute(create_index_sql(index, name, columns, unique=unique))
        return {
            "name": index,
            "unique": unique,
            "origin": "c",
            "partial": False,
            "columns": list(columns),
            "managed": True,
        }

    def insert(self, database: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
        """
        Put *row* into the table *table*.

        Raises:
            Refusal: There is no such column.
        """
        number, name = self.named(table)
        known = self._column_names(number)
        missing = [column for column in row if column.lower() not in known]
        if missing:
            raise Refusal(COLUMN_NOT_FOUND.saying(f"There is no column {missing[0][:80]} in table {name}."))

        if not row:
            database.execute(f"INSERT INTO {quoted(name)} DEFAULT VALUES")
            return

        listed, places = ", ".join(map(quoted, row)), ", ".join("?" * len(row))
        statement = f"INSERT INTO {quoted(name)} ({listed}) VALUES ({places})"  # noqa: S608 - checked, quoted names
        database.execute(statement, tuple(row.values()))

    def _row(self, name: str) -> sqlite3.Row | None:
        if not is_identifier(name):
            return None

        row: sqlite3.Row | None = self._projects.catalogue.execute(
            "SELECT id, name FROM project_table WHERE project_id = ? AND name = ?", (self._project_id, name)
        ).fetchone()
        return row

    def _row_by_id(self, number: int) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._projects.catalogue.execute(
            "SELECT id, name FROM project_table WHERE project_id = ? AND id = ?", (self._project_id, number)
        ).fetchone()
        return row

    def _column_names(self, number: int) -> set[str]:
        rows = self._projects.catalogue.execute(
            "SELECT name FROM project_column WHERE project_id = ? AND table_id = ?",
            (self._project_id, number),
        )
        return {row["name"].lower() for row in rows}

    def _record_columns(self, number: int, first: int, plans: Sequence[ColumnPlan], now: str) -> None:
        self._projects.catalogue.executemany(
            "INSERT INTO project_column VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (self._project_id, number, first + place, *plan.to_record(), now, now)
                for place, plan in enumerate(plans)
            ],
        )

    def _numbers(self, *, tables: int, columns: int) -> tuple[int, int]:
        """The numbers of the first of so many new tables and of the first of so many new columns."""
        last_table, last_column = self._projects.catalogue.execute(
            """
            UPDATE project SET last_table = last_table + ?, last_column = last_column + ? WHERE id = ?
            RETURNING last_table, last_column
            """,
            (tables, columns, self._project_id),
        ).fetchone()
        return last_table - tables + 1, last_column - columns + 1
