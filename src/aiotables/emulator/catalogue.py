"""The catalogue: the one database of projects, tokens, table metadata, and all that is Extruct's."""

import sqlite3
from pathlib import Path

from aiotables.emulator.sqlite import connect, transaction


FILE_NAME = "emulator.sqlite"

VERSION = 3

_SCHEMA = """
CREATE TABLE project (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    last_table INTEGER NOT NULL DEFAULT 0,
    last_column INTEGER NOT NULL DEFAULT 0,
    changes INTEGER NOT NULL DEFAULT 0,
    undo TEXT NOT NULL DEFAULT '[]',
    deleted INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE project_token (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id INTEGER NOT NULL REFERENCES project ON DELETE CASCADE,
    digest TEXT NOT NULL,
    name TEXT,
    account_user INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    revoked_at TEXT,
    UNIQUE (project_id, digest)
) STRICT;

CREATE TABLE project_export (
    pk INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    project_id INTEGER NOT NULL REFERENCES project ON DELETE CASCADE,
    manifest TEXT NOT NULL,
    content BLOB NOT NULL
) STRICT;
CREATE INDEX project_export_project ON project_export (project_id);

CREATE TABLE project_table (
    project_id INTEGER NOT NULL REFERENCES project ON DELETE CASCADE,
    id INTEGER NOT NULL,
    name TEXT NOT NULL COLLATE NOCASE,
    display_name TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (project_id, id),
    UNIQUE (project_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE project_column (
    project_id INTEGER NOT NULL,
    table_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    name TEXT NOT NULL COLLATE NOCASE,
    type TEXT NOT NULL,
    is_nullable INTEGER NOT NULL,
    default_value TEXT NOT NULL,
    is_primary INTEGER NOT NULL,
    is_unique INTEGER NOT NULL,
    is_automatic INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (project_id, table_id, id),
    UNIQUE (project_id, table_id, name),
    FOREIGN KEY (project_id, table_id) REFERENCES project_table ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE extruct_table (
    pk INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    description TEXT,
    tags TEXT,
    kind TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    num_rows INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE extruct_relation (
    child_pk INTEGER PRIMARY KEY REFERENCES extruct_table ON DELETE CASCADE,
    parent_pk INTEGER NOT NULL REFERENCES extruct_table ON DELETE CASCADE,
    relationship_type TEXT NOT NULL
) STRICT;
CREATE INDEX extruct_relation_parent ON extruct_relation (parent_pk);

CREATE TABLE extruct_tag (
    tag TEXT NOT NULL,
    table_pk INTEGER NOT NULL REFERENCES extruct_table ON DELETE CASCADE,
    PRIMARY KEY (tag, table_pk)
) STRICT, WITHOUT ROWID;
CREATE INDEX extruct_tag_table ON extruct_tag (table_pk);

CREATE TABLE extruct_column (
    pk INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    table_pk INTEGER NOT NULL REFERENCES extruct_table ON DELETE CASCADE,
    position INTEGER NOT NULL,
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    config TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (table_pk, key)
) STRICT;

CREATE TABLE extruct_row (
    pk INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    table_pk INTEGER NOT NULL REFERENCES extruct_table ON DELETE CASCADE,
    data TEXT NOT NULL,
    metadata TEXT NOT NULL,
    created_at TEXT NOT NULL,
    parent_pk INTEGER REFERENCES extruct_row ON DELETE CASCADE
) STRICT;
CREATE INDEX extruct_row_table ON extruct_row (table_pk);
CREATE INDEX extruct_row_parent ON extruct_row (parent_pk) WHERE parent_pk IS NOT NULL;

CREATE TABLE extruct_cell (
    table_pk INTEGER NOT NULL REFERENCES extruct_table ON DELETE CASCADE,
    row_pk INTEGER NOT NULL REFERENCES extruct_row ON DELETE CASCADE,
    column_pk INTEGER NOT NULL REFERENCES extruct_column ON DELETE CASCADE,
    visible REAL NOT NULL,
    starts REAL NOT NULL,
    done REAL NOT NULL,
    provided INTEGER NOT NULL DEFAULT 0,
    attempt INTEGER NOT NULL DEFAULT 1,
    failed INTEGER NOT NULL DEFAULT 0,
    subject TEXT NOT NULL DEFAULT '',
    finds INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (table_pk, row_pk, column_pk)
) STRICT, WITHOUT ROWID;
CREATE INDEX extruct_cell_row ON extruct_cell (row_pk);
CREATE INDEX extruct_cell_column ON extruct_cell (column_pk);
CREATE INDEX extruct_cell_waiting ON extruct_cell (column_pk) WHERE starts = 9e999;
CREATE INDEX extruct_cell_finds ON extruct_cell (done) WHERE finds = 1;

CREATE TABLE extruct_run (
    id TEXT PRIMARY KEY,
    table_pk INTEGER NOT NULL REFERENCES extruct_table ON DELETE CASCADE,
    created_at TEXT NOT NULL,
    mode TEXT NOT NULL,
    num_requested_cells INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX extruct_run_table ON extruct_run (table_pk);

CREATE TABLE extruct_spending (
    day TEXT PRIMARY KEY,
    starts INTEGER NOT NULL,
    credits INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE extruct_discovery (
    pk INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    query TEXT NOT NULL,
    request TEXT NOT NULL,
    excluded TEXT NOT NULL,
    desired INTEGER NOT NULL,
    found_before INTEGER NOT NULL,
    started REAL NOT NULL,
    table_pk INTEGER REFERENCES extruct_table ON DELETE SET NULL,
    imported INTEGER NOT NULL
) STRICT;
CREATE INDEX extruct_discovery_table ON extruct_discovery (table_pk);

CREATE TABLE extruct_research (
    pk INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    started REAL NOT NULL,
    brief TEXT NOT NULL,
    depth TEXT NOT NULL,
    output_schema TEXT NOT NULL,
    credits INTEGER NOT NULL,
    refund_at REAL
) STRICT;
"""


def open_catalogue(folder: Path | None) -> sqlite3.Connection:
    """
    Open the catalogue in *folder*, or one in memory, and make its tables if they are not there.

    Raises:
        ValueError: The file was made by another version of the emulator.
    """
    connection = connect(None if folder is None else folder / FILE_NAME)
    connection.row_factory = sqlite3.Row
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == VERSION:
        return connection

    if version != 0:
        connection.close()
        msg = (
            f"the emulator's data is of version {version}, this emulator reads {VERSION} alone: use another folder, "
            "or delete this one if what it holds is not needed"
        )
        raise ValueError(msg)

    with transaction(connection):
        for statement in _SCHEMA.split(";\n"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")
    return connection
