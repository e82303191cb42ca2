"""Copies of tables (docs page api-reference/tables/clone-table)."""

import sqlite3

from aiotables.emulator.choices import CLONE_SUFFIX
from aiotables.emulator.clock import Clock, stamp
from aiotables.emulator.extruct.tables import new_id
from aiotables.emulator.sqlite import transaction


def clone(catalogue: sqlite3.Connection, table: sqlite3.Row, clock: Clock, *, schema_only: bool) -> str:
    """
    Copy a table with its columns, and its rows unless only the schema is wanted; return the id of the copy.

    Args:
        catalogue: The open catalogue.
        table: The table.
        clock: Time of what is made.
        schema_only: Whether to leave out the rows.
    """
    table_id, now = new_id(), stamp(clock)
    with transaction(catalogue):
        cursor = catalogue.execute(
            """
            INSERT INTO extruct_table (id, name, description, tags, kind, created_at, updated_at, num_rows)
            SELECT ?, name || ?, description, tags, kind, ?, ?, CASE ? WHEN 1 THEN 0 ELSE num_rows END
            FROM extruct_table WHERE pk = ?
            """,
            (table_id, CLONE_SUFFIX, now, now, schema_only, table["pk"]),
        )
        copy_pk = int(cursor.lastrowid or 0)
        catalogue.execute(
            "INSERT INTO extruct_tag SELECT tag, ? FROM extruct_tag WHERE table_pk = ?",
            (copy_pk, table["pk"]),
        )
        columns = _copy(catalogue, "extruct_column", "position, key, kind, config", table["pk"], copy_pk, now)
        if not schema_only:
            rows = _copy(catalogue, "extruct_row", "data, metadata", table["pk"], copy_pk, now)
            _copy_cells(catalogue, table["pk"], copy_pk, rows, columns)
    return table_id


def _copy(
    catalogue: sqlite3.Connection, source: str, listed: str, table_pk: int, copy_pk: int, now: str
) -> dict[int, int]:
    """Copy columns or rows under new ids; which key became which."""
    listing = f"SELECT pk FROM {source} WHERE table_pk = ? ORDER BY pk"  # noqa: S608 - our own names
    keys = [pk for (pk,) in catalogue.execute(listing, (table_pk,)).fetchall()]
    copying = f"INSERT INTO {source} (id, table_pk, created_at, {listed}) SELECT ?, ?, ?, {listed} FROM {source} WHERE pk = ?"  # noqa: S608, E501 - our own names
    return {pk: int(catalogue.execute(copying, (new_id(), copy_pk, now, pk)).lastrowid or 0) for pk in keys}


def _copy_cells(
    catalogue: sqlite3.Connection, table_pk: int, copy_pk: int, rows: dict[int, int], columns: dict[int, int]
) -> None:
    cells = catalogue.execute(
        "SELECT row_pk, column_pk, visible, starts, done, provided FROM extruct_cell WHERE table_pk = ?",
        (table_pk,),
    ).fetchall()
    catalogue.executemany(
        "INSERT INTO extruct_cell VALUES (?, ?, ?, ?, ?, ?, ?)",
        ((copy_pk, rows[row], columns[column], *times) for row, column, *times in cells),
    )
