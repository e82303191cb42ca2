"""Copies of tables with all that they are related to (docs page api-reference/tables/clone-table)."""

import sqlite3
from collections.abc import Mapping, Sequence

from attrs import frozen

from aiotables.emulator.choices import CLONE_SUFFIX
from aiotables.emulator.clock import Clock, stamp
from aiotables.emulator.ids import Ids
from aiotables.emulator.sqlite import transaction


Copies = Mapping[int, int]
"""Keys in the catalogue, and those of their copies."""

_HIERARCHY = """
WITH RECURSIVE related (pk) AS (
    SELECT ?
    UNION SELECT child_pk FROM extruct_relation JOIN related ON parent_pk = pk
    UNION SELECT parent_pk FROM extruct_relation JOIN related ON child_pk = pk
)
SELECT pk FROM related ORDER BY pk
"""


def clone(
    catalogue: sqlite3.Connection, table: sqlite3.Row, clock: Clock, ids: Ids, *, schema_only: bool
) -> str:
    """
    Copy a table, its parents and children, with their rows unless only schemas are wanted; the id of its copy.

    Args:
        catalogue: The open catalogue.
        table: The table.
        clock: Time of what is made.
        ids: Source of ids.
        schema_only: Whether to leave out the rows.
    """
    with transaction(catalogue):
        copying = _Copying(catalogue, stamp(clock), ids)
        tables = copying.tables([pk for (pk,) in catalogue.execute(_HIERARCHY, (table["pk"],)).fetchall()])
        columns = copying.parts("extruct_column", "position, key, kind, config", tables)
        if not schema_only:
            rows = copying.parts("extruct_row", "data, metadata", tables)
            copying.rest(tables, columns, rows)
        (copy_id,) = catalogue.execute(
            "SELECT id FROM extruct_table WHERE pk = ?", (tables[table["pk"]],)
        ).fetchone()
    return str(copy_id)


@frozen
class _Copying:
    catalogue: sqlite3.Connection
    now: str
    ids: Ids

    def tables(self, keys: Sequence[int]) -> Copies:
        """Copy tables without what is in them, and how they are related."""
        copies = {pk: self._table(pk) for pk in keys}
        for pk, copy in copies.items():
            found = self.catalogue.execute(
                "SELECT parent_pk, relationship_type FROM extruct_relation WHERE child_pk = ?", (pk,)
            ).fetchone()
            if found is not None:
                self.catalogue.execute(
                    "INSERT INTO extruct_relation (child_pk, parent_pk, relationship_type) VALUES (?, ?, ?)",
                    (copy, copies[found["parent_pk"]], found["relationship_type"]),
                )
        return copies

    def parts(self, source: str, listed: str, tables: Copies) -> Copies:
        """Copy the columns or rows of tables under new ids."""
        listing = f"SELECT pk FROM {source} WHERE table_pk = ? ORDER BY pk"  # noqa: S608 - our own names
        copying = f"INSERT INTO {source} (id, table_pk, created_at, {listed}) SELECT ?, ?, ?, {listed} FROM {source} WHERE pk = ?"  # noqa: S608, E501 - our own names
        return {
            pk: int(self.catalogue.execute(copying, (self.ids.uuid(), copy, self.now, pk)).lastrowid or 0)
            for table, copy in tables.items()
            for (pk,) in self.catalogue.execute(listing, (table,)).fetchall()
        }

    def rest(self, tables: Copies, columns: Copies, rows: Copies) -> None:
        """Copy the number of rows, which row each belongs to, and the cells."""
        for table, copy in tables.items():
            self.catalogue.execute(
                "UPDATE extruct_table SET num_rows = (SELECT num_rows FROM extruct_table WHERE pk = ?) WHERE pk = ?",
                (table, copy),
            )
            self._parents(table, rows)
            self._cells(table, copy, columns, rows)

    def _table(self, table_pk: int) -> int:
        cursor = self.catalogue.execute(
            """
            INSERT INTO extruct_table (id, name, description, tags, kind, created_at, updated_at)
            SELECT ?, name || ?, description, tags, kind, ?, ? FROM extruct_table WHERE pk = ?
            """,
            (self.ids.uuid(), CLONE_SUFFIX, self.now, self.now, table_pk),
        )
        copy = int(cursor.lastrowid or 0)
        self.catalogue.execute(
            "INSERT INTO extruct_tag SELECT tag, ? FROM extruct_tag WHERE table_pk = ?", (copy, table_pk)
        )
        return copy

    def _parents(self, table_pk: int, rows: Copies) -> None:
        children = self.catalogue.execute(
            "SELECT pk, parent_pk FROM extruct_row WHERE table_pk = ? AND parent_pk IS NOT NULL", (table_pk,)
        ).fetchall()
        self.catalogue.executemany(
            "UPDATE extruct_row SET parent_pk = ? WHERE pk = ?",
            ((rows[parent], rows[pk]) for pk, parent in children),
        )

    def _cells(self, table_pk: int, copy_pk: int, columns: Copies, rows: Copies) -> None:
        listed = "visible, starts, done, provided, attempt, failed, subject, finds"
        cells = self.catalogue.execute(
            f"SELECT row_pk, column_pk, {listed} FROM extruct_cell WHERE table_pk = ?",  # noqa: S608 - our own names
            (table_pk,),
        ).fetchall()
        self.catalogue.executemany(
            f"""
            INSERT INTO extruct_cell (table_pk, row_pk, column_pk, {listed})
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,  # noqa: S608 - our own names
            ((copy_pk, rows[row], columns[column], *rest) for row, column, *rest in cells),
        )
