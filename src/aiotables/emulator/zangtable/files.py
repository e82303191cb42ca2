"""What is in the files of exports. Pure, but for reading the schema."""

import csv
import io
import sqlite3
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from attrs import frozen


@frozen
class File:
    """A file and its type."""

    content_type: str
    content: bytes


@frozen
class Sheet:
    """Rows of a table."""

    table: str
    columns: Sequence[str]
    rows: Sequence[Mapping[str, Any]]


def sheet_csv(sheet: Sheet) -> str:
    """RFC 4180: a line of column names, then the rows; null is nothing between the commas."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(sheet.columns)
    writer.writerows(row.values() for row in sheet.rows)
    return text.getvalue()


def sheets_zip(sheets: Sequence[Sheet], made: datetime) -> File:
    """A ZIP with `<table>.csv` for each table."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for sheet in sheets:
            info = zipfile.ZipInfo(f"{sheet.table}.csv", made.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, sheet_csv(sheet))
    return File("application/zip", content.getvalue())


def sheets_json(project: str, sheets: Sequence[Sheet]) -> File:
    """An object with the rows of each table."""
    tables = {sheet.table: sheet.rows for sheet in sheets}
    return File("application/json", orjson.dumps({"project": project, "tables": tables}))


def schema_json(project: str, tables: Sequence[Mapping[str, Any]]) -> File:
    """An object with the metadata of each table and its columns."""
    return File("application/json", orjson.dumps({"project": project, "tables": tables}))


def schema_sql(database: sqlite3.Connection) -> File:
    """The statements that make the tables, then those that make the indexes."""
    statements = database.execute(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%' ESCAPE '!' "
        "ORDER BY type = 'index', rowid"
    )
    return File("application/sql", "".join(f"{sql};\n" for (sql,) in statements).encode())
