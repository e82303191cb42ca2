"""Exports: files made when they are asked for, kept in the catalogue (docs pages reference/exports)."""

import re
from typing import Any

import orjson

from aiotables.emulator.bodies import Json, decode, given
from aiotables.emulator.calls import Reply
from aiotables.emulator.choices import (
    DATABASE_EXPORT,
    EXPORT_NOT_FOUND,
    EXPORTS_LIMIT,
    INVALID_REQUEST,
    LONGEST_FILE_NAME,
    STORAGE_BACKEND,
    TABLE_NOT_FOUND,
)
from aiotables.emulator.clock import stamp, utc
from aiotables.emulator.sqlite import quoted, time_limit
from aiotables.emulator.zangtable.asked import Asked
from aiotables.emulator.zangtable.files import File, Sheet, schema_json, schema_sql, sheets_json, sheets_zip
from aiotables.emulator.zangtable.filters import where
from aiotables.emulator.zangtable.paging import one_of, window
from aiotables.emulator.zangtable.records import ASCENDING, DESCENDING, Source, read
from aiotables.emulator.zangtable.refusal import Refusal
from aiotables.zangtable._generated.models import (
    DatabaseExportCreate,
    ExportStatus,
    SchemaExportCreate,
    TableExportOptions,
)


READY = "ready"
STATUSES = ("all", READY, "not_found")

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]*")

# More rows than any table has.
_ALL = -1


def list_exports(asked: Asked) -> Json:
    """
    A page of the exports, newest first. Their files stay, so that none is `not_found`.

    Raises:
        Refusal: A parameter is not valid.
    """
    limit, offset = window(asked.query, EXPORTS_LIMIT)
    status = one_of(asked.query, "status", STATUSES)
    rows = asked.projects.catalogue.execute(
        "SELECT manifest FROM project_export WHERE project_id = ? AND ? ORDER BY pk DESC LIMIT ? OFFSET ?",
        (asked.project.id, status != ExportStatus.NOT_FOUND, limit, offset),
    )
    return {"exports": [orjson.loads(manifest) for (manifest,) in rows], "limit": limit, "offset": offset}


def create_database_export(asked: Asked) -> Json:
    """
    Write tables into a ZIP of CSV files or into JSON.

    Raises:
        Refusal: A table or column is not there, or an option is not valid.
    """
    wanted = decode(asked.json, DatabaseExportCreate)
    form = given(wanted.format) or "zip"
    if form not in {"zip", "zip-csv", "json"}:
        raise Refusal(INVALID_REQUEST.saying("format: must be one of zip, zip-csv, json"))

    name = _file_name(given(wanted.file_name), f"{asked.project.slug}_database_export", form.split("-")[0])
    with time_limit(asked.database, asked.seconds):
        sheets = _sheets(asked, wanted)
    project = asked.project.slug
    file = sheets_json(project, sheets) if form == "json" else sheets_zip(sheets, utc(asked.clock))
    rows = sum(len(sheet.rows) for sheet in sheets)
    return {"export": _keep(asked, DATABASE_EXPORT, form, name, file, rows)}


def create_schema_export(asked: Asked) -> Json:
    """
    Write the schema as JSON or as SQL.

    Raises:
        Refusal: An option is not valid.
    """
    wanted = decode(asked.json, SchemaExportCreate)
    form = given(wanted.format) or "json"
    if form not in {"json", "sql"}:
        raise Refusal(INVALID_REQUEST.saying("format: must be one of json, sql"))

    name = _file_name(given(wanted.file_name), f"{asked.project.slug}_schema_export", form)
    tables = [asked.tables.describe(number) for number, _ in asked.tables.all()]
    file = schema_sql(asked.database) if form == "sql" else schema_json(asked.project.slug, tables)
    return {"export": _keep(asked, "schema_export", form, name, file, 0)}


def download_export(asked: Asked) -> Reply:
    """
    The file of an export, as it is.

    Raises:
        Refusal: There is no such export in the project.
    """
    row = asked.projects.catalogue.execute(
        "SELECT manifest, content FROM project_export WHERE project_id = ? AND id = ?",
        (asked.project.id, asked.path["export_id"]),
    ).fetchone()
    if row is None:
        raise Refusal(EXPORT_NOT_FOUND)

    manifest = orjson.loads(row["manifest"])
    disposition = f'attachment; filename="{manifest["download_name"]}"'
    headers = {"Content-Type": manifest["content_type"], "Content-Disposition": disposition}
    return Reply(status=200, body=row["content"], headers=headers)


def _sheets(asked: Asked, wanted: DatabaseExportCreate) -> list[Sheet]:
    names = [name for _, name in asked.tables.all()]
    options = {name.lower(): chosen for name, chosen in (given(wanted.table_options) or {}).items()}
    included, excluded = given(wanted.include_tables), given(wanted.exclude_tables)
    known = {name.lower() for name in names}
    for name in (*(included or ()), *(excluded or ()), *options):
        if name.lower() not in known:
            raise Refusal(TABLE_NOT_FOUND.at(400).saying(f"There is no table {name[:80]}."))

    inside = known if included is None else {name.lower() for name in included}
    outside = {name.lower() for name in excluded or ()}
    none = TableExportOptions()
    return [
        _sheet(asked, name, options.get(name.lower(), none))
        for name in names
        if name.lower() in inside - outside
    ]


def _sheet(asked: Asked, table: str, options: TableExportOptions) -> Sheet:
    limit, offset = given(options.limit), given(options.offset) or 0
    direction = given(options.order) or ASCENDING
    if (limit is not None and limit < 1) or offset < 0:
        raise Refusal(INVALID_REQUEST.saying("table_options: limit must be at least 1, offset at least 0"))

    if direction not in {ASCENDING, DESCENDING}:
        raise Refusal(INVALID_REQUEST.saying("table_options: order must be asc or desc"))

    source = Source.of(asked, table)
    found = where(given(options.filters), source.names)
    # A column that is named twice is written once.
    chosen = list(dict.fromkeys(map(source.names.known, given(options.columns) or ())))
    listed = "*" if not chosen else ", ".join(map(quoted, chosen))
    rows = read(
        asked.database,
        f"SELECT {listed} FROM {source.table}{found.sql}{source.order(given(options.sort), direction)} "  # noqa: S608 - quoted names
        "LIMIT ? OFFSET ?",
        (*found.values, _ALL if limit is None else limit, offset),
    )
    number, _ = asked.tables.named(table)
    columns = chosen or [row["name"] for row in asked.tables.column_rows(number)]
    return Sheet(table, columns, rows)


def _file_name(asked_for: str | None, default: str, ending: str) -> str:
    name = default if asked_for is None else asked_for
    if not _FILE_NAME.fullmatch(name) or len(name) > LONGEST_FILE_NAME:
        msg = f"file_name: letters, digits, '.', '_', '-' and spaces, no more than {LONGEST_FILE_NAME}"
        raise Refusal(INVALID_REQUEST.saying(msg))

    return name if name.endswith(f".{ending}") else f"{name}.{ending}"


def _keep(asked: Asked, kind: str | None, form: str, name: str, file: File, rows: int) -> dict[str, Any]:
    export_id = f"exp_{utc(asked.clock):%Y%m%d_%H%M%S}_{asked.projects.ids.digits(10)}"
    manifest = {
        "id": export_id,
        "kind": kind,
        "scope": "project",
        "project": asked.project.slug,
        "table": None,
        "format": form,
        "download_name": name,
        "download_url": f"/projects/{asked.project.slug}/export/download/{export_id}",
        "storage_backend": STORAGE_BACKEND,
        "content_type": file.content_type,
        "row_count": rows,
        "status": READY,
        "created_at": stamp(asked.clock),
    }
    asked.projects.catalogue.execute(
        "INSERT INTO project_export (id, project_id, manifest, content) VALUES (?, ?, ?, ?)",
        (export_id, asked.project.id, orjson.dumps(manifest).decode(), file.content),
    )
    return manifest
