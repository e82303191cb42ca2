"""Tables from a SQLite file, or from any SQLite database in memory."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from aiotables.core.sentinels import UNSET, Unset
from aiotables.provision.desired import ZangTableColumn
from aiotables.provision.form import COLUMN_TYPES
from aiotables.provision.importing.found import Found, FoundIndex, FoundTable
from aiotables.provision.problems import ManifestError, Place, Problem


CLASSES: Final = {"integer": "INTEGER", "real": "REAL", "text": "TEXT", "blob": "BLOB"}
"""Types by the class in which SQLite keeps a value (https://www.sqlite.org/datatype3.html)."""

_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?")
_TEXT = re.compile(r"'((?:[^']|'')*)'")


def in_sqlite(path: Path) -> Found:
    """
    What is in a SQLite file, which is only read.

    Args:
        path: The file.

    Raises:
        ManifestError: It is no SQLite file, or cannot be read.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            return Found(tables=tuple(tables_of(database)), notes=tuple(_views(database)))
    except sqlite3.Error as error:
        place = Place(str(path), 1)
        raise ManifestError([Problem.at(place, "", f"cannot be read as SQLite: {error}")]) from None


def tables_of(database: sqlite3.Connection) -> Iterator[FoundTable]:
    """The tables of a database, in the order in which they were made."""
    found = database.execute(
        "SELECT name, coalesce(sql, '') FROM sqlite_master "
        "WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY rowid"
    ).fetchall()
    hanging = _hanging(database)
    for name, sql in found:
        virtual = sql.lower().lstrip().startswith("create virtual")
        yield FoundTable(
            name=name,
            columns=tuple(_columns(database, name)),
            indexes=tuple(_indexes(database, name)),
            count=database.execute(f"SELECT count(*) FROM {quoted(name)}").fetchone()[0],  # noqa: S608 - quoted
            notes=(
                *(["that it is a virtual table"] if virtual else ()),
                *_table_notes(database, name, sql),
                *hanging.get(name, ()),
            ),
        )


def quoted(name: str) -> str:
    """A name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


def _pragma(database: sqlite3.Connection, pragma: str, name: str) -> list[tuple[Any, ...]]:
    return database.execute(f"SELECT * FROM pragma_{pragma}(?)", (name,)).fetchall()  # noqa: S608 - our own words


def _columns(database: sqlite3.Connection, table: str) -> Iterator[ZangTableColumn]:
    rows = _pragma(database, "table_xinfo", table)
    keys = [row for row in rows if row[5]]
    unique = {
        columns[0]
        for _, name, is_unique, origin, partial in _pragma(database, "index_list", table)
        if is_unique and origin == "u" and not partial and len(columns := _indexed(database, name)) == 1
    }
    for _, name, declared, not_null, default, key, hidden in rows:
        if hidden:
            continue
        primary = bool(key) and len(keys) == 1
        yield ZangTableColumn(
            name=name,
            type=_type(database, table, name, declared),
            primary=primary,
            unique=name in unique,
            nullable=not (not_null or primary),
            default=literal(default),
        )


def _type(database: sqlite3.Connection, table: str, column: str, declared: str) -> str:
    if declared.upper() in COLUMN_TYPES:
        return declared.upper()
    classes = {
        each
        for (each,) in database.execute(
            f"SELECT DISTINCT typeof({quoted(column)}) FROM {quoted(table)}"  # noqa: S608 - quoted
        )
    } - {"null"}
    if classes == {"integer", "real"}:
        return "REAL"
    if len(classes) == 1:
        return CLASSES[classes.pop()]
    return _by_affinity(declared) if not classes else "ANY"


def _by_affinity(declared: str) -> str:
    """The type that SQLite itself would prefer, by the rules of section 3.1 of its page on types."""
    upper = declared.upper()
    for word, type_ in (
        ("INT", "INTEGER"),
        ("CHAR", "TEXT"),
        ("CLOB", "TEXT"),
        ("TEXT", "TEXT"),
        ("BLOB", "BLOB"),
    ):
        if word in upper:
            return type_
    return "REAL" if any(word in upper for word in ("REAL", "FLOA", "DOUB")) else "ANY"


def literal(sql: str | None) -> str | int | float | Unset | None:
    """The value of a default that is a number, a text or null; `UNSET` for none and for an expression."""
    if sql is None:
        return UNSET
    if found := _TEXT.fullmatch(sql):
        return found[1].replace("''", "'")
    if found := _NUMBER.fullmatch(sql):
        return float(sql) if found[1] else int(sql)
    words: dict[str, int | None] = {"null": None, "true": 1, "false": 0}
    return words.get(sql.lower(), UNSET)


def _indexed(database: sqlite3.Connection, index: str) -> list[str]:
    """The columns of an index; nothing when one of them is an expression."""
    names = [row[2] for row in _pragma(database, "index_info", index)]
    return [] if None in names else names


def _indexes(database: sqlite3.Connection, table: str) -> Iterator[FoundIndex]:
    for _, name, unique, origin, partial in reversed(_pragma(database, "index_list", table)):
        columns = tuple(_indexed(database, name))
        if partial or not columns or origin == "pk" or (origin == "u" and len(columns) == 1):
            continue
        yield FoundIndex(columns=columns, name=name if origin == "c" else None, unique=bool(unique))


def _table_notes(database: sqlite3.Connection, table: str, sql: str) -> Iterator[str]:
    rows = _pragma(database, "table_xinfo", table)
    keys = [row[1] for row in sorted(rows, key=lambda row: row[5]) if row[5]]
    if len(keys) > 1:
        yield f"the primary key of several columns: {', '.join(keys)}"
    for _, name, declared, _, default, _, hidden in rows:
        if hidden:
            yield f"the generated column {name}"
        elif declared.upper() not in COLUMN_TYPES:
            yield f"the declared type of {name}: {declared or 'none'}"
        if default is not None and literal(default) is UNSET:
            yield f"the default of {name}, an expression: {default}"
    for row in _pragma(database, "foreign_key_list", table):
        yield f"the foreign key {row[3]} to {row[2]}.{row[4] or 'its primary key'}"
    yield from index_notes(database, table)
    bare = _bare(sql)
    yield from (what for word, what in _CLAUSES.items() if re.search(rf"\b{word}\b", bare, re.IGNORECASE))


def index_notes(database: sqlite3.Connection, table: str) -> Iterator[str]:
    """What to say of the indexes of a table that ZangTable cannot have."""
    for _, name, _, _, partial in _pragma(database, "index_list", table):
        if partial or not _indexed(database, name):
            yield f"the index {name}, which is {'partial' if partial else 'over an expression'}"


_CLAUSES: Final = {
    "CHECK": "its CHECK constraints",
    "COLLATE": "its collations",
    "AUTOINCREMENT": "AUTOINCREMENT",
    r"WITHOUT\s+ROWID": "WITHOUT ROWID",
    "STRICT": "STRICT",
}


def _bare(sql: str) -> str:
    """SQL without texts, quoted names and comments."""
    return re.sub(
        r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/", " ", sql, flags=re.DOTALL
    )


def _hanging(database: sqlite3.Connection) -> dict[str, list[str]]:
    """Notes on the triggers of each table."""
    notes: dict[str, list[str]] = {}
    for name, table in database.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"):
        notes.setdefault(table, []).append(f"the trigger {name}")
    return notes


def _views(database: sqlite3.Connection) -> Iterator[str]:
    found = database.execute("SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name")
    return (f"the view {name}" for (name,) in found)
