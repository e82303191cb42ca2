"""Projects, tables and rows, read from the databases in pages."""

import sqlite3
from typing import Any

from attrs import frozen

from aiotables.emulator.inspector.texts import cell, cut
from aiotables.emulator.sqlite import quoted, time_limit
from aiotables.emulator.store import Store
from aiotables.emulator.zangtable.tables import Tables


MOST_NAMES = 1000
"""Tables in a list."""
MOST_OF_A_PROJECT = 100
"""Tables of one project in it, so that the other projects are seen, too."""
MOST_PROJECTS = 500
"""Projects in a list."""
ROWS = 50
"""Rows of a page."""
MOST_COLUMNS = 60
"""Columns of a page."""
SECONDS = 0.5
"""How long SQLite may look for a page: other calls wait meanwhile."""


class Missing(Exception):
    """There is no such project or table."""


@frozen
class Shelf:
    """What the emulator holds."""

    _store: Store

    def counts(self) -> dict[str, int]:
        """How many projects and tables there are."""
        projects, tables, extruct = self._store.catalogue.execute(
            """
            SELECT (SELECT count(*) FROM project WHERE NOT deleted), (SELECT count(*) FROM project_table),
                   (SELECT count(*) FROM extruct_table)
            """
        ).fetchone()
        return {"projects": projects, "tables": tables, "extruct_tables": extruct}

    def names(self, search: str) -> dict[str, Any]:
        """
        Projects with their tables, and the tables of Extruct, in the order of their making.

        Args:
            search: Part of the names of projects or tables; empty for all.
        """
        projects, left = [], MOST_NAMES
        rows = self._store.catalogue.execute(
            "SELECT id, slug, name FROM project WHERE NOT deleted ORDER BY id"
        ).fetchall()
        for project_id, slug, name in rows:
            is_meant = search.lower() in slug
            total, tables = self._tables_of(project_id, "" if is_meant else search, left)
            left -= len(tables)
            if total or is_meant:
                projects.append({"slug": slug, "name": name, "total": total, "tables": tables})
        total, tables = self._extruct(search)
        return {
            "projects": projects[:MOST_PROJECTS],
            "projects_total": len(projects),
            "extruct": {"total": total, "tables": tables},
        }

    def rows(self, slug: str, table: str, offset: int) -> dict[str, Any]:
        """
        A page of a table of a ZangTable project.

        Raises:
            Missing: There is no such project or table.
        """
        project_id = self._store.project_databases.find(slug)
        tables = None if project_id is None else Tables(self._store.project_databases, project_id, slug)
        if project_id is None or tables is None or not tables.has(table):
            raise Missing

        database = self._store.project_databases.database(project_id, slug)
        described = tables.describe(tables.named(table)[0])
        columns = described["columns"]
        names = ", ".join(quoted(column["column_name"]) for column in columns[:MOST_COLUMNS])
        source = quoted(described["table"]["table_name"])
        rows = _within_time(database, f"SELECT {names} FROM {source} LIMIT {ROWS} OFFSET ?", (offset,))  # noqa: S608 - quoted names
        counted = _within_time(database, f"SELECT count(*) FROM {source}", ())  # noqa: S608 - quoted names
        return {
            "name": described["table"]["table_name"],
            "label": described["table"]["display_name"],
            "facts": [f"project {slug}", f"table {described['table']['id']}", *_times(described["table"])],
            "columns": [_zang_column(column) for column in columns[:MOST_COLUMNS]],
            "columns_total": len(columns),
            "rows": None if rows is None else [list(map(cell, row)) for row in rows],
            "total": None if counted is None else counted[0][0],
            "offset": offset,
            "limit": ROWS,
        }

    def extruct_rows(self, table_id: str, offset: int) -> dict[str, Any]:
        """
        A page of a table of Extruct.

        Raises:
            Missing: There is no such table.
        """
        table = self._store.catalogue.execute(
            "SELECT * FROM extruct_table WHERE id = ?", (table_id,)
        ).fetchone()
        if table is None:
            raise Missing

        columns = self._store.extruct_columns(table)
        keys = [column["key"] for column in columns[:MOST_COLUMNS]]
        rows = self._store.extruct_page(table, offset, ROWS)
        return {
            "name": table["name"],
            "label": table["description"],
            "facts": ["Extruct", f"{table['kind']} table", table_id, *_times(table)],
            "columns": [
                {"name": column["key"], "type": column["kind"], "notes": []}
                for column in columns[:MOST_COLUMNS]
            ],
            "columns_total": len(columns),
            "rows": [[cell(row["data"].get(key)) for key in keys] for row in rows],
            "total": table["num_rows"],
            "offset": offset,
            "limit": ROWS,
        }

    def _tables_of(self, project_id: int, search: str, most: int) -> tuple[int, list[dict[str, str]]]:
        where = "project_id = ? AND instr(lower(name), lower(?))"
        (total,) = self._store.catalogue.execute(
            f"SELECT count(*) FROM project_table WHERE {where}",  # noqa: S608 - fixed text
            (project_id, search),
        ).fetchone()
        rows = self._store.catalogue.execute(
            f"SELECT name FROM project_table WHERE {where} ORDER BY id LIMIT ?",  # noqa: S608 - fixed text
            (project_id, search, min(most, MOST_OF_A_PROJECT)),
        )
        return total, [{"name": name} for (name,) in rows]

    def _extruct(self, search: str) -> tuple[int, list[dict[str, Any]]]:
        where = "contains(name, ?)"
        (total,) = self._store.catalogue.execute(
            f"SELECT count(*) FROM extruct_table WHERE {where}",  # noqa: S608 - fixed text
            (search,),
        ).fetchone()
        rows = self._store.catalogue.execute(
            f"SELECT id, name, num_rows FROM extruct_table WHERE {where} ORDER BY pk LIMIT ?",  # noqa: S608 - fixed text
            (search, MOST_OF_A_PROJECT),
        )
        return total, [{"id": table_id, "name": cut(name), "rows": count} for table_id, name, count in rows]


def _within_time(
    database: sqlite3.Connection, statement: str, values: tuple[Any, ...]
) -> list[tuple[Any, ...]] | None:
    """The rows of *statement*; None when they took too long."""
    try:
        with time_limit(database, SECONDS):
            return database.execute(statement, values).fetchall()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        return None


def _times(row: Any) -> list[str]:  # noqa: ANN401 - a row or a dict
    return [f"made {row['created_at']}", f"changed {row['updated_at']}"]


def _zang_column(column: dict[str, Any]) -> dict[str, Any]:
    notes = [
        note
        for note, holds in (
            ("primary key", column["is_primary"]),
            ("unique", column["is_unique"] and not column["is_primary"]),
            ("not null", not column["is_nullable"] and not column["is_primary"]),
        )
        if holds
    ]
    if column["default_value"] is not None:
        notes.append(cut(f"default {column['default_value']}", 40))
    return {"name": column["column_name"], "type": column["column_type"], "notes": notes}
