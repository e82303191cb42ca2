"""
Columns that a table has, changed and dropped (docs pages reference/columns).

SQLite itself changes little of a column, so that its table is made anew, with its rows and indexes.
"""

import sqlite3
from collections.abc import Mapping, Sequence

from attrs import frozen

from aiotables.emulator.bodies import Json, decode
from aiotables.emulator.choices import COLUMN_EXISTS, COLUMN_HAS_VALUES, COLUMN_NOT_FOUND, INVALID_COLUMN
from aiotables.emulator.clock import stamp
from aiotables.emulator.sqlite import quoted
from aiotables.emulator.zangtable.asked import Asked
from aiotables.emulator.zangtable.columns import (
    ColumnPlan,
    create_index_sql,
    create_table_sql,
    plain_columns,
    plain_flags,
)
from aiotables.emulator.zangtable.names import id_number
from aiotables.emulator.zangtable.refusal import Refusal
from aiotables.zangtable._generated.models import ColumnsUpdate, ColumnUpdate


NOT_FOUND = 404
BAD_REQUEST = 400


def update_column(asked: Asked) -> Json:
    """
    Change the column of the path.

    Raises:
        Refusal: There is no such table or column, or the change is not possible.
    """
    change = decode(plain_flags(asked.json), ColumnUpdate)
    table = _Table.of(asked)
    with asked.projects.change_columns(asked.project.id, asked.project.slug, table.number) as database:
        column_id = table.update(database, asked.path["column_id_or_name"], change, NOT_FOUND)
    return {"table": table.name, "column": table.describe(column_id)}


def update_columns(asked: Asked) -> Json:
    """
    Change all columns of the body, or none.

    Raises:
        Refusal: There is no such table or column, or a change is not possible.
    """
    changes = decode(plain_columns(asked.json), ColumnsUpdate)
    table = _Table.of(asked)
    with asked.projects.change_columns(asked.project.id, asked.project.slug, table.number) as database:
        for change in changes.columns:
            table.update(database, change.column_name, change, BAD_REQUEST)
    return {"updated_count": len(changes.columns)}


def delete_column(asked: Asked) -> Json:
    """
    Drop the column of the path, and every index that it is in.

    Raises:
        Refusal: There is no such table or column, or it is the primary key.
    """
    table = _Table.of(asked)
    with asked.projects.change_columns(asked.project.id, asked.project.slug, table.number) as database:
        name = table.drop(database, asked.path["column_id_or_name"])
    return {"deleted": True, "column_name": name}


@frozen
class _Table:
    """The table whose columns change."""

    _asked: Asked
    number: int
    name: str

    @classmethod
    def of(cls, asked: Asked) -> "_Table":
        return cls(asked, *asked.tables.named(asked.path["table"]))

    def describe(self, column_id: int) -> Json:
        columns = self._asked.tables.columns(self.number, self.name)
        return next(column for column in columns if column["id"] == column_id)

    def update(self, database: sqlite3.Connection, key: str, change: ColumnUpdate, status: int) -> int:
        rows = self._rows()
        row = _find(rows, key, status)
        old = ColumnPlan.of_record(row)
        new = old.changed(change)
        self._check(database, rows, old, new)
        if new != old:
            self._record(row["id"], new)
            renamed = {row["name"]: row["name"] for row in rows} | {old.name: new.name}
            rebuild(database, self.name, self._plans(), renamed)
        return int(row["id"])

    def drop(self, database: sqlite3.Connection, key: str) -> str:
        rows = self._rows()
        row = _find(rows, key, NOT_FOUND)
        if row["is_primary"]:
            raise Refusal(INVALID_COLUMN.saying("The primary key cannot be dropped."))

        self._asked.projects.catalogue.execute(
            "DELETE FROM project_column WHERE project_id = ? AND table_id = ? AND id = ?",
            (self._asked.project.id, self.number, row["id"]),
        )
        kept = {other["name"]: other["name"] for other in rows if other["id"] != row["id"]}
        rebuild(database, self.name, self._plans(), kept)
        return str(row["name"])

    def _check(
        self, database: sqlite3.Connection, rows: Sequence[sqlite3.Row], old: ColumnPlan, new: ColumnPlan
    ) -> None:
        others = {row["name"].lower() for row in rows} - {old.name.lower()}
        if new.name.lower() in others:
            raise Refusal(COLUMN_EXISTS)

        if new.type != old.type and _has_values(database, self.name, old.name):
            raise Refusal(COLUMN_HAS_VALUES)

    def _record(self, column_id: int, plan: ColumnPlan) -> None:
        self._asked.projects.catalogue.execute(
            """
            UPDATE project_column SET (name, type, is_nullable, default_value, is_primary, is_unique, is_automatic)
            = (?, ?, ?, ?, ?, ?, ?), updated_at = ? WHERE project_id = ? AND table_id = ? AND id = ?
            """,
            (
                *plan.to_record(),
                stamp(self._asked.clock),
                self._asked.project.id,
                self.number,
                column_id,
            ),
        )

    def _rows(self) -> list[sqlite3.Row]:
        return self._asked.tables.column_rows(self.number)

    def _plans(self) -> list[ColumnPlan]:
        return [ColumnPlan.of_record(row) for row in self._rows()]


def _find(rows: Sequence[sqlite3.Row], key: str, status: int) -> sqlite3.Row:
    by_id = id_number(key)
    found = [row for row in rows if row["id"] == by_id or row["name"].lower() == key.lower()]
    if not found:
        raise Refusal(COLUMN_NOT_FOUND.at(status))

    return found[0]


def _has_values(database: sqlite3.Connection, table: str, column: str) -> bool:
    statement = f"SELECT EXISTS (SELECT 1 FROM {quoted(table)} WHERE {quoted(column)} IS NOT NULL)"  # noqa: S608 - quoted names
    (has,) = database.execute(statement).fetchone()
    return bool(has)


def rebuild(
    database: sqlite3.Connection, table: str, plans: Sequence[ColumnPlan], renamed: Mapping[str, str]
) -> None:
    """
    Make *table* anew with other columns.

    Args:
        database: The project's database, within a transaction.
        table: The table.
        plans: Its columns as they are to be.
        renamed: For each of them, what it was called and what it is called now, in the same order.
    """
    indexes = _indexes(database, table, renamed)
    # No table of a caller begins with an underscore.
    fresh = f"_new_{table}"
    database.execute(create_table_sql(fresh, plans))
    listed = ", ".join(map(quoted, renamed))
    database.execute(f"INSERT INTO {quoted(fresh)} SELECT {listed} FROM {quoted(table)}")  # noqa: S608 - quoted names
    if any(plan.automatic for plan in plans):
        # Ids of rows that are gone are not used again.
        database.execute("DELETE FROM sqlite_sequence WHERE name = ?", (fresh,))
        database.execute(
            "INSERT INTO sqlite_sequence SELECT ?, seq FROM sqlite_sequence WHERE name = ?", (fresh, table)
        )
    database.execute(f"DROP TABLE {quoted(table)}")
    database.execute(f"ALTER TABLE {quoted(fresh)} RENAME TO {quoted(table)}")
    for statement in indexes:
        database.execute(statement)


def _indexes(database: sqlite3.Connection, table: str, renamed: Mapping[str, str]) -> list[str]:
    """The statements that make the callers' indexes of *table* again, as far as their columns are still there."""
    made: list[str] = []
    listed = database.execute(
        """SELECT name, "unique" FROM pragma_index_list(?) WHERE origin = 'c' ORDER BY seq DESC""", (table,)
    ).fetchall()
    for index, unique in listed:
        columns = _columns_of(database, index)
        if not index.startswith("_") and all(column in renamed for column in columns):
            made.append(
                create_index_sql(index, table, [renamed[column] for column in columns], unique=bool(unique))
            )
    return made


def _columns_of(database: sqlite3.Connection, index: str) -> list[str]:
    rows = database.execute("SELECT name FROM pragma_index_info(?) ORDER BY seqno", (index,))
    return [name for (name,) in rows]
